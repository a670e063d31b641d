"""The lines of a document -> what is usual in it: the size of its body text, its leading, and its words."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa.corpus.pdf.shapes import Line

_WORD = re.compile(r"[^\W_]+(?:[-‐][^\W_]+)*")
_HYPHENS = "-‐"
_LEADING = 1.25
_FULL = 0.12
_WEIGHT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is usual in a document.

    ``words`` counts the words that stand within lines, in small letters; ``leadings`` are by the size of the letters.
    """

    body: float
    bold: bool
    mono: bool
    leadings: dict[float, float]
    words: Counter[str]

    def leading(self, size: float) -> float:
        """Return the usual distance between the baselines of lines of a size.

        :param size: of the letters.
        """
        return self.leadings.get(size, _LEADING * size)

    def keeps_hyphen(self, left: str, right: str) -> bool:
        """Tell whether a hyphen at a line's end is part of the word.

        :param left: the last word of the line, without the hyphen.
        :param right: the first word of the next line.
        """
        before, after = _last_word(left), _WORD.match(right)
        if before is None or after is None:
            return True
        second = after[0]
        joined = self.words[f"{before}{second}".lower()]
        hyphened = self.words[f"{before}-{second}".lower()]
        if joined or hyphened:
            return hyphened > joined
        return (
            not right[0].islower() or "-" in before or before[-1:].isdigit() or (before.isupper() and len(before) > 1)
        )


def _last_word(text: str) -> str | None:
    found = re.search(r"[^\W_]+(?:[-‐][^\W_]+)*$", text)
    return found[0] if found else None


def profile_of(lines: Sequence[Line]) -> Profile:
    """Measure a document.

    :param lines: all that is no furniture.
    """
    sizes: Counter[float] = Counter()
    bold: Counter[float] = Counter()
    mono: Counter[float] = Counter()
    words: Counter[str] = Counter()
    for line in lines:
        letters = len(line.text)
        sizes[line.size] += letters
        bold[line.size] += letters * line.bold
        mono[line.size] += letters * line.mono
        found = [word.lower() for word in _WORD.findall(line.text)]
        words.update(found[:-1] if line.text[-1:] in _HYPHENS else found)
    body = max(sizes, key=lambda size: (sizes[size], size), default=10.0)
    return Profile(
        body=body,
        bold=bold[body] > 0.5 * sizes[body],
        mono=mono[body] > 0.5 * sizes[body],
        leadings=_leadings(lines),
        words=words,
    )


def _leadings(lines: Sequence[Line]) -> dict[float, float]:
    """Find the usual distance between baselines for each size; below a line that fills its column it counts most."""
    pitches: dict[float, Counter[float]] = defaultdict(Counter)
    for line, after in pairwise(lines):
        pitch = round(after.baseline - line.baseline, 1)
        if after.column is line.column and after.size == line.size and 0.9 * line.size < pitch < 3 * line.size:
            is_full = line.column.right - line.right < _FULL * (line.column.right - line.column.left)
            pitches[line.size][pitch] += _WEIGHT if is_full else 1
    usual = {}
    for size, counts in pitches.items():
        near = {pitch: sum(counts[round(pitch + step / 10, 1)] for step in range(-3, 4)) for pitch in counts}
        usual[size] = min(near, key=lambda pitch: (-near[pitch], pitch))
    return usual
