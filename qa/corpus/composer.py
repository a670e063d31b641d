"""The pieces of a parsed page, in their order -> its text and its layout: what HTML, DOCX, EPUB and PDF have in common.

The text is what a reader of the page sees: blocks apart by an empty line, list items and table rows by a line feed,
bullets and ordinals written out (and marked as markup), cells apart by a tab.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from qa.corpus.boilerplate import joined
from qa.corpus.gap import Gap
from qa.corpus.headers import Headers
from qa.corpus.layout import BlockKind, Draft, Heading, Layout, View
from qa.corpus.numbers import numbers_of
from qa.corpus.superscripts import is_between, is_power, power, reference_numbers
from qa.types import Boilerplate, BoilerplateKind, Marker, Reference, Span

_SPACE = re.compile(r"[ \t\r\n\f]+")
_MOST_MARKS = 50  # in one heading
_LONGEST_GROUP = 400
_CLOSE = frozenset(["item", "table"])


@dataclass(slots=True)
class _Item:
    """A list item that is open: its bullet, and the index of its block once it has one."""

    bullet: str
    draft: int = -1


@dataclass(slots=True)
class Composer:
    """Takes the pieces of a page in reading order; a block exists once something visible is written into it."""

    _pieces: list[str] = field(default_factory=list)
    _length: int = 0
    _drafts: list[Draft] = field(default_factory=list)
    _headings: list[Heading] = field(default_factory=list)
    _markup: list[Span] = field(default_factory=list)
    _markers: list[Marker] = field(default_factory=list)
    _boilerplate: list[Boilerplate] = field(default_factory=list)
    _literal: list[Span] = field(default_factory=list)
    _notes: list[Reference] = field(default_factory=list)
    _pages: list[int] = field(default_factory=list)
    _new_pages: int = 0
    _kind: BlockKind = "paragraph"
    _level: int = 0
    _start: int = -1
    _first: int = 0
    _gap: Gap = field(default_factory=Gap)
    _marked: int = 0  # the index of the last marker's first piece
    _items: list[_Item] = field(default_factory=list)
    _headers: Headers = field(default_factory=Headers)
    _groups: int = 0
    _hidden: list[BoilerplateKind] = field(default_factory=list)

    # --- blocks -----------------------------------------------------------------------------------

    def row(self, *, header: bool = False, group: bool = False) -> None:
        """Start a row of a table.

        :param header: whether it names the columns; it then introduces the rows after it, until :meth:`table_end`. Of
            headers right below each other, each introduces the next.
        :param group: whether it names the rows after it, up to the next such row.
        """
        self.block("table")
        self._headers.start(header=header, group=group)

    def table_end(self) -> None:
        """End a table: its header introduces no more rows."""
        self.block()
        self._headers.end()

    def block(self, kind: BlockKind = "paragraph", *, level: int = 0) -> None:
        """End the block that is open; what is written next starts one of this kind.

        :param kind: ``item`` is not for callers: the first paragraph of an open item becomes one.
        :param level: of a heading, 1 outermost. A heading in a list or in what is hidden is a paragraph.
        """
        self._end()
        self._headers.start()
        lesser = kind == "heading" and (self._items or self._hidden)
        self._kind = "paragraph" if lesser else kind
        self._level = level

    @contextmanager
    def list(self) -> Iterator[None]:
        """Hold the items of one list."""
        self.block()
        self._groups += not self._items
        yield
        self.block()

    @contextmanager
    def item(self, bullet: str) -> Iterator[None]:
        """Hold one item of a list.

        :param bullet: what a reader sees before it, such as ``-`` or ``3.``.
        """
        self.block()
        self._items.append(_Item(bullet))
        yield
        self.block()
        self._items.pop()

    @contextmanager
    def hidden(self, kind: BoilerplateKind) -> Iterator[None]:
        """Mark what is written meanwhile as boilerplate.

        :param kind: of the boilerplate; the outermost one counts.
        """
        self.block()
        self._hidden.append(kind)
        yield
        self.block()
        self._hidden.pop()

    def page(self) -> None:
        """Let a new page start with what is written next."""
        self._new_pages += 1

    def note(self, reference: Reference) -> None:
        """Add an entry to the document's bibliography."""
        self._notes.append(reference)

    # --- text -------------------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """Write running text; white space collapses as HTML has it, also across calls."""
        words = _SPACE.sub(" ", text)
        if words[:1] == " ":
            self._gap.space()
        if words.strip(" "):
            self._put(words.strip(" "))
            if words[-1] == " ":
                self._gap.space()

    def literal(self, text: str) -> None:
        """Write running text whose numbers are none of the source's references, such as code within a line."""
        start = self._length
        self.write(text)
        self._literal.append(Span(start=start, end=self._length))

    def verbatim(self, text: str) -> None:
        """Write text with its white space kept, as in ``pre``."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if self._start < 0:
            text = text.lstrip("\n")
        bare = text.rstrip()
        if bare:
            self._put(bare)
        self._gap.add(text[len(bare) :])

    def line_break(self) -> None:
        """Break the line within a block."""
        self._gap.line_break()

    def cell(self) -> None:
        """Go on to the next cell of a table row; an empty one keeps its place."""
        self._gap.cell()

    def raised(self, text: str, *, link: bool = False) -> None:
        """Write superscript text: a group of reference numbers is set apart by a space and marked as a marker.

        An exponent is written with superscript characters, so that 10 to the 3rd never reads as 103.

        :param text: the superscript's own text.
        :param link: whether it links to another place on the page, so that no number in it is an exponent.
        """
        bare = text.strip()
        joins = self._start >= 0 and not self._gap and bool(bare)
        if joins and is_between(bare) and self._after_marker():
            self.marker(bare, ())
            return
        before = "".join(self._pieces[-8:]) if joins else ""
        if numbers := reference_numbers(bare, before, link=link):
            self.marker(bare, numbers)
        else:
            self.write(power(bare) if is_power(bare, before) else text)

    def marker(self, text: str, numbers: Sequence[int]) -> None:
        """Write a group of the source's own reference numbers, apart from the word before it.

        :param text: the group as the page has it; it goes on with a group right before it.
        :param numbers: what it stands for.
        """
        joins = not self._gap and self._after_marker() and len(self._markers[-1].span) <= _LONGEST_GROUP
        if self._start >= 0 and not joins:
            self._gap.space()
        self._put(text)
        span = Span(start=self._length - len(text), end=self._length)
        if joins:
            last = self._markers.pop()
            span = Span(start=last.span.start, end=span.end)
            group = "".join(self._pieces[self._marked :])
            numbers = numbers_of(group[len(group) - len(span) :]) or (*last.numbers, *numbers)
        else:
            self._marked = len(self._pieces) - 1
        self._markers.append(Marker(span=span, numbers=tuple(numbers)))

    def _after_marker(self) -> bool:
        return self._start >= 0 and bool(self._markers) and self._markers[-1].span.end == self._length

    def markup(self, text: str) -> None:
        """Write what stands on the page and is not to be read, such as the hyphen of a broken word."""
        self._put(text)
        self._markup.append(Span(start=self._length - len(text), end=self._length))

    # --- the result -------------------------------------------------------------------------------

    def finish(self) -> tuple[str, Layout]:
        """Return the text and its layout."""
        self._end()
        if self._pieces:
            self._append("\n")
        self._turn(self._length)
        layout = Layout(
            headings=tuple(self._headings),
            drafts=tuple(self._drafts),
            markup=tuple(self._markup),
            markers=tuple(self._markers),
            code=(*(draft.span for draft in self._drafts if draft.kind == "code"), *self._literal),
            notes=tuple(self._notes),
            boilerplate=joined(self._boilerplate),
            pages=tuple(self._pages),
        )
        return "".join(self._pieces), layout

    # --- inside -----------------------------------------------------------------------------------

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)

    def _put(self, text: str) -> None:
        """Append visible text, with what has been waiting for it: the block's start, or white space."""
        if self._start < 0:
            self._begin()
            opening = self._start
            if self._kind == "table":
                self._append(self._gap.cells())
            self._gap.take()
        else:
            self._append(self._gap.take())
            opening = self._length
        self._turn(opening)
        self._append(text)

    def _turn(self, opening: int) -> None:
        """Let the pages that were announced start at an offset."""
        self._pages.extend([opening] * self._new_pages)
        self._new_pages = 0

    def _begin(self) -> None:
        """Start the block: the separator, and the bullet of an item whose first block it is."""
        item = self._items[-1] if self._items and self._items[-1].draft < 0 and self._kind != "table" else None
        kind: BlockKind = "item" if item else self._kind
        around = next((each.draft for each in reversed(self._items) if each.draft >= 0), -1)
        if self._drafts:
            close = kind in _CLOSE and (self._drafts[-1].kind == kind or (kind == "item" and around >= 0))
            self._append("\n" if close else "\n\n")
        self._start = self._length
        self._first = len(self._pieces)
        group = -1
        if item is not None:
            item.draft = len(self._drafts)
            group = self._groups if around < 0 else -1
            if item.bullet:
                self._append(f"{item.bullet} ")
                self._markup.append(Span(start=self._start, end=self._length - 1))
        parent = self._headers.parent(len(self._drafts)) if kind == "table" else around
        self._drafts.append(Draft(span=Span(start=self._start, end=self._start), kind=kind, group=group, parent=parent))

    def _end(self) -> None:
        """Close the block that is open, if there is one."""
        self._gap.take()
        if self._start < 0:
            return
        span = Span(start=self._start, end=self._length)
        draft = replace(self._drafts[-1], span=span)
        self._drafts[-1] = draft
        if draft.kind == "heading":
            title = " ".join(self._read(span).split())
            self._headings.append(Heading(span=span, title=title, level=self._level or 1))
        if self._hidden:
            self._boilerplate.append(Boilerplate(span=span, kind=self._hidden[0]))
        self._start = -1

    def _read(self, span: Span) -> str:
        """Return the last block's text without markup and markers."""
        gone = [*self._markup[-_MOST_MARKS:], *(marker.span for marker in self._markers[-_MOST_MARKS:])]
        inside = sorted((mark for mark in gone if span.contains(mark)), key=lambda mark: mark.start)
        moved = [Span(start=mark.start - span.start, end=mark.end - span.start) for mark in inside]
        return View("".join(self._pieces[self._first :]), moved).text
