"""The rows of a table, one after the other -> which row introduces each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Headers:
    """Keeps the index of the row that names the columns and of the one that names the rows below it, -1 for none."""

    columns: int = -1
    rows: int = -1
    is_header: bool = False
    is_group: bool = False

    def start(self, *, header: bool = False, group: bool = False) -> None:
        """Say what the next row is; without an argument, that what starts is no such row."""
        self.is_header, self.is_group = header, group

    def end(self) -> None:
        """End the table."""
        self.columns = self.rows = -1

    def parent(self, place: int) -> int:
        """Return the index of the row that introduces the one at an index, and remember that one if it names others."""
        if self.is_header:
            parent = self.columns if self.columns == place - 1 else -1
            self.columns, self.rows = place, -1
        elif self.is_group:
            parent, self.rows = self.columns, place
        else:
            parent = self.columns if self.rows < 0 else self.rows
        return parent
