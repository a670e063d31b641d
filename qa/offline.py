"""A process that opens no connection: what ``--offline`` promises, kept by the interpreter itself."""

from __future__ import annotations

import sys

from qa.errors import QaError

_FORBIDDEN = frozenset(["socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request"])


class ConnectionForbidden(QaError):
    """Something tried to open a connection although ``--offline`` was given."""


def forbid_connections() -> None:
    """Make every attempt of this process to connect or to look up a name fail, for as long as it lives.

    Audit hooks (PEP 578) cannot be taken back, which is the point. Listening and answering stay allowed.
    """
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in _FORBIDDEN and not _local(event, arguments):
        raise ConnectionForbidden(f"{event} {arguments[1:]!r} was refused: the service runs with --offline.")


def _local(event: str, arguments: tuple[object, ...]) -> bool:
    """Tell whether a look-up is that of the address to listen on, which names a number and asks nobody."""
    return event == "socket.getaddrinfo" and str(arguments[0]).replace(".", "").replace(":", "").isalnum() and (
        str(arguments[0])[:1].isdigit() or ":" in str(arguments[0]) or arguments[0] in (None, "localhost")
    )
