"""A question's hits -> the evidence that they answer it, and its probability."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from qa.types import Calibration, Confidence, ConfidenceLevel, Hit

# The names of the evidence, in its order: what retrieval gives, what any reranker adds, what the packaged reader adds.
RETRIEVED, RERANKED, READ = ("lowest", "dense"), ("answers",), ("stated",)
# How many hits the evidence is taken from, however many are shown.
HITS = 8
# Under this cosine not even the topic is there.
_TOPIC = 0.35
_LEVELS: tuple[tuple[float, ConfidenceLevel], ...] = ((0.97, "VERY_HIGH"), (0.9, "HIGH"), (0.7, "MEDIUM"))


def evidence(hits: Sequence[Hit]) -> tuple[float, ...]:
    """Return the evidence that the first of a non-empty list of hits answers, in the order of the names.

    ``lowest`` is how well the question's worst tokens match the first hit, ``dense`` the best cosine of the question with a
    passage; ``answers`` is the reranker's logit for the first hit and ``stated`` the reader's for its
    best sentence. What the index has no model for is left out.
    """
    first = hits[0]
    read = [logit for logit in (first.answers, first.stated) if logit is not None]
    return (first.lowest, max(hit.dense for hit in hits[:HITS]), *read)


def probability(found: Iterable[float], calibration: Calibration) -> float:
    """Return the probability (0 to 1) that the best hit answers, given the evidence."""
    logit = calibration.intercept + math.fsum(map(math.prod, zip(calibration.weights, found, strict=True)))
    return 1 / (1 + math.exp(-max(logit, -500.0)))


def confidence(value: float) -> Confidence:
    """Name a probability."""
    level: ConfidenceLevel = next((name for bound, name in _LEVELS if value >= bound), "LOW")
    return Confidence(level=level, probability=round(value, 4))


def on_topic(hits: Sequence[Hit]) -> bool:
    """Tell whether the corpus has the question's topic, though perhaps not its answer."""
    return max((hit.dense for hit in hits), default=0.0) >= _TOPIC
