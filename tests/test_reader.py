"""The reader reads the right part of a passage, independently of the others; other CrossEncoders rerank."""

from __future__ import annotations

import shutil
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from conftest import ANSWERED, REFUSED
from huggingface_hub.errors import LocalEntryNotFoundError
from rerankers import save_tiny

from qa import models, scope
from qa import rank as rank_module
from qa.calibrate import by_corpus
from qa.calibrate.fit import balanced, fit
from qa.corpus import read_corpus
from qa.errors import EncoderError, IndexDamaged
from qa.index import Index
from qa.index.build import build
from qa.index.recalibrate import recalibrate
from qa.models import NONE
from qa.pipeline import Pipeline
from qa.prior import prior_of
from qa.rank import rank
from qa.reader import Judged, Reader, ToRead
from qa.reader import export as export_module
from qa.reader.export import export, revision_of
from qa.reader.pairs import CONTEXT_TOKENS, PART_TOKENS, QUESTION_TOKENS, Tokens, pair
from qa.retrieve import encode, retrieve
from qa.safety import SafetyGate
from qa.types import Answer, Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qa.types import Hit

FIRST, LAST = 1000, 1001
TEXT = "Bell ringing: times\nThe bells are rung at noon. Ringers meet in the tower. On Sundays nobody rings."
PLACES = [(20, 47), (48, 76), (77, 100)]


def tokens(count: int) -> Tokens:
    """Return tokens of one character each, numbered from 0."""
    return Tokens(ids=list(range(count)), offsets=[(i, i + 1) for i in range(count)])


def to_read(focus: int = 0) -> ToRead:
    """Return a passage of three sentences."""
    return ToRead(text=TEXT, sentences=PLACES, focus=focus)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Return the packaged reader."""
    folder = tmp_path_factory.mktemp("reader")
    models.copy("reader", folder)
    return Reader(folder)


def test_a_pair_holds_the_question_and_a_short_passage() -> None:
    """A passage that fits is read whole, its context first, each token once."""
    made = pair([500, 501], tokens(30), [(10, 20), (20, 30)], 1, first=FIRST, last=LAST)
    assert made.ids == [FIRST, 500, 501, LAST, *range(30), LAST]
    assert made.types == [0, 0, 0, 0] + [1] * 31
    assert made.sentences == {0: (14, 24), 1: (24, 34)}


def test_of_a_long_passage_the_sentences_around_the_focus_are_read() -> None:
    """What is read stays within the limit, holds the focus, and is without a gap."""
    places = [(30 + 15 * i, 45 + 15 * i) for i in range(12)]
    made = pair(list(range(500, 590)), tokens(210), places, 7, first=FIRST, last=LAST)
    assert len(made.ids) <= QUESTION_TOKENS + PART_TOKENS + 3
    assert made.ids[: QUESTION_TOKENS + 2] == [FIRST, *range(542, 590), LAST]
    context = QUESTION_TOKENS + 2
    assert made.ids[context : context + CONTEXT_TOKENS] == list(range(30 - CONTEXT_TOKENS, 30))
    numbers = sorted(made.sentences)
    assert 7 in numbers
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    for number, (start, end) in made.sentences.items():
        assert made.ids[start:end] == list(range(*places[number]))


def test_a_sentence_that_is_too_long_is_cut() -> None:
    """The focus is read as far as it fits, and nothing beside it."""
    made = pair([500], tokens(300), [(0, 10), (10, 290), (290, 300)], 1, first=FIRST, last=LAST)
    assert list(made.sentences) == [1]
    assert len(made.ids) == PART_TOKENS + 4


def test_a_judgement_does_not_depend_on_the_passages_beside_it(reader: Reader) -> None:
    """The same passage gets the same logits alone and among others, time and again."""
    alone = reader.read("When are the bells rung?", [to_read()])
    among = reader.read("When are the bells rung?", [to_read(2), to_read(), to_read(1)])
    assert among[1] == alone[0]
    assert reader.read("When are the bells rung?", [to_read()]) == alone
    assert set(alone[0].sentences) == {0, 1, 2}


def test_the_reader_tells_what_answers(reader: Reader) -> None:
    """A question the passage answers gets a higher logit than one on its topic, and the right sentence the highest."""
    rung, paid = (
        reader.read(asked, [to_read()])[0] for asked in ("At what hour do the bells ring?", "What do ringers earn?")
    )
    assert rung.logit > paid.logit + 1
    assert max(rung.sentences, key=lambda number: rung.sentences[number]) == 0
    sunday = reader.read("Is there any ringing on Sundays?", [to_read()])[0]
    assert max(sunday.sentences, key=lambda number: sunday.sentences[number]) == 2


class Judge:
    """A reader that gives the logits it is told, by the text it finds in a passage, and each sentence 90 more than the last."""

    card = SimpleNamespace(sentences=True)

    def __init__(self, logits: dict[str, float] | None = None) -> None:
        self.logits = logits or {}
        self.read_texts: list[str] = []

    def read(self, _question: str, passages: Sequence[ToRead]) -> list[Judged]:
        """Return a logit for each passage."""
        self.read_texts += [passage.text for passage in passages]
        logits = [
            next((each for word, each in self.logits.items() if word in passage.text), -3.0) for passage in passages
        ]
        return [
            Judged(logit=logit, sentences={number: logit + 90 * number for number in range(len(passage.sentences))})
            for logit, passage in zip(logits, passages, strict=True)
        ]


def ranked_by(judge: Judge, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> tuple[Hit, ...]:
    """Return the ranking of a question by a reader."""
    monkeypatch.setattr(pipeline.index, "reader", judge)
    return rank(ANSWERED, encode(ANSWERED, pipeline.index), pipeline.index, 8)


def test_only_the_first_passage_is_read(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Retrieval's order stays; its first passage has a logit, and is quoted by the sentence that the reader prefers."""
    judge = Judge({"": 2.5})
    ranked = ranked_by(judge, pipeline, monkeypatch)
    found = retrieve(ANSWERED, encode(ANSWERED, pipeline.index), pipeline.index, 8)
    assert len(judge.read_texts) == 1
    assert pipeline.index.read(found[0].ordinal).text in judge.read_texts[0]
    assert [hit.ordinal for hit in ranked] == [hit.ordinal for hit in found]
    assert ranked[1:] == found[1:]
    assert (ranked[0].answers, ranked[1].answers) == (2.5, None)
    assert max(ranked[0].sentences, key=lambda sentence: sentence.score) == ranked[0].sentences[-1]
    assert len(scope.evidence(ANSWERED, ranked, pipeline.index)) == len(prior_of(models.PACKAGED).scales)


def test_a_passage_without_sentences_is_read_whole(pipeline: Pipeline) -> None:
    """Its text counts as one sentence, and its evidence is complete."""
    index = pipeline.index
    hit = retrieve(ANSWERED, encode(ANSWERED, index), index, 1)[0]
    assert index.reader is not None
    bare = rank_module._read(ANSWERED, [replace(hit, sentences=())], index.reader, index)[0]
    assert bare.answers is not None
    assert bare.sentences == ()


def test_an_index_may_have_no_reader(toy_index: Path, toy_corpus: Path, tmp_path: Path) -> None:
    """With none, passages are ranked and judged by retrieval alone, and the index is another one."""
    folder = _built(toy_index, toy_corpus, tmp_path, NONE)
    index = Index(folder, threads=1)
    assert index.reader is None
    assert index.manifest.reranker == NONE
    ranked = rank(ANSWERED, encode(ANSWERED, index), index, 8)
    assert ranked == retrieve(ANSWERED, encode(ANSWERED, index), index, 8)
    _answers(index)


@pytest.mark.parametrize("tokens_are_typed", [True, False])
def test_a_cross_encoder_of_others_reranks(
    tokens_are_typed: bool,  # noqa: FBT001 - pytest names it
    toy_index: Path,
    toy_corpus: Path,
    tmp_path: Path,
) -> None:
    """A CrossEncoder's folder is exported and gives its own scores, which order the passages.

    :param tokens_are_typed: whether its tokenizer tells the question from the passage by token types.
    """
    theirs = save_tiny(tmp_path / "theirs", typed=tokens_are_typed)
    folder = _built(toy_index, toy_corpus, tmp_path, str(tmp_path / "theirs"))
    index = Index(folder, threads=1)
    assert index.reader is not None
    texts = [TEXT, "a longer text, " * 60]
    given = index.reader.read("when?", [ToRead(text=text, sentences=[(0, 5)], focus=0) for text in texts])
    expected = theirs.predict([("when?", text) for text in texts], activation_fn=torch.nn.Identity())
    assert [judged.logit for judged in given] == pytest.approx(expected.tolist(), abs=1e-4)
    assert all(judged.sentences == {} for judged in given)
    ranked = rank(ANSWERED, encode(ANSWERED, index), index, 8)
    scores = [hit.answers for hit in ranked if hit.answers is not None]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 8
    assert len(index.calibration.weights) == len(scope.evidence(ANSWERED, ranked, index))
    assert index.calibration.weights[-1] >= 0
    again = build(read_corpus(toy_corpus), folder, reranker=str(tmp_path / "theirs"), calibrate=by_corpus, force=True)
    assert again.reused == again.manifest.passages


def test_an_index_keeps_its_reranker(toy_index: Path, toy_corpus: Path, tmp_path: Path) -> None:
    """A build by force copies it and embeds nothing, another calibration keeps it, a build without one drops it."""
    save_tiny(tmp_path / "theirs")
    folder = _built(toy_index, toy_corpus, tmp_path, str(tmp_path / "theirs"))
    files = Index(folder, threads=1).manifest.files
    forced = build(read_corpus(toy_corpus), folder, reranker=str(tmp_path / "theirs"), calibrate=by_corpus, force=True)
    assert forced.reused == forced.manifest.passages
    index = Index(folder, threads=1)
    assert index.manifest.files["reader/model.onnx"] == files["reader/model.onnx"]
    recalibrate(folder, replace(index.calibration, threshold=0.5))
    assert Index(folder, threads=1).reader is not None
    assert build(read_corpus(toy_corpus), folder, reranker=NONE, calibrate=by_corpus).fresh
    assert Index(folder, threads=1).reader is None


def test_a_score_weighs_what_it_shows() -> None:
    """A score that tells answered questions from others gets a positive weight, one that says the opposite gets none."""
    prior = prior_of("somebody/reranker")
    labels = np.repeat([False, True], 40)
    usual = np.repeat(np.full((1, len(scope.RETRIEVED)), 0.5), 80, axis=0)
    for score, weighs in (
        (np.where(labels, 3.0, -3.0), True),
        (np.where(labels, -3.0, 3.0), False),
        (0 * labels, False),
    ):
        fitted = fit(np.column_stack([usual, score]), labels, balanced(labels), prior=prior)
        assert (fitted.weights[-1] > 0.1) is weighs
        assert fitted.weights[-1] >= 0


def test_a_damaged_reader_is_told(tmp_path: Path) -> None:
    """A file that is missing or is no model is an error that says what to do."""
    models.copy("reader", tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(IndexDamaged, match=r"The reader in .* cannot be loaded .*Build it again: qa index"):
        Reader(tmp_path)


def test_a_name_on_the_hub_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was fetched is taken from there; the doctor asks nobody; what the hub does not have is an error."""
    save_tiny(tmp_path / "cache")
    asked = []

    def snapshot_download(name: str, *, allow_patterns: list[str], local_files_only: bool = False) -> str:
        asked.append((name, local_files_only))
        if name != "somebody/reranker" or (local_files_only and len(asked) < 4):
            raise LocalEntryNotFoundError("not here")
        assert "*.safetensors" in allow_patterns
        return str(tmp_path / "cache")

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    with pytest.raises(EncoderError, match="was not fetched yet"):
        export_module.revision_here("somebody/reranker")
    assert asked == [("somebody/reranker", True)]
    revision = revision_of("somebody/reranker")
    assert asked[1:] == [("somebody/reranker", True), ("somebody/reranker", False)]
    assert export_module.revision_here("somebody/reranker") == revision
    assert all(local for _, local in asked[3:])
    with pytest.raises(EncoderError, match=r'set to "nobody/nothing".*The hub did not give it: not here'):
        revision_of("nobody/nothing")


def test_what_is_no_reranker_is_refused(tmp_path: Path) -> None:
    """The error names what was given and what is expected."""
    with pytest.raises(
        EncoderError, match=r'set to ".*nowhere", which is no folder here; expected "citewell", "none", or'
    ):
        revision_of(str(tmp_path / "nowhere"))
    save_tiny(tmp_path / "two", scores=2)
    (tmp_path / "made").mkdir()
    with pytest.raises(EncoderError, match=r"gives scores of shape \(1, 2\) for a pair"):
        export(str(tmp_path / "two"), tmp_path / "made")
    (tmp_path / "two" / "tokenizer.json").unlink()
    with pytest.raises(EncoderError, match=r"has no tokenizer\.json"):
        export(str(tmp_path / "two"), tmp_path / "made")
    (tmp_path / "two" / "model.safetensors").unlink()
    with pytest.raises(EncoderError, match=r"No \*\.safetensors file under"):
        revision_of(str(tmp_path / "two"))


def test_a_packaged_model_that_was_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model whose files are not those that were packaged is not built with."""
    (tmp_path / "reader").mkdir()
    models.copy("reader", tmp_path / "reader")
    monkeypatch.setattr(models, "_HERE", tmp_path)
    assert revision_of(models.PACKAGED)
    with (tmp_path / "reader" / "model.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(EncoderError, match="The packaged reader has revision"):
        revision_of(models.PACKAGED)


def _built(toy_index: Path, toy_corpus: Path, tmp_path: Path, reranker: str) -> Path:
    """Build the toy corpus again with another reranker, with the encoder that is there."""
    folder = tmp_path / "index"
    shutil.copytree(toy_index, folder)
    built = build(read_corpus(toy_corpus), folder, reranker=reranker, calibrate=by_corpus)
    assert built.fresh
    return folder


def _answers(index: Index) -> None:
    """Make sure that a plain question is answered and a foreign one is not."""
    pipeline = Pipeline(index, SafetyGate.load())
    assert isinstance(pipeline.ask(ANSWERED), Answer)
    assert isinstance(pipeline.ask(REFUSED), Refusal)
