"""Fit a calibration that ships with the program (qa/prior/reader.json or retrieval.json) to questions over many corpora.

    python benchmarks/fit_scope.py collect INDEX --out ROWS.npz [--without-reader] [--own QUESTIONS.jsonl] [--set SET] [--foreign FILE...]
    python benchmarks/fit_scope.py fit ROWS.npz... [--write qa/prior/reader.json]

``collect`` asks an index and keeps the evidence: of questions in the design's format (--own, the rows of its split
``calibration`` if it has splits), of a folder with documents.jsonl and questions.jsonl (--set: each answerable question
once with its documents and once with every document on its topic held out, and those that nothing answers), and of
questions about other things (--foreign). It also asks what a build asks by itself.
``fit`` prints what each corpus would get from a fit to all the others, and writes the fit to all.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from scipy.optimize import minimize
from sets import SEED, document_ids
from sklearn.metrics import roc_auc_score

from qa import scope
from qa.calibrate.corpus import Asked, Kind, ask_itself, refine
from qa.calibrate.fit import curve
from qa.calibrate.observe import observe
from qa.index import Index
from qa.prior import Prior
from qa.types import Calibration

# What each kind weighs within a corpus. An unanswerable question that names all the right things can hardly be told from
# an answerable one by such evidence, so few of them may pull at the others.
SHARES = {"answered": 1.0, "far": 0.4, "near": 0.45, "no answer": 0.15}
# The share of the answerable questions that are answered; many of them share hardly a word with their answer. The sum of
# this share and of the share refused of all others is highest about here.
ANSWERED = 0.9
PENALTY = 1.0
# Evidence whose weight may have either sign.
BOUNDS = {"length": (None, None)}
NAMES = (*scope.RETRIEVED, *scope.RERANKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The evidence of one corpus' questions, and the kind of each: a key of SHARES, or of ``qa.calibrate.corpus.Kind``."""

    name: str
    evidence: NDArray[np.float64]
    kinds: NDArray[np.str_]
    passages: int

    def refined(self, prior: Prior) -> Calibration:
        """Return the calibration that a build of the corpus would make of a prior."""
        asked = [
            Asked(kind=kind, question="", evidence=tuple(row.tolist()))
            for kind in get_args(Kind)
            for row in self.of(kind)
        ]
        return refine(asked, self.passages, name="", prior=prior)

    def of(self, kind: str) -> NDArray[np.float64]:
        """Return the evidence of one kind."""
        chosen: NDArray[np.float64] = self.evidence[self.kinds == kind]
        return chosen


def main() -> None:
    """Collect or fit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    collecting = verbs.add_parser("collect")
    collecting.add_argument("index", type=Path)
    collecting.add_argument("--own", type=Path)
    collecting.add_argument("--set", type=Path)
    collecting.add_argument("--foreign", type=Path, nargs="*", default=[])
    collecting.add_argument("--sample", type=int, default=300, help="the most questions of a file")
    collecting.add_argument("--out", type=Path, required=True)
    collecting.add_argument("--without-reader", action="store_true", help="ask as an index without one would")
    fitting = verbs.add_parser("fit")
    fitting.add_argument("rows", type=Path, nargs="+")
    fitting.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    if arguments.verb == "collect":
        collect(arguments)
    else:
        fit_all([load(path) for path in arguments.rows], arguments.write)


def collect(arguments: argparse.Namespace) -> None:
    """Ask an index and keep the evidence."""
    index = Index(arguments.index, threads=1)
    if arguments.without_reader:
        index.reader = None
    found: list[tuple[str, tuple[float, ...]]] = []
    for kind, question, documents in _asked(index, arguments):
        row = observe(question, index, documents=documents)
        if row is not None:
            found.append((kind, row))
    found += [(asked.kind, asked.evidence) for asked in ask_itself(index, lambda _stage, _done, _total: None)]
    kinds, rows = zip(*found, strict=True)
    np.savez(arguments.out, evidence=np.array(rows), kinds=np.array(kinds), passages=np.array(index.manifest.passages))
    print(arguments.out, {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)})


def _asked(index: Index, arguments: argparse.Namespace) -> Iterator[tuple[str, str, list[int]]]:
    """Yield kinds, questions and the ordinals of the documents to look in, none for all."""
    if arguments.own:
        for row in _read(arguments.own):
            if row.get("safety_label", "none") == "none" and row.get("split", "calibration") == "calibration":
                yield _own_kind(row), str(row["query"]), []
    if arguments.set:
        yield from _of_set(index, arguments.set, arguments.sample)
    for path in arguments.foreign:
        near = path.parent.name in {"healthsearchqa", "cough_queries", "medication_qa"}
        rows = [row for row in _read(path) if not row.get("on_topic_cramps")]
        random.Random(SEED).shuffle(rows)
        for row in rows[: arguments.sample]:
            yield "near" if near else "far", str(row["question"]), []


def _own_kind(row: dict[str, object]) -> str:
    category = str(row.get("category"))
    if row["expected_status"] == "answered":
        return "answered"
    return (
        "no answer"
        if category in {"near_no_answer", "no_answer"}
        else "near"
        if category in {"near_health", "health"}
        else "far"
    )


def _of_set(index: Index, folder: Path, sample: int) -> Iterator[tuple[str, str, list[int]]]:
    ids = document_ids(folder, index)
    rows = _read(folder / "questions.jsonl")
    random.Random(SEED).shuffle(rows)
    topics: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        topics[_topic(row)] |= {index.documents.ordinal(ids[id_]) for id_ in _relevant(row) if id_ in ids}
    answerable = [row for row in rows if row.get("answerable", True) and any(id_ in ids for id_ in _relevant(row))]
    for row in answerable[:sample]:
        yield "answered", str(row["question"]), []
        if "focus" in row or "title" in row:
            rest = [ordinal for ordinal in range(len(index.documents)) if ordinal not in topics[_topic(row)]]
            yield "near", str(row["question"]), rest
    for row in [row for row in rows if not row.get("answerable", True)][:sample]:
        yield "no answer", str(row["question"]), []


def _topic(row: dict[str, object]) -> str:
    foci = row.get("foci")
    return str(
        row.get("focus") or (foci[0] if isinstance(foci, list) and foci else row.get("title") or row["id"])
    ).lower()


def _relevant(row: dict[str, object]) -> list[str]:
    found = row.get("relevant_document_ids")
    return found if isinstance(found, list) else []


def _read(path: Path) -> list[dict[str, object]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def load(path: Path) -> Rows:
    """Read what ``collect`` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        return Rows(
            name=path.stem,
            evidence=arrays["evidence"],
            kinds=arrays["kinds"],
            passages=int(arrays["passages"]),
        )


def fit_all(corpora: list[Rows], target: Path | None) -> None:
    """Report the fit of each corpus by the others, and write that of all."""
    print("left out; AUROC and share let through at 95 % answered, then answered and let through as the fit says")
    for corpus in corpora:
        others = fit([other for other in corpora if other is not corpus])
        report("shipped", corpus, others.calibration)
        report("refined", corpus, corpus.refined(others))
    prior = fit(corpora)
    print("all:", dict(zip(NAMES, np.round(prior.calibration.weights, 2).tolist(), strict=False)))
    for corpus in corpora:
        report("refined", corpus, corpus.refined(prior))
    if target:
        target.write_bytes(TypeAdapter(Prior).dump_json(prior, indent=1) + b"\n")


def fit(corpora: list[Rows]) -> Prior:
    """Fit one calibration to several corpora, each of which weighs the same."""
    used = [(corpus, np.isin(corpus.kinds, list(SHARES))) for corpus in corpora]
    rows = np.concatenate([corpus.evidence[real] for corpus, real in used])
    labels = np.concatenate([corpus.kinds[real] == "answered" for corpus, real in used])
    weights = np.concatenate([_weights(corpus.kinds[real]) for corpus, real in used])
    scales = rows.std(axis=0)
    intercept, *slopes = _logistic(rows / scales, labels, weights / weights.mean())
    calibration = Calibration(
        intercept=round(intercept, 3),
        weights=tuple(np.round(np.array(slopes) / scales, 3).tolist()),
        threshold=0.5,
        source="prior",
        questions=0,
        questions_hash="",
        curve=(),
    )
    stated = np.array([scope.probability(row, calibration) for row in rows])
    prior = Prior(
        calibration=replace(calibration, curve=curve(stated, labels)),
        scales=tuple(np.round(scales, 4).tolist()),
        sources=tuple(_described(corpus) for corpus in corpora),
    )
    threshold = _threshold(corpora, prior)
    return replace(prior, calibration=replace(prior.calibration, threshold=threshold))


def _threshold(corpora: list[Rows], prior: Prior) -> float:
    """Return the highest threshold at which, over all corpora on the mean, enough questions with an answer get it."""
    bounds = np.arange(0.01, 1, 0.01)
    stated = [_stated(each.of("answered"), each.refined(prior)) for each in corpora]
    answered = np.mean([(each >= bounds[:, None]).mean(axis=1) for each in stated], axis=0)
    return round(float(bounds[answered >= ANSWERED].max()), 2)


def _logistic(rows: NDArray[np.float64], labels: NDArray[np.bool_], weights: NDArray[np.float64]) -> list[float]:
    """Return the intercept and slopes of a ridge logistic regression; only the weights named in BOUNDS may be negative."""
    design, signs = np.column_stack([np.ones(len(rows)), rows]), np.where(labels, 1.0, -1.0)
    penalty = np.array([0.0] + [PENALTY] * rows.shape[1])

    def loss(slopes: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (design @ slopes)
        pull = -signs * weights / (1 + np.exp(np.clip(margins, -500, 500)))
        value = float(weights @ np.logaddexp(0, -margins) + penalty @ slopes**2 / 2)
        return value, design.T @ pull + penalty * slopes

    bounds = [(None, None), *(BOUNDS.get(name, (0, None)) for name in NAMES[: rows.shape[1]])]
    found = minimize(loss, np.zeros(design.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B")
    return [float(value) for value in found.x]


def report(name: str, corpus: Rows, calibration: Calibration) -> None:
    """Print how one corpus' questions fare."""
    answered = _stated(corpus.of("answered"), calibration)
    bound = np.quantile(answered, 0.05)
    parts = [
        f"{corpus.name:16} {name} from {calibration.threshold:.2f} on: answered {(answered >= calibration.threshold).mean():.3f} of {len(answered)}"
    ]
    for kind in ("far", "near", "no answer"):
        others = _stated(corpus.of(kind), calibration)
        if len(others):
            area = roc_auc_score([1] * len(answered) + [0] * len(others), [*answered, *others])
            let = (others >= calibration.threshold).mean()
            parts.append(f"{kind} {area:.4f} {(others >= bound).mean():.3f}, let {let:.3f} of {len(others)}")
    print(" | ".join(parts))


def _stated(rows: NDArray[np.float64], calibration: Calibration) -> NDArray[np.float64]:
    return np.array([scope.probability(row, calibration) for row in rows])


def _weights(kinds: NDArray[np.str_]) -> NDArray[np.float64]:
    return np.array([SHARES[kind] / (kinds == kind).sum() for kind in kinds.tolist()])


def _described(corpus: Rows) -> str:
    counts = ", ".join(f"{(corpus.kinds == kind).sum()} {kind}" for kind in SHARES if (corpus.kinds == kind).any())
    return f"{corpus.name}: {counts}"


if __name__ == "__main__":
    main()
