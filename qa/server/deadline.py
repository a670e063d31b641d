"""A time limit on an event loop that can be set again and lifted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Deadline:
    """A time after which something is called, unless it is lifted before."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, ended: Callable[[], None]) -> None:
        """Prepare to call ``ended`` on the loop; nothing counts before ``set``."""
        self._loop, self._seconds, self._ended = loop, seconds, ended
        self._timer: asyncio.TimerHandle | None = None

    @property
    def stands(self) -> bool:
        """Tell whether it is set and has not passed."""
        return self._timer is not None

    def set(self) -> None:
        """Count the time from now."""
        self.lift()
        self._timer = self._loop.call_later(self._seconds, self._end)

    def lift(self) -> None:
        """Call nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        self._timer = None
        self._ended()
