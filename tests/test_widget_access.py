"""Who can use the chat element, and where: names, focus, axe, zoom, small screens, dark, forced colours, right to left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext
    from widgethost import Widget

AXE = Path(__file__).parent / "web/node_modules/axe-core/axe.min.js"
SUGGESTING = 'suggestions="chain?|What about the tyres?"'
# What the visitor does for each state; what was there before is gone.
STATES = {
    "launcher": "chat => chat.hide()",
    "empty": "chat => chat.show()",
    "waiting": "chat => { chat.show(); chat.ask('slow'); }",
    "answer": "chat => chat.ask('list')",
    "disagreement": "chat => chat.ask('disagree')",
    "references": "async chat => { await chat.ask('list'); chat.shadowRoot.querySelector('[aria-haspopup=dialog]:not(.launcher)').click(); }",
    "copied": "async chat => { await chat.ask('chain'); for (const b of chat.shadowRoot.querySelectorAll('.action')) b.localName == 'button' && b.click(); chat.shadowRoot.querySelector('dialog').close(); }",
    "refusal": "chat => chat.ask('outside')",
    "error": "chat => chat.ask('status 429 60')",
    "emergency": "chat => chat.ask('chest')",
    "crisis": "chat => chat.ask('sad')",
    "inline": "async chat => { chat.mode = 'inline'; await chat.ask('chain'); }",
}


@pytest.mark.skipif(not AXE.exists(), reason="axe is not installed: make install, or npm ci --prefix tests/web")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(widget: Widget, theme: str) -> None:
    """No rule of axe, best practices included, is broken."""
    found: dict[str, Any] = {}
    widget.embed(f'{SUGGESTING} theme="{theme}"')
    widget.page.emulate_media(reduced_motion="reduce")
    widget.page.evaluate(AXE.read_text("utf-8"))
    for state, script in STATES.items():
        widget.run("chat => { chat.clear(); chat.show(); }")
        widget.run(script)
        if state == "copied":
            expect(widget.card.get_by_role("button", name="Show less")).to_be_visible()
        results = widget.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        if results["violations"]:
            found[state] = [(each["id"], [node["html"] for node in each["nodes"]]) for each in results["violations"]]
        dismiss = widget.page.get_by_role("button", name="I have read this")
        if dismiss.is_visible():
            dismiss.click()
    assert found == {}


def test_everything_has_its_name_and_role(widget: Widget, context: BrowserContext) -> None:
    """As the browser tells them to a screen reader, in the order of the page."""
    widget.embed()
    widget.run("chat => chat.ask('chain')")
    expect(widget.card).to_be_visible()
    nodes = context.new_cdp_session(widget.page).send("Accessibility.getFullAXTree")["nodes"]
    by_id = {node["nodeId"]: node for node in nodes}

    def tell(node: dict[str, Any]) -> list[tuple[str, str]]:
        own = [] if node["ignored"] else [(node["role"]["value"], node.get("name", {}).get("value", ""))]
        return own + [each for child in node["childIds"] if child in by_id for each in tell(by_id[child])]

    told = tell(nodes[0])
    wanted = [
        ("region", "Bicycle care"),
        ("button", "Ask a question"),
        ("dialog", "Bicycle care"),
        ("heading", "Bicycle care"),
        ("button", "Start over"),
        ("button", "Close"),
        ("log", "Conversation"),
        ("article", ""),
        ("blockquote", ""),
        ("link", "Source 1: The chain"),
        ("link", "Source 2: Tyres and tubes"),
        ("link", "Open document"),
        ("button", "References"),
        ("button", "Show more around it"),
        ("button", "Copy with citation"),
        ("group", "Was this helpful?"),
        ("button", "Helpful"),
        ("button", "Not helpful"),
        ("textbox", "Your question"),
        ("button", "Ask"),
    ]
    places = []
    for each in wanted:
        assert each in told, each
        places.append(told.index(each))
    assert places == sorted(places)
    expect(widget.log).to_have_attribute("aria-live", "polite")


# --- the keyboard alone ---------------------------------------------------------------------------


def focused(widget: Widget) -> str:
    """Return the name of what has the focus, within the element too."""
    script = """() => { let node = document.activeElement; while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
      return node.ariaLabel || node.id || node.querySelector('.title, slot span')?.textContent || node.textContent; }"""
    return widget.page.evaluate(script)


def test_the_tab_key_goes_through_everything_in_order(widget: Widget) -> None:
    """From the page to the launcher, the panel from top to bottom, and on to the page."""
    widget.embed()
    widget.run("chat => chat.ask('chain')")
    expect(widget.card).to_be_visible()
    widget.page.locator("#before").focus()
    order = []
    while not order or order[-1] != "after":
        widget.page.keyboard.press("Tab")
        order.append(focused(widget))
        assert len(order) < 30
    assert order == [
        "Ask a question",
        "Start over",
        "Close",
        "Conversation",
        "Source 1: The chain",
        "Source 2: Tyres and tubes",
        "The chain",
        "Open document",
        "Original page",
        "References",
        "Show more around it",
        "Copy with citation",
        "Tyres and tubes",
        "Helpful",
        "Not helpful",
        "Your question",
        "Ask",
        "A mechanic knows better.",
        "after",
    ]


def test_a_conversation_needs_no_mouse(widget: Widget) -> None:
    """Open, ask, follow a citation, open a card, close: all by keys, and each focus is seen."""
    keys = widget.page.keyboard
    widget.embed()
    widget.page.locator("#before").focus()
    keys.press("Tab")
    keys.press("Enter")
    expect(widget.field).to_be_focused()
    keys.type("chain")
    keys.press("Enter")
    expect(widget.card).to_be_visible()
    widget.page.get_by_role("link", name="Source 2: Tyres and tubes").focus()
    keys.press("Enter")
    summary = widget.page.locator(".card summary").nth(1)
    expect(summary).to_be_focused()
    assert summary.evaluate("node => getComputedStyle(node).outlineWidth") == "3px"
    keys.press("Space")
    expect(widget.page.locator(".passage").nth(1)).to_be_hidden()
    keys.press("Escape")
    expect(widget.launcher).to_be_focused()


def test_the_focus_returns_to_what_opened_the_panel(widget: Widget) -> None:
    """A button of the page that called show() gets it back, by Escape and by the cross."""
    widget.embed()
    widget.page.locator("#before").evaluate(
        "node => node.addEventListener('click', () => document.querySelector('citewell-chat').show())"
    )
    for close in ("Escape", "Enter"):
        widget.page.locator("#before").press("Enter")
        expect(widget.field).to_be_focused()
        if close == "Enter":
            widget.page.get_by_role("button", name="Close").focus()
        widget.page.keyboard.press(close)
        expect(widget.page.locator("#before")).to_be_focused()


def test_opened_by_the_page_itself_it_takes_no_focus(widget: Widget) -> None:
    """The attribute in the page's source opens the panel and leaves the reader where they are."""
    widget.embed("open")
    expect(widget.page.get_by_role("dialog")).to_be_visible()
    assert widget.page.evaluate("document.activeElement === document.body")


# --- where it is shown ----------------------------------------------------------------------------

OVERFLOWING = """chat => [...chat.shadowRoot.querySelectorAll('.panel *:not(.unseen)')]
  .filter((node) => node.getClientRects().length && (node.getBoundingClientRect().right > innerWidth + 0.5 || node.getBoundingClientRect().left < -0.5))
  .map((node) => node.outerHTML)"""


@pytest.mark.parametrize("question", ["", "wide", "outside", "chest", "status 429 60"])
def test_nothing_overflows_at_320_pixels(widget: Widget, question: str) -> None:
    """The narrowest phone, or a desktop at 400 %: full screen, with no sideways scrolling."""
    widget.page.set_viewport_size({"width": 320, "height": 640})
    widget.embed(SUGGESTING)
    widget.run("chat => chat.show()")
    if question:
        widget.run("(chat, question) => chat.ask(question)", question)
    assert widget.run(OVERFLOWING) == []
    assert widget.page.locator(".panel").bounding_box() == {"x": 0, "y": 0, "width": 320, "height": 640}
    expect(widget.launcher).to_be_hidden()
    expect(widget.field).to_be_in_viewport(ratio=1)
    assert widget.log.evaluate("log => log.scrollWidth <= log.clientWidth")


def test_at_200_percent_everything_can_be_reached(widget: Widget) -> None:
    """A laptop of 1280 by 720 at 200 %: the panel takes the whole window, the log has room."""
    widget.page.set_viewport_size({"width": 640, "height": 360})
    widget.embed()
    widget.run("chat => chat.ask('chain')")
    expect(widget.field).to_be_in_viewport(ratio=1)
    expect(widget.page.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
    assert widget.run(OVERFLOWING) == []
    assert (widget.log.bounding_box() or {})["height"] > 140


def test_what_is_touched_is_large_enough(widget: Widget) -> None:
    """Every control is at least 44 pixels high, but links within a sentence."""
    widget.page.set_viewport_size({"width": 390, "height": 740})
    widget.embed(SUGGESTING)
    small = """chat => [...chat.shadowRoot.querySelectorAll('button, summary, .action, .call, textarea')]
      .filter((node) => node.getClientRects().length && Math.min(node.offsetHeight, node.offsetWidth) < 44).map((node) => node.outerHTML)"""
    for script in STATES.values():
        widget.run(script)
        assert widget.run(small) == []


def test_a_touch_screen_hides_its_keyboard_to_show_the_answer(widget: Widget) -> None:
    """The focus goes to the conversation where there is no mouse."""
    widget.page.add_init_script(
        "const match = window.matchMedia; window.matchMedia = (query) => query.includes('coarse') ? { matches: true } : match(query);"
    )
    widget.embed('mode="inline"')
    widget.ask("chain")
    expect(widget.log).to_be_focused()


def test_an_answer_is_read_from_its_question_on(widget: Widget) -> None:
    """Each new turn starts at the top of the log, however long the one before."""
    widget.embed()
    gap = """async (chat, questions) => { for (const question of questions) await chat.ask(question);
      const log = chat.shadowRoot.querySelector('.log'); const turn = [...log.querySelectorAll('.turn')].at(-1);
      return Math.abs(turn.getBoundingClientRect().top - log.getBoundingClientRect().top); }"""
    assert widget.run(gap, ["chain", "list", "tyres"]) <= 1
    assert widget.run(gap, [f"chain {number}" for number in range(22)]) <= 1
    widget.run("chat => chat.clear()")
    expect(widget.page.locator(".turn")).to_have_count(0)
    assert widget.run(gap, ["chain"]) <= 1


def test_without_motion_nothing_moves(widget: Widget) -> None:
    """Whoever asked the system for less motion gets none."""
    running = "chat => chat.shadowRoot.getAnimations().length"
    widget.embed('mode="inline"')
    widget.run("chat => { chat.ask('slow'); }")
    expect(widget.page.locator(".wait")).to_be_visible()
    widget.page.wait_for_function(f"({running})(document.querySelector('citewell-chat')) > 0")
    widget.page.emulate_media(reduced_motion="reduce")
    widget.page.wait_for_function(f"({running})(document.querySelector('citewell-chat')) === 0")
    expect(widget.page.locator(".wait")).to_be_visible()


def test_forced_colours_keep_every_edge(widget: Widget) -> None:
    """In a high-contrast theme controls have borders, marks the system's colours, the alarm a frame."""
    widget.page.emulate_media(forced_colors="active")
    widget.embed()
    widget.run("chat => chat.ask('chain')")
    style = "(node, name) => getComputedStyle(node)[name]"
    for part in (".send", ".action", ".citation", ".question", ".icon"):
        assert widget.page.locator(part).first.evaluate(style, "borderTopStyle") == "solid", part
    mark = widget.page.locator("mark").first
    assert mark.evaluate(style, "backgroundColor") != widget.page.locator(".card").first.evaluate(
        style, "backgroundColor"
    )
    widget.run("chat => chat.ask('chest')")
    assert widget.alert.evaluate(style, "borderTopWidth") == "4px"


def test_in_a_page_from_right_to_left_it_is_mirrored(widget: Widget) -> None:
    """The launcher stands on the left, questions at the left edge, and each text keeps its own direction."""
    widget.embed(tag='<div dir="rtl"><citewell-chat></citewell-chat></div>')
    assert (widget.launcher.bounding_box() or {})["x"] == 24
    widget.run("chat => chat.ask('chain')")
    panel, question, quote = (
        widget.page.locator(each).first.bounding_box() or {} for each in (".panel", ".question", ".quote")
    )
    assert question["x"] - panel["x"] < 30
    assert widget.page.locator(".quote").first.evaluate("node => getComputedStyle(node).borderRightWidth") == "3px"
    assert quote["x"] >= panel["x"]


def test_escape_leaves_a_dialog_of_the_page_open(widget: Widget) -> None:
    """Within a modal dialog, closing the chat is one press and closing the dialog the next."""
    widget.embed(tag='<dialog id="modal"><citewell-chat></citewell-chat></dialog>')
    widget.page.evaluate("modal.showModal()")
    widget.launcher.click()
    expect(widget.field).to_be_focused()
    widget.page.keyboard.press("Escape")
    expect(widget.launcher).to_be_focused()
    assert widget.page.evaluate("modal.open")
    widget.page.keyboard.press("Escape")
    assert not widget.page.evaluate("modal.open")
