"""Hits -> those to show, so that both sides are shown where the documents contradict themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

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
    """Return the hits to show, ``top`` at most, and whether sentences that they are quoted by contradict one another.

    Where the first hit that contradicts a shown one is not among the best, it takes the place of the last; it is
    quoted by the sentence that contradicts.

    :param hits: best first, without near-duplicates.
    """
    shown = list(hits[:top])
    for place, other, sentence in islice(_near(hits, top, index), _COMPARED):
        one, against = hits[place], _quoted_by(hits[other], sentence)
        if opposed(_text(one, index), _text(against, index)) and _alone(one, index) and _alone(against, index):
            shown[min(other, len(shown) - 1)] = against
            return shown, True
    return shown, False


def stated(citations: Sequence[Citation]) -> bool:
    """Tell whether the best passage is quoted as saying that sources contradict one another."""
    return any(states_conflict(quote.exact) for citation in citations[:1] for quote in citation.quotes)


def _near(hits: Sequence[Hit], top: int, index: Index) -> Iterator[tuple[int, int, int]]:
    """Yield a shown hit, another, and a sentence of the other that is near to the best of the first, nearest first.

    An index without vectors of sentences yields nothing. The last shown hit may be replaced only by what another
    shown one is contradicted by.
    """
    if not len(index.sentences) or not hits:
        return
    ranges = [index.passages.sentence_range(hit.ordinal) for hit in hits]
    vectors = [index.sentences.vectors(*rows) for rows in ranges]
    pairs = []
    for place, hit in enumerate(hits[:top]):
        for other in range(len(hits)):
            if other == place or (other >= top and place == top - 1):
                continue
            cosines = vectors[other] @ vectors[place][_best(hit)]
            pairs += [(float(cosines[i]), place, other, int(i)) for i in np.flatnonzero(cosines >= _NEAR)]
    yield from ((place, other, sentence) for _, place, other, sentence in sorted(pairs, key=lambda p: (-p[0], *p[1:])))


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
