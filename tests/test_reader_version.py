"""What is read of a set of files is on record, so that no change of a reader goes without a new READER_VERSION.

After a wanted change: raise READER_VERSION in qa/corpus/version.py, then run: python tests/test_reader_version.py
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from conftest import write_toy_corpus
from pydantic import TypeAdapter

from qa.corpus import read_corpus
from qa.corpus.formats import READERS
from qa.corpus.version import READER_VERSION
from qa.index import lexical
from qa.passages import embedding_text, sentences, split
from qa.reading import read
from qa.types import Document

ROOT = Path(__file__).resolve().parent.parent
RECORD = Path(__file__).with_name("reader_version.json")
WINDOW = 256
ROWS = '{"id": "R:1", "title": "Rows", "section": "care", "text": "Rinse it1. Dry it2.\\nScale\\nScrub it well1 2."}\n'
PLAIN = """\
Mending a tyre

TOOLS
You need these tools:
A pump
Two levers
A patch and some glue

1. Take the wheel out1.
2. Lever the tyre off2 3.
   - Begin opposite the valve.
   - Do not pinch the tube1,3.
123. Pump it up.

A WORD OF WARNING:
Glue catches fire1. Never smoke
while it dries2.

Share this page

References
1. Vale J. Tyres. J Cycling. 2012. https://example.org/tyres
2. Brandt L. Glue. 2015.
[3] Roy T. Tubes (2019).
"""
RAISE = "Raise READER_VERSION in qa/corpus/version.py, then write the record again: python tests/test_reader_version.py"
DOCUMENT = TypeAdapter(Document)


def count(text: str) -> int:
    """Count tokens about as an encoder does."""
    return len(re.findall(r"\w{1,6}|[^\w\s]", text)) + 2


def digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]


def read_as(document: Document) -> str:
    """Return the hash of all that an index keeps of a document: marks, passages, sentences and terms."""
    analyzer = lexical._analyzer()
    passages = split(document, count, window=WINDOW)
    texts = [embedding_text(document, passage, count, window=WINDOW) for passage in passages]
    cut = [sentences(read(document, passage.span)) for passage in passages]
    terms = [analyzer.analyze(text) for text in texts]
    return digest(DOCUMENT.dump_python(document, mode="json"), list(map(str, passages)), texts, cut, terms)


def found(scratch: Path) -> dict[str, dict[str, str]]:
    """Read the files: return for each document what hash its file has, and what hash that which was read of it."""
    write_toy_corpus(scratch / "toy")
    (scratch / "toy" / "rows.jsonl").write_text(ROWS, "utf-8")
    (scratch / "toy" / "plain.txt").write_text(PLAIN, "utf-8")
    (scratch / "toy" / "plain.md").write_text(PLAIN, "utf-8")
    for path in (ROOT / "corpus").glob("*-*.md"):  # the same words under another reader
        shutil.copyfile(path, (scratch / "toy" / path.name).with_suffix(".txt"))
    record = {}
    for name, folder in (("corpus", ROOT / "corpus"), ("files", ROOT / "tests" / "files"), ("toy", scratch / "toy")):
        for document in read_corpus(folder, exclude=("contained",)).documents:
            record[f"{name}/{document.id}"] = {"file": document.hash[:16], "read": read_as(document)}
    return record


def changed(now: dict[str, dict[str, str]], recorded: dict[str, dict[str, str]]) -> list[str]:
    """Return the documents whose files are the same and of which something else was read."""
    same = (name for name in recorded if name in now and now[name]["file"] == recorded[name]["file"])
    return sorted(name for name in same if now[name]["read"] != recorded[name]["read"])


@pytest.fixture(scope="module")
def now(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    return found(tmp_path_factory.mktemp("version"))


def test_what_is_read_changes_with_the_version_alone(now: dict[str, dict[str, str]]) -> None:
    """The same files are read as they were when the version was last raised; otherwise indexes would be out of date."""
    record = json.loads(RECORD.read_text("utf-8"))
    others = changed(now, record["documents"])
    assert not others, f"{RAISE} (a library of another release may be the cause, too). Read otherwise: {others}"
    assert record["version"] == READER_VERSION, "Write the record again: python tests/test_reader_version.py"


def test_the_record_has_every_format(now: dict[str, dict[str, str]]) -> None:
    """Each format's reader is watched, and most of the record is still there to be compared."""
    record = json.loads(RECORD.read_text("utf-8"))["documents"]
    kept = [name for name in record if now.get(name, {}).get("file") == record[name]["file"]]
    assert len(kept) > 0.9 * len(record), (
        "Files have changed. Write the record again: python tests/test_reader_version.py"
    )
    folders = (ROOT / "corpus", ROOT / "tests" / "files")
    suffixes = {path.suffix for folder in folders for path in folder.rglob("*")} | {".txt", ".jsonl"}
    assert suffixes >= READERS.keys() - {".htm", ".markdown", ".text"}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        read_now = found(Path(folder))
    before = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {"version": 0, "documents": {}}
    otherwise = changed(read_now, before["documents"])
    if otherwise and before["version"] == READER_VERSION:
        sys.exit(f"{RAISE}. Read otherwise: {', '.join(otherwise)}")
    RECORD.write_text(json.dumps({"version": READER_VERSION, "documents": read_now}, indent=1) + "\n", "utf-8")
    sys.stdout.write(f"{len(read_now)} documents written to {RECORD.name}\n")
