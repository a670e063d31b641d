"""The pieces of one block's running text -> the composer: which of them are reference marks, and which are not read."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Literal

from qa.corpus.composer import Composer
from qa.corpus.numbers import numbers_of

_BRACKETED = re.compile(r"\[\s{0,3}\d{1,3}(?:\s?\]?\s?[,;–-]\s{0,3}\[?\s?\d{1,3}){0,40}\s{0,3}\]")
_EDIT = re.compile(r"\[\s*edit\b[^\[\]]*\]\s*$|¶\s*$", re.IGNORECASE)
_INVISIBLE = re.compile("([\u00ad\u200b\u2060\ufeff]+)")
_REMARK = re.compile(r"\s*\[[^\]]*[^\W\d_][^\]]*\]\s*")
_SIGN = re.compile(r"\s*(?:[^\W\d_]|[^\w\s]{1,3})\s*")
Role = Literal["text", "mark", "raised", "unread", "code", "verbatim", "break"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A piece of text and how it stands on the page.

    ``mark`` is a link on nothing but reference numbers, ``raised`` a superscript (``link``: to a place on the page),
    ``unread`` what is not to be read, ``code`` what is code within a line, ``verbatim`` preformatted, ``break`` the end of a line.
    """

    text: str
    role: Role = "text"
    link: bool = False


def has_text(runs: Sequence[Run]) -> bool:
    """Tell whether a reader would see a word or a sign."""
    return any(run.role != "unread" and _INVISIBLE.sub("", run.text).strip() for run in runs)


def write_runs(runs: Sequence[Run], composer: Composer, *, heading: bool = False) -> None:
    """Write the running text of one block.

    :param runs: in their order.
    :param composer: to write to.
    :param heading: whether the block is a heading: a link to edit it is no part of it.
    """
    if heading:
        runs = _joined(runs, [match.span() for match in _EDIT.finditer(_text(runs))], "unread")
    spans = [match.span() for match in _BRACKETED.finditer(_text(runs))]
    marked = _joined(runs, list(_with_marks(runs, spans)), "mark")
    for role, group in groupby(marked, key=lambda run: run.role):
        if role == "verbatim":
            composer.verbatim("".join(run.text for run in group))
        else:
            for run in group:
                _write(run, composer)


def _text(runs: Sequence[Run]) -> str:
    """Join the runs that can hold a mark; the others count as something else of the same length."""
    return "".join(run.text if run.role in ("text", "mark", "raised") else "\x00" * len(run.text) for run in runs)


def _with_marks(runs: Sequence[Run], spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Keep the brackets that a link on numbers lies within."""
    ends = list(accumulate(len(run.text) for run in runs))
    marks = [(end - len(run.text), end) for run, end in zip(runs, ends, strict=True) if run.role == "mark" or run.link]
    for start, end in spans:
        place = bisect_left(marks, (start, 0))
        if place < len(marks) and marks[place][1] <= end:
            yield start, end


def _joined(runs: Sequence[Run], spans: Sequence[tuple[int, int]], role: Literal["mark", "unread"]) -> list[Run]:
    """Make one run of what lies within each span, cutting those that reach over its ends."""
    if not spans:
        return list(runs)
    cuts = sorted({place for span in spans for place in span})
    pieces: list[Run] = []
    starts = dict(spans)
    until = at = 0
    for run, text in _cut(runs, cuts):
        until = max(until, starts.get(at, 0))
        if at < until and at in starts:
            pieces.append(Run(text=text, role=role))
        elif at < until:
            pieces[-1] = Run(text=pieces[-1].text + text, role=role)
        else:
            pieces.append(Run(text=text, role=run.role, link=run.link))
        at += len(text)
    return pieces


def _cut(runs: Sequence[Run], cuts: Sequence[int]) -> Iterator[tuple[Run, str]]:
    """Yield the runs' texts, cut at the places given."""
    at = number = 0
    for run in runs:
        start, end = at, at + len(run.text)
        while number < len(cuts) and cuts[number] < end:
            if cuts[number] > at:
                yield run, run.text[at - start : cuts[number] - start]
                at = cuts[number]
            number += 1
        if at < end:
            yield run, run.text[at - start :]
        at = end


def _write(run: Run, composer: Composer) -> None:
    match run.role:
        case "text":
            _write_text(run.text, composer)
        case "code":
            composer.literal(run.text)
        case "break":
            composer.line_break()
        case "unread":
            _write_unread(run.text, composer)
        case "mark":
            _write_mark(run.text, composer)
        case "raised":
            _write_raised(run, composer)


def _write_text(text: str, composer: Composer) -> None:
    """Write text; what marks where a word may be broken is not read."""
    for place, piece in enumerate(_INVISIBLE.split(text)):
        if place % 2:
            composer.markup(piece)
        elif piece:
            composer.write(piece)


def _write_unread(text: str, composer: Composer) -> None:
    """Write what is not read, without a space of its own on both sides."""
    words = " ".join(text.split())
    if text[:1].isspace():
        composer.write(" ")
    if words:
        composer.markup(words)
        if text[-1:].isspace():
            composer.write(" ")


def _write_mark(text: str, composer: Composer) -> None:
    words = " ".join(text.split())
    numbers = numbers_of(words)
    if text[:1].isspace():
        composer.write(" ")
    if numbers:
        composer.marker(words, numbers)
    else:
        composer.write(words)
    if text[-1:].isspace():
        composer.write(" ")


def _write_raised(run: Run, composer: Composer) -> None:
    """Write a superscript; a remark in brackets and a sign that leads to a footnote are not read."""
    if _REMARK.fullmatch(run.text) or (run.link and _SIGN.fullmatch(run.text)):
        _write_unread(run.text, composer)
    else:
        composer.raised(run.text, link=run.link)
