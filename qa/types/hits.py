"""What retrieval found, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass

from qa.types.documents import Passage, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of a passage and how well it answers: ``score`` is comparable within one passage only."""

    span: Span
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage found for a question, with the evidence that ranked it.

    ``score`` is retrieval's, at most 1. ``dense`` is the cosine of question and passage and ``lowest`` the mean
    MaxSim of the quarter of the question's tokens that match worst (each -1 to 1). ``answers`` is the reader's logit that
    the passage answers; it is None for a passage that was not read.
    ``sentences`` are its sentences in the order of the text, ``before`` and ``after`` those of the same section in the
    passages next to it.
    """

    passage: Passage
    ordinal: int
    score: float
    dense: float
    lowest: float
    sentences: tuple[Sentence, ...]
    answers: float | None = None
    before: tuple[Span, ...] = ()
    after: tuple[Span, ...] = ()
