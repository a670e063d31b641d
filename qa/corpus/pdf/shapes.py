"""The shapes on a page, from glyphs to lines: x grows to the right and y downwards from the page's upper left, in points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

_ASCENT = 0.8
_DESCENT = 0.2


class Glyph(NamedTuple):
    """A character and where it stands; a tuple, since a page has thousands of them.

    ``spaced`` tells that the file has a space before it.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float
    bold: bool
    mono: bool
    spaced: bool


class Piece(NamedTuple):
    """A word, or the part of a word that has one style; ``spaced`` tells that a space stands before it."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    bold: bool
    mono: bool
    spaced: bool
    raised: bool = False


class Dot(NamedTuple):
    """Something drawn that may be a bullet: its left and right edge, and the height of its middle."""

    left: float
    right: float
    middle: float


class Row:
    """Pieces beside each other, from left to right."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        """Measure the pieces, of which there is at least one."""
        self.pieces = pieces
        self.left = pieces[0].left
        self.right = max(piece.right for piece in pieces)
        sizes: Counter[float] = Counter()
        for piece in pieces:
            sizes[piece.size] += 0 if piece.raised else len(piece.text)
        self.size = max(sizes, key=lambda size: (sizes[size], size))
        self.baseline = next(piece.baseline for piece in pieces if piece.size == self.size)

    @property
    def top(self) -> float:
        """Return where its letters start."""
        return self.baseline - _ASCENT * self.size

    @property
    def bottom(self) -> float:
        """Return where its letters end."""
        return self.baseline + _DESCENT * self.size

    @property
    def width(self) -> float:
        """Return how wide it is."""
        return self.right - self.left

    @cached_property
    def widest(self) -> float:
        """Return the width of its widest piece."""
        return max(piece.right - piece.left for piece in self.pieces)

    @cached_property
    def text(self) -> str:
        """Return its words, apart by spaces."""
        return text_of(self.pieces)


class Line(Row):
    """A row of one column: where it is in the document, and its cells where wide gaps split it."""

    def __init__(self, pieces: Sequence[Piece], *, page: int, column: Column) -> None:
        """Measure the pieces, of which there is at least one."""
        super().__init__(pieces)
        self.page = page
        self.column = column

    @cached_property
    def bold(self) -> bool:
        """Tell whether all its letters are bold."""
        return all(piece.bold for piece in self.pieces if any(map(str.isalpha, piece.text)))

    @cached_property
    def mono(self) -> bool:
        """Tell whether it is set in a typewriter's letters."""
        return all(piece.mono for piece in self.pieces)

    @cached_property
    def cells(self) -> tuple[Row, ...]:
        """Return its parts between gaps too wide to be between words."""
        return tuple(Row(cell) for cell in split(self.pieces, 1.4))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """A stretch of a page that is read from top to bottom: its edges, and its order in the document."""

    left: float
    right: float
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page: its characters in the file's order.

    ``turned`` is the text that runs in another direction than most; ``garbled`` counts the characters that stand for
    no known letter; ``dots`` are drawn, not written.
    """

    number: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    turned: str
    garbled: int
    images: int
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """An entry of the file's outline: its page from 1, and its depth from 0."""

    title: str
    page: int
    depth: int


def text_of(pieces: Iterable[Piece]) -> str:
    """Return the text of pieces, with the spaces between words.

    :param pieces: from left to right.
    """
    return "".join(f" {piece.text}" if piece.spaced else piece.text for piece in pieces).strip()


def split(pieces: Sequence[Piece], most: float) -> list[list[Piece]]:
    """Split pieces at wide gaps.

    :param pieces: from left to right, at least one.
    :param most: the widest gap, in the size of the letters, that splits nothing.
    """
    parts = [[pieces[0]]]
    right = pieces[0].right
    for piece in pieces[1:]:
        if piece.left - right > most * max(piece.size, parts[-1][-1].size):
            parts.append([])
        parts[-1].append(piece)
        right = max(right, piece.right)
    return parts


def quantile(values: Iterable[float], share: float) -> float:
    """Return the value below which a share of the values lies; 0 of none.

    :param values: in any order.
    :param share: from 0 to 1.
    """
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
