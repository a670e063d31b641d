"""Whether the scope gate tells questions whose topic is in an index from those whose topic was taken out of it.

    python benchmarks/held_out.py SET [--cache DIR] [--seeds 3] [--documents N]

Of the topics of a set (``focus`` of its questions, ``title`` of its documents), half are drawn and every document on them
is left out of the index; questions on the others count as answerable. 500 questions (half, where there are fewer than 1 000)
fit the gate's coefficients, 500 others test it: AUROC and the share let through at 95 % answered, beside the top cosine alone and beside the shipped calibration,
which has seen none of them. The whole set is embedded once; --documents takes a part of it, whole topics at a time.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray
from sets import SEED
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qa import scope
from qa.calibrate import by_corpus
from qa.calibrate.observe import observe
from qa.corpus import read_corpus
from qa.evaluate.figures import wilson
from qa.index import Index
from qa.index.build import build
from qa.question import normalise
from qa.retrieve import encode

_HALF = 500
_ANSWERED = 0.95
_UNREAD = -20.0


def main() -> None:
    """Print the figures of each seed and their means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("build/benchmarks"), help="where the whole index is kept")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--documents", type=int, default=0, help="take about this many documents; 0 takes all")
    arguments = parser.parse_args()
    topics = _topics(arguments.set, arguments.documents)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        whole = arguments.cache / f"{arguments.set.name}-{arguments.documents or 'all'}"
        _build(topics, list(topics), folder, whole)
        found = [_measure(arguments.set, topics, seed, folder, whole) for seed in range(arguments.seeds)]
    for name in found[0]:
        print(
            f"{name}: mean AUROC {mean(row[name][0] for row in found):.4f}, let through {mean(row[name][1] for row in found):.3f}"
        )


def _topics(folder: Path, most: int) -> dict[str, list[str]]:
    """Return the set's topics with the lines of their documents."""
    topics: dict[str, list[str]] = defaultdict(list)
    with (folder / "documents.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            topics[json.loads(line)["title"].lower()].append(line)
    names = sorted(topics)
    random.Random(SEED).shuffle(names)
    taken: dict[str, list[str]] = {}
    for name in names:
        if most and sum(map(len, taken.values())) >= most:
            break
        taken[name] = topics[name]
    return taken


def _measure(
    folder: Path, topics: dict[str, list[str]], seed: int, scratch: Path, whole: Path
) -> dict[str, tuple[float, float]]:
    names = sorted(topics)
    random.Random(seed).shuffle(names)
    kept = set(names[: len(names) // 2])
    target = scratch / f"half-{seed}"
    shutil.copytree(whole, target)
    _build(topics, sorted(kept), scratch, target)
    index = Index(target, threads=1)
    asked = _questions(folder, topics)
    random.Random(seed).shuffle(asked)
    asked = asked[: 2 * _HALF]
    half = len(asked) // 2
    labels = np.array([topic in kept for _, topic in asked])
    rows, cosines = zip(*(_observe(question, index) for question, _ in asked), strict=True)
    evidence = np.array(rows)
    fitted = make_pipeline(StandardScaler(), LogisticRegression(C=3.0)).fit(evidence[:half], labels[:half])
    shipped = np.array([scope.probability(row, index.calibration) for row in rows])
    stated = {
        "fitted to 500": fitted.predict_proba(evidence)[:, 1],
        "as shipped": shipped,
        "top cosine alone": np.array(cosines),
    }
    shutil.rmtree(target)
    return {name: _figures(f"seed {seed}, {name}", scores[half:], labels[half:]) for name, scores in stated.items()}


def _build(topics: dict[str, list[str]], names: list[str], scratch: Path, target: Path) -> None:
    source = scratch / "documents.jsonl"
    source.write_text("".join(line for name in names for line in topics[name]), "utf-8")
    build(read_corpus(source), target, calibrate=by_corpus)


def _questions(folder: Path, topics: dict[str, list[str]]) -> list[tuple[str, str]]:
    with (folder / "questions.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["question"], row["focus"].lower()) for row in rows if row["focus"].lower() in topics]


def _observe(question: str, index: Index) -> tuple[tuple[float, ...], float]:
    row = observe(question, index)
    vector = encode(normalise(question), index).pooled
    nearest = index.dense.vectors(index.dense.search(vector, 1))[0]
    # A question without hits has the evidence of one that nothing answers: no similarity, and very low logits.
    least = (0.0,) * len(scope.RETRIEVED) + (_UNREAD,) * (len(index.calibration.weights) - len(scope.RETRIEVED))
    return row or least, float(nearest @ vector)


def _figures(name: str, scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> tuple[float, float]:
    area = float(roc_auc_score(labels, scores))
    threshold = np.quantile(scores[labels], 1 - _ANSWERED)
    let = int((scores[~labels] >= threshold).sum())
    of = int((~labels).sum())
    low, high = wilson(let / of, of)
    print(f"{name}: AUROC {area:.4f}, let through {let} of {of} = {let / of:.3f} [{low:.3f}, {high:.3f}]", flush=True)
    return area, let / of


if __name__ == "__main__":
    main()
