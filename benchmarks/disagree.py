"""How well contradicting statements are told from those that agree, and which answers are marked for it.

    python benchmarks/disagree.py [INDEX QUESTIONS]

The pairs of ``disagree.jsonl`` were written before the rules in qa/disagree.py, by the same hand. Its test half, on
other topics, was run only once the rules stood. With an index and a question set, every answerable question is asked,
and each answer on which sources are said to disagree is printed.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from statistics import median
from typing import Any

from qa.disagree import opposed
from qa.evaluate.figures import wilson
from qa.index import Index
from qa.pipeline import DEFAULT_TOP, Pipeline
from qa.question import normalise
from qa.rank import rank
from qa.retrieve import encode, prepare
from qa.safety import SafetyGate
from qa.sides import both_sides
from qa.types import Answer

PAIRS = Path(__file__).with_name("disagree.jsonl")
RETRIEVED = 8


def main() -> None:
    """Print the figures of both halves, and the marked answers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", nargs="?", type=Path, help="a built index")
    parser.add_argument("questions", nargs="?", type=Path, help="its question set")
    arguments = parser.parse_args()
    pairs = _rows(PAIRS)
    for split in ("development", "test"):
        _report(split, [pair for pair in pairs if pair["split"] == split])
    if arguments.index and arguments.questions:
        asked = [row["query"] for row in _rows(arguments.questions) if row["category"] == "answerable"]
        index = Index(arguments.index, threads=1)
        _marked(Pipeline(index, SafetyGate.load()), asked)
        _timed(index, asked)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _report(name: str, pairs: list[dict[str, Any]]) -> None:
    found = [pair["contrast"] for pair in pairs if opposed(pair["left"], pair["right"])]
    contrasts = sum(pair["contrast"] for pair in pairs)
    print(f"{name}: {contrasts} contrasting and {len(pairs) - contrasts} agreeing pairs")
    print(f"  precision {_share(sum(found), len(found))}")
    print(f"  recall    {_share(sum(found), contrasts)}")


def _share(count: int, of: int) -> str:
    low, high = wilson(count / of, of)
    return f"{count / of:.3f} ({count} of {of}, {low:.3f} to {high:.3f})"


def _marked(pipeline: Pipeline, questions: list[str]) -> None:
    answers = [outcome for outcome in map(pipeline.ask, questions) if isinstance(outcome, Answer)]
    marked = [answer for answer in answers if answer.sources_disagree]
    print(f"answers on which sources are said to disagree: {_share(len(marked), len(answers))}")
    for answer in marked:
        print(f"- {answer.question}")
        for passage in answer.passages:
            print(f"    [{passage.citation}] {' | '.join(quote.exact for quote in passage.quotes)}")


def _timed(index: Index, questions: list[str]) -> None:
    spent, encoding = [], []
    for question in questions:
        start = time.perf_counter()
        matched = prepare(normalise(question), index)
        vectors = encode(matched, index)
        encoding.append(time.perf_counter() - start)
        hits = rank(matched, vectors, index, RETRIEVED)
        start = time.perf_counter()
        both_sides(hits, DEFAULT_TOP, index)
        spent.append(time.perf_counter() - start)
    print(f"looking for both sides takes {median(spent) * 1000:.2f} ms, encoding {median(encoding) * 1000:.2f} ms")


if __name__ == "__main__":
    main()
