"""A page that embeds the chat element, and a service of canned values behind it: what the widget's tests share."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from conftest import write_toy_corpus
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse

import qa
from qa.corpus import read_corpus
from qa.reading import read
from qa.types import (
    Answer,
    Citation,
    Confidence,
    Contact,
    Document,
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
    from playwright.sync_api import ConsoleMessage, Locator, Page
    from playwright.sync_api import Request as BrowserRequest

WIDGET = Path(qa.__path__[0]) / "widget"
# What a careful publisher allows: no inline script, no inline style, nothing from elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; require-trusted-types-for 'script'"
)
HOST = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head>
<body><main><h1>A page</h1><button id="before">Before</button>{tag}<button id="after">After</button></main></body></html>"""
SCRIPT = '<script src="/widget.js" defer></script>'

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
OILED = "A bicycle chain should be oiled every 200 kilometres, and after each ride in the rain."
PUNCTURE = "A tyre that loses air overnight has a slow puncture 🫧!"
LEAD_IN, ITEM = "A worn chain shows itself in three ways:", "the links rattle, unless they are freshly oiled"
DISCLAIMER = "A mechanic knows better."
LONG_WORD = "Kettenverschleissmessgeraetehersteller" * 4


def toy_documents() -> dict[str, Document]:
    """Return the toy corpus' documents by id; reading them needs no encoder."""
    with TemporaryDirectory() as folder:
        return {document.id: document for document in read_corpus(write_toy_corpus(Path(folder) / "corpus")).documents}


DOCUMENTS = toy_documents()


def cited(number: int, document_id: str, *quotes: str, **changes: object) -> Citation:
    """Cite quotes, given as they are read, in the first section that holds them; all but the last are lead-ins."""
    document = DOCUMENTS[document_id]
    section = next(each for each in document.sections if quotes[0] in read(document, each.span).text)
    reading = read(document, section.span)
    highlights = [(reading.text.index(quote), reading.text.index(quote) + len(quote)) for quote in quotes]
    spans = [reading.to_document(start, end) for start, end in highlights]
    bibliography = {reference.number: reference for reference in document.references}
    citation = Citation(
        citation=number,
        rank=number,
        score=0.8,
        text=reading.text,
        highlights=tuple(Highlight(start=start, end=end) for start, end in highlights),
        exact=section.span.of(document.text),
        location=Location(start=section.span.start, end=section.span.end),
        quotes=tuple(
            Quote(
                role="answer" if at == len(spans) - 1 else "lead_in",
                start=span.start,
                end=span.end,
                exact=span.of(document.text),
                prefix="",
                suffix="",
            )
            for at, span in enumerate(spans)
        ),
        document=DocumentCard(
            id=document.id,
            title=document.title,
            url=document.url,
            publisher=document.publisher,
            licence=document.licence,
        ),
        section=section.path,
        page=None,
        source_references=tuple(
            SourceReference(
                marker=marker.span.of(document.text),
                numbers=marker.numbers,
                start=marker.span.start,
                end=marker.span.end,
                resolved=tuple(bibliography.get(each) for each in marker.numbers),
            )
            for marker in document.markers
            if section.span.contains(marker.span)
        ),
    )
    return replace(citation, **changes)  # type: ignore[arg-type]


CHAIN = cited(1, "chain", OILED)
BAD = DocumentCard(id="bad/../id", title=HOSTILE, url="javascript:alert(1)", publisher=HOSTILE, licence=HOSTILE)
BAD_REFERENCE = Reference(number=1, title=HOSTILE, authors=HOSTILE, url="javascript:alert(1)")
BAD_MARKER = SourceReference(marker=HOSTILE, numbers=(1,), start=0, end=1, resolved=(BAD_REFERENCE,))
WIDE = DocumentCard(id="wide", title=LONG_WORD, url="https://example.org/", publisher=LONG_WORD, licence=LONG_WORD)
ANSWERS = {
    "chain": (CHAIN, cited(2, "tyres", PUNCTURE, page=7)),
    "list": (cited(1, "chain", LEAD_IN, ITEM),),
    "hostile": (
        replace(
            CHAIN, text=f"{HOSTILE} {CHAIN.text}", document=BAD, section=(HOSTILE,), source_references=(BAD_MARKER,)
        ),
    ),
    "wide": (replace(CHAIN, document=WIDE, section=(LONG_WORD, LONG_WORD)),),
}
NONE = Safety(level="none", flags=())
NEAR = (
    Suggestion(title="The chain", section=("Oiling",), document_id="chain"),
    Suggestion(title="The saddle", section=("The saddle", "How high should the saddle be?"), document_id="saddle"),
)
AMBULANCE = Contact(name="Ambulance", phone="999 or 112", url="https://example.org/help", region="GB")
TEXT_LINE = Contact(name="A line to text", phone="text HOME to 741741", url=None, region="GB")
GENERIC = Contact(
    name="Your local emergency number (112 in Europe, 999 in the UK, 911 in the US, 000 in Australia)",
    phone=None,
    url=None,
    region=None,
)
CHEST = Flag(id="chest", title="Chest pain", action="Call an ambulance now.")
SITTING = Flag(id="sitting", title="Breathless", action="Sit upright.")
DESPAIR = Flag(id="despair", title="Despair", action="Talk to somebody you trust.")


def _refused(reason: Any, message: str, *contacts: Contact, suggestions: tuple[Suggestion, ...] = ()) -> RefusalDetail:
    return RefusalDetail(reason=reason, message=message, contacts=contacts, suggestions=suggestions)


URGENT = f"This may be an emergency. {CHEST.action} {SITTING.action} Nobody reads along."
REFUSALS = {
    "outside": (_refused("out_of_scope", f"These documents are about bicycles. {HOSTILE}", suggestions=NEAR), NONE),
    "hello": (_refused("not_a_question", "Please ask a question."), NONE),
    "chest": (_refused("emergency", URGENT, AMBULANCE, TEXT_LINE), Safety(level="emergency", flags=(CHEST, SITTING))),
    "anywhere": (_refused("emergency", URGENT, GENERIC), Safety(level="emergency", flags=(CHEST,))),
    "sad": (_refused("crisis", f"I am sorry. {DESPAIR.action}", AMBULANCE), Safety(level="crisis", flags=(DESPAIR,))),
}
LEVELS = {"certain": "VERY_HIGH", "likely": "HIGH", "perhaps": "MEDIUM", "hardly": "LOW"}
FRAME: dict[str, Any] = {
    "id": "ans_1",
    "disclaimer": DISCLAIMER,
    "index": IndexRef(generation="g1", corpus_hash="c1"),
    "timings_ms": Timings(total=6.2),
}
INDEX = {"name": "Bicycle care", "scope": "Looking after a bicycle.", "disclaimer": DISCLAIMER}


def outcome(question: str) -> Answer | Refusal:
    """Find the canned outcome by the question's first word; any other word gets an answer about chains."""
    word = question.split(maxsplit=1)[0]
    if word in REFUSALS:
        detail, safety = REFUSALS[word]
        return Refusal(question=question, refusal=detail, safety=safety, **FRAME)
    level: Any = LEVELS.get(word, "VERY_HIGH")
    return Answer(
        question=question,
        answer="",
        confidence=Confidence(level=level, probability=0.9),
        passages=ANSWERS.get(word, ANSWERS["chain"]),
        sources_disagree=word == "disagree",
        safety=NONE,
        **FRAME,
    )


async def ask(request: Request) -> Response:
    """Answer from the canned outcomes. "status 429 7" is that status, to be retried after seven seconds."""
    question: str = (await request.json())["question"]
    word, *words = question.split()
    if word == "slow":
        for _ in range(400):
            if await request.is_disconnected():
                break
            await asyncio.sleep(0.05)
    if word == "status":
        fault = {"status": int(words[0]), "title": "Bad", "detail": "It is too odd."}
        return JSONResponse(fault, int(words[0]), {"retry-after": words[1]} if words[1:] else {})
    if word in {"garbage", "odd"}:
        return Response({"garbage": "<p>A proxy</p>", "odd": '{"status": "answered", "passages": [{}]}'}[word])
    return JSONResponse(asdict(outcome(question)))


def create_host(policy: str = POLICY) -> FastAPI:
    """Serve the widget's files, a page that embeds it, and the canned service."""
    app = FastAPI()

    @app.get("/host")
    def host(tag: str, head: str = SCRIPT) -> Response:
        page = HOST.format(tag=tag, head=head)
        return Response(page, media_type="text/html", headers={"content-security-policy": policy})

    @app.get("/v1/documents/{document_id}")
    def document(document_id: str) -> Response:
        known = document_id in DOCUMENTS
        return JSONResponse(asdict(DOCUMENTS[document_id]) if known else {}, 200 if known else 404)

    @app.get("/documents/{document_id}")
    def shown(document_id: str) -> Response:
        document = DOCUMENTS[document_id]
        space = "<div style='height: 3000px'></div>"
        texts = (block.span.of(document.text).replace("**", "") for block in document.blocks)
        blocks = "".join(re.sub(r" \[([\d, ]+)\]", r"<sup>\1</sup>", f"<p>{text}</p>") for text in texts)
        return Response(f"<!doctype html><meta charset='utf-8'>{space}{blocks}{space}", media_type="text/html")

    for path, name in (("/widget.js", "citewell-chat.js"), ("/widget-strings.js", "widget-strings.js")):
        app.add_api_route(path, lambda name=name: FileResponse(WIDGET / name, media_type="text/javascript"))
    app.add_api_route("/v1/index", lambda: INDEX)
    app.add_api_route("/v1/feedback", lambda: Response(status_code=204), methods=["POST"])
    app.add_api_route("/v1/ask", ask, methods=["POST"])
    return app


class Widget:
    """The chat element on a page, driven as a visitor would; what the page must never do is kept in ``complaints``."""

    def __init__(self, page: Page, base: str) -> None:
        """Start to listen: console errors include the policy's violations."""
        self.page = page
        self.base = base
        self.complaints: list[str] = []
        self.sent: list[dict[str, Any]] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)

    def _request(self, request: BrowserRequest) -> None:
        if not request.url.startswith(self.base):
            self.complaints.append(request.url)
        if request.url.endswith("/v1/ask"):
            self.sent.append(json.loads(request.post_data or ""))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def embed(self, attributes: str = "", content: str = "", **changes: str) -> Widget:
        """Open a page with the element; ``head`` replaces the script's tag, ``tag`` the whole element."""
        query = {"tag": f"<citewell-chat {attributes}>{content}</citewell-chat>", **changes}
        self.page.goto(f"{self.base}/host?{urlencode(query)}")
        self.page.wait_for_function("!!customElements.get('citewell-chat')")
        return self

    def run(self, script: str, argument: object = None) -> Any:
        """Run a function of the element (and an argument) in the page."""
        call = f"argument => ({script})(document.querySelector('citewell-chat'), argument)"
        return self.page.evaluate(call, argument)

    def ask(self, question: str) -> None:
        """Type a question and press Enter."""
        self.field.fill(question)
        self.field.press("Enter")

    def listen(self, *names: str) -> None:
        """Keep the events of these names, at the document: they bubble, out of the shadow."""
        script = """(chat, names) => { window.heard = []; for (const name of names)
          document.addEventListener(`citewell-${name}`, (event) => heard.push([name, event.detail])); }"""
        self.run(script, list(names))

    @property
    def heard(self) -> list[Any]:
        """Return the events that were kept: their names and details."""
        return self.page.evaluate("window.heard")

    @property
    def field(self) -> Locator:
        """Return where a question is typed."""
        return self.page.get_by_role("textbox", name="Your question")

    @property
    def launcher(self) -> Locator:
        """Return the button that opens the panel."""
        return self.page.locator(".launcher")

    @property
    def log(self) -> Locator:
        """Return the conversation."""
        return self.page.get_by_role("log", name="Conversation")

    @property
    def alert(self) -> Locator:
        """Return the panel of an emergency."""
        return self.page.get_by_role("alert")

    @property
    def card(self) -> Locator:
        """Return the first source's card."""
        return self.page.locator(".card").first
