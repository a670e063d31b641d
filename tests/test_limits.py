"""How often something may be done: so many times at once, then at that rate, in bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.server.limits import Limiter


class Clock:
    """A clock that stands until it is set on."""

    def __init__(self) -> None:
        self.now = 1e6

    def __call__(self) -> float:
        return self.now


def test_an_allowance_is_used_up_and_comes_back() -> None:
    """Three at once are let through; then one each 20 seconds, and after a minute three again."""
    clock = Clock()
    limiter = Limiter(3, 60, clock=clock)
    assert [limiter.wait("a") for _ in range(4)] == [0, 0, 0, pytest.approx(20)]
    clock.now += 15
    assert limiter.wait("a") == pytest.approx(5)
    clock.now += 5
    assert [limiter.wait("a") for _ in range(2)] == [0, pytest.approx(20)]
    clock.now += 60
    assert [limiter.wait("a") for _ in range(4)] == [0, 0, 0, pytest.approx(20)]


def test_keys_do_not_count_together() -> None:
    """What one used up, another still has."""
    limiter = Limiter(1, 60, clock=Clock())
    assert [limiter.wait(key) for key in ("a", "b", "c")] == [0, 0, 0]
    assert all(limiter.wait(key) for key in ("a", "b", "c"))


def test_keys_are_remembered_up_to_a_number() -> None:
    """However many keys come, those seen last are kept and no more."""
    limiter = Limiter(1, 60, keys=3, clock=Clock())
    for number in range(1_000):
        limiter.wait(str(number))
    assert len(limiter) == 3
    assert [limiter.wait(key) > 0 for key in ("997", "998", "999", "0")] == [True, True, True, False]


@given(most=st.integers(1, 70), steps=st.lists(st.floats(0, 30), max_size=150))
def test_no_period_holds_more_than_twice_the_allowance(most: int, steps: list[float]) -> None:
    """In any minute at most the allowance and what comes back within the minute is let through."""
    clock = Clock()
    limiter = Limiter(most, 60, clock=clock)
    passed = []
    for step in steps:
        clock.now += step
        if not limiter.wait("a"):
            passed.append(clock.now)
    assert all(sum(start <= each < start + 60 for each in passed) <= 2 * most for start in passed)
