"""Judged questions -> figures, each with how many questions stand behind it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from qa.evaluate.calibration import Stated, aurc, calibration_error
from qa.evaluate.judged import Judged, Scores

# The 97.5th percentile of the normal distribution: 95 % lie between it and its negative.
_Z = 1.959963984540054
_PLACES = 4
_RESAMPLES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share: ``count`` of ``of``, with its 95 % interval."""

    value: float
    low: float
    high: float
    count: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean between 0 and 1 over ``of`` questions, with its 95 % interval."""

    value: float
    low: float
    high: float
    of: int


Figure = Rate | Mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What a figure says, over which questions, and which way is better."""

    title: str
    says: str
    over: str
    better: Literal["higher", "lower"] = "higher"


_ANSWERABLE = "questions that have an answer"
_GOLDEN = "questions that have gold"
_ANSWERED = "questions that were answered"
METRICS: dict[str, Metric] = {
    "success@1": Metric(title="Right passage first", says="the first passage holds a gold", over=_GOLDEN),
    "success@3": Metric(title="Right passage in the first 3", says="one of three passages holds a gold", over=_GOLDEN),
    "mrr": Metric(title="Mean reciprocal rank", says="1 / rank of the first right passage", over=_GOLDEN),
    "ndcg@10": Metric(title="nDCG@10", says="gain of the right passages, discounted by rank", over=_GOLDEN),
    "recall@10": Metric(title="Recall@10", says="share of the right passages that are shown", over=_GOLDEN),
    "quote_success@1": Metric(
        title="Right sentence quoted first", says="a quote of the first passage covers half of a gold", over=_GOLDEN
    ),
    "answer_f1": Metric(title="Answer token F1", says="tokens of the first quotes and of the best gold", over=_GOLDEN),
    "exact_quote_rate": Metric(title="Exact quotes", says="the quote is its document's slice", over="quotes served"),
    "citation_precision": Metric(
        title="Citation precision",
        says="references shown at the quote that the gold has",
        over="right passages that show references",
    ),
    "citation_recall": Metric(
        title="Citation recall",
        says="the gold's references that are shown at the quote",
        over="questions whose gold has references",
    ),
    "false_answer_rate": Metric(
        title="False answers", says="answered, should be refused", over="questions to be refused", better="lower"
    ),
    "false_refusal_rate": Metric(
        title="False refusals", says="refused, should be answered", over=_ANSWERABLE, better="lower"
    ),
    "emergency_recall": Metric(
        title="Emergencies recognised", says="at the right level, crisis included", over="emergencies and crises"
    ),
    "false_alarm_rate": Metric(
        title="False alarms", says="taken for an emergency", over="messages that are none", better="lower"
    ),
    "aurc": Metric(
        title="Area under risk–coverage", says="mean risk, the surest answers first", over=_ANSWERED, better="lower"
    ),
    "ece": Metric(
        title="Calibration error", says="confidence against right passage first", over=_ANSWERED, better="lower"
    ),
}


def figures(rows: Sequence[Judged]) -> dict[str, Figure]:
    """Return every figure that the questions say something about, in the order of :data:`METRICS`."""
    found = dict(_figures(rows))
    return {name: found[name] for name in METRICS if name in found}


def _figures(rows: Sequence[Judged]) -> Iterator[tuple[str, Figure]]:
    yield from _of_answers([row.scores for row in rows if row.scores])
    yield from _of_outcomes(rows)
    quotes, exact = sum(row.quotes for row in rows), sum(row.exact_quotes for row in rows)
    if quotes:
        yield "exact_quote_rate", rate(exact, quotes)
    answered = [stated for row in rows if (stated := row.stated)]
    if answered:
        yield "aurc", resampled(answered, aurc)
        yield "ece", resampled(answered, calibration_error)


def _of_answers(scores: Sequence[Scores]) -> Iterator[tuple[str, Figure]]:
    means = {
        "mrr": [each.rr for each in scores],
        "ndcg@10": [each.ndcg_10 for each in scores],
        "recall@10": [each.recall_10 for each in scores],
        "answer_f1": [each.answer_f1 for each in scores],
        "citation_precision": [each.citation_precision for each in scores if each.citation_precision is not None],
        "citation_recall": [each.citation_recall for each in scores if each.citation_recall is not None],
    }
    yield from ((name, mean(values)) for name, values in means.items() if values)
    if scores:
        yield "success@1", _share(each.success_1 for each in scores)
        yield "success@3", _share(each.success_3 for each in scores)
        yield "quote_success@1", _share(each.quote_success_1 for each in scores)


def _of_outcomes(rows: Sequence[Judged]) -> Iterator[tuple[str, Figure]]:
    kinds = {
        "false_answer_rate": [row.given == "answered" for row in rows if row.expected != "answered"],
        "false_refusal_rate": [row.given != "answered" for row in rows if row.expected == "answered"],
        "emergency_recall": [row.given == row.expected for row in rows if row.emergency],
        "false_alarm_rate": [row.alarmed for row in rows if not row.emergency],
    }
    yield from ((name, _share(kind)) for name, kind in kinds.items() if kind)


def _share(values: Iterable[float]) -> Rate:
    hits = list(values)
    return rate(round(sum(hits)), len(hits))


def rate(count: int, of: int) -> Rate:
    """Return a share with its interval; ``of`` is at least 1."""
    low, high = wilson(count / of, of)
    return Rate(value=_rounded(count / of), low=_rounded(low), high=_rounded(high), count=count, of=of)


def mean(values: Sequence[float]) -> Mean:
    """Return the mean of values between 0 and 1 with its interval; there is at least one.

    Wilson's interval holds for these too, and is rather too wide: no values between 0 and 1 with that mean vary more
    than zeros and ones (Bhatia and Davis, 2000).
    """
    value = math.fsum(values) / len(values)
    low, high = wilson(value, len(values))
    return Mean(value=_rounded(value), low=_rounded(low), high=_rounded(high), of=len(values))


def resampled(answers: Sequence[Stated], figure: Callable[[Sequence[Stated]], float]) -> Mean:
    """Return a figure of all answers, of which there is at least one, with its percentile bootstrap interval.

    The figure is taken again of as many answers drawn with replacement, 1 000 times, always the same (Efron, "Bootstrap
    Methods: Another Look at the Jackknife", 1979). A calibration error is the larger the less answers there are, and its
    interval lies rather high.
    """
    # Not scipy.stats.bootstrap, which takes no single answer.
    draw = np.random.default_rng(0)
    again = [
        figure([answers[place] for place in draw.integers(len(answers), size=len(answers)).tolist()])
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(again, [0.025, 0.975]).tolist()
    return Mean(value=_rounded(figure(answers)), low=_rounded(low), high=_rounded(high), of=len(answers))


def wilson(share: float, of: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson, 1927, without continuity correction)."""
    spread = _Z**2 / of
    centre = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, centre - half), min(1.0, centre + half)


def _rounded(value: float) -> float:
    return round(value, _PLACES)
