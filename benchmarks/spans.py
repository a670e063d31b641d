"""How often an answer's words lie inside what is quoted, and how long the quotes are.

Whole corpus, or with --within-title only the documents of the question's own title (one policy among many, say).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import mean

from sets import Question, document_ids, open_pipeline, questions

from qa.pipeline import Pipeline
from qa.types import RankedPassage


def main() -> None:
    """Print the figures of each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path, help="folders with documents.jsonl and questions.jsonl")
    parser.add_argument("--cache", type=Path, default=Path("build/benchmarks"), help="where the indexes are kept")
    parser.add_argument("--sample", type=int, default=0, help="take only this many questions of each set")
    parser.add_argument("--within-title", action="store_true", help="look only in documents of the question's title")
    arguments = parser.parse_args()
    for folder in arguments.sets:
        pipeline = open_pipeline(folder, arguments.cache)
        ids = document_ids(folder, pipeline.index)
        asked = [question for question in questions(folder, ids, sample=arguments.sample) if question.answers]
        _report(folder.name, pipeline, asked, within_title=arguments.within_title)


def _report(name: str, pipeline: Pipeline, asked: list[Question], *, within_title: bool) -> None:
    titles: dict[str, list[int]] = {}
    for ordinal, document in enumerate(pipeline.index.documents):
        titles.setdefault(document.title, []).append(ordinal)
    passages, quoted, first, gold, lengths = [], [], [], [], []
    for question in asked:
        documents = titles[question.title] if within_title and question.title else []
        shown = pipeline.search(question.text, documents=documents).passages
        passages.append(any(_holds(passage.exact, question) for passage in shown))
        quoted.append(any(_in_quote(passage, question) for passage in shown))
        first.append(bool(shown) and _in_quote(shown[0], question))
        # Where the passage is right, does its quote hold the answer?
        gold += [
            _in_quote(passage, question)
            for passage in shown
            if passage.document.id in question.relevant and _holds(passage.exact, question)
        ]
        lengths += [len(quote.exact) for passage in shown for quote in passage.quotes if quote.role == "answer"]
    print(
        f"{name}: {len(asked)} questions; answer in the three passages {mean(passages):.3f}, in their quotes "
        f"{mean(quoted):.3f}, in the first quote {mean(first):.3f}; in the quote of a right passage {mean(gold):.3f} "
        f"(n={len(gold)}); mean length of a quote {mean(lengths):.0f} characters"
    )


def _in_quote(passage: RankedPassage, question: Question) -> bool:
    return any(_holds(quote.exact, question) for quote in passage.quotes)


def _holds(text: str, question: Question) -> bool:
    return any(answer in text for answer in question.answers)


if __name__ == "__main__":
    main()
