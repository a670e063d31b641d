"""A text as it is read -> the groups of reference numbers in it (``[3]``, superscripts, ``muscle group2 5 9.``).

Brackets and superscripts speak for themselves. A bare number does not: it is a marker only where the whole
document shows that it numbers its sources, by many groups at sentence ends, after different words, over one small
and dense set of numbers that starts at 1 or 2.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.corpus.layout import View
from qa.corpus.numbers import is_exponent, numbers_of
from qa.corpus.words import ABBREVIATED, COUNTED, LEADING, LOOSE
from qa.types import Marker, Span

_NUMBER = r"\d{1,3}(?:[–-]\d{1,3})?"
_GROUP = rf"{_NUMBER}(?:(?:\s?[,;]\s?|[ \u00a0]){_NUMBER})*(?!\d|[.,]\d|[–-]\d)"
# At the beginning of a line, "[1]:" defines a link or a note.
_SQUARE = re.compile(r"(?!(?<![^\n])\[[^\]\n]*\]:)\[\s?(\d{1,3}(?:\s?[-–—,;]\s?\d{1,3})*)\s?\](?!\(|:\s*https?:|\w)")
_SUPERSCRIPT = re.compile(r"(?<=[^\W\d_]|[.,;:!?)\]\"'”’%])[⁰¹²³⁴-⁹]+(?:[,˒⁻– -]{1,2}[⁰¹²³⁴-⁹]+)*(?![⁺⁻⁰-⁹])")
_ROUND = re.compile(
    rf"(?<=[\w)\]\"”’%.!?])(?: |(?<=[^\W\d_]{{4}})|(?<=[.!?]))(\(\s?{_NUMBER}(?:\s?[,;]\s?{_NUMBER})*\s?\))"
)
_CLAUSE_END = r"(?=[.!?…][\"'”’)\]*]*(?:\s|$|[A-Z])|[ \t]*(?:\n|$))"
# Each pattern starts at the digits, with what must stand right before them: texts are long and digits are few.
_GLUED = re.compile(rf"(?:(?<=[^\W\d_])|(?<=[’'”\")\]%]))(?P<group>{_GROUP})(?=[.!?…,;:)]|\s|$)")
_SPACED = re.compile(rf"(?<=[\w’'”\")\]%][ \u00a0])(?P<group>{_GROUP}){_CLAUSE_END}")
_SPACED_CLAUSE = re.compile(rf"(?<=[^\W\d_][ \u00a0])(?P<group>{_GROUP})(?=[,;:)]\s+[a-z(])")
_STOP_END = r"(?=\s+[\"“‘(]?[A-Z]|[ \t]*(?:\n|$))"
_AFTER_STOP = re.compile(rf"(?<!\d\.)(?:(?<=[.!?])|(?<=[.!?][’”\")]))(?P<group>{_GROUP}){_STOP_END}")
_AFTER_COMMA = re.compile(rf"(?<=[,;:])(?P<group>{_GROUP})(?=\s)")
_BEFORE_GLUED = re.compile(r"[^\W\d_]*[’'”\")\]%]*$")
_BEFORE = re.compile(r"(?:[^\W\d_][\w’'-]*|\d+(?=%)|(?=[”’'\")\]]))[”’'\")\]%]*(?=[.!?,;: \u00a0]?[’”\")]?$)")
_NUMERALS = re.compile(r"[\d⁰¹²³⁴-⁹]")
_REACH = 60
_ENDS = re.compile(_CLAUSE_END)
_SENTENCES = re.compile(r"[.!?…](?=\s|$|\d)|[^\s.!?…](?=[ \t]*(?:\n|$))")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_LETTERS = re.compile(r"[^\W\d_]+")
_ENUMERATES = re.compile(r"\s+[a-z]")

_LARGEST = 150
_MOST_IN_GROUP = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """A way to write bare groups, and how much evidence it takes to believe it."""

    pattern: re.Pattern[str]
    fewest: int
    share: float
    distinctive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    start: int
    end: int
    numbers: tuple[int, ...]
    before: str
    final: bool


_GLUED_STYLE = _Style(pattern=_GLUED, fewest=3, share=0.02)
# Nothing but a reference number stands between a sentence's stop and the space after it.
_AFTER_STOP_STYLE = _Style(pattern=_AFTER_STOP, fewest=2, share=0.01, distinctive=True)
_SPACED_STYLE = _Style(pattern=_SPACED, fewest=4, share=0.06)
_ROUND_STYLE = _Style(pattern=_ROUND, fewest=3, share=0.03)


def find_markers(
    view: View, *, proven: Sequence[Marker], known: frozenset[int], outside: Sequence[Span]
) -> tuple[Marker, ...]:
    """Find the groups of reference numbers in a document.

    :param view: the text without markup, code and the markers that the syntax proves.
    :param proven: those markers.
    :param known: the numbers of the document's bibliography; they make bare numbers easier to believe.
    :param outside: sorted spans of the text to leave alone (boilerplate, bibliography).
    """
    found = list(proven)
    if _NUMERALS.search(view.text):
        groups = [*_square(view.text), *_superscript(view.text), *_bare(view.text, known)]
        found.extend(Marker(span=view.span(group.start, group.end), numbers=group.numbers) for group in groups)
    starts = [span.start for span in outside]
    kept: list[Marker] = []
    for marker in sorted(found, key=lambda entry: (entry.span.start, -entry.span.end)):
        at = bisect_right(starts, marker.span.start)
        hidden = at > 0 and outside[at - 1].overlaps(marker.span)
        if not hidden and (not kept or marker.span.start >= kept[-1].span.end):
            kept.append(marker)
    return tuple(kept)


def _square(text: str) -> Iterator[_Group]:
    """Find ``[3]``, ``[1, 2]`` and ``[2–5]``, but no intervals and no parts of chemical names."""
    if "[" not in text:
        return
    for match in _SQUARE.finditer(text):
        numbers = numbers_of(match.group(1))
        before = text[max(0, match.start() - 24) : match.start()]
        interval = re.search(r"(?:\bCI|\binterval|\brange|\bIQR|[=∈:]|\bbetween)\W*$", before)
        indexes = re.search(r"(?<![^\W_])[a-z_]$", before) is not None
        opens_line = not text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip()
        if numbers and not (interval or indexes or opens_line):
            yield _Group(start=match.start(), end=match.end(), numbers=numbers, before=before, final=True)


def _superscript(text: str) -> Iterator[_Group]:
    """Find superscript digits that are no exponents: not after a unit, a single letter or a digit."""
    if text.isascii():
        return
    for match in _SUPERSCRIPT.finditer(text):
        if is_exponent(text, match.start()):
            continue
        numbers = numbers_of(match.group())
        if numbers:
            yield _Group(start=match.start(), end=match.end(), numbers=numbers, before="", final=True)


# --- bare numbers ---------------------------------------------------------------------------------


def _bare(text: str, known: frozenset[int]) -> Iterator[_Group]:
    """Find the groups of each style that the whole document bears out."""
    sentences = len(_SENTENCES.findall(text))
    glued = list(_candidates(text, _GLUED_STYLE))
    evidence = [group for group in glued if _is_word(group.before) and _last_word(group.before) not in COUNTED]
    if accepted := _accepted(evidence, _GLUED_STYLE, sentences, known):
        yield from (group for group in glued if _fits(group, accepted, text))
    after_stop = list(_candidates(text, _AFTER_STOP_STYLE))
    if accepted := _accepted(after_stop, _AFTER_STOP_STYLE, sentences, known):
        yield from (group for group in after_stop if _within(group, accepted))
        commas = _matches(text, _AFTER_COMMA)
        yield from (group for group in commas if _is_word(group.before) and _within(group, accepted))
    spaced = list(_candidates(text, _SPACED_STYLE))
    if accepted := _accepted([group for group in spaced if not _is_counted(group)], _SPACED_STYLE, sentences, known):
        yield from (group for group in spaced if _within(group, accepted) and not _is_counted(group, strict=False))
        clauses = [group for group in _matches(text, _SPACED_CLAUSE) if _within(group, accepted)]
        yield from (group for group in clauses if _is_word(group.before) and not _leads(_last_word(group.before)))
    round_ = list(_round(text))
    if accepted := _accepted(round_, _ROUND_STYLE, sentences, known):
        yield from (group for group in round_ if _within(group, accepted))


def _candidates(text: str, style: _Style) -> Iterator[_Group]:
    """Find the groups of a style that nothing right before them explains."""
    for group in _matches(text, style.pattern):
        word = _last_word(group.before)
        if style is _SPACED_STYLE and ((word in LEADING and word not in LOOSE) or group.before[-1] == "%"):
            continue
        if style is _AFTER_STOP_STYLE and (len(word) == 1 or word in ABBREVIATED):
            continue
        yield group


def _last_word(before: str) -> str:
    words = _WORD.findall(before)
    return words[-1].lower() if words else ""


def _matches(text: str, pattern: re.Pattern[str]) -> Iterator[_Group]:
    for match in pattern.finditer(text):
        numbers = numbers_of(match["group"])
        if not numbers or max(numbers) > _LARGEST or len(numbers) > _MOST_IN_GROUP:
            continue
        start, end = match.span("group")
        before = _before(text, start, pattern)
        if not before or (before[-1] in ")]" and _is_formula(text, text.rfind(before[-1], 0, start))):
            continue
        final = pattern is _AFTER_STOP or _ENDS.match(text, end) is not None
        final = final or (pattern is _GLUED and text[end : end + 1] in tuple(",;:)"))
        yield _Group(start=start, end=end, numbers=numbers, before=before, final=final)


def _before(text: str, start: int, pattern: re.Pattern[str]) -> str:
    """Return the word before a group, with the closing marks after the word."""
    near = text[max(0, start - _REACH) : start]
    found = (_BEFORE_GLUED if pattern is _GLUED else _BEFORE).search(near)
    return found.group() if found else ""


def _is_formula(text: str, closing: int) -> bool:
    """Tell whether the bracket that closes here opened right after a letter or digit, as in ``Ca(OH)2``."""
    opening = text.rfind("(" if text[closing] == ")" else "[", max(0, closing - 200), closing)
    return opening > 0 and text[opening - 1].isalnum()


def _round(text: str) -> Iterator[_Group]:
    """Find ``(1, 2)`` where it closes a clause, not where it counts: ``(1) first, (2) second``."""
    if "(" not in text:
        return
    for match in _ROUND.finditer(text):
        numbers = numbers_of(match.group(1))
        words = _WORD.findall(text[max(0, match.start() - 30) : match.start() + 1])
        word = words[-1] if words else ""
        counted = word.lower() in COUNTED or word.lower() in LEADING
        if not numbers or max(numbers) > _LARGEST or counted or _counts_on(text, match, numbers):
            continue
        final = re.match(r"\s?[.,;:!?)]|[ \t]*(?:\n|$)", text[match.end() : match.end() + 8]) is not None
        yield _Group(start=match.start(1), end=match.end(1), numbers=numbers, before=word, final=final)


def _counts_on(text: str, match: re.Match[str], numbers: Sequence[int]) -> bool:
    """Tell whether a bracket is one step of an enumeration: a neighbour holds the number before or after it."""
    if len(numbers) > 1 or not _ENUMERATES.match(text, match.end()):
        return False
    around = text[max(0, match.start() - 250) : match.end() + 250]
    steps = [int(step) for step in re.findall(r"\((\d{1,2})\)\s+[a-z]", around)]
    return numbers[0] + 1 in steps or numbers[0] - 1 in steps


def _accepted(groups: Sequence[_Group], style: _Style, sentences: int, known: frozenset[int]) -> frozenset[int]:
    """Return the numbers of a style that the document bears out, or none.

    :param groups: the candidates; only those that end a sentence or line count as evidence.
    :param sentences: how many sentences and lines the document has.
    :param known: the numbers of its bibliography.
    """
    final = [group for group in groups if group.final]
    numbers = frozenset(number for group in final for number in group.numbers)
    words = {group.before.lower() for group in final if group.before}
    if known and len(final) >= 2 and numbers <= known:  # noqa: PLR2004
        return numbers | known
    enough = len(final) >= style.fewest and len(final) >= style.share * sentences
    distinct = len(words) >= 0.5 * len(final) and len(words) >= min(3, style.fewest)
    if not enough or not distinct:
        return frozenset()
    small = len(numbers) > 1 and min(numbers) <= 2 and len(numbers) >= 0.5 * max(numbers)  # noqa: PLR2004
    return numbers if small or style.distinctive else frozenset()


def _within(group: _Group, accepted: frozenset[int]) -> bool:
    return all(number <= max(accepted) + 1 for number in group.numbers)


def _is_counted(group: _Group, *, strict: bool = True) -> bool:
    """Tell whether the word before a spaced group takes a number (``type 2``).

    :param group: the group.
    :param strict: whether to be strict: also about a plural before a single number, though nobody writes ``types 2``.
    """
    word = _last_word(group.before)
    if strict and word in LOOSE:
        return True
    if not strict and len(group.numbers) == 1 and word.endswith("s") and word[:-1] in COUNTED:
        return False
    return word in COUNTED


def _leads(word: str) -> bool:
    return word in COUNTED or word in LEADING


def _is_word(before: str) -> bool:
    """Tell whether a number glued to this can only be a marker: a word in small letters, or a closing mark."""
    letters = _LETTERS.findall(before)
    if before[-1] in ")]”\"’'%":
        return True
    return bool(letters) and len(letters[-1]) > 2 and letters[-1][1:].islower()  # noqa: PLR2004


def _fits(group: _Group, accepted: frozenset[int], text: str) -> bool:
    """Tell whether a glued group is one of an accepted style; an acronym must also stand without the number."""
    if not _within(group, accepted):
        return False
    if _is_word(group.before):
        return group.final or _last_word(group.before) not in COUNTED
    word = group.before
    return len(word) > 2 and re.search(rf"\b{re.escape(word)}\b(?!-)", text) is not None  # noqa: PLR2004
