"""How often the safety gate sees an emergency, and how often it is alarmed by none; with every count.

    python benchmarks/safety.py INDEX [--outside NAME=FILE.jsonl ...] [--quick]

INDEX is a built index: its encoder and its classifier are those that serve. The packaged examples are split by family
(the wordings of one case stay together) into five folds; each fold is read by a classifier trained on the others.
Leaving a fifth of the flags out at a time shows what is made of an emergency of a kind that was never shown. Each
outside set is a file of questions ("question", "query" or "text" in each row) judged as they are served; rows with
``"urgent": true`` count as emergencies, of which those with ``"crisis": true`` should come out at that level, and all
others as harmless: each false alarm is printed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

import numpy as np

from qa import scope
from qa.encoders import Encoding
from qa.evaluate.figures import wilson
from qa.index import Index
from qa.question import opening
from qa.rank import rank
from qa.retrieve import encode, prepare
from qa.safety import SafetyGate, Verdict, stretches
from qa.safety.classifier import Classifier
from qa.safety.examples import NO_FLAG, Example, load_examples
from qa.safety.stretches import Said, Stretch
from qa.safety.training import learned_from, train
from qa.types import Hit, SafetySwitches

T = TypeVar("T")
FOLDS = 5
FLOODS = (
    "cant cant my leg numb ",
    "i took 5 ",
    "fine now. ",
    "no chest pain, ",
    "chest pain arm left ",
    "pecho brazo ",
    "blood wont stop ",
    "is it ",
    "a? ",
    "1 2 3 ",
    "word ",
    "x",
    "\u0301e",
    "\u0639\u0646\u062f\u064a ",
    "\u6551\u547d",
    "\U0001f635 ",
)


class Gate:
    """The gate as it serves, or with another classifier; messages are encoded once."""

    def __init__(self, index: Index) -> None:
        """Take an index."""
        self.rules = SafetyGate.load()
        self._index = index
        self._said: dict[str, Said] = {}

    def said(self, message: str) -> Said:
        """Return what is weighed of a message."""
        if message not in self._said:
            beginning, rest = opening(message)
            encode = self._index.encoder.encode_query
            self._said[message] = stretches(encode(beginning), rest, encode)
        return self._said[message]

    def words(self, stretch: Stretch) -> tuple[str, ...]:
        """Return the words of a stretch as they are weighed."""
        return self.rules.read(stretch.text).texts

    def judge(self, message: str, classifier: Classifier) -> Verdict:
        """Judge a message with a classifier."""
        gate = self.rules.adapted(SafetySwitches(), classifier)
        return gate.weigh(message, self.said(message))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An example, whether the rules alone raise a flag on it, and the served verdict."""

    example: Example
    ruled: bool
    verdict: Verdict

    @property
    def alarm(self) -> bool:
        """Tell whether any flag is raised."""
        return self.verdict.safety.level != "none"


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--outside", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--quick", action="store_true", help="no cross-validation")
    arguments = parser.parse_args()
    index = Index(arguments.index, threads=1)
    gate = Gate(index)
    if not arguments.quick:
        examples = load_examples()
        print("Packaged examples, five folds grouped by family")
        cross_validate(gate, examples, lambda example: example.family)
        print("Packaged examples, five folds of emergencies grouped by flag")
        cross_validate(gate, examples, lambda example: example.flag if example.flag != NO_FLAG else example.family)
    for name, _, path in (each.partition("=") for each in arguments.outside):
        outside(name, Path(path), partial(gate.judge, classifier=index.classifier))
    timing(gate, index)
    floods(gate, index)


def share(count: int, of: int) -> str:
    """Return a share with its counts and its 95 % interval."""
    low, high = wilson(count / of, of) if of else (0.0, 1.0)
    return f"{count}/{of} = {count / max(1, of):.3f} [{low:.3f}, {high:.3f}]"


def trained_on(gate: Gate, examples: Sequence[Example]) -> Classifier:
    """Train as the index does, on some of the examples."""
    rows = [
        (stretch, example.flag)
        for example in examples
        for stretch in learned_from(gate.said(example.text), example.flag)
    ]
    vectors = np.array([stretch.vector for stretch, _ in rows])
    return train([gate.words(stretch) for stretch, _ in rows], vectors, [flag for _, flag in rows])


def cross_validate(gate: Gate, examples: Sequence[Example], group: Callable[[Example], str]) -> None:
    """Print sensitivity, false alarms, level and flag, each example judged by a classifier that never saw its group."""
    of = [int(hashlib.sha256(group(example).encode()).hexdigest(), 16) % FOLDS for example in examples]
    judged = []
    for fold in range(FOLDS):
        classifier = trained_on(gate, [example for example, its in zip(examples, of, strict=True) if its != fold])
        judged += [
            Judged(example=each, ruled=bool(gate.rules.explain(each.text)), verdict=gate.judge(each.text, classifier))
            for each, its in zip(examples, of, strict=True)
            if its == fold
        ]
    urgent = [each for each in judged if each.example.flag != NO_FLAG]
    harmless = [each for each in judged if each.example.flag == NO_FLAG]
    crises = [each for each in urgent if gate.rules.is_crisis(each.example.flag)]
    named = [each for each in urgent if each.example.flag in {flag.id for flag in each.verdict.safety.flags}]
    levelled = [each for each in crises if each.verdict.safety.level == "crisis"]
    print(f"  emergencies seen       {share(sum(each.alarm for each in urgent), len(urgent))}")
    print(f"  by the rules alone     {share(sum(each.ruled for each in urgent), len(urgent))}")
    print(f"  with the flag itself   {share(len(named), len(urgent))}")
    print(f"  crises at their level  {share(len(levelled), len(crises))}")
    print(f"  false alarms           {share(sum(each.alarm for each in harmless), len(harmless))}")
    print(f"  of the rules alone     {share(sum(each.ruled for each in harmless), len(harmless))}")


def outside(name: str, path: Path, judge: Callable[[str], Verdict]) -> None:
    """Print how many messages of a file raise a flag, and every false alarm."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    texts = [row.get("question") or row.get("query") or row["text"] for row in rows]
    verdicts = [judge(text) for text in texts]
    alarms = [verdict.safety.level != "none" for verdict in verdicts]
    urgent = [alarm for alarm, row in zip(alarms, rows, strict=True) if row.get("urgent")]
    crises = [verdict.safety.level for verdict, row in zip(verdicts, rows, strict=True) if row.get("crisis")]
    false = [
        place for place, (alarm, row) in enumerate(zip(alarms, rows, strict=True)) if alarm and not row.get("urgent")
    ]
    print(f"{name}: false alarms {share(len(false), len(rows) - len(urgent))}")
    for place in false:
        print(f"  {', '.join(fired.rule_id for fired in verdicts[place].fired)}: {texts[place][:150]!r}")
    if urgent:
        print(f"{name}: emergencies seen {share(sum(urgent), len(urgent))}")
    if crises:
        print(f"{name}: crises at their level {share(crises.count('crisis'), len(crises))}")


def timing(gate: Gate, index: Index) -> None:
    """Print what safety and scope cost, beside the encoding that a question needs anyway."""
    served = gate.rules.adapted(SafetySwitches(), index.classifier)
    for kind, urgent in (("harmless messages", False), ("emergencies", True)):
        texts = [example.text for example in load_examples() if (example.flag != NO_FLAG) is urgent][::9]
        spent: dict[str, list[float]] = {"safety": [], "scope": [], "encoding": []}
        for text in texts:
            matched = prepare(opening(text)[0], index)
            encoding = timed(spent["encoding"], partial(encode, matched, index))
            timed(spent["safety"], partial(weighed, served, text, encoding, "", index))
            hits = rank(matched, encoding, index, scope.HITS)
            if hits:
                timed(spent["scope"], partial(_judge_scope, matched, hits, index))
        p50 = {name: median(each) for name, each in spent.items()}
        ratio = (p50["safety"] + p50["scope"]) / p50["encoding"]
        says = ", ".join(f"{name} {each:.3f}" for name, each in p50.items())
        print(f"Milliseconds a message, p50 of {len(texts)} {kind}: {says}; safety and scope over encoding {ratio:.3f}")


def floods(gate: Gate, index: Index) -> None:
    """Print the slowest check of 8 000 characters: words over and over, and Unicode at random."""
    served = gate.rules.adapted(SafetySwitches(), index.classifier)
    generator = random.Random(7)
    messages = {repr(flood): (flood * 8_000)[:8_000] for flood in FLOODS}
    for number in range(20):
        top = generator.choice([0x250, 0x3000, 0x20000])
        pool = [chr(generator.randrange(32, top)) for _ in range(generator.choice([3, 40, 3_000]))]
        messages[f"Unicode {number}"] = "".join(generator.choices([*pool, " ", ".", "\n"], k=8_000))
    worst = []
    for name, message in messages.items():
        beginning, rest = opening(message)
        encoding = index.encoder.encode_query(beginning)
        runs: list[float] = []
        for _ in range(3):
            timed(runs, partial(weighed, served, message, encoding, rest, index))
        worst.append((min(runs), name))
    print(f"Slowest of {len(messages)} floods of 8 000 characters, ms: ", end="")
    print(", ".join(f"{name} {spent:.1f}" for spent, name in sorted(worst, reverse=True)[:6]))


def _judge_scope(question: str, hits: Sequence[Hit], index: Index) -> float:
    return scope.probability(scope.evidence(question, hits, index), index.calibration)


def weighed(gate: SafetyGate, message: str, encoding: Encoding, rest: str, index: Index) -> Verdict:
    """Judge a message as the service does."""
    return gate.weigh(message, stretches(encoding, rest, index.encoder.encode_query))


def timed(spent: list[float], call: Callable[[], T]) -> T:
    """Add the milliseconds of a call and return what it returns."""
    start = time.perf_counter()
    result = call()
    spent.append((time.perf_counter() - start) * 1000)
    return result


if __name__ == "__main__":
    main()
