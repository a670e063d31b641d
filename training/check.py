"""Check the training data and count what it holds: each quote stands once in its document, no question is asked twice."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LABELS = ("answers", "partly", "same_topic")
STYLES = ("natural", "terse", "chatty", "misspelt", "yes_no", "quantity", "exception", "everyday")
GROUPS = Path(__file__).parent / "groups"
# Words that say nothing of a topic, and endings that make no other word of one.
_EMPTY = frozenset(
    [
        "the",
        "and",
        "are",
        "was",
        "were",
        "been",
        "being",
        "does",
        "did",
        "can",
        "could",
        "may",
        "might",
        "must",
        "shall",
        "should",
        "will",
        "would",
        "you",
        "she",
        "they",
        "your",
        "his",
        "her",
        "its",
        "our",
        "their",
        "him",
        "them",
        "for",
        "from",
        "with",
        "about",
        "into",
        "but",
        "then",
        "than",
        "that",
        "this",
        "these",
        "those",
        "there",
        "here",
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "when",
        "where",
        "why",
        "how",
        "not",
        "yes",
        "have",
        "has",
        "had",
        "get",
        "got",
        "need",
        "want",
        "just",
        "too",
        "very",
        "any",
        "some",
        "all",
        "more",
        "most",
        "much",
        "many",
        "long",
        "often",
        "one",
    ]
)
_ENDING = re.compile(r"(?<=...)(?:ing|ed|es|s|ly)$")
_SHORTEST_WORD, _MOST_SHARED = 3, 1


@dataclass(slots=True)
class Counts:
    """What a set of groups holds, and what is wrong with it."""

    documents: int = 0
    questions: int = 0
    unanswered: int = 0
    answered: int = 0
    paraphrases: int = 0
    styles: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def count(groups: Path) -> Counts:
    """Return what the groups in a folder hold."""
    counts = Counts()
    asked: dict[str, str] = {}
    for group in sorted(path for path in groups.iterdir() if path.is_dir()):
        texts = {path.stem: path.read_text("utf-8") for path in group.glob("*.md")}
        counts.documents += len(texts)
        for place, row in _rows(group / "questions.jsonl"):
            counts.questions += 1
            counts.styles[row["style"]] += 1
            counts.labels.update(label["label"] for label in row["labels"])
            counts.faults.extend(f"{place}: {fault}" for fault in _faults(row, texts))
            earlier = asked.setdefault(row["question"].casefold(), place)
            if earlier != place:
                counts.faults.append(f"{place}: asked before at {earlier}")
            _weigh(row, counts)
    return counts


def _weigh(row: dict[str, Any], counts: Counts) -> None:
    """Count a question as answered, as a paraphrase of its answers, or as one that nothing answers even in part."""
    given = {label["label"] for label in row["labels"]}
    counts.unanswered += given == {"same_topic"}
    if "answers" in given:
        counts.answered += 1
        words = _words(row["question"])
        shared = words & _words(" ".join(label["quote"] for label in row["labels"] if label["label"] == "answers"))
        counts.paraphrases += len(shared) <= _MOST_SHARED and 3 * len(shared) <= len(words)


def _rows(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        yield f"{file.parent.name}:{number}", json.loads(line)


def _faults(row: dict[str, Any], texts: dict[str, str]) -> Iterator[str]:
    if set(row) != {"question", "style", "labels"} or not row["labels"]:
        yield f"expected a question, a style and labels, not {sorted(row)}"
    if row["style"] not in STYLES:
        yield f"{row['style']!r} is no style"
    for label in row["labels"]:
        if label["label"] not in LABELS:
            yield f"{label['label']!r} is no label"
        found = texts.get(label["document"], "").count(label["quote"])
        if found != 1:
            yield f"{label['quote'][:60]!r} stands {found} times in {label['document']!r}; expected once"


def _words(text: str) -> set[str]:
    found = re.findall(r"[a-z0-9']+", text.casefold())
    return {_ENDING.sub("", word) for word in found if len(word) >= _SHORTEST_WORD and word not in _EMPTY}


def main() -> None:
    """Print what the data hold; end with 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", type=Path, nargs="?", default=GROUPS, help="the folder of the groups")
    counts = count(parser.parse_args().groups)
    print(f"{counts.documents} documents, {counts.questions} questions")
    print(f"without an answer: {counts.unanswered / max(1, counts.questions):.2f} of the questions")
    print(
        f"sharing at most one word with the answer: {counts.paraphrases / max(1, counts.answered):.2f} of those with one"
    )
    print(f"styles: {dict(counts.styles)}")
    print(f"labels: {dict(counts.labels)}")
    for fault in counts.faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if counts.faults else 0)


if __name__ == "__main__":
    main()
