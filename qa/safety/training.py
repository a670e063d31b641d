"""Examples and an encoder in; the trained classifier out. The same examples give the same weights, digit by digit."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array

from qa import question
from qa.safety.classifier import BUCKETS, FLAG_BUCKETS, Classifier, features
from qa.safety.examples import NO_FLAG, load_examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from importlib.resources.abc import Traversable

    from qa.safety.stretches import Said, Stretch

# What the vector counts for beside the words (two kinds, each of unit length), the constant of the kernel and the ridge
# were chosen by cross-validation: benchmarks/safety.py.
_VECTOR_SHARE = 4.0
_CONSTANT, _RIDGE = 0.25, 0.05
# Of the quadratic form so many directions are kept: half as many lose points of sensitivity, twice as many gain none.
RANK = 64
_SPARE, _TURNS = 32, 3
_SEED = 7
_PART = 1_024
# Scores of held-out messages times this are their log odds, nearly.
_SLOPE = 4.0
THRESHOLD = 0.65

# So much of a weight survives every machine's last digits.
_DIGITS = 3

_PACKAGE = files("qa.safety")

Vector = NDArray[np.float32]


def packaged(
    read: Callable[[str], Sequence[str]],
    encode: Callable[[Iterable[str]], Iterable[Said]],
    revision: str,
) -> Classifier:
    """Train on the packaged examples.

    :param read: gives the words of a message, spelt as the rules read them.
    :param encode: gives what is weighed of messages; ``revision`` is their encoder's.
    """
    examples = load_examples()
    shown = zip(examples, encode(example.text for example in examples), strict=True)
    rows = [(stretch, example.flag) for example, said in shown for stretch in learned_from(said, example.flag)]
    return train(
        [read(stretch.text) for stretch, _ in rows],
        np.array([stretch.vector for stretch, _ in rows]),
        [flag for _, flag in rows],
        fingerprint=fingerprint(revision),
    )


def learned_from(said: Said, flag: str) -> Sequence[Stretch]:
    """Return the parts of an example that bear its flag: all of a harmless one, of an emergency only the whole."""
    return said.parts if flag == NO_FLAG else said.parts[:1]


def fingerprint(revision: str, package: Traversable = _PACKAGE) -> str:
    """Return the sha256 of what the packaged training with an encoder of this revision depends on.

    That is every file of the safety package, code and data: examples, lexicon, spelling and whatever reads them; and the
    module that normalises a message before it is encoded. To list those that matter would be to forget one.
    """
    parts = [f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in sorted(_files(package, ""))]
    encoded = Path(question.__file__).read_bytes()
    return hashlib.sha256("\n".join([revision, *parts]).encode() + encoded).hexdigest()


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of the files under a folder, but for hidden ones and those that Python compiles."""
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        if entry.name.startswith("."):
            continue
        if entry.is_file():
            yield name, entry.read_bytes()
        elif entry.name != "__pycache__":
            yield from _files(entry, f"{name}/")


def train(
    messages: Sequence[Sequence[str]],
    vectors: NDArray[np.float32],
    flags: Sequence[str],
    *,
    threshold: float = THRESHOLD,
    fingerprint: str = "",
) -> Classifier:
    """Fit the weights to messages, given as words and vectors, and their flags (``none`` for a harmless one).

    Regularised least squares with a quadratic kernel (Rifkin, Yeo and Poggio 2003): what a word means hangs on the
    others, "cold" beside "leg", "stopped" beside "breathing". Its quadratic form is kept by its strongest directions.
    """
    rows = _rows(messages, vectors)
    signs = np.array([-1.0 if flag == NO_FLAG else 1.0 for flag in flags], dtype=np.float32)
    shares = _shares(rows, signs)
    size = 2 + _VECTOR_SHARE
    linear = rows.gathered(shares) * (2 * _CONSTANT / size)
    curvatures, directions = _strongest(rows, shares)
    names = tuple(sorted(set(flags) - {NO_FLAG}))
    places = np.array([names.index(flag) if flag in names else -1 for flag in flags])
    # A vector is weighed as it comes.
    linear[BUCKETS:] *= math.sqrt(_VECTOR_SHARE)
    directions[BUCKETS:] *= math.sqrt(_VECTOR_SHARE)
    table, scales = _packed(directions)
    return Classifier(
        weights=(_SLOPE * np.append(linear, _CONSTANT**2 * shares.sum())).astype(np.float32),
        directions=table,
        curvatures=(_SLOPE * curvatures * scales**2 / size**2).astype(np.float32),
        flags=names,
        flag_weights=_flag_weights(rows, places, len(names)),
        threshold=threshold,
        fingerprint=fingerprint,
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Rows:
    """A row for each message: its words' features, sparse, then its vector, dense."""

    words: csr_array
    vectors: NDArray[np.float32]

    def along(self, directions: Vector) -> Vector:
        """Return how far each row goes along each direction."""
        return np.asarray(self.words @ directions[:BUCKETS] + self.vectors @ directions[BUCKETS:])

    def gathered(self, shares: Vector) -> Vector:
        """Return the sum of the rows, each times its share, for each column of ``shares``."""
        return np.concatenate([self.words.T @ shares, self.vectors.T @ shares])

    def products(self) -> Vector:
        """Return the product of each row with each."""
        found = self.vectors @ self.vectors.T
        columns = self.words.T
        # A part at a time: as a sparse array the whole takes three times the memory of the dense one.
        for start in range(0, len(found), _PART):
            found[start : start + _PART] += (self.words[start : start + _PART] @ columns).toarray()
        return found


def _rows(messages: Sequence[Sequence[str]], vectors: NDArray[np.float32]) -> _Rows:
    read = [features(words) for words in messages]
    ends = np.cumsum([0, *(len(places) for places, _ in read)])
    places, values = (np.concatenate(parts) for parts in zip(*read, strict=True))
    words = csr_array((values.astype(np.float32), places, ends), shape=(len(read), BUCKETS))
    return _Rows(words, (vectors * math.sqrt(_VECTOR_SHARE)).astype(np.float32))


def _shares(rows: _Rows, signs: Vector) -> Vector:
    """Return what each row counts for in the fitted function."""
    kernel = (rows.products() / (2 + _VECTOR_SHARE) + _CONSTANT) ** 2
    kernel[np.diag_indices(len(signs))] += _RIDGE
    shares: Vector = cho_solve(cho_factor(kernel, overwrite_a=True), signs)
    return shares


def _strongest(rows: _Rows, shares: Vector) -> tuple[Vector, Vector]:
    """Return the largest eigenvalues of the quadratic form and their directions (columns), by subspace iteration.

    Halko, Martinsson and Tropp 2011, doi:10.1137/090771806.
    """
    size = BUCKETS + rows.vectors.shape[1]
    width = min(RANK + _SPARE, len(shares))
    basis = np.linalg.qr(np.random.default_rng(_SEED).standard_normal((size, width), dtype=np.float32))[0]
    for _ in range(_TURNS):
        basis = np.linalg.qr(rows.gathered(shares[:, None] * rows.along(basis)))[0]
    along = rows.along(basis)
    values, turns = np.linalg.eigh(along.T @ (shares[:, None] * along))
    kept = np.argsort(-np.abs(values), kind="stable")[:RANK]
    return values[kept], basis @ turns[:, kept]


def _packed(directions: Vector) -> tuple[NDArray[np.int8], Vector]:
    """Return the directions in bytes, and what a unit of each column stands for."""
    scales = np.abs(directions).max(axis=0) / 127
    return np.round(directions / scales).astype(np.int8), scales


def _flag_weights(rows: _Rows, flags: NDArray[np.int64], count: int) -> Vector:
    """Fit a ridge regression from the urgent messages to their flags, in its dual form: few rows, many features."""
    words = rows.words[flags >= 0]
    folded = csr_array((words.data, words.indices % FLAG_BUCKETS, words.indptr), shape=(words.shape[0], FLAG_BUCKETS))
    coarse = np.hstack([folded.toarray(), rows.vectors[flags >= 0]])
    ridge = np.eye(len(coarse), dtype=np.float32)
    weights = np.linalg.solve(coarse @ coarse.T + ridge, np.eye(count, dtype=np.float32)[flags[flags >= 0]]).T @ coarse
    weights[:, FLAG_BUCKETS:] *= math.sqrt(_VECTOR_SHARE)
    rounded: Vector = np.round(weights, _DIGITS).astype(np.float32)
    return rounded
