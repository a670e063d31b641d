"""A process that reads the files it is told to, one after the other, within limits that the system enforces.

``pool.py`` starts it. It inherits nothing but its end of a pipe, and it does not outlive the program.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import resource
import signal
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from qa.corpus import wire
from qa.corpus.formats import load
from qa.corpus.task import Limits, Read, Task, blame

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux
_STATM = Path("/proc/self/statm")
# A process whose memory has grown by this share of the limit ends, so that the next file has nearly all of it.
_KEPT = 8


def serve(handle: int, parent: int, reader: str, seconds: float, memory: int) -> None:
    """Read what is asked for until the program hangs up.

    :param handle: this end of the pipe to the program.
    :param parent: the program's process id.
    :param reader: the function that reads a task, as ``module:name``.
    :param seconds: the limit of processor time for 5 MB of a file.
    :param memory: the limit of memory for a file, in bytes, beyond what is held before it is read.
    """
    _die_with(parent)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # the program may have had other plans with it
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
    limits = Limits(seconds=seconds, memory=memory)
    with Connection(handle) as connection:
        module, _, name = reader.partition(":")
        read: Read = getattr(importlib.import_module(module), name)
        wire.prepare()
        _be_quiet()
        connection.send_bytes(wire.READY)
        held = _held()
        for task in _tasks(connection):
            held += _loaded(task, connection)
            _limit_memory(held + limits.memory)
            _work(task, read, limits, connection)
            if _held() - held > limits.memory // _KEPT:
                connection.send_bytes(wire.ENDING)
                return
            connection.send_bytes(wire.DONE)


def _loaded(task: Task, connection: Connection) -> int:
    """Load the libraries that a file needs, and return by how much the memory held has grown for it."""
    before = _held()
    _limit_memory(None)
    try:
        load(task.path.suffix.lower())
    except ModuleNotFoundError as error:
        _lack(error, connection)
    return _held() - before


def _tasks(connection: Connection) -> Iterator[Task]:
    while True:
        try:
            raw = connection.recv_bytes()
        except EOFError:
            return
        yield wire.unpack_task(raw)


def _work(task: Task, read: Read, limits: Limits, connection: Connection) -> None:
    """Read one file, and say what came of it. Each row of a file of rows has the whole time."""
    _limit_time(task.seconds(limits))
    try:
        for outcome in read(task):
            said = wire.pack(outcome)
            _limit_time(task.seconds(limits))
            for each in said:
                connection.send_bytes(each)
    except ModuleNotFoundError as error:
        _lack(error, connection)
    except Exception as error:  # noqa: BLE001 - a bad file must not keep the others from being read
        for each in wire.pack(blame(error, task.name, memory=f"{limits.memory:,} bytes of memory")):
            connection.send_bytes(each)
    _limit_time(0)


def _lack(error: ModuleNotFoundError, connection: Connection) -> None:
    """Say that a library is not installed, which is no file's fault."""
    connection.send_bytes(wire.LACKING)
    connection.send_bytes((error.name or "").encode())


def _die_with(parent: int) -> None:
    """Let the system end this process when the program ends, however that comes about.

    Elsewhere than on Linux the pipe says so: a process that is reading ends after its file, or at its limit of time.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # it was quicker
        sys.exit(1)


def _limit_time(seconds: float) -> None:
    """Let the system end this process after so much more processor time, or never if it is 0.

    Unlike time on the clock, it does not depend on what else the machine does.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _limit_memory(mapped: int | None) -> None:
    """Let allocations fail beyond so many mapped bytes, or never.

    macOS knows the limit and does not enforce it; there only the program watches what its processes hold.
    """
    if not _STATM.exists():
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = hard if mapped is None else mapped if hard == resource.RLIM_INFINITY else min(mapped, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _held() -> int:
    """Return the bytes that are mapped; where only macOS could say, the most that were ever in memory."""
    if _STATM.exists():
        return int(_STATM.read_text("ascii").split()[0]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _be_quiet() -> None:
    """Send what libraries print to nowhere; what is wrong with a file is said in words."""
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
