"""What the rules miss is weighed by a classifier that is trained, once, with the index."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import said_of

from qa.errors import IndexDamaged, QuestionError
from qa.index import ENCODER_FOLDER, Index, trained
from qa.safety import SafetyGate, Verdict
from qa.safety.classifier import FILE, Classifier
from qa.safety.training import fingerprint, train
from qa.types import OwnFlag, Refusal, SafetySwitches

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from qa.pipeline import Pipeline

GATE = SafetyGate.load()
MISSED = "mum has a water infection and now shes breathing fast and not making sense"
MESSAGES = [
    "help he fell now",
    "she fell now help",
    "what is a fall",
    "how do falls happen",
    "burnt now help me",
    "what burns",
]
LABELS = ["fall", "fall", "none", "none", "burn", "none"]


def toy() -> Classifier:
    vectors = np.eye(6, 4, dtype=np.float32)
    return train([text.split() for text in MESSAGES], vectors, LABELS, threshold=0.5)


def test_it_learns_what_it_is_shown() -> None:
    """Examples get their own side of the threshold and their own flag; all flags are known by name."""
    trained_on = toy()
    assert trained_on.flags == ("burn", "fall")
    for text, label, vector in zip(MESSAGES, LABELS, np.eye(6, 4, dtype=np.float32), strict=True):
        assert (trained_on.log_odds(text.split(), vector) >= 0) == (label != "none")
        assert label in {"none", trained_on.flag(text.split(), vector)}


def test_a_message_has_the_same_features_in_every_process() -> None:
    """The order of places and values does not hang on how a process hashes strings."""
    code = "from qa.safety.classifier import features; print([part.tolist() for part in features('my left leg is numb'.split())])"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(printed) == 1


def test_saved_and_loaded_it_is_the_same(tmp_path: Path) -> None:
    """Equal classifiers make equal files, and what is read is what was written."""
    toy().save(tmp_path / "one.npz")
    toy().save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    again = Classifier.load(tmp_path / "one.npz")
    vector = np.ones(4, dtype=np.float32)
    assert again.log_odds(["fell"], vector) == toy().log_odds(["fell"], vector)
    assert again.flag(["fell"], vector) == toy().flag(["fell"], vector)


LONG = (
    "I have had cramps in my calves for years. " * 6
    + "Now my chest feels crushed, and my arm is heavy. Is that one too?"
)


def test_a_long_message_is_weighed_whole_and_by_its_sentences(pipeline: Pipeline) -> None:
    """After the whole come its sentences, which together hold every word, each with the vector that it has alone."""
    encode = pipeline.index.encoder.encode_query
    whole, *parts = said_of(pipeline, LONG).parts
    assert whole.text == LONG
    assert (whole.vector == encode(LONG).pooled).all()
    assert "".join(part.text for part in parts) == LONG
    assert len(parts) == 8
    assert all((part.vector == encode(part.text).pooled).all() for part in parts)
    short = "my arm is heavy"
    said = said_of(pipeline, short)
    assert ([each.text for each in said.parts], said.sentences, said.unread) == ([short], (), "")


def test_messages_encoded_together_have_the_vectors_they_have_alone(pipeline: Pipeline) -> None:
    """Encoding those of equal length at once keeps their order, offsets and, to a millionth, their vectors."""
    encoder = pipeline.index.encoder
    texts = ["my arm is heavy", "Help! He fell.", "her leg is cold", "a far longer message than the others are", "x"]
    for text, together in zip(texts, encoder.encode_queries(texts), strict=True):
        alone = encoder.encode_query(text)
        assert together.offsets == alone.offsets
        assert np.abs(together.pooled - alone.pooled).max() < 1e-6
        assert np.abs(together.tokens - alone.tokens).max() < 1e-5


def test_what_the_encoder_did_not_read_is_weighed_too(pipeline: Pipeline) -> None:
    """The last words of 8 000 characters stand in some stretch."""
    message = "My bicycle is red and new. " * 290 + "Chest pain"
    read = message[:1000]
    said = said_of(pipeline, read, message[1000:])
    assert any(each.text.endswith("Chest pain") for each in said.parts)
    assert said.unread.endswith("Chest pain")


def test_it_comes_with_the_index(toy_index: Path) -> None:
    """The classifier lies beside the encoder, stands in the manifest, and is not trained again where it fits."""
    index = Index(toy_index, threads=1)
    assert f"{ENCODER_FOLDER}/{FILE}" in index.manifest.files
    assert index.classifier.fingerprint == fingerprint(index.encoder.card.revision)

    def never() -> AbstractContextManager[Executor]:
        raise AssertionError

    trained.train(index.encoder, index.path / ENCODER_FOLDER, never, lambda *_: None)


def test_every_file_that_shapes_the_classifier_is_in_its_fingerprint(tmp_path: Path) -> None:
    """A change to any code or data file of the package, a file more or a file less, and another encoder change it."""
    package = shutil.copytree(
        Path(str(files("qa.safety"))), tmp_path / "safety", ignore=shutil.ignore_patterns("__pycache__")
    )
    every = sorted(path for path in package.rglob("*") if path.is_file())
    assert {"lexicon.toml", "spelling.toml", "real_words.txt", "examples.jsonl"} <= {path.name for path in every}
    before = fingerprint("encoder", package)
    assert before == fingerprint("encoder")
    found = {before, fingerprint("another", package)}
    for path in every:
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        found.add(fingerprint("encoder", package))
        path.unlink()
        found.add(fingerprint("encoder", package))
        path.write_bytes(content)
    (package / "data" / "new.toml").write_text("", "utf-8")
    found.add(fingerprint("encoder", package))
    assert len(found) == 2 * len(every) + 3
    (package / "data" / "new.toml").unlink()
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "gate.pyc").write_bytes(b"compiled")
    assert fingerprint("encoder", package) == before


def test_a_damaged_classifier_is_told(tmp_path: Path) -> None:
    """A file that is missing or no classifier is a damaged index."""
    with pytest.raises(IndexDamaged, match=r"safety\.npz"):
        trained.load(tmp_path)
    (tmp_path / FILE).write_bytes(b"nothing")
    with pytest.raises(IndexDamaged, match="qa index"):
        trained.load(tmp_path)


def test_what_the_rules_miss_is_an_emergency(pipeline: Pipeline) -> None:
    """A message in which no rule fires is refused when the classifier takes it for an emergency."""
    assert GATE.explain(MISSED) == ()
    outcome = pipeline.ask(MISSED, region="GB")
    assert isinstance(outcome, Refusal)
    assert outcome.refusal.reason == "emergency"
    assert outcome.timings_ms.encode > 0
    assert outcome.timings_ms.retrieve == 0


@pytest.mark.parametrize("rest", [" My bicycle is red." * 100, "\x00"], ids=["too long", "control character"])
def test_a_message_that_is_no_question_is_weighed_too(pipeline: Pipeline, rest: str) -> None:
    """What is too long or holds control characters is weighed by its beginning before its form is judged."""
    outcome = pipeline.ask(MISSED + ". " + rest)
    assert isinstance(outcome, Refusal)
    assert outcome.refusal.reason == "emergency"
    with pytest.raises(QuestionError):
        pipeline.ask("How often is a chain oiled?" + rest.replace("My", "Your") * 2)


def weighed(pipeline: Pipeline, message: str, switches: SafetySwitches | None = None) -> Verdict:
    gate = GATE.adapted(switches or SafetySwitches(), pipeline.index.classifier)
    return gate.weigh(message, said_of(pipeline, message))


def test_the_classifier_is_named_as_the_reason(pipeline: Pipeline) -> None:
    """An explanation names the classifier and its flag; where a rule fires and is believed, the rule."""
    (fired,) = weighed(pipeline, MISSED).fired
    assert fired.rule_id == f"classifier:{fired.flag_id}"
    assert fired.probability >= pipeline.index.classifier.threshold
    by_rule = weighed(pipeline, "crushing chest pain").fired
    assert by_rule
    assert not any(each.rule_id.startswith("classifier:") for each in by_rule)


@pytest.mark.parametrize("message", ["what shall we do?", "can anything be done about this?", "my elbow", "numb"])
def test_what_says_next_to_nothing_is_no_emergency(pipeline: Pipeline, message: str) -> None:
    """A bare question, a fragment and a single word raise no flag."""
    assert weighed(pipeline, message).fired == ()


def test_a_rule_that_fired_on_something_harmless_is_taken_back(pipeline: Pipeline) -> None:
    """The classifier overrules a rule, but neither a cry in another language nor a corpus' own flag."""
    harmless = "an exam question: what is done first for a man who collapsed with chest pain?"
    said = said_of(pipeline, harmless)
    for switches in (SafetySwitches(), SafetySwitches(own=(OWN,))):
        gate = GATE.adapted(switches, pipeline.index.classifier)
        assert gate.check("crushing chest pain").level == "emergency"
        assert gate.weigh("crushing chest pain", said).safety.level == "none"
        cry = gate.judge("mi padre no respira")
        assert cry.fired
        assert gate.weigh("mi padre no respira", said) == cry
    own = gate.judge("there is a smell of gas")
    assert own.fired
    assert gate.weigh("there is a smell of gas", said) == own


@pytest.mark.parametrize("message", ["i took all my pills because i want to die", "he strangled me last night"])
def test_self_harm_and_harm_by_others_are_crises(pipeline: Pipeline, message: str) -> None:
    """Both come out at the level of a crisis, also beside an emergency."""
    assert weighed(pipeline, message).safety.level == "crisis"


def test_who_took_the_pills_calls_the_emergency_number_first(pipeline: Pipeline) -> None:
    """A crisis with an emergency in it names the emergency number before the crisis line."""
    outcome = pipeline.ask("i want to die so i took 40 paracetamol", region="GB")
    assert isinstance(outcome, Refusal)
    assert outcome.refusal.reason == "crisis"
    phones = [contact.phone for contact in outcome.refusal.contacts]
    assert phones.index("999") < phones.index("116 123")
    assert len(phones) == len(set(phones))


OWN = OwnFlag(
    id="gas-leak", title="Gas leak", action="Open the windows and leave.", wordings=("smell of gas", "gas alarm")
)


def test_a_corpus_switches_flags_off() -> None:
    """Medical flags and the crisis flags are switched off apart; the gate they came from stays as it is."""
    no_flags = GATE.adapted(SafetySwitches(flags=False))
    assert no_flags.check("crushing chest pain").level == "none"
    assert no_flags.check("i want to die").level == "crisis"
    no_crisis = GATE.adapted(SafetySwitches(crisis=False))
    assert no_crisis.check("i want to die").level == "none"
    assert no_crisis.check("crushing chest pain").level == "emergency"
    assert GATE.check("i want to die").level == "crisis"


def test_a_corpus_adds_flags_of_its_own() -> None:
    """An own wording raises the own flag before all others, but not where it is denied."""
    gate = GATE.adapted(SafetySwitches(flags=False, own=(OWN,)))
    found = gate.check("there is a SMELL of gas in the hall")
    assert [flag.action for flag in found.flags] == ["Open the windows and leave."]
    assert found.level == "emergency"
    assert gate.explain("there is a smell of gas")[0].rule_id == "own"
    assert gate.check("there is no smell of gas").level == "none"


def test_a_switched_off_flag_is_not_raised_by_the_classifier(pipeline: Pipeline) -> None:
    """The classifier raises nothing that the corpus has switched off."""
    assert weighed(pipeline, MISSED, SafetySwitches(flags=False)).fired == ()
