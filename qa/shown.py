"""Hits -> those that a reader may be shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.index import Index
from qa.question import normalise
from qa.types import Hit

_SAME = 0.9
# So far behind the best stood 40 of 330 wrong passages among the first three, and none of 292 right ones in ten.
_FAR = 0.25
_WORD = re.compile(r"\w+(?:'\w+)?")
_NEGATIONS = frozenset(["no", "not", "never", "without", "unless", "cannot", "however", "except", "only", "nor"])


def to_show(hits: Sequence[Hit], index: Index) -> list[Hit]:
    """Return the hits that a reader may be shown, best first: near the best one, and none said twice."""
    return _close(_distinct(hits, index))


def _close(hits: Sequence[Hit]) -> list[Hit]:
    """Drop what is far behind the best: where one passage is on the topic, the next is on another."""
    return [hit for hit in hits if hit.score >= hits[0].score - _FAR]


def _distinct(hits: Sequence[Hit], index: Index) -> list[Hit]:
    """Drop a hit that says nearly word for word what a better one says; differing numbers or a "not" keep it."""
    kept: list[Hit] = []
    seen: list[frozenset[str]] = []
    for hit in hits:
        words = frozenset(_WORD.findall(normalise(index.read(hit.ordinal).text).lower()))
        if not any(_near_duplicates(words, other) for other in seen):
            kept.append(hit)
            seen.append(words)
    return kept


def _near_duplicates(left: frozenset[str], right: frozenset[str]) -> bool:
    telling = any(word in _NEGATIONS or word.endswith("n't") or not word.isalpha() for word in left ^ right)
    return not telling and len(left & right) >= _SAME * len(left | right)
