"""What each stage of a question costs: encoding it, retrieving passages, and reading the first one, in milliseconds.

    python benchmarks/reading.py INDEX QUESTIONS [--count N]

The questions are asked in process, one after another. ``QUESTIONS`` is a set that ``qa evaluate`` reads.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from qa import scope
from qa.index import Index
from qa.question import is_question, normalise
from qa.rank import rank
from qa.retrieve import encode, prepare, retrieve


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--count", type=int, default=500, help="how many questions to ask")
    arguments = parser.parse_args()
    index = Index(arguments.index, threads=1)
    spent: defaultdict[str, list[float]] = defaultdict(list)
    with arguments.questions.open(encoding="utf-8") as lines:
        questions = [normalise(json.loads(line)["query"]) for line in lines][: arguments.count]
    for question in filter(is_question, questions):
        # Once untimed, since later calls find its caches warm.
        warm = prepare(question, index)
        retrieve(warm, encode(warm, index), index, scope.HITS)
        started = time.perf_counter()
        prepared = prepare(question, index)
        encoding = encode(prepared, index)
        encoded = time.perf_counter()
        retrieve(prepared, encoding, index, scope.HITS)
        retrieved = time.perf_counter()
        rank(prepared, encoding, index, scope.HITS)
        done = time.perf_counter()
        spent["encode"].append(encoded - started)
        spent["retrieve"].append(retrieved - encoded)
        # Ranking retrieves too.
        spent["read"].append(done - retrieved - (retrieved - encoded))
    for stage, seconds in spent.items():
        p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
        print(f"{stage:9} p50 {p50:6.2f} ms, p95 {p95:6.2f} ms")


if __name__ == "__main__":
    main()
