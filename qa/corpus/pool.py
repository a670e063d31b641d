"""Read files in processes of their own: whatever a file does to its reader, only that file is lost.

A process reads one file at a time. When it ends, for whatever reason, the file that it was reading is to blame, and
another process takes its place.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path

from qa.corpus import wire
from qa.corpus.file import read_task
from qa.corpus.task import Fault, FaultKind, Limits, Outcome, Read, Task
from qa.errors import CorpusError
from qa.types import Progress

STAGE = "Reading documents"
_START = "import json, sys; arguments, sys.path[:] = json.loads(sys.argv[1]); from qa.corpus.worker import serve; serve(*arguments)"
_START_SECONDS = 60.0
# A process that waits uses no processor time: it is ended after this many times its limit on the clock.
_PATIENCE = 10
_LAST_SECONDS = 10.0  # that a process which has hung up has to end
_GLANCE = 1.0  # seconds between two looks at what the processes hold
# Starting one more process takes about as long as reading half as many bytes of text.
_WORTH_A_PROCESS = 500_000


@dataclass(slots=True, eq=False, kw_only=True)
class _Worker:
    """A process, the bytes it held when it was ready (None before), the file it reads and what it said of it so far."""

    process: subprocess.Popen[bytes]
    connection: Connection
    deadline: float
    held: int | None = None
    number: int | None = None
    said: list[Outcome] = field(default_factory=list)


def read_contained(
    tasks: Sequence[Task], limits: Limits, *, read: Read = read_task, progress: Progress | None = None
) -> list[list[Outcome]]:
    """Read files side by side, each within limits.

    :param limits: what a file may take, and how many processes there are at most.
    :param read: reads one file; a function that its module and name lead to.
    :param progress: called with the stage's name, the files read and their number.
    :returns: what came of each file, in the order of the tasks; a Fault alone for one that its reader did not finish.
    :raises ModuleNotFoundError: when what a reader needs is not installed.
    :raises CorpusError: when no process can be started.
    """
    reading = _Reading(tasks, limits, f"{read.__module__}:{read.__qualname__}")
    try:
        while reading.goes_on():
            reading.start()
            if progress is not None:
                progress(STAGE, len(reading.done), len(tasks))
            reading.listen()
            reading.watch()
        if progress is not None:
            progress(STAGE, len(tasks), len(tasks))
    finally:
        reading.stop()
    return [reading.done[number] for number in range(len(tasks))]


class _Reading:
    """The processes, the files that wait, and what came of those that were read."""

    def __init__(self, tasks: Sequence[Task], limits: Limits, reader: str) -> None:
        self.done: dict[int, list[Outcome]] = {}
        self._tasks, self._limits, self._reader = tasks, limits, reader
        self._waiting = deque(range(len(tasks)))
        self._workers: list[_Worker] = []
        worth = 1 + sum(task.size for task in tasks) // _WORTH_A_PROCESS
        self._most = max(1, min(limits.most(), worth))

    def goes_on(self) -> bool:
        """Tell whether a file is yet to be read."""
        return len(self.done) < len(self._tasks)

    def start(self) -> None:
        """Start as many processes as the files that wait have use for."""
        free = sum(worker.number is None for worker in self._workers)
        while len(self._workers) < self._most and free < len(self._waiting):
            self._workers.append(_start(self._reader, self._limits))
            free += 1

    def listen(self) -> None:
        """Hear what the processes have to say, or return when it is time to look at what they hold."""
        ready = wait([worker.connection for worker in self._workers], _GLANCE)
        for worker in [worker for worker in self._workers if worker.connection in ready]:
            try:
                self._hear(worker, worker.connection.recv_bytes())
            except (EOFError, OSError):
                self._end(worker)
            except (ValueError, RecursionError):
                self._end(worker, kind="died", detail="what it said could not be understood")

    def watch(self) -> None:
        """End each process that holds more, or has been at a file longer, than it may."""
        now = time.monotonic()
        for worker in list(self._workers):
            if now > worker.deadline and not worker.connection.poll():
                self._end(worker, kind="time", detail=f"{_PATIENCE * self._seconds(worker):g} seconds")
            elif worker.held is not None and _resident(worker.process.pid) > worker.held + self._limits.memory:
                self._end(worker, kind="memory", detail=f"{self._limits.memory:,} bytes of memory")

    def stop(self) -> None:
        """End all processes."""
        for worker in self._workers:
            _kill(worker)

    def _hear(self, worker: _Worker, kind: bytes) -> None:
        if kind == wire.READY:
            worker.held = _resident(worker.process.pid)
            self._assign(worker)
        elif kind == wire.LACKING:
            name = worker.connection.recv_bytes().decode()
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        elif kind in {wire.DONE, wire.ENDING}:
            self._finish(worker)
            if kind == wire.ENDING:
                self._end(worker)
            else:
                self._assign(worker)
        else:
            worker.said.append(wire.unpack(kind, worker.connection.recv_bytes()))
            worker.deadline = self._deadline(worker)

    def _assign(self, worker: _Worker) -> None:
        """Give a process the next file, if there is one."""
        worker.number = self._waiting.popleft() if self._waiting else None
        worker.deadline = self._deadline(worker)
        if worker.number is not None:
            worker.connection.send_bytes(wire.pack_task(self._tasks[worker.number]))

    def _finish(self, worker: _Worker) -> None:
        """Note what came of a file; of one with a fault nothing else is kept."""
        if worker.number is None:
            raise ValueError("it read nothing")
        name = self._tasks[worker.number].name
        faults = [outcome for outcome in worker.said if isinstance(outcome, Fault) and outcome.name == name]
        self.done[worker.number] = [*faults] or worker.said
        worker.number, worker.said = None, []

    def _end(self, worker: _Worker, *, kind: FaultKind = "died", detail: str = "") -> None:
        """End a process, and blame the file that it was reading, by what the system says unless ``detail`` does."""
        self._workers.remove(worker)
        status = _kill(worker) if detail else _ended(worker)
        if worker.held is None:
            raise CorpusError(
                f"A process that reads files could not be started ({_named(status)}); if it said why, that stands above. "
                "Look at the installation with: qa doctor"
            )
        if worker.number is None:
            return
        if -status == signal.SIGPROF:
            kind, detail = "time", f"{self._seconds(worker):g} seconds of processor time"
        name = self._tasks[worker.number].name
        self.done[worker.number] = [Fault(name=name, kind=kind, detail=detail or _named(status))]

    def _seconds(self, worker: _Worker) -> float:
        """Return the processor time that a process has for its file."""
        if worker.held is None:
            return _START_SECONDS
        return float("inf") if worker.number is None else self._tasks[worker.number].seconds(self._limits)

    def _deadline(self, worker: _Worker) -> float:
        return time.monotonic() + _PATIENCE * self._seconds(worker)


def _start(reader: str, limits: Limits) -> _Worker:
    """Start a process, in a group of its own: a Ctrl-C is for the program alone."""
    ours, theirs = Pipe()
    with theirs:
        arguments = (theirs.fileno(), os.getpid(), reader, limits.seconds, limits.memory)
        process = subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, "-c", _START, json.dumps([arguments, sys.path])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            process_group=0,
        )
    return _Worker(process=process, connection=ours, deadline=time.monotonic() + _PATIENCE * _START_SECONDS)


def _kill(worker: _Worker) -> int:
    """End a process and return the status that it ended with."""
    worker.process.kill()
    worker.connection.close()
    return worker.process.wait()


def _ended(worker: _Worker) -> int:
    """Return the status of a process that has hung up."""
    try:
        worker.process.wait(_LAST_SECONDS)
    except subprocess.TimeoutExpired:
        worker.process.kill()
    worker.connection.close()
    return worker.process.wait()


def _named(status: int) -> str:
    """Say in words how a process ended."""
    if status >= 0:
        return f"exit status {status}"
    name = signal.Signals(-status).name
    return f"{name}, perhaps for want of memory" if -status == signal.SIGKILL else name


def _resident(process: int) -> int:
    """Return the bytes of memory that a process holds; 0 for one that has ended."""
    try:
        if Path("/proc/self/statm").exists():
            return int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * resource.getpagesize()
        said = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, check=True)  # noqa: S603, S607
        return int(said.stdout) * 1024
    except (OSError, ValueError, IndexError, subprocess.CalledProcessError):
        return 0
