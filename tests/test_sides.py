"""Where documents contradict themselves, the answer shows both sides and says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qa.corpus import read_corpus
from qa.index import Index
from qa.index.build import build
from qa.pipeline import Pipeline
from qa.safety import SafetyGate
from qa.types import Answer

# What the first document says, the fourth denies; those between are nearer to the question's words.
DOCUMENTS = {
    "a": "# Beeswax on spokes\n\nBeeswax protects steel spokes from rust. Spokes are thin.",
    "b": "# Beeswax\n\nDoes beeswax protect steel? Riders ask whether beeswax protects steel spokes from rust in winter.",
    "c": "# Spokes\n\nSteel spokes come with a coat against rust, and beeswax is sold to protect the steel of spokes.",
    "d": "# A test of waxes\n\nLamps hang low. Beeswax does not protect steel spokes from rust. The test ran for a year in the harbour.",
    "e": "# Rim tape\n\nThese are mistakes:\n\n- Rim tape is not put on near the valve.\n",
    "f": "# Rim tape at the valve\n\nRim tape is put on near the valve.",
    "g": "# Nylon cables\n\nCables are round. Experts disagree about nylon brake cables. Some call them safe. A court banned them. Nylon is light.",
}


@pytest.fixture(scope="module")
def asked(toy_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """Return the pipeline over the documents above, nothing refused for its scope."""
    corpus = tmp_path_factory.mktemp("sides") / "corpus"
    corpus.mkdir()
    for name, text in DOCUMENTS.items():
        (corpus / f"{name}.md").write_text(text, "utf-8")
    folder = Path(shutil.copytree(toy_index, corpus.parent / "index"))
    build(read_corpus(corpus), folder)
    return Pipeline(Index(folder, threads=1), SafetyGate.load(), threshold=0.0)


def answer(pipeline: Pipeline, question: str, *, top: int = 3) -> Answer:
    outcome = pipeline.ask(question, top=top)
    assert isinstance(outcome, Answer)
    return outcome


def quotes(found: Answer) -> list[str]:
    return [" ".join(quote.exact for quote in passage.quotes) for passage in found.passages]


@pytest.mark.parametrize("top", [2, 3, 7])
def test_both_sides_are_shown(asked: Pipeline, top: int) -> None:
    """A passage that contradicts a shown one is shown too, quoted by the sentence that does, and the answer says so."""
    found = answer(asked, "Beeswax protects steel spokes from rust.", top=top)
    assert found.sources_disagree
    assert "Beeswax protects steel spokes from rust." in quotes(found)
    assert "Beeswax does not protect steel spokes from rust." in quotes(found)
    assert len(found.passages) <= top
    assert [passage.citation for passage in found.passages] == list(range(1, len(found.passages) + 1))


def test_one_passage_shows_one_side(asked: Pipeline) -> None:
    """Where only one passage was asked for, nothing takes its place."""
    found = answer(asked, "Beeswax protects steel spokes from rust.", top=1)
    assert quotes(found) == ["Beeswax protects steel spokes from rust."]
    assert not found.sources_disagree


def test_an_item_is_not_compared_without_its_lead_in(asked: Pipeline) -> None:
    """A sentence that means something else without the line before it contradicts nothing; nor do others beside it."""
    found = answer(asked, "Rim tape is put on near the valve.", top=7)
    assert quotes(found)[:2] == [
        "Rim tape is put on near the valve.",
        "These are mistakes: Rim tape is not put on near the valve.",
    ]
    assert not found.sources_disagree


def test_a_conflict_that_is_stated_is_shown_with_its_sides(asked: Pipeline) -> None:
    """A sentence that says that experts disagree is quoted with the two that say how, and the answer is marked."""
    found = answer(asked, "Do experts disagree about nylon brake cables?", top=1)
    assert quotes(found) == ["Experts disagree about nylon brake cables. Some call them safe. A court banned them."]
    assert found.sources_disagree
