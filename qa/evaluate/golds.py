"""A gold -> where it stands in the documents, and the passages of the index that hold the whole of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from qa.evaluate.questions import PlaceGold, TextGold
from qa.evaluate.systems import System
from qa.types import Document, RankedPassage, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundGold:
    """A gold's words and the names of the passages that hold it.

    ``problem`` says why none does, and is empty where one does.
    """

    text: str
    passages: tuple[str, ...]
    problem: str


class GoldFinder:
    """Looks golds up in the documents that a system serves; each gold once."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.find = lru_cache(maxsize=None)(self._find)

    def spans(self, gold: TextGold | PlaceGold, document_id: str) -> tuple[Span, ...]:
        """Return where a gold stands in a document: every occurrence of its words, or the place it names."""
        if gold.document_id not in (None, document_id):
            return ()
        document = self._system.document(document_id)
        return () if document is None else tuple(_spans(gold, document))

    def _find(self, gold: TextGold | PlaceGold) -> FoundGold:
        """Look a gold up: the index's own search leads to its passages, and containment decides."""
        document = None if gold.document_id is None else self._system.document(gold.document_id)
        if gold.document_id is not None:
            if document is None:
                return _lost(gold, f"there is no document {gold.document_id!r}")
            if next(_spans(gold, document), None) is None:
                return _lost(gold, f"its words do not stand there in {gold.document_id!r}")
        text = _words(gold, document)
        near = self._system.search(text, document_id=gold.document_id)
        holding = tuple(sorted({name_of(passage) for passage in near if self.holds(passage, gold)}))
        if holding:
            return FoundGold(text=text, passages=holding, problem="")
        return _lost(gold, "no passage holds the whole of it", text)

    def holds(self, passage: RankedPassage, gold: TextGold | PlaceGold) -> bool:
        """Tell whether a passage contains the whole of a gold."""
        place = Span(start=passage.location.start, end=passage.location.end)
        return any(place.contains(span) for span in self.spans(gold, passage.document.id))


def name_of(passage: RankedPassage) -> str:
    """Name a passage by its place, without white space: that is what stands in the TREC files."""
    return f"{passage.document.id}:{passage.location.start}-{passage.location.end}"


def _spans(gold: TextGold | PlaceGold, document: Document) -> Iterator[Span]:
    if isinstance(gold, PlaceGold):
        span = Span(start=gold.start, end=gold.end)
        if gold.end <= len(document.text) and gold.text in (None, span.of(document.text)):
            yield span
        return
    start = document.text.find(gold.text)
    while start >= 0:
        yield Span(start=start, end=start + len(gold.text))
        start = document.text.find(gold.text, start + 1)


def _words(gold: TextGold | PlaceGold, document: Document | None) -> str:
    if isinstance(gold, TextGold):
        return gold.text
    return "" if document is None else Span(start=gold.start, end=gold.end).of(document.text)


def _lost(gold: TextGold | PlaceGold, problem: str, text: str | None = None) -> FoundGold:
    """Return a gold that no passage holds."""
    return FoundGold(text=text or gold.text or "", passages=(), problem=problem)
