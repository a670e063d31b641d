"""Hold every passage, sentence and quote of an index against its document.

Opens each index (which checks every file), sweeps all passages and sentences, then asks each passage's own first
sentence and checks every quote, highlight and reference that comes back.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from qa.index import Index
from qa.pipeline import Pipeline
from qa.question import MAX_CHARACTERS
from qa.reading import read
from qa.safety import SafetyGate
from qa.types import RankedPassage, Span
from qa.verify import verify


def main() -> None:
    """Sweep each index and print what was checked; an untrue quote ends with a traceback."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("indexes", nargs="+", type=Path, help="index folders")
    parser.add_argument("--ask", type=int, default=500, help="ask this many of the passages")
    arguments = parser.parse_args()
    for folder in arguments.indexes:
        index = Index(folder)
        checked = verify(index)
        quotes = _ask(Pipeline(index, SafetyGate.load(), threshold=0.0), arguments.ask)
        print(
            f"{folder.name}: {checked} passages and sentences and {quotes} served quotes are slices of their documents"
        )


def _ask(pipeline: Pipeline, count: int) -> int:
    index, quotes = pipeline.index, 0
    step = max(1, len(index.passages) // count)
    for ordinal in range(0, len(index.passages), step):
        passage = index.passages.passage(ordinal, index.documents)
        question = read(index.documents.get(passage.document_id), passage.span).text.split("\n")[0]
        question = "".join(character for character in question if character.isprintable())[:MAX_CHARACTERS]
        if question.strip():
            quotes += sum(_check(shown, pipeline) for shown in pipeline.search(question).passages)
    return quotes


def _check(shown: RankedPassage, pipeline: Pipeline) -> int:
    document = pipeline.index.documents.get(shown.document.id)
    place = Span(start=shown.location.start, end=shown.location.end)
    assert shown.exact == place.of(document.text)
    assert shown.text == read(document, place).text
    for quote in shown.quotes:
        assert quote.exact == document.text[quote.start : quote.end]
    # A list is quoted whole, also beyond the passage: what lies in the passage is highlighted.
    inside = [
        Span(start=max(quote.start, place.start), end=min(quote.end, place.end))
        for quote in shown.quotes
        if quote.start < place.end and quote.end > place.start
    ]
    highlighted = [shown.text[highlight.start : highlight.end] for highlight in shown.highlights]
    assert highlighted == [read(document, span).text for span in inside]
    for reference in shown.source_references:
        assert reference.marker == document.text[reference.start : reference.end]
    return len(shown.quotes)


if __name__ == "__main__":
    main()
