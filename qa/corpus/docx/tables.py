"""A table of a Word document -> its rows and cells, and whether it is a table at all or only lays out the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa.corpus.docx.pieces import is_placeholder
from qa.corpus.docx.styles import Styles
from qa.corpus.docx.xml import Element, W, children, chosen, flag, hexadecimal, is_on, value

_FIRST_ROW = 0x20
_LONGEST_CELL = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row: its cells, None where one is merged with that above, and whether it names the columns."""

    cells: tuple[Element | None, ...]
    is_header: bool


def rows_of(table: Element) -> tuple[Row, ...]:
    """Read a table's rows, deleted ones left out.

    :param table: a ``w:tbl``.
    """
    rows = [row for row in _inside(table, "w:tr") if not _is_deleted_row(row)]
    marked = len(rows) > 1 and _marks_first_row(table)
    return tuple(
        Row(cells=cells, is_header=_is_header(row) or (place == 0 and marked and not _has_figures(cells)))
        for place, row in enumerate(rows)
        if (cells := tuple(None if _goes_on(cell) else cell for cell in _inside(row, "w:tc")))
    )


def is_layout(rows: tuple[Row, ...], styles: Styles) -> bool:
    """Tell whether a table only lays out the page: one cell, or cells that hold tables, headings or long prose.

    :param rows: the table's.
    :param styles: the document's, to know a heading.
    """
    cells = [cell for row in rows for cell in row.cells if cell is not None]
    return len(cells) == 1 or any(_is_page(cell, styles) for cell in cells)


def paragraphs_of(element: Element) -> Iterator[Element]:
    """Walk through the paragraphs of a cell or of a note."""
    return _inside(element, "w:p")


def _is_page(cell: Element, styles: Styles) -> bool:
    if next(cell.iter(f"{W}tbl"), None) is not None:
        return True
    if any(styles.shape(each.find(f"{W}pPr")).level for each in paragraphs_of(cell)):
        return True
    return sum(len(each.text or "") for each in cell.iter(f"{W}t")) > _LONGEST_CELL


def _inside(element: Element, wanted: str) -> Iterator[Element]:
    """Find the elements of one tag, also in content controls and the like, but not in one another."""
    for tag, child in children(element):
        if tag == wanted:
            yield child
        elif tag == "mc:AlternateContent":
            rendering = chosen(child)
            if rendering is not None:
                yield from _inside(rendering, wanted)
        elif tag not in ("w:del", "w:moveFrom") and not (tag == "w:sdt" and is_placeholder(child)):
            yield from _inside(child, wanted)


def _is_deleted_row(row: Element) -> bool:
    properties = row.find(f"{W}trPr")
    return properties is not None and properties.find(f"{W}del") is not None


def _goes_on(cell: Element) -> bool:
    """Tell whether a cell is merged with that above it or to its left."""
    properties = cell.find(f"{W}tcPr")
    if properties is None:
        return False
    merged = [found for name in ("vMerge", "hMerge") if (found := properties.find(W + name)) is not None]
    return any(found.get(f"{W}val", "continue") == "continue" for found in merged)


def _is_header(row: Element) -> bool:
    return bool(flag(row.find(f"{W}trPr"), "tblHeader"))


def _marks_first_row(table: Element) -> bool:
    """Tell whether the table's look sets its first row apart."""
    properties = table.find(f"{W}tblPr")
    look = properties.find(f"{W}tblLook") if properties is not None else None
    if look is None:
        return False
    told = look.get(f"{W}firstRow")
    return is_on(told) if told is not None else bool(hexadecimal(value(properties, "tblLook")) & _FIRST_ROW)


def _has_figures(cells: tuple[Element | None, ...]) -> bool:
    """Tell whether a cell after the first starts with a digit, as data does: the look is every new table's."""
    starts = (
        next((each.text for each in cell.iter(f"{W}t") if each.text), "") for cell in cells[1:] if cell is not None
    )
    return any(start[:1].isdigit() for start in starts if start)
