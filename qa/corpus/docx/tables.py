"""A table of a Word document -> its rows and cells, and whether it is a table at all or only lays out the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.corpus.docx.pieces import is_placeholder
from qa.corpus.docx.styles import Styles
from qa.corpus.docx.xml import Element, W, children, chosen, flag, hexadecimal, integer, is_on, value
from qa.corpus.grid import Cell, filled, names_rows

_FIRST_ROW = 0x20
_LONGEST_CELL = 1500
_WIDEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row: what stands in each column, and whether it names the columns, or the rows below it."""

    cells: tuple[Element | None, ...]
    is_header: bool
    is_group: bool


@dataclass(slots=True, kw_only=True)
class _Cell:
    """A cell: the columns and rows it spans, as far as they have been read."""

    element: Element
    column: int
    width: int
    height: int = 1


def rows_of(table: Element, styles: Styles) -> tuple[Row, ...] | None:
    """Read a table's rows, deleted ones left out, each cell in every row and column that it spans.

    :param table: a ``w:tbl``.
    :param styles: the document's, to know a heading.
    :returns: the rows, or None where the table only lays out the page, or its cells span out of all proportion.
    """
    rows = [row for row in _inside(table, "w:tr") if not _is_deleted_row(row)]
    written = [(row, own) for row, own in zip(rows, _placed(rows), strict=True) if own is not None]
    rows, cells = [row for row, _ in written], [own for _, own in written]
    grid = None if _is_layout(cells, styles) else filled([[_measured(cell) for cell in row] for row in cells])
    if grid is None:
        return None
    count = _header_count(table, rows, cells)
    last = len(rows) - 1
    return tuple(
        Row(
            cells=grid.rows[place],
            is_header=place < count or _is_header(row),
            is_group=place in grid.whole and count <= place < last and names_rows(_text(cells[place][0].element)),
        )
        for place, row in enumerate(rows)
    )


def cells_of(table: Element) -> Iterator[Element]:
    """Walk through the cells of a table that are not merged with another."""
    rows = _placed([row for row in _inside(table, "w:tr") if not _is_deleted_row(row)])
    return (cell.element for row in rows if row is not None for cell in row)


def _placed(rows: Sequence[Element]) -> list[list[_Cell] | None]:
    """Find the cells that start in each row; those that go on with another make it wider or taller. None for no row."""
    placed: list[list[_Cell] | None] = []
    above: dict[int, _Cell] = {}
    for row in rows:
        column = integer(value(row.find(f"{W}trPr"), "gridBefore")) or 0
        own: list[_Cell] = []
        open_cells: dict[int, _Cell] = {}
        elements = list(_inside(row, "w:tc"))
        for element in elements:
            properties = element.find(f"{W}tcPr")
            width = min(max(1, integer(value(properties, "gridSpan")) or 1), _WIDEST)
            if own and _goes_on(properties, "hMerge"):
                own[-1].width += width
            elif _goes_on(properties, "vMerge") and column in above:
                above[column].height += 1
                open_cells[column] = above[column]
            elif not _goes_on(properties, "vMerge"):
                own.append(_Cell(element=element, column=column, width=width))
                open_cells[column] = own[-1]
            column += width
        above = open_cells
        placed.append(own if elements else None)
    return placed


def _measured(cell: _Cell) -> Cell[Element]:
    letters = len(_text(cell.element))
    return Cell(key=cell.element, column=cell.column, width=cell.width, height=cell.height, letters=letters)


def _header_count(table: Element, rows: Sequence[Element], cells: Sequence[Sequence[_Cell]]) -> int:
    """Return how many rows at a table's start name its columns: a marked one, and those that its cells reach over."""
    if len(rows) < 2 or not (_is_header(rows[0]) or (_marks_first_row(table) and not _has_figures(cells[0]))):  # noqa: PLR2004
        return 0
    count = max((cell.height for cell in cells[0]), default=1)
    if count == 1 and len(rows) > 2 and any(cell.width > 1 for cell in cells[0]) and not _has_figures(cells[1]):  # noqa: PLR2004
        count = 2 if not _is_header(rows[0]) else 1
    return count if count < len(rows) else 1


def _text(cell: Element) -> str:
    return "".join(each.text or "" for each in cell.iter(f"{W}t"))


def _is_layout(rows: Sequence[Sequence[_Cell]], styles: Styles) -> bool:
    """Tell whether a table only lays out the page: one cell, or cells that hold tables, headings or long prose."""
    cells = [cell.element for row in rows for cell in row]
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


def _goes_on(properties: Element | None, merge: str) -> bool:
    """Tell whether a cell is merged with that above it (``vMerge``) or to its left (``hMerge``)."""
    found = properties.find(W + merge) if properties is not None else None
    return found is not None and found.get(f"{W}val", "continue") == "continue"


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


def _has_figures(cells: Sequence[_Cell]) -> bool:
    """Tell whether a cell after the first starts with a digit, as data does: the look is every new table's."""
    return any(_text(cell.element)[:1].isdigit() for cell in cells[1:])
