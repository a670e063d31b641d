"""Write half of a public question set as training groups, so that the reader also learns from other writers' questions.

    python training/public.py SET --out FOLDER --rest FOLDER

A set is a folder with ``documents.jsonl`` and ``questions.jsonl`` whose questions name the place of their answer. Every
other title, in sorted order, becomes a group: one document, and its questions in the format of the other groups. Only the
questions on the remaining titles may be reported on: ``--rest`` writes them, with all documents, as a set of the same name.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_MARKUP = re.compile(r"[*_`<>|\\~^#\[\]]")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"(])")

Row = dict[str, Any]


def main() -> None:
    """Write the groups."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path, help="the folder of the set")
    parser.add_argument("--out", type=Path, required=True, help="where one folder a title is written")
    parser.add_argument("--rest", type=Path, help="where the set of the remaining titles is written")
    arguments = parser.parse_args()
    print(f"{write_groups(arguments.set, arguments.out)} groups: {arguments.out}")
    if arguments.rest:
        print(f"{write_rest(arguments.set, arguments.rest / arguments.set.name)} questions are left: {arguments.rest}")


def write_groups(folder: Path, out: Path) -> int:
    """Write every other title of a set as a group; return their number."""
    documents = {row["id"]: row for row in _rows(folder / "documents.jsonl")}
    asked: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in _rows(folder / "questions.jsonl"):
        asked[row["title"]][row["question"]].append(row)
    taken = sorted(asked)[::2]
    for title in taken:
        name = _MARKUP.sub(" ", title).replace("/", " ")
        _write(out / f"{folder.name}-{name}", title, asked[title], documents)
    return len(taken)


def write_rest(folder: Path, out: Path) -> int:
    """Write the set of the titles that are no group; return the number of its questions."""
    rows = _rows(folder / "questions.jsonl")
    rest = set(sorted({row["title"] for row in rows})[1::2])
    left = [row for row in rows if row["title"] in rest]
    out.mkdir(parents=True)
    shutil.copyfile(folder / "documents.jsonl", out / "documents.jsonl")
    with (out / "questions.jsonl").open("x", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in left)
    return len(left)


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _write(group: Path, title: str, asked: dict[str, list[Row]], documents: dict[str, Row]) -> None:
    used = {row["gold_document_id"] for rows in asked.values() for row in rows}
    members = [row for row in documents.values() if row["id"] in used or row["title"] == title]
    group.mkdir(parents=True)
    body = "\n\n".join(_plain(row["text"]) for row in members)
    (group / "document.md").write_text(f"# {_plain(title)}\n\n{body}\n", encoding="utf-8")
    with (group / "questions.jsonl").open("x", encoding="utf-8") as file:
        for question, rows in asked.items():
            labels = [label for row in rows for label in _labels(row, documents[row["gold_document_id"]]["text"])]
            line = {"question": question, "style": group.name.split("-")[0], "labels": labels}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _labels(row: Row, text: str) -> Iterator[dict[str, str]]:
    """Yield the sentences that answer a question, or that only seem to."""
    for label, key in (("answers", "answers"), ("same_topic", "plausible_answers")):
        for quote in sorted({_sentence(text, each["answer_start"]) for each in row.get(key, [])}):
            yield {"document": "document", "quote": quote, "label": label}


def _plain(text: str) -> str:
    """Return a text as one paragraph without Markdown's signs, each character in its place."""
    return re.sub(r"\s", " ", _MARKUP.sub(" ", text))


def _sentence(text: str, place: int) -> str:
    """Return the sentence at a place."""
    start = max((found.end() for found in _SENTENCE_END.finditer(text) if found.end() <= place), default=0)
    end = min((found.start() for found in _SENTENCE_END.finditer(text) if found.start() > place), default=len(text))
    return _plain(text[start:end]).strip()


if __name__ == "__main__":
    main()
