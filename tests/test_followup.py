"""A question that leans on earlier ones is looked up in full; any other is left alone, and no alarm is ever lost."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from conftest import ANSWERED, EMERGENCY
from hypothesis import given
from hypothesis import strategies as st

from qa.followup import TURNS, Turn, read
from qa.pipeline import Pipeline
from qa.question import MAX_CHARACTERS
from qa.safety import SafetyGate
from qa.types import Answer, Refusal

ROOT = Path(__file__).resolve().parent.parent
PAIRS = [json.loads(line) for line in (ROOT / "benchmarks" / "followups.jsonl").read_text("utf-8").splitlines()]
QUESTIONS = [json.loads(line) for line in (ROOT / "corpus" / "questions.jsonl").read_text("utf-8").splitlines()]
# Python calls characters without a meaning of their own unprintable, though they can be printed.
ASSIGNED = st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=40)
EARLIER = "Does magnesium help night leg cramps?"


def pairs(kind: str) -> list[dict]:
    return [row for row in PAIRS if row["kind"] == kind]


def is_right(outcome: Answer | Refusal, row: dict) -> bool:
    """Tell whether one of three passages holds one of the texts that answer."""
    return any(
        passage.document.id == gold["document_id"] and gold["text"] in passage.exact
        for passage in outcome.passages[:3]
        for gold in row["gold"]
    )


@pytest.mark.parametrize(
    ("history", "question", "full"),
    [
        (["What causes cramps during exercise?"], "And at night?", "What causes cramps at night?"),
        (["What helps against cramps?"], "and for back pain?", "and for back pain? (cramps)"),
        (["What is the outlook for spasms?"], "and for night cramps?", "What is the outlook for night cramps?"),
        (["Does quinine work?"], "And in pregnancy?", "Does quinine work in pregnancy?"),
        (["What is spasticity?"], "How is that treated?", "How is that treated? (spasticity)"),
        (["Can medicines cause cramps?"], "Which ones?", "Which ones? (medicines cause cramps)"),
        (["Are cramps common during dialysis?"], "Why?", "Why? (cramps common during dialysis)"),
        (["How common are night cramps?"], "What about children?", "What about children? (night cramps)"),
        (["My calf hurts. Does quinine help?", "Thanks!"], "for how long?", "for how long? (quinine help)"),
        (["What is an EMG?", "when?"], "does it hurt?", "does it hurt? (EMG)"),
        (["Does quinine work?", "and in pregnancy?"], "is it safe?", "is it safe? (quinine work in pregnancy)"),
        ([EARLIER, "What is dystonia?"], "How does it start?", "How does it start? (dystonia)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "after " + " ".join(value),
)
def test_a_question_that_leans_on_another_is_put_in_full(history: list[str], question: str, full: str) -> None:
    """It is joined with the topic of the last question that names one, or takes its place in that one."""
    assert read(question, history).full == full


@pytest.mark.parametrize(
    "question",
    [
        "Is it safe to take quinine in pregnancy?",
        "I have leg cramps. Are they dangerous?",
        "How long does it take for a cramp to pass?",
        "Is there a pill that stops a cramp?",
        "And what is dystonia?",
        "magnesium",
        "foods rich in potassium",
        "Do cramps go away on their own?",
        "who are you?",
        "thanks, that's great",
        "ok",
    ],
)
def test_a_question_that_stands_by_itself_is_left_alone(question: str) -> None:
    """A topic of its own, a pronoun explained in the question, thanks and questions to the service need no history."""
    assert read(question, [EARLIER]) == Turn()


@pytest.mark.parametrize("question", ["Und nachts?", "et la nuit ?", "¿y de noche?", "Wie kommt das her?", "为什么？"])
def test_other_languages_have_no_history(question: str) -> None:
    """Only English words are known to lean on others."""
    assert read(question, [EARLIER]) == Turn()


def test_only_the_last_questions_are_read() -> None:
    """A topic four questions back is forgotten."""
    assert read("why?", [EARLIER, *["how?"] * (TURNS - 1)]).full == "why? (magnesium help night leg cramps)"
    assert read("why?", [EARLIER, *["how?"] * TURNS]).full is None


def test_the_corpus_questions_all_stand_by_themselves() -> None:
    """After another question, none of the 480 is taken for one that leans on it."""
    pairs = zip(QUESTIONS, [*QUESTIONS[1:], QUESTIONS[0]], strict=True)
    assert [row["query"] for row, before in pairs if read(row["query"], [before["query"]]).full] == []


@given(ASSIGNED, st.lists(ASSIGNED, max_size=4))
def test_any_text_can_be_read(message: str, history: list[str]) -> None:
    """Whatever was typed, what is made of it is printable and can be looked up."""
    for made in (read(message, history).full, read(message, history).told):
        assert made is None or (made.strip() and made.isprintable()) or not message.isprintable()


@pytest.mark.parametrize("flood", ["cramps, it ", "and ", "it take ", "that's it", "good ", "a. "])
def test_floods_are_read_in_time(flood: str) -> None:
    """The worst messages of the greatest length take no more than a few times what encoding takes."""
    message = (flood * MAX_CHARACTERS)[:MAX_CHARACTERS]
    start = time.perf_counter()
    read(message, [message] * TURNS)
    assert time.perf_counter() - start < 0.5


def test_the_pairs_are_sound(default_pipeline: Pipeline) -> None:
    """Ids are distinct, halves are equal, and each gold stands in its document once."""
    assert len({row["id"] for row in PAIRS}) == len(PAIRS)
    for kind, count in (("follow_up", 60), ("foreign", 30), ("emergency", 20), ("harmless", 30)):
        splits = [row["split"] for row in pairs(kind)]
        assert (len(splits), splits.count("dev")) == (count, count // 2)
    for row in pairs("follow_up"):
        for gold in row["gold"]:
            assert default_pipeline.index.documents.get(gold["document_id"]).text.count(gold["text"]) == 1, row["id"]


def test_follow_ups_are_found_with_their_history(default_pipeline: Pipeline) -> None:
    """Of 60, at least 57 have the right passage among three, at least 25 more than without the history."""
    rows = pairs("follow_up")
    bare = sum(is_right(default_pipeline.ask(row["question"]), row) for row in rows)
    full = sum(is_right(default_pipeline.ask(row["question"], history=row["history"]), row) for row in rows)
    assert full >= 57
    assert full - bare >= 25


def test_follow_ups_about_something_else_are_refused(default_pipeline: Pipeline) -> None:
    """Of 30 such as "and the weather?", after a question on the subject or not, at most two are answered.

    Those are answered as well where nothing was asked before: history takes no answer away.
    """
    asked = [(row, default_pipeline.ask(row["question"], history=row["history"])) for row in pairs("foreign")]
    answered = [row["question"] for row, outcome in asked if isinstance(outcome, Answer)]
    assert len(answered) <= 2, answered
    assert all(isinstance(default_pipeline.ask(question), Answer) for question in answered)


def test_emergencies_told_in_two_messages_are_seen(default_pipeline: Pipeline) -> None:
    """Of 20, at least 19 raise an alarm, at least five more than without what was said before."""
    rows = pairs("emergency")
    alone = sum(default_pipeline.ask(row["question"]).safety.level != "none" for row in rows)
    told = sum(default_pipeline.ask(row["question"], history=row["history"]).safety.level != "none" for row in rows)
    assert told >= 19
    assert told - alone >= 5


def test_an_alarm_does_not_go_on(default_pipeline: Pipeline) -> None:
    """No harmless question after an emergency or an alarming topic raises an alarm that it doesn't raise by itself."""
    rows = pairs("harmless")
    alarmed = [
        row["id"]
        for row in rows
        if default_pipeline.ask(row["question"], history=row["history"]).safety.level != "none"
        and default_pipeline.ask(row["question"]).safety.level == "none"
    ]
    assert alarmed == []


def test_history_takes_no_alarm_away(default_pipeline: Pipeline) -> None:
    """An emergency is one whatever was asked before, with the same flags."""
    for row in [row for row in QUESTIONS if row["safety_label"] != "none"][:40]:
        alone = default_pipeline.ask(row["query"])
        after = default_pipeline.ask(row["query"], history=["I feel fine. What is a muscle cramp?"])
        assert alone.safety.level == "none" or alone.safety == after.safety, row["query_id"]


def test_what_was_looked_up_is_said(pipeline: Pipeline) -> None:
    """The question stays as it was typed; what it was taken for stands beside it, and the id depends on it."""
    alone = pipeline.ask("And how often?")
    after = pipeline.ask("And how often?", history=["Should a bicycle chain be oiled?"])
    assert isinstance(after, Answer)
    assert (after.question, after.resolved_question) == ("And how often?", "And how often? (bicycle chain be oiled)")
    assert alone.resolved_question is None
    assert alone.id != after.id


def test_history_changes_nothing_that_it_does_not_decide(pipeline: Pipeline) -> None:
    """A complete question has the same id, passages and null after any other."""
    alone, after = pipeline.ask(ANSWERED), pipeline.ask(ANSWERED, history=["How high should the saddle be?"])
    assert isinstance(alone, Answer)
    assert isinstance(after, Answer)
    assert (after.id, after.passages, after.resolved_question) == (alone.id, alone.passages, None)


def test_history_takes_no_answer_away(pipeline: Pipeline) -> None:
    """Where a question in full leads nowhere, the question as it was typed is looked up."""
    question, history = "What about oiling the chain?", ["Who was the first emperor of the Mongol empire?"]
    full = read(question, history).full
    assert full
    lowest = Pipeline(pipeline.index, SafetyGate.load(), threshold=0.0)
    sure = [
        outcome.confidence.probability for text in (full, question) if isinstance(outcome := lowest.ask(text), Answer)
    ]
    assert sure[0] < sure[1]
    pipeline = Pipeline(pipeline.index, SafetyGate.load(), threshold=sum(sure) / 2)
    alone, after = pipeline.ask(question), pipeline.ask(question, history=history)
    assert isinstance(alone, Answer)
    assert isinstance(after, Answer)
    assert (after.id, after.passages, after.resolved_question) == (alone.id, alone.passages, None)


def test_an_alarm_by_history_has_an_id_of_its_own(pipeline: Pipeline) -> None:
    """What should be done is no emergency to ask, and is one after an emergency."""
    alone, after = pipeline.ask("What should I do?"), pipeline.ask("What should I do?", history=[EMERGENCY])
    assert isinstance(after, Refusal)
    assert (alone.safety.level, after.safety.level) == ("none", "emergency")
    assert (after.question, after.resolved_question) == ("What should I do?", None)
    assert alone.id != after.id
