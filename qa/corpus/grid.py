"""The cells of a table, and how many rows and columns each spans -> the value of each row in each column.

A row is quoted by itself, under the row that names its columns. So a cell that spans several rows or columns stands in
each of them: then the second dose of a drug comes with the drug, and each value stands below its own heading.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
_LONGEST_VALUE = 200  # what is longer is a remark: it stands once, and its place in the other rows and columns is empty
_MOST_TIMES = 8  # as much text as the table's own may be written again
_FREE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell(Generic[K]):
    """A cell: where it starts, how far it reaches, and how many characters it holds."""

    key: K
    column: int
    width: int
    height: int
    letters: int

    @property
    def times(self) -> int:
        """Return in how many places it is written: a remark once."""
        return self.width * self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid(Generic[K]):
    """What stands in each row, a key for each column, None for an empty place; and the rows that one cell fills."""

    rows: tuple[tuple[K | None, ...], ...]
    whole: frozenset[int]


def placed(rows: Sequence[Sequence[tuple[K, int, int, int]]]) -> list[list[Cell[K]]] | None:
    """Find the column that each cell starts in: the first that no cell of a row above reaches into.

    :param rows: of one group, as a cell ends with its group: the key, width, height and letters of each cell.
    :returns: the cells of each row, or None where the spans are out of all proportion to the cells.
    """
    found: list[list[Cell[K]]] = []
    above: list[tuple[int, int, int]] = []  # where a cell starts and ends, and the last row it reaches into
    left = _budget(sum(map(len, rows)))
    for number, row in enumerate(rows):
        above = [span for span in above if span[2] >= number]
        left -= len(above)
        if left < 0:
            return None
        cells: list[Cell[K]] = []
        spans, column, at = sorted(above), 0, 0
        for key, width, height, letters in row:
            while at < len(spans) and spans[at][0] <= column:
                column = max(column, spans[at][1])
                at += 1
            tall = min(height, len(rows) - number)
            cells.append(Cell(key=key, column=column, width=width, height=tall, letters=letters))
            if tall > 1:
                above.append((column, column + width, number + tall - 1))
            column += width
        found.append(cells)
    return found


def filled(rows: Sequence[Sequence[Cell[K]]]) -> Grid[K] | None:
    """Fill the places that cells span. Columns in which no cell starts are none.

    :param rows: the cells that start in each row.
    :returns: the grid, or None where it would be out of all proportion to the cells.
    """
    starts = sorted({cell.column for row in rows for cell in row})
    cells = [(number, _narrowed(cell, starts)) for number, row in enumerate(rows) for cell in row]
    cost = sum((cell.times - 1) * (1 + cell.letters * (cell.letters <= _LONGEST_VALUE)) for _, cell in cells)
    budget = _budget(sum(1 + cell.letters for _, cell in cells))
    places: list[dict[int, K | None]] = [{} for _ in rows]
    if cost > budget:
        return None
    for number, cell in cells:
        for down in range(min(cell.height, len(rows) - number)):
            for column in range(cell.column, cell.column + cell.width):
                first = down == 0 and column == cell.column
                key = cell.key if first or cell.letters <= _LONGEST_VALUE else None
                places[number + down].setdefault(column, key)
    if sum(max(row, default=0) for row in places) > budget:
        return None
    whole = {number for number, cell in cells if cell.width == len(starts) > 1 and len(places[number]) == len(starts)}
    listed = [
        tuple(row.get(column) for column in range(1 if number in whole else max(row, default=-1) + 1))
        for number, row in enumerate(places)
    ]
    return Grid(rows=tuple(listed), whole=frozenset(whole))


def names_rows(text: str) -> bool:
    """Tell whether the text of a cell that fills its row names the rows below: it is short, and no sentence."""
    bare = text.strip()
    return 0 < len(bare) <= _LONGEST_VALUE and bare[-1] not in ".!?;"


def _budget(size: int) -> int:
    return _FREE + _MOST_TIMES * size


def _narrowed(cell: Cell[K], starts: Sequence[int]) -> Cell[K]:
    """Count a cell's place and width in the columns that there are."""
    column = bisect_left(starts, cell.column)
    width = max(1, bisect_left(starts, cell.column + cell.width) - column)
    return Cell(key=cell.key, column=column, width=width, height=cell.height, letters=cell.letters)
