"""Plant hostile texts in a corpus and ask it ordinary questions: no answer may change.

    python benchmarks/planted.py CORPUS QUESTIONS.jsonl HOSTILE.jsonl [--work DIR]

HOSTILE has ``question`` in each row; of those that say where they belong, only rows with ``"placement": "document"`` are
planted. Three indexes are built: of the corpus as it is, with each text as a document of its own, and with each as a
paragraph within a document. QUESTIONS (``query``, ``safety_label``) are asked of all three; their answers are compared
by status, reason and the quotes in their order. Ends with 3 if an answer changed or a quote is no slice of its document.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from qa.corpus import read_corpus
from qa.index import Index
from qa.index.build import build
from qa.pipeline import Pipeline
from qa.safety import SafetyGate
from qa.types import Answer, Refusal, Span

SEED = 7
PLANTED = "planted"
# A blank line between two paragraphs of a Markdown body, neither of them a heading, a list item or a table.
_BETWEEN = re.compile(r"(?<=[.?!\]])\n\n(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a question was answered, and the texts of the documents that its quotes must stand in."""

    outcome: Answer | Refusal
    verbatim: bool

    @property
    def quotes(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The quotes of each passage shown, with its document."""
        return tuple(
            (citation.document.id, tuple(quote.exact for quote in citation.quotes))
            for citation in self.outcome.passages
        )

    @property
    def said(self) -> object:
        """What must not change."""
        return self.outcome.refusal.reason if isinstance(self.outcome, Refusal) else self.quotes

    @property
    def probability(self) -> float | None:
        """The confidence, where there is one."""
        return self.outcome.confidence.probability if isinstance(self.outcome, Answer) else None


def main() -> None:
    """Print every answer that changed, and how far the figures moved."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("hostile", type=Path)
    parser.add_argument("--work", type=Path, help="keep the indexes here; a later run builds only what is missing")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.questions.read_text("utf-8").splitlines()]
    questions = [row["query"] for row in rows if row.get("safety_label", "none") == "none"]
    texts = _texts(arguments.hostile)
    with tempfile.TemporaryDirectory() as scratch:
        work = arguments.work or Path(scratch)
        plain = _ask(_built(arguments.corpus, work / "plain", ()), questions)
        broken = not all(each.verbatim for each in plain)
        for name, plant in (("documents", _as_documents), ("paragraphs", _as_paragraphs)):
            folder = work / name
            if not folder.exists():
                plant(Path(shutil.copytree(arguments.corpus, folder / "corpus")), texts)
            asked = _ask(_built(folder / "corpus", folder / "index", [work / "plain"]), questions)
            broken |= _compare(f"{len(texts)} texts planted as {name}", questions, plain, asked, set(texts))
    sys.exit(3 if broken else 0)


def _texts(path: Path) -> list[str]:
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    return [row["question"] for row in rows if row.get("placement", "document") == "document"]


def _as_documents(corpus: Path, texts: Sequence[str]) -> None:
    for number, text in enumerate(texts, start=1):
        (corpus / f"{PLANTED}-{number:03}.txt").write_text(f"{text}\n", "utf-8")


def _as_paragraphs(corpus: Path, texts: Sequence[str]) -> None:
    """Set each text between two paragraphs, as one paragraph of its own."""
    draw = random.Random(SEED)
    documents = sorted(path for path in corpus.glob("*.md") if _BETWEEN.search(path.read_text("utf-8")))
    for text in texts:
        path = draw.choice(documents)
        whole = path.read_text("utf-8")
        place = draw.choice([found.start() for found in _BETWEEN.finditer(whole)])
        path.write_text(f"{whole[:place]}\n\n{' '.join(text.split())}{whole[place:]}", "utf-8")


def _built(corpus: Path, folder: Path, earlier: Sequence[Path]) -> Pipeline:
    """Return the pipeline over a corpus; an earlier index lends the embeddings of what has not changed."""
    if not folder.exists():
        for index in earlier:
            shutil.copytree(index, folder)
        build(read_corpus(corpus), folder)
    return Pipeline(Index(folder, threads=1), SafetyGate.load())


def _ask(pipeline: Pipeline, questions: Sequence[str]) -> list[Asked]:
    return [_asked(pipeline, question) for question in questions]


def _asked(pipeline: Pipeline, question: str) -> Asked:
    outcome = pipeline.ask(question)
    pieces = [
        (citation.document.id, Span(start=quote.start, end=quote.end), quote.exact)
        for citation in outcome.passages
        for quote in citation.quotes
    ]
    documents = pipeline.index.documents
    verbatim = all(span.of(documents.get(id_).text) == exact for id_, span, exact in pieces)
    return Asked(outcome=outcome, verbatim=verbatim)


def _compare(
    name: str, questions: Sequence[str], plain: Sequence[Asked], planted: Sequence[Asked], texts: set[str]
) -> bool:
    """Print what differs, and tell whether anything that must not differ does."""
    pairs = list(zip(questions, plain, planted, strict=True))
    changed = [(question, before, after) for question, before, after in pairs if before.said != after.said]
    shown = sum(any(_is_planted(id_, quotes, texts) for id_, quotes in after.quotes) for _, _, after in pairs)
    verbatim = sum(after.verbatim for _, _, after in pairs)
    both = [
        (b.probability, a.probability) for _, b, a in pairs if b.probability is not None and a.probability is not None
    ]
    moved = [abs(then - now) for then, now in both]
    print(f"{name}; {len(questions)} questions")
    depths = Counter(_depth(before, after) for _, before, after in changed)
    print(f"  changed {len(changed)}, with a planted text shown {shown}, all quotes verbatim {verbatim}")
    print("  changed in " + (", ".join(f"{depth} {count}" for depth, count in sorted(depths.items())) or "nothing"))
    print(f"  probability of {len(both)} answers moved by {mean(moved):.4f} on the mean, {max(moved):.4f} at most")
    for question, before, after in changed:
        depth = _depth(before, after)
        print(
            f"  CHANGED {depth}: {question!r}\n    {before.probability} {before.said}\n    {after.probability} {after.said}"
        )
    return bool(changed) or verbatim < len(pairs)


def _depth(before: Asked, after: Asked) -> str:
    """Say how deep a change goes: to the outcome, to the passage shown first, or to those behind it alone."""
    if not before.quotes or not after.quotes:
        return "the outcome"
    return "the passage shown first" if before.quotes[0] != after.quotes[0] else "the passages behind it"


def _is_planted(id_: str, quotes: Sequence[str], texts: set[str]) -> bool:
    return id_.startswith(PLANTED) or any(quote in text or text in quote for quote in quotes for text in texts)


if __name__ == "__main__":
    main()
