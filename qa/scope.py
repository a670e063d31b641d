"""A question and its hits -> the evidence that they answer it, and its probability."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from qa.answertype import asks, fits
from qa.index import Index
from qa.types import Calibration, Confidence, ConfidenceLevel, Hit

# The names of the evidence, in its order: what retrieval gives, and what the reader or a reranker adds.
RETRIEVED, RERANKED = ("lowest", "length", "fits"), ("answers",)
# At least this many hits are looked up, however many are shown.
HITS = 8
# Cap on counted terms: a longer question carries no more evidence.
_MOST_TERMS = 16
# Under this cosine not even the topic is there.
_TOPIC = 0.35
_LEVELS: tuple[tuple[float, ConfidenceLevel], ...] = ((0.97, "VERY_HIGH"), (0.9, "HIGH"), (0.7, "MEDIUM"))


def evidence(question: str, hits: Sequence[Hit], index: Index) -> tuple[float, ...]:
    """Return the evidence that the first of a non-empty list of hits answers, in the order of its names.

    ``lowest`` is the mean MaxSim of the quarter of the question's tokens that match the hit worst. ``length`` is the
    logarithm of the number of the question's terms, of which at most 16 count. ``fits`` tells whether the hit holds
    anything of the kind that is asked for. ``answers`` is the reader's logit for the hit; an index without one leaves it out.

    :param question: as it is looked up.
    """
    first = hits[0]
    terms = len(index.lexical.terms(question))
    kinds = asks(question)
    return (
        first.lowest,
        math.log(min(max(terms, 1), _MOST_TERMS)),
        float(not kinds or fits(index.read(first.ordinal).text, kinds)),
        *(() if first.answers is None else (first.answers,)),
    )


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
