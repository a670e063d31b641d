"""Bytes made at the start -> responses with their headers; a client that has them already is told so."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

# Nothing but the service's own files; nothing in the page's own text can run.
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
}
# Any page may load it: a script of a module is fetched as foreign scripts are not, and holds nothing private.
SHARED_HEADERS = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
_ALWAYS = {"X-Content-Type-Options": "nosniff"}
_MINUTES = "public, max-age=600, stale-while-revalidate=86400"

_LARGE, _COMPRESSION = 65_536, 6

Endpoint = Callable[[Request], Awaitable[Response]]


def page(request: Request, content: str, status: int = HTTPStatus.OK) -> Response:
    """Return a page; a client that kept it asks whether it is still the same."""
    return _tagged(
        request, content.encode(), "text/html; charset=utf-8", {**PAGE_HEADERS, "Cache-Control": "no-cache"}, status
    )


def asset(content: bytes, media_type: str, headers: dict[str, str] | None = None) -> Endpoint:
    """Return an endpoint that serves a file, which may be kept for ten minutes without asking."""

    async def serve(request: Request) -> Response:
        return _tagged(request, content, media_type, {"Cache-Control": _MINUTES, **(headers or {})})

    return serve


def compressed(request: Request, response: Response) -> Response:
    """Compress a large body if the client takes that. Call it in a thread: the event loop would answer nobody meanwhile.

    Smaller bodies are left to the middleware.
    """
    if len(response.body) < _LARGE or "gzip" not in request.headers.get("accept-encoding", ""):
        return response
    response.body = gzip.compress(bytes(response.body), _COMPRESSION, mtime=0)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))
    response.headers.add_vary_header("Accept-Encoding")
    return response


def _tagged(
    request: Request, content: bytes, media_type: str, headers: dict[str, str], status: int = HTTPStatus.OK
) -> Response:
    """Name the content by its hash; the name is weak, since compressing comes after."""
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:20]}"'
    headers = {**_ALWAYS, **headers, "ETag": tag}
    if status == HTTPStatus.OK and tag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, status_code=status, media_type=media_type, headers=headers)
