"""Keep the values that were made last, up to a weight, so that memory is bounded however many are asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """Make values by their ordinals and keep the latest. Safe to share between threads."""

    def __init__(self, make: Callable[[int], V], weigh: Callable[[int, V], int], most: int) -> None:
        """Keep nothing yet.

        :param make: makes the value of an ordinal; two threads that ask for the same one at once both call it.
        :param weigh: estimates what a value takes, in bytes.
        :param most: the largest weight of all that is kept. The latest value is kept whatever it weighs, since a
            question reads the same document many times.
        """
        self._make = make
        self._weigh = weigh
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[int, tuple[V, int]] = OrderedDict()
        self.weight = 0

    def __len__(self) -> int:
        """Return how many values are kept."""
        return len(self._kept)

    def __call__(self, ordinal: int) -> V:
        """Return the value of an ordinal."""
        with self._lock:
            found = self._kept.get(ordinal)
            if found is not None:
                self._kept.move_to_end(ordinal)
                return found[0]
        value = self._make(ordinal)
        self._keep(ordinal, value, self._weigh(ordinal, value))
        return value

    def _keep(self, ordinal: int, value: V, weight: int) -> None:
        with self._lock:
            if ordinal in self._kept:
                return
            self._kept[ordinal] = (value, weight)
            self.weight += weight
            while self.weight > self._most and len(self._kept) > 1:
                _, (_, gone) = self._kept.popitem(last=False)
                self.weight -= gone
