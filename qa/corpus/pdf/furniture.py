"""The rows of all pages -> which of them are running heads and feet, and page numbers.

Such rows stand outermost, at the same height on several pages, and say the same there but for numbers that count with
the pages. What merely occurs twice does neither.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.corpus.pdf.shapes import Row, quantile
from qa.corpus.pdf.strips import beside

_DEEPEST = 4
_SAME_HEIGHT = 4.0
_EDGE = 0.13
_MARGIN = 0.22
_APART = 1.5  # from the text, in the size of the letters
_LONGEST = 160
_NEARER = 1.2
_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"m{0,3}(?:c[md]|d?c{0,3})(?:x[cl]|l?x{0,3})(?:i[xv]|v?i{0,3})", re.IGNORECASE)
_ALONE = re.compile(
    r"(?:page|p\.|seite|sheet)\s*\d{1,4}(?:\s*(?:of|/|von)\s*\d{1,4})?|[-–—]\s*\d{1,4}\s*[-–—]|\d{1,4}\s*(?:of|/)\s*\d{1,4}",
    re.IGNORECASE,
)
_LONE = re.compile(r"\d{1,4}")
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A row near the top or bottom of a page; ``place`` counts from the outermost, ``height`` is measured from there."""

    page: int
    top: bool
    place: int
    height: float
    gap: float
    text: str
    strips: tuple[Row, ...]

    def keeps_to(self, outer: Edge) -> bool:
        """Tell whether it stands nearer to the row further out than to the text.

        :param outer: the row further out.
        """
        return outer.gap * outer.strips[0].size < _NEARER * self.gap * self.strips[0].size

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the numbers in it."""
        return tuple(int(digits) for digits in _NUMBER.findall(self.text)[:9] if len(digits) < 10)  # noqa: PLR2004


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """A page before its columns are known: its strips, and how tall it is."""

    number: int
    height: float
    strips: Sequence[Row]


def furniture_of(pages: Sequence[Extent]) -> dict[int, list[Row]]:
    """Find the furniture of each page, by the page's number.

    :param pages: all of the document.
    """
    edges = [edge for page in pages for edge in _edges(page)]
    marked = _repeated(edges, len(pages)) | _numbered(edges, len(pages))
    marked |= _alone(edges, pages, marked)
    marked |= _level_with(edges, marked)
    found: dict[int, list[Row]] = defaultdict(list)
    for number, edge in enumerate(edges):
        if number in marked and not (edge.place == 0 or (number - 1 in marked and edge.keeps_to(edges[number - 1]))):
            marked.discard(number)
        elif number in marked:
            found[edge.page].extend(edge.strips)
    return found


def _edges(page: Extent) -> Iterator[Edge]:
    """Yield the outermost rows of a page: those at its top, then those at its bottom."""
    rows = beside(page.strips)
    for top in (True, False):
        ordered = rows if top else rows[::-1]
        for place, row in enumerate(ordered[:_DEEPEST]):
            inner = ordered[place + 1] if place + 1 < len(ordered) else None
            gap = abs(inner[0].baseline - row[0].baseline) if inner else page.height
            yield Edge(
                page=page.number,
                top=top,
                place=place,
                height=row[0].baseline if top else page.height - row[0].baseline,
                gap=gap / row[0].size,
                text=" ".join(strip.text for strip in row),
                strips=tuple(row),
            )


def _repeated(edges: Sequence[Edge], pages: int) -> set[int]:
    """Find the rows that say the same on several pages, with numbers that stay or count with the pages."""
    groups: dict[tuple[bool, str], list[int]] = defaultdict(list)
    for number, edge in enumerate(edges):
        key = " ".join(_NUMBER.sub("#", edge.text).casefold().split())
        if any(map(str.isalpha, key)) and len(key) <= _LONGEST:
            groups[edge.top, key].append(number)
    found: set[int] = set()
    for members in groups.values():
        agreeing = {
            number for number in members if any(_agree(edges[number], edges[other]) for other in _near(members, number))
        }
        if len({edges[number].page for number in agreeing}) >= (3 if pages > 4 else 2):  # noqa: PLR2004
            found |= agreeing
    return found


def _near(members: Sequence[int], number: int) -> Sequence[int]:
    place = members.index(number) if len(members) < 50 else _bisect(members, number)  # noqa: PLR2004
    return [*members[max(0, place - 4) : place], *members[place + 1 : place + 5]]


def _bisect(members: Sequence[int], number: int) -> int:
    low, high = 0, len(members)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if members[middle] < number else (low, middle)
    return low


def _agree(edge: Edge, other: Edge) -> bool:
    """Tell whether two rows of different pages are the same running head."""
    if (
        edge.page == other.page
        or abs(edge.height - other.height) > _SAME_HEIGHT
        or len(edge.numbers) != len(other.numbers)
    ):
        return False
    apart = other.page - edge.page
    return all(theirs - own in (0, apart) for own, theirs in zip(edge.numbers, other.numbers, strict=True))


def _numbered(edges: Sequence[Edge], pages: int) -> set[int]:
    """Find the rows that start or end with a number which counts with the pages."""
    counted: dict[tuple[bool, bool, int], list[int]] = defaultdict(list)
    for number, edge in enumerate(edges):
        if len(edge.text) <= _LONGEST and edge.place < 3:  # noqa: PLR2004
            for roman, value in _page_numbers(edge.text):
                counted[edge.top, roman, value - edge.page].append(number)
    found: set[int] = set()
    for members in counted.values():
        if len(members) < max(2, min(pages, 12) * 0.3):
            continue
        heights = [edges[n].height for n in members]
        usual = max(heights, key=lambda at: (sum(abs(at - other) < _SAME_HEIGHT for other in heights[:400]), -at))
        level = {n for n in members if abs(edges[n].height - usual) < _SAME_HEIGHT}
        if len(level) >= 2:  # noqa: PLR2004
            found |= level
    return found


def _page_numbers(text: str) -> list[tuple[bool, int]]:
    """Return the numbers a row starts or ends with: whether each is roman, and its value."""
    words = text.split()
    found = []
    for word in {words[0], words[-1]} if words else set():
        bare = word.strip(".,-–—|[]()")
        if _LONE.fullmatch(bare):
            found.append((False, int(bare)))
        elif bare and len(words) < 8 and _ROMAN.fullmatch(bare) and (bare.islower() or len(words) == 1):  # noqa: PLR2004
            found.append((True, _roman(bare.lower())))
    return found


def _roman(word: str) -> int:
    values = [_VALUES[letter] for letter in word]
    return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))


def _alone(edges: Sequence[Edge], pages: Sequence[Extent], marked: set[int]) -> set[int]:
    """Find the outermost rows at the very edge that are page numbers by their form."""
    heights = {page.number: page.height for page in pages}
    offsets = {
        value - edges[number].page
        for number in marked
        for roman, value in _page_numbers(edges[number].text)
        if not roman
    }
    found = set()
    for number, edge in enumerate(edges):
        share = edge.height / heights[edge.page]
        if edge.place or edge.gap < _APART or share > _MARGIN:
            continue
        is_lone = _LONE.fullmatch(edge.text) is not None
        counts = is_lone and int(edge.text) - edge.page in offsets
        by_form = _ALONE.fullmatch(edge.text) or (is_lone and (len(pages) == 1 or int(edge.text) == edge.page))
        if counts or (by_form and share < _EDGE):
            found.add(number)
    return found


def _level_with(edges: Sequence[Edge], marked: set[int]) -> set[int]:
    """Find the rows at the height of many pages' furniture that stand apart, and whose words occur there elsewhere too."""
    heights: dict[bool, list[float]] = {True: [], False: []}
    texts: Counter[str] = Counter(edge.text.casefold() for edge in edges)
    for number in marked:
        heights[edges[number].top].append(edges[number].height)
    found = set()
    for top, all_heights in heights.items():
        if len(all_heights) < 3:  # noqa: PLR2004
            continue
        usual = quantile(all_heights, 0.5)
        for number, edge in enumerate(edges):
            level = edge.top == top and edge.place == 0 and abs(edge.height - usual) < 2  # noqa: PLR2004
            if level and edge.gap > _APART and texts[edge.text.casefold()] > 1:
                found.add(number)
    return found
