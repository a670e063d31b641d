"""The strips of a page -> the order they are read in: columns from left to right, between whatever spans them.

A gutter is an upright strip of white that text stands to both sides of. What crosses it splits the page into bands, and
within a band the left side is read before the right one. A table's columns are apart in the same way; its cells are
too short to be lines of text, and stand beside each other: it is read by rows.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from qa.corpus.pdf.shapes import Column, Line, Piece, Row, quantile
from qa.corpus.pdf.strips import beside

_NARROW = 0.62
_FEWEST_ROWS = 3
_MOST_CROSSING = 0.06
_TEXTY = 18
_FULL = 0.7
_PAIRED = 0.6
_DEEPEST = 10
_MOST_GUTTERS = 40  # that are looked at in one part of a page

Gutter = tuple[float, float]


def gutters_of(strips: Sequence[Row], depth: int = 0) -> list[Gutter]:
    """Find the gutters between running text of a page by itself.

    :param strips: of the page.
    :param depth: how often they have been parted already.
    """
    found = _gutter(strips, ()) if depth < _DEEPEST else None
    if found is None:
        return []
    left, right = _sides([strip for strip in strips if not _crosses(strip, found)], found)
    return [*([found] if _are_texts(left, right) else []), *gutters_of(left, depth + 1), *gutters_of(right, depth + 1)]


def lines_of(strips: Sequence[Row], *, page: int, first: int, trusted: Sequence[Gutter]) -> list[Line]:
    """Return the lines of a page in the order they are read in.

    :param strips: of the page.
    :param page: its number.
    :param first: the order of its first column.
    :param trusted: the gutters that several pages have.
    """
    lines: list[Line] = []
    for order, column in enumerate(_regions(strips, trusted, 0), start=first):
        edges = Column(left=min(strip.left for strip in column), right=_right(column), order=order)
        lines.extend(Line(row, page=page, column=edges) for row in _rows(column))
    return lines


def _right(column: Sequence[Row]) -> float:
    return max(strip.right for strip in column)


def _rows(column: Sequence[Row]) -> list[list[Piece]]:
    """Group the strips of a column by baseline; a space stands between two strips."""
    return [
        [
            piece
            for place, strip in enumerate(row)
            for piece in (strip.pieces[0]._replace(spaced=place > 0), *strip.pieces[1:])
        ]
        for row in beside(column)
    ]


def _regions(strips: Sequence[Row], trusted: Sequence[Gutter], depth: int) -> list[list[Row]]:
    """Cut a part of a page into what is read from top to bottom."""
    if not strips:
        return []
    gutter = _gutter(strips, trusted) if depth < _DEEPEST else None
    if gutter is None:
        return _by_gap(strips, trusted, depth)
    regions: list[list[Row]] = []
    for band, spans in _bands(strips, gutter):
        if spans:
            regions += [list(band)] if len(band) < len(strips) else _by_gap(band, trusted, depth)
        else:
            for side in _sides(band, gutter):
                regions += _regions(side, trusted, depth + 1)
    return regions


def _by_gap(strips: Sequence[Row], trusted: Sequence[Gutter], depth: int) -> list[list[Row]]:
    """Cut at the widest white across the page where that shows columns above or below it."""
    if len(strips) < 2 * _FEWEST_ROWS or depth >= _DEEPEST:
        return [list(strips)]
    ordered = sorted(strips, key=lambda strip: strip.top)
    bottom, cut, widest = ordered[0].bottom, 0, 0.0
    for place, strip in enumerate(ordered[1:], start=1):
        if strip.top - bottom > widest:
            cut, widest = place, strip.top - bottom
        bottom = max(bottom, strip.bottom)
    if widest < 0.6 * quantile((strip.size for strip in strips), 0.5):
        return [list(strips)]
    parts = [_regions(part, trusted, depth + 1) for part in (ordered[:cut], ordered[cut:])]
    return [*parts[0], *parts[1]] if max(map(len, parts)) > 1 else [list(strips)]


# --- gutters --------------------------------------------------------------------------------------


def _gutter(strips: Sequence[Row], trusted: Sequence[Gutter]) -> Gutter | None:
    """Find the best gutter of a part of a page."""
    if not strips:
        return None
    for start, end in trusted:
        if _is_gutter(strips, (start, end), fewest=1, trusted=True):
            return start, end
    left, right = min(strip.left for strip in strips), max(strip.right for strip in strips)
    em = quantile((strip.size for strip in strips), 0.5)
    narrow = [strip for strip in strips if strip.width < _NARROW * (right - left)]
    candidates = [gap for gap in _clear(narrow) if gap[1] - gap[0] > 0.8 * em]
    widest = set(sorted(candidates, key=lambda gap: gap[0] - gap[1])[:_MOST_GUTTERS])
    candidates = [gap for gap in candidates if gap in widest]
    good = [gap for gap in candidates if _is_gutter(strips, gap, fewest=_FEWEST_ROWS, trusted=False)]
    return max(good, key=lambda gap: (_overlap(strips, gap), gap[1] - gap[0]), default=None)


def _clear(narrow: Sequence[Row]) -> list[Gutter]:
    """Return the upright strips that next to none of the narrow rows reach into."""
    most = int(_MOST_CROSSING * len(narrow))
    events = sorted([*((strip.left, 1) for strip in narrow), *((strip.right, -1) for strip in narrow)])
    found: list[Gutter] = []
    depth, start, started = 0, 0.0, False
    for at, step in events:
        before, depth = depth, depth + step
        if before > most >= depth:
            start, started = at, True
        elif before <= most < depth and started:
            found.append((start, at))
    return found


def _is_gutter(strips: Sequence[Row], gap: Gutter, *, fewest: int, trusted: bool) -> bool:
    """Tell whether text stands to both sides of a gap, and is no table."""
    rest = [strip for strip in strips if not _crosses(strip, gap)]
    left, right = _sides(rest, gap)
    if len(left) < fewest or len(right) < fewest:
        return False
    if trusted:
        inside = [strip for strip in rest if strip.left < gap[1] - 1 and strip.right > gap[0] + 1]
        return len(inside) <= max(0, _MOST_CROSSING * len(rest))
    if _overlap(strips, gap) < fewest:
        return False
    return _are_texts(left, right) or not _is_paired(left, right)


def _are_texts(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Tell whether both sides hold running text: lines that are long enough, and most of them about as long."""
    for side in (left, right):
        widths = [strip.width for strip in side]
        if quantile(widths, 0.5) < _FULL * quantile(widths, 0.95):
            return False
        if quantile((len(strip.text) for strip in side), 0.5) < _TEXTY:
            return False
    return True


def _is_paired(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Tell whether most rows of the shorter side stand beside a row of the other."""
    few, many = sorted((left, right), key=len)
    baselines = sorted(strip.baseline for strip in many)
    beside = sum(_count_near(baselines, strip.baseline, 0.2 * strip.size) > 0 for strip in few)
    return beside >= _PAIRED * len(few)


def _overlap(strips: Sequence[Row], gap: Gutter) -> int:
    """Count the rows that a gutter has to its sides where both sides have some."""
    left, right = _sides([strip for strip in strips if not _crosses(strip, gap)], gap)
    if not left or not right:
        return 0
    top = max(min(strip.top for strip in side) for side in (left, right))
    bottom = min(max(strip.bottom for strip in side) for side in (left, right))
    return min(sum(top <= strip.baseline <= bottom for strip in side) for side in (left, right))


def _crosses(strip: Row, gap: Gutter) -> bool:
    """Tell whether a strip stands well to both sides of a gutter."""
    return strip.left < gap[0] - strip.size and strip.right > gap[1] + strip.size


def _sides(strips: Sequence[Row], gap: Gutter) -> tuple[list[Row], list[Row]]:
    middle = (gap[0] + gap[1]) / 2
    left = [strip for strip in strips if (strip.left + strip.right) / 2 < middle]
    return left, [strip for strip in strips if (strip.left + strip.right) / 2 >= middle]


def _bands(strips: Sequence[Row], gap: Gutter) -> list[tuple[list[Row], bool]]:
    """Cut at the rows that cross a gutter; each band comes with whether it spans the gutter."""
    crossing = sorted(strip.baseline for strip in strips if _crosses(strip, gap))
    baselines = sorted(strip.baseline for strip in strips)
    bands: list[tuple[list[Row], bool]] = []
    for strip in sorted(strips, key=lambda strip: (strip.baseline, strip.left)):
        beside = _count_near(crossing, strip.baseline, 0.2 * strip.size) > 0
        spans = beside or _ends_paragraph(strip, bands, baselines)
        if not bands or bands[-1][1] != spans:
            bands.append(([], spans))
        bands[-1][0].append(strip)
    return bands


def _count_near(baselines: Sequence[float], at: float, distance: float) -> int:
    """Count the baselines, which are sorted, that are nearer to a height than a distance."""
    return max(0, bisect_left(baselines, at + distance) - bisect_right(baselines, at - distance))


def _ends_paragraph(strip: Row, bands: Sequence[tuple[list[Row], bool]], baselines: Sequence[float]) -> bool:
    """Tell whether a strip is the short last line of a paragraph that spans the columns.

    :param baselines: of all strips, sorted.
    """
    if not bands or not bands[-1][1] or not bands[-1][0]:
        return False
    last = bands[-1][0][-1]
    close = 0 < strip.baseline - last.baseline < 1.5 * last.size and abs(strip.size - last.size) < 0.3  # noqa: PLR2004
    own = 1 + (abs(last.baseline - strip.baseline) < strip.size)
    alone = _count_near(baselines, strip.baseline, strip.size) <= own
    return close and alone and abs(strip.left - last.left) < 3 * last.size
