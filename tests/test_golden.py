"""The default corpus' answers are those on record (after a wanted change: python tests/test_golden.py)."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import pytest

from qa.calibrate import by_corpus
from qa.corpus import read_corpus
from qa.index import Index
from qa.index.build import build
from qa.pipeline import Pipeline
from qa.safety import SafetyGate
from qa.types import Answer

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = Path(__file__).with_name("golden.json")
# Arithmetic differs from processor to processor: that of floats in the last digits, the reader's 8-bit sums a little more.
TOLERANCE = 0.02
RECORD = json.loads(GOLDEN.read_text("utf-8")) if GOLDEN.exists() else []
QUESTIONS = [
    "What is a muscle cramp?",
    "Are leg cramps common in pregnancy?",
    "How do I stop a cramp in my calf?",
    "Does magnesium help against cramps at night?",
    "Is quinine safe for leg cramps?",
    "Can water pills cause cramps?",
    "Do statins cause muscle cramps?",
    "Does stretching before bed prevent cramps?",
    "Does pickle juice work?",
    "Why do athletes get cramps?",
    "What is the difference between a cramp and spasticity?",
    "Which muscle relaxants are used for muscle spasms?",
    "charley horse",
    "cramps in liver cirrhosis",
    "cramps during dialysis",
    "When should I see a doctor about cramps?",
    "What feels like a cramp but is not one?",
    "Who won the football world cup?",
    "thanks",
    "I have crushing chest pain going into my left arm",
]


def outcome_of(pipeline: Pipeline, question: str) -> dict[str, object]:
    """Return what matters of an outcome: quotes and places, or the reason of the refusal."""
    outcome = pipeline.ask(question)
    if not isinstance(outcome, Answer):
        return {"question": question, "refused": outcome.refusal.reason, "flags": [f.id for f in outcome.safety.flags]}
    passages = [
        {
            "document": passage.document.id,
            "start": passage.location.start,
            "end": passage.location.end,
            "quotes": [[quote.role, quote.start, quote.end] for quote in passage.quotes],
            "score": passage.score,
        }
        for passage in outcome.passages
    ]
    probability = outcome.confidence.probability
    return {"question": question, "answer": outcome.answer, "probability": probability, "passages": passages}


@pytest.mark.parametrize("golden", RECORD, ids=lambda golden: golden["question"])
def test_the_answer_is_the_one_on_record(default_pipeline: Pipeline, golden: dict[str, object]) -> None:
    """The quotes and places are exactly those on record, the figures but for the last digits."""
    found = outcome_of(default_pipeline, str(golden["question"]))
    assert rounded(found) == rounded(golden)
    assert figures(found) == pytest.approx(figures(golden), abs=TOLERANCE)


def rounded(outcome: object) -> object:
    """Return an outcome without its figures."""
    if isinstance(outcome, dict):
        return {key: rounded(value) for key, value in outcome.items() if key not in {"score", "probability"}}
    return [rounded(value) for value in outcome] if isinstance(outcome, list) else outcome


def figures(outcome: dict[str, object]) -> list[float]:
    """Return an outcome's figures, in order."""
    passages = outcome.get("passages", [])
    assert isinstance(passages, list)
    return [float(str(outcome.get("probability", 0))), *(passage["score"] for passage in passages)]


def test_the_record_asks_the_questions_of_this_file() -> None:
    """No question is on record that is not in the list above, and none is missing."""
    assert [golden["question"] for golden in RECORD] == QUESTIONS


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        build(read_corpus(ROOT / "corpus"), Path(folder), calibrate=by_corpus)
        asked = Pipeline(Index(Path(folder), threads=1), SafetyGate.load())
        record = [outcome_of(asked, question) for question in QUESTIONS]
    GOLDEN.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    sys.stdout.write(f"{len(record)} outcomes written to {GOLDEN.name}\n")
