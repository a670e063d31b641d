"""Read the training groups as passages, as the index would hold them, and questions labelled by sentence."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from questions import part_of

from qa.corpus import read_corpus
from qa.encoders import OnnxEncoder
from qa.index.embed import Entry, entries_of
from qa.types import Corpus, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A passage as it is embedded: a line of context, then its text, with the half-open places of its sentences."""

    group: str
    text: str
    sentences: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question and its labels by passage and sentence: "answers", "partly" or "same_topic"."""

    text: str
    group: str
    labels: dict[int, dict[int, str]]

    def passages(self, label: str) -> list[int]:
        """Return the passages with a sentence of this label, in order."""
        return sorted(passage for passage, found in self.labels.items() if label in found.values())

    @property
    def answered(self) -> bool:
        """Whether any sentence answers."""
        return bool(self.passages("answers"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Passages, their numbers by group, and questions about them."""

    passages: tuple[Passage, ...]
    groups: dict[str, list[int]]
    questions: tuple[Question, ...]

    def part(self, name: str) -> list[Question]:
        """Return the questions of a part: "train", "development" or "test"."""
        return [question for question in self.questions if part_of(question.group, self.groups) == name]


def read(folder: Path, encoder: OnnxEncoder) -> Examples:
    """Read all groups of a folder.

    :param encoder: counts tokens, so that passages are cut as the index cuts them.
    """
    passages: list[Passage] = []
    questions: list[Question] = []
    groups: dict[str, list[int]] = {}
    for group in sorted(path for path in folder.iterdir() if (path / "questions.jsonl").is_file()):
        corpus = read_corpus(group)
        entries = list(entries_of(corpus, encoder, lambda *_: None))
        first = len(passages)
        groups[group.name] = list(range(first, first + len(entries)))
        passages += [
            Passage(
                group=group.name,
                text=entry.text,
                sentences=tuple((start, end) for _, _, start, end in entry.sentences.tolist()),
            )
            for entry in entries
        ]
        places = _Places(group, corpus, entries, first)
        with (group / "questions.jsonl").open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                labels = places.labels(row["labels"])
                questions.append(Question(text=row["question"], group=group.name, labels=labels))
    return Examples(passages=tuple(passages), groups=groups, questions=tuple(questions))


class _Places:
    """Finds the sentences of a group that a quote covers."""

    def __init__(self, group: Path, corpus: Corpus, entries: list[Entry], first: int) -> None:
        self._documents: dict[str, Document] = {}
        for path in group.glob("*.md"):
            text = path.read_text("utf-8")
            self._documents[path.stem] = next(document for document in corpus.documents if document.text == text)
        self._entries: dict[str, list[tuple[int, Entry]]] = defaultdict(list)
        for number, entry in enumerate(entries, start=first):
            self._entries[entry.passage.document_id].append((number, entry))

    def labels(self, rows: list[dict[str, Any]]) -> dict[int, dict[int, str]]:
        """Return the labels of a question's quotes by passage and sentence; the best of several counts."""
        found: dict[int, dict[int, str]] = defaultdict(dict)
        for label in ("same_topic", "partly", "answers"):
            for row in rows:
                if row["label"] == label:
                    for passage, sentence in self._covered(self._documents[row["document"]], row["quote"]):
                        found[passage][sentence] = label
        return dict(found)

    def _covered(self, document: Document, quote: str) -> Iterator[tuple[int, int]]:
        """Yield passages and sentences of which the quote covers half or more, or which hold the whole quote."""
        start = document.text.index(quote)
        end = start + len(quote)
        for number, entry in self._entries[document.id]:
            for sentence, (left, right, _, _) in enumerate(entry.sentences.tolist()):
                shared = min(end, right) - max(start, left)
                if shared > 0 and 2 * shared >= min(right - left, end - start):
                    yield number, sentence
