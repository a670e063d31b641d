"""Put what every request passes first before an app: its host, HEAD and the headers of every response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders

from qa.server.hosts import Hosts
from qa.server.problems import PRIVATE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


def guard(app: Starlette, *, hosts: Sequence[str], bound: str) -> None:
    """Add the middleware, outside of all that was added before.

    :param hosts: those the service answers to, besides the loopback; see :class:`Hosts`.
    :param bound: the address that is listened on.
    """
    app.add_middleware(Hosts, allowed=hosts, bound=bound)
    app.add_middleware(Head)
    app.add_middleware(Private)


class Head:
    """Answer HEAD wherever GET is answered, with the headers of GET and no body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask for GET and drop the body."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, bodiless)


class Private:
    """Give every response the headers of JSON, which nobody may keep, unless it has its own, as pages and assets do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers that are missing."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PRIVATE.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, complete if scope["type"] == "http" else send)
