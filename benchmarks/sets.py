"""A folder with documents.jsonl and questions.jsonl -> its index and its questions."""

from __future__ import annotations

import hashlib
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path

from qa.calibrate import by_corpus
from qa.corpus import read_corpus
from qa.index import Index
from qa.index.build import build
from qa.pipeline import Pipeline
from qa.safety import SafetyGate

SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question, the ids of the documents that answer it (as the index names them), and answers' texts."""

    text: str
    relevant: frozenset[str]
    answers: tuple[str, ...]
    title: str | None


def open_index(folder: Path, cache: Path) -> Index:
    """Return the index of a set, built under ``cache`` if it is not there yet; delete it to have it built anew."""
    target = cache / folder.name
    if not (target / "CURRENT").exists():
        build(read_corpus(folder / "documents.jsonl"), target, calibrate=by_corpus, progress=_progress)
    return Index(target, threads=1)


def open_pipeline(folder: Path, cache: Path, *, threshold: float = 0.0) -> Pipeline:
    """Return the pipeline of a set; with threshold 0 nothing is refused for its scope."""
    return Pipeline(open_index(folder, cache), SafetyGate.load(), threshold=threshold)


def questions(folder: Path, ids: dict[str, str], *, sample: int = 0) -> list[Question]:
    """Return the answerable questions of a set, or a fixed sample of them.

    :param ids: the set's document ids -> the index's.
    """
    found = []
    with (folder / "questions.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            relevant = frozenset(ids[id_] for id_ in row.get("relevant_document_ids") or () if id_ in ids)
            if relevant and row.get("answerable", True):
                answers = tuple(answer["text"] for answer in row.get("answers") or () if answer["text"].strip())
                found.append(Question(text=row["question"], relevant=relevant, answers=answers, title=row.get("title")))
    random.Random(SEED).shuffle(found)
    return found[:sample] if sample else found


def document_ids(folder: Path, index: Index) -> dict[str, str]:
    """Return the set's document ids -> the ids the index gave them; a row's hash tells which is which."""
    given = {hash_: id_ for id_, hash_ in index.manifest.documents.items()}
    ids = {}
    with (folder / "documents.jsonl").open(encoding="utf-8") as lines:
        for line in (line.rstrip("\n") for line in lines):
            hash_ = hashlib.sha256(line.encode()).hexdigest()
            if hash_ in given:
                ids[json.loads(line)["id"]] = given[hash_]
    return ids


def _progress(stage: str, done: int, total: int) -> None:
    if total > 1 and (done % 500 == 0 or done == total):
        print(f"\r{stage}: {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
