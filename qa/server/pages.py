"""The pages for people: "/", the documents, a document, the widget and a page that embeds it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from qa.pipeline import Pipeline
from qa.server import problems
from qa.server.cited import cited
from qa.server.examples import examples
from qa.server.readable import readable
from qa.server.served import SHARED_HEADERS, asset, page
from qa.server.service import Latest
from qa.server.workers import Workers

_EXAMPLES, _AT_HOME, _A_PAGE = 4, 12, 48
_ASSETS = {
    "/page.css": ("server/page/page.css", "text/css", {}),
    "/page.js": ("server/page/page.js", "text/javascript", {}),
    "/docs.js": ("server/page/docs.js", "text/javascript", {}),
    "/embed.css": ("server/page/embed.css", "text/css", {}),
    "/widget.js": ("widget/citewell-chat.js", "text/javascript", SHARED_HEADERS),
    "/widget-strings.js": ("widget/widget-strings.js", "text/javascript", SHARED_HEADERS),
}
_WEB = re.compile(r"https?://", re.IGNORECASE)


def add_pages(app: Starlette, workers: Workers, *, origins: Sequence[str]) -> None:
    """Add the pages to an app; what they load comes from this service alone."""
    site = _Site(origins)
    pages = {
        "/": site.home,
        "/embed": site.embed,
        "/docs": site.docs,
        "/documents": site.documents,
        "/documents/{document_id}": site.document,
    }
    for path, render in pages.items():
        app.add_route(path, _in_turn(workers, render), methods=["GET"], include_in_schema=False)
    for path, (name, media_type, headers) in _ASSETS.items():
        content = files("qa").joinpath(*name.split("/")).read_bytes()
        app.add_route(path, asset(content, media_type, headers), methods=["GET"], include_in_schema=False)


def _in_turn(
    workers: Workers, render: Callable[[Request, Pipeline], Response]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await workers.run(request, lambda pipeline: render(request, pipeline))

    return endpoint


class _Site:
    """Renders pages. Every text is escaped; nothing of a document reaches a page as HTML."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._environment = Environment(
            loader=PackageLoader("qa.server"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {"anybody": "*" in origins, "here": "", "count": _count}
        self._environment.tests["web"] = lambda url: bool(_WEB.match(url or ""))
        # What few visitors need is made when the first one comes.
        self._examples = Latest(lambda pipeline: examples(pipeline, _EXAMPLES))
        self._titles = Latest(_titles)

    def home(self, request: Request, pipeline: Pipeline) -> Response:
        """Show what the corpus is about, the widget, the documents and how to embed it."""
        documents = pipeline.index.documents
        cards = [documents.at(at) for at in range(min(_AT_HOME, len(documents)))]
        origin = str(request.base_url).rstrip("/")
        return self._page(request, pipeline, "home", cards=cards, examples=self._examples.of(pipeline), origin=origin)

    def embed(self, request: Request, pipeline: Pipeline) -> Response:
        """Show the widget on a page that knows nothing of it."""
        return self._page(request, pipeline, "embed")

    def docs(self, request: Request, pipeline: Pipeline) -> Response:
        """Show the API's description, which the page loads by itself."""
        return self._page(request, pipeline, "docs", here="docs")

    def documents(self, request: Request, pipeline: Pipeline) -> Response:
        """List the documents whose titles hold some words, a page at a time."""
        find = request.query_params.get("find", "").strip()
        words = find.casefold().split()
        found = [
            at for at, title in enumerate(self._titles.of(pipeline)) if all(word in title.casefold() for word in words)
        ]
        pages = max(1, -(-len(found) // _A_PAGE))
        asked = request.query_params.get("page", "1")
        number = min(pages, max(1, int(asked))) if re.fullmatch("[0-9]{1,9}", asked) else 1
        cards = [pipeline.index.documents.at(at) for at in found[(number - 1) * _A_PAGE : number * _A_PAGE]]
        return self._page(
            request,
            pipeline,
            "documents",
            here="documents",
            find=find,
            found=len(found),
            pages=pages,
            number=number,
            cards=cards,
        )

    def document(self, request: Request, pipeline: Pipeline) -> Response:
        """Show a document with the cited places highlighted; links to them that fit no place highlight nothing."""
        id_ = request.path_params["document_id"]
        if id_ not in pipeline.index.documents:
            return self._missing(request, pipeline, id_)
        document, query = pipeline.index.documents.get(id_), request.query_params
        places = cited(document, query.getlist("start"), query.getlist("end"), query.getlist("quote"))
        shown = readable(document, places)
        numbered = {source.reference.number for source in shown.sources}
        return self._page(request, pipeline, "document", page=shown, numbered=numbered)

    def _missing(self, request: Request, pipeline: Pipeline, id_: str) -> Response:
        """Tell a browser in a page, a program in a problem."""
        detail = f"No document has the id {id_!r}."
        if "text/html" not in request.headers.get("accept", ""):
            return problems.problem(HTTPStatus.NOT_FOUND, f"{detail} See /v1/documents.")
        return self._page(request, pipeline, "missing", status=HTTPStatus.NOT_FOUND, detail=detail)

    def _page(
        self, request: Request, pipeline: Pipeline, template: str, *, status: int = HTTPStatus.OK, **shown: object
    ) -> Response:
        info = pipeline.index.info()
        about = {"name": info.name, "scope": info.scope, "disclaimer": info.disclaimer, "documents": info.documents}
        return page(request, self._environment.get_template(f"{template}.html.jinja").render(about | shown), status)


def _titles(pipeline: Pipeline) -> list[str]:
    return [pipeline.index.documents.title(at) for at in range(len(pipeline.index.documents))]


def _count(noun: str, number: int) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
