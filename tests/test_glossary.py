"""A reader's word is explained by the documents' word for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.corpus import read_corpus
from qa.errors import CorpusError
from qa.glossary import Glossary

GLOSSARY = Glossary(
    {"pill": "tablet", "water pill": "diuretic", "Lou Gehrig's disease": "ALS", "PAD": "narrowed arteries"}
)


@pytest.mark.parametrize(
    ("question", "explained"),
    [
        ("Do water pills help?", "Do water pills (diuretic) help?"),
        ("WATER-PILL?", "WATER-PILL (diuretic)?"),
        ("lou gehrig's disease", "lou gehrig's disease (ALS)"),
        ("a pill", "a pill (tablet)"),
        ("Is it PAD?", "Is it PAD (narrowed arteries)?"),
        ("a heating pad, and a pillow", "a heating pad, and a pillow"),
        ("PADS", "PADS"),
        ("caterpillar", "caterpillar"),
    ],
)
def test_a_term_is_explained_where_it_stands(question: str, explained: str) -> None:
    """Plurals, case and hyphens don't matter, longer terms go first, and capitals alone mean capitals."""
    assert GLOSSARY.explain(question) == explained


def test_no_glossary_changes_nothing() -> None:
    """Without entries a question stays as it is."""
    assert Glossary({}).explain("Do water pills help?") == "Do water pills help?"


def test_the_corpus_gives_its_glossary(tmp_path: Path) -> None:
    """The entries of corpus.toml come with the corpus."""
    (tmp_path / "a.md").write_text("# A\n\nA diuretic drains.\n", "utf-8")
    (tmp_path / "corpus.toml").write_text('[glossary]\n"water pill" = "diuretic"\n', "utf-8")
    assert read_corpus(tmp_path).info.glossary == {"water pill": "diuretic"}


@pytest.mark.parametrize("table", ['glossary = "x"', '[glossary]\n"a" = 3', '[glossary]\n"" = "b"'])
def test_a_broken_glossary_stops_the_build(tmp_path: Path, table: str) -> None:
    """What is no table of texts is an error with the remedy."""
    (tmp_path / "a.md").write_text("# A\n\nA diuretic drains.\n", "utf-8")
    (tmp_path / "corpus.toml").write_text(table, "utf-8")
    with pytest.raises(CorpusError, match=r"corpus\.toml: .*\[glossary\]"):
        read_corpus(tmp_path)
