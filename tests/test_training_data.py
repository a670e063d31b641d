"""The training data: what each line refers to is there."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from qa.evaluate.reading import read_set

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "training"))

from check import GROUPS, count  # type: ignore[import-not-found]
from public import write_groups, write_rest  # type: ignore[import-not-found]
from questions import part_of, write  # type: ignore[import-not-found]


def test_every_label_quotes_its_document() -> None:
    """Each quote stands once in its document, and no question is asked twice."""
    counts = count(GROUPS)
    assert counts.faults == []
    assert counts.questions > 0


def test_a_wrong_quote_is_found(tmp_path: Path) -> None:
    """A quote that is not in the document, or in another one, is a fault that names the line."""
    group = tmp_path / "bells"
    group.mkdir()
    (group / "bell.md").write_text("# Bells\n\nRing twice.\n", "utf-8")
    line = '{"question": "How often?", "style": "terse", "labels": [{"document": "bell", "quote": "Ring %s.", "label": "answers"}]}\n'
    (group / "questions.jsonl").write_text(line % "twice" + (line % "once").replace("How", "how"), "utf-8")
    assert count(tmp_path).faults == [
        "bells:2: 'Ring once.' stands 0 times in 'bell'; expected once",
        "bells:2: asked before at bells:1",
    ]


def test_a_part_becomes_a_question_set(tmp_path: Path) -> None:
    """Of eight groups the seventh is for testing; its documents and its answered and unanswered questions are written."""
    groups = [tmp_path / "groups" / f"{number:02}" for number in range(8)]
    lines = (
        '{"question": "How often?", "style": "terse", "labels": [{"document": "bell", "quote": "Ring twice.", "label": "answers"}]}\n'
        '{"question": "Who pays?", "style": "terse", "labels": [{"document": "bell", "quote": "Ring twice.", "label": "same_topic"}]}\n'
        '{"question": "How?", "style": "terse", "labels": [{"document": "bell", "quote": "Ring twice.", "label": "partly"}]}\n'
    )
    for group in groups:
        group.mkdir(parents=True)
        (group / "bell.md").write_text(f"# Bells of {group.name}\n\nRing twice.\n", "utf-8")
        (group / "questions.jsonl").write_text(lines, "utf-8")
    names = [group.name for group in groups]
    assert [part_of(name, names) for name in names] == [*["train"] * 5, "development", "test", "train"]
    assert write([groups[6]], tmp_path / "made") == 2
    asked = read_set(tmp_path / "made" / "questions.jsonl")
    assert [(question.expected_status, len(question.gold)) for question in asked.questions] == [
        ("answered", 1),
        ("refused", 0),
    ]
    assert [path.name for path in (tmp_path / "made" / "documents").iterdir()] == ["06-bell.md"]
    with pytest.raises(SystemExit, match="is there already"):
        write([groups[6]], tmp_path / "made")


def test_half_of_a_public_set_becomes_groups(tmp_path: Path) -> None:
    """Every other title is a group; its quotes are whole sentences of its document, and a misleading one says so."""
    texts = {
        "a": "Bells ring *twice*. Ringers rest. Then they ring again.",
        "b": "Not taken.",
        "c": "No bell rings at night.",
    }
    rows = [{"id": name, "title": name, "text": text} for name, text in texts.items()]
    asked = [
        {"question": "What follows?", "answers": [{"text": "ring again", "answer_start": 44}]},
        {"question": "Who rests?", "answers": [], "plausible_answers": [{"text": "Ringers", "answer_start": 20}]},
    ]
    (tmp_path / "set").mkdir()
    for name, lines in (
        ("documents", rows),
        (
            "questions",
            [{**each, "title": row["title"], "gold_document_id": row["id"]} for row in rows for each in asked],
        ),
    ):
        (tmp_path / "set" / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert write_groups(tmp_path / "set", tmp_path / "groups") == 2
    assert sorted(path.name for path in (tmp_path / "groups").iterdir()) == ["set-a", "set-c"]
    group = tmp_path / "groups" / "set-a"
    document = (group / "document.md").read_text("utf-8")
    found = [json.loads(line)["labels"] for line in (group / "questions.jsonl").read_text("utf-8").splitlines()]
    assert found == [
        [{"document": "document", "quote": "Then they ring again.", "label": "answers"}],
        [{"document": "document", "quote": "Ringers rest.", "label": "same_topic"}],
    ]
    assert document == "# a\n\nBells ring  twice . Ringers rest. Then they ring again.\n"
    assert write_rest(tmp_path / "set", tmp_path / "rest") == 2
    left = (tmp_path / "rest" / "questions.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["title"] for line in left} == {"b"}
