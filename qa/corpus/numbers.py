"""How reference numbers are written: lists (``2 5 9``, ``6, 7``), ranges (``2–5``) and what is an exponent instead."""

from __future__ import annotations

import re

_MOST_IN_RANGE = 50
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_UNITS = frozenset(
    [
        "m",
        "cm",
        "mm",
        "km",
        "dm",
        "in",
        "inch",
        "ft",
        "yd",
        "mi",
        "s",
        "µm",
        "μm",
        "nm",
        "um",
        "kg",
        "g",
        "l",
        "kcal",
        "ha",
        "sq",
        "per",
    ]
)
_FORMULAS = frozenset(["CO", "SO", "NO", "PO", "Ca", "Mg", "Fe", "Zn", "Cu", "Chi", "chi", "eta"])
_LETTERS = re.compile(r"[^\W\d_]+")
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


def is_exponent(text: str, at: int) -> bool:
    """Tell whether a raised number at ``at`` is a power or an index: after a digit, a unit or a single letter.

    :param text: the text.
    :param at: where the number starts; what stands before it decides.
    """
    before = text[max(0, at - 24) : at]
    if not before or before[-1].isspace() or before[-1].isdigit():
        return True
    words = _LETTERS.findall(before)
    return before[-1].isalpha() and (len(words[-1]) == 1 or words[-1].lower() in _UNITS or words[-1] in _FORMULAS)
