"""Curves -> the coordinates of their plots: the template only draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa.evaluate.calibration import Bin, RiskPoint
from qa.evaluate.figures import wilson

# The drawing's size and the margins that hold the axes, in its own units.
WIDTH, HEIGHT = 400.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 8.0, 36.0, 46.0
NBSP = "\N{NO-BREAK SPACE}"
_HIGHEST_RISKS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on an axis and what stands there."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The plot's area and its ticks."""

    left: float
    right: float
    top: float
    bottom: float
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Risk by coverage: a line, the area under it, and where every question that has an answer would be answered."""

    frame: Frame
    line: str
    area: str
    answerable: float
    end_x: float
    end_y: float
    end_anchor: str
    end_label: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A bin of answers with the interval of what was right."""

    x: float
    y: float
    low: float
    high: float
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """What was right by what was stated."""

    frame: Frame
    dots: tuple[Dot, ...]


def risk_plot(points: Sequence[RiskPoint], answerable: float) -> Curve:
    """Lay out the risk-coverage curve of at least one point.

    :param answerable: the share of the questions that have an answer.
    """
    highest = next(bound for bound in _HIGHEST_RISKS if bound >= max(point.risk for point in points))
    frame = _frame(highest)
    places = [(_x(point.coverage), _y(point.risk / highest)) for point in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    (first_x, _), (last_x, last_y) = places[0], places[-1]
    last = points[-1]
    return Curve(
        frame=frame,
        line=line,
        area=f"{first_x:.1f},{frame.bottom:.1f} {line} {last_x:.1f},{frame.bottom:.1f}",
        answerable=round(_x(answerable), 1),
        end_x=round(last_x, 1),
        end_y=round(last_y, 1),
        end_anchor="end" if last.coverage > 1 / 2 else "start",
        end_label=f"{percent(last.risk)} wrong",
        says=f"{percent(last.risk)} of the answers are wrong when {percent(last.coverage)} of the questions are answered",
    )


def reliability_plot(bins: Sequence[Bin]) -> Dots:
    """Lay out the bins on axes from 0 to 1."""
    return Dots(frame=_frame(1.0), dots=tuple(_dot(each) for each in bins))


def _dot(each: Bin) -> Dot:
    low, high = wilson(each.right, each.of)
    return Dot(
        x=round(_x(each.stated), 1),
        y=round(_y(each.right), 1),
        low=round(_y(low), 1),
        high=round(_y(high), 1),
        says=f"stated {percent(each.stated)}, right {percent(each.right)} of {each.of}",
    )


def _frame(highest: float) -> Frame:
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    return Frame(
        left=_LEFT,
        right=WIDTH - _RIGHT,
        top=_TOP,
        bottom=HEIGHT - _BOTTOM,
        across=tuple(Tick(at=round(_x(share), 1), label=_short(share)) for share in shares),
        up=tuple(Tick(at=round(_y(share), 1), label=_short(share * highest)) for share in shares),
    )


def _x(share: float) -> float:
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)


def _short(share: float) -> str:
    """Write a tick's percentage with no more digits than it has."""
    return f"{100 * share:.4g}{NBSP}%"


def percent(share: float) -> str:
    """Write a share as a percentage with one decimal; 100 and 0 stand only for all and for none."""
    if share in (0, 1):
        return f"{100 * share:.0f}{NBSP}%"
    return f"{min(99.9, max(0.1, round(100 * share, 1)))}{NBSP}%"
