"""A question and its hits -> the evidence that they answer it, and its probability."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from qa.answertype import fits
from qa.index import Index
from qa.types import Calibration, Confidence, ConfidenceLevel, Document, Hit

# The names of the evidence, in its order.
EVIDENCE = ("meaning", "score", "lowest", "covered", "headed", "unknown", "length", "fits")
# How many hits the evidence is taken from, however many are shown.
HITS = 8
# Under this cosine not even the topic is there.
_TOPIC = 0.35
_LEVELS: tuple[tuple[float, ConfidenceLevel], ...] = ((0.97, "VERY_HIGH"), (0.9, "HIGH"), (0.7, "MEDIUM"))


def evidence(question: str, hits: Sequence[Hit], index: Index) -> tuple[float, ...]:
    """Return the evidence that the first of a non-empty list of hits answers, in the order of its names.

    ``meaning`` is the best cosine of the question with a sentence (with a passage, in an index whose sentences have no
    vectors) and ``score`` the first hit's, ``lowest`` its worst matches of tokens; ``covered`` the share of the question's
    idf mass that stands in the hit's best sentence or its headings, ``headed`` that in these alone; ``unknown`` the share
    of the words that no passage holds; ``length`` the logarithm of the number of terms; ``fits`` whether the hit holds
    anything of the kind that is asked for.

    :param question: as it is looked up.
    """
    first = hits[0]
    document = index.documents.get(first.passage.document_id)
    terms = index.lexical.terms(question)
    content = index.lexical.content(terms)
    idf = index.lexical.idf(content)
    headed = np.isin(content, index.lexical.terms(" ".join([document.title, *first.passage.section])))
    covered = headed | np.isin(content, index.lexical.terms(_best_sentence(first, document)))
    unknown = index.lexical.frequencies(content) == 0
    return (
        max(hit.meaning for hit in hits[:HITS]),
        first.score,
        first.lowest,
        _share(idf, covered),
        _share(idf, headed),
        float(unknown.mean()) if content else 0.0,
        math.log(max(len(terms), 1)),
        float(fits(question, index.read(first.ordinal).text)),
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


def _best_sentence(hit: Hit, document: Document) -> str:
    if not hit.sentences:
        return hit.passage.span.of(document.text)
    return max(hit.sentences, key=lambda sentence: sentence.score).span.of(document.text)


def _share(idf: NDArray[np.float64], of: NDArray[np.bool_]) -> float:
    """Return the share of the idf mass that some terms have; 0 where there is none."""
    return float(idf[of].sum() / idf.sum()) if len(idf) else 0.0
