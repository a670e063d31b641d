"""A report -> report.html: one file that needs no other. jinja2 escapes every text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from qa.evaluate.figures import METRICS, Figure, Metric, Rate
from qa.evaluate.judged import FAULTS, Fault, Given, Judged, Shown
from qa.evaluate.latency import Latency
from qa.evaluate.output import Manifest
from qa.evaluate.plots import NBSP, percent, reliability_plot, risk_plot
from qa.evaluate.questions import Expected
from qa.evaluate.report import Report
from qa.evaluate.systems import Outcome, Unusable
from qa.types import Answer, Highlight, RankedPassage, Refusal

_PASSAGES_SHOWN, _FAILURES_SHOWN = 3, 200
_HEADLINES = (
    "success@1",
    "quote_success@1",
    "exact_quote_rate",
    "citation_recall",
    "false_answer_rate",
    "false_refusal_rate",
    "emergency_recall",
    "false_alarm_rate",
)
_EXPECTED: tuple[Expected, ...] = (
    "answered", "refused", "out_of_scope", "no_answer", "not_a_question", "emergency", "crisis",
)  # fmt: skip
_GIVEN: tuple[Given, ...] = (
    "answered", "out_of_scope", "no_answer", "not_a_question", "unusable", "emergency", "crisis",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A passage as it was shown, or found, with how it was judged."""

    citation: RankedPassage
    shown: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A question that went wrong, with the passages that tell how: the first ones, and the first right one.

    ``near`` are those that a search finds for a question which should have been answered: they were not shown.
    """

    row: Judged
    excerpts: tuple[Excerpt, ...]
    near: tuple[Excerpt, ...]
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of a passage's text, quoted or not."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A figure as it is shown: its words, and its interval in percent of the scale."""

    metric: Metric
    value: str
    number: str
    unit: str
    interval: str
    counted: str
    low: float
    high: float
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A number of the table of outcomes and its share of the row.

    ``kind`` is ``right`` where the row should be, ``near`` where it is refused as it should be for another reason.
    """

    count: int
    share: float
    kind: Literal["right", "near", "wrong"]


def failure(row: Judged, outcome: Outcome, near: Sequence[Excerpt] = ()) -> Failure:
    """Keep of a question that went wrong what the report shows.

    :param near: the passages that a search finds, best first.
    """
    excerpts: tuple[Excerpt, ...] = ()
    says: tuple[str, ...] = ()
    if isinstance(outcome, Answer):
        pairs = [Excerpt(citation=each, shown=shown) for each, shown in zip(outcome.passages, row.shown, strict=True)]
        right = next((pair for pair in pairs[_PASSAGES_SHOWN:] if pair.shown.right), None)
        hidden = right if right and not any(pair.shown.right for pair in pairs[:_PASSAGES_SHOWN]) else None
        excerpts = (*pairs[:_PASSAGES_SHOWN], *([hidden] if hidden else []))
    elif isinstance(outcome, Refusal):
        says = tuple(flag.title for flag in outcome.safety.flags)
    elif isinstance(outcome, Unusable):
        says = (outcome.reason,)
    return Failure(row=row, excerpts=excerpts, near=tuple(near[:_PASSAGES_SHOWN]), says=says)


def render(report: Report, failures: Sequence[Failure], latency: Mapping[str, Latency], manifest: Manifest) -> str:
    """Return the page; the gravest failures come first, and at most 200 are shown."""
    order = list(FAULTS)
    sorted_failures = sorted(failures, key=lambda each: order.index(each.row.fault or order[-1]))
    shown = sorted_failures[:_FAILURES_SHOWN]
    cards = {name: _card(name, figure) for name, figure in report.figures.items()}
    template = _environment().get_template("report.html.jinja")
    return template.render(
        report=report,
        manifest=manifest,
        latency=latency,
        day=datetime.now(UTC).date().isoformat(),
        cards=cards,
        headlines=[cards[name] for name in _HEADLINES if name in cards],
        failures=shown,
        more_failures=len(failures) - len(shown),
        kinds=_kinds(shown),
        faults=FAULTS,
        confusion=dict(_confusion(report)),
        given=[given for given in _GIVEN if any(given in row for row in report.confusion.values())],
        risk=risk_plot(report.risk_coverage, _answerable(report)) if report.risk_coverage else None,
        reliability=reliability_plot(report.reliability) if report.reliability else None,
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("qa.evaluate", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "runs": runs, "worded": worded, "figure": written, "interval": spread}
    return environment


def runs(citation: RankedPassage) -> Iterator[Run]:
    """Yield a passage's reading text in stretches, the quoted ones marked; where quotes overlap they are one."""
    at = 0
    for start, end in _merged(citation.highlights):
        yield Run(text=citation.text[at:start], quoted=False)
        yield Run(text=citation.text[start:end], quoted=True)
        at = end
    yield Run(text=citation.text[at:], quoted=False)


def _merged(highlights: Sequence[Highlight]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted((each.start, each.end) for each in highlights):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def worded(name: str) -> str:
    """Write a name of the program as words."""
    return name.replace("_", " ")


def written(figure: Figure) -> str:
    """Write a figure: a share as a percentage, all else as a fraction of one."""
    return percent(figure.count / figure.of) if isinstance(figure, Rate) else f"{figure.value:.3f}"


def _card(name: str, figure: Figure) -> Card:
    value = written(figure)
    number, _, unit = value.partition(NBSP)
    return Card(
        metric=METRICS[name],
        value=value,
        number=number,
        unit=unit,
        interval=spread(figure),
        counted=f"{figure.count} of {figure.of}" if isinstance(figure, Rate) else f"{figure.of}",
        low=round(100 * figure.low, 2),
        high=round(100 * figure.high, 2),
        at=round(100 * figure.value, 2),
    )


def spread(figure: Figure) -> str:
    """Write a figure's interval."""
    if isinstance(figure, Rate):
        return f"{percent(figure.low).partition(NBSP)[0]}–{percent(figure.high)}"
    return f"{figure.low:.3f}–{figure.high:.3f}"


def _kinds(failures: Sequence[Failure]) -> dict[Fault, int]:
    counted = Counter(each.row.fault for each in failures)
    return {fault: counted[fault] for fault in FAULTS if counted[fault]}


def _confusion(report: Report) -> Iterator[tuple[Expected, list[Cell]]]:
    columns = [given for given in _GIVEN if any(given in row for row in report.confusion.values())]
    for expected in _EXPECTED:
        row = report.confusion.get(expected, {})
        total = sum(row.values())
        if total:
            yield (
                expected,
                [
                    Cell(
                        count=row.get(given, 0),
                        share=round(row.get(given, 0) / total, 3),
                        kind=_kind(expected, given),
                    )
                    for given in columns
                ],
            )


def _kind(expected: Expected, given: Given) -> Literal["right", "near", "wrong"]:
    refused = given in ("out_of_scope", "no_answer", "not_a_question", "unusable")
    if expected == given or (expected == "refused" and refused):
        return "right"
    return "near" if refused and expected in ("out_of_scope", "no_answer", "not_a_question") else "wrong"


def _answerable(report: Report) -> float:
    """Return the share of the messages that are no emergency which have an answer."""
    calm = report.counts.questions - report.counts.emergencies
    return report.counts.answerable / calm
