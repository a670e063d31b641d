"""A pipeline -> a listening process. The only home of uvicorn."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from qa.errors import QaError
from qa.pipeline import Pipeline
from qa.server.app import create_app


def run(pipeline: Pipeline, *, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until interrupted.

    :param port: 0 takes a free one.
    :param announce: told the address once it is bound.
    :raises QaError: if the address cannot be listened on.
    """
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise QaError(f"Cannot listen on {host}:{port} ({error.strerror}). Name another one: qa serve --port 8001") from error
    with listener:
        shown = f"[{host}]" if ":" in host else host
        announce(f"Citewell answers on http://{shown}:{listener.getsockname()[1]} (stop with Ctrl-C)")
        config = uvicorn.Config(create_app(pipeline), log_level="warning", access_log=False, server_header=False)
        uvicorn.Server(config).run(sockets=[listener])
