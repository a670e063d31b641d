"""The words of a message and its vector in; the probability that it tells of an emergency, and of which, out.

What the rules miss is often told by the small words: "he wont", "my", "keeps", "since" against "what is", "can a",
"used to". Words, pairs of words, pieces of words and the encoder's vector are weighed together, and what they mean beside
one another by the square of how far they go along some directions: training.py.
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
    from collections.abc import Sequence
    from pathlib import Path

FILE = "safety.npz"
# Features share this many weights; the flags are told apart by a coarser table.
BUCKETS = 1 << 15
FLAG_BUCKETS = 1 << 12
_PIECES = (3, 4, 5)
_LONGEST = 40

Features = tuple[NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Classifier:
    """The trained weights.

    :param weights: shape (BUCKETS + dimensions + 1,): those of the words, of the vector, and the intercept.
    :param directions: shape (BUCKETS + dimensions, rank): how far a message goes in each direction that tells...
    :param curvatures: shape (rank,): ...and what the square of that adds to its log odds.
    :param flag_weights: shape (flags, FLAG_BUCKETS + dimensions), rows in the order of ``flags``.
    :param threshold: the least probability at which a message is taken for an emergency.
    :param fingerprint: of the examples, the settings and the encoder that it was trained with.
    """

    weights: NDArray[np.float32]
    directions: NDArray[np.int8]
    curvatures: NDArray[np.float32]
    flags: tuple[str, ...]
    flag_weights: NDArray[np.float32]
    threshold: float
    fingerprint: str

    @classmethod
    def load(cls, path: Path) -> Classifier:
        """Read what :meth:`save` wrote.

        :raises OSError: if the file cannot be opened; ValueError or KeyError if it is none of those.
        """
        with np.load(path, allow_pickle=False) as arrays:
            return cls(
                weights=arrays["weights"],
                directions=arrays["directions"],
                curvatures=arrays["curvatures"],
                flags=tuple(map(str, arrays["flags"])),
                flag_weights=arrays["flag_weights"],
                threshold=float(arrays["threshold"]),
                fingerprint=str(arrays["fingerprint"]),
            )

    def save(self, path: Path) -> None:
        """Write the weights; equal classifiers make equal files."""
        np.savez(
            path,
            weights=self.weights,
            directions=self.directions,
            curvatures=self.curvatures,
            flags=np.array(self.flags),
            flag_weights=self.flag_weights,
            threshold=np.array(self.threshold),
            fingerprint=np.array(self.fingerprint),
        )

    def log_odds(self, words: Sequence[str], vector: NDArray[np.float32]) -> float:
        """Return the log odds that a message, or a stretch of it, tells of an emergency.

        :param vector: the encoder's, of unit length.
        """
        places, values = features(words)
        along = values @ self.directions[places] + vector @ self.directions[BUCKETS:]
        linear = float(self.weights[places] @ values + self.weights[BUCKETS:-1] @ vector + self.weights[-1])
        return linear + float(self.curvatures @ along**2)

    def flag(self, words: Sequence[str], vector: NDArray[np.float32]) -> str:
        """Return the flag that an emergency fits best."""
        places, values = features(words)
        coarse = np.bincount(places % FLAG_BUCKETS, values, FLAG_BUCKETS)
        return self.flags[int(np.argmax(self.flag_weights @ np.concatenate([coarse, vector])))]


def probability(log_odds: float) -> float:
    """Return log odds as a probability, 0 to 1."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))


def features(words: Sequence[str]) -> Features:
    """Return the buckets of a message and their values: words and pairs, then pieces, each kind of unit length."""
    said = ["#" if word[0].isdigit() else word for word in words]
    pairs = [f"b {left} {right}" for left, right in zip(["^", *said], [*said, "$"], strict=True)]
    whole = {crc32(each.encode("utf-8", "surrogatepass")) % BUCKETS for each in (*said, *pairs)}
    pieces = set[int]().union(*(_pieces(word) for word in {word[:_LONGEST] for word in said}))
    # Sets of words have no order of their own, and the last digit of a sum depends on it.
    places = np.array([*sorted(whole), *sorted(pieces)], dtype=np.int64)
    values = np.full(len(places), 1 / math.sqrt(max(1, len(pieces))))
    values[: len(whole)] = 1 / math.sqrt(len(whole))
    return places, values


@lru_cache(maxsize=1 << 12)
def _pieces(word: str) -> tuple[int, ...]:
    marked = f"<{word}>".encode("utf-8", "surrogatepass")
    stretches = (marked[at : at + n] for n in _PIECES for at in range(len(marked) - n + 1))
    return tuple((crc32(stretch) + 1) % BUCKETS for stretch in stretches)
