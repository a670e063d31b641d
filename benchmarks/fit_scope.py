"""Fit the coefficients of qa/scope.py: questions that an index answers against questions that it does not.

Each group of questions weighs the same, whatever its size. Prints the coefficients, and the AUROC and the rates of
each group in five-fold cross-validation.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sets import SEED
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from qa.index import Index
from qa.question import normalise
from qa.retrieve import encode, prepare, retrieve
from qa.scope import EVIDENCE, features

TARGETS = (0.99, 0.98, 0.97, 0.95, 0.9)


def main() -> None:
    """Fit and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    pair = ("INDEX", "QUESTIONS")
    parser.add_argument("--answered", nargs=2, action="append", type=Path, metavar=pair, default=[])
    parser.add_argument("--refused", nargs=2, action="append", type=Path, metavar=pair, default=[])
    parser.add_argument("--sample", type=int, default=200, help="the most questions of a group")
    arguments = parser.parse_args()
    groups = [(1, *paths) for paths in arguments.answered] + [(0, *paths) for paths in arguments.refused]
    rows, labels, names = [], [], []
    for label, index_folder, questions in groups:
        found = _features(Index(index_folder), questions, arguments.sample, label)
        rows.append(found)
        labels += [label] * len(found)
        names += [
            f"{'answered' if label else 'refused '} {index_folder.name} {questions.parent.name}/{questions.stem}"
        ] * len(found)
    _report(np.concatenate(rows), np.array(labels), np.array(names))


def _features(index: Index, questions: Path, sample: int, label: int) -> NDArray[np.float64]:
    with questions.open(encoding="utf-8") as lines:
        asked = [row for row in map(json.loads, lines) if label == 0 or row.get("answerable", True)]
    random.Random(SEED).shuffle(asked)
    found = []
    for row in asked[:sample]:
        question = prepare(normalise(row["question"][:1000]), index)
        hits = retrieve(question, encode(question, index), index, EVIDENCE)
        if hits:
            found.append(features(hits, len(index.lexical.terms(question))))
    return np.array(found)


def _report(rows: NDArray[np.float64], labels: NDArray[np.int64], names: NDArray[np.str_]) -> None:
    sizes = {name: (names == name).sum() for name in set(names)}
    weights = np.array([1 / sizes[name] for name in names])
    held_out = np.zeros(len(labels))
    for train, test in StratifiedKFold(5, shuffle=True, random_state=SEED).split(rows, names):
        model = LogisticRegression(C=10, max_iter=2000).fit(rows[train], labels[train], weights[train] * len(train))
        held_out[test] = model.predict_proba(rows[test])[:, 1]
    model = LogisticRegression(C=10, max_iter=2000).fit(rows, labels, weights * len(rows))
    print("intercept", round(float(model.intercept_[0]), 2), "weights", model.coef_[0].round(2).tolist())
    print(f"AUROC {roc_auc_score(labels, held_out, sample_weight=weights):.4f} over {len(labels)} questions, held out")
    for target in TARGETS:
        threshold = float(np.quantile(held_out[labels == 1], 1 - target))
        print(
            f"threshold {threshold:.3f} answers {target:.0%} of the answerable and "
            f"{np.average(held_out[labels == 0] >= threshold, weights=weights[labels == 0]):.1%} of the others"
        )
    for name in sorted(sizes):
        own = held_out[names == name]
        print(
            f"{name:60} n={len(own):4} p10 {np.quantile(own, 0.1):.3f} median {np.median(own):.3f} p90 {np.quantile(own, 0.9):.3f}"
        )


if __name__ == "__main__":
    main()
