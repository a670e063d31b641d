"""Evidence and whether it answered -> a calibration near the shipped one.

The refined log-odds maximise the likelihood of the questions under a Gaussian around the shipped coefficients, so that
few questions change little and many count for what they say (Bishop, "Pattern Recognition and Machine Learning", 2006,
section 4.5).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qa.prior import Prior
from qa.types import Calibration, OperatingPoint

# How much the shipped coefficients weigh against one question; chosen by leaving each corpus out (benchmarks/fit_scope.py).
_STRENGTH = 4.0
_INTERCEPT_STRENGTH = 0.1
_STEPS = 50
_POINTS = 40
_LEAST_SCALE = 1e-3
_TOLERANCE = 1e-9
# So much of a coefficient survives every machine's last digits.
_DIGITS = 3

Rows = NDArray[np.float64]


def fit(rows: Rows, labels: NDArray[np.bool_], weights: NDArray[np.float64], *, prior: Prior) -> Calibration:
    """Return a calibration near the prior with the intercept and weights that fit rows of evidence best.

    :param labels: whether each row's question is answered.
    :param weights: how many questions each row counts for.
    """
    shipped = np.array([prior.calibration.intercept, *prior.calibration.weights])
    # Evidence of which nothing is known has the scale that it has here.
    scales = [scale or max(float(rows[:, place].std()), _LEAST_SCALE) for place, scale in enumerate(prior.scales)]
    precision = np.array([_INTERCEPT_STRENGTH, *(_STRENGTH * scale**2 for scale in scales)])
    design = np.column_stack([np.ones(len(rows)), rows])
    signs = np.where(labels, 1.0, -1.0)

    def loss(at: NDArray[np.float64]) -> float:
        return float(weights @ np.logaddexp(0, -signs * (design @ at)) + precision @ (at - shipped) ** 2 / 2)

    found = shipped.copy()
    for _ in range(_STEPS):
        expected = 1 / (1 + np.exp(-np.clip(design @ found, -500, 500)))
        slope = design.T @ (weights * (expected - labels)) + precision * (found - shipped)
        curvature = (design * (weights * expected * (1 - expected))[:, None]).T @ design + np.diag(precision)
        step = np.linalg.solve(curvature, slope)
        # Far from the minimum a whole step of Newton's may overshoot.
        while loss(found - step) > loss(found) + _TOLERANCE:
            step /= 2
        found -= step
        if float(np.abs(step).max()) < _TOLERANCE:
            break
    intercept, *slopes = found.round(_DIGITS).tolist()
    # A weight that starts from no knowledge (scale 0) may become 0, but not negative.
    slopes = [slope if scale else max(slope, 0.0) for slope, scale in zip(slopes, prior.scales, strict=True)]
    return replace(prior.calibration, intercept=intercept, weights=tuple(slopes))


def balanced(labels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return weights under which both kinds count the same, and all together as many as there are."""
    share = labels.mean()
    weights: NDArray[np.float64] = np.where(labels, 0.5 / share, 0.5 / (1 - share))
    return weights


def curve(probabilities: NDArray[np.float64], labels: NDArray[np.bool_]) -> tuple[OperatingPoint, ...]:
    """Return what each threshold would answer."""
    return tuple(
        OperatingPoint(
            threshold=round(threshold, 4),
            answered=round(float((probabilities[labels] >= threshold).mean()), 4),
            false_answers=round(float((probabilities[~labels] >= threshold).mean()), 4),
        )
        for threshold in np.linspace(0, 1, _POINTS + 1).tolist()
    )
