"""The service -> a listening process. The only home of uvicorn."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from qa.errors import QaError

_GRACE_SECONDS = 5


def run(app: ASGIApp, *, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, which let the requests under way finish. Call it from the main thread.

    :param port: 0 takes a free one.
    :param announce: told the address once it is bound.
    :raises QaError: if the address cannot be listened on.
    """
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        remedy = "Name another with --host or --port; --port 0 takes a free one."
        raise QaError(f"Cannot listen on {host}:{port}: {error.strerror or error}. {remedy}") from error
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # no question, and nobody's address, is written down
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    # uvicorn raises the signal again once it has stopped; being stopped is how this ends, not a fault.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with listener, suppress(KeyboardInterrupt):
        shown = f"[{host}]" if ":" in host else host
        announce(f"Citewell answers on http://{shown}:{listener.getsockname()[1]} (stop with Ctrl-C)")
        uvicorn.Server(config).run(sockets=[listener])
