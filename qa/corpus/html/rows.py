"""The row of a table that the walk is in: its cells' text, and what of the rows above reaches into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from qa.corpus.composer import Composer
from qa.corpus.html.inline import Run, has_text, write_runs
from qa.corpus.html.tables import Row
from qa.corpus.html.tree import Element


@dataclass(slots=True)
class OpenRow:
    """Takes up a row's text, and writes it when the row ends: a cell that spans several rows is written in each."""

    row: Row | None = None
    _cell: Element | None = None
    _own: list[Element] = field(default_factory=list)
    _contents: dict[Element | None, list[Run]] = field(default_factory=dict)

    def start(self, row: Row) -> None:
        """Open a row."""
        self.row, self._cell, self._own = row, None, []

    def cell(self, element: Element) -> None:
        """Open a cell of the row."""
        self._cell = element
        self._own.append(element)

    def take(self, runs: Sequence[Run]) -> None:
        """Take up text of the cell that is open."""
        self._contents.setdefault(self._cell, []).extend(runs)

    def write(self, composer: Composer) -> None:
        """End the row, and write it if any cell of its own says something."""
        row, self.row = self.row, None
        stray = self._contents.pop(None, [])
        own = [self._contents.get(cell, []) for cell in self._own]
        if row is None or not any(map(has_text, (stray, *own))):
            return
        composer.row(header=row.is_header, group=row.is_group)
        write_runs(stray, composer)
        known = set(row.cells)
        for place, cell in enumerate((*row.cells, *(cell for cell in self._own if cell not in known))):
            if place:
                composer.cell()
            write_runs(self._contents.get(cell, []) if cell is not None else [], composer)

    def end_table(self) -> None:
        """Forget the cells of a table."""
        self._contents.clear()
