"""A document -> what its page shows: headings, paragraphs, lists, tables, and what is never quoted, folded away."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from qa.reading import overlapping
from qa.server.inline import Run, runs
from qa.server.shown import Entry, Folded, Heading, Item, ItemList, Paragraph, Place, Readable, Shown, Source, Table
from qa.types import BoilerplateKind, Document, Span

_NUMBER = re.compile(r"\(?(\d{1,9})[.)]?")
_LETTER = re.compile(r"\(?[A-Za-z]{1,5}[.)]")
_DEEPEST, _DEEPEST_LIST = 6, 10
# A part is laid out only when it comes near the window: parts must be neither many nor large.
_PART = 40
_BACK_LINKS = 12


Kind = Literal["paragraph", "item", "heading", "table", "code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """A block, or the part of one that lies inside or outside of what is never quoted."""

    kind: Kind
    span: Span
    lead_in: Span | None
    within: BoilerplateKind | None


def readable(document: Document, cited: Sequence[Span]) -> Readable:
    """Lay a document out.

    :param cited: the places to highlight, in order, without overlap.
    """
    writer = _Writer(document, cited)
    grouped = groupby(_stretches(document), key=lambda stretch: stretch.within)
    shown = [each for within, stretches in grouped for each in writer.write(within, list(stretches))]
    return Readable(
        document=document,
        parts=tuple(_parts(shown)),
        contents=tuple(writer.contents),
        sources=_sources(document),
        place=writer.place,
    )


class _Writer:
    """Turns stretches into what is shown; notes the contents and the first cited place on the way."""

    def __init__(self, document: Document, cited: Sequence[Span]) -> None:
        self._document = document
        self._cited = cited
        self._starts = [each.heading.start if each.heading else each.span.start for each in document.sections]
        # A first heading that says the title again is left out; where it stands over all others, they move up.
        self._below_title = all(each.path[:1] in ((), (document.title,)) for each in document.sections)
        self._headed = False
        self.contents: list[Entry] = []
        self.place: Place | None = None

    def write(self, within: BoilerplateKind | None, stretches: Sequence[_Stretch]) -> Iterator[Shown]:
        """Yield what stretches show; boilerplate of one kind is folded together."""
        if within is None:
            yield from self._blocks(stretches, listed=True)
            return
        parts = tuple(self._blocks(stretches, listed=False))
        if parts:
            found = any(stretch.span.overlaps(place) for stretch in stretches for place in self._cited)
            yield Folded(kind=within, parts=parts, cited=found)

    def _blocks(self, stretches: Sequence[_Stretch], *, listed: bool) -> Iterator[Shown]:
        for kind, group in groupby(stretches, key=lambda stretch: stretch.kind):
            alike = list(group)
            if kind == "item":
                yield ItemList(items=self._items(alike))
            elif kind == "table":
                yield from self._tables(alike)
            elif kind == "heading":
                yield from (heading for stretch in alike for heading in self._heading(stretch, listed=listed))
            else:
                shown = (self._runs(stretch.span, verbatim=kind == "code") for stretch in alike)
                yield from (Paragraph(runs=each, code=kind == "code") for each in shown if each)

    def _heading(self, stretch: _Stretch, *, listed: bool) -> Iterator[Heading]:
        ordinal = self._section(stretch.span.start)
        path = self._document.sections[ordinal].path if self._document.sections else ()
        first, self._headed = not self._headed, True
        if first and path == (self._document.title,):
            return
        shown = self._runs(stretch.span)
        if not shown:
            return
        id_, depth = f"section-{ordinal}", max(0, len(path) - 1 - self._below_title)
        if listed and path:
            self.contents.append(Entry(id=id_, text=path[-1], depth=depth))
        yield Heading(id=id_, level=min(depth + 2, _DEEPEST), runs=shown)

    def _items(self, stretches: Sequence[_Stretch], depth: int = 1) -> tuple[Item, ...]:
        """Nest items below the item that introduces them; those too deep for a page stand side by side."""
        items, at = [], 0
        while at < len(stretches):
            above = stretches[at]
            after = at + 1
            below = {above.span}
            while depth < _DEEPEST_LIST and after < len(stretches) and stretches[after].lead_in in below:
                below.add(stretches[after].span)
                after += 1
            number, label = self._ordinal(above.span)
            under = self._items(stretches[at + 1 : after], depth + 1)
            items.append(Item(runs=self._runs(above.span), number=number, label=label, items=under))
            at = after
        return tuple(items)

    def _ordinal(self, span: Span) -> tuple[int | None, str | None]:
        """Return the number or the letter that an item is counted by; it is the markup at its start."""
        first = next(iter(overlapping(self._document.markup, span)), None)
        mark = first.of(self._document.text).strip() if first and first.start == span.start else ""
        number = _NUMBER.fullmatch(mark)
        if number:
            return int(number[1]), None
        return None, mark if _LETTER.fullmatch(mark) else None

    def _tables(self, rows: Sequence[_Stretch]) -> Iterator[Table]:
        """Yield tables; a row that introduces the next one, and is introduced by none itself, heads a table of its own."""
        tables: list[list[_Stretch]] = []
        spans = {row.span for row in rows}
        for row, after in zip(rows, [*rows[1:], None], strict=True):
            below = row.lead_in in spans
            heads = not below and after is not None and after.lead_in == row.span
            if heads or not tables or (not below and row.lead_in is None and tables[-1][-1].lead_in):
                tables.append([row])
            else:
                tables[-1].append(row)
        for table in tables:
            cells = [tuple(map(self._runs, self._cells(row.span))) for row in table]
            count = self._headers(table)
            yield Table(head=tuple(cells[:count]), rows=tuple(cells[count:]))

    def _headers(self, table: Sequence[_Stretch]) -> int:
        """Return how many rows at a table's start name its columns: each introduces the next, and the last one more."""
        count = 0
        while count + 1 < len(table) and table[count + 1].lead_in == table[count].span:
            count += 1
        if count > 1 and not any(row.lead_in == table[count - 1].span for row in table[count + 1 :]):
            count -= 1
        return count or int(len(table) > 1 and bool(self._bars(table[0].span)))

    def _bars(self, row: Span) -> list[int]:
        markup = overlapping(self._document.markup, row)
        return [at for mark in markup for at in range(mark.start, mark.end) if self._document.text[at] == "|"]

    def _cells(self, row: Span) -> Iterator[Span]:
        """Yield a row's cells: they stand between the bars that its markup holds, or else between tabs."""
        text = row.of(self._document.text)
        bars = self._bars(row)
        edges = bars or [row.start + at for at, character in enumerate(text) if character == "\t"]
        starts, ends = [row.start, *(edge + 1 for edge in edges)], [*edges, row.end]
        cells = [Span(start=start, end=end) for start, end in zip(starts, ends, strict=True)]
        # A bar at either end opens or closes the row.
        first, after = bars[:1] == [row.start], bars[-1:] == [row.end - 1]
        yield from cells[first : len(cells) - after]

    def _runs(self, span: Span, *, verbatim: bool = False) -> tuple[Run, ...]:
        """Return what a span shows; the first cited run of all is marked, and its place kept."""
        shown = runs(self._document, span, self._cited, verbatim=verbatim)
        first = next((at for at, run in enumerate(shown) if run.cited), None)
        if self.place or first is None:
            return shown
        start = max(span.start, self._cited[0].start)
        path = self._document.sections[self._section(start)].path if self._document.sections else ()
        self.place = Place(section=path[self._below_title :], page=self._document.page(start))
        return (*shown[:first], replace(shown[first], first=True), *shown[first + 1 :])

    def _section(self, offset: int) -> int:
        return max(0, bisect_right(self._starts, offset) - 1)


def _stretches(document: Document) -> Iterator[_Stretch]:
    """Yield the blocks in order, cut where boilerplate starts or ends; nothing that is read stands between blocks."""
    for block in document.blocks:
        yield from _cut(document, block.kind, block.span, block.lead_in)


def _cut(document: Document, kind: Kind, span: Span, lead_in: Span | None) -> Iterator[_Stretch]:
    cursor = span.start
    for boilerplate in overlapping(document.boilerplate, span):
        start, end = max(boilerplate.span.start, span.start), min(boilerplate.span.end, span.end)
        yield from _kept(document, kind, Span(start=cursor, end=start), lead_in, None)
        yield from _kept(document, kind, Span(start=start, end=end), lead_in, boilerplate.kind)
        cursor = end
    yield from _kept(document, kind, Span(start=cursor, end=span.end), lead_in, None)


def _kept(
    document: Document, kind: Kind, span: Span, lead_in: Span | None, within: BoilerplateKind | None
) -> Iterator[_Stretch]:
    if span and not span.of(document.text).isspace():
        yield _Stretch(kind=kind, span=span, lead_in=lead_in, within=within)


def _parts(shown: Sequence[Shown]) -> Iterator[tuple[Shown, ...]]:
    """Cut before each heading, and wherever a part has enough."""
    part: list[Shown] = []
    for each in shown:
        if part and (isinstance(each, Heading) or len(part) == _PART):
            yield tuple(part)
            part = []
        part.append(each)
    if part:
        yield tuple(part)


def _sources(document: Document) -> tuple[Source, ...]:
    """Return the bibliography, each entry with the markers that name it."""
    naming: dict[int, list[int]] = {reference.number: [] for reference in document.references}
    for ordinal, marker in enumerate(document.markers):
        for number in marker.numbers:
            if number in naming:
                naming[number].append(ordinal)
    return tuple(
        Source(reference=reference, markers=tuple(naming[reference.number][:_BACK_LINKS]))
        for reference in document.references
    )
