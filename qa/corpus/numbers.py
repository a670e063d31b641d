"""How reference numbers are written: lists (``2 5 9``, ``6, 7``), ranges (``2–5``) and superscripts."""

from __future__ import annotations

import re

_MOST_IN_RANGE = 50
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_PART = re.compile(r"(\d{1,3})(?:\s*[-–—‑]\s*(\d{1,3}))?")


def numbers_of(group: str) -> tuple[int, ...]:
    """Read the numbers of a group in the order of the text, ranges written out; empty where it holds a bad range.

    :param group: the group's own text, with or without brackets.
    """
    numbers: list[int] = []
    for first, last in _PART.findall(group.translate(_SUPERSCRIPTS)):
        low, high = int(first), int(last or first)
        if low < 1 or high < low or high - low > _MOST_IN_RANGE:
            return ()
        numbers.extend(range(low, high + 1))
    return tuple(numbers)
