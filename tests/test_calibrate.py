"""A calibration moves as far as its questions carry it, keeps to the limit it was given, and lives in the generation."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import ANSWERED, REFUSED

from qa import scope
from qa.calibrate import Labelled, by_corpus, by_labels
from qa.calibrate.corpus import Asked, ask_itself, refine
from qa.calibrate.fit import balanced, curve, fit
from qa.corpus import read_corpus
from qa.errors import CalibrationError
from qa.index import Index
from qa.index.build import build
from qa.index.recalibrate import recalibrate
from qa.models import PACKAGED
from qa.pipeline import Pipeline
from qa.prior import off_topic, prior_of
from qa.safety import SafetyGate
from qa.types import Answer, Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from qa.types import Calibration

PRIOR = prior_of(PACKAGED)
CALIBRATION = PRIOR.calibration
KINDS = ("heading", "held out", "off topic")
ANSWERABLE = [
    ANSWERED, "how often to oil the chain", "what are the signs of a worn chain?", "how high should the saddle be",
    "what does a saddle that is too low do?", "why do my hands go numb", "how hard should I pump a city tyre?",
    "pressure for narrow racing tyres", "how do I find a slow puncture", "when are brake pads worn?",
    "what helps against squealing brakes", "may I oil the brake disc", "where do I keep a bicycle in winter?",
    "what keeps the skin from chafing", "what should be done with the lamp's battery in winter?",
]  # fmt: skip
FOREIGN = [
    REFUSED, "capital of Peru", "who wrote Faust?", "how do I boil an egg", "is it going to rain tomorrow?",
    "what is the dollar worth in yen", "translate cat into French", "when was the printing press invented?",
    "best mattress for a bad back", "how do I renew a passport?", "what is a black hole", "who won the election?",
]  # fmt: skip


def silent(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""


def labelled() -> list[Labelled]:
    """Return the questions above with their labels."""
    kinds = ((ANSWERABLE, True), (FOREIGN, False))
    return [Labelled(question=question, answerable=label) for questions, label in kinds for question in questions]


@pytest.fixture
def index_folder(toy_index: Path, tmp_path: Path) -> Path:
    """Return a copy of the toy index."""
    return shutil.copytree(toy_index, tmp_path / "index")


def rows_at(level: float, count: int, *, noise: float = 0.0) -> np.ndarray:
    """Return rows of evidence around a level: 0 is far too little, .5 has even odds as shipped, 1 is plenty."""
    generator = np.random.default_rng(3)
    scales = np.array(PRIOR.scales)
    even = -CALIBRATION.intercept * scales / (scales @ np.array(CALIBRATION.weights))
    return even + scales * 6 * (level - 0.5 + noise * generator.normal(size=(count, len(scales))))


def stated(row: np.ndarray, calibration: Calibration) -> float:
    """Return the probability of a row."""
    return scope.probability(row.tolist(), calibration)


def test_no_question_changes_nothing() -> None:
    """Without questions the calibration is the shipped one."""
    nothing = np.empty((0, len(PRIOR.scales)))
    fitted = fit(nothing, np.empty(0, dtype=bool), np.empty(0), prior=PRIOR)
    assert fitted.weights == pytest.approx(CALIBRATION.weights)
    assert fitted.intercept == pytest.approx(CALIBRATION.intercept)


def test_a_few_questions_move_less_than_many() -> None:
    """The more questions contradict the shipped calibration, the further it moves towards them."""
    row = rows_at(0.55, 1)[0]
    label = stated(row, CALIBRATION) < 0.5
    moved = []
    for count in (3, 30, 300):
        rows = np.repeat(row[None], count, axis=0)
        fitted = fit(rows, np.full(count, label), np.ones(count), prior=PRIOR)
        moved.append(abs(stated(row, fitted) - stated(row, CALIBRATION)))
    assert moved == sorted(moved)
    assert moved[0] < moved[2]


def test_a_fit_is_at_the_minimum() -> None:
    """No coefficient can be moved without a worse fit: but for their rounding the slope of what is minimised is zero."""
    rows = np.concatenate([rows_at(0.45, 60, noise=0.1), rows_at(0.6, 60, noise=0.1)])
    labels = np.repeat([False, True], 60)
    weights = balanced(labels)
    fitted = fit(rows, labels, weights, prior=PRIOR)
    expected = np.array([stated(row, fitted) for row in rows])
    scales = np.array([0.1**0.5, *(2.0 * np.array(PRIOR.scales))])
    start = np.array([CALIBRATION.intercept, *CALIBRATION.weights])
    pull = scales**2 * (np.array([fitted.intercept, *fitted.weights]) - start)
    slope = np.column_stack([np.ones(120), rows]).T @ (weights * (expected - labels)) + pull
    assert np.abs(slope / [1.0, *PRIOR.scales]).max() < 0.2


def test_both_kinds_weigh_the_same() -> None:
    """However many of a kind there are, the weights of each kind have the same sum."""
    labels = np.array([True] * 2 + [False] * 8)
    weights = balanced(labels)
    assert weights[labels].sum() == pytest.approx(weights[~labels].sum()) == pytest.approx(5)


def test_the_curve_falls() -> None:
    """From a threshold of 0, which answers everything, to 1 less and less is answered, of either kind."""
    points = curve(np.array([0.1, 0.4, 0.6, 0.9]), np.array([False, False, True, True]))
    assert (points[0].answered, points[0].false_answers) == (1.0, 1.0)
    assert (points[-1].answered, points[-1].false_answers) == (0.0, 0.0)
    middle = next(point for point in points if point.threshold == 0.5)
    assert (middle.answered, middle.false_answers) == (1.0, 0.0)


@pytest.mark.parametrize("most", [0.0, 0.1, 0.5])
def test_false_answers_keep_to_the_limit(pipeline: Pipeline, most: float) -> None:
    """Of the questions to refuse no more are answered than the share that was allowed, and what it costs is counted."""
    found = by_labels(pipeline.index, labelled(), max_false_answers=most, name="set", progress=silent)
    _, now = found.others
    assert now.of == len(FOREIGN)
    assert now.answered <= most * len(FOREIGN)
    before, after = found.answerable
    assert before.of == after.of == len(ANSWERABLE)
    assert after.answered >= 12


def test_a_set_of_one_kind_is_an_error(pipeline: Pipeline) -> None:
    """Too few questions to refuse are named, with how many it takes."""
    only = [each for each in labelled() if each.answerable]
    with pytest.raises(CalibrationError, match="0 unanswerable questions; calibrating takes at least 10"):
        by_labels(pipeline.index, only, max_false_answers=0.05, name="set", progress=silent)


def test_a_calibration_serves_from_a_generation_of_its_own(index_folder: Path) -> None:
    """Calibrating keeps every file but the calibration, and from then on the new threshold decides."""
    before = Index(index_folder).manifest
    nothing = replace(CALIBRATION, threshold=1.0, source="questions", questions=7, questions_hash="h")
    after = recalibrate(index_folder, nothing)
    index = Index(index_folder)
    assert index.calibration == nothing
    assert index.manifest == after
    assert after.generation != before.generation
    assert after.content == before.content
    changed = {name for name in after.files if after.files[name] != before.files[name]}
    assert changed == {"calibration.json"}
    assert isinstance(Pipeline(index, SafetyGate.load()).ask(ANSWERED), Refusal)
    assert isinstance(Pipeline(index, SafetyGate.load(), threshold=0.5).ask(ANSWERED), Answer)


def test_labels_last_until_the_documents_change(index_folder: Path, toy_corpus: Path, tmp_path: Path) -> None:
    """A build of the same documents keeps a calibration by labels; one of others says that it is gone."""
    recalibrate(index_folder, replace(CALIBRATION, source="questions"))
    same = build(read_corpus(toy_corpus), index_folder)
    assert not same.fresh
    assert Index(index_folder).calibration.source == "questions"
    changed = shutil.copytree(toy_corpus, tmp_path / "changed")
    (changed / "brakes.txt").unlink()
    built = build(read_corpus(changed), index_folder)
    assert built.superseded
    assert Index(index_folder).calibration == CALIBRATION


def test_the_command_calibrates(index_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """``qa calibrate`` prints what the limit costs and lets the index serve under it; a dry run changes nothing."""
    rows = [
        {"query_id": f"q{number}", "query": each.question, "category": "toy"}
        | {"expected_status": "answered" if each.answerable else "refused"}
        for number, each in enumerate(labelled())
    ]
    rows.append({**rows[-1], "query_id": "urgent", "safety_label": "emergency"})
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    before = Index(index_folder).manifest
    arguments = ["calibrate", str(path), "--index", str(index_folder), "--max-false-answers", "0"]
    run([*arguments, "--dry-run"])
    assert Index(index_folder).manifest == before
    run(arguments)
    printed = capfd.readouterr()
    assert f"to be refused  {len(FOREIGN)}" in printed.out
    assert "1 of emergencies" in printed.out
    calibration = Index(index_folder).calibration
    assert calibration.source == "questions"
    assert calibration.questions == len(ANSWERABLE) + len(FOREIGN)
    assert f"{calibration.threshold:.4f}" in printed.out
    pipeline = Pipeline(Index(index_folder), SafetyGate.load())
    assert all(isinstance(pipeline.ask(question), Refusal) for question in FOREIGN)


def run(arguments: list[str]) -> None:
    """Type a command."""
    subprocess.run([sys.executable, "-m", "qa.cli", *arguments], check=True)


def test_an_index_asks_itself_headings_and_what_it_lacks(pipeline: Pipeline) -> None:
    """Headings are asked with their documents there and held out, foreign questions too; always the same."""
    asked = list(ask_itself(pipeline.index, silent))
    assert asked == list(ask_itself(pipeline.index, silent))
    scores = {kind: np.median([each.evidence[0] for each in asked if each.kind == kind]) for kind in KINDS}
    assert scores["heading"] > scores["held out"] > scores["off topic"]
    assert {each.question for each in asked if each.kind == "off topic"} <= set(off_topic())
    assert "Oiling" not in {each.question for each in asked}
    assert "The chain: Oiling" in {each.question for each in asked}


def test_a_small_corpus_stays_near_the_shipped_calibration() -> None:
    """The same questions move the calibration of a large corpus further than that of a small one."""
    rows = [("heading", 0.45), ("off topic", 0.4)] * 40
    asked = [Asked(kind=kind, question="", evidence=tuple(rows_at(level, 1)[0])) for kind, level in rows]
    before = np.array([CALIBRATION.intercept, *CALIBRATION.weights])
    fits = [refine(asked, size, name="", prior=PRIOR) for size in (1, 100, 100_000)]
    shifts = [float(np.linalg.norm([fitted.intercept, *fitted.weights] - before)) for fitted in fits]
    assert shifts[0] < shifts[1] / 2
    assert shifts[0] < shifts[2] / 2


def test_a_topic_that_others_answer_is_no_evidence() -> None:
    """What is held out and would still be answered changes nothing; what would not be does."""
    heading = Asked(kind="heading", question="", evidence=tuple(rows_at(1.0, 1)[0]))
    foreign = Asked(kind="off topic", question="", evidence=tuple(rows_at(0.0, 1)[0]))
    without = refine([heading, foreign], 1_000, name="", prior=PRIOR)
    answered = Asked(kind="held out", question="", evidence=tuple(rows_at(0.9, 1)[0]))
    assert refine([heading, foreign, answered], 1_000, name="", prior=PRIOR) == without
    refused = Asked(kind="held out", question="", evidence=tuple(rows_at(0.3, 1)[0]))
    assert refine([heading, foreign, refused], 1_000, name="", prior=PRIOR) != without


def test_a_build_calibrates_its_index(toy_corpus: Path, index_folder: Path) -> None:
    """A build with a calibration serves under it, and is up to date only with a build that has one too."""
    built = build(read_corpus(toy_corpus), index_folder, calibrate=by_corpus)
    assert built.fresh
    index = Index(index_folder)
    assert index.manifest.calibration == index.calibration.source == "corpus"
    assert index.calibration.questions >= 150
    assert len(index.calibration.questions_hash) == 64
    assert not build(read_corpus(toy_corpus), index_folder, calibrate=by_corpus).fresh
    assert isinstance(Pipeline(index, SafetyGate.load()).ask(ANSWERED), Answer)
    assert isinstance(Pipeline(index, SafetyGate.load()).ask(REFUSED), Refusal)


def test_off_topic_questions_are_distinct() -> None:
    """The bundled questions are many and each stands once."""
    questions = off_topic()
    assert len(questions) >= 150
    assert len(set(questions)) == len(questions)
