"""The lines of a plain text -> which of them are headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from qa.corpus.furniture import furniture, is_menu_entry
from qa.corpus.lines import Line
from qa.types import Span

_LONGEST_HEADING = 80
_MOST_WORDS = 12
_LONGEST_ITEM = 160
_LIST_RUN = 3
_WRAP_WIDTH = range(50, 121)
_WRAPPED_SHARE = 0.3

BOLD = re.compile(
    r"\*\*(?=[^\s*])(?P<inner>[^\n]{0,400}?[^\s*])\*\*|(?<![\w_])__(?=[^\s_])(?P<under>[^\n]{0,400}?[^\s_])__(?![\w_])"
)
HASHES = re.compile(r"#{1,6}(?=[ \t]+\S)")
_UNDERLINE = re.compile(r"(?:=+|-+|~+)")
_CLOSES = re.compile(
    r"(?:[.!:;,…。！：；，][\"'”’)\]*_]*|(?<=[^\W\d_])[.!][\"'”’)\]*_]*(?:\d{1,3}(?:[,–-]\d{1,3})*|[⁰¹²³⁴-⁹,]+|\s?\[[\d, –-]+\]))$"
)
_NUMBERED_END = re.compile(r"\w[ )\]]?\d[\d, –-]*$")
_DANGLING = re.compile(
    r"\b(?:includ(?:es?|ing)|with|on|of|are|is|was|were|the|an?|to|by|from|for|as|and|or|following|at|in|may|can|that|than|if|when)$"
)
_BYLINE = re.compile(
    r"(?:last |medically |clinically |date |page |content |next |originally |and )*"
    r"(?:reviewed|checked|written|edited|updated|published|posted|created|modified|review|approved)"
    r"(?::| by| on| date| due|,? \w+ \d).*|by [A-Z]\w+ .*|author:? .*|\d{1,2} \w+ (?:19|20)\d\d|\w+ \d{1,2}, (?:19|20)\d\d|\d+ min(?:ute)?s? read",
    re.IGNORECASE,
)
_TABULAR = re.compile(r"\t|\S {3,}\S|\s\|\s|^\||\|$")
_LINK = re.compile(r"https?://|www\.|\S@\S+\.\w|\]\(")
_BIBLIOGRAPHY = re.compile(
    r"(?:references?|bibliography|sources?|literature|works cited|citations|further reading|notes|footnotes|endnotes):",
    re.IGNORECASE,
)
_FIELD = re.compile(r"[\"'“‘(\[*_]*(?P<first>\w)")


def is_wrapped(lines: Sequence[Line]) -> bool:
    """Tell whether the text was broken into lines by width, so that a line break ends nothing.

    :param lines: of the whole text.
    """
    pairs = broken = 0
    for line, after in pairwise(lines):
        if line.blank or after.blank or after.bullet is not None:
            continue
        pairs += 1
        full = len(line.text) + line.indent in _WRAP_WIDTH
        broken += full and not _CLOSES.search(line.text) and after.text[0].islower()
    return broken >= 2 and broken >= _WRAPPED_SHARE * pairs  # noqa: PLR2004


def find_headings(lines: Sequence[Line], *, wrapped: bool) -> dict[int, Span]:
    """Find the headings.

    :param lines: of the whole text.
    :param wrapped: whether the lines were broken by width.
    :returns: the spans of the headings by the number of the line each starts on.
    """
    found: dict[int, Span] = {}
    written = [number for number, line in enumerate(lines) if not line.blank]
    menu = _menu(lines, written)
    number = 0
    while number < len(lines):
        run = _short_run(lines, number, menu)
        if not run:
            number += 1
            continue
        for place in _headings_of_run(lines, run, written, wrapped=wrapped):
            found[place] = heading_span(lines, place)
        number = run[-1] + 1
    return found


def _short_run(lines: Sequence[Line], start: int, menu: frozenset[int]) -> list[int]:
    """Return the numbers of the lines from ``start`` on that do not close like a sentence, without a blank between."""
    run = []
    number = start
    while number < len(lines) and _is_open(lines[number]) and number not in menu:
        run.append(number)
        number += 2 if _underlined(lines, number) else 1
    return run


def _menu(lines: Sequence[Line], written: Sequence[int]) -> frozenset[int]:
    """Find the lines that are one of several menu words in a row, blank lines left aside."""
    entries = [False, *(is_menu_entry(lines[number].text) for number in written), False]
    return frozenset(
        number
        for number, (before, entry, after) in zip(
            written, zip(entries, entries[1:], entries[2:], strict=False), strict=True
        )
        if entry and (before or after)
    )


def _is_open(line: Line) -> bool:
    """Tell whether a line could stand in a list without bullets, or be a heading."""
    if not line.text or len(line.text) > _LONGEST_ITEM:
        return False
    return could_head(line) or (
        line.bullet is None and not _CLOSES.search(line.text) and not _NUMBERED_END.search(line.text)
    )


def _headings_of_run(
    lines: Sequence[Line], run: Sequence[int], written: Sequence[int], *, wrapped: bool
) -> Sequence[int]:
    """Pick the headings among consecutive short lines: a long run is a list, not so many headings."""
    sure = [place for place in run if _is_marked(lines, place)]
    if sure:
        return sure
    before, after = run[0] - 1, run[-1] + 1
    if written[-1] < after:
        return ()
    starts_apart = before < 0 or lines[before].blank
    ends_apart = lines[after].blank
    opens = written[0] >= run[0]
    if wrapped:
        clear = len(run) == 1 and starts_apart and (ends_apart or lines[run[0]].text.isupper())
        return run if clear and could_head(lines[run[0]]) else ()
    introduced = not starts_apart and announces(lines[before].text) and lines[before].bullet is None
    heads = [place for place in run if could_head(lines[place])]
    if not introduced and len(run) < _LIST_RUN + opens:
        return heads
    if not heads or heads[-1] != run[-1]:
        return ()
    stands_out = _is_title_case(lines[run[-1]].text) and not all(_is_title_case(lines[n].text) for n in run)
    return run[-1:] if stands_out and not ends_apart else ()


def _is_title_case(text: str) -> bool:
    """Tell whether all the longer words of a line, two or more in all, start with a capital."""
    words = text.split()
    return len(words) > 1 and all(word[0].isupper() for word in words if len(word) > 3)  # noqa: PLR2004


def could_head(line: Line) -> bool:
    """Tell whether a line could be a heading by its own looks.

    :param line: of a plain text.
    """
    text = line.text
    if not text or len(text) > _LONGEST_HEADING or line.bullet is not None:
        return False
    if _BIBLIOGRAPHY.fullmatch(text) or HASHES.match(text):
        return True
    first = _FIELD.match(text)
    if first is None or not (first["first"].isupper() or first["first"].isdigit()) or len(text.split()) > _MOST_WORDS:
        return False
    if (
        _CLOSES.search(text)
        or _DANGLING.search(text)
        or _BYLINE.fullmatch(text)
        or _TABULAR.search(text)
        or _LINK.search(text)
    ):
        return False
    return any(character.isalpha() for character in text) and furniture(BOLD.sub(_unbold, text)) is None


def _unbold(pair: re.Match[str]) -> str:
    return pair["inner"] or pair["under"] or ""


def _is_marked(lines: Sequence[Line], number: int) -> bool:
    text = lines[number].text
    return bool(HASHES.match(text)) or _underlined(lines, number) or bool(_BIBLIOGRAPHY.fullmatch(text))


def _underlined(lines: Sequence[Line], number: int) -> bool:
    """Tell whether the line after is a rule about as long as the line (setext style)."""
    if number + 1 >= len(lines):
        return False
    rule = lines[number + 1].text
    return len(rule) >= max(3, len(lines[number].text) // 2) and _UNDERLINE.fullmatch(rule) is not None


def heading_span(lines: Sequence[Line], number: int) -> Span:
    """Return the span of the heading that starts on a line, with the rule under it if there is one.

    :param lines: of the whole text.
    :param number: of the heading's first line.
    """
    last = lines[number + 1] if _underlined(lines, number) else lines[number]
    return Span(start=lines[number].span.start, end=last.span.end)


def announces(text: str) -> bool:
    """Tell whether a line ends in a colon, marks of emphasis left aside."""
    return text.rstrip("*_ ").endswith(":")
