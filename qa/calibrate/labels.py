"""Labelled questions -> a calibration with a threshold that lets no more false answers through than is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qa import scope
from qa.calibrate.fit import Rows, balanced, curve, fit
from qa.calibrate.observe import observe
from qa.errors import CalibrationError
from qa.index import Index
from qa.prior import Prior, prior_of
from qa.types import Calibration, Progress

_LEAST_OF_EACH = 10
_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A question and whether the documents answer it."""

    question: str
    answerable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How many of some questions are answered."""

    answered: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """A calibration by labels, and what it does to them: answerable questions and others, before and with it.

    With it each question is judged by a fit to the others, so that the figures hold for questions that were not there.
    """

    calibration: Calibration
    answerable: tuple[Outcome, Outcome]
    others: tuple[Outcome, Outcome]


def by_labels(
    index: Index, questions: Sequence[Labelled], *, max_false_answers: float, name: str, progress: Progress
) -> Calibrated:
    """Calibrate by labelled questions.

    :param max_false_answers: the largest share (0 to 1) of unanswerable questions that may be answered.
    :param name: the hash of the set.
    :raises CalibrationError: if there are too few questions of either kind.
    """
    observed, labels = _observed(index, questions, progress)
    for kind, count in (("answerable", int(labels.sum())), ("unanswerable", int((~labels).sum()))):
        if count < _LEAST_OF_EACH:
            raise CalibrationError(
                f"The set has {count} {kind} questions; calibrating takes at least {_LEAST_OF_EACH}. Add some."
            )
    rows, before = np.array(observed), index.calibration
    prior = prior_of(index.manifest.reranker)
    held_out = _cross_fitted(rows, labels, prior)
    fitted = fit(rows, labels, balanced(labels), prior=prior)
    # The limit holds for questions like these, and for these themselves.
    asked = np.array([scope.probability(row, fitted) for row in rows])
    threshold = max(_threshold(each[~labels], max_false_answers) for each in (held_out, asked))
    fitted = replace(
        fitted,
        threshold=threshold,
        source="questions",
        questions=len(questions),
        questions_hash=name,
        curve=curve(held_out, labels),
    )
    earlier = np.array([scope.probability(row, before) for row in rows]) >= before.threshold
    now = held_out >= threshold
    return Calibrated(
        calibration=fitted,
        answerable=(_outcome(earlier[labels]), _outcome(now[labels])),
        others=(_outcome(earlier[~labels]), _outcome(now[~labels])),
    )


def _observed(
    index: Index, questions: Sequence[Labelled], progress: Progress
) -> tuple[list[tuple[float, ...]], NDArray[np.bool_]]:
    """Return the evidence of the questions that can be looked up, and whether each is answerable."""
    rows, labels = [], []
    for number, question in enumerate(questions, start=1):
        row = observe(question.question, index)
        if row is not None:
            rows.append(row)
            labels.append(question.answerable)
        progress("Asking the questions", number, len(questions))
    return rows, np.array(labels, dtype=bool)


def _cross_fitted(rows: Rows, labels: NDArray[np.bool_], prior: Prior) -> NDArray[np.float64]:
    """Return each row's probability under a fit to the other folds, which hold both kinds in the same shares."""
    folds = np.empty(len(rows), dtype=np.int64)
    for kind in (True, False):
        places = np.flatnonzero(labels == kind)
        folds[np.random.default_rng(0).permutation(places)] = np.arange(len(places)) % _FOLDS
    found = np.empty(len(rows))
    for fold in range(_FOLDS):
        train = folds != fold
        fitted = fit(rows[train], labels[train], balanced(labels[train]), prior=prior)
        found[~train] = [scope.probability(row, fitted) for row in rows[~train]]
    return found


def _threshold(others: NDArray[np.float64], most: float) -> float:
    """Return the least threshold at which at most a share ``most`` of the unanswerable questions are answered."""
    allowed = int(most * len(others) + 1e-9)
    refused = np.sort(others)[::-1][allowed:]
    return float(np.nextafter(refused[0], 1.0)) if len(refused) else 0.0


def _outcome(answered: NDArray[np.bool_]) -> Outcome:
    return Outcome(answered=int(answered.sum()), of=len(answered))
