"""A superscript and what stands before it -> whether it is a group of reference numbers, a power, or neither."""

from __future__ import annotations

import re

from qa.corpus.numbers import is_exponent, numbers_of

_NUMBERS = re.compile(r"\[?\s*\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\s*\]?")
_BETWEEN = re.compile(r"[,;–-]+")
_RAISED = str.maketrans("0123456789+-−–()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾ⁿ")
_ORDINALS = frozenset(["st", "nd", "rd", "th", "er", "re", "e", "o", "a", "ª", "º", "tm", "sm"])


def reference_numbers(raised: str, before: str, *, link: bool) -> tuple[int, ...]:
    """Return the reference numbers that a superscript stands for; none where it is an exponent or no number.

    :param raised: the superscript's own text.
    :param before: what stands right before it in its block; empty where nothing does.
    :param link: whether it links to another place on the page, so that no number in it is an exponent.
    """
    numbers = numbers_of(raised) if _NUMBERS.fullmatch(raised) else ()
    sure = link or raised.startswith("[") or not before
    return numbers if sure or not is_exponent(before, len(before)) else ()


def is_between(raised: str) -> bool:
    """Tell whether a superscript is only what stands between the numbers of a group."""
    return _BETWEEN.fullmatch(raised) is not None


def is_power(raised: str, before: str) -> bool:
    """Tell whether a superscript that is no reference raises what stands before it, as ordinals' letters do not."""
    return before[-1:].isalnum() and raised.lower() not in _ORDINALS


def power(raised: str) -> str:
    """Write a power in superscript characters, so that 10 to the 3rd never reads as 103; else behind a caret."""
    written = raised.translate(_RAISED)
    plain = any(character.isalnum() and character.isascii() for character in written)
    return f"^{raised}" if plain else written
