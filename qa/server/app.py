"""The HTTP endpoints. Each is one call of the pipeline or the index, sent as JSON."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from importlib.resources import files
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query
from fastapi.responses import Response
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException

from qa.cite import card
from qa.pipeline import Pipeline
from qa.safety import accepted
from qa.server import problems
from qa.server.requests import AskRequest, Filters, Page, SearchRequest
from qa.types import Answer, Document, DocumentList, IndexInfo, Refusal, SearchResult

_OUTCOME: TypeAdapter[Answer | Refusal] = TypeAdapter(Answer | Refusal)
_SEARCH = TypeAdapter(SearchResult)
_DOCUMENT = TypeAdapter(Document)
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/docs": ("docs.html", "text/html"),
    "/docs.js": ("docs.js", "text/javascript"),
}
# The widget may be loaded by any page: neither file holds anything of the corpus.
_WIDGET = {"/widget.js": "citewell-chat.js", "/widget-strings.js": "widget-strings.js"}
_ANYWHERE = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "no-cache",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
_RESPONSES: dict[int | str, dict[str, Any]] = {"4XX": problems.RESPONSE}


def create_app(pipeline: Pipeline) -> FastAPI:
    """Return the service over one pipeline."""
    app = FastAPI(
        title="Citewell",
        description="Answers that are quotes, each with its place in the source.",
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    app.add_middleware(problems.BodyLimit)
    _add_questions(app, pipeline)
    _add_sources(app, pipeline)
    _add_pages(app)
    _complete_schema(app)
    return app


def _add_questions(app: FastAPI, pipeline: Pipeline) -> None:
    @app.post("/v1/ask", response_model=Answer | Refusal, responses=_RESPONSES, tags=["questions"])
    def ask(request: AskRequest, accept_language: Annotated[str, Header()] = "") -> Response:
        """Answer a question with quotes, or refuse; an emergency is a refusal that says whom to call."""
        documents = _ordinals(request.filters, pipeline)
        lang = request.lang or accepted(accept_language)
        outcome = pipeline.ask(request.question, top=request.top, region=request.region, lang=lang, documents=documents)
        return _json(_OUTCOME.dump_json(outcome))

    @app.post("/v1/search", response_model=SearchResult, responses=_RESPONSES, tags=["questions"])
    def search(request: SearchRequest) -> Response:
        """Return the best passages for a question, without any gate."""
        documents = _ordinals(request.filters, pipeline)
        return _json(_SEARCH.dump_json(pipeline.search(request.question, top=request.top, documents=documents)))


def _add_sources(app: FastAPI, pipeline: Pipeline) -> None:
    index = pipeline.index

    @app.get("/v1/documents", tags=["sources"], responses=_RESPONSES)
    def documents(page: Annotated[Page, Query()]) -> DocumentList:
        """List the documents, in order of their ids."""
        shown = range(page.offset, min(page.offset + page.limit, len(index.documents)))
        cards = tuple(card(index.documents.at(ordinal)) for ordinal in shown)
        return DocumentList(total=len(index.documents), offset=page.offset, documents=cards)

    @app.get("/v1/documents/{document_id}", response_model=Document, tags=["sources"], responses=_RESPONSES)
    def document(document_id: str) -> Response:
        """Return a document with its text, sections and everything marked in it."""
        if document_id not in index.documents:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"No document has the id {document_id!r}. See /v1/documents.")
        return _json(_DOCUMENT.dump_json(index.documents.get(document_id)))

    @app.get("/v1/index", tags=["sources"])
    def info() -> IndexInfo:
        """Say what the index holds and what it was built from."""
        return index.info()


def _add_pages(app: FastAPI) -> None:
    @app.get("/healthz", tags=["operations"])
    def healthy() -> dict[str, str]:
        """Say that the process is alive."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["operations"])
    def ready() -> dict[str, str]:
        """Say that questions are answered: the index is opened before the first connection is taken."""
        return {"status": "ready"}

    for path, (name, media_type) in _PAGES.items():
        _add_page(app, path, files("qa.server").joinpath("page", name).read_bytes(), media_type, _HEADERS)
    for path, name in _WIDGET.items():
        content = files("qa").joinpath("widget", name).read_bytes()
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        _add_page(app, path, content, "text/javascript", _ANYWHERE | {"ETag": etag})


def _add_page(app: FastAPI, path: str, content: bytes, media_type: str, headers: dict[str, str]) -> None:
    def page(if_none_match: Annotated[str, Header()] = "") -> Response:
        if "ETag" in headers and headers["ETag"] in if_none_match:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(content, media_type=media_type, headers=headers)

    app.api_route(path, methods=["GET", "HEAD"], include_in_schema=False)(page)


def _complete_schema(app: FastAPI) -> None:
    """Say in the OpenAPI what the framework cannot know: every field of a response is there, defaults included."""
    schema = app.openapi()
    schemas = schema["components"]["schemas"]
    sent = {request.__name__ for request in (AskRequest, SearchRequest, Filters)}
    for name, each in schemas.items():
        if name not in sent:
            each["required"] = list(each["properties"])
    schemas["Problem"] = problems.SCHEMA


def _ordinals(filters: Filters, pipeline: Pipeline) -> tuple[int, ...]:
    """Return the ordinals of the documents to look in; none for all."""
    unknown = [id_ for id_ in filters.document_ids if id_ not in pipeline.index.documents]
    if unknown:
        detail = f"filters.document_ids: no document has the id {unknown[0]!r}. See /v1/documents."
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    return tuple(sorted({pipeline.index.documents.ordinal(id_) for id_ in filters.document_ids}))


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")
