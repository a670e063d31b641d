"""Values that go between the program and the processes that read its files."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qa.corpus.info import Given
from qa.errors import DocumentError
from qa.machine import cores
from qa.types import Document, Rejected

# A limit of time is for so many bytes: a file of twice the size gets twice the time.
_BYTES_A_SHARE = 5_000_000
_LONGEST_DETAIL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What reading one file may take.

    ``seconds`` of processor time are for each 5 MB begun. ``memory`` counts the bytes beyond what a process holds
    before it reads. ``workers`` is the number of processes that read side by side, by default that of the usable cores.
    """

    seconds: float = 60.0
    memory: int = 2_000_000_000
    workers: int | None = None

    def most(self) -> int:
        """Return the largest number of processes to start."""
        return cores() if self.workers is None else self.workers


Kind = Literal["info", "document", "rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One file to read: ``name`` is its path within ``root``, with slashes, ``size`` its bytes."""

    root: Path
    name: str
    kind: Kind
    size: int
    max_bytes: int

    @property
    def path(self) -> Path:
        """Return where the file lies."""
        return self.root / self.name

    def seconds(self, limits: Limits) -> float:
        """Return how much processor time the file, or each of its rows, may take."""
        shares = 1 if self.kind == "rows" else 1 + min(self.size, self.max_bytes) // _BYTES_A_SHARE
        return limits.seconds * shares


FaultKind = Literal["failed", "died", "time", "memory"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A file, or a row of one, that a reader did not cope with, as opposed to one that it refused.

    ``failed`` is an exception that no reader should raise, ``died`` the end of the process.
    """

    name: str
    kind: FaultKind
    detail: str

    def rejected(self) -> Rejected:
        """Return the fault in words, with what the user can do."""
        reason, remedy = _WORDS[self.kind]
        return Rejected(path=self.name, reason=reason.format(self.detail), remedy=remedy)


Outcome = Document | Given | Rejected | Fault
Read = Callable[[Task], Iterable[Outcome]]

_AGAIN = "Save it again with another program, or leave it out with --exclude"
_WORDS: Mapping[FaultKind, tuple[str, str]] = {
    "failed": ("its reader failed ({})", _AGAIN),
    "died": ("the process that read it ended ({})", _AGAIN),
    "time": ("reading it took more than {}", "Split it, or raise QA_READ_SECONDS"),
    "memory": ("reading it took more than {}", "Split it, or raise QA_READ_MEMORY"),
}


def blame(error: Exception, name: str, *, memory: str = "the memory there is") -> Rejected | Fault:
    """Return what to say of a file whose reading ended with an exception.

    :param memory: the limit of memory, in words.
    """
    if isinstance(error, DocumentError):
        return Rejected(path=error.path, reason=error.reason, remedy=error.remedy)
    if isinstance(error, MemoryError):
        return Fault(name=name, kind="memory", detail=memory)
    said = " ".join(traceback.format_exception_only(error)[-1].split())
    return Fault(name=name, kind="failed", detail=said[:_LONGEST_DETAIL])
