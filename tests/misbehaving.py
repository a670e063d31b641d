"""A reader that does, to files of certain names, what no reader should do; test_contained.py lets processes run it."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable

from qa.corpus.file import read_task
from qa.corpus.task import Outcome, Task

KEPT: list[bytes] = []


def read(task: Task) -> Iterable[Outcome]:
    """Read a file properly, unless it is named for a misdeed; note the process beside it."""
    task.path.with_suffix(".pid").write_text(str(os.getpid()))
    misdeed = MISDEEDS.get(task.path.stem)
    if misdeed is not None:
        misdeed()
    return read_task(task)


def loop() -> None:
    while True:
        pass


def bomb() -> None:
    KEPT.append(b"x" * 10**12)


def creep() -> None:
    """Grow with nothing but the program's own eyes to notice, as on macOS."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    while True:
        KEPT.append(b"x" * 10_000_000)
        time.sleep(0.1)


def keep() -> None:
    KEPT.append(b"x" * 200_000_000)


def unheard_of() -> None:
    class Unheard(BaseExceptionGroup):
        def __reduce__(self) -> str:
            raise RuntimeError

    class Odd(Exception):
        def __str__(self) -> str:
            raise Unheard("no", [self])

        def __reduce__(self) -> str:
            raise RuntimeError

    raise Odd


def lacking() -> None:
    import no_such_library  # type: ignore[import-not-found]  # noqa: F401, PLC0415


def lie() -> None:
    """Say to the program, on whatever handle leads to it, what no process would."""
    for handle in range(3, 1_024):
        try:
            os.write(handle, b"\0\0\0\1?\0\0\0\4nope")
        except OSError:
            continue


MISDEEDS: dict[str, Callable[[], object]] = {
    "abort": os.abort,
    "segfault": lambda: ctypes.string_at(0),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "exit": sys.exit,
    "loop": loop,
    "sleep": lambda: time.sleep(10_000),
    "deaf": lambda: (signal.signal(signal.SIGPROF, signal.SIG_IGN), loop()),
    "bomb": bomb,
    "creep": creep,
    "keep": keep,
    "unheard": unheard_of,
    "lacking": lacking,
    "lie": lie,
}
