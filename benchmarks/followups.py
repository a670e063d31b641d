"""What the questions asked before one do to its answer: found, refused, alarmed; with every count.

    python benchmarks/followups.py INDEX [--split dev|test]

INDEX is the default corpus' index. followups.jsonl holds pairs of turns of four kinds: a ``follow_up`` with its gold,
a ``foreign`` one that is about something else, an ``emergency`` told in two messages, and a ``harmless`` question after
an alarming one. The questions that stand by themselves are those of corpus/questions.jsonl, each after another of them,
of the same document or of another in turn.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypedDict

from qa import followup
from qa.evaluate.compare import mcnemar
from qa.evaluate.figures import wilson
from qa.index import Index
from qa.pipeline import Pipeline
from qa.safety import SafetyGate
from qa.types import Answer, Refusal

SEED, TOP = 7, 3
PAIRS = Path(__file__).with_name("followups.jsonl")
QUESTIONS = Path(__file__).parent.parent / "corpus" / "questions.jsonl"
# Said after each answerable question, none of which is an emergency.
CONTINUATIONS = ("Is it dangerous?", "Why?", "What should I do?", "and at night?", "My neighbour has that as well.")


class Gold(TypedDict):
    """Words that answer, and their document."""

    document_id: str
    text: str


class Pair(TypedDict):
    """Earlier questions and the one asked after them; only a follow-up has gold."""

    id: str
    kind: str
    split: str
    history: list[str]
    question: str
    gold: list[Gold]


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--split", choices=["dev", "test"], help="one half only")
    arguments = parser.parse_args()
    pipeline = Pipeline(Index(arguments.index, threads=1), SafetyGate.load())
    splits = [arguments.split] if arguments.split else ["dev", "test"]
    rows = [row for row in (*pairs(), *complete()) if row["split"] in splits]
    for split in splits:
        print(split)
        for kind in ("follow_up", "complete"):
            found(kind, [row for row in rows if row["kind"] == kind and row["split"] == split], pipeline)
        for kind in ("foreign", "emergency", "harmless"):
            outcomes(kind, [row for row in rows if row["kind"] == kind and row["split"] == split], pipeline)
    if not arguments.split:
        print("both")
        for kind in ("follow_up", "complete"):
            found(kind, [row for row in rows if row["kind"] == kind], pipeline)
        alarms(rows, pipeline)
    timing([row for row in rows if row["kind"] == "follow_up"], pipeline)


def pairs() -> list[Pair]:
    """Return the pairs of followups.jsonl."""
    return [json.loads(line) for line in PAIRS.read_text("utf-8").splitlines()]


def complete() -> list[Pair]:
    """Return the answerable questions of the corpus, each after another one."""
    table = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    table = [row for row in table if row["category"] == "answerable"]
    draw = random.Random(SEED)
    made: list[Pair] = []
    for number, row in enumerate(table):
        documents = {gold["document_id"] for gold in row["gold"]}
        near = bool(number % 2)
        others = [
            other["query"]
            for other in table
            if other["family"] != row["family"]
            and near != documents.isdisjoint(gold["document_id"] for gold in other["gold"])
        ]
        before = draw.choice(others or [other["query"] for other in table if other is not row])
        split = draw.choice(["dev", "test"])
        made.append(
            Pair(
                id=row["query_id"],
                kind="complete",
                split=split,
                history=[before],
                question=row["query"],
                gold=row["gold"],
            )
        )
    return made


def found(kind: str, rows: Sequence[Pair], pipeline: Pipeline) -> None:
    """Print success@3 without and with the history, the paired test, and how many answers are the same."""
    asked = [
        (row, pipeline.ask(row["question"], top=TOP), pipeline.ask(row["question"], top=TOP, history=row["history"]))
        for row in rows
    ]
    hits = [(is_hit(before, row), is_hit(now, row)) for row, before, now in asked]
    test = mcnemar("success@3", hits)
    print(f"  {kind:10} success@3 without history {share(before for before, _ in hits)}")
    print(f"  {'':10} success@3 with history    {share(now for _, now in hits)}")
    chance = f"= {test.p_value}" if test.p_value else "< 0.0001"
    print(f"  {'':10} better {test.better}, worse {test.worse}, {test.method} p {chance}")
    print(f"  {'':10} the same passages {share(places(before) == places(now) for _, before, now in asked)}")


def outcomes(kind: str, rows: Sequence[Pair], pipeline: Pipeline) -> None:
    """Print how many are answered and how many raise an alarm, without and with the history."""
    for name, histories in (("without", [[] for _ in rows]), ("with", [row["history"] for row in rows])):
        asked = [pipeline.ask(row["question"], history=history) for row, history in zip(rows, histories, strict=True)]
        answered = share(isinstance(outcome, Answer) for outcome in asked)
        print(f"  {kind:10} {name:7} history: answered {answered}, alarms {share(map(is_alarm, asked))}")


def alarms(rows: Sequence[Pair], pipeline: Pipeline) -> None:
    """Print how often a continuation raises an alarm after a question that raises none, and a question after an emergency."""
    asked = [row["question"] for row in rows if row["kind"] == "complete"]
    quiet = [question for question in asked if not is_alarm(pipeline.ask(question))]
    for said in CONTINUATIONS:
        raised = [is_alarm(pipeline.ask(said, history=[question])) for question in quiet]
        print(f"  {said!r} after an answerable question: alarms {share(raised)}")
    table = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    urgent = [row["query"] for row in table if row["safety_label"] != "none"]
    after = [
        is_alarm(pipeline.ask(question, history=[urgent[number % len(urgent)]]))
        for number, question in enumerate(quiet)
    ]
    print(f"  an answerable question after an emergency: alarms {share(after)}")


def timing(rows: Sequence[Pair], pipeline: Pipeline) -> None:
    """Print what reading the history costs, beside the whole answer."""
    alone = milliseconds([partial(followup.read, row["question"], []) for row in rows])
    read = milliseconds([partial(followup.read, row["question"], row["history"]) for row in rows])
    bare = milliseconds([partial(pipeline.ask, row["question"]) for row in rows])
    full = milliseconds([partial(pipeline.ask, row["question"], history=row["history"]) for row in rows])
    print(f"milliseconds: no history to read {alone:.4f}, history read {read:.3f}, follow-up answered {full:.1f}")
    print(f"milliseconds: the same question answered without its history {bare:.1f}, ratio {full / bare:.2f}")


def is_hit(outcome: Answer | Refusal, row: Pair) -> bool:
    """Tell whether one of the passages shown holds gold."""
    return any(
        citation.document.id == gold["document_id"] and gold["text"] in citation.exact
        for citation in outcome.passages
        for gold in row["gold"]
    )


def is_alarm(outcome: Answer | Refusal) -> bool:
    """Tell whether an outcome is an emergency's."""
    return outcome.safety.level != "none"


def places(outcome: Answer | Refusal) -> list[tuple[str, int]]:
    """Return where the passages shown stand."""
    return [(citation.document.id, citation.location.start) for citation in outcome.passages]


def share(kinds: Iterable[bool]) -> str:
    """Return a share with its counts and its 95 % interval."""
    told = list(kinds)
    low, high = wilson(sum(told) / len(told), len(told))
    return f"{sum(told)}/{len(told)} = {sum(told) / len(told):.3f} [{low:.3f}, {high:.3f}]"


def milliseconds(calls: Sequence[Callable[[], object]]) -> float:
    """Return the median of the calls."""
    spent = []
    for call in calls:
        start = time.perf_counter()
        call()
        spent.append((time.perf_counter() - start) * 1000)
    return median(spent)


if __name__ == "__main__":
    main()
