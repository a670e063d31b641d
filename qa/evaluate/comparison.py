"""What two evaluations of the same questions differ in: tests, and the questions that changed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One metric before and now over the same questions, and how likely so large a difference is by chance alone.

    ``better`` and ``worse`` count the questions that differ; the p-value is two-sided.
    """

    metric: str
    before: float
    now: float
    better: int
    worse: int
    p_value: float
    method: str
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A question that is answered better or worse than before."""

    query_id: str
    query: str
    before: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed since a baseline, whose index may be another."""

    generation: str
    tests: tuple[Test, ...]
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
