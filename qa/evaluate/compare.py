"""Two evaluations of the same questions -> paired tests, and which questions changed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, permutation_test

from qa.evaluate.comparison import Change, Comparison, Test
from qa.evaluate.judged import Judged

_RESAMPLES, _SEED = 9_999, 7
_PLACES = 4


def compare(before: Sequence[Judged], now: Sequence[Judged], *, generation: str) -> Comparison:
    """Compare two evaluations, question by question.

    :param before: the baseline, with the same questions as ``now``.
    :param generation: the baseline's index.
    """
    old = {row.query_id: row for row in before}
    pairs = [(old[row.query_id], row) for row in now]
    changes = [(_standing(left), _standing(right), right, left) for left, right in pairs]
    return Comparison(
        generation=generation,
        tests=tuple(_tests(pairs)),
        better=tuple(_change(left, right) for was, is_, right, left in changes if is_ > was),
        worse=tuple(_change(left, right) for was, is_, right, left in changes if is_ < was),
    )


def _tests(pairs: Sequence[tuple[Judged, Judged]]) -> list[Test]:
    tests = [mcnemar("right outcome", [(left.right_outcome, right.right_outcome) for left, right in pairs])]
    scores = [(left.scores, right.scores) for left, right in pairs if left.scores and right.scores]
    if scores:
        tests += [
            mcnemar("success@1", [(left.success_1 == 1, right.success_1 == 1) for left, right in scores]),
            permutation("mrr", [(left.rr, right.rr) for left, right in scores]),
            permutation("ndcg@10", [(left.ndcg_10, right.ndcg_10) for left, right in scores]),
        ]
    return tests


def mcnemar(metric: str, pairs: Sequence[tuple[bool, bool]]) -> Test:
    """Test by the questions that differ: by chance alone each is as likely to be better as worse (McNemar, 1947; exact)."""
    better, worse = sum(now > before for before, now in pairs), sum(now < before for before, now in pairs)
    p_value = float(binomtest(better, better + worse).pvalue) if better + worse else 1.0
    return _test(metric, np.array(pairs, dtype=np.float64), p_value, "exact McNemar test")


def permutation(metric: str, pairs: Sequence[tuple[float, float]]) -> Test:
    """Test the mean difference by swapping before and now (Smucker, Allan and Carterette, 2007).

    All swaps are tried where there are few, else a sample that is the same each time.
    """
    table = np.array(pairs, dtype=np.float64)
    differences = table[:, 1] - table[:, 0]
    differing = differences[differences != 0]
    p_value = 1.0
    if differing.size > 1:
        tested = permutation_test(
            (differing,),
            np.mean,
            permutation_type="samples",
            n_resamples=_RESAMPLES,
            vectorized=True,
            rng=np.random.default_rng(_SEED),
        )
        p_value = float(tested.pvalue)
    return _test(metric, table, p_value, "paired permutation test")


def _test(metric: str, table: NDArray[np.float64], p_value: float, method: str) -> Test:
    before, now = table[:, 0], table[:, 1]
    return Test(
        metric=metric,
        before=round(float(before.mean()), _PLACES),
        now=round(float(now.mean()), _PLACES),
        better=int((now > before).sum()),
        worse=int((now < before).sum()),
        p_value=round(min(1.0, p_value), _PLACES),
        method=method,
        of=len(table),
    )


def _standing(row: Judged) -> tuple[bool, float, float]:
    """Return what decides whether a question is better off: the outcome, then the rank, then the quote."""
    scores = row.scores
    return (row.right_outcome, scores.rr if scores else 0.0, scores.quote_success_1 if scores else 0.0)


def _change(before: Judged, now: Judged) -> Change:
    return Change(query_id=now.query_id, query=now.query, before=described(before), now=described(now))


def described(row: Judged) -> str:
    """Say in a few words how a question came out."""
    if row.given != "answered" or row.expected != "answered":
        return row.given.replace("_", " ")
    rank = next((each.rank for each in row.shown if each.right), None)
    if rank is None:
        return "answered, right passage not shown"
    return f"right passage at {rank}" + (", quoted" if rank == 1 and row.shown[0].quoted else "")
