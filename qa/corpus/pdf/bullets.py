"""The strips of a page -> the same with each list item's bullet in front of its text; and what a line's bullet says."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from qa.corpus.pdf.shapes import Dot, Line, Row

STRONG = frozenset("•‣◦▪●■□◆➢➤✓✔·∙\ufffd")
_UNKNOWN = "\ufffd"  # a bullet at the start of a line, but above or below it rather a root or a brace
_MARK = re.compile(
    r"(?P<dash>[-–—*]|o)|(?P<number>\d{1,3})[.)]|\[(?P<square>\d{1,3})\]|\((?P<round>\d{1,3})\)|\(?(?P<letter>[a-z]|[ivx]{1,4})\)"
)
_ORDINAL = re.compile(r"(?:[A-Za-z]|[ivxIVX]{1,4})[.)]")
_SAME_LINE = 0.12  # in the size of the letters, as the following
_FURTHEST = 4.0
_DEEPEST_IN = 1.0
_APART = 0.9
_SMALLER = 0.88
_NEAR = 0.4
_SPACE = 0.25
_MOST_AROUND = 300  # strips that are looked at above and below a bullet
_LEVEL = 0.5  # of the lower one's height


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullet:
    """What a list item starts with; ``kind`` tells lists apart, ``number`` is its place where it is counted."""

    text: str
    kind: str
    number: int | None
    left: float
    content: float
    pieces: int


def bullet_of(line: Line) -> Bullet | None:
    """Read what a list item could start with.

    :param line: the item's first one.
    """
    count = next((place for place, piece in enumerate(line.pieces) if place and piece.spaced), len(line.pieces))
    mark = "".join(piece.text for piece in line.pieces[:count])
    if count == len(line.pieces) or line.pieces[0].raised:
        return None
    found = _MARK.fullmatch(mark)
    if mark in STRONG or (found and found["dash"]):
        kind, number = mark, None
    elif found and found["letter"]:
        kind, number = re.sub(r"[a-z]+", "a", mark), ord(found["letter"][0]) - 96
    elif found:
        number = int(found["number"] or found["square"] or found["round"])
        kind = re.sub(r"\d+", "1", mark)
    else:
        return None
    if mark == "o" and line.pieces[count].left - line.pieces[count - 1].right < 0.6 * line.size:
        return None
    return Bullet(
        text="•" if mark == _UNKNOWN else mark,
        kind=kind,
        number=number,
        left=line.left,
        content=line.pieces[count].left,
        pieces=count,
    )


def with_written(strips: Sequence[Row]) -> list[Row]:
    """Put lone bullets and ordinals that are written above or below the baseline of their text in front of it.

    :param strips: of the page, before raised and lowered text is put into its line.
    """
    owners = _owners(strips)
    gone = {id(mark) for mark in owners.values()}
    kept = [strip for strip in strips if id(strip) not in gone]
    return [_after(owners[id(strip)], strip) if id(strip) in owners else strip for strip in kept]


def with_drawn(strip: Row, dots: Sequence[Dot]) -> Row:
    """Write the bullet that is drawn before a strip.

    :param strip: of the page.
    :param dots: that may be bullets, from top to bottom.
    """
    start = bisect_left(dots, strip.baseline - 0.6 * strip.size, key=_middle)
    for dot in dots[start : bisect_right(dots, strip.baseline - 0.1 * strip.size, key=_middle)]:
        gap, height = (strip.left - dot.right) / strip.size, (strip.baseline - dot.middle) / strip.size
        if 0.2 < gap < 2.5 and 0.1 < height < 0.6:  # noqa: PLR2004
            first = strip.pieces[0]
            bullet = first._replace(text="•", left=dot.left, right=dot.right, baseline=strip.baseline, size=strip.size)
            return Row([bullet, first._replace(spaced=True), *strip.pieces[1:]])
    return strip


def _middle(dot: Dot) -> float:
    return dot.middle


# --- written --------------------------------------------------------------------------------------


def _owners(strips: Sequence[Row]) -> dict[int, Row]:
    """Return the lone bullets and ordinals, by the id of the strip that each belongs in front of."""
    ordered = sorted(strips, key=_baseline)
    reach = max((strip.size for strip in strips), default=0.0)
    owners: dict[int, Row] = {}
    for mark in filter(_is_mark, strips):
        place = bisect_left(ordered, mark.baseline, key=_baseline)
        start = bisect_left(ordered, mark.baseline - reach, key=_baseline)
        end = bisect_right(ordered, mark.baseline + reach, key=_baseline)
        around = ordered[max(start, place - _MOST_AROUND) : min(end, place + _MOST_AROUND)]
        owner = _owner(mark, around) if _is_first(mark, around) else None
        if owner is not None:
            owners.setdefault(id(owner), mark)
    return owners


def _baseline(strip: Row) -> float:
    return strip.baseline


def _is_mark(strip: Row) -> bool:
    text = strip.text
    return (text in STRONG and text != _UNKNOWN) or bool(_MARK.fullmatch(text) or _ORDINAL.fullmatch(text))


def _is_first(mark: Row, around: Sequence[Row]) -> bool:
    """Tell whether a mark starts something: what follows text closely, or is the number of an equation, does not."""
    before = [strip for strip in around if strip.left < mark.left]
    if any(mark.left - strip.right < _APART * mark.size and _overlap(mark, strip) > 0 for strip in before):
        return False
    return mark.text in STRONG or not any(_is_beside(mark, strip) for strip in before)


def _owner(mark: Row, around: Sequence[Row]) -> Row | None:
    """Return the strip that stands level with a mark and begins right of it, unless that has its baseline anyway."""
    near = [
        strip
        for strip in around
        if strip.left > (mark.left + mark.right) / 2
        and -_DEEPEST_IN < (strip.left - mark.right) / strip.size < _FURTHEST
        and _overlap(mark, strip) > _LEVEL * min(mark.size, strip.size)
    ]
    best = max(near, key=lambda strip: (_overlap(mark, strip), -strip.left), default=None)
    if best is None or _is_mark(best) or _is_raised(mark, best) or not any(map(str.isalnum, best.text)):
        return None
    return None if any(_is_beside(mark, strip) for strip in near) else best


def _is_raised(mark: Row, strip: Row) -> bool:
    """Tell whether a mark is the small raised one of a note."""
    is_small = mark.size < _SMALLER * strip.size and mark.baseline < strip.baseline
    is_plain = mark.text.endswith(".") or mark.text.startswith("(")
    return is_small and not is_plain and strip.left - mark.right < _NEAR * strip.size


def _is_beside(strip: Row, other: Row) -> bool:
    return abs(strip.baseline - other.baseline) <= _SAME_LINE * min(strip.size, other.size)


def _overlap(strip: Row, other: Row) -> float:
    """Return the height that two strips have in common; negative where one is below the other."""
    return min(strip.bottom, other.bottom) - max(strip.top, other.top)


def _after(mark: Row, strip: Row) -> Row:
    """Write a mark on the baseline of a strip, in front of it; a space stands between them even if they touch."""
    end = strip.left - _SPACE * strip.size
    moved = [
        piece._replace(right=min(piece.right, end), baseline=strip.baseline, size=strip.size) for piece in mark.pieces
    ]
    return Row([*moved, strip.pieces[0]._replace(spaced=True), *strip.pieces[1:]])
