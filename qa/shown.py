"""Select which hits to show: drop near-duplicates and hits far below the best one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.index import Index
from qa.question import normalise
from qa.types import Hit

_SAME = 0.9
# Maximum score gap to the best hit. On the development questions it removed 40 of 330 wrong passages and no right one.
_FAR = 0.25
_WORD = re.compile(r"\w+(?:'\w+)?")
_NEGATIONS = frozenset(["no", "not", "never", "without", "unless", "cannot", "however", "except", "only", "nor"])


def to_show(hits: Sequence[Hit], index: Index) -> list[Hit]:
    """Return the hits to show, best first."""
    return _close(_distinct(hits, index))


def _close(hits: Sequence[Hit]) -> list[Hit]:
    """Drop what retrieval scores far below the best: where one passage is on the topic, the next is on another.

    The first hit stays, wherever a reranker took it from.
    """
    least = max((hit.score for hit in hits), default=0.0) - _FAR
    return [hit for place, hit in enumerate(hits) if not place or hit.score >= least]


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
