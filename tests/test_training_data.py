"""The training data: what each line refers to is there."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "training"))

from check import GROUPS, count  # type: ignore[import-not-found]


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
