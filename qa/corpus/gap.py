"""The white space that stands before what is written next."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Gap:
    """Collects white space; it is written only where something visible follows."""

    _text: str = ""
    _tabs: int = 0

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._tabs or self._text)

    def space(self) -> None:
        """Let a space stand there, unless something else does."""
        self._text = self._text or " "

    def add(self, text: str) -> None:
        """Add white space as it is."""
        self._text += text

    def line_break(self) -> None:
        """Let the line end there."""
        self._text, self._tabs = "\n", 0

    def cell(self) -> None:
        """Let another cell of a row start there; tabs stand in place of other white space."""
        self._tabs += 1

    def take(self) -> str:
        """Return what stands there, and start anew."""
        taken = self.cells() or self._text
        self._text, self._tabs = "", 0
        return taken

    def cells(self) -> str:
        """Return the tabs alone."""
        return "\t" * self._tabs
