"""A quote never loses its "not", "unless", "however", "only" or its lead-in: minimal cases, asked the real way."""

from __future__ import annotations

import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from qa.corpus import read_corpus
from qa.index import Index
from qa.index.build import build
from qa.pipeline import Pipeline
from qa.reading import read
from qa.safety import SafetyGate
from qa.types import Answer, Citation, Span

FORMATS = ("md", "txt", "html")
_FILLER = re.compile(r"\{(?:(clause|semicolons|items) )?(\d+)\}")
_FILLERS = {
    None: ("The mate wrote line {} of the log at noon and went below.", " "),
    "clause": ("as page {} of the old charter says", ", "),
    "semicolons": ("paint hatch number {} in a colour that is not on the list", "; "),
    "items": ("- crate number {} of the second hold", "\n"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One case in one format; see the head of polarity.toml."""

    id: str
    name: str
    text: str
    question: str
    bait: str
    must: tuple[str, ...]
    absent: tuple[str, ...]


def cases() -> list[Case]:
    """Return every case in each of its formats."""
    rows = tomllib.loads(Path(__file__).with_name("polarity.toml").read_text("utf-8"))["case"]
    return [
        Case(
            id=f"{row['id']} ({extension})",
            name=f"case-{number}-{extension}.{extension}",
            text=written(row["text"], extension),
            question=row["question"],
            bait=row["bait"],
            must=tuple(row["must"]),
            absent=tuple(row.get("absent", ())),
        )
        for number, row in enumerate(rows)
        for extension in row.get("formats", FORMATS)
    ]


def written(text: str, extension: str) -> str:
    """Return a case's text as a file of a format says it, its filler written out."""
    text = _FILLER.sub(_filler, text)
    return MarkdownIt("commonmark").enable("table").render(text) if extension == "html" else text


def _filler(place: re.Match[str]) -> str:
    line, joint = _FILLERS[place[1]]
    return joint.join(line.format(place.start() + number) for number in range(int(place[2])))


CASES = cases()


@pytest.fixture(scope="session")
def asked(toy_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """Return the pipeline over every case's document, nothing refused for its scope; the toy index lends its encoder."""
    corpus = tmp_path_factory.mktemp("polarity") / "corpus"
    corpus.mkdir()
    for case in CASES:
        (corpus / case.name).write_bytes(case.text.encode())
    folder = Path(shutil.copytree(toy_index, corpus.parent / "index"))
    build(read_corpus(corpus), folder)
    return Pipeline(Index(folder, threads=1), SafetyGate.load(), threshold=0.0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_quote_keeps_what_turns_it(asked: Pipeline, case: Case) -> None:
    """Wherever the sentence in question is quoted, so is what turns its meaning, and nothing that does not."""
    document = asked.index.documents.ordinal(case.name.rpartition(".")[0])
    outcome = asked.ask(case.question, documents=[document])
    assert isinstance(outcome, Answer)
    quoted = [spoken(passage, asked) for passage in outcome.passages]
    baited = [text for text in quoted if case.bait in text]
    assert baited, quoted
    for text in baited:
        assert [words for words in case.must if words not in text] == [], text
        assert [words for words in case.absent if words in text] == [], text


def spoken(passage: Citation, pipeline: Pipeline) -> str:
    """Return a passage's quotes as they are read, each a slice of its document."""
    document = pipeline.index.documents.get(passage.document.id)
    spans = [Span(start=quote.start, end=quote.end) for quote in passage.quotes]
    assert [span.of(document.text) for span in spans] == [quote.exact for quote in passage.quotes]
    return " | ".join(read(document, span).text for span in spans)
