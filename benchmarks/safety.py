"""How often the safety gate sees an emergency, and how often it is alarmed by none; with every count.

    python benchmarks/safety.py INDEX [--outside NAME=FILE.jsonl ...] [--quick]

INDEX is a built index: its encoder is the one that serves. The packaged examples are split by family (the wordings of
one case stay together) into five folds; each fold is read by a classifier trained on the others. Leaving a flag out
shows what the classifier makes of an emergency of a kind that it was never shown. Each outside set is a file of
questions ("question", "query" or "text" in each row) read by the classifier as it is shipped; rows with
``"urgent": true`` count as emergencies, all others as harmless.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from qa.evaluate.figures import wilson
from qa.index import Index
from qa.safety import SafetyGate
from qa.safety.classifier import Classifier
from qa.safety.examples import NO_FLAG, load_examples
from qa.safety.training import encoded_text, train
from qa.types import SafetySwitches

FOLDS = 5
FLOODS = (
    "cant cant my leg numb ",
    "i took 5 ",
    "fine now. ",
    "chest pain arm left ",
    "pecho brazo ",
    "blood wont stop ",
    "word ",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The examples, as words and vectors, and the flags that the rules raise on each."""

    words: list[tuple[str, ...]]
    vectors: NDArray[np.float32]
    flags: list[str]
    families: list[str]
    ruled: list[frozenset[str]]

    def trained_on(self, chosen: Sequence[int]) -> Classifier:
        """Train on some of them."""
        return train([self.words[i] for i in chosen], self.vectors[chosen], [self.flags[i] for i in chosen])


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--outside", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--quick", action="store_true", help="leave no flag out")
    arguments = parser.parse_args()
    index, gate = Index(arguments.index, threads=1), SafetyGate.load()

    def encode(message: str) -> NDArray[np.float32]:
        return index.encoder.encode_query(encoded_text(message)).pooled

    rows = read(gate, encode)
    cross_validate(rows)
    if not arguments.quick:
        leave_flags_out(rows)
    served = gate.adapted(SafetySwitches(), index.classifier)
    for name, _, path in (each.partition("=") for each in arguments.outside):
        outside(name, Path(path), lambda text: bool(served.explain(text, encode(text))))
    timing(served, encode)


def read(gate: SafetyGate, encode: Callable[[str], NDArray[np.float32]]) -> Rows:
    """Return the packaged examples."""
    examples = load_examples()
    return Rows(
        words=[gate.read(example.text).texts for example in examples],
        vectors=np.array([encode(example.text) for example in examples]),
        flags=[example.flag for example in examples],
        families=[example.family for example in examples],
        ruled=[frozenset(fired.flag_id for fired in gate.explain(example.text)) for example in examples],
    )


def share(count: int, of: int) -> str:
    """Return a share with its counts and its 95 % interval."""
    low, high = wilson(count / of, of) if of else (0.0, 1.0)
    return f"{count}/{of} = {count / max(1, of):.3f} [{low:.3f}, {high:.3f}]"


def cross_validate(rows: Rows) -> None:
    """Print sensitivity, false alarms and right flags, each example read by a classifier that never saw its family."""
    of = np.array([int(hashlib.sha256(family.encode()).hexdigest(), 16) % FOLDS for family in rows.families])
    alarmed, named = np.zeros(len(of), dtype=bool), [""] * len(of)
    for fold in range(FOLDS):
        classifier = rows.trained_on(np.flatnonzero(of != fold).tolist())
        for place in np.flatnonzero(of == fold):
            found = classifier.read(rows.words[place], rows.vectors[place])
            alarmed[place], named[place] = found.probability >= classifier.threshold, found.flag_id
    urgent = np.array([flag != NO_FLAG for flag in rows.flags])
    ruled = np.array([bool(flags) for flags in rows.ruled])
    right = [
        flag in seen or (not seen and alarm and name == flag)
        for flag, seen, alarm, name in zip(rows.flags, rows.ruled, alarmed, named, strict=True)
    ]
    print("Packaged examples, cross-validated by family")
    for name, seen in (("rules", ruled), ("classifier", alarmed), ("both", ruled | alarmed)):
        print(f"  {name:10} sensitivity {share(int(seen[urgent].sum()), int(urgent.sum()))}")
        print(f"  {name:10} false alarms {share(int(seen[~urgent].sum()), int((~urgent).sum()))}")
    print(f"  both       with the flag itself {share(int(np.array(right)[urgent].sum()), int(urgent.sum()))}")


def leave_flags_out(rows: Rows) -> None:
    """Print for each flag how many of its messages are seen by a classifier that was shown none of them."""
    print("Leave one flag out: seen by the classifier alone; by it or the rules of other flags")
    total = both = count = 0
    flags = np.array(rows.flags)
    for flag in sorted(set(rows.flags) - {NO_FLAG}):
        classifier = rows.trained_on(np.flatnonzero(flags != flag).tolist())
        places = np.flatnonzero(flags == flag)
        alarms = [classifier.read(rows.words[i], rows.vectors[i]).probability >= classifier.threshold for i in places]
        either = [alarm or bool(rows.ruled[i] - {flag}) for alarm, i in zip(alarms, places, strict=True)]
        print(f"  {flag:24} {share(sum(alarms), len(places))}; {share(sum(either), len(places))}")
        total, both, count = total + sum(alarms), both + sum(either), count + len(places)
    print(f"  {'all':24} {share(total, count)}; {share(both, count)}")


def outside(name: str, path: Path, alarms: Callable[[str], bool]) -> None:
    """Print how many messages of a file raise a flag."""
    table = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    said = [(row.get("question") or row.get("query") or row["text"], bool(row.get("urgent"))) for row in table]
    seen = [(alarms(text), urgent) for text, urgent in said]
    harmless = [alarm for alarm, urgent in seen if not urgent]
    emergencies = [alarm for alarm, urgent in seen if urgent]
    print(f"{name}: alarms {share(sum(harmless), len(harmless))}")
    if emergencies:
        print(f"{name}: emergencies seen {share(sum(emergencies), len(emergencies))}")


def timing(gate: SafetyGate, encode: Callable[[str], NDArray[np.float32]]) -> None:
    """Print what the rules and the classifier cost, beside the encoding that a question needs anyway."""
    texts = [example.text for example in load_examples()][::5]
    vectors = [encode(text) for text in texts]
    rules = milliseconds([partial(gate.explain, text) for text in texts])
    weighing = milliseconds([partial(gate.weigh, text, vector) for text, vector in zip(texts, vectors, strict=True)])
    encoding = milliseconds([partial(encode, text) for text in texts])
    print(f"Milliseconds a question: rules {rules:.2f}, classifier {weighing:.2f}, encoding {encoding:.2f}")
    vector = vectors[0]
    for flood in FLOODS:
        message = (flood * 8_000)[:8_000]
        spent = milliseconds([partial(gate.explain, message)] * 5) + milliseconds(
            [partial(gate.weigh, message, vector)] * 5
        )
        print(f"  8 000 characters of {flood!r}: {spent:.1f} ms")


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
