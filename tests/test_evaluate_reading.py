"""Question sets as JSONL and CSV: both give the same questions, and a row that cannot be used is named."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest

from qa.evaluate.errors import SetError
from qa.evaluate.questions import PlaceGold, Question, TextGold
from qa.evaluate.reading import read_set

ANSWERED = {
    "query_id": "q1",
    "query": "How often,\nand with what?",
    "expected_status": "answered",
    "category": "plain",
    "gold": [{"text": 'Oil "often" [1].', "document_id": "chain", "references": [1, 2]}],
    "region": "GB",
    "tags": ["terse", "misspelt"],
    "family": "oil",
    "split": "test",
}
REFUSED = {
    "query_id": "q2",
    "query": "My chest hurts",
    "expected_status": "refused",
    "category": "emergency",
    "safety_label": "emergency",
    "split": "dev",
}


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def write_csv(path: Path, *rows: dict[str, str]) -> Path:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())
    return path


def flat(row: dict[str, object], **cells: str) -> dict[str, str]:
    """Return a row's plain fields as cells, and those given."""
    return {name: value for name, value in row.items() if isinstance(value, str)} | cells


def test_a_row_becomes_a_question(tmp_path: Path) -> None:
    """Every field arrives, and the file is known by its sha256."""
    path = write(tmp_path / "set.jsonl", ANSWERED)
    found = read_set(path)
    gold = TextGold(text='Oil "often" [1].', document_id="chain", references=(1, 2))
    assert found.questions == (
        Question(
            query_id="q1",
            query="How often,\nand with what?",
            expected_status="answered",
            category="plain",
            gold=(gold,),
            region="GB",
            tags=("terse", "misspelt"),
            family="oil",
            split="test",
        ),
    )
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "cells",
    [
        {"gold": json.dumps(ANSWERED["gold"])},
        {"gold": '{"text": "Oil \\"often\\" [1].", "document_id": "chain", "references": [1, 2]}'},
        {"gold_text": 'Oil "often" [1].', "gold_document_id": "chain", "gold_references": "1, 2"},
    ],
    ids=["list in a cell", "one gold in a cell", "columns"],
)
def test_a_table_gives_the_same_questions(tmp_path: Path, cells: dict[str, str]) -> None:
    """A spreadsheet's file, with its byte-order mark, CRLF and quoted line breaks, reads as JSON lines do."""
    table = write_csv(tmp_path / "set.csv", flat(ANSWERED, tags="terse; misspelt", **cells), flat(REFUSED))
    lines = write(tmp_path / "set.jsonl", ANSWERED, REFUSED)
    assert read_set(table).questions == read_set(lines).questions


def test_a_gold_can_be_a_place(tmp_path: Path) -> None:
    """Offsets make another kind of gold."""
    row = {**ANSWERED, "gold": [{"document_id": "chain", "start": 3, "end": 9}]}
    assert read_set(write(tmp_path / "set.jsonl", row)).questions[0].gold == (
        PlaceGold(document_id="chain", start=3, end=9),
    )


def test_a_split_selects_its_rows(tmp_path: Path) -> None:
    """The others are not asked."""
    path = write(tmp_path / "set.jsonl", ANSWERED, REFUSED)
    assert [question.query_id for question in read_set(path, split="dev").questions] == ["q2"]


def test_an_unknown_split_names_those_there_are(tmp_path: Path) -> None:
    """No row is no evaluation."""
    path = write(tmp_path / "set.jsonl", ANSWERED, REFUSED)
    with pytest.raises(SetError, match=r"no row is of the split 'train'\. Its splits: dev, test\."):
        read_set(path, split="train")


def test_null_says_that_a_field_is_not_given(tmp_path: Path) -> None:
    """A tool that writes every field writes null where it has nothing."""
    row = {**REFUSED, "gold": None, "region": None, "tags": None, "split": None}
    assert read_set(write(tmp_path / "set.jsonl", row)).questions[0].tags == ()


def test_fields_that_nothing_reads_are_told(tmp_path: Path) -> None:
    """A misspelt field does not vanish."""
    assert read_set(write(tmp_path / "set.jsonl", {**REFUSED, "safety_lable": "none"})).unread == ("safety_lable",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"expected_status": "maybe"}, "expected_status: Input should be 'answered' or 'refused'"),
        ({"query": None}, "query: Field required"),
        ({"query": "  "}, "query: String should match pattern"),
        ({"query_id": "a b"}, "query_id: String should match pattern"),
        ({"region": "gb"}, "region: String should match pattern"),
        ({"gold": "Oil"}, "gold: Input should be a valid"),
        ({"gold": [{"txt": "Oil"}]}, "gold.0.text: Field required"),
        ({"gold": [{"document_id": "chain", "start": "3", "end": 9}]}, "gold.0.start: Input should be a valid integer"),
        ({"gold": [{"document_id": "chain", "start": 9, "end": 9}]}, "a gold ends where it starts or before"),
        ({"expected_status": "refused"}, "it is expected to be refused and has gold"),
        ({"safety_label": "crisis"}, "it is labelled crisis and expected to be answered"),
        ({"query": "\ud83d"}, "the row: Invalid JSON"),
    ],
)
def test_a_broken_row_is_named_with_its_reason(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    """File, line, reason and what a row looks like."""
    path = write(tmp_path / "set.jsonl", REFUSED, {**ANSWERED, **change})
    with pytest.raises(SetError) as error:
        read_set(path)
    assert f"{path}:2: {reason}" in str(error.value)
    assert 'A row is {"query_id", "query"' in str(error.value)


def test_every_broken_row_is_named_at_once(tmp_path: Path) -> None:
    """Text that is no JSON, JSON that is no object, and an id that was there before; blank lines are none."""
    path = tmp_path / "set.jsonl"
    row = json.dumps(REFUSED)
    path.write_text(f"{{\n\n[1]\n{row}\n{row}\n", "utf-8")
    with pytest.raises(SetError) as error:
        read_set(path)
    lines = str(error.value).split("\n")
    assert lines[0] == "3 row(s) cannot be used."
    assert lines[1:4] == [
        f"{path}:1: it is no JSON object",
        f"{path}:3: it is no JSON object",
        f"{path}:5: the query_id 'q2' stands in line 4 too",
    ]


def test_only_the_first_of_many_broken_rows_are_named(tmp_path: Path) -> None:
    """A file of another kind does not fill the screen."""
    path = write(tmp_path / "set.jsonl", *range(50))
    with pytest.raises(SetError, match="and 40 more"):
        read_set(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"query_id,query\nq1,a,b\n", ":2: it has more cells than the header"),
        (b'query_id,query\nq1,"a\n', ":2: it is no CSV"),
        (b"query_id,query\nq1,\xff\n", "it is not UTF-8"),
        (b"query_id,query\n", "it has no rows"),
        (b"query_id,query\nq1,a\n", ":2: expected_status: Field required; category: Field required"),
    ],
    ids=["too many cells", "open quote", "no UTF-8", "empty", "columns missing"],
)
def test_a_broken_table_is_named_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    """The same holds for a table."""
    path = tmp_path / "set.csv"
    path.write_bytes(content)
    with pytest.raises(SetError) as error:
        read_set(path)
    assert reason in str(error.value)
