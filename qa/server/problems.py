"""Whatever goes wrong -> application/problem+json (RFC 9457). A client's fault is 4xx, never 5xx."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from qa.errors import BadIndex, QuestionError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_TYPE = "application/problem+json"
MAX_BODY_BYTES = 262_144
# Of each response that has no others: its bytes are what they are called, are kept nowhere, and name no address.
PRIVATE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
CLOSE = {"Connection": "close"}
SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "What was wrong, as RFC 9457 has it.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer", "description": "The status of the response."},
        "detail": {"type": "string", "description": "What is, what was expected, what to do."},
    },
}
RESPONSE: dict[str, Any] = {
    "description": "What was wrong",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_MOST_FAULTS, _LONGEST_NAME = 5, 60
_TOO_LARGE = f"The body is over {MAX_BODY_BYTES} bytes; a question needs far fewer."
_UNREADABLE = "The body cannot be read; expected JSON in UTF-8, with numbers and nesting of an ordinary size."
# What the framework says says too little.
_OF_THE_FRAMEWORK = {
    (400, "There was an error parsing the body"): _UNREADABLE,
    (404, "Not Found"): "Nothing is at this address. See /docs.",
    (405, "Method Not Allowed"): "This address does not take that method; the header Allow names those it takes.",
}
_DAMAGED = "The index was damaged while it served; its log says how. Whoever runs this service must build it again and restart."
_NOT_JSON = "Expected JSON. Send it with the header: Content-Type: application/json"
_NO_LENGTH = "Content-Length is no number; expected the body's length in bytes."


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem: what is, what was expected, what to do."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    # That of an unforeseen error passes no middleware, so the headers are added here.
    headers = {**PRIVATE, **(headers or {})}
    return Response(json.dumps(body), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def install(app: FastAPI) -> None:
    """Make every error of the app a problem."""

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if request.method == "POST" and not _says_json(request):
            return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, _NOT_JSON)
        faults = error.errors()
        told = [_told(fault) for fault in faults[:_MOST_FAULTS]]
        if len(faults) > _MOST_FAULTS:
            told.append(f"and {len(faults) - _MOST_FAULTS} more faults")
        detail = f"The request does not fit the schema in /openapi.json: {'; '.join(told)}."
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)

    @app.exception_handler(QuestionError)
    async def unusable(_: Request, error: QuestionError) -> Response:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))

    @app.exception_handler(BadIndex)
    async def damaged(_: Request, error: BadIndex) -> Response:
        logging.getLogger("uvicorn.error").error("%s", error)
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, _DAMAGED)

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> Response:
        detail = _OF_THE_FRAMEWORK.get((error.status_code, error.detail), error.detail)
        return problem(error.status_code, detail, _with_head(error.headers or {}))

    @app.exception_handler(ClientDisconnect)
    async def gone(_: Request, __: ClientDisconnect) -> Response:
        return Response(status_code=HTTPStatus.REQUEST_TIMEOUT)  # nobody receives it

    @app.exception_handler(Exception)
    async def failed(_: Request, __: Exception) -> Response:
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The service failed; the fault is in its log.")


def _with_head(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Name HEAD where GET is allowed: see :class:`qa.server.entrance.Head`."""
    methods = headers.get("Allow", "").split(", ")
    return {**headers, "Allow": ", ".join(sorted({*methods, "HEAD"}))} if "GET" in methods else headers


def _says_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def _told(fault: Mapping[str, Any]) -> str:
    """Say what is wrong where. The input itself is left out: it may be large or private."""
    if fault["type"] == "json_invalid":
        return f"the body is no JSON: {fault['ctx']['error']} at character {fault['loc'][-1]}"
    place = ".".join(map(str, fault["loc"]))
    return f"{_cut(place)}: {fault['msg']}"


def short(name: str) -> str:
    """Quote a name that a client sent, at a length that can be read, however its characters are written."""
    quoted = repr(name)
    return f"{quoted[0]}{_cut(quoted[1:-1])}{quoted[-1]}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…"


class StrictRoute(APIRoute):
    """A route whose body may name each field once: of two, some readers take the first and some the last."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Read the body strictly."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strict


class _StrictRequest(Request):
    async def json(self) -> Any:
        # Of bytes, json would take UTF-16 and UTF-32 too.
        return json.loads((await self.body()).decode("utf-8-sig"), object_pairs_hook=_once)


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name, value in pairs:
        if name in fields:
            detail = f"The body holds the field {short(name)} twice; expected it once."
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
        fields[name] = value
    return fields


class BodyLimit:
    """Refuse a body over the limit before it is read whole."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting its bytes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit():
            await problem(HTTPStatus.BAD_REQUEST, _NO_LENGTH)(scope, receive, send)
            return
        if _exceeds(length):
            await problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)
            return message

        await self._app(scope, counted, send)


def _exceeds(length: bytes) -> bool:
    """Compare a decimal number with the limit; one of thousands of digits cannot even be converted."""
    digits = length.lstrip(b"0") or b"0"
    return len(digits) > len(str(MAX_BODY_BYTES)) or int(digits) > MAX_BODY_BYTES
