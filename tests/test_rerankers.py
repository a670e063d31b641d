"""Somebody's CrossEncoder is exported, orders what retrieval found, and is calibrated for; without one nothing changes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from conftest import ANSWERED, REFUSED
from huggingface_hub.errors import LocalEntryNotFoundError
from rerankers import save_tiny

from qa.calibrate import by_corpus
from qa.calibrate.fit import balanced, fit
from qa.corpus import read_corpus
from qa.errors import EncoderError, IndexDamaged
from qa.index import Index
from qa.index.build import build
from qa.index.recalibrate import recalibrate
from qa.pipeline import Pipeline
from qa.prior import PRIOR, prior_of
from qa.rank import rank
from qa.rerankers import NONE, Reranker
from qa.rerankers.export import export, revision_here, revision_of
from qa.retrieve import encode, retrieve
from qa.safety import SafetyGate
from qa.scope import EVIDENCE, evidence
from qa.types import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentence_transformers import CrossEncoder

TEXTS = ["The bells are rung at noon.", "", "a longer text, " * 60]


class Judge:
    """A reranker that scores a passage by the words it is told of, 0 where it finds none."""

    def __init__(self, scores: dict[str, float]) -> None:
        self._scores = scores
        self.read: list[str] = []

    def score(self, _question: str, passages: Sequence[str]) -> list[float]:
        """Return the score of each passage."""
        self.read += passages
        return [next((score for word, score in self._scores.items() if word in text), 0.0) for text in passages]


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CrossEncoder]:
    """Return the folder of a tiny CrossEncoder, and the model."""
    folder = tmp_path_factory.mktemp("theirs")
    return folder, save_tiny(folder)


@pytest.fixture(scope="module")
def reranked(
    theirs: tuple[Path, CrossEncoder], toy_index: Path, toy_corpus: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the toy corpus' index, built with it."""
    folder = shutil.copytree(toy_index, tmp_path_factory.mktemp("reranked") / "index")
    assert build(read_corpus(toy_corpus), folder, reranker=str(theirs[0]), calibrate=by_corpus).fresh
    return folder


@pytest.mark.parametrize("kind", ["typed", "untyped"])
def test_the_export_scores_as_the_model_does(kind: str, tmp_path: Path) -> None:
    """Its scores are the model's before any activation, with and without types of tokens, also for what is too long."""
    model = save_tiny(tmp_path / "theirs", typed=kind == "typed")
    (tmp_path / "made").mkdir()
    export(str(tmp_path / "theirs"), tmp_path / "made")
    given = Reranker(tmp_path / "made").score("When?", TEXTS)
    expected = model.predict([("When?", text) for text in TEXTS], activation_fn=torch.nn.Identity())
    assert given == pytest.approx(expected.tolist(), abs=1e-4)
    assert len({round(score, 3) for score in given}) == len(TEXTS)


def test_without_a_reranker_retrieval_orders(pipeline: Pipeline) -> None:
    """An index that was built with none has no reranker, and its evidence is what it was."""
    index, vectors = pipeline.index, encode(ANSWERED, pipeline.index)
    assert index.reranker is None
    assert (index.manifest.reranker, index.manifest.reranker_revision) == (NONE, "")
    hits = rank(ANSWERED, vectors, index, 3)
    assert hits == retrieve(ANSWERED, vectors, index, 3)
    assert len(evidence(ANSWERED, hits, index)) == len(EVIDENCE)


def test_a_reranker_orders_the_first_eight(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """The passage with the highest score comes first; those that it does not tell apart stay in retrieval's order."""
    found = retrieve(ANSWERED, encode(ANSWERED, pipeline.index), pipeline.index, 12)
    judge = Judge({pipeline.index.read(found[5].ordinal).text: 1.0})
    monkeypatch.setattr(pipeline.index, "reranker", judge)
    ranked = rank(ANSWERED, encode(ANSWERED, pipeline.index), pipeline.index, 12)
    assert [hit.ordinal for hit in ranked] == [found[5].ordinal, *(hit.ordinal for hit in found if hit is not found[5])]
    assert [hit.answers for hit in ranked] == [1.0, *[0.0] * 7, *[None] * (len(found) - 8)]
    assert len(judge.read) == 8
    assert judge.read[0].startswith(pipeline.index.documents.get(found[0].passage.document_id).title)
    assert rank(ANSWERED, encode(ANSWERED, pipeline.index), pipeline.index, 1)[0].ordinal == found[5].ordinal


def test_an_index_keeps_its_reranker(reranked: Path, theirs: tuple[Path, CrossEncoder], toy_corpus: Path) -> None:
    """Serving reads it from the index; a build of the same is up to date, one by force copies it and embeds nothing."""
    index = Index(reranked, threads=1)
    assert index.reranker is not None
    info = index.info()
    assert (info.reranker, info.reranker_revision) == (str(theirs[0]), revision_of(str(theirs[0])))
    ranked = rank(ANSWERED, encode(ANSWERED, index), index, 8)
    scores = [hit.answers for hit in ranked if hit.answers is not None]
    assert len(scores) == 8
    assert scores == sorted(scores, reverse=True)
    assert rank(ANSWERED, encode(ANSWERED, index), index, 8) == ranked
    again = build(read_corpus(toy_corpus), reranked, reranker=str(theirs[0]), calibrate=by_corpus)
    assert not again.fresh
    forced = build(read_corpus(toy_corpus), reranked, reranker=str(theirs[0]), calibrate=by_corpus, force=True)
    remade = Index(reranked, threads=1).manifest.files
    assert forced.reused == forced.manifest.passages
    assert remade["reranker/model.onnx"] == index.manifest.files["reranker/model.onnx"]
    without = build(read_corpus(toy_corpus), reranked, calibrate=by_corpus)
    assert without.fresh
    assert Index(reranked, threads=1).reranker is None


def test_the_scope_is_calibrated_for_it(
    theirs: tuple[Path, CrossEncoder], toy_index: Path, toy_corpus: Path, tmp_path: Path
) -> None:
    """The score is evidence with a weight of its own, which is never negative; foreign questions are still refused."""
    folder = shutil.copytree(toy_index, tmp_path / "index")
    build(read_corpus(toy_corpus), folder, reranker=str(theirs[0]), calibrate=by_corpus)
    index = Index(folder, threads=1)
    assert len(index.calibration.weights) == len(EVIDENCE) + 1
    assert index.calibration.weights[-1] >= 0
    assert isinstance(Pipeline(index, SafetyGate.load()).ask(REFUSED), Refusal)
    recalibrate(folder, replace(index.calibration, threshold=0.5))
    assert Index(folder, threads=1).reranker is not None


def test_a_score_weighs_what_it_shows() -> None:
    """A score that tells answered questions from others gets a positive weight, one that says the opposite gets none."""
    prior = prior_of("somebody/reranker")
    assert (prior.calibration.weights[-1], prior.scales[-1]) == (0, 0)
    assert prior_of(NONE) is PRIOR
    labels = np.repeat([False, True], 40)
    usual = np.repeat(np.full((1, len(EVIDENCE)), 0.5), 80, axis=0)
    for score, weighs in (
        (np.where(labels, 3.0, -3.0), True),
        (np.where(labels, -3.0, 3.0), False),
        (0 * labels, False),
    ):
        fitted = fit(np.column_stack([usual, score]), labels, balanced(labels), prior=prior)
        assert (fitted.weights[-1] > 0.1) is weighs
        assert fitted.weights[-1] >= 0


def test_a_damaged_reranker_is_told(theirs: tuple[Path, CrossEncoder], tmp_path: Path) -> None:
    """A file that is missing or is no model is an error that says what to do."""
    export(str(theirs[0]), tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(IndexDamaged, match=r"The reranker in .* cannot be loaded .*Build it again: qa index"):
        Reranker(tmp_path)


def test_a_name_on_the_hub_is_fetched_once(theirs: tuple[Path, CrossEncoder], monkeypatch: pytest.MonkeyPatch) -> None:
    """What was fetched is taken from there; the doctor asks nobody; what the hub does not have is an error."""
    asked: list[bool] = []

    def snapshot_download(name: str, *, allow_patterns: list[str], local_files_only: bool = False) -> str:
        asked.append(local_files_only)
        if name != "somebody/reranker" or (local_files_only and False not in asked):
            raise LocalEntryNotFoundError("not here")
        assert "*.safetensors" in allow_patterns
        return str(theirs[0])

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    with pytest.raises(EncoderError, match=r"somebody/reranker is no folder here and was not fetched yet"):
        revision_here("somebody/reranker")
    assert asked == [True]
    assert revision_of("somebody/reranker") == revision_of(str(theirs[0]))
    assert asked[1:] == [True, False]
    assert revision_here("somebody/reranker") == revision_of(str(theirs[0]))
    assert all(asked[3:])
    with pytest.raises(EncoderError, match=r'set to "nobody/nothing".*The hub did not give it: not here'):
        revision_of("nobody/nothing")


def test_what_is_no_reranker_is_refused(tmp_path: Path) -> None:
    """The error names what was given and what is expected."""
    with pytest.raises(EncoderError, match=r'set to ".*nowhere", which is no folder here; expected "none", or a Cross'):
        revision_of(str(tmp_path / "nowhere"))
    (tmp_path / "made").mkdir()
    save_tiny(tmp_path / "two", scores=2)
    with pytest.raises(EncoderError, match=r"gives scores of shape \(1, 2\) for a pair"):
        export(str(tmp_path / "two"), tmp_path / "made")
    (tmp_path / "two" / "tokenizer.json").unlink()
    with pytest.raises(EncoderError, match=r"has no tokenizer\.json"):
        export(str(tmp_path / "two"), tmp_path / "made")
    (tmp_path / "two" / "model.safetensors").unlink()
    with pytest.raises(EncoderError, match=r"No \*\.safetensors file under"):
        revision_of(str(tmp_path / "two"))
