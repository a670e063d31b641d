"""The lines of a document -> the tables in it: rows of cells that stand below each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from qa.corpus.pdf.shapes import Line, Row

_MARK = re.compile(r"[•‣◦▪●■□◆➢✓·∙\ufffd–—*-]|\(?[\dA-Za-z]{1,3}[.)]|\[\d{1,3}\]|\d{1,2}(?:\.\d{1,2})*\.?|[*†‡]")
_LEADERS = re.compile(r"(?:\.\s?){5,}")
_FEWEST = 2
_PAIR = 2
_MOST_GAP = 3.5


@dataclass(slots=True, kw_only=True)
class Table:
    """A table: how many lines it takes; each row with its lines and with the parts of each of its cells."""

    length: int
    rows: list[tuple[list[Line], list[list[Row]]]] = field(default_factory=list)

    @property
    def has_header(self) -> bool:
        """Tell whether the first row names the columns."""
        if len(self.rows) < _FEWEST:
            return False
        first, *rest = [lines[0] for lines, _ in self.rows]
        if first.bold and not all(line.bold for line in rest):
            return True
        digits = [any(map(str.isdigit, line.text)) for line in rest]
        return not any(map(str.isdigit, first.text)) and sum(digits) >= 0.6 * len(digits)


def table_rows(lines: Sequence[Line]) -> dict[int, Table]:
    """Find the tables, by the index of each one's first line.

    :param lines: of the document, in reading order.
    """
    found: dict[int, Table] = {}
    place = 0
    while place < len(lines):
        table = _table(lines, place) if len(_cells(lines[place])) > 1 else None
        if table is not None:
            found[place] = table
        place += table.length if table else 1
    return found


def _cells(line: Line) -> tuple[Row, ...]:
    """Return a line's cells; what a list item or a section starts with is none."""
    cells = line.cells
    if len(cells) > 1 and ((_MARK.fullmatch(cells[0].text) and len(cells) == _PAIR) or _LEADERS.search(line.text)):
        return ()
    return cells


def _table(lines: Sequence[Line], first: int) -> Table | None:
    """Read the table that starts at a line, if one does."""
    table = Table(length=0)
    columns = list(_cells(lines[first]))
    for place in range(first, len(lines)):
        line = lines[place]
        before = lines[place - 1]
        near = place == first or (
            line.column is before.column and 0 < line.baseline - before.baseline < _MOST_GAP * line.size
        )
        cells = _cells(line)
        if not near:
            break
        if len(cells) > 1 and (place == first or _aligned(columns, cells)):
            table.rows.append(([line], [[cell] for cell in cells]))
            columns = list(cells) if len(cells) >= len(columns) else columns
        elif len(cells) == 1 and _continues(table, columns, line, lines[place + 1 : place + 2]):
            table.rows[-1][0].append(line)
            _put(table.rows[-1][1], cells[0])
        else:
            break
        table.length += 1
    if len(table.rows) < _FEWEST:
        return None
    _recut(table, columns)
    return table


def _aligned(columns: Sequence[Row], cells: Sequence[Row]) -> bool:
    """Tell whether the cells stand below the columns: most of them below exactly one."""
    hits = 0
    for cell in cells:
        below = [column for column in columns if cell.left < column.right and column.left < cell.right]
        hits += len(below) == 1
    return hits >= max(2, 0.6 * len(cells))


def _recut(table: Table, columns: Sequence[Row]) -> None:
    """Cut cells that reach below several columns at the widest gap between those columns' middles."""
    middles = [(column.left + column.right) / 2 for column in columns]
    for number, (lines, cells) in enumerate(table.rows):
        if len(cells) < len(columns) and len(lines) == 1:
            parts = [part for cell in cells for part in _cut(cell[0], middles)]
            table.rows[number] = (lines, [[part] for part in parts])


def _cut(cell: Row, middles: Sequence[float]) -> list[Row]:
    inside = [middle for middle in middles if cell.left < middle < cell.right]
    cuts = set()
    for left, right in pairwise(inside):
        gaps = [
            (after.left - before.right, place)
            for place, (before, after) in enumerate(pairwise(cell.pieces), start=1)
            if after.spaced and left < before.right and after.left < right
        ]
        if gaps:
            cuts.add(max(gaps)[1])
    places = [0, *sorted(cuts), len(cell.pieces)]
    return [Row(cell.pieces[start:end]) for start, end in pairwise(places)]


def _continues(table: Table, columns: Sequence[Row], line: Line, after: Sequence[Line]) -> bool:
    """Tell whether a line goes on with a cell of the row before it: not with its first one, unless more rows follow."""
    if not table.rows or line.baseline - table.rows[-1][0][-1].baseline > 1.6 * line.size:
        return False
    below = [number for number, column in enumerate(columns) if line.left < column.right and column.left < line.right]
    if len(below) != 1:
        return False
    return below[0] > 0 or bool(
        after
        and len(_cells(after[0])) > 1
        and line.width < 0.5 * (line.column.right - line.column.left)
        and line.text[:1].islower()
    )


def _put(cells: list[list[Row]], part: Row) -> None:
    """Add a part to the cell that it stands below."""
    target = min(cells, key=lambda cell: abs(cell[0].left - part.left))
    target.append(part)
