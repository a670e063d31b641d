"""Write a part of the training data as documents and a question set that ``qa evaluate`` reads.

    python training/questions.py FOLDER --part test
    qa index FOLDER/documents --index FOLDER/index
    qa evaluate FOLDER/questions.jsonl --index FOLDER/index

The documents of all groups of the part are one corpus, so that passages compete with those of other fields. A question
that is answered only in part is left out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from qa.corpus import read_corpus

_GROUPS = Path(__file__).parent / "groups"
PARTS = ("train", "development", "test")
# Of every seven groups the sixth is for development and the seventh for testing.
_DEVELOPMENT, _TEST, _OF = 5, 6, 7


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where to write")
    parser.add_argument("--groups", type=Path, default=_GROUPS, help="the folder of the groups")
    parser.add_argument("--part", choices=(*PARTS, "all"), default="test")
    arguments = parser.parse_args()
    groups = sorted(path.parent for path in arguments.groups.glob("*/questions.jsonl"))
    names = [group.name for group in groups]
    chosen = [group for group in groups if arguments.part in ("all", part_of(group.name, names))]
    rows = write(chosen, arguments.folder)
    print(f"{len(chosen)} groups, {rows} questions: {arguments.folder}")


def part_of(group: str, groups: Iterable[str]) -> str:
    """Return the part that a group belongs to, by its place among the names of all groups."""
    number = sorted(groups).index(group) % _OF
    return {_DEVELOPMENT: "development", _TEST: "test"}.get(number, "train")


def write(groups: list[Path], folder: Path) -> int:
    """Write groups as one corpus and one question set; return the number of questions."""
    documents = folder / "documents"
    if documents.exists():
        raise SystemExit(f"{documents} is there already. Remove it, or write somewhere else.")
    documents.mkdir(parents=True)
    for group in groups:
        for path in group.glob("*.md"):
            (documents / f"{group.name}-{path.name}").write_text(path.read_text("utf-8"), "utf-8")
    ids = {document.text: document.id for document in read_corpus(documents).documents}
    rows = [row for group in groups for row in _rows(group, ids)]
    (folder / "questions.jsonl").write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8"
    )
    return len(rows)


def _rows(group: Path, ids: dict[str, str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate((group / "questions.jsonl").read_text("utf-8").splitlines(), start=1):
        asked = json.loads(line)
        given = {label["label"] for label in asked["labels"]}
        if "answers" not in given and "partly" in given:
            continue
        gold = [
            {"document_id": ids[(group / f"{label['document']}.md").read_text("utf-8")], "text": label["quote"]}
            for label in asked["labels"]
            if label["label"] == "answers"
        ]
        yield {
            "query_id": f"{group.name}:{number}",
            "query": asked["question"],
            "expected_status": "answered" if gold else "refused",
            "category": "answerable" if gold else "no_answer",
            "gold": gold,
            "tags": [asked["style"]],
        }


if __name__ == "__main__":
    main()
