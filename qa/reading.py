"""A span of a document -> its reading text: what is embedded, searched and shown, and the way back.

The reading text is the kept runs of the span, in order, without markup, reference markers and boilerplate.
White space within a block is one space, a break between blocks is one line feed. The run map converts
offsets both ways, so a place in the reading text is always a place in the document.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from qa.types import Block, Boilerplate, Document, Marker, Span

_WORD = re.compile(r"\S+")
T = TypeVar("T", Span, Marker, Boilerplate, Block)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reading text and its run map.

    Run ``i`` is the text from ``starts[i]``, of ``lengths[i]`` code points, taken unchanged from the document
    at ``sources[i]``; between two runs stands nothing, one space or one line feed.
    """

    text: str
    starts: tuple[int, ...]
    sources: tuple[int, ...]
    lengths: tuple[int, ...]

    def to_document(self, start: int, end: int) -> Span:
        """Return the document's span for a non-empty stretch of the reading text.

        White space at either end, which no single place of the document stands for, is left out.

        :raises ValueError: if the stretch holds nothing but white space.
        """
        first = bisect_right(self.starts, start) - 1
        if first < 0 or start >= self.starts[first] + self.lengths[first]:
            first += 1
        last = bisect_left(self.starts, end) - 1
        if first > last:
            raise ValueError(f"no word of the reading text lies in [{start}, {end})")
        left = self.sources[first] + max(0, start - self.starts[first])
        right = self.sources[last] + min(self.lengths[last], end - self.starts[last])
        return Span(start=left, end=right)

    def to_reading(self, span: Span) -> tuple[int, int]:
        """Return the half-open stretch of the reading text whose characters come from ``span``.

        The stretch is empty where the span holds nothing that is read.
        """
        first = bisect_right(self.sources, span.start) - 1
        if first < 0 or span.start >= self.sources[first] + self.lengths[first]:
            first += 1
        last = bisect_left(self.sources, span.end) - 1
        if first > last:
            return (0, 0)
        start = self.starts[first] + max(0, span.start - self.sources[first])
        end = self.starts[last] + min(self.lengths[last], span.end - self.sources[last])
        return (start, end)


def read(document: Document, span: Span) -> Reading:
    """Return the reading text of a span of the document."""
    pieces: list[str] = []
    starts: list[int] = []
    sources: list[int] = []
    length, previous_end = 0, span.start
    for start, end, spaced in _words(document, span):
        if pieces:
            separator = "\n" if _breaks(document.blocks, previous_end, start) else " " if spaced else ""
            pieces.append(separator)
            length += len(separator)
        pieces.append(document.text[start:end])
        starts.append(length)
        sources.append(start)
        length += end - start
        previous_end = end
    lengths = tuple(len(piece) for piece in pieces[::2])
    return Reading(text="".join(pieces), starts=tuple(starts), sources=tuple(sources), lengths=lengths)


def _words(document: Document, span: Span) -> Iterator[tuple[int, int, bool]]:
    """Yield each kept word's start and end, and whether kept white space stands before it."""
    spaced = False
    for run in _kept(document, span):
        text, cursor = run.of(document.text), 0
        for word in _WORD.finditer(text):
            yield run.start + word.start(), run.start + word.end(), spaced or word.start() > cursor
            spaced, cursor = False, word.end()
        spaced = spaced or cursor < len(text)


def _kept(document: Document, span: Span) -> Iterator[Span]:
    """Yield the runs of the span that are neither markup nor marker nor boilerplate, in order."""
    cursor = span.start
    for gone in sorted(_removed(document, span), key=lambda gone: gone.start):
        if gone.start > cursor:
            yield Span(start=cursor, end=min(gone.start, span.end))
        cursor = max(cursor, gone.end)
    if cursor < span.end:
        yield Span(start=cursor, end=span.end)


def _removed(document: Document, span: Span) -> Iterable[Span]:
    yield from overlapping(document.markup, span)
    for boilerplate in overlapping(document.boilerplate, span):
        yield boilerplate.span
    for marker in overlapping(document.markers, span):
        yield _with_space_before(document.text, marker.span)


def _with_space_before(text: str, span: Span) -> Span:
    """Widen a marker over the blanks before it, so that no space is left before the full stop after it."""
    start = span.start
    while start > 0 and text[start - 1] in " \t\u00a0":
        start -= 1
    return Span(start=start, end=span.end)


def _breaks(blocks: Sequence[Block], left: int, right: int) -> bool:
    """Tell whether a block starts in ``(left, right]``."""
    index = bisect_right(blocks, right, key=lambda block: block.span.start) - 1
    return index >= 0 and blocks[index].span.start >= left


def overlapping(spans: Sequence[T], span: Span) -> Sequence[T]:
    """Return those of the sorted, disjoint ``spans`` that overlap ``span``."""
    first = bisect_right(spans, span.start, key=lambda other: _span(other).end)
    last = bisect_left(spans, span.end, key=lambda other: _span(other).start)
    return spans[first:last]


def _span(thing: Span | Marker | Boilerplate | Block) -> Span:
    return thing if isinstance(thing, Span) else thing.span
