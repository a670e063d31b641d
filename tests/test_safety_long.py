"""An emergency in a long message is seen, whatever the glossary, the spelling or Unicode make of the words around it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from conftest import said_of
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.corpus import read_corpus
from qa.encoders import OnnxEncoder
from qa.errors import QuestionError
from qa.index import Index
from qa.index.build import build
from qa.lookup import Asked
from qa.pipeline import Pipeline
from qa.question import MAX_CHARACTERS, opening
from qa.safety import SafetyGate, Said, stretches

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qa.encoders import Encoding

GLOSSARY = """\
[glossary]
"water pill" = "diuretic, a medicine that makes the kidneys pass more water and salt than they did before"
"physio" = "physical therapy, physiotherapy, exercises under guidance and everything else that goes with them"
"pulled muscle" = "muscle strain"
"chest" = "breastbone, ribs, rib cage"
"""
PLAIN = [
    "I have had cramps in my calves for years.",
    "We walk the dog by the river every morning.",
    "I bought new shoes for the hills.",
    "My uncle sings in a choir.",
]
FILLERS = {
    "plain": PLAIN,
    "glossary": ["My doctor gave me a water pill in March.", "The physio showed me two stretches.", *PLAIN],
    "misspelt": ["My doctor gave me a diuretix in March.", "A kidnei stone was found.", *PLAIN],
    "ligatures": ["I \ufb01nd the o\ufb03ce \ufb02oor hard.", "\u2460 \u33a1 \u00bd of the \ufb02at.", *PLAIN],
    "long ligature": ["\ufdfa.", *PLAIN],
    "accents": ["The cafe\u0301 is by the chu\u0308rch.", *PLAIN],
    "emoji": [
        "My bicycle \U0001f6b2 is red \u2764\ufe0f.",
        "They sing \U0001f468\u200d\U0001f469\u200d\U0001f467.",
        *PLAIN,
    ],
    "invisible": ["I si\u00adng, i da\u200bnce\ufeff.", *PLAIN],
}
MISSED_BY_RULES = "mum has a water infection and now shes breathing fast and not making sense."
EMERGENCIES = [
    "MY CHEST IS CRUSHING.",
    "his face has dropped on one side.",
    "I took 40 paracetamol an hour ago.",
]


@pytest.fixture(scope="module")
def explaining(kept_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """Return a pipeline with a glossary whose explanations are long."""
    folder = tmp_path_factory.mktemp("explaining")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "corpus.toml").write_text(GLOSSARY, "utf-8")
    (corpus / "water.md").write_text(
        "# Water\n\nA diuretic makes the kidney pass water from the breastbone.\n", "utf-8"
    )
    index = shutil.copytree(kept_index, folder / "index")
    build(read_corpus(corpus), index)
    return Pipeline(Index(index, threads=1), SafetyGate.load())


def message(filler: list[str], emergency: str, sentences: int, place: float) -> str:
    said = [filler[number % len(filler)] for number in range(sentences)]
    said.insert(round(place * sentences), emergency)
    return " ".join(said)


@pytest.mark.parametrize("emergency", EMERGENCIES, ids=["chest", "face", "overdose"])
@pytest.mark.parametrize("filler", FILLERS)
@pytest.mark.parametrize("place", [0, 0.5, 1], ids=["first", "amid", "last"])
def test_an_emergency_is_seen_among_many_sentences(
    explaining: Pipeline, filler: str, emergency: str, place: float
) -> None:
    """It is seen before, amid and after a thousand characters of such sentences, and of fourteen hundred."""
    for sentences in (20, 34):
        told = message(FILLERS[filler], emergency, sentences, place)
        assert explaining.ask(told).safety.level != "none", (sentences, len(told))


@pytest.mark.parametrize("filler", ["plain", "glossary", "misspelt"])
@pytest.mark.parametrize("place", [0, 0.5, 1], ids=["first", "amid", "last"])
def test_what_no_rule_foresees_is_seen_among_many_sentences(explaining: Pipeline, filler: str, place: float) -> None:
    """The classifier finds it in what the encoder reads."""
    told = message(FILLERS[filler], MISSED_BY_RULES, 12, place)
    assert explaining.ask(told).safety.level != "none"


@pytest.mark.parametrize("filler", FILLERS)
def test_such_sentences_alone_raise_nothing(explaining: Pipeline, filler: str) -> None:
    """What stands around the emergency is harmless."""
    for sentences in (4, 12, 20):
        told = message(FILLERS[filler], "", sentences, 0)
        assert explaining.ask(told).safety.level == "none", sentences


def test_a_glossary_word_changes_nothing_in_what_is_weighed(
    explaining: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long message is read sentence by sentence in its own words; the vectors are those of the text as it was typed."""
    told = message(FILLERS["glossary"], "I sleep badly.", 12, 0.5)
    asked = Asked.of(opening(told)[0], explaining.index)
    assert asked.text != asked.typed
    plain = said_of(explaining, told)
    weighed: list[Said] = []

    def watched(encoding: Encoding, rest: str, encode: Callable[[str], Encoding]) -> Said:
        weighed.append(stretches(encoding, rest, encode))
        return weighed[-1]

    monkeypatch.setattr("qa.safety.stretches", watched)
    explaining.ask(told)
    (said,) = weighed
    assert len(said.parts) > 2
    assert [part.text for part in said.parts] == [part.text for part in plain.parts]
    assert all((one.vector == other.vector).all() for one, other in zip(said.parts, plain.parts, strict=True))


PIECES = [
    "\ufb01t ",
    "\ufdfa",
    "e\u0301",
    "\U0001f6b2",
    "\u200b",
    "a",
    "chest. ",
    "no? ",
    " ",
    "\n",
    ";",
    "\ufffd",
    "\u0915\u093f ",
]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=700).map("".join))
def test_every_word_is_weighed(pipeline: Pipeline, told: str) -> None:
    """The sentences that were read and what was not read hold the whole message, and each piece is a slice of it."""
    beginning, rest = opening(told)
    said = said_of(pipeline, beginning, rest)
    whole = beginning + rest
    assert len(beginning) <= MAX_CHARACTERS
    assert said.parts[0].text == beginning
    assert all(each.text in whole for each in said.sentences)
    assert whole.endswith(said.unread)
    assert not rest.split() or said.unread.endswith(rest)


def test_an_over_long_message_costs_little(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Characters that stand for eighteen make no more of what is encoded than a thousand, and the message is refused."""
    encoded: list[str] = []
    original = OnnxEncoder.encode_query

    def watched(encoder: OnnxEncoder, text: str) -> Encoding:
        encoded.append(text)
        return original(encoder, text)

    monkeypatch.setattr(OnnxEncoder, "encode_query", watched)
    with pytest.raises(QuestionError, match="18000 characters once"):
        pipeline.ask("\ufdfa" * 1_000, history=["\ufdfa" * 5_000] * 3)
    assert 0 < sum(map(len, encoded)) <= 2 * MAX_CHARACTERS
    assert pipeline.ask("\ufdfa" * 1_000 + ". My chest is crushing and I cannot breathe.").safety.level == "emergency"
