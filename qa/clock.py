"""Measure how long an answer takes, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from qa.types import Timings


class Clock:
    """Measures from its creation on."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._spent: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time that a block takes to a stage: safety, encode, retrieve or extract."""
        start = time.perf_counter()
        yield
        self._spent[name] = round(self._spent.get(name, 0) + (time.perf_counter() - start) * 1000, 3)

    def timings(self) -> Timings:
        """Return the milliseconds of each stage and of all together."""
        return Timings(**self._spent, total=round((time.perf_counter() - self._start) * 1000, 3))
