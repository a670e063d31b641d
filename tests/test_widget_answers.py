"""What the chat element shows of an answer or a refusal: quotes, citations, cards, references, what stands around."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import BrowserContext, expect
from widgethost import (
    CHAIN,
    DISCLAIMER,
    DOCUMENTS,
    HOSTILE,
    ITEM,
    LEAD_IN,
    LEVELS,
    OILED,
    PUNCTURE,
    REFUSALS,
    Widget,
)

from qa.reading import read


@pytest.fixture
def chain(widget: Widget) -> Widget:
    """Return the element with an answer of two passages."""
    widget.embed('mode="inline"')
    widget.ask("chain")
    expect(widget.card).to_be_visible()
    return widget


# --- quotes and citations -------------------------------------------------------------------------


def test_the_quotes_stand_first_each_with_its_citation(chain: Widget) -> None:
    """The quoted sentences are the answer, code point for code point, also behind an emoji."""
    assert chain.page.locator("blockquote").all_text_contents() == [f"{OILED}\u00a0[1]", f"{PUNCTURE}\u00a0[2]"]
    expect(chain.page.locator(".confidence")).to_have_text("This very probably answers your question.")
    expect(chain.page.get_by_text(DISCLAIMER)).to_be_visible()


def test_the_quotes_are_marked_in_their_passages(chain: Widget) -> None:
    """A card holds the whole passage; the mark is the quote and not one code unit more."""
    chain.page.locator(".card summary").last.click()
    assert chain.page.locator("mark").all_text_contents() == [OILED, PUNCTURE]
    passages = [CHAIN.text, read(DOCUMENTS["tyres"], DOCUMENTS["tyres"].sections[-1].span).text]
    assert chain.page.locator(".passage").all_text_contents() == passages


def test_a_lead_in_comes_with_the_item_that_needs_it(widget: Widget) -> None:
    """Both are quoted; one citation stands at the end."""
    widget.embed('mode="inline"')
    widget.ask("list")
    expect(widget.card).to_be_visible()
    assert widget.page.locator("blockquote p").all_text_contents() == [LEAD_IN, f"{ITEM}\u00a0[1]"]
    assert widget.page.locator("mark").all_text_contents() == [LEAD_IN, ITEM]


@pytest.mark.parametrize("word", LEVELS)
def test_confidence_is_said_in_words(widget: Widget, word: str) -> None:
    """Each level has a sentence, and no number pretends to more."""
    sentences = {
        "VERY_HIGH": "This very probably answers your question.",
        "HIGH": "This probably answers your question.",
        "MEDIUM": "This may answer your question.",
        "LOW": "This may not answer your question.",
    }
    widget.embed('mode="inline"')
    widget.ask(word)
    expect(widget.page.locator(".confidence")).to_have_text(sentences[LEVELS[word]])


def test_sources_that_disagree_are_said_to(widget: Widget) -> None:
    """The line stands before the quotes."""
    widget.embed('mode="inline"')
    widget.ask("disagree")
    expect(widget.card).to_be_visible()
    answer = widget.page.locator(".answer > *").all_text_contents()
    assert answer[0] == "These sources do not agree. Please read each of them."


def test_a_citation_goes_to_its_card(chain: Widget) -> None:
    """Pressed, or by the keyboard, it opens the card and gives it the focus, and the page stays."""
    second = chain.page.locator(".card").nth(1)
    chain.page.get_by_role("link", name="Source 2: Tyres and tubes").press("Enter")
    expect(second.locator("summary")).to_be_focused()
    expect(second.locator(".passage")).to_be_visible()
    expect(second.locator("mark")).to_be_in_viewport()
    assert len(chain.page.context.pages) == 1


def test_a_citation_is_a_link_to_the_place_in_the_document(chain: Widget) -> None:
    """It names the quote's offsets, and a text fragment without reference numbers and markup."""
    [quote] = CHAIN.quotes
    href = chain.page.get_by_role("link", name="Source 1: The chain").get_attribute("href") or ""
    place, fragment = href.split("#:~:text=")
    assert place == f"{chain.base}/documents/chain?start={quote.start}&end={quote.end}"
    assert [unquote(part) for part in fragment.split(",")] == [
        "A bicycle chain should be oiled",
        "and after each ride in the",
    ]


def test_the_fragment_finds_the_quote_in_the_browser(chain: Widget) -> None:
    """A new tab opens at the quoted sentence, far down a page that glues reference numbers to the words before them."""
    with chain.page.context.expect_page() as opened:
        chain.page.get_by_role("link", name="Source 1: The chain").click(modifiers=["Control"])
    page = opened.value
    expect(page.get_by_text("A bicycle chain should be oiled")).to_be_in_viewport()
    assert page.evaluate("scrollY") > 1000


# The parts of a quote that any page shows unbroken, whatever it does with numbers, markup and line breaks.
FRAGMENTS = {
    "short": ("Wipe off what drips.", "Wipe off what drips."),
    "marks": ("One—two, three & four-five.", "One—two, three & four-five."),
    "long": (" ".join(map(str, range(100, 120))), "100 101 102 103 104 105,114 115 116 117 118 119"),
    "numbers": ("A worn chain slips [1, 2]. It rattles [3].", "A worn chain"),
    "markup": ("Use **only thin oil** on it, please.", "only thin oil,on it, please."),
    "lines": ("The first line\nand the second line", "The first line,and the second line"),
    "emoji": ("🚲 Pump 🚲 it up to 4 bar.", "Pump 🚲 it up to 4 bar."),
    "nothing": ("[1]", ""),
}


@pytest.mark.parametrize("case", FRAGMENTS)
def test_a_fragment_is_what_every_page_shows_unbroken(widget: Widget, case: str) -> None:
    """It is built from the exact quote, with commas, ampersands and dashes of its own encoded."""
    exact, wanted = FRAGMENTS[case]
    markers = [
        {
            "marker": found.group(),
            "numbers": [1],
            "resolved": [None],
            "start": 10 + len(exact[: found.start()]),
            "end": 10 + found.end(),
        }
        for found in re.finditer(r"\[[\d, ]+\]", exact)
    ]
    body = {
        "status": "answered",
        "confidence": {"level": "HIGH"},
        "passages": [
            {
                "citation": 1,
                "text": exact,
                "highlights": [{"start": 0, "end": len(exact)}],
                "quotes": [{"role": "answer", "start": 10, "end": 10 + len(exact), "exact": exact}],
                "location": {"start": 10, "end": 10 + len(exact)},
                "source_references": markers,
                "section": [],
                "document": {"id": "a", "title": "A", "url": "https://example.org/a#part"},
            }
        ],
    }
    widget.embed('mode="inline"')
    widget.run("(chat, body) => { chat.fetch = async () => Response.json(body); return chat.ask('chain'); }", body)
    href = widget.page.get_by_role("link", name="Source 1: A").get_attribute("href") or ""
    fragment = href.partition("#:~:text=")[2]
    assert ",".join(unquote(part) for part in fragment.split(",")) == wanted
    assert not set("&-[]") & set(fragment)
    original = widget.page.get_by_role("link", name="Original page").get_attribute("href") or ""
    assert original == "https://example.org/a" + (f"#:~:text={fragment}" if wanted else "")


# --- cards ----------------------------------------------------------------------------------------


def test_a_card_names_its_document_section_publisher_and_page(chain: Widget) -> None:
    """The first card is open; the outermost heading is left out where it repeats the title."""
    first, second = chain.page.locator(".card").all()
    assert first.locator("summary span span").all_text_contents() == [
        "The chain",
        "Oiling",
        "Example Cycling Board · CC BY 4.0",
    ]
    assert second.locator(".path").first.text_content() == "Tyres › page 7"
    expect(first.locator(".passage")).to_be_visible()
    expect(second.locator(".passage")).to_be_hidden()
    original = first.get_by_role("link", name="Original page")
    assert (original.get_attribute("href") or "").startswith("https://example.org/chain#:~:text=A%20bicycle")
    assert original.get_attribute("rel") == "noopener"
    expect(second.get_by_role("link", name="Original page")).to_have_count(0)


def test_the_sources_own_references_open_in_a_popover(widget: Widget) -> None:
    """Each number is resolved or said not to be; Escape closes, and the focus returns."""
    widget.embed('mode="inline"')
    widget.ask("list")
    opener = widget.card.get_by_role("button", name="References")
    opener.press("Enter")
    sheet = widget.page.get_by_role("dialog", name="References")
    expect(sheet.get_by_role("button", name="Close")).to_be_focused()
    assert sheet.get_by_role("listitem").all_text_contents() == [
        "1Wear of roller chainsVale J. 2012. J Cycling",
        "2Dirt and oil",
        "3Not listed in the document",
    ]
    expect(sheet.get_by_role("link", name="Wear of roller chains")).to_have_attribute(
        "href", "https://example.org/wear"
    )
    assert widget.page.locator(".inside").evaluate("inside => inside.inert")
    widget.page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(opener).to_be_focused()
    assert not widget.page.locator(".inside").evaluate("inside => inside.inert")
    opener.click()
    sheet.click(position={"x": 20, "y": 20})
    expect(sheet).to_be_hidden()


def test_escape_closes_the_references_before_the_panel(widget: Widget) -> None:
    """One press closes one thing."""
    widget.embed()
    widget.run("chat => chat.ask('chain')")
    opener = widget.card.get_by_role("button", name="References")
    opener.click()
    widget.page.keyboard.press("Escape")
    expect(widget.page.get_by_role("dialog", name="Bicycle care")).to_be_visible()
    widget.page.keyboard.press("Escape")
    expect(widget.page.get_by_role("dialog")).to_have_count(0)


def test_more_around_a_passage_is_what_the_document_says(chain: Widget) -> None:
    """The document is fetched once; its blocks are read as the server reads them, the quote stays marked."""
    fetched: list[str] = []
    chain.page.on("request", lambda request: fetched.append(request.url))
    button = chain.card.get_by_role("button", name="Show more around it")
    button.click()
    document = DOCUMENTS["chain"]
    expect(chain.card.locator(".passage p")).to_have_text(
        [read(document, block.span).text for block in document.blocks]
    )
    assert chain.card.locator("mark").all_text_contents()[0].startswith("A bicycle chain should be oiled every")
    assert "".join(chain.card.locator("mark").all_text_contents()) == OILED
    expect(chain.card.locator(".item")).to_have_count(3)
    assert chain.card.locator(".near").count() == len(document.blocks) - 1
    less = chain.card.get_by_role("button", name="Show less")
    expect(less).to_have_attribute("aria-expanded", "true")
    less.click()
    expect(chain.card.locator(".passage")).to_have_text(CHAIN.text)
    button.click()
    expect(less).to_be_visible()
    assert fetched == [f"{chain.base}/v1/documents/chain"]


@pytest.mark.parametrize("document_id", sorted(DOCUMENTS))
def test_every_block_is_read_as_the_server_reads_it(widget: Widget, document_id: str) -> None:
    """Markup, markers flattened into words, emoji, carriage returns and boilerplate included."""
    document = DOCUMENTS[document_id]
    whole = {"start": 0, "end": len(document.text)}
    passage = {
        "citation": 1,
        "text": "A",
        "highlights": [{"start": 0, "end": 1}],
        "quotes": [{"role": "answer", "start": 0, "end": 0, "exact": ""}],
        "location": whole,
        "source_references": [],
        "section": [],
        "document": {"id": document_id, "title": "A"},
    }
    body = {"status": "answered", "confidence": {"level": "HIGH"}, "passages": [passage]}
    widget.embed('mode="inline"')
    script = """(chat, body) => { chat.fetch = async (url, init) => url.endsWith('/v1/ask') ? Response.json(body) : fetch(url, init);
      return chat.ask('chain'); }"""
    widget.run(script, body)
    widget.card.get_by_role("button", name="Show more around it").click()
    expect(widget.card.get_by_role("button", name="Show less")).to_be_visible()
    wanted = [text for block in document.blocks if (text := read(document, block.span).text)]
    shown = widget.card.locator(".passage p").all_text_contents()
    assert [text.strip() for text in shown] == [text.replace("\n", " ") for text in wanted]


def test_a_document_that_cannot_be_fetched_is_said_so(chain: Widget) -> None:
    """The button says it and offers itself again."""
    chain.page.route("**/v1/documents/*", lambda route: route.fulfill(status=500))
    chain.card.get_by_role("button", name="Show more around it").click()
    expect(chain.card.get_by_role("button", name="That did not work.")).to_be_visible()
    chain.page.unroute("**/v1/documents/*")
    chain.card.get_by_role("button", name="Show more around it").click()
    expect(chain.card.get_by_role("button", name="Show less")).to_be_visible()


COPIED = f"“{OILED}”\n— The chain. Oiling. Example Cycling Board. CC BY 4.0.\nhttps://example.org/chain"


@pytest.mark.parametrize("clipboard", [True, False], ids=["clipboard", "selection"])
def test_a_quote_is_copied_with_its_citation(widget: Widget, context: BrowserContext, clipboard: bool) -> None:  # noqa: FBT001
    """The clipboard gets the quotes, their place and the address, also where the page has no clipboard of its own."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    widget.embed('mode="inline"')
    widget.ask("chain")
    if not clipboard:
        script = """() => { window.clipboard = navigator.clipboard;
          Object.defineProperty(navigator, 'clipboard', { value: undefined }); }"""
        widget.page.evaluate(script)
    button = widget.card.get_by_role("button", name="Copy with citation")
    button.click()
    expect(widget.card.get_by_role("button", name="Copied")).to_be_focused()
    expect(widget.page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert widget.page.evaluate("(window.clipboard ?? navigator.clipboard).readText()") == COPIED
    expect(button).to_be_visible()


def test_a_refused_copy_is_said_so(widget: Widget) -> None:
    """Where the browser forbids both ways, the visitor is told."""
    widget.embed('mode="inline"')
    widget.ask("chain")
    script = "() => { document.execCommand = () => false; navigator.clipboard.writeText = () => Promise.reject(); }"
    widget.page.evaluate(script)
    widget.card.get_by_role("button", name="Copy with citation").click()
    expect(widget.card.get_by_role("button", name="That did not work.")).to_be_visible()


# --- feedback -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "verdict"), [("Helpful", "helpful"), ("Not helpful", "not_helpful")])
def test_a_verdict_is_sent_once(chain: Widget, name: str, verdict: str) -> None:
    """The page hears it, the service gets it, the visitor is thanked."""
    chain.listen("feedback")
    button = chain.page.get_by_role("button", name=name, exact=True)
    with chain.page.expect_request("**/v1/feedback") as sent:
        button.click()
    assert sent.value.post_data_json == {"id": "ans_1", "verdict": verdict}
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(chain.page.get_by_text("Thank you.")).to_be_visible()
    button.click()
    assert chain.heard == [["feedback", {"id": "ans_1", "verdict": verdict}]]


@pytest.mark.parametrize(("status", "said"), [(404, "Thank you."), (405, "Thank you."), (500, "That did not work.")])
def test_a_service_without_verdicts_costs_the_visitor_nothing(chain: Widget, status: int, said: str) -> None:
    """404 and 405 are nobody's concern; a fault is said, and the button can be pressed again."""
    chain.page.route("**/v1/feedback", lambda route: route.fulfill(status=status))
    button = chain.page.get_by_role("button", name="Helpful", exact=True)
    with chain.page.expect_response("**/v1/feedback"):
        button.click()
    expect(chain.page.get_by_role("group", name="Was this helpful?").get_by_role("status")).to_have_text(said)
    expect(button).to_have_attribute("aria-pressed", str(status < 500).lower())


# --- refusals -------------------------------------------------------------------------------------


def test_a_refusal_says_what_the_documents_are_about_and_suggests(widget: Widget) -> None:
    """A heading that asks is asked as it stands, another one with its title."""
    widget.embed('mode="inline"')
    widget.ask("outside of it")
    expect(widget.page.locator(".refusal")).to_have_text(REFUSALS["outside"][0].message)
    assert widget.page.locator(".suggestion").all_text_contents() == [
        "The chain – Oiling",
        "How high should the saddle be?",
    ]
    widget.page.get_by_role("button", name="The chain – Oiling").click()
    expect(widget.card).to_be_visible()
    assert widget.sent[1] == {"question": "The chain – Oiling", "history": ["outside of it"]}


def test_a_refusal_without_suggestions_is_a_sentence(widget: Widget) -> None:
    """No heading announces what is not there."""
    widget.embed('mode="inline"')
    widget.ask("hello")
    expect(widget.page.locator(".refusal")).to_have_text("Please ask a question.")
    expect(widget.page.get_by_text("Sections that come near")).to_have_count(0)


# --- what must never happen -----------------------------------------------------------------------


def test_hostile_text_is_shown_as_text(widget: Widget) -> None:
    """Markup from the service or the visitor is read out, never built; a script's address is no link."""
    widget.embed('mode="inline"')
    title = widget.page.title()
    widget.ask(f"hostile {HOSTILE}")
    expect(widget.page.locator(".question")).to_contain_text(HOSTILE)
    expect(widget.card).to_contain_text(HOSTILE)
    widget.card.get_by_role("button", name="References").click()
    expect(widget.page.get_by_role("dialog", name="References")).to_contain_text(HOSTILE)
    assert widget.page.locator("img, citewell-chat script, a[href^='javascript']").count() == 0
    href = widget.page.locator(".citation").get_attribute("href") or ""
    assert href.startswith(f"{widget.base}/documents/bad%2F..%2Fid?")
    assert widget.page.title() == title
