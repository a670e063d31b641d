"""A pipeline -> a listening process. The only home of uvicorn."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

import uvicorn

from qa.errors import QaError
from qa.pipeline import Pipeline
from qa.server.app import create_app
from qa.server.connection import StrictProtocol
from qa.server.feedback import FeedbackFile
from qa.server.hosts import ANYBODY, exposed
from qa.settings import Settings

_GRACE_SECONDS = 5


def run(pipeline: Pipeline, settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, which let the requests under way finish. Call it from the main thread.

    :param announce: told the address once it is bound, and before that what is open to others.
    :raises QaError: if the address cannot be listened on.
    :raises SettingsError: if feedback cannot be kept where the settings say.
    """
    host, port = settings.host, settings.port
    feedback = FeedbackFile(settings.feedback) if settings.feedback else None
    app = create_app(pipeline, origins=settings.origins, hosts=settings.hosts, bound=host, feedback=feedback)
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        remedy = "Name another with --host or --port; --port 0 takes a free one."
        raise QaError(f"Cannot listen on {host}:{port}: {error.strerror or error}. {remedy}") from error
    for warning in warnings(settings, feedback):
        announce(warning)
    config = uvicorn.Config(
        app,
        log_level="warning",
        http=StrictProtocol,
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
