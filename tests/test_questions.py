"""The default corpus is asked its own questions: what it answers, with which references, and what it refuses."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qa.evaluate.run import Options, evaluate
from qa.evaluate.systems import Local
from qa.safety.rules import load_rows
from qa.types import Answer

if TYPE_CHECKING:
    from qa.pipeline import Pipeline
    from qa.types import Citation

QUESTIONS = Path(__file__).resolve().parent.parent / "corpus" / "questions.jsonl"
ROWS = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
ANSWERABLE = [row for row in ROWS if row["expected_status"] == "answered"]
SAMPLE = ANSWERABLE[:60]
URGENT = [row for row in ROWS if row["safety_label"] != "none"]
MARKER = re.compile(r"\[(\d+(?:, \d+)*)\]")
# Each a little under what was measured, so that a change which costs something is seen.
GATES = (
    *("success@1=.85", "success@3=.92", "quote_success@1=.77", "exact_quote_rate=1", "citation_recall=.85"),
    *("false_refusal_rate=.06", "false_answer_rate=.15", "emergency_recall=.85", "false_alarm_rate=.02"),
)
# Far from the corpus' subject, whatever their words.
# Its address is known only in part.
UNLINKED = (
    "Effect of prophylactic intra-dialytic stretching exercises on muscle cramps among patients undergoing hemodialysis"
)
FOREIGN = {"far", "service", "nonsense"}
NEAR = {"near_no_answer", "near_health", "shared_words"}


def first(pipeline: Pipeline, question: str) -> Citation | None:
    """Return the passage shown first, or None where the question is refused."""
    outcome = pipeline.ask(question)
    return outcome.passages[0] if isinstance(outcome, Answer) else None


def is_right(row: dict, citation: Citation | None) -> bool:
    """Tell whether a passage holds one of the texts that answer."""
    return citation is not None and any(
        citation.document.id == gold["document_id"] and gold["text"] in citation.exact for gold in row["gold"]
    )


def test_the_set_is_sound() -> None:
    """Ids are distinct, each row says what is expected, and no family of paraphrases is split."""
    assert len({row["query_id"] for row in ROWS}) == len(ROWS)
    assert {row["expected_status"] for row in ROWS} == {"answered", "refused"}
    splits: dict[str, set[str]] = {}
    for row in ROWS:
        splits.setdefault(row["family"], set()).add(row["split"])
    assert {len(each) for each in splits.values()} == {1}
    assert set.union(*splits.values()) == {"calibration", "test"}


def test_the_set_holds_every_kind() -> None:
    """Each kind is there as often as it takes to tell, of several styles, and nearly half of it in the test half."""
    kinds = {
        "answerable": [row for row in ROWS if row["category"] == "answerable"],
        "near": [row for row in ROWS if "near" in row["tags"] and row["category"] in NEAR],
        "far": [row for row in ROWS if "far" in row["tags"] and row["category"] in {*FOREIGN, "steering"}],
        "emergency": URGENT,
        "near miss": [row for row in ROWS if row["category"] == "near_miss"],
    }
    least = {"answerable": 200, "near": 90, "far": 50, "emergency": 80, "near miss": 60}
    for kind, rows in kinds.items():
        assert len(rows) >= least[kind], kind
        assert sum(row["split"] == "test" for row in rows) >= 0.4 * len(rows), kind
    styles = Counter(tag for row in kinds["answerable"] for tag in row["tags"])
    assert all(styles[tag] >= 30 for tag in ("paraphrased", "terse", "chatty", "misspelt", "second_sentence"))
    assert styles["lead_in"] + styles["list_item"] >= 30


def test_every_flag_is_asked_in_both_halves() -> None:
    """Each red flag has an emergency in either half, labelled with the level of the flag."""
    flags = {row["id"]: row["level"] for row in load_rows()}
    asked = {(tag, row["split"]) for row in URGENT for tag in row["tags"] if tag in flags}
    assert asked == {(flag, split) for flag in flags for split in ("calibration", "test")}
    assert [
        row["query_id"] for row in URGENT if row["safety_label"] not in {flags.get(tag) for tag in row["tags"]}
    ] == []


def test_the_references_of_gold_are_those_in_its_text() -> None:
    """What a quote must show is what its document writes there."""
    golds = [gold for row in ANSWERABLE for gold in row["gold"]]
    written = [
        [int(number) for marker in MARKER.findall(gold["text"]) for number in marker.split(",")] for gold in golds
    ]
    assert [gold["references"] for gold in golds] == [sorted(set(numbers)) for numbers in written]
    assert sum(map(bool, written)) >= 400


def test_the_test_half_holds_its_gates(default_pipeline: Pipeline, tmp_path: Path) -> None:
    """What nothing was fitted to is answered, refused and recognised as often as this."""
    chosen = Options(out=tmp_path / "out", top=10, split="test", gates=GATES)
    report = evaluate(QUESTIONS, lambda: Local(default_pipeline), chosen, progress=lambda *_: None, say=lambda _: None)
    assert [gate.says for gate in report.gates if not gate.passed] == []


def test_every_gold_text_stands_in_its_document(default_pipeline: Pipeline) -> None:
    """Each text that answers is in the document named, once, and in some passage of it."""
    documents = default_pipeline.index.documents
    for row in ANSWERABLE:
        for gold in row["gold"]:
            assert documents.get(gold["document_id"]).text.count(gold["text"]) == 1, row["query_id"]


def test_the_first_sixty_are_answered_right(default_pipeline: Pipeline) -> None:
    """At least 56 of 60 questions have the right passage first."""
    wrong = [row["query_id"] for row in SAMPLE if not is_right(row, first(default_pipeline, row["query"]))]
    assert len(wrong) <= 4, wrong


def test_references_are_resolved_with_a_link(default_pipeline: Pipeline) -> None:
    """Each reference number in a passage shown for the sample is resolved, and all references but one have an address."""
    shown = [citation for row in SAMPLE if (citation := first(default_pipeline, row["query"])) is not None]
    resolved = [entry for citation in shown for marker in citation.source_references for entry in marker.resolved]
    assert len(resolved) >= 60
    assert None not in resolved
    unlinked = {entry.title for entry in resolved if entry and not (entry.url or "").startswith("http")}
    assert unlinked <= {UNLINKED}


def test_every_section_can_be_reached(default_pipeline: Pipeline) -> None:
    """Each section is among the first five passages when its own heading is asked."""
    index = default_pipeline.index
    missed = []
    for name in index.manifest.documents:
        document = index.documents.get(name)
        for section in document.sections:
            if not section.path or not section.span.of(document.text).strip():
                continue
            found = default_pipeline.search(section.path[-1], top=5).passages
            if (name, section.path) not in [(passage.document.id, passage.section) for passage in found]:
                missed.append(section.path)
    assert missed == []


@pytest.mark.parametrize("row", [row for row in ROWS if row["category"] in FOREIGN], ids=lambda row: row["query_id"])
def test_what_is_foreign_is_refused(default_pipeline: Pipeline, row: dict) -> None:
    """Questions about something else, about the service, and nonsense get no passage."""
    assert first(default_pipeline, row["query"]) is None


def test_emergencies_are_recognised(default_pipeline: Pipeline) -> None:
    """Of the emergencies that nothing was fitted to, at most four of 42 are taken for questions."""
    urgent = [row for row in URGENT if row["split"] == "test"]
    missed = [row["query_id"] for row in urgent if default_pipeline.ask(row["query"]).safety.level == "none"]
    assert len(urgent) == 42
    assert len(missed) <= 4, missed


def test_near_misses_are_no_emergencies(default_pipeline: Pipeline) -> None:
    """Of the harmless messages of the test half, 30 of which sound alarming, at most three raise an alarm."""
    harmless = [row for row in ROWS if row["safety_label"] == "none" and row["split"] == "test"]
    alarmed = [row for row in harmless if default_pipeline.ask(row["query"]).safety.level != "none"]
    assert sum(row["category"] == "near_miss" for row in harmless) == 30
    assert len(alarmed) <= 3, [row["query_id"] for row in alarmed]
