"""A plain overdose or poisoning stands whatever the classifier makes of the message, and nothing harmless looks like one."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import said_of

from qa.safety import SafetyGate, Said
from qa.types import SafetySwitches

if TYPE_CHECKING:
    from qa.pipeline import Pipeline

FILES = Path(__file__).resolve().parent / "files" / "safety"
CASES = tomllib.loads((FILES / "overdoses.toml").read_text("utf-8"))
GATE = SafetyGate.load()
FLAGS = {"overdose", "poisoning", "suicidal", "self-harm"}


def sure(message: str) -> list[str]:
    return [fired.rule_id for fired in GATE.explain(message) if fired.sure]


def gate_that_doubts_everything(pipeline: Pipeline) -> SafetyGate:
    """Return a gate whose classifier takes every message for harmless."""
    doubting = replace(pipeline.index.classifier, weights=np.full_like(pipeline.index.classifier.weights, -9.0))
    return GATE.adapted(SafetySwitches(), doubting)


@pytest.mark.parametrize("message", CASES["detected"])
def test_no_classifier_vetoes_a_plain_overdose(pipeline: Pipeline, message: str) -> None:
    """Every wording raises a flag of overdose, poisoning or self-harm, alone and with the classifier against it."""
    said = said_of(pipeline, message)
    verdict = gate_that_doubts_everything(pipeline).weigh(message, said)
    assert {flag.id for flag in verdict.safety.flags} & FLAGS


@pytest.mark.parametrize("message", [*CASES["harmless"], *CASES["not_by_rule"]])
def test_a_harmless_neighbour_fires_no_sure_rule(message: str) -> None:
    """Nearly the same words about a usual dose, a question of knowledge or something else leave it to the classifier."""
    assert sure(message) == []


@pytest.mark.parametrize("message", CASES["harmless"])
def test_a_harmless_neighbour_is_no_emergency(pipeline: Pipeline, message: str) -> None:
    """Rules and classifier together raise no flag on it."""
    assert pipeline.ask(message).safety.level == "none"


def test_what_stops_a_sure_rule_stands_beside_it() -> None:
    """A doctor's prescription elsewhere in a message does not hide an overdose; one in the same breath does."""
    assert sure("My doctor gave me a water tablet in March, and it helped. " * 2 + "I took 40 paracetamol an hour ago.")
    assert not sure("My doctor gave me 40 paracetamol tablets")


def test_other_rules_can_still_be_taken_back(pipeline: Pipeline) -> None:
    """Only a sure rule stands against the classifier."""
    message = "crushing chest pain"
    assert GATE.explain(message)
    assert gate_that_doubts_everything(pipeline).weigh(message, said_of(pipeline, message)).fired == ()


def test_a_rule_is_believed_by_its_own_sentence(pipeline: Pipeline) -> None:
    """A rule that the whole message does not bear out is believed if one sentence by itself bears it out."""
    gate = GATE.adapted(SafetySwitches(), pipeline.index.classifier)
    harmless = "My bicycle is red and my bell is new. " * 2
    message = harmless + "My chest is crushing. " + harmless
    said = said_of(pipeline, message)
    assert gate.weigh(message, said).safety.level == "emergency"
    assert gate.weigh(message, Said(parts=said_of(pipeline, harmless).parts)).safety.level == "none"


def test_a_rule_is_not_taken_back_where_the_classifier_has_not_read(pipeline: Pipeline) -> None:
    """What lies beyond the encoder's window is no ground to take a rule back."""
    gate = gate_that_doubts_everything(pipeline)
    filler = "My bicycle is red and my bell is new. " * 60
    said = said_of(pipeline, filler[:1000], filler[1000:] + "My chest is crushing.")
    assert gate.weigh(filler + "My chest is crushing.", said).safety.level == "emergency"
