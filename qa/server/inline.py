"""A stretch of a document -> what a line of the page shows: text, the source's reference numbers, page numbers."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from qa.reading import overlapping
from qa.types import Document, Span

_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Text as it stands in the document, without its markup."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A group of the source's own reference numbers, the ``ordinal``-th (from 0) of the document."""

    ordinal: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStart:
    """The place at which a page of the file starts, counted from 1."""

    page: int


Piece = Text | Numbers | PageStart


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Pieces side by side that are all cited, or all not. ``first`` is the first cited run of the whole page."""

    pieces: tuple[Piece, ...]
    cited: bool = False
    first: bool = False


def runs(document: Document, span: Span, cited: Sequence[Span], *, verbatim: bool = False) -> tuple[Run, ...]:
    """Return what a span shows, in order.

    :param cited: in order, without overlap.
    :param verbatim: keep white space and line breaks, as code needs them; else each stretch of it is one space.
    """
    pieces = _pieces(document, span, cited)
    grouped = groupby(pieces, key=lambda each: any(place.start <= each[0] < place.end for place in cited))
    made = (
        Run(pieces=_joined([piece for _, piece in group], verbatim=verbatim), cited=inside) for inside, group in grouped
    )
    return tuple(run for run in made if run.pieces)


def _pieces(document: Document, span: Span, cited: Sequence[Span]) -> Iterator[tuple[int, Piece]]:
    """Yield each piece with its place: the span is cut wherever something marked or cited starts or ends."""
    first = bisect_left(document.markers, span.start, key=lambda marker: marker.span.end)
    markers = {each.span.start: (first + at, each) for at, each in enumerate(overlapping(document.markers, span))}
    marked = [*overlapping(document.markup, span), *(each.span for _, each in markers.values())]
    hidden = {max(each.start, span.start): each.end for each in sorted(marked, key=lambda each: each.end)}
    pages = _pages(document, span)
    edges = {span.start, span.end, *pages, *hidden, *hidden.values()}
    edges |= {edge for place in cited for edge in (place.start, place.end)}
    covered = span.start
    for start, end in pairwise(sorted(edge for edge in edges if span.start <= edge <= span.end)):
        if start in pages:
            yield start, PageStart(page=pages[start])
        if start in markers:
            ordinal, marker = markers[start]
            yield start, Numbers(ordinal=ordinal, numbers=marker.numbers)
        covered = max(covered, hidden.get(start, start))
        if start >= covered:
            yield start, Text(text=document.text[start:end])


def _pages(document: Document, span: Span) -> dict[int, int]:
    """Return the pages that start in a span, by their offsets."""
    first, after = (bisect_left(document.pages, edge) for edge in (span.start, span.end))
    return {document.pages[at]: at + 1 for at in range(first, after)}


def _joined(pieces: Sequence[Piece], *, verbatim: bool) -> tuple[Piece, ...]:
    """Make one text of neighbours, with single spaces, and none before a reference number."""
    joined: list[Piece] = []
    for is_text, group in groupby(pieces, key=lambda piece: isinstance(piece, Text)):
        if not is_text:
            joined += group
            continue
        text = "".join(piece.text for piece in group if isinstance(piece, Text))
        text = text.strip("\n") if verbatim else _BLANKS.sub(" ", text)
        joined.append(Text(text=text))
    for at, (left, right) in enumerate(pairwise(joined)):
        if isinstance(left, Text) and isinstance(right, Numbers):
            joined[at] = Text(text=left.text.rstrip())
    return tuple(piece for piece in joined if not isinstance(piece, Text) or piece.text)
