"""The pages at "/" and "/docs" in a real browser.

The real service shows what it can; states that it cannot be brought to (hostile texts, faults, a slow answer) come
from a server of canned values of the same dataclasses.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import ANSWERED, EMERGENCY, REFUSED, serving
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from playwright.sync_api import Request as BrowserRequest

import qa.server.app
from qa.types import (
    Answer,
    Citation,
    Confidence,
    Contact,
    DocumentCard,
    Flag,
    Highlight,
    IndexRef,
    Location,
    Quote,
    Reference,
    Refusal,
    RefusalDetail,
    Safety,
    SourceReference,
    Suggestion,
    Timings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qa.pipeline import Pipeline

PAGE = Path(qa.server.__path__[0]) / "page"
HEADERS = qa.server.app._HEADERS

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
PULL = "Pull the toes towards the shin."
TOWEL = "A warm towel helps as well 🧣!"
EASING = f"🦵🏽 Cramps pass. {PULL} Then walk.\n{TOWEL}"
BLOOD = "Your blood may be tested."
LONG_WORD = "Sternocleidomastoideusverspannungsbehandlung" * 3

# --- the canned answers ---------------------------------------------------------------------------


def citation(number: int, text: str, quotes: tuple[str, ...], **changes: object) -> Citation:
    """Cite ``quotes`` in ``text`` as the server does: offsets count code points, as Python's strings do."""
    starts = [text.index(quote) for quote in quotes]
    cited = Citation(
        citation=number,
        rank=number,
        score=0.8,
        text=text,
        highlights=tuple(Highlight(start=s, end=s + len(q)) for s, q in zip(starts, quotes, strict=True)),
        exact=text,
        location=Location(start=0, end=len(text)),
        quotes=tuple(
            Quote(role="answer", start=s, end=s + len(q), exact=q, prefix="", suffix="")
            for s, q in zip(starts, quotes, strict=True)
        ),
        document=DocumentCard(
            id="calf",
            title="Easing a cramp",
            url="https://example.org/calf",
            publisher="Example Board",
            licence="CC BY 4.0",
        ),
        section=("Easing a cramp", "At night", "In bed"),
        page=None,
        source_references=(),
    )
    return replace(cited, **changes)  # type: ignore[arg-type]


TRIAL = Reference(
    number=2,
    title="Stretching at night",
    authors="Vale J",
    year=2012,
    source="J Calf",
    url="https://example.org/t",
)
MARKER = SourceReference(marker="2 5", numbers=(2, 5), start=9, end=12, resolved=(TRIAL, None))
UNLINKED = DocumentCard(id="blood", title="Blood tests", url=None, publisher=None, licence=None)
TWO = (
    citation(1, EASING, (PULL, TOWEL), source_references=(MARKER,)),
    citation(2, BLOOD, (BLOOD,), document=UNLINKED, section=(), page=7),
)
BAD = DocumentCard(id="bad", title=HOSTILE, url="javascript:alert(1)", publisher=HOSTILE, licence=HOSTILE)
BAD_REFERENCE = Reference(number=1, title=HOSTILE, authors=HOSTILE, url="javascript:alert(1)")
BAD_MARKER = SourceReference(marker=HOSTILE, numbers=(1,), start=0, end=1, resolved=(BAD_REFERENCE,))
WIDE = DocumentCard(id="wide", title=LONG_WORD, url="https://example.org/", publisher=LONG_WORD, licence=LONG_WORD)
ANSWERS = {
    "calf": TWO,
    "slow": TWO,
    "hostile": (
        citation(
            1,
            f"{HOSTILE} {BLOOD}",
            (HOSTILE,),
            document=BAD,
            section=(HOSTILE,),
            source_references=(BAD_MARKER,),
        ),
    ),
    "wide": (citation(1, LONG_WORD, (LONG_WORD,), document=WIDE, section=(LONG_WORD,), source_references=(MARKER,)),),
}

AMBULANCE = Contact(name="Ambulance", phone="999 or 112", url="https://example.org/help", region="GB")
CALL = Flag(id="chest", title="Chest pain", action="Call an ambulance now.")
NEAR = Suggestion(title="Easing a cramp", section=("At night",), document_id="calf")
SAFE = Safety(level="none", flags=())
OUTSIDE = RefusalDetail(
    reason="out_of_scope", message=f"Not in these leaflets. {HOSTILE}", contacts=(), suggestions=(NEAR,)
)
URGENT = RefusalDetail(reason="emergency", message="This needs help at once.", contacts=(AMBULANCE,), suggestions=())
REFUSALS = {"outside": (OUTSIDE, SAFE), "chest": (URGENT, Safety(level="emergency", flags=(CALL,)))}

DISCLAIMER = "Leaflets do not replace a doctor."
FRAME = {
    "id": "ans_1",
    "disclaimer": DISCLAIMER,
    "index": IndexRef(generation="g1", corpus_hash="c1"),
    "timings_ms": Timings(total=6.2),
}
INDEX = {
    "name": "Leg leaflets",
    "scope": "Cramps in the leg.",
    "disclaimer": DISCLAIMER,
    "documents": 2,
    "passages": 1,
}


def outcome(question: str) -> Answer | Refusal | None:
    """Find the canned outcome by the question's first word."""
    word = question.split(maxsplit=1)[0]
    if word in REFUSALS:
        detail, safety = REFUSALS[word]
        return Refusal(question=question, refusal=detail, safety=safety, **FRAME)  # type: ignore[arg-type]
    if word not in ANSWERS:
        return None
    sure = Confidence(level="VERY_HIGH", probability=0.999)
    return Answer(question=question, answer="", confidence=sure, passages=ANSWERS[word], safety=SAFE, **FRAME)  # type: ignore[arg-type]


# --- the server and the browser -------------------------------------------------------------------


async def ask(request: Request) -> Response:
    """Answer from the canned outcomes; a slow one waits until the browser hangs up."""
    question: str = (await request.json())["question"]
    if question.startswith("slow"):
        for _ in range(100):
            if await request.is_disconnected():
                break
            await asyncio.sleep(0.05)
    found = outcome(question)
    if found:
        return JSONResponse(asdict(found))
    fault = {"type": "about:blank", "title": "Bad", "status": 422, "detail": f"It is too odd: {question}."}
    return JSONResponse(fault, 422, media_type="application/problem+json")


def create_app() -> FastAPI:
    """Serve the three files under the policy, the index and the canned outcomes."""
    app = FastAPI()
    app.add_api_route("/", lambda: FileResponse(PAGE / "index.html", headers=HEADERS))
    app.add_api_route("/page.css", lambda: FileResponse(PAGE / "page.css"))
    app.add_api_route("/page.js", lambda: FileResponse(PAGE / "page.js", media_type="text/javascript"))
    app.add_api_route("/v1/index", lambda: INDEX)
    app.add_api_route("/v1/ask", ask, methods=["POST"])
    return app


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """Run the canned server."""
    with serving(create_app()) as address:
        yield address


class Watch:
    """What a page must never do: complain in the console, break the policy, ask another host."""

    def __init__(self, page: Page, base: str) -> None:
        """Start to listen; the policy's violations are console errors too."""
        self.page = page
        self.base = base
        self.complaints: list[str] = []
        self.questions: list[str] = []
        page.on("console", self.console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self.request)

    def request(self, request: BrowserRequest) -> None:
        """Keep the questions; an address elsewhere is a complaint."""
        if not request.url.startswith((self.base, "data:")):
            self.complaints.append(request.url)
        if request.url.endswith("/v1/ask"):
            self.questions.append(json.loads(request.post_data or "")["question"])

    def console(self, message: ConsoleMessage) -> None:
        """Keep errors and warnings, except the browser's own note that a question got no 2xx."""
        expected = message.location["url"].endswith("/v1/ask") and message.text.startswith("Failed to load resource")
        if message.type in {"error", "warning"} and not expected:
            self.complaints.append(message.text)


@pytest.fixture
def context(browser: Browser, base: str) -> Iterator[BrowserContext]:
    """Give each test a browser without a past, at the size of a phone."""
    with browser.new_context(base_url=base, viewport={"width": 390, "height": 740}) as fresh:
        fresh.set_default_timeout(10_000)
        yield fresh


@pytest.fixture
def watch(context: BrowserContext, base: str) -> Iterator[Watch]:
    """Watch one page and demand in the end that it was quiet."""
    watch = Watch(context.new_page(), base)
    yield watch
    assert watch.complaints == []


@pytest.fixture
def page(watch: Watch) -> Page:
    """Open the page, empty."""
    page = watch.page
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Leg leaflets")
    return page


def put(page: Page, question: str) -> None:
    """Type a question and press Enter."""
    field = page.get_by_role("textbox", name="Question")
    field.fill(question)
    field.press("Enter")


# --- the real service -----------------------------------------------------------------------------


@pytest.fixture
def real(browser: Browser, server: str) -> Iterator[Watch]:
    """Open the real service's page and demand in the end that it was quiet."""
    with browser.new_context(base_url=server, viewport={"width": 390, "height": 740}) as fresh:
        fresh.set_default_timeout(10_000)
        watch = Watch(fresh.new_page(), server)
        watch.page.goto("/")
        yield watch
    assert watch.complaints == []


def test_the_real_index_introduces_itself(real: Watch) -> None:
    """Name, scope, disclaimer and counts are those of the corpus."""
    page = real.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Bicycle care")
    expect(page.locator("#scope")).to_have_text(
        "Looking after a bicycle: chain, tyres, saddle, brakes and winter storage."
    )
    expect(page.locator("#disclaimer")).to_have_text("A mechanic knows better.")
    expect(page.locator("#counts")).to_have_text(re.compile(r"^5 documents · \d+ passages$"))


@pytest.mark.parametrize(
    "question",
    [ANSWERED, "What does it mean when a tyre loses air overnight?", "How do I see that a chain is worn?"],
    ids=["markup", "emoji", "list"],
)
def test_a_real_answer_is_shown_as_it_is_served(real: Watch, pipeline: Pipeline, question: str) -> None:
    """The marks are the highlights, code point for code point, and each passage is whole."""
    outcome = pipeline.ask(question)
    assert isinstance(outcome, Answer)
    put(real.page, question)
    expect(real.page.locator("body")).to_have_attribute("data-state", "answered")
    quoted = [shown.text[place.start : place.end] for shown in outcome.passages for place in shown.highlights]
    assert real.page.locator("mark:visible").all_text_contents() == quoted
    assert real.page.locator(".passage").all_text_contents() == [shown.text for shown in outcome.passages]
    level = outcome.confidence.level.replace("_", " ").capitalize()
    expect(real.page.locator(".confidence")).to_contain_text(f"{level} confidence")
    expect(real.page.locator("#timing")).to_contain_text("Answered in")


def test_a_real_refusal_suggests_sections_that_can_be_asked_for(real: Watch, pipeline: Pipeline) -> None:
    """The message and the near sections are those of the refusal, and pressing one asks for it."""
    outcome = pipeline.ask(REFUSED)
    assert isinstance(outcome, Refusal)
    put(real.page, REFUSED)
    expect(real.page.locator(".refusal")).to_contain_text(outcome.refusal.message)
    chips = real.page.locator(".chip")
    expect(chips).to_have_count(len(outcome.refusal.suggestions))
    pressed = chips.first.text_content()
    chips.first.click()
    expect(real.page.locator("body")).to_have_attribute("data-state", "answered")
    assert real.questions == [REFUSED, pressed]


def test_a_real_emergency_is_an_alarm(real: Watch, pipeline: Pipeline) -> None:
    """The flags' actions and the contacts of the corpus' region are shown, and nothing is quoted."""
    outcome = pipeline.ask(EMERGENCY)
    assert isinstance(outcome, Refusal)
    put(real.page, EMERGENCY)
    alert = real.page.get_by_role("alert")
    expect(alert).to_be_focused()
    for flag in outcome.safety.flags:
        expect(alert).to_contain_text(flag.action)
    expect(alert.get_by_role("link", name="Call 999").first).to_have_attribute("href", "tel:999")
    expect(real.page.locator(".card, blockquote")).to_have_count(0)


def test_the_api_is_described_without_another_host(real: Watch, server: str) -> None:
    """Every endpoint is listed with its request, and a link leads to the schema of its response."""
    page = real.page
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/docs")
    expect(page.get_by_role("link", name="/v1/ask")).to_be_visible()
    paths = page.evaluate(
        "fetch('/openapi.json').then(response => response.json()).then(api => Object.keys(api.paths))"
    )
    assert page.locator("#contents a").all_text_contents() == paths
    asking = page.locator("#ask_v1_ask_post")
    fields = asking.locator("dt > code").all_text_contents()
    assert fields[:4] == ["accept-language", "question", "top", "region"]
    expect(asking).to_contain_text("top integer from 1 to 10, default 3")
    expect(asking.locator("pre")).to_contain_text(f"curl -X POST '{server}/v1/ask'")
    asking.get_by_role("link", name="Refusal").click()
    expect(page.locator("#Refusal:target")).to_be_in_viewport()
    wide = "all => all.filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML)"
    assert page.locator("body *").evaluate_all(wide) == []


# --- what is shown --------------------------------------------------------------------------------


def test_the_empty_page_introduces_the_corpus(page: Page) -> None:
    """The name, the scope, the disclaimer and the counts come from the index."""
    expect(page.locator("#scope")).to_have_text("Cramps in the leg.")
    expect(page.locator("#disclaimer")).to_have_text(DISCLAIMER)
    expect(page.locator("#counts")).to_have_text("2 documents · 1 passage")
    expect(page.get_by_role("textbox", name="Question")).to_be_focused()


def test_quotes_are_highlighted_exactly_behind_an_emoji(page: Page) -> None:
    """The marks hold the quotes, not one code unit more, and the passage around them is whole."""
    put(page, "calf at night")
    expect(page.locator("blockquote p")).to_have_count(3)
    assert page.locator("blockquote p").all_text_contents() == [
        f"{PULL}\u00a01",
        f"{TOWEL}\u00a01",
        f"{BLOOD}\u00a02",
    ]
    assert page.locator("mark:visible").all_text_contents() == [PULL, TOWEL, BLOOD]
    assert page.locator(".passage").all_text_contents() == [EASING, BLOOD]
    expect(page.locator(".confidence")).to_have_text("Very high confidence · 99%")
    expect(page.locator("#timing")).to_have_text("Answered in 6.2 ms")


def test_a_citation_leads_to_its_card(page: Page, watch: Watch) -> None:
    """The number is a link to the source, which takes the focus; nothing is asked again."""
    put(page, "calf at night")
    page.get_by_role("link", name="Source 2: Blood tests").click()
    card = page.get_by_role("article", name="Source 2")
    expect(card).to_be_in_viewport()
    assert page.evaluate("document.querySelector(':target').id") == "source-2"
    page.go_back()
    expect(card).to_be_visible()
    assert watch.questions == ["calf at night"]


def test_a_card_names_its_document_section_and_references(page: Page) -> None:
    """The title links to the address, the path leaves out the repeated title, a missing reference says so."""
    put(page, "calf at night")
    card = page.get_by_role("article", name="Source 1")
    expect(card.get_by_role("link", name="Easing a cramp")).to_have_attribute("href", "https://example.org/calf")
    assert card.get_by_role("list", name="Section").get_by_role("listitem").all_text_contents() == [
        "At night",
        "In bed",
    ]
    expect(card).to_contain_text("Example Board · CC BY 4.0")
    card.get_by_text("The source’s own references (1)").click()
    expect(card.get_by_role("link", name="Stretching at night")).to_have_attribute("href", "https://example.org/t")
    expect(card).to_contain_text("Stretching at night. Vale J. 2012. J Calf")
    expect(card).to_contain_text("5not resolved in the document")


def test_a_card_names_the_page(page: Page) -> None:
    """A passage of a document with pages says on which one it stands, after the headings."""
    put(page, "calf at night")
    card = page.get_by_role("article", name="Source 2")
    expect(card.get_by_role("list", name="Section").get_by_role("listitem")).to_have_text(["page 7"])


def test_a_quote_is_copied_with_its_citation(page: Page, context: BrowserContext) -> None:
    """The clipboard gets the quotes, the place and the address."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    put(page, "calf at night")
    page.get_by_role("button", name="Copy with citation").first.click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    place = "— Easing a cramp. At night › In bed. Example Board. CC BY 4.0.\nhttps://example.org/calf"
    assert page.evaluate("navigator.clipboard.readText()") == f"“{PULL}” […] “{TOWEL}”\n{place}"


def test_a_refusal_suggests_sections_and_asks_the_one_pressed(page: Page, watch: Watch) -> None:
    """A chip asks for its title and section, and the reader keeps their place."""
    put(page, "outside of all this")
    expect(page.locator(".refusal")).to_contain_text("Not in these leaflets.")
    page.get_by_role("button", name="Easing a cramp – At night").click()
    expect(page.locator(".error")).to_contain_text("Easing a cramp – At night")
    expect(page.locator("#answer")).to_be_focused()
    assert watch.questions == ["outside of all this", "Easing a cramp – At night"]


def test_an_emergency_shows_what_to_do_and_nothing_else(page: Page) -> None:
    """An alert takes the focus: the action, the numbers as tel: links, no source and no small print."""
    put(page, "calf at night")
    expect(page.locator(".card")).to_have_count(2)
    put(page, "chest pain")
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert.get_by_role("heading")).to_have_text("Call an ambulance now.")
    expect(alert.get_by_role("link", name="Call 999: Ambulance")).to_have_attribute("href", "tel:999")
    expect(alert.get_by_role("link", name="Call 112: Ambulance")).to_have_attribute("href", "tel:112")
    expect(alert.get_by_role("link")).to_have_text(["999", "112", "Website of Ambulance"])
    expect(page.locator(".card, blockquote")).to_have_count(0)
    expect(page.locator("body > footer")).to_be_hidden()


@pytest.mark.parametrize("question", ["hostile", "outside", f"unknown {HOSTILE}"], ids=["answer", "refusal", "problem"])
def test_hostile_text_is_shown_as_text(page: Page, question: str) -> None:
    """Markup from the server or the address is read out, never built; a script's address is no link."""
    page.goto(f"/?q={question}")
    expect(page.locator("#answer")).to_contain_text(HOSTILE)
    assert page.locator("img, body script, a[href^='javascript']").count() == 0
    expect(page).to_have_title(f"{question} – Leg leaflets")


# --- what can go wrong ----------------------------------------------------------------------------


def test_a_problem_is_told_in_a_sentence_and_can_be_retried(page: Page, watch: Watch) -> None:
    """The detail of problem+json stands in the sentence; the button asks again."""
    put(page, "unknown")
    expect(page.locator(".error p")).to_have_text("The question was not accepted: It is too odd: unknown.")
    with page.expect_response("**/v1/ask"):
        page.get_by_role("button", name="Try again").click()
    assert watch.questions == ["unknown", "unknown"]


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        pytest.param(200, "<p>A proxy</p>", "The server’s answer could not be read.", id="no json"),
        pytest.param(200, "{}", "The server’s answer could not be read.", id="no answer"),
        pytest.param(
            503,
            "<p>A proxy</p>",
            "The server could not answer: it answered with status 503.",
            id="bare fault",
        ),
        pytest.param(500, '{"title": "Broken", "detail": []}', "The server could not answer: Broken", id="title only"),
    ],
)
def test_a_broken_server_is_told_too(page: Page, status: int, body: str, sentence: str) -> None:
    """Whatever comes back, the reader gets a sentence and not a blank page."""
    page.route("**/v1/ask", lambda route: route.fulfill(status=status, body=body, content_type="application/json"))
    put(page, "calf at night")
    expect(page.locator(".error p")).to_have_text(sentence)


def test_an_offline_question_is_asked_again_when_back(page: Page, context: BrowserContext) -> None:
    """The page says that it is offline and answers by itself later."""
    context.set_offline(True)
    put(page, "calf at night")
    expect(page.locator(".error p")).to_contain_text("You are offline.")
    context.set_offline(False)
    expect(page.locator(".card")).to_have_count(2)


def test_the_page_asks_without_an_index(page: Page) -> None:
    """A failing index costs the introduction, not the answer."""
    page.route("**/v1/index", lambda route: route.fulfill(status=200, body="null", content_type="application/json"))
    page.goto("/?q=calf")
    expect(page.locator(".card")).to_have_count(2)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask the documents")


# --- asking ---------------------------------------------------------------------------------------


def test_a_later_question_aborts_the_earlier(page: Page, watch: Watch) -> None:
    """While one waits the page is busy; the same one is not sent twice; another one takes its place."""
    put(page, "slow one")
    expect(page.get_by_role("status")).to_have_text("Searching the documents…")
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "true")
    put(page, "slow one")
    page.get_by_role("button", name="Ask").click()
    with page.expect_event("requestfailed") as aborted:
        put(page, "outside")
    assert aborted.value.post_data_json == {"question": "slow one"}
    assert aborted.value.failure == "net::ERR_ABORTED"
    expect(page.locator(".refusal")).to_be_visible()
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")
    assert watch.questions == ["slow one", "outside"]


def test_the_address_keeps_the_question(page: Page) -> None:
    """An answer can be linked and reloaded, and the way back goes from answer to answer to the start."""
    put(page, "calf & foot?")
    expect(page).to_have_url(re.compile(r"/\?q=calf%20%26%20foot%3F$"))
    put(page, "outside")
    expect(page.locator(".refusal")).to_be_visible()
    page.go_back()
    expect(page.locator(".card")).to_have_count(2)
    expect(page.get_by_role("textbox", name="Question")).to_have_value("calf & foot?")
    page.reload()
    expect(page.locator(".card")).to_have_count(2)
    page.go_back()
    expect(page.locator("#hint")).to_be_visible()
    expect(page.get_by_role("textbox", name="Question")).to_have_value("")


def test_a_linked_card_is_found_on_arrival(page: Page) -> None:
    """A link with a card's fragment ends at the card, though the card comes after the page."""
    page.goto("/?q=calf#source-2")
    expect(page.locator("#source-2:target")).to_be_in_viewport()


def test_enter_asks_and_shift_enter_breaks_the_line(page: Page, watch: Watch) -> None:
    """Blank questions are not sent, and a question ends at a thousand characters."""
    field = page.get_by_role("textbox", name="Question")
    put(page, "   ")
    field.fill("calf")
    field.press("Shift+Enter")
    field.press_sequentially("x")
    expect(field).to_have_value("calf\nx")
    assert watch.questions == []
    expect(field).to_have_attribute("maxlength", "1000")


# --- where it is shown ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    ["", "calf", "wide", "outside", "chest", f"unknown {LONG_WORD}"],
    ids=["empty", "answered", "long words", "refused", "emergency", "problem"],
)
def test_nothing_overflows_at_320_pixels(page: Page, question: str) -> None:
    """No element reaches past the right edge of the narrowest phone, nor of a desktop at 400 %."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"/?q={question}")
    expect(page.locator("body")).to_have_attribute("data-state", re.compile("empty|answered|refused|alarm|error"))
    page.locator("details").evaluate_all("all => all.forEach(details => { details.open = true })")
    wide = "all => all.filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML)"
    assert page.locator("body *:not(.unseen)").evaluate_all(wide) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_watch_sees_what_it_is_for(context: BrowserContext, base: str) -> None:
    """A style attribute breaks the policy, and a foreign address is seen: silence elsewhere means something."""
    page = context.new_page()
    watch = Watch(page, base)
    page.goto("/")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => {})")
    page.wait_for_timeout(200)
    assert [complaint for complaint in watch.complaints if "style" in complaint]
    assert [complaint for complaint in watch.complaints if "127.0.0.1:9/" in complaint]
