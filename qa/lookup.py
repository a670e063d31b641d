"""A question, and what it is in full after those before it -> the hits that answer it, and with what probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa import scope
from qa.encoders import Encoding
from qa.followup import places, points_back, telling
from qa.index import Index
from qa.rank import rank
from qa.retrieve import encode, prepare, reach
from qa.types import Hit

# A follow-up's own words match one of the first passages at least so well, or it is about something else. What a pronoun
# ties to the topic ("is it addictive?") need not be said in a passage's words; what is named anew ("and quinine?") must.
_REACH, _REACH_NEW = 0.41, 0.6
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it was typed, and its vectors in the corpus' words."""

    typed: str
    encoding: Encoding

    @classmethod
    def of(cls, question: str, index: Index) -> Asked:
        """Prepare and encode a question."""
        return cls(typed=question, encoding=encode(prepare(question, index), index))

    @property
    def text(self) -> str:
        """The question in the corpus' words."""
        return self.encoding.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The hits, best first, the probability (0 to 1) that they answer, and whether they are those of the question in full."""

    hits: tuple[Hit, ...]
    probability: float
    in_full: bool = False


def look_up(
    asked: Asked, full: Asked | None, index: Index, k: int, *, threshold: float, documents: Sequence[int] = ()
) -> Found:
    """Look up a question in full, and as it was asked where that way leads nowhere.

    So a follow-up on another topic ("and the weather?") is judged by itself, and no earlier question takes an answer
    away.

    :param full: the question in full, or None where it stands by itself.
    :param k: the most hits, 1 or more.
    :param threshold: the probability from which a question counts as answered.
    """
    if full is None:
        return _found(asked, index, k, documents)
    found = _found(full, index, k, documents)
    own = places(telling(asked.text), full.text)
    least = _REACH if points_back(asked.text) else _REACH_NEW
    reached = reach(own, full.encoding, found.hits[:_SHOWN], index) >= least
    if reached and found.probability >= threshold:
        return replace(found, in_full=True)
    alone = _found(asked, index, k, documents)
    return replace(found, in_full=True) if reached and alone.probability < threshold else alone


def _found(asked: Asked, index: Index, k: int, documents: Sequence[int]) -> Found:
    hits = rank(asked.text, asked.encoding, index, k, documents=documents)
    if not hits:
        return Found(hits=(), probability=0.0)
    found = scope.evidence(asked.text, hits, index)
    return Found(hits=hits, probability=scope.probability(found, index.calibration))
