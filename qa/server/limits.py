"""Limit how often something is done, each key for itself, in bounded memory."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

_KEYS = 10_000
# The last of an allowance must not fail for the last digit of a sum.
_ROUNDING = 1e-6


class Limiter:
    """Let each key through so many times at once, and after that once in each share of the period.

    The generic cell rate algorithm (ITU-T I.371): of each key only the time is kept at which its allowance is whole
    again. Of the keys, those seen last are kept. Safe to share between threads.
    """

    def __init__(
        self, most: int, seconds: float, *, keys: int = _KEYS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start with a whole allowance for every key.

        :param most: how many times at once, and how many in a period of ``seconds`` from then on.
        :param keys: the most keys that are remembered.
        """
        self._share = seconds / most
        self._seconds = seconds
        self._keys = keys
        self._clock = clock
        self._lock = Lock()
        self._whole: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._whole)

    def wait(self, key: str) -> float:
        """Count one more for a key and return 0, or return the seconds to wait and count nothing."""
        with self._lock:
            now = self._clock()
            after = max(now, self._whole.get(key, now)) + self._share
            wait = after - now - self._seconds
            if wait > _ROUNDING:
                return wait
            self._whole[key] = after
            self._whole.move_to_end(key)
            if len(self._whole) > self._keys:
                self._whole.popitem(last=False)
            return 0.0
