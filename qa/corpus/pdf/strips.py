"""The glyphs of a page -> strips: words beside each other on one baseline, with no gap between them as wide as a gutter."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from math import inf
from typing import TypeVar

from qa.corpus.pdf.bullets import with_drawn, with_written
from qa.corpus.pdf.shapes import Dot, Glyph, Piece, Row, quantile, split, text_of

_WORD_GAP = 0.17  # in the size of the letters: narrower than a squeezed space, wider than any kerning
_GUTTER = 0.9
_FAKE_BOLD = 0.12
_SAME_LINE = 0.12
_LONGEST_RAISED = 14
_LONGEST_SHIFTED = 2
_SMALLER = 0.88
_MOST_BESIDE = 120  # strips that are looked at above and below a small one
_OVERLAP = 0.3  # of a lowered E in TeX's own name
_ACCENTS = {
    "´": "\u0301", "`": "\u0300", "¨": "\u0308", "ˆ": "\u0302", "^": "\u0302", "˜": "\u0303", "~": "\u0303",
    "ˇ": "\u030c", "˚": "\u030a", "¸": "\u0327", "¯": "\u0304", "˘": "\u0306", "˙": "\u0307", "˝": "\u030b",
}  # fmt: skip
S = TypeVar("S", Piece, Row)


def strips_of(glyphs: Sequence[Glyph], dots: Sequence[Dot] = ()) -> list[Row]:
    """Find the strips, from top to bottom and from left to right.

    :param glyphs: in the file's order.
    :param dots: that may be bullets.
    """
    rows = beside(_once(_pieces(glyphs)))
    strips = [Row(part) for row in rows for part in split(_untracked(row), _GUTTER)]
    strips = _joined(_with_shifted(with_written(strips)))
    drawn = sorted(dots, key=lambda dot: dot.middle)
    strips = [with_drawn(Row(_spaced(strip.pieces)), drawn) for strip in strips]
    return sorted(strips, key=lambda strip: (strip.baseline, strip.left))


def beside(shapes: Iterable[S]) -> list[list[S]]:
    """Group pieces or strips by baseline, from top to bottom; each group from left to right.

    :param shapes: in any order.
    """
    rows: list[list[S]] = []
    for shape in sorted(shapes, key=lambda shape: (shape.baseline, shape.left)):
        last = rows[-1][-1] if rows else None
        if last is not None and shape.baseline - last.baseline <= _SAME_LINE * min(shape.size, last.size):
            rows[-1].append(shape)
        else:
            rows.append([shape])
    return [sorted(row, key=lambda shape: shape.left) for row in rows]


# --- words ----------------------------------------------------------------------------------------


def _pieces(glyphs: Sequence[Glyph]) -> list[Piece]:
    """Join the glyphs that follow each other in the file and on the page."""
    pieces: list[Piece] = []
    word: list[Glyph] = []
    for glyph in glyphs:
        if word and not _follows(word[-1], glyph):
            pieces.append(_piece(word))
            word = []
        word.append(glyph)
    if word:
        pieces.append(_piece(word))
    return [piece for piece in pieces if piece.text]


def _follows(last: Glyph, glyph: Glyph) -> bool:
    """Tell whether a glyph goes on with a word in its style."""
    if glyph.bold != last.bold or glyph.mono != last.mono or abs(glyph.size - last.size) > 0.02 * last.size:
        return False
    if abs(glyph.baseline - last.baseline) > 0.05 * last.size:
        return False
    gap = (glyph.left - last.right) / last.size
    if glyph.spaced and gap > 0.05:  # noqa: PLR2004
        return False
    is_overprint = glyph.left - last.left < _FAKE_BOLD * last.size
    return -0.5 < gap < _WORD_GAP and not (is_overprint and glyph.text == last.text)  # noqa: PLR2004


def _piece(word: Sequence[Glyph]) -> Piece:
    first = word[0]
    return Piece(
        _composed(word),
        min(glyph.left for glyph in word),
        max(glyph.right for glyph in word),
        first.baseline,
        first.size,
        first.bold,
        first.mono,
        first.spaced,
    )


def _composed(word: Sequence[Glyph]) -> str:
    """Return a word's text; an accent printed over its letter becomes part of it."""
    text = ""
    accent = ""
    for place, glyph in enumerate(word):
        mark = _ACCENTS.get(glyph.text)
        after = word[place + 1] if place + 1 < len(word) else None
        if mark and after is not None and after.text.isalpha() and after.left < (glyph.left + glyph.right) / 2:
            accent = mark
        else:
            text += glyph.text + accent
            accent = ""
    return unicodedata.normalize("NFC", text) if not text.isascii() else text


def _once(pieces: Sequence[Piece]) -> list[Piece]:
    """Drop pieces printed again at the same place, as for fake bold or a shadow."""
    seen: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
    kept = []
    for piece in pieces:
        near = _FAKE_BOLD * piece.size
        height = round(piece.baseline)
        others = (_between(seen.get((piece.text, height + step), ()), piece.left, near) for step in (-1, 0, 1))
        if any(abs(piece.baseline - baseline) < near for _, baseline in chain.from_iterable(others)):
            continue
        insort(seen[piece.text, height], (piece.left, piece.baseline))
        kept.append(piece)
    return kept


def _between(places: Sequence[tuple[float, float]], left: float, near: float) -> Sequence[tuple[float, float]]:
    """Return those of the places, which are sorted, that start nearer than a distance."""
    return places[bisect_right(places, (left - near, inf)) : bisect_left(places, (left + near, -inf))]


def _untracked(row: Sequence[Piece]) -> list[Piece]:
    """Join the letters of words that are set apart l i k e  t h i s."""
    letters = sum(len(piece.text) == 1 and piece.text.isalpha() for piece in row)
    if letters < 4 or letters < 0.8 * len(row):  # noqa: PLR2004
        return list(row)
    gaps = [piece.left - before.right for before, piece in pairwise(row)]
    usual = quantile(gaps, 0.4)
    if usual > 0.6 * row[0].size or quantile(gaps, 0.6) > 1.4 * usual:
        return list(row)
    joined = [row[0]]
    for gap, piece in zip(gaps, row[1:], strict=True):
        last = joined[-1]
        if gap < 1.6 * usual and piece.size == last.size:
            joined[-1] = last._replace(text=last.text + piece.text, right=piece.right)
        else:
            joined.append(piece._replace(spaced=True))
    return joined


def _spaced(pieces: Sequence[Piece]) -> list[Piece]:
    """Say before which pieces a space stands, by the gaps."""
    spaced = [pieces[0]._replace(spaced=False)]
    right = pieces[0].right
    for before, piece in pairwise(pieces):
        gap = (piece.left - right) / max(piece.size, before.size)
        spaced.append(piece._replace(spaced=gap >= _WORD_GAP or (piece.spaced and gap > 0.05)))  # noqa: PLR2004
        right = max(right, piece.right)
    return spaced


# --- raised and lowered text ----------------------------------------------------------------------


def _with_shifted(strips: Sequence[Row]) -> list[Row]:
    """Put small strips that stand a bit higher or lower beside a larger one into that one."""
    ordered = sorted((part for strip in strips for part in _scattered(strip)), key=lambda strip: strip.baseline)
    added: dict[int, list[Piece]] = defaultdict(list)
    gone = set()
    for place, strip in enumerate(ordered):
        host = _host(ordered, place)
        if host is not None:
            raised = strip.baseline < ordered[host].baseline and strip.size < _SMALLER * ordered[host].size
            added[host].extend(piece._replace(raised=raised) for piece in strip.pieces)
            gone.add(place)
    return [
        Row(sorted([*strip.pieces, *added[place]], key=lambda piece: piece.left)) if place in added else strip
        for place, strip in enumerate(ordered)
        if place not in gone
    ]


def _scattered(strip: Row) -> list[Row]:
    """Take a strip of single letters apart: each may belong to another word of the line above."""
    if len(strip.pieces) > 1 and all(len(piece.text) <= _LONGEST_SHIFTED for piece in strip.pieces):
        return [Row(part) for part in split(strip.pieces, 0.3)]
    return [strip]


def _host(ordered: Sequence[Row], place: int) -> int | None:
    """Return the index of the strip that a small strip belongs to."""
    small = ordered[place]
    if len(text_of(small.pieces)) > _LONGEST_RAISED:
        return None
    best: tuple[float, int] | None = None
    for step in (-1, 1):
        other = place + step
        end = place + step * _MOST_BESIDE
        while 0 <= other < len(ordered) and other != end:
            if abs(ordered[other].baseline - small.baseline) >= 3 * small.size:
                break
            distance = _distance(small, ordered[other])
            if distance is not None and (best is None or (distance, other) < best):
                best = distance, other
            other += step
    return best[1] if best else None


def _left(piece: Piece) -> float:
    return piece.left


def _distance(small: Row, host: Row) -> float | None:
    """Return how far a small strip is from the word of a larger one that it could belong to, if it could."""
    shift = abs(small.baseline - host.baseline) / host.size
    is_same = small.size >= _SMALLER * host.size
    if small.size > 1.02 * host.size or not 0.06 < shift < (0.4 if is_same else 0.6):  # noqa: PLR2004
        return None
    if is_same and (len(text_of(small.pieces)) > _LONGEST_SHIFTED or len(host.text) < 3 * len(small.text)):
        return None
    slack = _OVERLAP * host.size
    start = bisect_left(host.pieces, small.left - host.widest - host.size, key=_left)
    near = host.pieces[start : bisect_right(host.pieces, small.right + host.size, key=_left)]
    if any(piece.left + slack < small.right and small.left < piece.right - slack for piece in near):
        return None
    gaps = [small.left - piece.right for piece in near if piece.right <= small.left + 0.3 * host.size]
    after = [piece.left - small.right for piece in near if piece.left >= small.right - 0.3 * host.size]
    gap = min(map(abs, [*gaps, *after]), default=host.size)
    return gap if gap < 0.4 * host.size else None


def _joined(strips: Sequence[Row]) -> list[Row]:
    """Join strips of one baseline again where what was put between them closes the gap."""
    joined: list[Row] = []
    for strip in sorted(strips, key=lambda strip: (strip.baseline, strip.left)):
        last = joined[-1] if joined else None
        same = last is not None and abs(strip.baseline - last.baseline) <= _SAME_LINE * min(strip.size, last.size)
        if last is not None and same and 0 <= strip.left - last.right + 0.3 * last.size <= (_GUTTER + 0.3) * last.size:
            joined[-1] = Row([*last.pieces, *strip.pieces])
        else:
            joined.append(strip)
    return joined
