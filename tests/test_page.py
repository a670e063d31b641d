"""The pages in a real browser: "/", the documents, a document, "/embed" and "/docs", over the real service."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from browsing import Watch, overflowing, violations
from conftest import ANSWERED, EMERGENCY, REFUSED
from playwright.sync_api import expect

from qa.server.examples import examples
from qa.types import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from qa.pipeline import Pipeline

PHONE, DESK, NARROW = (390, 844), (1280, 900), (320, 640)
CITED = "/documents/chain?start=90&end=175#cited"
PAGES = ["/", f"/#q={quote(ANSWERED)}", "/documents", "/documents/chain", CITED, "/documents/none", "/embed", "/docs"]
NAMES = ["home", "answered", "documents", "document", "cited", "missing", "embed", "docs"]


def sized(size: tuple[int, int]) -> dict[str, object]:
    return {"viewport": {"width": size[0], "height": size[1]}}


@pytest.fixture
def context(browser: Browser, server: str) -> Iterator[BrowserContext]:
    """Give each test a browser without a past, at the size of a phone."""
    with browser.new_context(base_url=server, **sized(PHONE)) as fresh:  # type: ignore[arg-type]
        fresh.set_default_timeout(10_000)
        yield fresh


@pytest.fixture
def watch(context: BrowserContext, server: str) -> Iterator[Watch]:
    """Watch one page and demand in the end that it was quiet."""
    watch = Watch(context.new_page(), server)
    yield watch
    assert watch.complaints == []


@pytest.fixture
def page(watch: Watch) -> Page:
    return watch.page


def visit(page: Page, path: str) -> None:
    """Open a page and wait until it shows what it is for."""
    page.goto(path)
    if "#q=" in path:
        expect(page.locator("citewell-chat [part~=quote]").first).to_be_visible()
    elif path == "/docs":
        expect(page.locator("#endpoints article").first).to_be_visible()
    elif path in {"/", "/embed"}:
        expect(page.locator("citewell-chat:defined")).to_be_attached()


# --- "/" ------------------------------------------------------------------------------------------


def test_the_page_introduces_the_corpus(page: Page) -> None:
    """Name, scope, disclaimer, documents and the lines to embed are those of this service."""
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bicycle care")
    expect(page.locator(".intro .lead")).to_have_text(
        "Looking after a bicycle: chain, tyres, saddle, brakes and winter storage."
    )
    expect(page.locator(".foot")).to_contain_text("A mechanic knows better.")
    expect(page.locator(".cards a")).to_have_count(5)
    page.locator(".cards a", has_text="Tyres and tubes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tyres and tubes")


def test_the_lines_to_embed_can_be_copied(context: BrowserContext, page: Page, server: str) -> None:
    """They name the address that the page came from."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("#copied")).to_have_text("Copied")
    lines = f'<script src="{server}/widget.js" defer></script>\n<citewell-chat endpoint="{server}"></citewell-chat>'
    assert page.evaluate("navigator.clipboard.readText()") == lines


def test_examples_are_questions_that_are_answered(page: Page, pipeline: Pipeline) -> None:
    """Each comes from a heading, is the same every time, is answered, and is asked in place when it is pressed."""
    found = examples(pipeline, 4)
    assert found == examples(pipeline, 4)
    assert "How high should the saddle be?" in found
    assert all(isinstance(pipeline.ask(question, top=1), Answer) for question in found)
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.goto("/")
    expect(page.locator(".example")).to_have_text(list(found))
    page.get_by_role("link", name="How high should the saddle be?").click()
    expect(page.locator("citewell-chat [part~=quote]").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"//[^/]+/$"))


@pytest.mark.parametrize("brought", ["#q", "?q"], ids=["fragment", "query"])
def test_a_question_in_a_link_is_asked_and_leaves_the_address(page: Page, brought: str) -> None:
    """It is asked on arrival, and neither the address nor the history keeps it; hostile text stays text."""
    page.goto("/documents")
    page.goto(f"/{brought}={quote('<img src=x onerror=alert(1)> bicycle?')}")
    expect(page.locator("citewell-chat [part~=question]")).to_contain_text("<img src=x")
    expect(page.locator("img")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"//[^/]+/$"))
    page.go_back()
    expect(page).to_have_url(re.compile("/documents$"))
    page.go_forward()
    expect(page).to_have_url(re.compile(r"//[^/]+/$"))


def test_a_link_on_the_same_page_is_asked_too(page: Page) -> None:
    """Only the part behind the # changes, so that nothing is loaded."""
    visit(page, "/")
    page.evaluate(f"location.hash = 'q=' + encodeURIComponent({ANSWERED!r})")
    expect(page.locator("citewell-chat [part~=quote]").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"//[^/]+/$"))
    page.evaluate("location.hash = 'embed'")
    expect(page).to_have_url(re.compile(r"//[^/]+/#embed$"))


def test_a_conversation_can_be_reloaded_and_come_back_to(page: Page) -> None:
    """The tab keeps it, not the address."""
    visit(page, f"/#q={quote(ANSWERED)}")
    page.reload()
    expect(page.locator("citewell-chat [part~=quote]").first).to_be_visible()
    expect(page.locator("citewell-chat.asked")).to_be_attached()
    page.goto("/documents")
    page.go_back()
    expect(page.locator("citewell-chat [part~=quote]").first).to_be_visible()


def test_no_request_of_the_page_names_what_was_asked(page: Page, watch: Watch, context: BrowserContext) -> None:
    """Of an emergency, a refusal and an answer whose sources are opened, no address and no Referer holds a word."""
    words = ("chain", "oiled", "mongol", "chest", "q=")
    headers: list[str] = []
    context.on("request", lambda request: headers.append(f"{request.url} {request.headers.get('referer', '')}"))
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    visit(page, "/")
    field = page.get_by_role("textbox")
    for asked in (EMERGENCY, REFUSED, ANSWERED):
        field.fill(asked)
        field.press("Enter")
        expect(page.locator("citewell-chat [part~=question]").last).to_contain_text(asked)
        expect(page.locator("citewell-chat [part~=send]")).to_be_enabled()
    expect(page.locator("citewell-chat [part~=quote]").last).to_be_visible()
    with context.expect_page() as opened:
        page.locator("citewell-chat").get_by_role("link", name="Open document").last.click()
    opened.value.wait_for_load_state()
    expect(page).to_have_url(re.compile(r"//[^/]+/$"))
    addresses = [re.sub(r"/documents/[\w-]+|:~:text=\S+", "", each).casefold() for each in [*watch.requests, *headers]]
    assert any("start=" in each for each in addresses)
    assert [each for each in addresses if any(word in each for word in words)] == []


def test_an_emergency_in_a_link_is_an_alarm(page: Page) -> None:
    """What to do comes first, and whom to call is a link."""
    page.goto(f"/#q={quote(EMERGENCY)}")
    expect(page.locator("citewell-chat").get_by_role("alert").get_by_role("link").first).to_have_attribute(
        "href", re.compile("^tel:")
    )


def test_the_page_can_be_used_by_keyboard_alone(page: Page) -> None:
    """From the top: past the header into the question, an answer, its source, and the document that it quotes."""
    page.goto("/")
    expect(page.locator("citewell-chat:defined")).to_be_attached()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    field = page.get_by_role("textbox")
    for _ in range(12):
        page.keyboard.press("Tab")
        if field.evaluate("field => field.getRootNode().activeElement === field"):
            break
    page.keyboard.type(ANSWERED)
    page.keyboard.press("Enter")
    expect(page.locator("citewell-chat [part~=quote]").first).to_be_visible()


def test_the_first_load_is_small(browser: Browser, server: str) -> None:
    """Everything that "/" needs comes from here, in at most 60 kB over the wire."""
    with browser.new_context() as fresh:
        page = fresh.new_page()
        session = fresh.new_cdp_session(page)
        sizes: list[float] = []
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        watch = Watch(page, server)
        page.goto(server, wait_until="networkidle")
        assert watch.complaints == []
        assert {"/", "/page.css", "/page.js", "/widget.js"} <= {url.removeprefix(server) for url in watch.requests}
        assert 5_000 < sum(sizes) <= 60_000


def test_without_scripts_the_documents_can_still_be_read(browser: Browser, server: str) -> None:
    """The page says what cannot be done, and a citation is highlighted and in view all the same."""
    with browser.new_context(base_url=server, java_script_enabled=False, **sized(PHONE)) as fresh:  # type: ignore[arg-type]
        page = fresh.new_page()
        page.goto("/")
        assert "Asking needs JavaScript" in page.content()
        expect(page.locator(".example").first).to_be_visible()
        page.goto(CITED)
        expect(page.locator("#cited")).to_be_in_viewport()


# --- the others -----------------------------------------------------------------------------------


def test_a_citation_leads_to_its_place(page: Page, context: BrowserContext) -> None:
    """The source's link opens the document with the quoted words marked and in the window."""
    question = "How do I see that a chain is worn?"
    page.set_viewport_size({"width": DESK[0], "height": 500})
    visit(page, f"/#q={quote(question)}")
    quoted = page.locator("citewell-chat [part~=quote]").first.text_content() or ""
    page.locator("citewell-chat [part~=citation]").first.click()
    with context.expect_page() as opened:
        page.locator("citewell-chat").get_by_role("link", name="Open document").first.click()
    document = opened.value
    cited = document.locator("#cited")
    expect(cited).to_be_in_viewport()
    assert (cited.text_content() or "").split()[0] in quoted


@pytest.mark.parametrize("fragment", ["", "#cited"], ids=["by focus", "by fragment"])
def test_a_cited_place_is_scrolled_to(page: Page, fragment: str) -> None:
    """However the link ends, the mark is in the window; the sticky line above it does not cover it."""
    page.set_viewport_size({"width": 390, "height": 400})
    page.goto(f"/documents/saddle?quote=Wash%20them%20after{fragment}")
    mark = page.locator("#cited")
    expect(mark).to_be_in_viewport()
    line = page.locator(".arrival").bounding_box()
    place = mark.bounding_box()
    assert line
    assert place
    assert place["y"] >= line["y"] + line["height"]


def test_a_reference_number_leads_to_its_entry_and_back(page: Page) -> None:
    """A number in the text is a link to the bibliography, whose entry leads back to it."""
    page.goto("/documents/chain")
    page.get_by_role("link", name="Reference 1").first.click()
    expect(page.locator("#reference-1:target")).to_be_in_viewport()
    page.get_by_role("link", name="Back to mention 1 of reference 1").click()
    expect(page.locator("#marker-0:target")).to_be_in_viewport()


def test_documents_are_filtered(page: Page) -> None:
    """Words of the title narrow the list, and it can be widened again."""
    page.goto("/documents")
    page.get_by_role("searchbox").fill("chain")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".cards a")).to_have_text([re.compile("The chain")])
    page.get_by_role("link", name="show all").click()
    expect(page.locator(".cards a")).to_have_count(5)


def test_the_widget_works_on_a_loud_page(page: Page) -> None:
    """The newspaper's rules for every element stay outside: the button opens the chat, which answers."""
    page.goto("/embed")
    page.locator("citewell-chat [part~=launcher]").click()
    field = page.get_by_role("textbox")
    field.fill(ANSWERED)
    field.press("Enter")
    expect(page.locator("citewell-chat [part~=quote]").first).to_be_visible()
    assert "Didot" not in field.evaluate("field => getComputedStyle(field).fontFamily")
    send = page.locator("citewell-chat [part~=send]")
    assert send.evaluate("button => getComputedStyle(button).textTransform") == "none"


def test_the_api_is_described_without_another_host(page: Page, server: str) -> None:
    """Every endpoint is listed with its request, and a link leads to the schema of its response."""
    visit(page, "/docs")
    paths = page.evaluate(
        "fetch('/openapi.json').then(response => response.json()).then(api => Object.keys(api.paths))"
    )
    assert page.locator("#contents a").all_text_contents() == paths
    asking = page.locator("#ask_v1_ask_post")
    fields = asking.locator("dt > code").all_text_contents()
    assert fields[:4] == ["accept-language", "question", "top", "region"]
    expect(asking).to_contain_text("integer from 1 to 10, default 3")
    expect(asking.locator("pre")).to_contain_text(f"curl -X POST '{server}/v1/ask'")
    asking.get_by_role("link", name="Refusal").click()
    expect(page.locator("#Refusal:target")).to_be_in_viewport()


# --- everywhere -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_nothing_overflows_at_320_pixels(page: Page, watch: Watch, path: str) -> None:
    """No element reaches past the right edge of the narrowest phone, nor of a desktop at 400 %."""
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    visit(page, path)
    assert overflowing(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    watch.complaints = [each for each in watch.complaints if "404" not in each]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_axe_finds_nothing(browser: Browser, server: str, path: str, scheme: str) -> None:
    """No page breaks a rule of accessibility that a program can check, in either theme."""
    with browser.new_context(base_url=server, color_scheme=scheme, **sized(DESK)) as fresh:  # type: ignore[arg-type]
        fresh.set_default_timeout(10_000)
        page = fresh.new_page()
        visit(page, path)
        assert violations(page) == []


def test_the_watch_and_axe_see_what_they_are_for(context: BrowserContext, server: str) -> None:
    """A style attribute, a foreign address and a picture without words are found: silence elsewhere means something."""
    page = context.new_page()
    watch = Watch(page, server)
    page.goto("/documents")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => {})")
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    page.wait_for_timeout(200)
    assert [complaint for complaint in watch.complaints if "style" in complaint]
    assert [complaint for complaint in watch.complaints if "127.0.0.1:9/" in complaint]
    assert [each for each in violations(page) if each.startswith("image-alt")]
