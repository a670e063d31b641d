"""A link's query -> the places of a document that it cites. What names no place of this text cites nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from qa.reading import Reading, read
from qa.types import Document, Span

_MOST, _LONGEST_QUOTE = 10, 4_000
_WORD = re.compile(r"\S+")


def cited(document: Document, starts: Sequence[str], ends: Sequence[str], quotes: Sequence[str]) -> tuple[Span, ...]:
    """Return the cited places in order, without overlap.

    :param starts: with ``ends``, pairs of offsets in code points of ``document.text``, as they were typed.
    :param quotes: words of the text, exact or as they are read, white space of any kind between them.
    """
    pairs = list(zip(starts, ends, strict=False))[:_MOST]
    spans = [span for span in (_span(start, end, len(document.text)) for start, end in pairs) if span]
    sought = _Quotes(document)
    spans += [span for span in map(sought.find, quotes[:_MOST]) if span]
    return tuple(_merged(spans))


def _span(start: str, end: str, length: int) -> Span | None:
    if not (_is_offset(start) and _is_offset(end)):
        return None
    span = Span(start=int(start), end=int(end))
    return span if span.start < span.end <= length else None


def _is_offset(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12  # noqa: PLR2004 - no text is that long


class _Quotes:
    """Finds quotes that came without their places, each in one pass: a link may hold what is nowhere."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def find(self, quote: str) -> Span | None:
        """Find a quote in the text as it stands, else in the text as it is read."""
        words = " ".join(quote[:_LONGEST_QUOTE].split())
        if not words:
            return None
        exact = self._text.find(words)
        if exact:
            return Span(start=exact[0], end=exact[1])
        spoken = self._spoken.find(words)
        return self._reading.to_document(*spoken) if spoken else None

    @cached_property
    def _text(self) -> _Collapsed:
        return _Collapsed(self._document.text)

    @cached_property
    def _reading(self) -> Reading:
        return read(self._document, Span(start=0, end=len(self._document.text)))

    @cached_property
    def _spoken(self) -> _Collapsed:
        return _Collapsed(self._reading.text)


class _Collapsed:
    """A text with one space for all white space between two words, and the way back to the places of the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._single = " ".join(text.split())

    def find(self, words: str) -> tuple[int, int] | None:
        """Return the first place of words with one space between them."""
        at = self._single.find(words)
        return (self._back(at), self._back(at + len(words) - 1) + 1) if at >= 0 else None

    def _back(self, at: int) -> int:
        word_start = self._single.rfind(" ", 0, at) + 1
        return self._starts[self._single.count(" ", 0, word_start)] + at - word_start

    @cached_property
    def _starts(self) -> list[int]:
        return [word.start() for word in _WORD.finditer(self._text)]


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(start=merged[-1].start, end=max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged
