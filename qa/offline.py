"""Forbid a process to open connections, as far as Python can: what ``--offline`` does.

The hook sees what Python code does, in this program and in every library, on every system. It does not see compiled code,
such as that of ONNX Runtime, whose telemetry is switched off by ``qa/__init__.py`` whether or not this is asked for. Nor
does it see in time a name handed straight to ``socket.connect``, which is looked up first. To rule these out, take the
network away from outside, for instance with a container without one.
"""

from __future__ import annotations

import sys

from qa.errors import QaError

_OUTGOING = frozenset(
    [
        "socket.connect",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "socket.getnameinfo",
    ]
)


class ConnectionForbidden(QaError):
    """Something tried to open a connection although ``--offline`` was given."""


def forbid_connections() -> None:
    """Make every attempt of Python code to connect, send to an address or look up a name fail from now on.

    Loopback and local sockets are no exception. Listening, and answering whoever connects, stay allowed. An audit
    hook (PEP 578) cannot be taken back, which is the point.
    """
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _OUTGOING:
        return
    if event == "socket.sendmsg" and arguments[1] is None:  # no address: an answer on a connection that a client opened
        return
    target = [argument for argument in arguments if isinstance(argument, str | bytes | tuple)]
    raise ConnectionForbidden(f"{event} {target} was refused: the service runs with --offline.")
