"""The body of a Word document -> the composer: paragraphs, headings, lists, tables and text boxes in their order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qa.corpus.composer import Composer
from qa.corpus.docx.lists import Lists, Place
from qa.corpus.docx.numbering import Counter, Label
from qa.corpus.docx.pieces import Inline, Piece, is_placeholder, text_of
from qa.corpus.docx.styles import Shape, Styles, indent_of
from qa.corpus.docx.tables import Row, cells_of, paragraphs_of, rows_of
from qa.corpus.docx.writing import write, write_code
from qa.corpus.docx.xml import Element, W, children, chosen, value
from qa.corpus.references import entry, is_bibliography_heading
from qa.types import Reference

_LONGEST_HEADING = 200
_SKIPPED = frozenset(["w:del", "w:moveFrom", "w:sectPr", "w:sdtPr", "w:sdtEndPr"])
# Whoever types a bullet sets it apart by a tab; a sign that is nothing else may stand before a space.
_TYPED_BULLET = re.compile(r"[•▪●◦‣○■□➢✓·*–—-]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]|\[\d{1,3}\]")
_BULLET_SIGN = re.compile(r"\s*([•▪●◦‣○■➢])\s+(?=\S)")
_ORDINAL = re.compile(r"[\[(]?(\d{1,3})[\])]?[.:]?\s+(?=\S)")


class UnreadPart(Exception):
    """A stretch of the document is kept in another format inside the file."""


@dataclass(slots=True)
class _Contents:
    """What a table's cell holds: the bullet and the pieces of each paragraph, and its text boxes."""

    lines: list[tuple[str, Sequence[Piece]]] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Body:
    """Walks once through the body.

    ``heads`` are the levels of the paragraphs that are headings by their looks alone; ``references`` are entries whose
    addresses only their links tell.
    """

    composer: Composer
    styles: Styles
    counter: Counter
    inline: Inline
    heads: Mapping[Element, int]
    lists: Lists
    title: str | None = None
    references: list[Reference] = field(default_factory=list)
    _carried: tuple[Piece, ...] = ()
    _lists_sources: bool = False

    def read(self, body: Element) -> None:
        """Read it all.

        :param body: the ``w:body``.
        :raises UnreadPart: when a stretch of it cannot be read.
        """
        self._blocks(body)
        self.lists.close()
        self.composer.block()
        write(self.composer, self._carried)

    def _blocks(self, parent: Element) -> None:
        for tag, child in children(parent):
            if tag == "w:p":
                self._paragraph(child)
            elif tag == "w:tbl":
                self._table(child)
            elif tag == "w:sdt":
                self._control(child)
            elif tag == "w:altChunk":
                raise UnreadPart
            elif tag == "mc:AlternateContent":
                rendering = chosen(child)
                if rendering is not None:
                    self._blocks(rendering)
            elif tag not in _SKIPPED:
                self._blocks(child)

    def _control(self, control: Element) -> None:
        """Read a content control: a table of contents is no part of the text, nor is what is to be filled in."""
        properties = control.find(f"{W}sdtPr")
        part = properties.find(f"{W}docPartObj") if properties is not None else None
        if value(part, "docPartGallery") == "Table of Contents":
            self.lists.close()
            with self.composer.hidden("navigation"):
                self._blocks(control)
        elif not is_placeholder(control):
            self._blocks(control)

    # --- paragraphs -------------------------------------------------------------------------------

    def _paragraph(self, element: Element) -> None:
        properties = element.find(f"{W}pPr")
        shape = self.styles.shape(properties)
        line = self.inline.read(element, shape.style)
        pieces = (*self._carried, *line.pieces)
        self._carried = pieces if _joins_next(properties) else ()
        if not self._carried:
            label = self._label(shape)
            if text_of(pieces):
                self._place(element, shape, label, pieces, is_listing=line.is_listing or shape.is_listing)
        for box in line.boxes:
            self.lists.close()
            with self.inline.apart():
                self._blocks(box)

    def _label(self, shape: Shape) -> Label | None:
        """Count a paragraph that is in a list."""
        if shape.numbering is None:
            return None
        return self.counter.label(shape.numbering.list_id, shape.numbering.level, shape.style)

    def _place(
        self, element: Element, shape: Shape, label: Label | None, pieces: Sequence[Piece], *, is_listing: bool
    ) -> None:
        """Write a paragraph as what it is."""
        text = text_of(pieces)
        level = shape.level or self.heads.get(element, 0)
        if is_listing:
            self.lists.close()
            with self.composer.hidden("navigation"):
                write(self.composer, pieces)
        elif level and len(text) <= _LONGEST_HEADING:
            self._heading(level, label, pieces)
            self.title = self.title or (text if shape.is_title or self.heads.get(element) == 1 else None)
        elif label is not None and label.text:
            self._item(element, shape, label, pieces)
        elif label is None and (typed := _typed_label(shape, pieces)):
            self._item(element, shape, *typed)
        else:
            self._plain(shape, label, pieces)

    def _heading(self, level: int, label: Label | None, pieces: Sequence[Piece]) -> None:
        self.lists.close()
        self.composer.block("heading", level=level)
        if label is not None and label.text != "-":
            self.composer.write(f"{label.text} ")
        write(self.composer, pieces)
        self._lists_sources = is_bibliography_heading(text_of(pieces))

    def _item(self, element: Element, shape: Shape, label: Label, pieces: Sequence[Piece]) -> None:
        own = indent_of(element.find(f"{W}pPr"))
        indent = next((each for each in (own, label.indent, shape.indent) if each is not None), 0)
        list_id = shape.numbering.list_id if shape.numbering else ""
        place = Place(list_id=list_id, level=label.level, indent=indent)
        self.lists.item(place, label.text, starts=label.starts)
        write(self.composer, pieces)
        self._source(label.text, pieces)

    def _plain(self, shape: Shape, label: Label | None, pieces: Sequence[Piece]) -> None:
        """Write a paragraph, which may go on with an open item."""
        self.lists.go_on(shape.indent if label is None or shape.indent is not None else label.indent)
        self.composer.block("code" if shape.is_code else "paragraph")
        (write_code if shape.is_code else write)(self.composer, pieces)
        self._source("", pieces)

    def _source(self, bullet: str, pieces: Sequence[Piece]) -> None:
        """Note an entry of the bibliography whose address stands in a link and not in the text."""
        text = text_of(pieces)
        address = next((piece.address for piece in pieces if piece.address.startswith("http")), None)
        if not self._lists_sources or address is None or "http" in text:
            return
        whole = f"{bullet} {text}".lstrip()
        ordinal = _ORDINAL.match(whole)
        if ordinal is not None:
            self.references.append(entry(int(ordinal[1]), f"{whole[ordinal.end() :]} {address}"))

    # --- tables -----------------------------------------------------------------------------------

    def _table(self, table: Element) -> None:
        self.lists.close()
        rows = rows_of(table, self.styles)
        if rows is None:
            for cell in cells_of(table):
                self._blocks(cell)
                self.lists.close()
            return
        contents: dict[Element, _Contents] = {}
        for row in rows:
            self._row(row, contents)
        self.composer.table_end()

    def _row(self, row: Row, contents: dict[Element, _Contents]) -> None:
        """Write a row, unless nothing but cells that reach into it says something.

        :param contents: of the cells that have been read; those of the row are added.
        """
        own = [cell for cell in dict.fromkeys(row.cells) if cell is not None and cell not in contents]
        contents.update((cell, self._read_cell(cell)) for cell in own)
        if any(contents[cell].lines for cell in own):
            self.composer.row(header=row.is_header, group=row.is_group)
            for place, cell in enumerate(row.cells):
                if place:
                    self.composer.cell()
                if cell is not None:
                    self._write_cell(contents[cell])
        for box in (box for cell in own for box in contents[cell].boxes):
            with self.inline.apart():
                self._blocks(box)

    def _read_cell(self, cell: Element) -> _Contents:
        """Read a cell: its paragraphs, each with its bullet, and the text boxes that hang on it."""
        contents = _Contents()
        for element in paragraphs_of(cell):
            shape = self.styles.shape(element.find(f"{W}pPr"))
            line = self.inline.read(element, shape.style)
            label = self._label(shape)
            contents.boxes.extend(line.boxes)
            if line.text:
                contents.lines.append((label.text if label is not None else "", line.pieces))
        return contents

    def _write_cell(self, contents: _Contents) -> None:
        """Write a cell, one paragraph a line."""
        for place, (label, pieces) in enumerate(contents.lines):
            if place:
                self.composer.line_break()
            if label:
                self.composer.markup(label)
                self.composer.write(" ")
            write(self.composer, pieces, in_row=True)


def _typed_label(shape: Shape, pieces: Sequence[Piece]) -> tuple[Label, Sequence[Piece]] | None:
    """Return the bullet that someone typed before a paragraph, and the pieces after it."""
    first = pieces[0]
    bullet = _TYPED_BULLET.fullmatch(first.text.strip()) if first.kind == "text" else None
    if bullet is not None and len(pieces) > 1 and pieces[1].kind == "tab":
        rest = pieces[2:]
    elif first.kind == "text" and (bullet := _BULLET_SIGN.match(first.text)) is not None:
        rest = (replace(first, text=first.text[bullet.end() :]), *pieces[1:])
    else:
        return None
    text = bullet[bullet.lastindex or 0]
    digits = re.sub(r"\D", "", text)
    shown = text if any(character.isalnum() for character in text) else "-"
    return Label(text=shown, level=0, indent=shape.indent, starts=digits == "1"), rest


def _joins_next(properties: Element | None) -> bool:
    """Tell whether a paragraph runs into the next one: its end was deleted, or it is a large initial."""
    if properties is None:
        return False
    mark, frame = properties.find(f"{W}rPr"), properties.find(f"{W}framePr")
    deleted = mark is not None and any(mark.find(W + name) is not None for name in ("del", "moveFrom"))
    return deleted or (frame is not None and frame.get(f"{W}dropCap", "none") != "none")
