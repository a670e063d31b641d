"""Paragraphs that each say how far in they stand -> nested lists."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field

from qa.corpus.composer import Composer

_TOLERANCE = 60  # twips, a millimetre


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an item stands: its list, its level there from 0, and how far in, in twips."""

    list_id: str
    level: int
    indent: int


@dataclass(slots=True, kw_only=True)
class _Open:
    """A list that is open, the place of its items, and its open item."""

    place: Place
    is_bulleted: bool
    list: ExitStack = field(default_factory=ExitStack)
    item: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """Close the item and the list."""
        self.item.close()
        self.list.close()


@dataclass(slots=True)
class Lists:
    """Keeps the lists that are open, outermost first."""

    composer: Composer
    _open: list[_Open] = field(default_factory=list)

    def item(self, place: Place, bullet: str, *, starts: bool) -> None:
        """Open an item: in the list that is open at its place, or in a new one.

        :param place: where it stands.
        :param bullet: what is seen before it.
        :param starts: whether a numbered list counts anew with it.
        """
        while self._open and _is_deeper(self._open[-1].place, place):
            self._open.pop().close()
        last = self._open[-1] if self._open else None
        bulleted = bullet == "-"
        sibling = last is not None and not _is_deeper(place, last.place)
        if last is not None and sibling:
            last.item.close()
            if bulleted != last.is_bulleted or (starts and not bulleted):
                self._open.pop().close()
                sibling = False
        if not sibling:
            last = _Open(place=place, is_bulleted=bulleted)
            last.list.enter_context(self.composer.list())
            self._open.append(last)
        self._open[-1].item.enter_context(self.composer.item(bullet))

    def go_on(self, indent: int | None) -> None:
        """Close what a paragraph without a bullet does not belong to: it goes on with an item as far in as itself.

        :param indent: the paragraph's, in twips; None where nothing is said.
        """
        while self._open and not 0 < self._open[-1].place.indent <= (indent or 0) + _TOLERANCE:
            self._open.pop().close()

    def close(self) -> None:
        """Close all lists."""
        while self._open:
            self._open.pop().close()


def _is_deeper(place: Place, other: Place) -> bool:
    """Tell whether one place is within another: by the levels of one list, else by how far in they stand."""
    if place.list_id == other.list_id:
        return place.level > other.level
    return place.indent > other.indent + _TOLERANCE
