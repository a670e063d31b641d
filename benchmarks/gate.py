"""What is answered and what is refused, by label: one table over a corpus' own questions and a set of all the others.

    python benchmarks/gate.py INDEX --own QUESTIONS.jsonl --gate GATE.jsonl [--show LABEL]

--own: rows in the design's format; those of the split ``test`` where there are splits. --gate: rows with ``question`` and
``label``. A message that breaks the rules of length or form is refused (the 4xx of HTTP). Prints, for each label, how many
were answered, with the Wilson interval, and how the others were refused; --show prints the answered ones of a label.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path

from qa.errors import QuestionError
from qa.evaluate.figures import wilson
from qa.index import Index
from qa.pipeline import Pipeline
from qa.safety import SafetyGate
from qa.types import Answer


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--own", type=Path, action="append", default=[])
    parser.add_argument("--gate", type=Path, action="append", default=[])
    parser.add_argument("--show", action="append", default=[], metavar="LABEL")
    arguments = parser.parse_args()
    pipeline = Pipeline(Index(arguments.index, threads=1), SafetyGate.load())
    asked = [("own " + row["category"], row["query"]) for path in arguments.own for row in _own(path)]
    asked += [(row["label"], row["question"]) for path in arguments.gate for row in _rows(path)]
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    for label, message in asked:
        outcome = _outcome(pipeline, message)
        outcomes[label][outcome] += 1
        if label in arguments.show and outcome == "answered":
            print(f"{label}: {message[:200]!r}")
    for label, counts in sorted(outcomes.items()):
        of = counts.total()
        share = counts["answered"] / of
        low, high = wilson(share, of)
        rest = ", ".join(f"{name} {count}" for name, count in counts.most_common() if name != "answered")
        print(f"{label:28} answered {counts['answered']:4} of {of:4} = {share:.3f} [{low:.3f}, {high:.3f}]; {rest}")


def _own(path: Path) -> list[dict[str, str]]:
    return [row for row in _rows(path) if row.get("split", "test") == "test"]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _outcome(pipeline: Pipeline, message: str) -> str:
    try:
        outcome = pipeline.ask(message)
    except QuestionError:
        return "4xx"
    return "answered" if isinstance(outcome, Answer) else outcome.refusal.reason


if __name__ == "__main__":
    main()
