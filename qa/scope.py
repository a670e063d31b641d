"""A question and its hits -> the evidence that they answer it, and its probability."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from qa.answertype import asks, fits
from qa.index import Index
from qa.types import Calibration, Confidence, ConfidenceLevel, Hit

# The names of the evidence, in its order; an index with a reranker has its score after them.
EVIDENCE = ("meaning", "score", "lowest", "headed", "length", "fits")
# How many hits the evidence is taken from, however many are shown.
HITS = 8
# A question is hardly longer: what is, is no better matched for it.
_MOST_TERMS = 32
# Under this cosine not even the topic is there.
_TOPIC = 0.35
_LEVELS: tuple[tuple[float, ConfidenceLevel], ...] = ((0.97, "VERY_HIGH"), (0.9, "HIGH"), (0.7, "MEDIUM"))


def evidence(question: str, hits: Sequence[Hit], index: Index) -> tuple[float, ...]:
    """Return the evidence that the first of a non-empty list of hits answers, in the order of its names.

    ``meaning`` is the best cosine of the question with a sentence (with a passage, in an index whose sentences have no
    vectors), ``score`` the first hit's and ``lowest`` its worst matches of tokens; ``headed`` the share of the question's
    idf mass that stands in its title and headings; ``length`` the logarithm of the number of the question's terms, of which
    at most 32 count; ``fits`` whether it holds anything of the kind that is asked for. The score of a reranker, if one has
    read the first hit, comes last.

    :param question: as it is looked up.
    """
    first = hits[0]
    title = index.documents.get(first.passage.document_id).title
    terms = index.lexical.terms(question)
    kinds = asks(question)
    headings = set(index.lexical.terms(" ".join([title, *first.passage.section])))
    return (
        max(hit.meaning for hit in hits[:HITS]),
        first.score,
        first.lowest,
        _headed(index.lexical.content(terms), headings, index),
        math.log(min(max(len(terms), 1), _MOST_TERMS)),
        float(not kinds or fits(index.read(first.ordinal).text, kinds)),
        *([] if first.answers is None else [first.answers]),
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


def _headed(content: list[str], headings: AbstractSet[str], index: Index) -> float:
    """Return the share of the terms' idf mass that stands in the headings; 0 where there are no terms."""
    if not content:
        return 0.0
    idf = index.lexical.idf(content)
    return float(idf[[term in headings for term in content]].sum() / idf.sum())
