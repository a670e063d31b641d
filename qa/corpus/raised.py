"""Reference numbers that the text itself raises: ``<sup>3</sup>`` and ``^3^``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.corpus.numbers import is_exponent, numbers_of
from qa.types import Marker, Span

_NUMBERS = r"\\?\[?\s*\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\s*\\?\]?"
_RAISED = re.compile(
    rf"<sup\b[^<>]*>\s*(?:<a\b[^<>]*>\s*|\[(?=[^\n<>]*\]\())?(?P<tagged>{_NUMBERS})(?:\]\([^\s()]*\))?\s*(?:</a>\s*)?</sup>"
    rf"|(?<=\S)\^(?P<caret>{_NUMBERS})\^(?![\w^])",
    re.IGNORECASE,
)


def raised_markers(text: str, outside: Sequence[Span] = ()) -> list[Marker]:
    """Find the raised groups of a text, exponents left out.

    :param text: the whole text.
    :param outside: spans to leave alone, such as code.
    """
    if "<sup" not in text.lower() and "^" not in text:
        return []
    found = []
    for match in _RAISED.finditer(text):
        span = Span(start=match.start(), end=match.end())
        numbers = numbers_of(match["tagged"] or match["caret"])
        if numbers and not is_exponent(text, match.start()) and not any(span.overlaps(other) for other in outside):
            found.append(Marker(span=span, numbers=numbers))
    return found
