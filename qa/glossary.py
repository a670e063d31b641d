"""A question and the corpus' glossary -> the question in the words that the documents use.

Readers say "water pill" where documents say "diuretic". What the documents say is set behind the reader's word, so
that neither is lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping


class Glossary:
    """What readers say, and what the documents say for it."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        """Take the entries: a reader's word or words, and the documents' for it."""
        # The longest first, so that "water pill" is not read as "pill".
        terms = sorted(entries, key=len, reverse=True)
        self.words = frozenset(word.lower() for term in terms for word in term.split())
        self._meanings = [entries[term] for term in terms]
        pattern = "|".join(map(_pattern, terms))
        self._pattern = re.compile(rf"(?<![\w'])(?:{pattern})(?![\w'])") if terms else None

    def explain(self, question: str) -> str:
        """Return the question with what each of its glossary words means behind it in brackets."""
        return self._pattern.sub(self._explained, question) if self._pattern else question

    def _explained(self, found: re.Match[str]) -> str:
        """Set the meaning of the term whose group matched behind it."""
        return f"{found.group()} ({self._meanings[(found.lastindex or 1) - 1]})"


def _pattern(term: str) -> str:
    """Return what a term looks like in a question: one in capitals alone, such as PAD, stands only in capitals."""
    spaced = re.escape(" ".join(term.split())).replace(r"\ ", r"[\s-]+")
    return f"({spaced})" if term.isupper() else f"(?i:({spaced})(?:e?s)?)"
