"""Decide by its Host header whether a request is for this service.

Another site's page can bind its own name to this service's address ("DNS rebinding") and would then read and ask
everything as the service's own page. Its requests still carry the foreign name, so only known hosts are answered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

from qa.server.problems import CLOSE, problem, short

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = "127.0.0.1"
ANYBODY = (
    "Whoever reaches {address} may ask and read every document, since nothing here asks for a password. "
    "Put a proxy that does before it, or listen on 127.0.0.1."
)
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{0,5})?")
_NO_HOST = "Expected one header Host with a name or an address, and in the first line a path that starts with a slash."
_FOREIGN = (
    "This service does not answer to the host {host}. Whoever runs it allows that with QA_HOSTS={name}, "
    "with hosts in qa.toml or with qa serve --hosts {name}."
)


class Hosts:
    """Answer only requests for the allowed hosts, whatever their path. Ports and ``X-Forwarded-Host`` do not count.

    The loopback's names and addresses are always allowed. No DNS name can stand for an address, so a service that
    listens on every address of its machine answers to each of them.
    """

    def __init__(self, app: ASGIApp, *, allowed: Sequence[str] = (), bound: str = LOOPBACK) -> None:
        """Allow more hosts.

        :param allowed: names and addresses; ``*.example.org`` for each name that ends so, ``*`` for any.
        :param bound: the address or name that is listened on. An empty one stands for every address, as ``0.0.0.0`` does.
        """
        self._app = app
        self._any = "*" in allowed
        self._names = {"localhost", *(_normal(name) for name in (*allowed, bound))}
        self._suffixes = tuple(name[1:] for name in allowed if name.startswith("*."))
        self._every_address = _every(bound)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is for another host, pass the rest on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        host = _host(named[0]) if len(named) == 1 else None
        # A target that is a whole address names its host there, and not every reader takes that of the header.
        if host is None or not scope["path"].startswith("/"):
            await problem(HTTPStatus.BAD_REQUEST, _NO_HOST, CLOSE)(scope, receive, send)
        elif self._allows(host):
            await self._app(scope, receive, send)
        else:
            detail = _FOREIGN.format(host=short(host), name=host)
            await problem(HTTPStatus.MISDIRECTED_REQUEST, detail, CLOSE)(scope, receive, send)

    def _allows(self, host: str) -> bool:
        if self._any or host in self._names or host.endswith(self._suffixes):
            return True
        address = _address(host)
        return address is not None and (address.is_loopback or self._every_address)


def exposed(bound: str) -> bool:
    """Tell whether other machines can reach what listens on an address or a name."""
    address = _address(bound)
    return bound.lower() != "localhost" if address is None else not address.is_loopback


def _every(bound: str) -> bool:
    address = _address(bound)
    return not bound or (address is not None and address.is_unspecified)


def _host(value: str) -> str | None:
    """Return the host that a header names, as it is compared; None if it names none."""
    found = _HOST.fullmatch(value)
    if not found:
        return None
    bracketed, name = found.groups()
    if name:
        return _normal(name)
    return _normal(bracketed) if ":" in bracketed and _address(bracketed) else None


def _normal(name: str) -> str:
    """Return a name in lower case and without the dot of the root, an address in its shortest form."""
    address = _address(name)
    return str(address) if address else name.lower().removesuffix(".")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
