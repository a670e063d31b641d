"""The words of a message in; the probability that they tell of an emergency, and of which, out.

What the rules miss is often told by the small words: "he wont", "my", "keeps", "since" against "what is", "can a",
"used to". A logistic regression over words, pairs of words and pieces of words weighs them. It needs no encoder, so it
reads a message before anything is looked up; over the encoder's vector alone it found fewer (ARCHITECTURE.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Features share this many weights; the flags are told apart by a coarser table.
BUCKETS = 1 << 15
FLAG_BUCKETS = 1 << 12
_PIECES = (3, 4, 5)
# A long message is read window by window, so that one line of it is not drowned in the rest.
_WINDOW, _STEP = 48, 24
_LONGEST = 40
_NOTHING = np.empty(0, dtype=np.int64)

Features = tuple[NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The probability (0 to 1) that a message tells of an emergency, and the flag that its words fit best."""

    probability: float
    flag_id: str
    window: tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Classifier:
    """The trained weights.

    :param weights: shape (BUCKETS,); ``flag_weights`` has shape (flags, FLAG_BUCKETS), rows in the order of ``flags``.
    :param threshold: the least probability at which a message is taken for an emergency.
    """

    weights: NDArray[np.float32]
    intercept: float
    flags: tuple[str, ...]
    flag_weights: NDArray[np.float32]
    threshold: float

    def read(self, words: Sequence[str]) -> Found:
        """Return what the most alarming window of ``words`` tells."""
        logit, places, values, window = max(self._weighed(words), key=lambda row: row[0])
        coarse = np.bincount(places % FLAG_BUCKETS, values, FLAG_BUCKETS)
        flag = self.flags[int(np.argmax(self.flag_weights @ coarse))] if logit > 0 else self.flags[0]
        return Found(probability=_logistic(logit), flag_id=flag, window=tuple(window))

    def _weighed(self, words: Sequence[str]) -> Iterator[tuple[float, NDArray[np.int64], NDArray[np.float64], Sequence[str]]]:
        for window in windows(words):
            places, values = features(window)
            yield float(self.weights[places] @ values) + self.intercept, places, values, window


def windows(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the whole message if it is short, else overlapping stretches that cover it."""
    if len(words) <= _WINDOW:
        yield words
        return
    for start in range(0, len(words) - _STEP, _STEP):
        yield words[start : start + _WINDOW]


def features(words: Sequence[str]) -> Features:
    """Return the buckets of a message and their values: words and pairs, then pieces, each kind of unit length."""
    said = ["#" if word[0].isdigit() else word for word in words]
    pairs = [f"b {left} {right}" for left, right in zip(["^", *said], [*said, "$"], strict=True)]
    whole = np.unique(np.array([crc32(each.encode("utf-8", "surrogatepass")) for each in (*said, *pairs)]) % BUCKETS)
    pieces = np.unique(np.concatenate([_NOTHING, *(_pieces(word) for word in set(said))]))
    weights = [np.full(len(places), 1 / math.sqrt(max(1, len(places)))) for places in (whole, pieces)]
    return np.concatenate([whole, pieces]).astype(np.int64), np.concatenate(weights)


@lru_cache(maxsize=1 << 14)
def _pieces(word: str) -> NDArray[np.int64]:
    marked = f"<{word[:_LONGEST]}>".encode("utf-8", "surrogatepass")
    stretches = [marked[at : at + n] for n in _PIECES for at in range(len(marked) - n + 1)]
    return np.array([(crc32(stretch) + 1) % BUCKETS for stretch in stretches], dtype=np.int64)


def _logistic(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))
