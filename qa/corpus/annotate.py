"""A text and its layout -> a Document with every annotation."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from qa.corpus.boilerplate import find_boilerplate
from qa.corpus.layout import Layout, View, blocks_of, sections_of
from qa.corpus.markers import find_markers
from qa.corpus.references import bibliography_of
from qa.types import Block, Document, Marker, Reference, Section, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a document besides its text."""

    id: str
    hash: str
    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    licence: str | None = None
    date: str | None = None
    references: tuple[Reference, ...] = ()


def annotate(text: str, layout: Layout, facts: Facts, *, fallback_title: str, outer: tuple[str, ...] = ()) -> Document:
    """Put a document together.

    :param text: what the file says.
    :param layout: what a parser found in it.
    :param facts: what is known besides.
    :param fallback_title: the title where neither the facts nor a heading give one.
    :param outer: what stands before the path of every section.
    """
    title = facts.title or _title(layout) or fallback_title
    sections = sections_of(text, layout.headings, title=title, outer=outer)
    view = View(text, layout.markup)
    listed, lists = _bibliography(sections, blocks_of(layout.drafts, view), text, view)
    references = _merged(facts.references, layout.notes, listed)
    boilerplate = find_boilerplate(text, layout, view, lists)
    hidden = [entry.span for entry in boilerplate]
    unseen = _union([*layout.markup, *layout.code, *(marker.span for marker in layout.markers)])
    markers = find_markers(
        View(text, unseen),
        proven=layout.markers,
        known=frozenset(reference.number for reference in references),
        outside=hidden,
    )
    return Document(
        id=facts.id,
        title=title,
        text=text,
        hash=facts.hash,
        url=facts.url,
        publisher=facts.publisher,
        licence=facts.licence,
        date=facts.date,
        sections=sections,
        blocks=blocks_of(layout.drafts, view, hidden),
        boilerplate=boilerplate,
        markup=_without(layout.markup, markers),
        markers=markers,
        references=references,
        pages=layout.pages,
    )


def _title(layout: Layout) -> str | None:
    """Return the first outermost heading, else the first one."""
    outermost = [heading for heading in layout.headings if heading.level == 1]
    named = [heading.title for heading in (*outermost, *layout.headings) if heading.title]
    return named[0] if named else None


def _bibliography(
    sections: Sequence[Section], blocks: Sequence[Block], text: str, view: View
) -> tuple[tuple[Reference, ...], list[Span]]:
    """Read the sections that list sources, and return them with where they stand."""
    references: list[Reference] = []
    spans: list[Span] = []
    starts = [block.span.start for block in blocks]
    for section in sections:
        if section.heading is None:
            continue
        inside = blocks[bisect_left(starts, section.span.start) : bisect_left(starts, section.span.end)]
        found = bibliography_of(section, inside, text, view)
        if found:
            references.extend(found)
            spans.append(Span(start=section.heading.start, end=section.span.end))
    return tuple(references), spans


def _merged(*sources: Sequence[Reference]) -> tuple[Reference, ...]:
    """Join bibliographies by number; the first to name a number has it."""
    merged: dict[int, Reference] = {}
    for source in sources:
        for reference in source:
            merged.setdefault(reference.number, reference)
    return tuple(merged[number] for number in sorted(merged))


def _union(spans: Sequence[Span]) -> list[Span]:
    """Sort spans and join those that overlap."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda entry: entry.start):
        if joined and span.start < joined[-1].end:
            joined[-1] = Span(start=joined[-1].start, end=max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _without(markup: Sequence[Span], markers: Sequence[Marker]) -> tuple[Span, ...]:
    """Cut the markers out of the markup, so that each code point is left out for one reason."""
    kept: list[Span] = []
    starts = [marker.span.start for marker in markers]
    for mark in markup:
        at = mark.start
        for place in range(max(0, bisect_left(starts, mark.start) - 1), bisect_left(starts, mark.end)):
            marker = markers[place]
            if marker.span.start > at:
                kept.append(Span(start=at, end=marker.span.start))
            at = max(at, marker.span.end)
        if at < mark.end:
            kept.append(Span(start=at, end=mark.end))
    return tuple(kept)
