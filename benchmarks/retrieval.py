"""Retrieval quality of the whole way beside BM25 alone, dense alone and RRF, over the same index.

A document's score is that of its best passage. Metrics come from ir-measures; the paired test is the t-test on
RR@10 by question, two-sided, of the whole way against the best of the three.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import ir_measures
import numpy as np
from ir_measures import RR, R, Success, nDCG
from scipy.stats import ttest_rel
from sets import Question, document_ids, open_index, questions

from qa.index import Index
from qa.index.store import DOCUMENT
from qa.question import normalise
from qa.rank import rank
from qa.retrieve import encode, prepare

MEASURES = [Success @ 1, Success @ 3, RR @ 10, nDCG @ 10, R @ 10]
DEPTH, RRF_K, ROUNDS = 100, 60, 30

Run = dict[str, dict[str, float]]
System = Callable[[str, Index], dict[str, float]]


def bm25(question: str, index: Index) -> dict[str, float]:
    """Rank by BM25 alone."""
    ordinals, scores = index.lexical.search(index.lexical.terms(question), DEPTH)
    return _by_document(zip(ordinals.tolist(), scores.tolist(), strict=True), index)


def dense(question: str, index: Index) -> dict[str, float]:
    """Rank by the cosine of the pooled vectors alone."""
    vector = encode(question, index).pooled
    ordinals = index.dense.search(vector, DEPTH)
    return _by_document(zip(ordinals.tolist(), (index.dense.vectors(ordinals) @ vector).tolist(), strict=True), index)


def rrf(question: str, index: Index) -> dict[str, float]:
    """Fuse the two by reciprocal rank (Cormack et al., 2009, k = 60)."""
    fused: defaultdict[int, float] = defaultdict(float)
    vector = encode(question, index).pooled
    for ranking in (index.lexical.search(index.lexical.terms(question), DEPTH)[0], index.dense.search(vector, DEPTH)):
        for place, ordinal in enumerate(ranking.tolist(), start=1):
            fused[ordinal] += 1 / (RRF_K + place)
    return _by_document(fused.items(), index)


def citewell(question: str, index: Index) -> dict[str, float]:
    """Rank as the service does."""
    question = prepare(question, index)
    hits = rank(question, encode(question, index), index, ROUNDS)
    return _by_document(((hit.ordinal, -place) for place, hit in enumerate(hits)), index)


SYSTEMS: dict[str, System] = {"bm25": bm25, "dense": dense, "rrf": rrf, "citewell": citewell}


def main() -> None:
    """Print a table for each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path, help="folders with documents.jsonl and questions.jsonl")
    parser.add_argument("--cache", type=Path, default=Path("build/benchmarks"), help="where the indexes are kept")
    parser.add_argument("--sample", type=int, default=0, help="take only this many questions of each set")
    arguments = parser.parse_args()
    for folder in arguments.sets:
        index = open_index(folder, arguments.cache)
        asked = questions(folder, document_ids(folder, index), sample=arguments.sample)
        print(
            f"\n{folder.name}: {len(index.documents)} documents, {len(index.passages)} passages, {len(asked)} questions"
        )
        _report({name: _run(system, asked, index) for name, system in SYSTEMS.items()}, asked)


def _run(system: System, asked: list[Question], index: Index) -> Run:
    return {str(number): system(normalise(question.text), index) for number, question in enumerate(asked)}


def _by_document(scored: Iterable[tuple[int, float]], index: Index) -> dict[str, float]:
    best: dict[str, float] = {}
    for ordinal, score in scored:
        id_ = index.documents.ids[int(index.passages.rows[ordinal, DOCUMENT])]
        best[id_] = max(score, best.get(id_, score))
    return best


def _report(runs: dict[str, Run], asked: list[Question]) -> None:
    qrels = {str(number): dict.fromkeys(question.relevant, 1) for number, question in enumerate(asked)}
    print(f"{'':10}" + "".join(f"{measure!s:>12}" for measure in MEASURES))
    reciprocal = {}
    for name, run in runs.items():
        figures = ir_measures.calc_aggregate(MEASURES, qrels, run)
        print(f"{name:10}" + "".join(f"{100 * figures[measure]:12.2f}" for measure in MEASURES))
        by_query = {row.query_id: row.value for row in ir_measures.iter_calc([RR @ 10], qrels, run)}
        reciprocal[name] = np.array([by_query.get(id_, 0.0) for id_ in qrels])
    ours = reciprocal.pop("citewell")
    best = max(reciprocal, key=lambda name: reciprocal[name].mean())
    gain, p = 100 * (ours - reciprocal[best]).mean(), ttest_rel(ours, reciprocal[best]).pvalue
    print(f"RR@10 against the best of the three ({best}): {gain:+.2f} points, p = {p:.2g}")


if __name__ == "__main__":
    main()
