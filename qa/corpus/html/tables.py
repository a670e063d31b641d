"""A table element -> whether it holds data or only lays out the page, and which of its rows name the columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from qa.corpus.grid import Cell, filled, names_rows, placed
from qa.corpus.html.tree import Element, attribute, name_of

_NEVER_IN_DATA = (
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "hr",
    "dl",
    "blockquote",
    "form",
    "article",
    "section",
    "figure",
)
_HEADING = re.compile(r"(?:^|[\s_-]|_20_)(?:t?head(?:er|ing)?|th)(?:$|[\s_-])")
_LONGEST_CELL = 1000
_NUMBER = re.compile(r"[0-9]{1,6}")
# The limits of browsers: https://html.spec.whatwg.org/multipage/tables.html#attributes-common-to-td-and-th-elements
_WIDEST, _TALLEST = 1000, 65534


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row: what stands in each column, and whether it names the columns, or the rows below it."""

    cells: tuple[Element | None, ...]
    is_header: bool
    is_group: bool


def rows_of(table: Element) -> dict[Element, Row] | None:
    """Read a table's rows, each cell in every row and column that it spans.

    :param table: the element.
    :returns: the rows, or None for a table that only lays out the page, or whose cells span out of all proportion.
    """
    if attribute(table, "role") in ("presentation", "none") or not _is_data(table):
        return None
    rows = list(_rows(table))
    cells = _placed(rows)
    grid = filled(cells) if cells is not None else None
    if cells is None or grid is None:
        return None
    named = _header_rows(rows, cells)
    last = len(rows) - 1
    return {
        row: Row(
            cells=grid.rows[place],
            is_header=row in named,
            is_group=row not in named
            and place in grid.whole
            and place < last
            and names_rows(_text(cells[place][0].key)),
        )
        for place, row in enumerate(rows)
    }


def _placed(rows: Sequence[Element]) -> list[list[Cell[Element]]] | None:
    """Place the cells of each group of rows, beyond which none reaches."""
    found: list[list[Cell[Element]]] = []
    for _, group in groupby(rows, key=lambda row: row.getparent()):
        cells = placed([[_measured(cell) for cell in cells_of(row)] for row in group])
        if cells is None:
            return None
        found += cells
    return found


def _measured(cell: Element) -> tuple[Element, int, int, int]:
    """Return a cell with the columns and rows it spans, and its length. A height of 0 goes on to the group's end."""
    width, height = (_whole(attribute(cell, name)) for name in ("colspan", "rowspan"))
    wide = 1 if width is None or not 1 <= width <= _WIDEST else width
    tall = 1 if height is None else min(height, _TALLEST) or _TALLEST
    return cell, wide, tall, len(_text(cell))


def _whole(text: str) -> int | None:
    found = _NUMBER.match(text)
    return int(found[0]) if found else None


def _text(cell: Element) -> str:
    return "".join(str(text) for text in cell.itertext())


def _header_rows(rows: Sequence[Element], cells: Sequence[Sequence[Cell[Element]]]) -> frozenset[Element]:
    """Return the rows that name the columns: a table's head, or its first row and those that its cells span."""
    named = [row for row in rows if _parent_name(row) == "thead"]
    if not named and all(_is_heading(cell) for cell in cells_of(rows[0])):
        count = max((cell.height for cell in cells[0]), default=1)
        if count == 1 and any(cell.width > 1 for cell in cells[0]) and all(map(_is_heading, cells_of(rows[1]))):
            count = 2
        named = list(rows[:count])
    return frozenset(named) if len(named) < len(rows) else frozenset()


def _is_heading(cell: Element) -> bool:
    """Tell whether a cell names its column: as such, by its style's name, or all in bold."""
    if name_of(cell) == "th":
        return True
    inner = cell[0] if len(cell) == 1 and not (cell.text or "").strip() else None
    if inner is not None and name_of(inner) in ("b", "strong"):
        return not (inner.tail or "").strip()
    return any(_HEADING.search(attribute(element, "class")) for element in (cell, inner) if element is not None)


def cells_of(row: Element) -> list[Element]:
    """Return the cells of a row."""
    return [cell for cell in row if name_of(cell) in ("td", "th")]


def _is_data(table: Element) -> bool:
    """Tell whether a table has rows of several short cells, none of which is laid out like a page."""
    inside = table.iter("table", *_NEVER_IN_DATA)
    if next((element for element in inside if element is not table), None) is not None:
        return False
    rows = [cells_of(row) for row in _rows(table)]
    cells = [cell for row in rows for cell in row]
    if max((len(row) for row in rows), default=0) < 2:  # noqa: PLR2004
        return False
    return all(sum(len(text) for text in cell.itertext()) <= _LONGEST_CELL for cell in cells)


def _rows(table: Element) -> Iterator[Element]:
    """Walk through the rows, those of the head first."""
    for part in table:
        if name_of(part) == "tr":
            yield part
        elif name_of(part) in ("thead", "tbody", "tfoot"):
            yield from (row for row in part if name_of(row) == "tr")


def _parent_name(row: Element) -> str:
    parent = row.getparent()
    return name_of(parent) if parent is not None else ""
