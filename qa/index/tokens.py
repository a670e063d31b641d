"""Token states -> one byte a dimension, and MaxSim over them ("late interaction").

A token's state is projected onto the basis' 128 directions, brought to unit length and rounded to int8. MaxSim
is ColBERT's score (Khattab and Zaharia, 2020, https://arxiv.org/abs/2004.12832), as a mean over the question's
tokens so that it lies between -1 and 1 whatever the question's length.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 128
FILE, BASIS_FILE = "tokens.i8", "basis.npy"
# A unit vector of 128 dimensions seldom has one beyond a half; those that do are clipped.
_SCALE = 254.0
_QUARTER = 4


def fit_basis(states: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the principal directions of token states, shape (dimensions, DIMENSIONS at most).

    The states are not centred: MaxSim compares directions from the origin, and so must the basis.
    """
    unit = _unit(states).astype(np.float64)
    _, directions = np.linalg.eigh(unit.T @ unit)
    # eigh orders from the smallest; the sign of a direction is arbitrary, so it is fixed for repeatable files.
    top = directions[:, ::-1][:, :DIMENSIONS]
    return np.ascontiguousarray(top * np.sign(top[np.abs(top).argmax(axis=0), range(top.shape[1])]), dtype=np.float32)


def project(states: NDArray[np.float32], basis: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the states in the basis, of unit length; special tokens must have been left out."""
    return _unit(states @ basis)


def pack(states: NDArray[np.float32], basis: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return the projected states as one byte a dimension."""
    packed: NDArray[np.int8] = np.clip(np.rint(project(states, basis) * _SCALE), -127, 127).astype(np.int8)
    return packed


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxSim:
    """How well a passage's tokens match the question's, each a mean over the question's tokens (-1 to 1).

    :param whole: over the passage with its context.
    :param lowest: over the quarter of the question's tokens that match the passage worst.
    :param sentences: over each sentence alone.
    """

    whole: float
    lowest: float
    sentences: tuple[float, ...]


class TokenIndex:
    """The packed tokens of all passages, memory-mapped."""

    def __init__(self, folder: Path) -> None:
        """Map the tokens."""
        self.basis: NDArray[np.float32] = np.load(folder / BASIS_FILE, allow_pickle=False)
        packed = np.memmap(folder / FILE, dtype=np.int8, mode="r").view(np.ndarray)
        self.packed = packed.reshape(-1, self.basis.shape[1])

    def maxsim(
        self,
        question: NDArray[np.float32],
        passages: list[tuple[int, int]],
        sentences: list[NDArray[np.int64]],
    ) -> list[MaxSim]:
        """Score passages for a question.

        :param question: its projected tokens, shape (tokens, DIMENSIONS).
        :param passages: each passage's half-open range of rows.
        :param sentences: each passage's sentences as half-open ranges within its rows, shape (sentences, 2).
        """
        rows = np.concatenate([self.packed[start:end] for start, end in passages])
        similarities = (rows.astype(np.float32) @ question.T) / np.float32(_SCALE)
        lengths = [end - start for start, end in passages]
        bases = np.cumsum([0, *lengths[:-1]])
        maxima = _maxima(similarities, np.stack([bases, bases + lengths], axis=1))
        worst = np.sort(maxima, axis=1)[:, : max(1, maxima.shape[1] // _QUARTER)].mean(axis=1)
        moved = [ranges + base for ranges, base in zip(sentences, bases, strict=True)]
        means = _maxima(similarities, np.concatenate(moved)).mean(axis=1)
        parts = np.split(means, np.cumsum([len(each) for each in moved])[:-1])
        found = zip(maxima.mean(axis=1).tolist(), worst.tolist(), parts, strict=True)
        return [MaxSim(whole=whole, lowest=low, sentences=tuple(part.tolist())) for whole, low, part in found]


def _maxima(similarities: NDArray[np.float32], ranges: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return each column's maximum within each half-open range of rows, shape (ranges, columns); -1 where it is empty."""
    padded = np.concatenate([similarities, np.full((1, similarities.shape[1]), -1.0, dtype=np.float32)])
    # reduceat takes pairs of edges: every second result is that of a range, the others are of what lies between.
    maxima: NDArray[np.float32] = np.maximum.reduceat(padded, ranges.ravel(), axis=0)[::2]
    return np.where((ranges[:, 0] < ranges[:, 1])[:, None], maxima, np.float32(-1.0))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, np.float32(1e-12))
    return unit
