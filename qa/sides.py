"""Hits -> those to show, so that both sides are shown where the documents contradict themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qa.disagree import opposed
from qa.discourse import states_conflict
from qa.extract import extract
from qa.index import Index
from qa.reading import read
from qa.types import Citation, Hit

# Sentences that contradict one another share all their words but few, so their vectors lie near.
_NEAR = 0.75
# So many of the nearest are compared word by word.
_COMPARED = 12


def both_sides(hits: Sequence[Hit], top: int, index: Index) -> tuple[list[Hit], bool]:
    """Return the hits to show, ``top`` at most, and whether one of them contradicts the best.

    The one that does is quoted by the sentence that does; where it is not among those to show, it takes the place of
    the last.

    :param hits: best first, without near-duplicates.
    """
    shown = list(hits[:top])
    for other, sentence in _near(hits, index) if top > 1 else ():
        against = _quoted_by(hits[other], sentence)
        if opposed(_text(hits[0], index), _text(against, index)) and _alone(hits[0], index) and _alone(against, index):
            shown[min(other, len(shown) - 1)] = against
            return shown, True
    return shown, False


def stated(citations: Sequence[Citation]) -> bool:
    """Tell whether the best passage is quoted as saying that sources contradict one another."""
    return any(states_conflict(quote.exact) for citation in citations[:1] for quote in citation.quotes)


def _near(hits: Sequence[Hit], index: Index) -> list[tuple[int, int]]:
    """Return the sentences of the other hits that are near to the best hit's best one: hit and sentence, nearest first.

    An index without vectors of sentences has none.
    """
    if not len(index.sentences) or not hits or not hits[0].sentences:
        return []
    first, _ = index.passages.sentence_range(hits[0].ordinal)
    best = index.sentences.vectors(first + _best(hits[0]), first + _best(hits[0]) + 1)[0]
    near = []
    for other, hit in enumerate(hits[1:], start=1):
        cosines = index.sentences.vectors(*index.passages.sentence_range(hit.ordinal)) @ best
        near += [(-float(cosines[i]), other, int(i)) for i in np.flatnonzero(cosines >= _NEAR)]
    return [(other, sentence) for _, other, sentence in sorted(near)[:_COMPARED]]


def _best(hit: Hit) -> int:
    return max(range(len(hit.sentences)), key=lambda i: hit.sentences[i].score)


def _quoted_by(hit: Hit, number: int) -> Hit:
    """Return the hit as it is when one of its sentences answers best."""
    raised = replace(hit.sentences[number], score=hit.sentences[_best(hit)].score + 1)
    return replace(hit, sentences=(*hit.sentences[:number], raised, *hit.sentences[number + 1 :]))


def _text(hit: Hit, index: Index) -> str:
    """Return the sentence that a hit is quoted by."""
    return read(index.documents.get(hit.passage.document_id), hit.sentences[_best(hit)].span).text


def _alone(hit: Hit, index: Index) -> bool:
    """Tell whether the sentence that a hit is quoted by says the same without those beside it."""
    extracts = extract(hit, index.documents.get(hit.passage.document_id))
    return len(extracts) == 1 and extracts[0].span == hit.sentences[_best(hit)].span
