"""Passage vectors -> the nearest passages of a question. The only home of faiss."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

FILE = "dense.faiss"


def write(vectors: NDArray[np.float32], path: Path) -> None:
    """Save the vectors, shape (passages, dimensions) and of unit length, as an exact inner-product index."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors))
    # faiss' own writer reports a full disk on stderr and returns; an ordinary write raises.
    path.write_bytes(faiss.serialize_index(index).tobytes())


class DenseIndex:
    """An exact index over a memory-mapped file: its vectors never count as this process' own memory."""

    def __init__(self, path: Path) -> None:
        """Map the index."""
        self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._index.d)

    def __len__(self) -> int:
        """Return the number of passages."""
        return int(self._index.ntotal)

    def search(
        self, vector: NDArray[np.float32], k: int, *, among: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Return the ordinals of the ``k`` nearest passages (fewer if there are fewer), best first.

        :param among: look only at these passages.
        """
        if among is None:
            return self._nearest(vector, min(k, len(self)), None)
        selected = faiss.SearchParameters(sel=faiss.IDSelectorBatch(among))  # type: ignore[call-arg]
        return self._nearest(vector, min(k, len(among)), selected)

    def _nearest(
        self, vector: NDArray[np.float32], k: int, parameters: faiss.SearchParameters | None
    ) -> NDArray[np.int64]:
        _use_one_thread()
        _, ordinals = self._index.search(vector[None, :], k, params=parameters)
        nearest: NDArray[np.int64] = ordinals[0]
        return nearest

    def vectors(self, ordinals: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of the given passages, shape (len(ordinals), dimensions)."""
        _use_one_thread()
        vectors: NDArray[np.float32] = self._index.reconstruct_batch(ordinals)
        return vectors


def _use_one_thread() -> None:
    """Keep faiss to the calling thread: one search is too short to share, and waits longer for others than it works.

    OpenMP keeps this setting for each thread, so it is set before each call.
    """
    faiss.omp_set_num_threads(1)
