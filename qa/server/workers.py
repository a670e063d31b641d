"""Requests that need the pipeline run in a few threads, behind a bounded queue; what does not fit gets 503."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio
from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from qa.machine import cores
from qa.pipeline import Pipeline
from qa.server.problems import problem
from qa.server.served import compressed
from qa.server.service import Service

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

QUEUED_PER_THREAD = 32
RETRY_SECONDS = 1
_REFUSING_SECONDS = 1.0
_QUESTIONS = ("/v1/ask", "/v1/search")
_RETRY = {"Retry-After": str(RETRY_SECONDS)}
_URGENT = "In an emergency, call your emergency number now."
_FULL = f"More questions are waiting than can be answered soon. Try again in a moment. {_URGENT}"
_CLOSING = f"The service is being stopped or restarted. Try again in a moment. {_URGENT}"


class Workers:
    """Run work on the pipeline that serves, first come, first served. Use it from one event loop only."""

    def __init__(self, service: Service, *, threads: int | None = None, queue: int | None = None) -> None:
        """Take what the pipeline is leased from.

        :param threads: how many requests are in work at once, at least 1; without it one a core.
        :param queue: how many more may wait, at least 0; without it 32 for each in work.
        """
        self.service = service
        self._threads = threads or cores()
        self._most = self._threads + (QUEUED_PER_THREAD * self._threads if queue is None else queue)
        # A turn is waited for first, so that it can be dropped without starting a thread; then a thread is always free.
        self._turns = anyio.CapacityLimiter(self._threads)
        self._running = anyio.CapacityLimiter(self._threads)
        self._waiting: set[anyio.CancelScope] = set()
        self._admitted = 0

    @property
    def full(self) -> bool:
        """Tell whether nothing more is taken at the moment."""
        return self._admitted >= self._most

    async def run(self, request: Request, work: Callable[[Pipeline], Response]) -> Response:
        """Return the response that ``work`` makes with the pipeline, in a thread, once it is the request's turn.

        Work whose client has gone is dropped when its turn comes.

        :raises HTTPException: 503 if the queue is full, or if the service stops before the request's turn.
        :raises ClientDisconnect: if the client has gone.
        """
        await request.body()  # read first: a slow client takes nobody's turn
        if self.full:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, _FULL, _RETRY)
        self._admitted += 1
        try:
            await self._wait(request)
            try:
                if await request.is_disconnected():
                    raise ClientDisconnect
                return await run_sync(self._respond, request, work, limiter=self._running)
            finally:
                self._turns.release_on_behalf_of(request)
        finally:
            self._admitted -= 1

    async def _wait(self, request: Request) -> None:
        with anyio.CancelScope() as waiting:
            self._waiting.add(waiting)
            try:
                await self._turns.acquire_on_behalf_of(request)
            finally:
                self._waiting.discard(waiting)
        if waiting.cancelled_caught:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, _CLOSING, _RETRY)

    def _respond(self, request: Request, work: Callable[[Pipeline], Response]) -> Response:
        with self.service.lease() as pipeline:
            try:
                response = work(pipeline)
            finally:
                del pipeline  # the last lease of a replaced pipeline frees it when it ends
        return compressed(request, response)

    def refuse_waiting(self) -> None:
        """Refuse all that still wait; what is in work is finished."""
        for waiting in tuple(self._waiting):
            waiting.cancel()


class RefuseEarly:
    """Refuse questions while the queue is full, before anything is read or checked.

    A refusal must cost little, and clients that ask again at once must not take the time of others. So a refused client
    gets its answer only after a while, if no place has come free by then.
    """

    def __init__(self, app: ASGIApp, *, workers: Workers) -> None:
        """Refuse on behalf of ``workers``."""
        self._app, self._workers = app, workers
        self._refusal = problem(HTTPStatus.SERVICE_UNAVAILABLE, _FULL, _RETRY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on unless it asks a question and nothing more is taken."""
        asks = scope["type"] == "http" and scope["path"].endswith(_QUESTIONS)
        if asks and self._workers.full:
            await anyio.sleep(_REFUSING_SECONDS)
        await (self._refusal if asks and self._workers.full else self._app)(scope, receive, send)
