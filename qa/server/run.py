"""A pipeline -> a listening process. The only home of uvicorn."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from qa.errors import QaError
from qa.legible import LegibleFormatter
from qa.pipeline import Pipeline
from qa.server.app import create_app
from qa.server.feedback import FeedbackFile
from qa.settings import Settings

_GRACE_SECONDS = 5
_LOG = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"legible": {"()": LegibleFormatter, "format": "%(levelname)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "legible"}},
    "loggers": {"uvicorn": {"handlers": ["stderr"], "propagate": False}},
}


def run(pipeline: Pipeline, settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, which let the requests under way finish. Call it from the main thread.

    :param announce: told the address once it is bound, and before that whether any page may ask.
    :raises QaError: if the address cannot be listened on.
    :raises SettingsError: if feedback cannot be kept where the settings say.
    """
    host, port = settings.host, settings.port
    app = create_app(
        pipeline,
        origins=settings.origins,
        feedback=FeedbackFile(settings.feedback) if settings.feedback else None,
    )
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        remedy = "Name another with --host or --port; --port 0 takes a free one."
        raise QaError(f"Cannot listen on {host}:{port}: {error.strerror or error}. {remedy}") from error
    if "*" in settings.origins:
        announce("Pages of any origin may ask here: origins is *.")
    config = uvicorn.Config(
        app,
        log_config=_LOG,
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
