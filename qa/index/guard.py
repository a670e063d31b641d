"""Notice that a file of a serving index was cut off: reading what is gone from a mapping ends the process (SIGBUS)."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable
from pathlib import Path

from qa.errors import IndexDamaged


class Guard:
    """Holds files open and compares their sizes with those they had.

    A file that is replaced or removed does no harm: the mapping keeps the old one, and so does the guard.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        """Open the files."""
        self._files: list[tuple[int, int, Path]] = []
        weakref.finalize(self, _close, self._files)
        for path in paths:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            self._files.append((handle, os.fstat(handle).st_size, path))

    def check(self) -> None:
        """Compare the sizes; some microseconds a file.

        A file that is cut off after this and before it is read is not noticed: nothing but reading every file into
        memory would help there.

        :raises IndexDamaged: naming the first file whose size is another.
        """
        for handle, size, path in self._files:
            now = os.fstat(handle).st_size
            if now != size:
                remedy = "Something outside wrote to it. Build the index again with qa index --force, then restart."
                raise IndexDamaged(f"{path} has {now} bytes instead of {size}. {remedy}")


def _close(files: Iterable[tuple[int, int, Path]]) -> None:
    for handle, _, _ in files:
        os.close(handle)
