"""Judged questions -> the report: every figure, by category and tag, with what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from qa.evaluate.calibration import Bin, RiskPoint, reliability, risk_coverage
from qa.evaluate.comparison import Comparison
from qa.evaluate.figures import Figure, Rate, figures, rate
from qa.evaluate.gates import Gate, GateResult, check_gates
from qa.evaluate.judged import FAULTS, Fault, Given, Judged
from qa.evaluate.questions import Expected
from qa.types import ConfidenceLevel

FORMAT = 1
REPORT_FILE, PAGE_FILE = "report.json", "report.html"
LEVELS: tuple[ConfidenceLevel, ...] = ("VERY_HIGH", "HIGH", "MEDIUM", "LOW")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many questions there are, and of which kinds."""

    questions: int
    answerable: int
    to_be_refused: int
    emergencies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The questions of one category or tag."""

    questions: int
    right_outcome: Rate
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that was found. The same index and set give the same report, byte for byte.

    ``confusion`` counts outcomes by what was expected, then by what was given. ``levels`` holds how often the first
    passage was right at each level of confidence. Risk and coverage are over all messages but emergencies.
    ``faults`` and ``lost`` name questions: what went wrong with them, and whose gold no passage holds.
    """

    format: int
    name: str
    counts: Counts
    figures: dict[str, Figure]
    categories: dict[str, Group]
    tags: dict[str, Group]
    confusion: dict[Expected, dict[Given, int]]
    levels: dict[ConfidenceLevel, Rate]
    risk_coverage: tuple[RiskPoint, ...]
    reliability: tuple[Bin, ...]
    faults: dict[Fault, tuple[str, ...]]
    lost: dict[str, tuple[str, ...]]
    gates: tuple[GateResult, ...]
    comparison: Comparison | None

    @property
    def passed(self) -> bool:
        """Tell whether every gate held."""
        return all(gate.passed for gate in self.gates)


def make_report(
    rows: Sequence[Judged], *, name: str, gates: Iterable[Gate] = (), comparison: Comparison | None = None
) -> Report:
    """Work out the report of at least one question.

    :param name: the corpus' name.
    """
    found = figures(rows)
    calm = [row for row in rows if not row.emergency and (row.scores or row.expected != "answered")]
    return Report(
        format=FORMAT,
        name=name,
        counts=_counts(rows),
        figures=found,
        categories=_groups(rows, lambda row: (row.category,)),
        tags=_groups(rows, lambda row: row.tags),
        confusion=_confusion(rows),
        levels=_levels(rows),
        risk_coverage=risk_coverage(_stated(calm), len(calm)),
        reliability=reliability(_stated(rows)),
        faults={fault: named for fault in FAULTS if (named := tuple(r.query_id for r in rows if r.fault == fault))},
        lost={row.query_id: row.lost for row in rows if row.lost},
        gates=check_gates(gates, found),
        comparison=comparison,
    )


def _counts(rows: Sequence[Judged]) -> Counts:
    answerable = sum(row.expected == "answered" for row in rows)
    return Counts(
        questions=len(rows),
        answerable=answerable,
        to_be_refused=len(rows) - answerable,
        emergencies=sum(row.emergency for row in rows),
    )


def _groups(rows: Sequence[Judged], names: Callable[[Judged], Iterable[str]]) -> dict[str, Group]:
    members: dict[str, list[Judged]] = {}
    for row in rows:
        for name in names(row):
            members.setdefault(name, []).append(row)
    return {name: _group(members[name]) for name in sorted(members)}


def _group(rows: Sequence[Judged]) -> Group:
    right = rate(sum(row.right_outcome for row in rows), len(rows))
    return Group(questions=len(rows), right_outcome=right, figures=figures(rows))


def _confusion(rows: Sequence[Judged]) -> dict[Expected, dict[Given, int]]:
    counted = Counter((row.expected, row.given) for row in rows)
    table: dict[Expected, dict[Given, int]] = {}
    for (expected, given), count in sorted(counted.items()):
        table.setdefault(expected, {})[given] = count
    return table


def _levels(rows: Sequence[Judged]) -> dict[ConfidenceLevel, Rate]:
    found: dict[ConfidenceLevel, Rate] = {}
    for level in LEVELS:
        right = [row.right_first for row in rows if row.stated and row.confidence and row.confidence.level == level]
        if right:
            found[level] = rate(sum(right), len(right))
    return found


def _stated(rows: Iterable[Judged]) -> list[tuple[float, float]]:
    return [stated for row in rows if (stated := row.stated)]
