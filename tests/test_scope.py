"""The probability follows the evidence, and its levels are in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import ANSWERED, REFUSED

from qa import scope
from qa.prior import CALIBRATION
from qa.retrieve import encode, retrieve
from qa.scope import EVIDENCE, confidence, evidence, on_topic, probability

if TYPE_CHECKING:
    from qa.pipeline import Pipeline

MIDDLE = {"meaning": 0.6, "score": 0.6, "lowest": 0.5, "headed": 0.4, "length": 1.8, "fits": 1.0}


def found(pipeline: Pipeline, question: str) -> dict[str, float]:
    """Return the evidence for a question over the toy corpus."""
    hits = retrieve(question, encode(question, pipeline.index), pipeline.index, scope.HITS)
    return dict(zip(EVIDENCE, evidence(question, hits, pipeline.index), strict=True))


def test_the_evidence_is_of_the_question(pipeline: Pipeline) -> None:
    """A question in the corpus' words has more evidence than a foreign one; what the headings say is told apart."""
    near, far = found(pipeline, ANSWERED), found(pipeline, REFUSED)
    assert all(near[name] > far[name] for name in ("meaning", "score", "lowest"))
    assert found(pipeline, "signs of wear")["headed"] == 1.0
    assert found(pipeline, "does it rattle when links are worn")["headed"] < 0.5
    assert found(pipeline, "and so?")["headed"] == 0.0


def test_the_kind_of_answer_is_part_of_the_evidence(pipeline: Pipeline) -> None:
    """A question for a price, of which the passage says nothing, has evidence against it."""
    assert found(pipeline, "What does oiling a bicycle chain cost?")["fits"] == 0.0
    assert found(pipeline, ANSWERED)["fits"] == 1.0


@pytest.mark.parametrize("name", ["meaning", "score", "lowest", "headed", "fits"])
def test_more_evidence_is_never_less_probable(name: str) -> None:
    """The probability does not fall when evidence rises."""
    values = [probability({**MIDDLE, name: value}.values(), CALIBRATION) for value in (0.0, 0.5, 1.0)]
    assert values == sorted(values)


def test_the_probability_is_one() -> None:
    """The probability lies between 0 and 1 at either end of the evidence."""
    none = dict.fromkeys(EVIDENCE, 0.0)
    whole = {**dict.fromkeys(EVIDENCE, 1.0), "length": 2.0}
    assert 0 <= probability(none.values(), CALIBRATION) < 0.05
    assert 0.95 < probability(whole.values(), CALIBRATION) <= 1


def test_nothing_found_is_off_topic() -> None:
    """Without a hit there is no topic."""
    assert not on_topic([])


def test_levels_are_in_order() -> None:
    """A higher probability never has a lower level."""
    order = ["LOW", "MEDIUM", "HIGH", "VERY_HIGH"]
    levels = [order.index(confidence(value / 100).level) for value in range(101)]
    assert levels == sorted(levels)
    assert set(levels) == {0, 1, 2, 3}
