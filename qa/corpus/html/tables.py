"""A table element -> whether it holds data or only lays out the page, and which of its rows name the columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def header_rows(table: Element) -> frozenset[Element] | None:
    """Return the rows that name the columns, or None for a table that only lays out the page.

    :param table: the element.
    """
    if attribute(table, "role") in ("presentation", "none") or not _is_data(table):
        return None
    rows = list(_rows(table))
    named = [row for row in rows if _parent_name(row) == "thead"]
    if not named and all(_is_heading(cell) for cell in cells_of(rows[0])):
        named = rows[:1]
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
