"""An emergency or a crisis in the chat element: what to do and whom to call, impossible to miss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from widgethost import CHEST, DESPAIR, SITTING

if TYPE_CHECKING:
    from widgethost import Widget


@pytest.fixture
def alarmed(widget: Widget) -> Widget:
    """Return the element after a cry for help."""
    widget.embed('region="GB"')
    widget.launcher.click()
    widget.ask("chest pain")
    expect(widget.alert).to_be_visible()
    return widget


def test_the_alarm_is_assertive_and_has_the_focus(alarmed: Widget) -> None:
    """An alert, focused, whose first words are what to do, then whom to call."""
    expect(alarmed.alert).to_be_focused()
    expect(alarmed.alert).to_be_in_viewport(ratio=0.9)
    expect(alarmed.alert.get_by_role("heading")).to_have_text(CHEST.action)
    assert (alarmed.alert.text_content() or "").startswith(f"{CHEST.action}Ambulance999112")
    assert alarmed.sent == [{"question": "chest pain", "region": "GB"}]


def test_numbers_are_called_by_a_touch(alarmed: Widget) -> None:
    """Each number of a line is a link of at least 44 pixels; words to text are none."""
    links = alarmed.alert.get_by_role("link")
    expect(links).to_have_text(["999", "112", "Website"])
    expect(alarmed.alert.get_by_role("link", name="Call 999: Ambulance")).to_have_attribute("href", "tel:999")
    expect(alarmed.alert.get_by_role("link", name="Call 112: Ambulance")).to_have_attribute("href", "tel:112")
    expect(alarmed.alert).to_contain_text("text HOME to 741741")
    for call in alarmed.page.locator(".emergency .call").all():
        assert (call.bounding_box() or {})["height"] >= 44


def test_the_rest_is_told_once(alarmed: Widget) -> None:
    """The message repeats the actions; the panel doesn't."""
    text = alarmed.alert.text_content() or ""
    assert [text.count(each) for each in (CHEST.action, SITTING.action, "Nobody reads along.")] == [1, 1, 1]


def test_without_a_region_the_generic_numbers_can_be_called(widget: Widget) -> None:
    """Each with the place where it holds."""
    widget.embed('mode="inline"')
    widget.ask("anywhere")
    expect(widget.alert).to_contain_text("Your local emergency number")
    expect(widget.alert.get_by_role("link")).to_have_text(
        ["112 in Europe", "999 in the UK", "911 in the US", "000 in Australia"]
    )
    expect(widget.alert.get_by_role("link", name="Call 911 in the US")).to_have_attribute("href", "tel:911")


def test_no_later_answer_moves_it(alarmed: Widget) -> None:
    """It stands above the log, whole answers later and scrolled to the end, until the visitor dismisses it."""
    before = alarmed.alert.bounding_box()
    for question in ["chain", "outside", "tyres"]:
        alarmed.run("(chat, question) => chat.ask(question)", question)
    alarmed.log.evaluate("log => log.scrollTo(0, log.scrollHeight)")
    assert alarmed.alert.bounding_box() == before
    alarmed.run("chat => chat.clear()")
    expect(alarmed.alert).to_be_visible()
    alarmed.run("chat => { chat.hide(); chat.show(); }")
    expect(alarmed.alert).to_be_visible()
    alarmed.alert.get_by_role("button", name="I have read this").click()
    expect(alarmed.alert).to_be_hidden()
    expect(alarmed.field).to_be_focused()


def test_a_dismissed_alarm_can_be_shown_again(alarmed: Widget) -> None:
    """Its turn in the conversation says so."""
    alarmed.alert.get_by_role("button", name="I have read this").click()
    expect(alarmed.log).to_contain_text("This may be an emergency.")
    alarmed.log.get_by_role("button", name="Show it").click()
    expect(alarmed.alert).to_be_focused()
    expect(alarmed.alert).to_contain_text(CHEST.action)


def test_a_later_alarm_takes_the_place(alarmed: Widget) -> None:
    """The newest is the one that counts; the earlier one's turn still shows it."""
    alarmed.ask("sad")
    expect(alarmed.alert.get_by_role("heading")).to_have_text(DESPAIR.action)
    expect(alarmed.alert).to_be_focused()
    alarmed.log.get_by_role("button", name="Show it").first.click()
    expect(alarmed.alert.get_by_role("heading")).to_have_text(CHEST.action)


def test_a_crisis_is_told_calmly(widget: Widget) -> None:
    """The same panel, in another colour than red, with what to do first."""
    widget.embed('mode="inline"')
    widget.ask("sad")
    expect(widget.alert.get_by_role("heading")).to_have_text(DESPAIR.action)
    expect(widget.alert).to_contain_text("I am sorry.")
    assert widget.alert.evaluate("alert => getComputedStyle(alert).backgroundColor") == "rgb(18, 96, 79)"


@pytest.mark.parametrize(
    "body",
    [
        '{"safety": {"level": "emergency"}}',
        '{"status": "refused", "refusal": {"reason": "crisis", "message": "Call."}}',
        '{"status": "answered", "passages": [], "safety": {"level": "crisis", "flags": []}, "refusal": null}',
    ],
)
def test_an_alarm_is_shown_whatever_else_is_wrong(widget: Widget, body: str) -> None:
    """Even without contacts there are numbers to call."""
    widget.page.route("**/v1/ask", lambda route: route.fulfill(body=body, content_type="application/json"))
    widget.embed('mode="inline"')
    widget.ask("help")
    expect(widget.alert).to_be_focused()
    expect(widget.alert.get_by_role("link", name="Call 112 in Europe")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(320, 480), (640, 360)], ids=["small phone", "zoomed laptop"])
def test_on_a_small_screen_what_to_do_is_seen_first(widget: Widget, width: int, height: int) -> None:
    """The action and the first number need no scrolling."""
    widget.page.set_viewport_size({"width": width, "height": height})
    widget.embed('region="GB"')
    widget.run("chat => chat.ask('chest')")
    expect(widget.alert.get_by_role("heading")).to_be_in_viewport(ratio=1)
    expect(widget.alert.get_by_role("link", name="Call 999: Ambulance")).to_be_in_viewport(ratio=1)
    expect(widget.field).to_be_in_viewport(ratio=1)
