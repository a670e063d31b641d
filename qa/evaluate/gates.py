"""``metric=value`` and figures -> which gates hold. For an error's metric the value is the most allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qa.evaluate.errors import GateError
from qa.evaluate.figures import METRICS, Figure, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A metric and the bound that it must not cross."""

    metric: str
    bound: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """Whether a gate held, and in words why."""

    metric: str
    bound: float
    passed: bool
    says: str


def parse_gates(given: Iterable[str]) -> tuple[Gate, ...]:
    """Read gates such as ``success@1=.85``.

    :raises GateError: naming the metrics there are, if one is unknown or its value is none from 0 to 1.
    """
    return tuple(_parse(text) for text in given)


def _parse(text: str) -> Gate:
    metric, _, value = text.partition("=")
    metric = metric.strip()
    if metric not in METRICS:
        raise GateError(f"--fail-under {text}: there is no metric {metric!r}. The metrics are {', '.join(METRICS)}.")
    try:
        bound = float(value)
    except ValueError:
        bound = -1.0
    if not 0 <= bound <= 1:
        raise GateError(f"--fail-under {text}: expected a value from 0 to 1, such as {metric}=.85.")
    return Gate(metric=metric, bound=bound)


def check_gates(gates: Iterable[Gate], figures: Mapping[str, Figure]) -> tuple[GateResult, ...]:
    """Hold the figures against the gates; a gate on a metric that no question says anything about fails."""
    return tuple(_check(gate, figures.get(gate.metric)) for gate in gates)


def _check(gate: Gate, figure: Figure | None) -> GateResult:
    metric = METRICS[gate.metric]
    if figure is None:
        says = f"{gate.metric} cannot be judged: the set has no {metric.over}. Add some, or drop the gate."
        return GateResult(metric=gate.metric, bound=gate.bound, passed=False, says=says)
    # A share is compared as it is, not as it is rounded: 99 999 of 100 000 are not all.
    value = figure.count / figure.of if isinstance(figure, Rate) else figure.value
    lower = metric.better == "lower"
    passed = value <= gate.bound if lower else value >= gate.bound
    wanted = f"at {'most' if lower else 'least'} {gate.bound:g}"
    says = f"{gate.metric} is {value:.4f} ({_counted(figure, metric.over)}); wanted {wanted}."
    return GateResult(metric=gate.metric, bound=gate.bound, passed=passed, says=says)


def _counted(figure: Figure, over: str) -> str:
    if isinstance(figure, Rate):
        return f"{figure.count} of {figure.of} {over}"
    return f"over {figure.of} {over}"
