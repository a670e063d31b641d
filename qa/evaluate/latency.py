"""How long each question took -> percentiles, by who held the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

_PERCENTILES = (50, 95, 99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds that half, 95 and 99 of 100 questions took at most."""

    p50: float
    p95: float
    p99: float
    of: int


def latencies(spent: Mapping[str, Sequence[float]]) -> dict[str, Latency]:
    """Return the percentiles of each clock that was read at all, interpolated between neighbours."""
    return {clock: _latency(values) for clock, values in spent.items() if values}


def _latency(values: Sequence[float]) -> Latency:
    p50, p95, p99 = (round(float(value), 2) for value in np.percentile(values, _PERCENTILES))
    return Latency(p50=p50, p95=p95, p99=p99, of=len(values))
