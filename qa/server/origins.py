"""A request's Origin -> whether its page may ask here. Pages of other origins may not, unless a setting names them."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware

from qa.server.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_HEADERS = ("accept-language", "authorization", "content-type")
_PREFLIGHT_SECONDS = 7_200
_FOREIGN = (
    "The page's origin {origin} may not ask here. Whoever runs this service allows it with "
    "QA_ORIGINS={origin}, with origins in qa.toml or with qa serve --origins."
)


class Origins:
    """Let pages of the allowed origins and of the service's own post, and read what is under ``/v1/``; no cookie counts.

    What a foreign page sends is refused whatever its path, so that no prefix that a proxy adds takes the check away.
    Whatever else is read is public; a path that is not seen to be under ``/v1/`` only lacks the permission to be read.
    """

    def __init__(self, app: ASGIApp, *, allowed: Sequence[str]) -> None:
        """Allow the named origins; ``*`` allows any."""
        self._app = app
        self._allowed = frozenset(allowed)
        self._shared = CORSMiddleware(
            app,
            allow_origins=tuple(allowed),
            allow_methods=("GET", "POST"),
            allow_headers=_HEADERS,
            expose_headers=("Retry-After",),
            max_age=_PREFLIGHT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer preflights, refuse what a foreign page posts, pass the rest on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        reads = scope["method"] in {"GET", "HEAD"}
        if reads and not scope["path"].removeprefix(scope.get("root_path", "")).startswith("/v1/"):
            await self._app(scope, receive, send)
        elif origin is None or "*" in self._allowed or origin in self._allowed:
            await self._shared(scope, receive, send)
        elif reads or _same(origin, headers):
            await self._app(scope, receive, send)  # the browser keeps what it reads from a foreign page
        else:
            refusal = problem(HTTPStatus.FORBIDDEN, _FOREIGN.format(origin=origin), {"Vary": "Origin"})
            await refusal(scope, receive, send)


def _same(origin: str, headers: Headers) -> bool:
    """Tell whether a page asks the service it came from; behind a proxy that changes Host only the browser knows.

    A page on a name that was bound to this address is of the same origin too: :class:`qa.server.hosts.Hosts` refuses it.
    """
    return headers.get("sec-fetch-site") == "same-origin" or origin.partition("://")[2] == headers.get("host")
