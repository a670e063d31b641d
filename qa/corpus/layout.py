"""What a parser found in a text -> sections, lead-ins and the text as it is read.

Markdown and plain text are parsed differently, but both end in a ``Layout``; what follows is common to both.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from qa.types import Block, Boilerplate, Marker, Reference, Section, Span

BlockKind = Literal["paragraph", "item", "heading", "table", "code"]

_INTRODUCES = re.compile(
    r"[:：]\s*$|\b(?:the following|as follows|(?:listed|described|given|shown) below)\b[^.!?]*[.]?\s*$", re.IGNORECASE
)
_CLOSED = re.compile(r"[.!?;,。！？…][\"'”’)\]]*\s*$")
_TRAILING_MARKER = re.compile(r"\s*(?:\[[\d^][^\]\n]{0,20}\]|\(\d[\d, –-]{0,20}\)|[⁰¹²³⁴-⁹]+)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading: its own lines, how it reads, and how deep it is (1 is outermost)."""

    span: Span
    title: str
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A block before its lead-in is known.

    ``group`` numbers the list a top-level item belongs to; ``parent`` is the index of the item around it (for a further
    paragraph of an item: that of the item), or for a table's row that of the row which names the columns.
    """

    span: Span
    kind: BlockKind
    group: int = -1
    parent: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a parser found.

    ``markers`` and ``boilerplate`` are those that the file's own structure proves; ``code`` is never searched for more.
    """

    headings: tuple[Heading, ...]
    drafts: tuple[Draft, ...]
    markup: tuple[Span, ...]
    markers: tuple[Marker, ...] = ()
    code: tuple[Span, ...] = ()
    notes: tuple[Reference, ...] = ()
    boilerplate: tuple[Boilerplate, ...] = ()
    pages: tuple[int, ...] = ()


class View:
    """A text without some of its spans, and the way back to the text's offsets."""

    def __init__(self, text: str, dropped: Iterable[Span]) -> None:
        """Keep the runs of ``text`` between ``dropped``, which are sorted and free of overlap.

        :param text: the whole text.
        :param dropped: what is left out.
        """
        runs: list[tuple[int, int]] = []
        at = 0
        for span in dropped:
            if span.start > at:
                runs.append((at, span.start))
            at = max(at, span.end)
        if at < len(text):
            runs.append((at, len(text)))
        self._origins = [start for start, _ in runs]
        self._places = []
        length = 0
        for start, end in runs:
            self._places.append(length)
            length += end - start
        self._length = length
        self.text = text if length == len(text) else "".join(text[start:end] for start, end in runs)

    def origin(self, place: int) -> int:
        """Return the offset in the whole text of the code point at ``place`` of the view."""
        run = bisect_right(self._places, place) - 1
        return self._origins[run] + place - self._places[run]

    def span(self, start: int, end: int) -> Span:
        """Return the span of the whole text that ``start`` to ``end`` (not empty) of the view stands for."""
        return Span(start=self.origin(start), end=self.origin(end - 1) + 1)

    def place(self, offset: int) -> int:
        """Return where ``offset`` of the whole text, or the next kept code point after it, is in the view."""
        run = bisect_right(self._origins, offset) - 1
        if run < 0:
            return 0
        after = self._places[run + 1] if run + 1 < len(self._places) else self._length
        return min(self._places[run] + offset - self._origins[run], after)

    def read(self, span: Span) -> str:
        """Return the kept text of ``span``."""
        return self.text[self.place(span.start) : self.place(span.end)]


def sections_of(
    text: str, headings: Sequence[Heading], *, title: str, outer: tuple[str, ...] = ()
) -> tuple[Section, ...]:
    """Cut a text at its headings.

    The only outermost heading is not repeated in the paths below it where it is the document's title.

    :param text: the whole text.
    :param headings: in the order of the text.
    :param title: the document's title.
    :param outer: what stands before every path.
    """
    hidden = _title_heading(headings, title)
    sections: list[Section] = []
    first = headings[0].span.start if headings else len(text)
    if first > 0:
        sections.append(Section(path=outer, heading=None, span=Span(start=0, end=first)))
    stack: list[Heading] = []
    for number, heading in enumerate(headings):
        while stack and stack[-1].level >= heading.level:
            stack.pop()
        above = tuple(entry.title for entry in stack if entry is not hidden)
        end = headings[number + 1].span.start if number + 1 < len(headings) else len(text)
        body = Span(start=heading.span.end, end=end)
        sections.append(Section(path=(*outer, *above, heading.title), heading=heading.span, span=body))
        stack.append(heading)
    return tuple(sections)


def _title_heading(headings: Sequence[Heading], title: str) -> Heading | None:
    """Find the heading that only says the document's title again."""
    top = [heading for heading in headings if heading.level == 1]
    if not top:
        return None
    same = [heading for heading in top if heading.title.casefold() == title.casefold()]
    if same and same[0] is headings[0]:
        return same[0]
    return top[0] if len(top) == 1 and top[0] is headings[0] else None


def blocks_of(drafts: Sequence[Draft], view: View, boilerplate: Sequence[Span] = ()) -> tuple[Block, ...]:
    """Give each list item and table row what introduces it: its item or header, or else the line before its list or table.

    :param drafts: in the order of the text.
    :param view: the text as it is read.
    :param boilerplate: sorted; a block in it introduces nothing.
    """
    starts = [span.start for span in boilerplate]
    openers: dict[int, Span | None] = {}
    blocks: list[Block] = []
    for number, draft in enumerate(drafts):
        lead_in = None
        if draft.parent >= 0:
            lead_in = drafts[draft.parent].span
        elif draft.kind == "table":
            lead_in = _table_opener(drafts, number, blocks, view)
        elif draft.kind == "item":
            if draft.group not in openers:
                openers[draft.group] = _opener(drafts[number - 1] if number else None, view)
            lead_in = openers[draft.group]
        if lead_in is not None and touches(lead_in, boilerplate, starts):
            lead_in = None
        blocks.append(Block(span=draft.span, kind=draft.kind, lead_in=lead_in))
    return tuple(blocks)


def touches(span: Span, others: Sequence[Span], starts: Sequence[int]) -> bool:
    """Tell whether a span overlaps one of the others.

    :param others: sorted, free of overlap.
    :param starts: theirs.
    """
    at = bisect_left(starts, span.end)
    return at > 0 and others[at - 1].overlaps(span)


def _opener(before: Draft | None, view: View) -> Span | None:
    """Return the span of the block before a list when it introduces the list."""
    if before is None or before.kind not in ("paragraph", "item"):
        return None
    reading = view.read(before.span)
    announces = introduces(reading) if before.kind == "paragraph" else reading.rstrip().endswith(":")
    return before.span if announces else None


def _table_opener(drafts: Sequence[Draft], number: int, blocks: Sequence[Block], view: View) -> Span | None:
    """Return the span of the paragraph before a table when it announces the table; all rows without a header share it."""
    before = drafts[number - 1] if number else None
    if before is None or before.kind == "heading":
        return None
    if before.kind == "table":
        return blocks[number - 1].lead_in if before.parent < 0 else None
    bare = _TRAILING_MARKER.sub("", view.read(before.span)).rstrip()
    return before.span if _INTRODUCES.search(bare[-200:]) else None


def introduces(reading: str) -> bool:
    """Tell whether a block announces a list: it ends in a colon, says "the following", or breaks off.

    :param reading: the block as it is read.
    """
    bare = _TRAILING_MARKER.sub("", reading).rstrip()
    if _INTRODUCES.search(bare[-200:]):
        return True
    return _CLOSED.search(bare) is None and len(bare.split()) >= 3  # noqa: PLR2004
