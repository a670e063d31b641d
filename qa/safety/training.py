"""Examples and an encoder in; the trained classifier out. The same examples give the same weights, digit by digit."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qa.question import MAX_CHARACTERS, normalise
from qa.safety.classifier import BUCKETS, FLAG_BUCKETS, Classifier, features
from qa.safety.examples import NO_FLAG, load_examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# The strength of the L2 penalty, what the vector counts for beside the words (each is of unit length), and the
# threshold were chosen by cross-validation: benchmarks/safety.py.
_PENALTY = 0.1
_VECTOR_SHARE = 1.0
THRESHOLD = 0.8
_ROUNDS, _MEMORY = 60, 10
_TOLERANCE = 1e-3
# So much of a weight survives every machine's last digits.
_DIGITS = 3

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Rows:
    """Sparse rows with a dense part: the places and values of all of them one after another, and whose each is."""

    places: NDArray[np.int64]
    values: Vector
    of: NDArray[np.int64]
    vectors: Vector

    def times(self, weights: Vector) -> Vector:
        sparse = np.bincount(self.of, self.values * weights[self.places], len(self.vectors))
        return sparse + self.vectors @ weights[BUCKETS:]

    def transposed(self, residuals: Vector) -> Vector:
        sparse = np.bincount(self.places, self.values * residuals[self.of], BUCKETS)
        return np.concatenate([sparse, residuals @ self.vectors])


def packaged(
    read: Callable[[str], Sequence[str]],
    encode: Callable[[Iterable[str]], Iterable[NDArray[np.float32]]],
    revision: str,
) -> Classifier:
    """Train on the packaged examples.

    :param read: gives the words of a message, spelt as the rules read them.
    :param encode: gives the vectors of questions; ``revision`` is their encoder's.
    """
    examples = load_examples()
    return train(
        [read(example.text) for example in examples],
        np.array(list(encode(encoded_text(example.text) for example in examples))),
        [example.flag for example in examples],
        fingerprint=fingerprint(revision),
    )


def encoded_text(message: str) -> str:
    """Return what of a message the encoder is given."""
    return normalise(message.strip()[:MAX_CHARACTERS])


def fingerprint(revision: str) -> str:
    """Return the sha256 of what the packaged training with an encoder of this revision depends on."""
    settings = f"{revision} {_PENALTY} {_VECTOR_SHARE} {THRESHOLD} {BUCKETS} {FLAG_BUCKETS}"
    parts = [settings, *(f"{example.flag} {example.text}" for example in load_examples())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def train(
    messages: Sequence[Sequence[str]],
    vectors: NDArray[np.float32],
    flags: Sequence[str],
    *,
    threshold: float = THRESHOLD,
    fingerprint: str = "",
) -> Classifier:
    """Fit the weights to messages, given as words and vectors, and their flags (``none`` for a harmless one)."""
    rows = _rows(messages, vectors)
    urgent = np.array([flag != NO_FLAG for flag in flags])
    fitted = _fit(rows, urgent)
    fitted[BUCKETS:-1] *= _VECTOR_SHARE
    names = tuple(sorted(set(flags) - {NO_FLAG}))
    places = np.array([names.index(flag) if flag in names else -1 for flag in flags])
    return Classifier(
        weights=np.round(fitted, _DIGITS).astype(np.float32),
        flags=names,
        flag_weights=_flag_weights(rows, places, len(names)),
        threshold=threshold,
        fingerprint=fingerprint,
    )


def _rows(messages: Sequence[Sequence[str]], vectors: NDArray[np.float32]) -> _Rows:
    read = [features(words) for words in messages]
    return _Rows(
        places=np.concatenate([places for places, _ in read]),
        values=np.concatenate([values for _, values in read]),
        of=np.repeat(np.arange(len(read)), [len(places) for places, _ in read]),
        vectors=vectors.astype(np.float64) * _VECTOR_SHARE,
    )


def _flag_weights(rows: _Rows, flags: NDArray[np.int64], count: int) -> NDArray[np.float32]:
    """Fit a ridge regression from the urgent messages to their flags, in its dual form: few rows, many features."""
    coarse = np.zeros((len(rows.vectors), FLAG_BUCKETS))
    np.add.at(coarse, (rows.of, rows.places % FLAG_BUCKETS), rows.values)
    urgent = np.hstack([coarse, rows.vectors])[flags >= 0]
    wanted = np.eye(count)[flags[flags >= 0]]
    shares = np.linalg.solve(urgent @ urgent.T + np.eye(len(urgent)), wanted)
    weights = shares.T @ urgent
    weights[:, FLAG_BUCKETS:] *= _VECTOR_SHARE
    return np.round(weights, _DIGITS).astype(np.float32)


def _fit(rows: _Rows, urgent: NDArray[np.bool_]) -> Vector:
    """Fit a logistic regression by L-BFGS (Nocedal 1980, doi:10.1090/S0025-5718-1980-0572855-7); the intercept is last."""
    signs = np.where(urgent, 1.0, -1.0)

    def loss(weights: Vector) -> tuple[float, Vector]:
        margins = signs * (rows.times(weights[:-1]) + weights[-1])
        residuals = -signs / (1 + np.exp(np.minimum(margins, 500.0)))
        slope = np.append(rows.transposed(residuals) + _PENALTY * weights[:-1], residuals.sum())
        penalty = _PENALTY / 2 * float(weights[:-1] @ weights[:-1])
        return float(np.logaddexp(0, -margins).sum()) + penalty, slope

    return _descend(loss, np.zeros(BUCKETS + rows.vectors.shape[1] + 1))


def _descend(loss: Callable[[Vector], tuple[float, Vector]], weights: Vector) -> Vector:
    value, slope = loss(weights)
    past: deque[tuple[Vector, Vector]] = deque(maxlen=_MEMORY)
    for _ in range(_ROUNDS):
        direction = _direction(slope, past)
        size, gain = (1.0 if past else 1 / max(1.0, float(np.abs(slope).sum()))), float(slope @ direction)
        while True:
            moved = weights + size * direction
            new_value, new_slope = loss(moved)
            if new_value <= value + 1e-4 * size * gain or size < 1e-9:  # noqa: PLR2004 (Armijo's rule)
                break
            size /= 2
        if float((moved - weights) @ (new_slope - slope)) > 0:
            past.append((moved - weights, new_slope - slope))
        weights, value, slope = moved, new_value, new_slope
        if float(np.abs(slope).max()) < _TOLERANCE:
            break
    return weights


def _direction(slope: Vector, past: deque[tuple[Vector, Vector]]) -> Vector:
    """Return the two-loop recursion's step: downhill, scaled by the curvature of the steps before."""
    direction = -slope
    shares = []
    for step, change in reversed(past):
        share = float(step @ direction) / float(step @ change)
        shares.append(share)
        direction = direction - share * change
    if past:
        step, change = past[-1]
        direction = direction * (float(step @ change) / float(change @ change))
    for (step, change), share in zip(past, reversed(shares), strict=True):
        direction = direction + (share - float(change @ direction) / float(step @ change)) * step
    return direction
