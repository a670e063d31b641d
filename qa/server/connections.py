"""HTTP connections within bounds: how many are open, and how long a client may take to send and to read."""

from __future__ import annotations

import asyncio
import logging
import resource
import select
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from qa.server.problems import problem

logger = logging.getLogger("uvicorn.error")

# Descriptors for files of two generations and for connections that were accepted but are not counted yet.
_RESERVED = 256
_WANTED = 65_536
_SLOW = problem(HTTPStatus.REQUEST_TIMEOUT, "The request was not sent whole in time.")
_CLOSING = problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The service is being stopped or restarted. Try again in a moment.",
    {"Retry-After": "1"},
)
_FULL = problem(
    HTTPStatus.SERVICE_UNAVAILABLE, "Too many connections are open. Try again in a moment.", {"Retry-After": "1"}
)
_MOST_HEAD_BYTES = 65_536
_LONG = problem(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"The request's headers are over {_MOST_HEAD_BYTES} bytes; send fewer."
)
_UNREADABLE = problem(
    HTTPStatus.BAD_REQUEST,
    "This is no request that can be read; expected HTTP with a path that starts with a slash, one length and one line "
    "for each header.",
)
# A refusal is followed by the end of the stream; what the client still sends is dropped for a while, since closing at once
# could take the refusal away before it was read.
_LINGERING_SECONDS = 1.0


def most_connections() -> int:
    """Raise the limit of open descriptors as far as it may be; return how many connections fit below it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(hard, _WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    limit = _WANTED if soft == resource.RLIM_INFINITY else soft
    return max(limit - _RESERVED, limit // 4)


@dataclass(slots=True, kw_only=True)
class Bounds:
    """What all connections of a server share.

    :param most: how many may be open.
    :param sending: seconds within which a request must be sent whole.
    :param reading: seconds within which a client must read some of what waits to be sent.
    :param waiting: the connections that wait for a request, the longest first.
    """

    most: int
    sending: float = 15.0
    reading: float = 30.0
    waiting: dict[BoundedProtocol, None] = field(default_factory=dict)

    def make_room(self, newest: BoundedProtocol, opened: int) -> None:
        """Close a connection if there are too many: the one that has waited longest, or the newest if none waits."""
        if opened <= self.most:
            return
        logger.warning("Connections are closed, since %d are open, which is the limit.", self.most)
        longest = next(iter(self.waiting), newest)
        self.waiting.pop(longest, None)
        if longest is newest:
            newest.refuse(_FULL)
            newest.transport.close()
        else:
            longest.transport.abort()


class _Deadline:
    """A time after which something is called, unless it is lifted before."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, ended: Callable[[], None]) -> None:
        self._loop, self._seconds, self._ended = loop, seconds, ended
        self._timer: asyncio.TimerHandle | None = None

    @property
    def stands(self) -> bool:
        """Tell whether it is set and has not passed."""
        return self._timer is not None

    def set(self) -> None:
        """Count the time from now."""
        self.lift()
        self._timer = self._loop.call_later(self._seconds, self._end)

    def lift(self) -> None:
        """Call nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        self._timer = None
        self._ended()


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with a deadline whenever it is the client's turn. A slow client costs one connection."""

    def __init__(self, *arguments: Any, bounds: Bounds, **named: Any) -> None:
        """Count this connection among those of ``bounds``."""
        super().__init__(*arguments, **named)
        self._bounds = bounds
        self._begun = self._last = self._refused = False
        self._head: int | None = None  # bytes received of headers that are not complete
        self._sending = _Deadline(self.loop, bounds.sending, self._overdue)
        self._reading = _Deadline(self.loop, bounds.reading, self._give_up)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a request."""
        super().connection_made(transport)
        self._expect()
        self._bounds.make_room(self, len(self.connections))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection and its deadlines."""
        self._bounds.waiting.pop(self, None)
        self._sending.lift()
        self._reading.lift()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; bytes that begin no request do not keep the connection open."""
        if self._refused:
            return
        if not self._sending.stands:
            self._expect()
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > _MOST_HEAD_BYTES and not self._refused:
                self.refuse(_LONG)

    def on_message_begin(self) -> None:
        """Note that a part of a request has arrived."""
        self._begun, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Start the request; if the service is stopping, it is the connection's last one.

        :raises ValueError: if the target is no path, which the parser's caller takes for a request that cannot be read.
            A target that is a whole address would name a host beside that of the header.
        """
        self._head = None
        if not self.url.startswith(b"/"):
            raise ValueError
        super().on_headers_complete()
        if self._last:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Lift the deadline: it is the service's turn, unless it has answered already."""
        self._begun = False
        self._sending.lift()
        self._bounds.waiting.pop(self, None)
        if self.cycle.response_complete:
            self._expect()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Expect the next request."""
        super().on_response_complete()
        self._begun = False  # what is still to come of the request was answered too
        if self.cycle.response_complete and not self.transport.is_closing():
            self._bounds.waiting[self] = None

    def pause_writing(self) -> None:
        """Give the client time to read what was sent."""
        super().pause_writing()
        self._reading.set()

    def resume_writing(self) -> None:
        """Lift that deadline."""
        self._reading.lift()
        super().resume_writing()

    def shutdown(self) -> None:
        """Refuse a request that has not arrived whole; let others be answered, also those that are not read yet."""
        self._last = True
        if self._is_unanswered:
            self.refuse(_CLOSING)
        elif not (self._is_idle and self._is_readable()):
            super().shutdown()

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    @property
    def _is_unanswered(self) -> bool:
        """Tell whether a part of a request has arrived, and nothing was sent for it."""
        return self._begun and (self._is_idle or not self.cycle.response_started)

    def _is_readable(self) -> bool:
        """Tell whether the client has sent something that is not read yet: closing now would reset the connection."""
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def refuse(self, response: Response) -> None:
        """Send a response that no request is read for, and close the connection."""
        lines = [b"%s: %s" % header for header in response.raw_headers]
        head = b"\r\n".join([b"HTTP/1.1 %d %s" % (response.status_code, _phrase(response)), *lines])
        self.transport.write(head + b"\r\nconnection: close\r\n\r\n" + bytes(response.body))
        self.transport.write_eof()
        self._refused = True
        self._bounds.waiting[self] = None
        self.loop.call_later(_LINGERING_SECONDS, self.transport.close)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the signature is uvicorn's
        """Answer what cannot be read as HTTP with a problem."""
        self.refuse(_UNREADABLE)

    def _expect(self) -> None:
        self._bounds.waiting[self] = None
        self._sending.set()

    def _give_up(self) -> None:
        self.transport.abort()

    def _overdue(self) -> None:
        if self._is_unanswered:
            self.refuse(_SLOW)
        else:
            self.transport.close()


def _phrase(response: Response) -> bytes:
    return HTTPStatus(response.status_code).phrase.encode()
