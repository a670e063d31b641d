"""Risk by coverage on a set with unanswerable questions: the scope gate beside the top cosine alone.

    python benchmarks/risk.py SET [--cache DIR] [--sample N]

The questions are answered from the surest on. An answer is right if the question is answerable and the string that
answers it stands in one of the three passages shown; risk is the share of wrong ones among the answered. Prints the risk
at coverages from a tenth to all, the area under the curve (AURC; Geifman and El-Yaniv 2017), what it would be if every
right answer came first, and the AUROC of answerable against unanswerable.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sets import SEED, open_index
from sklearn.metrics import roc_auc_score

from qa import scope
from qa.evaluate.figures import wilson
from qa.index import Index
from qa.question import normalise
from qa.rank import rank
from qa.retrieve import encode, prepare

_SHOWN = 3
_STEPS = 10


def main() -> None:
    """Print the curves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("build/benchmarks"), help="where the index is kept")
    parser.add_argument("--sample", type=int, default=0, help="take only this many questions; 0 takes all")
    arguments = parser.parse_args()
    index = open_index(arguments.set, arguments.cache)
    with (arguments.set / "questions.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    random.Random(SEED).shuffle(rows)
    rows = rows[: arguments.sample] if arguments.sample else rows
    found = [_ask(row, index) for row in rows]
    gate, cosine, right = (np.array(column) for column in zip(*found, strict=True))
    answerable = np.array([row["answerable"] for row in rows])
    print(
        f"{len(rows)} questions, {answerable.sum()} answerable, {int(right.sum())} answered right if all are answered"
    )
    for name, scores in (("scope gate", gate), ("top cosine", cosine), ("ideal", right)):
        _report(name, scores, right, answerable)


def _ask(row: dict[str, object], index: Index) -> tuple[float, float, float]:
    question = str(row["question"])
    matched = prepare(normalise(question), index)
    hits = rank(matched, encode(matched, index), index, scope.HITS)
    stated = scope.probability(scope.evidence(matched, hits, index), index.calibration) if hits else 0.0
    texts = [index.read(hit.ordinal).text for hit in hits[:_SHOWN]]
    answers = row["answers"] if row["answerable"] and isinstance(row["answers"], list) else []
    right = any(answer["text"] in text for answer in answers for text in texts)
    return stated, max((hit.dense for hit in hits), default=0.0), float(right)


def _report(name: str, scores: NDArray[np.float64], right: NDArray[np.float64], answerable: NDArray[np.bool_]) -> None:
    order = np.argsort(-scores, kind="stable")
    risk = np.cumsum(1 - right[order]) / np.arange(1, len(order) + 1)
    area = f"AUROC {roc_auc_score(answerable, scores):.4f}, AURC {risk.mean():.4f}"
    print(f"{name}: {area}; coverage: risk [95 % interval]")
    for step in range(1, _STEPS + 1):
        count = len(order) * step // _STEPS
        low, high = wilson(float(risk[count - 1]), count)
        print(f"  {step / _STEPS:.1f}: {risk[count - 1]:.3f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()
