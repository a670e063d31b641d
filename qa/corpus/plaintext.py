"""A plain text -> its layout: headings, blocks, and the marks of emphasis and lists people type into plain text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from qa.corpus.headings import BOLD, HASHES, announces, could_head, find_headings, heading_span, is_wrapped
from qa.corpus.layout import BlockKind, Draft, Heading, Layout
from qa.corpus.lines import Bullet, Line, lines_of
from qa.corpus.raised import raised_markers
from qa.types import Span

_CLOSING_HASHES = re.compile(r"[ \t]#+$")


def parse_plain_text(text: str) -> Layout:
    """Find the headings, blocks and markup of a plain text. All its headings are of one level.

    :param text: the whole text, newlines normalised.
    """
    lines = lines_of(text)
    wrapped = is_wrapped(lines)
    headings = find_headings(lines, wrapped=wrapped)
    drafts = _Blocks(text, lines, frozenset(headings), wrapped=wrapped).drafts()
    markup = sorted(_markup(text, lines, headings), key=lambda span: span.start)
    found = tuple(Heading(span=span, title=_title(text, span, markup), level=1) for span in headings.values())
    return Layout(headings=found, drafts=drafts, markup=tuple(markup), markers=tuple(raised_markers(text)))


def _title(text: str, span: Span, markup: Sequence[Span]) -> str:
    """Read a heading without its markup, which is sorted."""
    kept = []
    at = span.start
    first = bisect_left(markup, span.start, key=lambda mark: mark.start)
    for mark in takewhile(lambda mark: mark.end <= span.end, (markup[place] for place in range(first, len(markup)))):
        kept.append(text[at : mark.start])
        at = mark.end
    kept.append(text[at : span.end])
    return " ".join("".join(kept).split()).rstrip(":")


# --- blocks ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Blocks:
    """Groups lines to blocks and remembers which list items are open."""

    text: str
    lines: Sequence[Line]
    headings: frozenset[int]
    wrapped: bool
    found: list[Draft] = field(default_factory=list)
    open_items: list[tuple[Bullet, int]] = field(default_factory=list)
    groups: int = 0
    blank: bool = True
    in_loose_list: bool = False

    def drafts(self) -> tuple[Draft, ...]:
        """Walk through the lines once."""
        skip = -1
        for number, line in enumerate(self.lines):
            if number == skip:
                continue
            if line.blank:
                self.blank = True
                continue
            if number in self.headings:
                span = heading_span(self.lines, number)
                skip = number + 1 if span.end > line.span.end else skip
                self._start(span, "heading")
            elif line.bullet is not None:
                self._item(line, line.bullet)
            elif not self._continues(number, line):
                self._paragraph(number, line)
            self.blank = False
        return tuple(self.found)

    def _start(self, span: Span, kind: BlockKind, *, group: int = -1, parent: int = -1) -> None:
        if kind != "item" and parent < 0:
            self.open_items.clear()
        self.in_loose_list = False
        self.found.append(Draft(span=span, kind=kind, group=group, parent=parent))

    def _continues(self, number: int, line: Line) -> bool:
        """Lengthen the last block by a line when the text is wrapped and the line goes on with it."""
        if self.blank or not self.found or self.found[-1].kind == "heading" or number - 1 in self.headings:
            return False
        last = self.found[-1]
        under_item = last.kind == "item" and bool(self.open_items) and line.indent > self.open_items[-1][0].indent
        if not (self.wrapped or under_item):
            return False
        longer = Span(start=last.span.start, end=line.span.end)
        self.found[-1] = Draft(span=longer, kind=last.kind, group=last.group, parent=last.parent)
        return True

    def _paragraph(self, number: int, line: Line) -> None:
        """Start a paragraph, or an item where short lines run on below a line that announces them."""
        announced = number > 0 and self.found and self.found[-1].kind == "paragraph" and not self.blank
        if (
            not self.wrapped
            and could_head(line)
            and (self.in_loose_list or (announced and announces(self.lines[number - 1].text)))
        ):
            if not self.in_loose_list:
                self.groups += 1
            self._start(line.span, "item", group=self.groups)
            self.in_loose_list = True
            return
        while self.open_items and self.open_items[-1][0].indent >= line.indent:
            self.open_items.pop()
        self._start(line.span, "paragraph", parent=self.open_items[-1][1] if self.open_items else -1)

    def _item(self, line: Line, bullet: Bullet) -> None:
        """Start an item below the open item that holds it, if any."""
        while self.open_items and not self._holds(self.open_items[-1], bullet):
            self.open_items.pop()
        siblings = [index for opener, index in self.open_items if _same_list(opener, bullet)]
        if siblings:
            while self.open_items and not _same_list(self.open_items[-1][0], bullet):
                self.open_items.pop()
            sibling = self.found[self.open_items.pop()[1]]
            group, parent = sibling.group, sibling.parent
        elif self.open_items:
            group, parent = -1, self.open_items[-1][1]
        else:
            self.groups += 1
            group, parent = self.groups, -1
        self._start(line.span, "item", group=group, parent=parent)
        self.open_items.append((bullet, len(self.found) - 1))

    def _holds(self, opener: tuple[Bullet, int], bullet: Bullet) -> bool:
        """Tell whether an open item is a sibling of a new one, or can be its parent."""
        above, index = opener
        if above.indent != bullet.indent:
            return above.indent < bullet.indent
        if above.kind == bullet.kind:
            return True
        is_sibling_open = any(_same_list(other, bullet) for other, _ in self.open_items[:-1])
        return not is_sibling_open and announces(self.found[index].span.of(self.text))


def _same_list(above: Bullet, bullet: Bullet) -> bool:
    return above.indent == bullet.indent and above.kind == bullet.kind


# --- markup ---------------------------------------------------------------------------------------


def _markup(text: str, lines: Sequence[Line], headings: dict[int, Span]) -> list[Span]:
    """Find bullets, ordinals, pairs of ``**`` and ``__``, and the hashes and rules of headings."""
    marks = [line.bullet.span for line in lines if line.bullet is not None]
    taken = {span.start for span in marks}
    if "**" in text or "__" in text:
        for pair in BOLD.finditer(text):
            ends = (pair.start(), pair.end() - 2)
            marks.extend(Span(start=start, end=start + 2) for start in ends if start not in taken)
    for number, span in headings.items():
        line = lines[number]
        hashes = HASHES.match(line.text)
        if hashes:
            marks.append(Span(start=span.start, end=span.start + hashes.end()))
            tail = _CLOSING_HASHES.search(line.text)
            if tail:
                marks.append(Span(start=span.start + tail.start() + 1, end=line.span.end))
        if span.end > line.span.end:
            rule = lines[number + 1].span
            marks.append(rule)
    return marks
