"""The chat element's attributes, properties, methods, events, slots and words, in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from widgethost import DISCLAIMER, SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext
    from widgethost import Widget

MODULE = '<script type="module" src="/widget.js"></script>'


# --- attributes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attribute", "name", "value"),
    [
        ("endpoint", "endpoint", "https://qa.example.org"),
        ("public-key", "publicKey", "pk_1"),
        ("mode", "mode", "inline"),
        ("heading", "heading", "Chains"),
        ("placeholder", "placeholder", "What about it?"),
        ("lang", "lang", "en-GB"),
        ("region", "region", "GB"),
        ("theme", "theme", "dark"),
        ("top", "top", "5"),
        ("storage", "storage", "session"),
    ],
)
def test_an_attribute_and_its_property_are_one(widget: Widget, attribute: str, name: str, value: str) -> None:
    """What the attribute says the property returns, and setting the property writes the attribute."""
    widget.embed(f'{attribute}="{value}"')
    assert widget.run("(chat, name) => chat[name]", name) == value
    widget.run("(chat, name) => { chat[name] = 'x'; }", name)
    assert widget.run("(chat, attribute) => chat.getAttribute(attribute)", attribute) == "x"
    if name != "lang":
        widget.run("(chat, name) => { chat[name] = null; }", name)
        assert not widget.run("(chat, attribute) => chat.hasAttribute(attribute)", attribute)


def test_open_and_suggestions_are_a_boolean_and_an_array(widget: Widget) -> None:
    """`open` is there or not; `suggestions` stand between bars in the attribute."""
    widget.embed('open suggestions="What helps?| Is it dangerous? |"')
    assert widget.run("chat => [chat.open, chat.suggestions]") == [True, ["What helps?", "Is it dangerous?"]]
    widget.run("chat => { chat.open = false; chat.suggestions = ['a', 'b']; }")
    assert widget.run("chat => [chat.hasAttribute('open'), chat.getAttribute('suggestions')]") == [False, "a|b"]


def test_properties_set_before_the_script_came_count(widget: Widget) -> None:
    """A framework may set properties of an element that is not defined yet."""
    widget.page.goto(f"{widget.base}/host?tag=<citewell-chat></citewell-chat>&head=")
    script = """chat => { chat.heading = 'Early'; chat.mode = 'inline'; chat.suggestions = ['chain?'];
      chat.fetch = (...request) => { window.early = true; return fetch(...request); };
      const script = document.createElement('script'); script.type = 'module';
      window.trustedTypes.createPolicy('default', { createScriptURL: (url) => url });
      script.src = '/widget.js'; document.head.append(script); }"""
    widget.run(script)
    expect(widget.page.get_by_role("heading", name="Early")).to_be_visible()
    widget.page.get_by_role("button", name="chain?").click()
    expect(widget.card).to_be_visible()
    assert widget.page.evaluate("window.early")


@pytest.mark.parametrize("head", [SCRIPT, MODULE, SCRIPT + MODULE], ids=["script", "module", "twice"])
def test_it_runs_as_a_script_and_as_a_module(widget: Widget, head: str) -> None:
    """Without an endpoint it asks the origin that the script came from; loaded twice it is defined once."""
    widget.embed('mode="inline"', head=head)
    widget.ask("chain")
    expect(widget.card).to_be_visible()


def test_what_is_sent_follows_the_attributes(widget: Widget) -> None:
    """`top`, `region` and `lang` are sent as the service takes them."""
    widget.embed('mode="inline" top="2" region="gb" lang="en-GB"')
    widget.ask("chain")
    expect(widget.card).to_be_visible()
    assert widget.sent == [{"question": "chain", "top": 2, "region": "GB", "lang": "en-GB"}]


@pytest.mark.parametrize("attribute", ['top="0"', 'top="11"', 'top="many"', 'region="Britain"', 'lang="x y"'])
def test_what_the_service_would_reject_is_left_out(widget: Widget, attribute: str) -> None:
    """A misspelt attribute costs its effect, never the answer."""
    widget.embed(f'mode="inline" {attribute}')
    widget.ask("chain")
    expect(widget.card).to_be_visible()
    assert widget.sent == [{"question": "chain"}]


def test_the_public_key_is_a_bearer_token_and_cookies_stay_away(widget: Widget, context: BrowserContext) -> None:
    """The key goes with each request; credentials never do."""
    context.add_cookies([{"name": "session", "value": "secret", "url": widget.base}])
    widget.embed('mode="inline" public-key="pk_1"')
    with widget.page.expect_request("**/v1/ask") as asked:
        widget.ask("chain")
    headers = asked.value.all_headers()
    assert headers["authorization"] == "Bearer pk_1"
    assert "cookie" not in headers


def test_the_endpoint_can_be_another_path(widget: Widget) -> None:
    """Requests and links go where `endpoint` says, with or without a slash at its end."""
    widget.embed(f'mode="inline" endpoint="{widget.base}/qa/"')
    widget.page.route("**/qa/v1/ask", lambda route: route.continue_(url=f"{widget.base}/v1/ask"))
    with widget.page.expect_request("**/qa/v1/ask"):
        widget.ask("chain")
    href = widget.page.get_by_role("link", name="Source 1: The chain").get_attribute("href") or ""
    assert href.startswith(f"{widget.base}/qa/documents/chain?")


def test_the_heading_is_the_attribute_or_the_name_of_the_index(widget: Widget) -> None:
    """Name, scope and disclaimer come from the index, once the panel is seen; the attribute goes first."""
    widget.embed()
    requests: list[str] = []
    widget.page.on("request", lambda request: requests.append(request.url))
    expect(widget.launcher).to_be_visible()
    assert requests == []
    widget.launcher.click()
    expect(widget.page.get_by_role("heading", name="Bicycle care")).to_be_visible()
    expect(widget.page.get_by_text("Looking after a bicycle.")).to_be_visible()
    expect(widget.page.get_by_text(DISCLAIMER)).to_be_visible()
    widget.run("chat => { chat.heading = 'Chains'; chat.placeholder = 'What?'; }")
    expect(widget.page.get_by_role("dialog", name="Chains")).to_be_visible()
    expect(widget.field).to_have_attribute("placeholder", "What?")


def test_without_an_index_there_are_words_of_its_own(widget: Widget) -> None:
    """A failing index costs the introduction only; a disclaimer is there all the same."""
    widget.page.route("**/v1/index", lambda route: route.fulfill(status=500))
    widget.embed('mode="inline"')
    expect(widget.page.get_by_role("heading", name="Ask the documents")).to_be_visible()
    expect(widget.page.get_by_text("Quotes from documents, not advice.")).to_be_visible()
    widget.ask("chain")
    expect(widget.page.get_by_text(DISCLAIMER)).to_be_visible()


@pytest.mark.parametrize(
    ("theme", "scheme", "dark"),
    [("auto", "light", False), ("auto", "dark", True), ("light", "dark", False), ("dark", "light", True)],
)
def test_the_theme_follows_the_attribute_or_the_visitor(widget: Widget, theme: str, scheme: str, dark: bool) -> None:  # noqa: FBT001
    """`auto` is what the visitor's system asks for."""
    widget.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    widget.embed(f'mode="inline" theme="{theme}"')
    colour = widget.page.locator(".panel").evaluate("panel => getComputedStyle(panel).backgroundColor")
    assert (colour == "rgb(20, 25, 24)") == dark


def test_suggestions_are_asked_when_pressed(widget: Widget) -> None:
    """The empty state offers them, and gives way to the conversation."""
    widget.embed('mode="inline" suggestions="chain please?|tyres?"')
    widget.page.get_by_role("button", name="chain please?").click()
    expect(widget.card).to_be_visible()
    assert widget.sent == [{"question": "chain please?"}]
    expect(widget.page.get_by_role("button", name="tyres?")).to_be_hidden()
    expect(widget.log).to_be_focused()


# --- methods --------------------------------------------------------------------------------------


def test_show_hide_and_toggle(widget: Widget) -> None:
    """They open and close the panel, once each, and say so by events."""
    widget.embed()
    widget.listen("open", "close")
    dialog = widget.page.get_by_role("dialog")
    widget.run("chat => { chat.show(); chat.show(); }")
    expect(dialog).to_be_visible()
    expect(widget.field).to_be_focused()
    expect(widget.launcher).to_have_attribute("aria-expanded", "true")
    widget.run("chat => { chat.hide(); chat.hide(); }")
    expect(dialog).to_be_hidden()
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")
    widget.run("chat => chat.toggle()")
    expect(dialog).to_be_visible()
    widget.run("chat => chat.toggle()")
    expect(dialog).to_be_hidden()
    assert [name for name, _ in widget.heard] == ["open", "close", "open", "close"]


def test_inline_it_is_always_there(widget: Widget) -> None:
    """Inline there is neither a launcher nor a dialog, and nothing to open."""
    widget.embed('mode="inline"')
    widget.listen("open", "close")
    widget.run("chat => { chat.show(); chat.toggle(); }")
    expect(widget.field).to_be_visible()
    expect(widget.launcher).to_be_hidden()
    expect(widget.page.get_by_role("dialog")).to_have_count(0)
    expect(widget.page.get_by_role("region", name="Bicycle care")).to_be_visible()
    assert widget.heard == []


def test_ask_opens_the_panel_and_returns_the_outcome(widget: Widget) -> None:
    """What the service said is the promise's value; a blank question is not asked."""
    widget.embed()
    said = widget.run("chat => chat.ask('  chain  ')")
    assert (said["status"], said["passages"][0]["document"]["id"]) == ("answered", "chain")
    expect(widget.card).to_be_visible()
    assert widget.run("chat => chat.ask('   ')") is None
    assert widget.run("chat => chat.ask('status 500')") is None
    assert [sent["question"] for sent in widget.sent] == ["chain", "status 500"]


def test_clear_forgets_the_conversation(widget: Widget) -> None:
    """The empty state is back, what waits is aborted, and no history is sent."""
    widget.embed('mode="inline"')
    widget.ask("chain")
    expect(widget.card).to_be_visible()
    with widget.page.expect_event("requestfailed"):
        widget.run("chat => { chat.ask('slow'); chat.clear(); }")
    expect(widget.card).to_have_count(0)
    expect(widget.page.get_by_text("Looking after a bicycle.")).to_be_visible()
    widget.ask("chain")
    expect(widget.card).to_be_visible()
    assert widget.sent[-1] == {"question": "chain"}
    widget.page.get_by_role("button", name="Start over").click()
    expect(widget.card).to_have_count(0)
    expect(widget.field).to_be_focused()


def test_focus_input_goes_to_the_question(widget: Widget) -> None:
    """The page can send the visitor there."""
    widget.embed('mode="inline"')
    widget.run("chat => chat.focusInput()")
    expect(widget.field).to_be_focused()


# --- events ---------------------------------------------------------------------------------------


def test_ready_is_said_once(widget: Widget) -> None:
    """The element says so when it can be used, and not again when it is moved."""
    widget.page.add_init_script(
        "addEventListener('citewell-ready', () => { window.ready = (window.ready ?? 0) + 1; });"
    )
    widget.embed('mode="inline"')
    widget.run("chat => document.body.append(chat)")
    assert widget.page.evaluate("window.ready") == 1


def test_each_outcome_has_an_event(widget: Widget) -> None:
    """Submit comes first, with the question; the outcome's event carries what the service said."""
    widget.embed('mode="inline"')
    names = ["submit", "answer", "refusal", "emergency", "error"]
    widget.listen(*names)
    for question in ["chain", "outside", "chest", "status 500"]:
        widget.run("(chat, question) => chat.ask(question)", question)
    assert [name for name, _ in widget.heard] == [each for name in names[1:] for each in ("submit", name)]
    details = [detail for _, detail in widget.heard]
    assert details[0] == {"question": "chain"}
    assert [details[1]["status"], details[3]["refusal"]["reason"]] == ["answered", "out_of_scope"]
    assert details[5]["safety"]["level"] == "emergency"
    assert details[7] == {
        "question": "status 500",
        "kind": "fault",
        "status": 500,
        "message": "Something went wrong at the service.",
    }


def test_a_cancelled_submit_asks_nothing(widget: Widget) -> None:
    """The page may say no; what was typed stays."""
    widget.embed('mode="inline"')
    widget.run("chat => chat.addEventListener('citewell-submit', (event) => event.preventDefault())")
    widget.ask("chain")
    expect(widget.field).to_have_value("chain")
    assert widget.sent == []


def test_a_citation_says_where_it_leads_and_can_be_cancelled(widget: Widget) -> None:
    """The event carries the passage and the address; cancelled, the card keeps the focus away."""
    widget.embed('mode="inline"')
    widget.listen("citation")
    widget.ask("chain")
    link = widget.page.get_by_role("link", name="Source 2: Tyres and tubes")
    link.click()
    [(_, detail)] = widget.heard
    assert (detail["passage"]["citation"], detail["href"]) == (2, link.get_attribute("href"))
    widget.run("chat => chat.addEventListener('citewell-citation', (event) => event.preventDefault())")
    link.click()
    expect(link).to_be_focused()


def test_every_request_goes_through_fetch(widget: Widget) -> None:
    """A page can put its own in place: a proxy, a header, a fake."""
    widget.embed()
    script = """chat => { window.asked = []; chat.fetch = async (url, init) => {
      asked.push([url, init.method]); return Response.json({ status: 'refused', refusal: { message: 'From a fake.', suggestions: [] } }); };
      return chat.ask('chain'); }"""
    widget.run(script)
    expect(widget.page.get_by_text("From a fake.")).to_be_visible()
    base = widget.base
    assert widget.page.evaluate("asked") == [[f"{base}/v1/index", "GET"], [f"{base}/v1/ask", "POST"]]


# --- words, slots, parts --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "label"),
    [("de", "Ihre Frage"), ("fr-CA", "Votre question"), ("es", "Su pregunta"), ("pt-BR", "A sua pergunta")],
)
def test_lang_brings_other_words(widget: Widget, lang: str, label: str) -> None:
    """The second file is loaded, and the words are marked with their language."""
    widget.embed(f'mode="inline" lang="{lang}"')
    expect(widget.page.get_by_role("textbox", name=label)).to_be_visible()
    expect(widget.page.locator(".root")).to_have_attribute("lang", lang[:2])


def test_english_loads_no_other_words(widget: Widget) -> None:
    """Neither do languages that there are no words for beyond the one look; the words stay English."""
    requests: list[str] = []
    widget.page.on("request", lambda request: requests.append(request.url))
    widget.embed('mode="inline" lang="en"')
    expect(widget.field).to_be_visible()
    assert not [url for url in requests if "strings" in url]
    widget.run("chat => { chat.lang = 'fi'; }")
    widget.page.wait_for_event("response", lambda response: "strings" in response.url)
    expect(widget.field).to_be_visible()


def test_the_words_follow_the_page_unless_they_cannot_be_loaded(widget: Widget) -> None:
    """Without `lang` of its own the element speaks the page's language; without the file, English, and says so."""
    widget.page.route("**/widget-strings.js", lambda route: route.abort())
    widget.embed('mode="inline"')
    widget.page.evaluate("document.documentElement.lang = 'de'")
    with widget.page.expect_console_message(lambda message: "English only" in message.text):
        widget.run("chat => { chat.strings = {}; }")
    expect(widget.field).to_be_visible()
    widget.complaints.clear()
    widget.page.unroute("**/widget-strings.js")
    widget.embed('mode="inline"', tag='<div lang="de"><citewell-chat mode="inline"></citewell-chat></div>')
    expect(widget.page.get_by_role("textbox", name="Ihre Frage")).to_be_visible()


def test_strings_replace_any_word(widget: Widget) -> None:
    """The page's own words go before those of the language."""
    widget.embed('mode="inline" lang="de"')
    expect(widget.page.get_by_role("button", name="Fragen")).to_be_visible()
    widget.run("chat => { chat.strings = { send: 'Los', thanks: 'Prima' }; }")
    expect(widget.page.get_by_role("button", name="Los")).to_be_visible()
    expect(widget.page.get_by_role("textbox", name="Ihre Frage")).to_be_visible()
    assert widget.run("chat => chat.strings.thanks") == "Prima"


def test_slots_take_the_places_of_what_is_built_in(widget: Widget) -> None:
    """Header, empty state, launcher icon and disclaimer are the page's where it brings them."""
    slots = {"header": "My header", "empty": "My start", "launcher-icon": "?", "disclaimer": "My disclaimer"}
    widget.embed(content="".join(f'<b slot="{name}">{text}</b>' for name, text in slots.items()))
    expect(widget.page.get_by_text("?", exact=True)).to_be_visible()
    widget.launcher.click()
    for text in ["My header", "My start", "My disclaimer"]:
        expect(widget.page.get_by_text(text)).to_be_visible()
    expect(widget.page.get_by_role("dialog", name="Bicycle care")).to_be_visible()
    expect(widget.page.get_by_text("Looking after a bicycle.")).to_be_hidden()


def test_a_page_styles_parts_and_properties(widget: Widget) -> None:
    """Its sheet reaches the parts by name and the properties by inheritance, and nothing else."""
    widget.embed('mode="inline"')
    widget.page.evaluate("""() => { const sheet = new CSSStyleSheet(); sheet.replaceSync(`
      * { letter-spacing: 9px; color: red; font-size: 40px; text-transform: uppercase; }
      citewell-chat { --citewell-accent: rgb(1, 2, 3); --citewell-height: 500px; }
      citewell-chat::part(question) { background: rgb(4, 5, 6); }`); document.adoptedStyleSheets = [sheet]; }""")
    widget.ask("chain")
    style = "(node, name) => getComputedStyle(node)[name]"
    question, send = widget.page.locator(".question"), widget.page.locator(".send")
    assert question.evaluate(style, "backgroundColor") == "rgb(4, 5, 6)"
    assert send.evaluate(style, "backgroundColor") == "rgb(1, 2, 3)"
    assert widget.page.locator(".panel").evaluate("panel => panel.offsetHeight") == 500


def test_it_waits_for_nothing_of_the_page(widget: Widget) -> None:
    """Removed while it waits, it aborts; put back, it asks again."""
    widget.embed('mode="inline"')
    with widget.page.expect_event("requestfailed"):
        widget.run("chat => { chat.ask('slow'); window.chat = chat; setTimeout(() => chat.remove(), 200); }")
    widget.page.evaluate("document.body.append(chat)")
    widget.ask("chain")
    expect(widget.card).to_be_visible()


def test_two_elements_on_a_page_do_not_meet(widget: Widget) -> None:
    """Each has its own conversation, and labels its own parts."""
    two = '<citewell-chat mode="inline" id="one"></citewell-chat><citewell-chat mode="inline" id="two"></citewell-chat>'
    widget.embed(tag=two)
    widget.page.evaluate("document.querySelector('#two').ask('chain')")
    expect(widget.page.locator("#two .card").first).to_be_visible()
    expect(widget.page.locator("#one .card")).to_have_count(0)
    expect(widget.field).to_have_count(2)
    assert re.fullmatch(r"chain", widget.sent[0]["question"])
