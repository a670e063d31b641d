"""Quotes -> citations and the answer's text. The one place that gives citation numbers."""

from __future__ import annotations

from collections.abc import Sequence

from qa.extract import Extract
from qa.reading import Reading, overlapping, read
from qa.types import (
    Citation,
    Document,
    DocumentCard,
    Highlight,
    Hit,
    Listed,
    Location,
    Marker,
    Quote,
    RankedPassage,
    SourceReference,
    Span,
)

_AROUND = 32


def cite(passages: Sequence[RankedPassage]) -> tuple[Citation, ...]:
    """Give the passages their citation numbers: from 1, in the order they are shown."""
    return tuple(
        Citation(
            citation=number,
            rank=passage.rank,
            score=passage.score,
            text=passage.text,
            highlights=passage.highlights,
            exact=passage.exact,
            location=passage.location,
            quotes=passage.quotes,
            document=passage.document,
            section=passage.section,
            page=passage.page,
            source_references=passage.source_references,
        )
        for number, passage in enumerate(passages, start=1)
    )


def answer_text(citations: Sequence[Citation], documents: Sequence[Document]) -> str:
    """Return each citation's quotes as they are read, followed by its number in brackets."""
    return " ".join(
        f"{' '.join(_spoken(quote, document) for quote in citation.quotes)} [{citation.citation}]"
        for citation, document in zip(citations, documents, strict=True)
    )


def show(hit: Hit, extracts: Sequence[Extract], document: Document, reading: Reading, *, rank: int) -> RankedPassage:
    """Return a hit as it is shown: its reading text, its place, its quotes and the source's own references.

    :param reading: the passage's reading text.
    """
    span = hit.passage.span
    return RankedPassage(
        rank=rank,
        score=round(hit.score, 4),
        text=reading.text,
        highlights=_highlights(extracts, reading),
        exact=span.of(document.text),
        location=Location(start=span.start, end=span.end),
        quotes=tuple(_quote(extract, document.text) for extract in extracts),
        document=card(document),
        section=hit.passage.section,
        page=document.page(_start(span, extracts)),
        source_references=tuple(_reference(marker, document) for marker in overlapping(document.markers, span)),
    )


def card(document: Document | Listed) -> DocumentCard:
    """Return what a reader must know of a document."""
    return DocumentCard(
        id=document.id,
        title=document.title,
        url=document.url,
        publisher=document.publisher,
        licence=document.licence,
    )


def _highlights(extracts: Sequence[Extract], reading: Reading) -> tuple[Highlight, ...]:
    """Return the quotes' places in the reading text; a lead-in that stands in another passage has none."""
    places = (reading.to_reading(extract.span) for extract in extracts)
    return tuple(Highlight(start=start, end=end) for start, end in places if start < end)


def _start(passage: Span, extracts: Sequence[Extract]) -> int:
    """Return where the quoted answer starts, or the passage that none was taken from."""
    return next((extract.span.start for extract in extracts if extract.role == "answer"), passage.start)


def _quote(extract: Extract, text: str) -> Quote:
    span = extract.span
    return Quote(
        role=extract.role,
        start=span.start,
        end=span.end,
        exact=span.of(text),
        prefix=text[max(0, span.start - _AROUND) : span.start],
        suffix=text[span.end : span.end + _AROUND],
    )


def _reference(marker: Marker, document: Document) -> SourceReference:
    bibliography = {reference.number: reference for reference in document.references}
    return SourceReference(
        marker=marker.span.of(document.text),
        numbers=marker.numbers,
        start=marker.span.start,
        end=marker.span.end,
        resolved=tuple(bibliography.get(number) for number in marker.numbers),
    )


def _spoken(quote: Quote, document: Document) -> str:
    return read(document, Span(start=quote.start, end=quote.end)).text.replace("\n", " ")
