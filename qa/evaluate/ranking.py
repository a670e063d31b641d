"""Passages shown and passages that are relevant -> ranking figures and TREC files. The only home of ir_measures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import ir_measures
from ir_measures import RR, R, Success, nDCG

from qa.evaluate.judged import Judged

_MEASURES = {
    "success_1": Success @ 1,
    "success_3": Success @ 3,
    "rr": RR @ 10,
    "ndcg_10": nDCG @ 10,
    "recall_10": R @ 10,
}
_NAME = "citewell"
# Stands in the judgements of a question whose gold no passage holds, so that the question stays in the denominators.
NOWHERE = "nowhere"


def ranked(relevant: Sequence[str], shown: Sequence[str]) -> dict[str, float]:
    """Return the ranking figures of one question, rounded to six places.

    :param relevant: the names of the passages that answer.
    :param shown: those that were shown, best first; empty for a refusal, which scores 0.
    """
    qrels = {"q": dict.fromkeys(relevant or (NOWHERE,), 1)}
    run = {"q": {name: float(-rank) for rank, name in enumerate(shown)}}
    found = {str(row.measure): row.value for row in ir_measures.iter_calc(list(_MEASURES.values()), qrels, run)}
    return {field: round(found.get(str(measure), 0.0), 6) for field, measure in _MEASURES.items()}


def qrels_lines(rows: Iterable[Judged]) -> str:
    """Return the judgements in TREC's form: ``query 0 passage 1``, for the questions that have an answer."""
    return "".join(f"{row.query_id} 0 {name} 1\n" for row in rows if row.scores for name in row.relevant or (NOWHERE,))


def run_lines(rows: Iterable[Judged]) -> str:
    """Return the run in TREC's form: ``query Q0 passage rank score tag``; the score keeps the order and says no more."""
    return "".join(
        f"{row.query_id} Q0 {passage.id} {passage.rank} {len(row.shown) - passage.rank + 1} {_NAME}\n"
        for row in rows
        for passage in row.shown
    )
