"""How the chat element asks: one question at a time, with the earlier ones; what goes wrong is said and retried."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext
    from widgethost import Widget


@pytest.fixture
def inline(widget: Widget) -> Widget:
    """Return the element, inline."""
    return widget.embed('mode="inline"')


# --- the keyboard ---------------------------------------------------------------------------------


def test_enter_asks_and_shift_enter_breaks_the_line(inline: Widget) -> None:
    """A blank question is not sent; the field is empty after one that is, and keeps the focus."""
    inline.ask("   ")
    inline.field.fill("chain")
    inline.field.press("Shift+Enter")
    inline.field.press_sequentially("x")
    expect(inline.field).to_have_value("chain\nx")
    inline.field.press("Enter")
    expect(inline.card).to_be_visible()
    expect(inline.field).to_have_value("")
    expect(inline.field).to_be_focused()
    assert [sent["question"] for sent in inline.sent] == ["chain\nx"]


@pytest.mark.parametrize("how", ["{ isComposing: true }", "{ keyCode: 229 }"], ids=["composing", "safari"])
def test_enter_of_an_input_method_asks_nothing(inline: Widget, how: str) -> None:
    """While a word is composed, Enter takes the suggestion."""
    inline.field.fill("chain")
    press = "(field) => field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...HOW }))"
    assert inline.field.evaluate(press.replace("HOW", how))
    assert not inline.field.evaluate(press.replace("HOW", "{}"))
    expect(inline.card).to_be_visible()
    assert len(inline.sent) == 1


def test_the_button_asks_too(inline: Widget) -> None:
    """It has a name, and is a button of its form."""
    inline.field.fill("chain")
    inline.page.get_by_role("button", name="Ask", exact=True).click()
    expect(inline.card).to_be_visible()


# --- one at a time --------------------------------------------------------------------------------


def test_the_same_question_is_not_sent_twice(inline: Widget) -> None:
    """However often it is asked while it waits; answered, it may be asked again."""
    inline.field.fill("slow")
    inline.field.evaluate("field => { for (let i = 0; i < 5; i++) field.form.requestSubmit(); }")
    inline.ask("slow")
    expect(inline.page.get_by_text("Searching the documents…")).to_be_visible()
    inline.ask("chain")
    expect(inline.card).to_be_visible()
    inline.ask("chain")
    expect(inline.page.locator(".turn")).to_have_count(3)
    assert [sent["question"] for sent in inline.sent] == ["slow", "chain", "chain"]


def test_a_later_question_aborts_the_earlier(inline: Widget) -> None:
    """The earlier one says that it was stopped, and its answer never comes."""
    inline.ask("slow")
    with inline.page.expect_event("requestfailed") as aborted:
        inline.ask("chain")
    assert aborted.value.post_data_json == {"question": "slow"}
    expect(inline.card).to_be_visible()
    assert inline.page.locator(".turn").first.locator(".answer").text_content() == (
        "Stopped, since you asked something else."
    )
    expect(inline.page.locator(".error")).to_have_count(0)


# --- the earlier questions ------------------------------------------------------------------------


def test_the_last_three_questions_go_along(inline: Widget) -> None:
    """Answered and refused ones; not those that failed, and never a cry for help."""
    questions = ["one", "outside", "status 500", "chest", "two", "three", "four"]
    for question in questions:
        inline.run("(chat, question) => chat.ask(question)", question)
    assert [sent.get("history") for sent in inline.sent] == [
        None,
        ["one"],
        ["one", "outside"],
        ["one", "outside"],
        ["one", "outside"],
        ["one", "outside", "two"],
        ["outside", "two", "three"],
    ]


# --- what can go wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "kind", "sentence"),
    [
        ("status 500", "fault", "Something went wrong at the service."),
        ("status 422", "rejected", "The question was not accepted. It is too odd."),
        ("status 429", "limited", "Too many questions at once. Please wait a moment."),
        ("garbage", "unreadable", "The answer cannot be read."),
        ("odd", "unreadable", "The answer cannot be read."),
    ],
)
def test_a_failure_is_a_sentence_and_can_be_retried(inline: Widget, question: str, kind: str, sentence: str) -> None:
    """The visitor reads what happened, whom to call if it is urgent, and tries again in the same turn."""
    inline.listen("error")
    inline.ask(question)
    error = inline.page.locator(".error")
    expect(error.locator("p")).to_have_text(sentence)
    assert [detail["kind"] for _, detail in inline.heard] == [kind]
    expect(error.get_by_role("link", name="Call 112 in Europe")).to_have_attribute("href", "tel:112")
    expect(error.get_by_role("link")).to_have_text(
        ["112 in Europe", "999 in the UK", "911 in the US", "000 in Australia"]
    )
    with inline.page.expect_response("**/v1/ask"):
        error.get_by_role("button", name="Try again").click()
    expect(inline.page.locator(".turn")).to_have_count(1)
    assert [sent["question"] for sent in inline.sent] == [question, question]


def test_a_busy_service_says_when_it_has_time(inline: Widget) -> None:
    """Retry-After is told, and the button waits as long."""
    inline.page.clock.install()
    inline.ask("status 429 7")
    expect(inline.page.locator(".error p")).to_have_text("Too many questions at once. Please wait 7 seconds.")
    retry = inline.page.get_by_role("button", name="Try again")
    expect(retry).to_be_disabled()
    inline.page.clock.fast_forward(7_000)
    expect(retry).to_be_enabled()


def test_an_answer_that_takes_too_long_is_given_up(inline: Widget) -> None:
    """After twenty seconds, not before."""
    inline.page.clock.install()
    inline.ask("slow")
    expect(inline.page.get_by_text("Searching the documents…")).to_be_visible()
    inline.page.clock.fast_forward(19_000)
    expect(inline.page.get_by_text("Searching the documents…")).to_be_visible()
    inline.page.clock.fast_forward(1_000)
    expect(inline.page.locator(".error p")).to_have_text("The answer is taking too long.")


def test_offline_and_unreachable_are_told_apart(inline: Widget, context: BrowserContext) -> None:
    """Back online, the retry answers."""
    inline.page.route("**/v1/ask", lambda route: route.abort())
    inline.ask("chain")
    expect(inline.page.locator(".error p")).to_have_text("The service cannot be reached.")
    inline.page.unroute("**/v1/ask")
    context.set_offline(True)
    retry = inline.page.get_by_role("button", name="Try again")
    retry.click()
    expect(inline.page.locator(".error p")).to_have_text("You are offline.")
    context.set_offline(False)
    retry.press("Enter")
    expect(inline.card).to_be_visible()
    expect(inline.log).to_be_focused()


# --- the session's storage ------------------------------------------------------------------------

STORED = 'mode="inline" storage="session" id="chat"'
KEY = "citewell-chat 1 chat {base}"


def stored(widget: Widget) -> list[object] | None:
    """Return what the session holds of the conversation."""
    text = widget.page.evaluate("key => sessionStorage.getItem(key)", KEY.format(base=widget.base))
    return json.loads(text) if text else None


def test_by_default_nothing_is_stored(inline: Widget) -> None:
    """Neither for the session nor for longer."""
    inline.ask("chain")
    expect(inline.card).to_be_visible()
    assert inline.page.evaluate("[sessionStorage.length, localStorage.length, document.cookie]") == [0, 0, ""]


def test_a_session_keeps_the_conversation_for_the_next_page(widget: Widget) -> None:
    """Questions, answers and refusals are back, history included, without a request; clearing ends it."""
    widget.embed(STORED)
    for question in ["chain", "outside"]:
        widget.run("(chat, question) => chat.ask(question)", question)
    widget.embed(STORED)
    expect(widget.page.locator(".turn")).to_have_count(2)
    expect(widget.card).to_be_visible()
    expect(widget.page.locator(".refusal")).to_be_visible()
    assert len(widget.sent) == 2
    widget.ask("tyres")
    expect(widget.page.locator(".turn")).to_have_count(3)
    assert widget.sent[2] == {"question": "tyres", "history": ["chain", "outside"]}
    widget.run("chat => chat.clear()")
    assert stored(widget) == []
    widget.run("chat => { chat.storage = 'none'; }")
    assert stored(widget) is None


def test_an_alarm_is_still_there_on_the_next_page(widget: Widget) -> None:
    """Until the visitor has dismissed it; the focus is left where the page puts it."""
    widget.embed(STORED)
    widget.ask("chest")
    expect(widget.alert).to_be_visible()
    widget.embed(STORED)
    expect(widget.alert).to_contain_text("Call an ambulance now.")
    expect(widget.alert).not_to_be_focused()
    widget.alert.get_by_role("button", name="I have read this").click()
    widget.embed(STORED)
    expect(widget.page.locator(".turn")).to_have_count(1)
    expect(widget.alert).to_be_hidden()


@pytest.mark.parametrize(
    "text",
    ["not json", "null", "3", "[3]", '[{"question": "a"}]', '[{"question": 1, "outcome": {"passages": [{}]}}]'],
    ids=["text", "null", "number", "no turn", "no outcome", "no passage"],
)
def test_what_is_stored_by_somebody_else_is_left_out(widget: Widget, text: str) -> None:
    """Another shape costs the conversation, not the chat."""
    widget.page.add_init_script(
        f"sessionStorage.setItem({json.dumps(KEY.format(base=widget.base))}, {json.dumps(text)})"
    )
    widget.embed(STORED)
    expect(widget.page.get_by_text("Looking after a bicycle.")).to_be_visible()
    widget.ask("chain")
    expect(widget.card).to_be_visible()
    expect(widget.page.locator(".turn")).to_have_count(1)


def test_a_full_or_forbidden_storage_costs_nothing(widget: Widget) -> None:
    """The conversation ends with the page, then."""
    widget.page.add_init_script("Storage.prototype.setItem = () => { throw new Error('full'); };")
    widget.embed(STORED)
    widget.ask("chain")
    expect(widget.card).to_be_visible()
