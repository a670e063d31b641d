"""Confidences and whether the first passage was right -> risk by coverage, reliability, accuracy by level.

Answers of equal confidence have no order: each counts as the mean of its equals, so no figure depends on the order of
the set.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

_BINS = 10
_PLACES = 4

# The stated probability of an answer and whether its first passage is right.
Stated = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPoint:
    """Of all questions, the share that is answered at a confidence or above, and the share of these that is wrong."""

    confidence: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Answers of neighbouring confidence: the mean of what was stated, and the share that was right."""

    stated: float
    right: float
    of: int


def risk_coverage(answers: Sequence[Stated], of: int) -> tuple[RiskPoint, ...]:
    """Return the risk at each confidence, the highest first.

    :param of: how many questions were asked, refused ones included.
    """
    points, answered, wrong = [], 0, 0.0
    for confidence, equals in itertools.groupby(sorted(answers, reverse=True), key=lambda answer: answer[0]):
        rights = [right for _, right in equals]
        answered += len(rights)
        wrong += len(rights) - math.fsum(rights)
        points.append(
            RiskPoint(
                confidence=confidence,
                coverage=round(answered / of, _PLACES),
                risk=round(wrong / answered, _PLACES),
            )
        )
    return tuple(points)


def aurc(answers: Sequence[Stated]) -> float:
    """Return the area under the risk-coverage curve: the mean risk of the 1, 2, ... n surest answers.

    Geifman, Uziel and El-Yaniv, "Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers", 2019. Refused
    questions are beyond the curve.
    """
    wrong = itertools.accumulate(1 - right for _, right in _levelled(answers))
    return math.fsum(sofar / number for number, sofar in enumerate(wrong, start=1)) / len(answers)


def reliability(answers: Sequence[Stated]) -> tuple[Bin, ...]:
    """Return up to ten bins that hold as nearly the same number of answers as can be, the highest stated first."""
    levelled = _levelled(answers)
    count = min(_BINS, len(levelled))
    bounds = [round(number * len(levelled) / count) for number in range(count + 1)] if count else []
    return tuple(_bin(levelled[start:end]) for start, end in itertools.pairwise(bounds))


def calibration_error(answers: Sequence[Stated]) -> float:
    """Return the mean gap between what is stated and what is right, over bins of equal mass.

    Naeini, Cooper and Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", 2015; bins of equal
    mass: Nixon et al., "Measuring Calibration in Deep Learning", 2019.
    """
    return math.fsum(each.of * abs(each.stated - each.right) for each in reliability(answers)) / len(answers)


def _bin(answers: Sequence[Stated]) -> Bin:
    of = len(answers)
    stated, right = (math.fsum(column) / of for column in zip(*answers, strict=True))
    return Bin(stated=round(stated, _PLACES), right=round(right, _PLACES), of=of)


def _levelled(answers: Sequence[Stated]) -> list[Stated]:
    """Return the answers, the surest first, each as right as its equals are on the mean."""
    levelled: list[Stated] = []
    for confidence, equals in itertools.groupby(sorted(answers, reverse=True), key=lambda answer: answer[0]):
        rights = [right for _, right in equals]
        levelled += [(confidence, math.fsum(rights) / len(rights))] * len(rights)
    return levelled
