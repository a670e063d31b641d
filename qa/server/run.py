"""Listen, serve and stop. The only home of uvicorn's server."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from qa.errors import QaError
from qa.legible import LegibleFormatter
from qa.pipeline import Pipeline
from qa.server.app import create_app
from qa.server.connections import BoundedProtocol, Bounds, most_connections
from qa.server.feedback import FeedbackFile
from qa.server.hosts import ANYBODY, exposed
from qa.server.service import Service, Watch
from qa.server.workers import Workers
from qa.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

_KEEP_ALIVE_SECONDS = 15
# After the grace, requests in work have this time; an answer takes milliseconds. Then uvicorn cuts them off.
_LAST_SECONDS = 2
# How many connections the kernel keeps until they are accepted, and how many are accepted at once.
_BACKLOG = 128
# Before the listener is closed, connections that the kernel holds are accepted; closing would reset them.
_ACCEPTING_SECONDS = 0.2
_QUIET_SECONDS = 60.0
_LOG = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"legible": {"()": LegibleFormatter, "format": "%(levelname)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "legible"}},
    "loggers": {"uvicorn": {"handlers": ["stderr"], "propagate": False}},
}


def run(
    pipeline: Pipeline, settings: Settings, *, reopen: Callable[[Path], Pipeline], announce: Callable[[str], None]
) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP. Requests under way are answered. Call it from the main thread.

    :param reopen: opens the current generation of an index folder; used when a new one was published.
    :param announce: told the address once it is bound, before that what is open to others, and which generation serves.
    :raises QaError: if the address cannot be listened on.
    :raises SettingsError: if feedback cannot be kept where the settings say.
    """
    service, folder = Service(pipeline, announce=announce), pipeline.index.path.parent
    del pipeline  # the service closes it once another generation serves
    workers = Workers(service, threads=settings.concurrency, queue=settings.queue)
    feedback = FeedbackFile(settings.feedback) if settings.feedback else None
    app = create_app(workers, origins=settings.origins, hosts=settings.hosts, bound=settings.host, feedback=feedback)
    limit = most_connections()
    most = min(limit, settings.connections or limit)
    _log_repetitions_once()
    with listen(settings.host, settings.port) as listener:
        for warning in warnings(settings, feedback):
            announce(warning)
        server = Server(app, workers, Bounds(most=most), grace=settings.grace)
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        announce(f"Citewell answers on http://{host}:{listener.getsockname()[1]} (stop with Ctrl-C)")
        with Watch(service, folder, partial(reopen, folder), announce):
            server.run_until_signal(listener)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Its protocol is named, because asyncio sets TCP_NODELAY only where it is. Without that, each response on a
    connection that is kept alive waits 40 ms for an acknowledgement.

    :raises QaError: if the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted sockets inherit it
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        remedy = "Name another with --host or --port; --port 0 takes a free one."
        raise QaError(f"Cannot listen on {host}:{port}: {error.strerror or error}. {remedy}") from error
    return listener


def warnings(settings: Settings, feedback: FeedbackFile | None) -> Iterator[str]:
    """Yield what whoever runs the service should know of who can reach what."""
    if "*" in settings.origins:
        yield "Pages of any origin may ask here: origins is *."
    if "*" in settings.hosts:
        yield "Any host is answered to, so pages that bind their name to this address can ask and read: hosts is *."
    if exposed(settings.host):
        yield ANYBODY.format(address=settings.host or "this machine")
    if feedback and feedback.warning:
        yield feedback.warning


class Server(uvicorn.Server):
    """uvicorn with bounds on connections, and a shutdown that answers or refuses whatever has arrived."""

    def __init__(self, app: FastAPI, workers: Workers, bounds: Bounds, *, grace: float) -> None:
        """Prepare to serve an app.

        :param workers: those of the app.
        :param grace: seconds after which requests that still wait are refused once the service stops.
        """
        super().__init__(
            uvicorn.Config(
                app,
                http=partial(BoundedProtocol, bounds=bounds),  # type: ignore[arg-type]
                log_config=_LOG,
                log_level="warning",
                access_log=False,  # no question, and nobody's address, is written down
                server_header=False,
                lifespan="off",
                ws="none",
                backlog=_BACKLOG,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=int(grace) + _LAST_SECONDS,
            )
        )
        self._workers, self._grace = workers, grace

    def run_until_signal(self, listener: socket.socket) -> None:
        """Serve on a listening socket until SIGINT, SIGTERM or SIGHUP; being stopped is no fault."""
        # uvicorn raises the signals that it handles again once it has stopped.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # under nohup it stays ignored
            signal.signal(signal.SIGHUP, self._stop)
        try:
            self.run(sockets=[listener])
        except KeyboardInterrupt:
            return

    def _stop(self, *_: object) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, answer what has arrived, and refuse what still waits when the grace ends."""
        loop = asyncio.get_running_loop()
        ending = loop.call_later(self._grace, self._workers.refuse_waiting)
        try:
            await asyncio.sleep(_ACCEPTING_SECONDS)
            await super().shutdown(sockets)
        finally:
            ending.cancel()


class _Quiet(logging.Filter):
    """Let the same message pass once a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._passed: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is written: a fault of the program always, a repeated remark not."""
        now = time.monotonic()
        fault = record.exc_info is not None and not isinstance(record.exc_info[1], OSError)
        if fault or now - self._passed.get(record.msg, -_QUIET_SECONDS) >= _QUIET_SECONDS:
            self._passed = {message: at for message, at in self._passed.items() if now - at < _QUIET_SECONDS}
            self._passed[record.msg] = now
            return True
        return False


def _log_repetitions_once() -> None:
    """Keep clients from filling the log: what one of them does wrong, thousands can."""
    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).addFilter(_Quiet())
