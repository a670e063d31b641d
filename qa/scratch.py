"""Temporary folders that a killed process leaves behind are removed by the next one that makes such a folder."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import weakref
from pathlib import Path

_LOCK = ".in-use"


class Scratch:
    """A temporary folder, removed when it is no longer used or, if this process is killed, by the next Scratch there.

    While it is used its lock file is locked: the system lets go of that lock however the process ends.
    """

    def __init__(self, prefix: str, parent: Path | None = None) -> None:
        """Make a folder, and remove those of the same prefix that nobody uses any more.

        :param prefix: what its name begins with.
        :param parent: the folder to make it in, the system's folder for such things if None.
        :raises OSError: if the folder cannot be made.
        """
        parent = parent or Path(tempfile.gettempdir())
        _sweep(parent, prefix)
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        self._close = weakref.finalize(self, _remove, self.path, _locked(self.path / _LOCK))

    def close(self) -> None:
        """Remove the folder and all in it."""
        self._close()


def _locked(path: Path) -> int:
    """Make a file that is locked from the moment it has its name, and return its handle."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    fcntl.flock(handle, fcntl.LOCK_EX)
    Path(name).rename(path)
    return handle


def _remove(folder: Path, handle: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(handle)


def _sweep(parent: Path, prefix: str) -> None:
    """Remove this user's folders whose lock file is there and not locked."""
    for folder in parent.glob(f"{prefix}*"):
        try:
            if folder.lstat().st_uid != os.geteuid():
                continue
            handle = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:  # no such folder, or one that is being made or removed
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # in use
            continue
        finally:
            os.close(handle)
