"""Each sentence's own vector, one byte a dimension: what a sentence says by itself, whatever stands around it.

Only corpora of up to OWN_VECTORS passages have them: they cost twice what the passages' own vectors cost.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = "sentences.i8"
OWN_VECTORS = 5_000
# Vectors of some hundred dimensions and unit length seldom have one beyond a quarter; those that do are clipped.
_SCALE = 508.0


def pack(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return unit vectors, shape (sentences, dimensions), as one byte a dimension."""
    packed: NDArray[np.int8] = np.clip(np.rint(vectors * _SCALE), -127, 127).astype(np.int8)
    return packed


class SentenceIndex:
    """The packed vectors of all sentences, memory-mapped; row i is row i of the sentence table."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        """Map the vectors; a large corpus has none."""
        path = folder / FILE
        self.packed: NDArray[np.int8] = np.zeros((0, dimensions), dtype=np.int8)
        if path.stat().st_size:
            self.packed = np.memmap(path, dtype=np.int8, mode="r").view(np.ndarray).reshape(-1, dimensions)

    def __len__(self) -> int:
        """Return the number of vectors: that of the sentences, or 0."""
        return len(self.packed)

    def cosines(self, question: NDArray[np.float32], ranges: list[tuple[int, int]]) -> list[NDArray[np.float32]]:
        """Return the cosines of the question's pooled vector with the sentences of each half-open range of rows."""
        rows = np.concatenate([self.packed[first:after] for first, after in ranges])
        cosines = (rows.astype(np.float32) @ question) / np.float32(_SCALE)
        edges = np.cumsum([after - first for first, after in ranges])[:-1]
        return np.split(cosines, edges)

    def vectors(self, first: int, after: int) -> NDArray[np.float32]:
        """Return the vectors of a half-open range of rows, of about unit length."""
        return self.packed[first:after].astype(np.float32) / np.float32(_SCALE)
