"""Hits -> the probability that they answer the question. Knows hits only, never the index or the corpus."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qa.types import Confidence, ConfidenceLevel, Hit

# Logistic regression over four corpora, one of which has an intercept of its own, as ARCHITECTURE.md tells; the last
# weight is the log of the odds at which a passage that answers holds the kind of thing asked for.
_INTERCEPT = -20.29
_WEIGHTS = (2.59, 15.14, 2.76, 6.19, 0.97, 2.72, 4.04, 4.1)
# How many hits the evidence is taken from, however many are shown.
EVIDENCE = 8
THRESHOLD = 0.5
# Under this cosine not even the topic is there.
_TOPIC = 0.35
_LEVELS: tuple[tuple[float, ConfidenceLevel], ...] = ((0.95, "VERY_HIGH"), (0.8, "HIGH"), (0.65, "MEDIUM"))


def probability(hits: Sequence[Hit], terms: int) -> float:
    """Return the probability (0 to 1) that the best hit answers; 0 if there is none.

    :param terms: how many distinct terms the question has.
    """
    if not hits:
        return 0.0
    evidence = zip(_WEIGHTS, features(hits, terms), strict=True)
    return 1 / (1 + math.exp(-_INTERCEPT - sum(weight * value for weight, value in evidence)))


def features(hits: Sequence[Hit], terms: int) -> tuple[float, ...]:
    """Return the evidence of a non-empty list of hits.

    The best cosine of a passage and of a sentence; what the first hit covers of the question, its score and its worst
    matches; the length of the question; what the first hit's headings cover; whether it holds the kind of thing asked for.

    :param terms: how many distinct terms the question has.
    """
    considered = hits[:EVIDENCE]
    first = hits[0]
    return (
        max(hit.dense for hit in considered),
        max(hit.meaning for hit in considered),
        first.coverage,
        first.score,
        math.log(max(terms, 1)),
        first.lowest,
        first.headed,
        float(first.fits),
    )


def confidence(value: float) -> Confidence:
    """Name a probability."""
    level: ConfidenceLevel = next((name for bound, name in _LEVELS if value >= bound), "LOW")
    return Confidence(level=level, probability=round(value, 4))


def on_topic(hits: Sequence[Hit]) -> bool:
    """Tell whether the corpus has the question's topic, though perhaps not its answer."""
    return max((hit.dense for hit in hits), default=0.0) >= _TOPIC
