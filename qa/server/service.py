"""The pipeline that serves. It is swapped between requests when a build publishes a new generation."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Self, TypeVar

from qa.errors import BadIndex
from qa.index import generation
from qa.pipeline import Pipeline

T = TypeVar("T")
_WATCH_SECONDS = 1.0


@dataclass(slots=True)
class _Serving:
    """A pipeline, how many requests use it, and whether another one has replaced it."""

    pipeline: Pipeline
    leases: int = 0
    replaced: bool = False


class Service:
    """Hold the pipeline that serves. Safe to share between threads."""

    def __init__(self, pipeline: Pipeline, *, announce: Callable[[str], None] = lambda _: None) -> None:
        """Serve a pipeline.

        :param announce: told when a pipeline was swapped or closed.
        """
        self._lock = threading.Lock()
        self._serving = _Serving(pipeline)
        self._announce = announce

    @property
    def generation(self) -> str:
        """Return the name of the generation that serves."""
        with self._lock:
            return _name(self._serving.pipeline)

    @contextmanager
    def lease(self) -> Iterator[Pipeline]:
        """Yield the pipeline that serves. It stays open until the lease ends, also if it is swapped meanwhile."""
        with self._lock:
            serving = self._serving
            serving.leases += 1
        try:
            yield serving.pipeline
        finally:
            with self._lock:
                serving.leases -= 1
                ended = serving.replaced and not serving.leases
            if ended:
                self._close(serving)

    def swap(self, pipeline: Pipeline) -> None:
        """Serve another pipeline from now on; close the one before when its last lease ends."""
        with self._lock:
            before, self._serving = self._serving, _Serving(pipeline)
            before.replaced = True
            ended = not before.leases
        self._announce(f"Generation {_name(pipeline)} serves now, {_name(before.pipeline)} no longer.")
        if ended:
            self._close(before)

    def _close(self, serving: _Serving) -> None:
        """Let go of a pipeline. Collecting now unmaps its files; some objects refer to one another."""
        name = _name(serving.pipeline)
        del serving.pipeline
        gc.collect()
        self._announce(f"Generation {name} is closed.")


class Latest(Generic[T]):
    """Keep a value that is made from a pipeline, for the generation that was asked for last."""

    def __init__(self, make: Callable[[Pipeline], T]) -> None:
        """Make the value with ``make`` when it is first asked for."""
        self._make = make
        self._lock = threading.Lock()
        self._kept: tuple[str, T] | None = None

    def of(self, pipeline: Pipeline) -> T:
        """Return the value of a pipeline's generation."""
        with self._lock:
            name = _name(pipeline)
            if self._kept is None or self._kept[0] != name:
                self._kept = name, self._make(pipeline)
            return self._kept[1]


class Watch:
    """Look at the index folder every second; open what a build published there and swap it in."""

    def __init__(
        self, service: Service, folder: Path, reopen: Callable[[], Pipeline], announce: Callable[[str], None]
    ) -> None:
        """Watch a folder whose current generation ``service`` serves.

        :param reopen: opens the generation that is current when it is called.
        :param announce: told when a new generation cannot be opened.
        """
        self._service, self._folder, self._reopen, self._announce = service, folder, reopen, announce
        self._failed = self._told = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def __enter__(self) -> Self:
        """Start watching."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching; a generation that is being opened is no longer swapped in."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(_WATCH_SECONDS):
            self.look()

    def look(self) -> None:
        """Swap in the current generation if it is another one; if it cannot be opened, the old one serves on."""
        name = ""
        try:
            name = generation.current(self._folder).name
            if name in {self._service.generation, self._failed}:
                return
            pipeline = self._reopen()
        except BadIndex as error:
            self._failed = name  # what is damaged is not tried again before the next build
            self._tell(str(error))
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the next look may succeed
            self._tell(f"{type(error).__name__}: {error}")
            return
        if not self._stop.is_set():
            self._service.swap(pipeline)

    def _tell(self, fault: str) -> None:
        if fault != self._told:
            self._told = fault
            self._announce(f"The index that is open serves on: {fault}")


def _name(pipeline: Pipeline) -> str:
    return pipeline.index.path.name
