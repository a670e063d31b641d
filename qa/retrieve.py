"""Question -> Hits: dense and lexical retrieval, convex fusion, MaxSim over the best.

Every weight here was measured; ARCHITECTURE.md has the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qa.encoders import Encoding
from qa.index import Index
from qa.index.store import SENTENCE_END, SENTENCE_START, TOKEN_END, TOKEN_START
from qa.index.tokens import MaxSim, project
from qa.spelling import correct
from qa.types import Hit, Sentence, Span

_CANDIDATES = 100
_RESCORED = 60
_DENSE_SHARE = 0.5
_FUSED, _WHOLE, _SENTENCE, _MEANING = 0.2, 0.8, 0.2, 0.4
# The share of its own vector in a sentence's score within its passage.
_OWN = 1 / 3
# What turns a sentence's meaning may stand this many passages away, past a list.
_REACH = 4


def prepare(question: str, index: Index) -> str:
    """Return the question in the corpus' words: typing errors mended, and the words of its glossary explained."""
    said = index.glossary.words
    mended = correct(
        question,
        known=lambda word: word in said or index.encoder.knows(word) or index.lexical.has_term_of(word),
        frequency=lambda word: index.lexical.word_frequency(word) or int(word in said),
    )
    return index.glossary.explain(mended)


def encode(question: str, index: Index) -> Encoding:
    """Return the question's vectors."""
    return index.encoder.encode_query(question)


def retrieve(
    question: str, encoding: Encoding, index: Index, k: int, *, documents: Sequence[int] = ()
) -> tuple[Hit, ...]:
    """Return the at most ``k`` best passages for a question, best first; none where the question has no tokens.

    :param encoding: the question's vectors, from ``encode``.
    :param documents: look only in the documents of these ordinals; in all if empty.
    """
    if encoding.is_empty:
        return ()
    terms = index.lexical.terms(question)
    among = index.passages.of_documents(documents) if documents else None
    if among is not None and not len(among):
        return ()
    ordinals, dense, fused = _candidates(encoding.pooled, terms, index, among)
    if not len(ordinals):
        return ()
    best = ordinals[np.argsort(-fused, kind="stable")[:_RESCORED]]
    late = _maxsim(encoding, best, index)
    places = np.searchsorted(ordinals, best)
    share, meaning = 0.0, dense[places].tolist()
    if len(index.sentences):
        ranges = [index.passages.sentence_range(ordinal) for ordinal in best.tolist()]
        cosines = index.sentences.cosines(encoding.pooled, ranges)
        share, meaning = _MEANING, [float(each.max(initial=0.0)) for each in cosines]
    scores = [
        _score(fusion, near, share, maxsim)
        for fusion, near, maxsim in zip(fused[places].tolist(), meaning, late, strict=True)
    ]
    rows = zip(scores, best.tolist(), dense[places].tolist(), late, strict=True)
    scored = sorted(rows, key=lambda row: (-row[0], row[1]))
    return tuple(
        _hit(score, ordinal, cosine, maxsim, _sentences(ordinal, maxsim, encoding.pooled, index), index)
        for score, ordinal, cosine, maxsim in scored[:k]
    )


def reach(places: Sequence[tuple[int, int]], encoding: Encoding, hits: Sequence[Hit], index: Index) -> float:
    """Return how well stretches of a question match the hit that matches them best: their mean MaxSim (-1 to 1).

    :param places: half-open, in the text that was encoded; without any, or without hits, the mean is 1.
    :param encoding: the question's vectors, from ``encode``.
    """
    held = [
        token
        for token, (start, end) in enumerate(encoding.offsets)
        if any(first <= start < end <= last for first, last in places)
    ]
    if not held or not hits:
        return 1.0
    stretches = replace(encoding, tokens=encoding.tokens[held], offsets=tuple(encoding.offsets[i] for i in held))
    return max(late.whole for late in _maxsim(stretches, np.array([hit.ordinal for hit in hits]), index))


def _score(fusion: float, meaning: float, share: float, late: MaxSim) -> float:
    """Weigh the evidence to a score that is at most 1.

    :param share: the weight of ``meaning``, 0 where the sentences have no vectors of their own.
    """
    weighted = _FUSED * fusion + _WHOLE * late.whole + _SENTENCE * max(late.sentences, default=0.0) + share * meaning
    return weighted / (_FUSED + _WHOLE + _SENTENCE + share)


def _candidates(
    vector: NDArray[np.float32], terms: list[str], index: Index, among: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float64]]:
    """Return the passages either index finds, their cosines, and the convex combination of min-max scores.

    A passage that only the lexical index found has its true cosine; one that only the dense index found
    shares no more with the question than the last lexical hit, and counts 0 there.
    """
    near = index.dense.search(vector, _CANDIDATES, among=among)
    worded, bm25 = index.lexical.search(terms, _CANDIDATES, among=among)
    ordinals = np.union1d(near, worded)
    dense = index.dense.vectors(ordinals) @ vector
    lexical = np.zeros(len(ordinals))
    lexical[np.searchsorted(ordinals, worded)] = bm25
    return ordinals, dense, _DENSE_SHARE * _min_max(dense) + (1 - _DENSE_SHARE) * _min_max(lexical)


def _min_max(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    low, high = scores.min(), scores.max()
    return (scores.astype(np.float64) - low) / (high - low) if high > low else np.zeros(len(scores))


def _maxsim(encoding: Encoding, ordinals: NDArray[np.int64], index: Index) -> list[MaxSim]:
    real = [i for i, (start, end) in enumerate(encoding.offsets) if end > start]
    question = project(encoding.tokens[real], index.tokens.basis)
    rows = [index.passages.tokens_of(ordinal) for ordinal in ordinals]
    sentences = [index.passages.sentences_of(ordinal)[:, TOKEN_START : TOKEN_END + 1] for ordinal in ordinals]
    return index.tokens.maxsim(question, rows, sentences)


def _hit(score: float, ordinal: int, dense: float, late: MaxSim, sentences: tuple[Sentence, ...], index: Index) -> Hit:
    before, after = index.passages.around(ordinal, _REACH)
    return Hit(
        passage=index.passages.passage(ordinal, index.documents),
        ordinal=ordinal,
        score=score,
        dense=dense,
        lowest=late.lowest,
        sentences=sentences,
        before=before,
        after=after,
    )


def _sentences(ordinal: int, late: MaxSim, vector: NDArray[np.float32], index: Index) -> tuple[Sentence, ...]:
    """Return a passage's sentences with their scores: MaxSim, and the cosine where they have vectors of their own."""
    scores = np.array(late.sentences)
    if len(index.sentences):
        own = index.sentences.cosines(vector, [index.passages.sentence_range(ordinal)])[0]
        scores = (1 - _OWN) * scores + _OWN * own
    places = index.passages.sentences_of(ordinal)[:, [SENTENCE_START, SENTENCE_END]].tolist()
    return tuple(
        Sentence(span=Span(start=start, end=end), score=score)
        for (start, end), score in zip(places, scores.tolist(), strict=True)
    )
