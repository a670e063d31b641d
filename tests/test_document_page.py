"""A document as people read it: its whole text, its structure, its references, and the place that a link cites."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from conftest import LOCAL, app_over
from counting import calls
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, document_fromstring
from starlette.applications import Starlette

from qa.corpus import read_corpus
from qa.index.store import DocumentStore, write_documents
from qa.prior import prior_of
from qa.reading import read
from qa.server import Service, Workers
from qa.server.cited import cited
from qa.server.inline import Numbers, PageStart, Run, Text
from qa.server.pages import add_pages
from qa.server.readable import readable
from qa.server.shown import Folded, Heading, Item, ItemList, Paragraph, Shown, Table
from qa.types import Document, IndexInfo, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qa.pipeline import Pipeline

FILES = Path(__file__).parent / "files"
HTML = {"accept": "text/html"}

MANUAL = """\
---
title: The manual
url: https://example.org/manual
references:
  - {number: 1, title: First work, authors: Vale J, year: 2012, url: "https://example.org/1"}
  - {number: 2, title: "<i>Second</i> work", url: "javascript:alert(1)"}
---

# The manual

Read `this` **first** [1].

## Parts

| Part | Use |
|---|---|
| Chain | pulls \\| moves [1, 2] |
| **Saddle** | |

1. Lift the bicycle [3].
2. Turn the pedal
   - slowly
   - forwards
3. Listen.

### Tools

```sh
oil  <chain>
  now
```
"""


def document(folder: Path, text: str, name: str = "manual.md") -> Document:
    """Read one text as the corpus does."""
    (folder / name).write_bytes(text.encode())
    (read_one,) = read_corpus(folder / name).documents
    return read_one


def flat(parts: tuple[tuple[Shown, ...], ...]) -> list[Shown]:
    return [each for part in parts for each in part]


def said(shown: object) -> str:
    """Return the text that something shows, a reference as its numbers in brackets."""
    if isinstance(shown, Text):
        return shown.text
    if isinstance(shown, Numbers):
        return f"[{','.join(map(str, shown.numbers))}]"
    if isinstance(shown, PageStart):
        return ""
    if isinstance(shown, Item):
        below = f" ({'; '.join(map(said, shown.items))})" if shown.items else ""
        return "".join(said(piece) for run in shown.runs for piece in run.pieces).strip() + below
    assert isinstance(shown, Heading | Paragraph)
    return "".join(said(piece) for run in shown.runs for piece in run.pieces).strip()


def words(shown: object, *, cited_only: bool = False) -> Iterator[str]:
    """Yield every text that is shown, at any depth, in order."""
    if isinstance(shown, tuple):
        for each in shown:
            yield from words(each, cited_only=cited_only)
    elif isinstance(shown, Run):
        yield from (piece.text for piece in shown.pieces if isinstance(piece, Text) and shown.cited >= cited_only)
    elif isinstance(shown, Item):
        yield from words((shown.runs, shown.items), cited_only=cited_only)
    elif isinstance(shown, Table):
        yield from words((shown.head, shown.rows), cited_only=cited_only)
    elif isinstance(shown, Folded):
        yield from words(shown.parts, cited_only=cited_only)
    elif isinstance(shown, ItemList):
        yield from words(shown.items, cited_only=cited_only)
    elif isinstance(shown, Heading | Paragraph):
        yield from words(shown.runs, cited_only=cited_only)


def squeezed(texts: Iterable[str]) -> str:
    """Return texts without any white space, which reading and showing treat differently."""
    return "".join("".join(texts).split())


# --- what is laid out -----------------------------------------------------------------------------


def test_a_document_keeps_its_structure(tmp_path: Path) -> None:
    """Headings, tables, lists in lists and code are what they were, without their markup."""
    page = readable(document(tmp_path, MANUAL), ())
    shown = flat(page.parts)
    kinds = [type(each).__name__ for each in shown]
    assert kinds == ["Paragraph", "Heading", "Table", "ItemList", "Heading", "Paragraph"]
    first, parts, table, steps, tools, code = shown
    assert said(first) == "Read this first[1]."
    assert isinstance(parts, Heading)
    assert isinstance(tools, Heading)
    assert [(said(each), each.level) for each in (parts, tools)] == [("Parts", 2), ("Tools", 3)]
    assert isinstance(table, Table)
    cells = [
        ["".join(said(piece) for run in cell for piece in run.pieces).strip() for cell in row]
        for row in (*table.head, *table.rows)
    ]
    assert cells == [["Part", "Use"], ["Chain", "pulls | moves[1,2]"], ["Saddle", ""]]
    assert isinstance(steps, ItemList)
    assert [(item.number, said(item).strip()) for item in steps.items] == [
        (1, "Lift the bicycle[3]."),
        (2, "Turn the pedal (slowly; forwards)"),
        (3, "Listen."),
    ]
    assert isinstance(code, Paragraph)
    assert (code.code, said(code)) == (True, "oil  <chain>\n  now")
    assert [(entry.text, entry.depth) for entry in page.contents] == [("Parts", 0), ("Tools", 1)]


def test_references_and_markers_name_each_other(tmp_path: Path) -> None:
    """Each entry of the bibliography knows the markers that name it; a number without an entry is nobody's."""
    page = readable(document(tmp_path, MANUAL), ())
    assert [(source.reference.number, source.markers) for source in page.sources] == [(1, (0, 1)), (2, (1,))]


@pytest.mark.parametrize(
    "name", sorted(path.name for path in FILES.iterdir() if path.suffix in {".html", ".docx", ".pdf"})
)
def test_every_word_that_is_read_is_on_the_page(name: str) -> None:
    """Of files by many programs nothing that can be quoted is missing, and nothing is there twice."""
    for each in read_corpus(FILES / name).documents:
        quoted = tuple(part for part in flat(readable(each, ()).parts) if not isinstance(part, Folded))
        kept = squeezed([read(each, Span(start=0, end=len(each.text))).text])
        title = squeezed([each.title])  # a heading that says the title again is left out
        assert squeezed(words(quoted)) in {kept, kept.replace(title, "", 1)}


def test_pages_of_a_file_are_marked_where_they_start() -> None:
    """The page numbers of a PDF stand in its text, each once and in order."""
    (pdf,) = read_corpus(FILES / "pdf" / "twocolumn.pdf").documents
    assert len(pdf.pages) > 1
    numbers = re.findall(r"page=(\d+)\)", repr(readable(pdf, ()).parts))
    assert numbers == [str(number) for number in range(1, len(pdf.pages) + 1)]


def test_a_deep_or_long_document_is_laid_out(tmp_path: Path) -> None:
    """Lists below lists below lists end somewhere, and so does a part."""
    deep = "<title>Deep</title><p>One list in another:" + "".join(f"<ul><li>item {depth}" for depth in range(600))
    page = readable(document(tmp_path, deep, "deep.html"), ())
    (items,) = (part for part in flat(page.parts) if isinstance(part, ItemList))
    assert squeezed(words(items)).endswith("item599")
    depth, below = 0, items.items
    while below:
        depth, below = depth + 1, below[0].items
    assert depth == 10
    flat_text = "\n\n".join(f"Paragraph number {at} stands here." for at in range(500))
    assert max(len(part) for part in readable(document(tmp_path, flat_text), ()).parts) <= 40


def test_layout_takes_work_in_proportion(tmp_path: Path) -> None:
    """Four times the document takes about four times the calls, highlights included."""
    paragraph = "The chain, the tyre and the brake of a bicycle want oil, air and a look now and then. " * 4
    work = []
    for parts in (200, 800):
        text = "\n\n".join(f"## Part {at}\n\n{paragraph}\n\n- {paragraph}" for at in range(parts))
        large = document(tmp_path, text, f"{parts}.md")
        work.append(calls(lambda large=large: readable(large, (Span(start=50_000, end=50_400),))))  # type: ignore[misc]
    assert 0 < work[1] <= 4.6 * work[0]


# --- what is cited --------------------------------------------------------------------------------


def marked(page: HtmlElement) -> list[str]:
    return [" ".join(mark.text_content().split()) for mark in page.iter("mark")]


@pytest.fixture(scope="module")
def client(pipeline: Pipeline) -> TestClient:
    return TestClient(app_over(pipeline), LOCAL)


def open_page(client: TestClient, path: str, **query: object) -> HtmlElement:
    response = client.get(path, params=query, headers=HTML)
    assert response.status_code == 200, response.text
    assert "script-src 'self'" in response.headers["content-security-policy"]
    return document_fromstring(response.text)


def test_a_citation_of_an_answer_is_highlighted(client: TestClient) -> None:
    """The offsets of each quote that is served lead to a page whose mark is that quote."""
    answer = client.post("/v1/ask", json={"question": "How do I see that a chain is worn?"}).json()
    for passage in answer["passages"]:
        quotes = passage["quotes"]
        shown = open_page(
            client,
            f"/documents/{passage['document']['id']}",
            start=[quote["start"] for quote in quotes],
            end=[quote["end"] for quote in quotes],
        )
        read_aloud = "".join(passage["text"][each["start"] : each["end"]] for each in passage["highlights"])
        assert re.sub(r"\d|\W", "", "".join(marked(shown))) == re.sub(r"\d|\W", "", read_aloud)
        (first,) = shown.cssselect("#cited")
        assert first.tag == "mark"
        assert [link.get("href") for link in shown.cssselect(".arrival a")] == ["#cited"]


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        pytest.param(
            "the links rattle, unless they are freshly oiled",
            "the links rattle, unless they are freshly oiled",
            id="exact",
        ),
        pytest.param(
            "should be oiled every 200\nkilometres", "should be oiled every 200 kilometres", id="as it is read"
        ),
    ],
)
def test_a_quote_without_its_place_is_found(client: TestClient, quote: str, found: str) -> None:
    """Words of the text are highlighted where they stand, across markup as well."""
    assert marked(open_page(client, "/documents/chain", quote=quote)) == [found]


@pytest.mark.parametrize(
    "query",
    [
        {"start": "5"},
        {"start": "9", "end": "9"},
        {"start": "9", "end": "4"},
        {"start": "-1", "end": "4"},
        {"start": "0", "end": "99999999"},
        {"start": "1e1", "end": "20"},
        {"start": "٣", "end": "٩"},
        {"start": "1" * 5_000, "end": "2" * 5_000},
        {"quote": "the moon"},
        {"quote": " "},
    ],
    ids=str,
)
def test_a_place_that_is_not_there_highlights_nothing(client: TestClient, query: dict[str, str]) -> None:
    """An offset out of bounds and foreign words give the page as it is."""
    shown = open_page(client, "/documents/chain", **query)
    assert marked(shown) == []
    assert shown.cssselect(".arrival") == []


TEXT = "Oil the **chain** [1].\n\n- Wipe 🚲 it\n- then ride\n\n[Try it](https://example.org) for cafe\u0301 and café.\n"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, len(TEXT)), length=st.integers(1, 40))
def test_what_is_marked_is_what_is_read_of_the_place(tmp_path: Path, start: int, length: int) -> None:
    """For any place in a text, the marked words are its reading text, emoji and combining accents included."""
    text = document(tmp_path, TEXT)
    (place,) = cited(text, [str(start)], [str(min(start + length, len(text.text)))], []) or (None,)
    if place is None:
        return
    page = readable(text, (place,))
    assert squeezed(words(page.parts, cited_only=True)) == squeezed([read(text, place).text])


# --- the page -------------------------------------------------------------------------------------


def test_the_page_says_whose_document_it_is(client: TestClient) -> None:
    """Title, publisher, date, licence and source stand at its head; the bibliography at its foot."""
    shown = open_page(client, "/documents/chain")
    header = shown.cssselect("article > header")[0]
    assert header.cssselect("h1")[0].text_content() == "The chain"
    assert [each.text_content() for each in header.cssselect(".meta > *")] == [
        "Example Cycling Board",
        "2024-05-01",
        "CC BY 4.0",
        "Read it at its source",
    ]
    assert header.cssselect("a")[0].get("href") == "https://example.org/chain"
    (first, second) = shown.cssselect(".references > li")
    assert (first.get("id"), first.get("value")) == ("reference-1", "1")
    assert [each.get("href") for each in first.cssselect("a")] == ["https://example.org/wear", "#marker-0", "#marker-1"]
    assert second.cssselect("a")[0].get("href") == "#marker-1"


def test_every_link_within_the_page_leads_somewhere(client: TestClient) -> None:
    """Contents, references and the way back name places that exist, and no place exists twice."""
    for id_ in ("chain", "saddle", "tyres", "brakes", "winter--storing"):
        shown = open_page(client, f"/documents/{id_}", start="3", end="40")
        ids = [each.get("id") for each in shown.xpath("//*[@id]")]
        assert len(ids) == len(set(ids))
        inside = {link.get("href")[1:] for link in shown.cssselect("a[href^='#']")}
        assert inside <= set(ids)


def test_boilerplate_is_folded_away(client: TestClient) -> None:
    """A newsletter's banner is on the page, in a fold that is shut."""
    (fold,) = open_page(client, "/documents/saddle").cssselect("details.folded")
    assert "Subscribe to our newsletter" in fold.text_content()
    assert fold.get("open") is None


HOSTILE = "<img src=x onerror=alert(1)><script>alert(1)</script>"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """Serve the pages over documents that try everything: markup in every field and links that are scripts."""
    folder = tmp_path_factory.mktemp("hostile")
    front = (
        f"title: '{HOSTILE}'\nurl: 'javascript:alert(1)'\npublisher: '{HOSTILE}'\nlicence: '{HOSTILE}'\nreferences:\n"
    )
    front += f"  - {{number: 1, title: '{HOSTILE}', authors: '{HOSTILE}', url: 'javascript:alert(1)'}}\n"
    text = f"---\n{front}---\n\n## \\{HOSTILE}?\n\n`{HOSTILE}` [1]\n\n    {HOSTILE}\n"
    read_one = document(folder, text, "hostile.md")
    write_documents([read_one], folder)
    info = IndexInfo(
        generation="g", corpus_hash="c", format=1, name=HOSTILE, scope=HOSTILE, disclaimer=HOSTILE, region=None,
        documents=1, passages=1, sentences=1, encoder="e", encoder_revision="r", reranker="none", reranker_revision="", calibration=prior_of("none").calibration, bytes=1,
    )  # fmt: skip
    index = SimpleNamespace(info=lambda: info, documents=DocumentStore(folder, (read_one.id,)), path=folder)
    app = Starlette()
    pipeline = cast("Pipeline", SimpleNamespace(index=index, ask=lambda *_, **__: None))
    add_pages(app, Workers(Service(pipeline)), origins=())
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/documents", "/documents/hostile", "/documents/none", "/embed"])
def test_no_text_becomes_markup(hostile: TestClient, path: str) -> None:
    """Whatever a document or a link says is text on the page, and no script's address is a link."""
    text = hostile.get(path, headers=HTML, params={"q": HOSTILE, "find": "<img", "quote": HOSTILE}).text
    shown = document_fromstring(text)
    assert shown.cssselect("img") == []
    assert all((script.get("src") or "").startswith("/") for script in shown.iter("script"))
    assert shown.cssselect("[onerror], [style], a[href^='javascript']") == []
    assert html.escape(HOSTILE, quote=False) in text or path == "/embed"


def test_an_unknown_document_is_told_to_people_and_programs(client: TestClient) -> None:
    """A browser gets a page that leads on, a program a problem; both are 404."""
    page = client.get("/documents/none", headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "No document has the id" in page.text
    problem = client.get("/documents/none")
    assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")


def test_documents_are_listed_and_found_by_their_titles(client: TestClient) -> None:
    """The list is whole, a filter takes words of the title in any order, and an odd page number is the first."""
    everything = open_page(client, "/documents")
    assert [each.get("href") for each in everything.cssselect(".cards a")] == [
        f"/documents/{id_}" for id_ in ("brakes", "chain", "saddle", "tyres", "winter--storing")
    ]
    assert [
        each.text_content() for each in open_page(client, "/documents", find="TUBES tyres").cssselect(".cards strong")
    ] == ["Tyres and tubes"]
    assert open_page(client, "/documents", find="moon").cssselect(".cards a") == []
    for number in ("0", "-1", "x", "99999999999", "2"):
        assert len(open_page(client, "/documents", page=number).cssselect(".cards a")) == 5


def test_a_title_is_read_without_its_document(tmp_path: Path) -> None:
    """The list's titles are the documents' own: with quotation marks, back strokes, other scripts, or very long."""
    titles = ['He said "oil"', "back\\slash", 'ends with \\"', "Ölkännchen 🚲", "x" * 5_000, '","text":"', ""]
    plain = document(tmp_path, "A chain.")
    documents = [replace(plain, id=f"d{at}", title=title) for at, title in enumerate(titles)]
    write_documents(documents, tmp_path)
    store = DocumentStore(tmp_path, tuple(each.id for each in documents))
    assert [store.title(at) for at in range(len(store))] == titles


def test_a_page_that_was_kept_is_not_sent_again(client: TestClient) -> None:
    """The same page has the same tag; another citation has another."""
    first = client.get("/documents/chain")
    assert client.get("/documents/chain", headers={"if-none-match": first.headers["etag"]}).status_code == 304
    assert client.get("/documents/chain?start=3&end=9").headers["etag"] != first.headers["etag"]


def test_what_is_large_is_compressed(client: TestClient) -> None:
    """A page, an answer and the widget are sent compressed to whoever takes that."""
    for path in ("/", "/documents/chain", "/widget.js", "/page.css", "/v1/documents/chain"):
        assert client.get(path, headers={"accept-encoding": "gzip"}).headers["content-encoding"] == "gzip"
        assert "content-encoding" not in client.get(path, headers={"accept-encoding": "identity"}).headers
