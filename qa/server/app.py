"""The HTTP endpoints. Each is one call of the pipeline or the index, sent as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query, Request
from fastapi.responses import Response
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from qa.cite import card
from qa.pipeline import Pipeline
from qa.safety import accepted
from qa.server import problems
from qa.server.entrance import guard
from qa.server.feedback import FeedbackFile
from qa.server.hosts import LOOPBACK
from qa.server.origins import Origins
from qa.server.pages import add_pages
from qa.server.requests import AskRequest, FeedbackRequest, Filters, Page, SearchRequest
from qa.server.workers import RefuseEarly, Workers
from qa.types import Answer, Document, DocumentList, IndexInfo, Refusal, SearchResult

_OUTCOME: TypeAdapter[Answer | Refusal] = TypeAdapter(Answer | Refusal)
_SEARCH = TypeAdapter(SearchResult)
_LIST = TypeAdapter(DocumentList)
_INFO = TypeAdapter(IndexInfo)
_LEAST_COMPRESSED, _COMPRESSION = 1_024, 6
_NO_FEEDBACK = "This service keeps no feedback. Whoever runs it can name a file for it with QA_FEEDBACK."
_RESPONSES: dict[int | str, dict[str, Any]] = {"4XX": problems.RESPONSE, "503": problems.RESPONSE}


def create_app(
    workers: Workers,
    *,
    origins: Sequence[str] = (),
    hosts: Sequence[str] = (),
    bound: str = LOOPBACK,
    feedback: FeedbackFile | None = None,
) -> FastAPI:
    """Return the app that asks a pipeline.

    :param workers: where requests that need the pipeline run.
    :param origins: those whose pages may ask, besides the service's own; ``*`` for any.
    :param hosts: those it answers to, besides the loopback and ``bound``; ``*`` for any.
    :param bound: the address that is listened on.
    :param feedback: where verdicts on answers are kept; without it they are refused.
    """
    app = FastAPI(
        title="Citewell",
        description="Answers that are quotes, each with its place in the source.",
        docs_url=None,
        redoc_url=None,
    )
    app.router.route_class = problems.StrictRoute
    problems.install(app)
    app.add_middleware(problems.BodyLimit)
    app.add_middleware(RefuseEarly, workers=workers)
    app.add_middleware(Origins, allowed=origins)
    app.add_middleware(GZipMiddleware, minimum_size=_LEAST_COMPRESSED, compresslevel=_COMPRESSION)
    guard(app, hosts=hosts, bound=bound)
    _add_questions(app, workers)
    _add_feedback(app, feedback)
    _add_sources(app, workers)
    _add_operations(app, workers)
    add_pages(app, workers, origins=origins)
    _complete_schema(app)
    return app


def _add_questions(app: FastAPI, workers: Workers) -> None:
    @app.post("/v1/ask", response_model=Answer | Refusal, responses=_RESPONSES, tags=["questions"])
    async def ask(asked: AskRequest, request: Request, accept_language: Annotated[str, Header()] = "") -> Response:
        """Answer a question with quotes, or refuse; an emergency is a refusal that says whom to call."""

        def answer(pipeline: Pipeline) -> Response:
            outcome = pipeline.ask(
                asked.question,
                top=asked.top,
                region=asked.region,
                lang=asked.lang,
                accepted=accepted(accept_language),
                documents=_ordinals(asked.filters, pipeline),
                history=asked.history,
            )
            return _json(_OUTCOME.dump_json(outcome))

        return await workers.run(request, answer)

    @app.post("/v1/search", response_model=SearchResult, responses=_RESPONSES, tags=["questions"])
    async def search(asked: SearchRequest, request: Request) -> Response:
        """Return the best passages for a question, without any gate."""

        def find(pipeline: Pipeline) -> Response:
            documents = _ordinals(asked.filters, pipeline)
            return _json(_SEARCH.dump_json(pipeline.search(asked.question, top=asked.top, documents=documents)))

        return await workers.run(request, find)


def _add_sources(app: FastAPI, workers: Workers) -> None:
    @app.get("/v1/documents", response_model=DocumentList, tags=["sources"], responses=_RESPONSES)
    async def documents(page: Annotated[Page, Query()], request: Request) -> Response:
        """List the documents, in order of their ids."""

        def listed(pipeline: Pipeline) -> Response:
            store = pipeline.index.documents
            shown = range(page.offset, min(page.offset + page.limit, len(store)))
            cards = tuple(card(store.listed(ordinal)) for ordinal in shown)
            return _json(_LIST.dump_json(DocumentList(total=len(store), offset=page.offset, documents=cards)))

        return await workers.run(request, listed)

    @app.get("/v1/documents/{document_id}", response_model=Document, tags=["sources"], responses=_RESPONSES)
    async def document(document_id: str, request: Request) -> Response:
        """Return a document with its text, sections and everything marked in it."""

        def found(pipeline: Pipeline) -> Response:
            if document_id not in pipeline.index.documents:
                raise HTTPException(
                    HTTPStatus.NOT_FOUND, f"No document has the id {problems.short(document_id)}. See /v1/documents."
                )
            return _json(pipeline.index.documents.json(pipeline.index.documents.ordinal(document_id)))

        return await workers.run(request, found)

    @app.get("/v1/index", response_model=IndexInfo, tags=["sources"], responses=_RESPONSES)
    async def info(request: Request) -> Response:
        """Say what the index holds and what it was built from."""
        return await workers.run(request, lambda pipeline: _json(_INFO.dump_json(pipeline.index.info())))


def _add_feedback(app: FastAPI, feedback: FeedbackFile | None) -> None:
    @app.post("/v1/feedback", status_code=HTTPStatus.NO_CONTENT, tags=["questions"], responses=_RESPONSES)
    def judge(request: FeedbackRequest, connection: Request) -> None:
        """Keep a reader's verdict on an answer; 404 where this service keeps none."""
        if feedback is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, _NO_FEEDBACK)
        feedback.add(request, connection.client.host if connection.client else "")


def _add_operations(app: FastAPI, workers: Workers) -> None:
    @app.get("/healthz", tags=["operations"])
    async def healthy() -> dict[str, str]:
        """Say that the process is alive."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["operations"])
    async def ready() -> dict[str, str]:
        """Say that questions are answered: the index is open, and none of its files was cut off; 503 otherwise."""
        with workers.service.lease() as pipeline:
            try:
                pipeline.index.check()
            finally:
                del pipeline
        return {"status": "ready"}


def _complete_schema(app: FastAPI) -> None:
    """Say in the OpenAPI what the framework cannot know: every field of a response is there, defaults included."""
    schema = app.openapi()
    schemas = schema["components"]["schemas"]
    sent = {request.__name__ for request in (AskRequest, SearchRequest, FeedbackRequest, Filters)}
    for name, each in schemas.items():
        if name not in sent:
            each["required"] = list(each["properties"])
    schemas["Problem"] = problems.SCHEMA


def _ordinals(filters: Filters, pipeline: Pipeline) -> tuple[int, ...]:
    """Return the ordinals of the documents to look in; none for all."""
    unknown = [id_ for id_ in filters.document_ids if id_ not in pipeline.index.documents]
    if unknown:
        detail = f"filters.document_ids: no document has the id {problems.short(unknown[0])}. See /v1/documents."
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    return tuple(sorted({pipeline.index.documents.ordinal(id_) for id_ in filters.document_ids}))


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")
