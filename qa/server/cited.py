"""A link's query -> the places of a document that it cites. What names no place of this text cites nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from qa.reading import read
from qa.types import Document, Span

_MOST, _LONGEST_QUOTE = 10, 4_000


def cited(document: Document, starts: Sequence[str], ends: Sequence[str], quotes: Sequence[str]) -> tuple[Span, ...]:
    """Return the cited places in order, without overlap.

    :param starts: with ``ends``, pairs of offsets in code points of ``document.text``, as they were typed.
    :param quotes: words of the text, exact or as they are read, white space of any kind between them.
    """
    pairs = list(zip(starts, ends, strict=False))[:_MOST]
    spans = [span for span in (_span(start, end, len(document.text)) for start, end in pairs) if span]
    spans += [span for span in (_find(document, quote) for quote in quotes[:_MOST]) if span]
    return tuple(_merged(spans))


def _span(start: str, end: str, length: int) -> Span | None:
    if not (_is_offset(start) and _is_offset(end)):
        return None
    span = Span(start=int(start), end=int(end))
    return span if span.start < span.end <= length else None


def _is_offset(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12  # noqa: PLR2004 - no text is that long


def _find(document: Document, quote: str) -> Span | None:
    """Find a quote that came without its place: in the text as it stands, else in the text as it is read."""
    words = quote[:_LONGEST_QUOTE].split()
    if not words:
        return None
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    exact = pattern.search(document.text)
    if exact:
        return Span(start=exact.start(), end=exact.end())
    reading = read(document, Span(start=0, end=len(document.text)))
    spoken = pattern.search(reading.text)
    return reading.to_document(spoken.start(), spoken.end()) if spoken else None


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(start=merged[-1].start, end=max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged
