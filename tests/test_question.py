"""Questions: what is refused for its form, how it is matched, and what is no question at all."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import QuestionError
from qa.question import MAX_CHARACTERS, check, is_question, normalise, opening, printable, steers

FILES = Path(__file__).resolve().parent / "files"
STEERING = tomllib.loads((FILES / "safety" / "steering.toml").read_text("utf-8"))


def test_a_question_is_trimmed_and_otherwise_kept() -> None:
    """White space around a question goes, inside it tabs and line breaks stay."""
    assert check(" \n\tHow high\tis\r\nthe saddle? \u2003") == "How high\tis\r\nthe saddle?"


@pytest.mark.parametrize("message", ["", " ", "\n\t\u2003\u00a0"])
def test_a_blank_message_is_refused(message: str) -> None:
    """Nothing but white space is empty."""
    with pytest.raises(QuestionError, match="empty"):
        check(message)


def test_the_limit_counts_code_points_after_trimming() -> None:
    """A thousand characters pass, one more does not, and the error says how many there were."""
    longest = "🚲" * MAX_CHARACTERS
    assert check(f"  {longest}\n") == longest
    with pytest.raises(QuestionError, match="1001 characters; expected at most 1000"):
        check(f"{longest}x")


def test_the_limit_holds_for_the_written_out_question_too() -> None:
    """Characters that stand for many count for as many as they stand for."""
    assert check("\ufdfa" * 55)
    with pytest.raises(QuestionError, match="1008 characters once its compound characters are written out"):
        check("\ufdfa" * 56)


@pytest.mark.parametrize(
    "message", ["\ufdfa" * 1_000, "a\u0301" * 900, "x" * 3_000, " \ud800 a ", "", "\u200b" * 1_200]
)
def test_the_beginning_of_a_message_is_never_longer(message: str) -> None:
    """A message is split into at most a thousand normalised characters and the rest; nothing visible is lost."""
    beginning, rest = opening(message)
    assert len(beginning) <= MAX_CHARACTERS
    assert normalise(beginning + rest) == normalise(printable(message.strip()))


@pytest.mark.parametrize("number", [0x00, 0x07, 0x0B, 0x0C, 0x1B, 0x1F, 0x7F, 0x85, 0x9F, 0xD800, 0xDFFF], ids=hex)
def test_control_characters_and_half_characters_are_named(number: int) -> None:
    """What no keyboard types is refused, with its code point and its place."""
    with pytest.raises(QuestionError, match=rf"U\+{number:04X}, at 2"):
        check(f"a {chr(number)} b")


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_printable_text_can_be_encoded_and_is_otherwise_the_same(text: str) -> None:
    """Only lone surrogates are replaced, each by one character."""
    shown = printable(text)
    assert len(shown.encode().decode()) == len(text)
    assert all(
        after == (before if before.isprintable() or after == before else "\ufffd")
        for before, after in zip(text, shown, strict=True)
    )


@pytest.mark.parametrize(
    ("question", "matched"),
    [
        ("What\u2019s a \u201ccramp\u201d?", 'What\'s a "cramp"?'),
        ("\uff43\uff48\uff41\uff49\uff4e", "chain"),
        ("cha\u200bin\ufeff\u00ad", "chain"),
        ("cafe\u0301", "caf\u00e9"),
        ("\ufb01t\u00a0it", "fit it"),
        ("\u202echain", "chain"),
    ],
)
def test_a_question_is_matched_in_its_plain_form(question: str, matched: str) -> None:
    """Curly quotes, full-width letters, ligatures, combining and invisible characters do not matter."""
    assert normalise(question) == matched


@given(st.text())
def test_the_plain_form_is_final(question: str) -> None:
    """Normalising twice changes nothing more."""
    assert normalise(normalise(question)) == normalise(question)


@pytest.mark.parametrize(
    "message",
    [
        "hi",
        "Hello there!",
        "thanks a lot",
        "Thank you very much.",
        "good morning all",
        "???",
        "42",
        "a",
        "👍",
        "ok",
        "lol",
        "\u200b",
    ],
)
def test_greetings_thanks_and_nonsense_are_no_questions(message: str) -> None:
    """There is nothing to look up in them."""
    assert not is_question(normalise(message))


@pytest.mark.parametrize(
    "message", ["hi, what causes cramps?", "thank you note template", "okay to oil it?", "cramps", "no cramps at night"]
)
def test_a_pleasantry_before_a_question_does_not_hide_it(message: str) -> None:
    """Only a message that is nothing but a pleasantry is none."""
    assert is_question(normalise(message))


@pytest.mark.parametrize("message", STEERING["orders"])
def test_orders_to_the_machine_are_told(message: str) -> None:
    """A message that says how to behave is no question, whatever else it asks."""
    assert steers(normalise(message))


@pytest.mark.parametrize("message", STEERING["questions"])
def test_questions_with_such_words_are_none(message: str) -> None:
    """Only an order that opens a sentence counts, and a sentence that ends with a question mark is none."""
    assert not steers(normalise(message))


@pytest.mark.parametrize(
    "message",
    ["why" + "\n" * 990 + "it", "thanks" + " all" * 248 + "x", "hi" + "." * 997 + "x", "hi " * 333, " all" * 250],
)
def test_the_longest_pleasantry_is_judged_at_once(message: str) -> None:
    """No message makes the pattern backtrack for long."""
    start = time.process_time()
    is_question(message)
    steers(message)
    assert time.process_time() - start < 0.1
