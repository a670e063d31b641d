"""Hits -> the probability that they answer the question. Knows hits only, never the index or the corpus."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qa.types import Confidence, ConfidenceLevel, Hit

# Logistic regression, fitted by benchmarks/fit_scope.py; its figures are in ARCHITECTURE.md.
_INTERCEPT = -9.67
_WEIGHTS = (11.5, 7.91, 1.5)
# How many hits the evidence is taken from, however many are shown.
EVIDENCE = 8
THRESHOLD = 0.14
# Under this cosine not even the topic is there.
_TOPIC = 0.35
_LEVELS: tuple[tuple[float, ConfidenceLevel], ...] = ((0.95, "VERY_HIGH"), (0.8, "HIGH"), (0.5, "MEDIUM"))


def probability(hits: Sequence[Hit]) -> float:
    """Return the probability (0 to 1) that the best hit answers; 0 if there is none."""
    if not hits:
        return 0.0
    logit = _INTERCEPT + sum(weight * value for weight, value in zip(_WEIGHTS, features(hits), strict=True))
    return 1 / (1 + math.exp(-logit))


def features(hits: Sequence[Hit]) -> tuple[float, ...]:
    """Return the evidence of a non-empty list of hits.

    The best cosine of a passage, the best of a sentence, and the share of the question that the first hit covers.
    """
    considered = hits[:EVIDENCE]
    return (
        max(hit.dense for hit in considered),
        max(hit.meaning for hit in considered),
        hits[0].coverage,
    )


def confidence(value: float) -> Confidence:
    """Name a probability."""
    level: ConfidenceLevel = next((name for bound, name in _LEVELS if value >= bound), "LOW")
    return Confidence(level=level, probability=round(value, 4))


def on_topic(hits: Sequence[Hit]) -> bool:
    """Tell whether the corpus has the question's topic, though perhaps not its answer."""
    return max((hit.dense for hit in hits), default=0.0) >= _TOPIC
