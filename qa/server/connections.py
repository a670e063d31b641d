"""HTTP connections within bounds: how many are open, and how long a client may take to send and to read."""

from __future__ import annotations

import asyncio
import logging
import resource
import select
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from qa.server.deadline import Deadline
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
# Requests that a client sends before the first of them is answered.
_MOST_PIPELINED = 16
_LONG = problem(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"The request's headers are over {_MOST_HEAD_BYTES} bytes; send fewer."
)
_UNREADABLE = problem(
    HTTPStatus.BAD_REQUEST,
    "This is no request that can be read; expected HTTP with a path that starts with a slash, one length and one line "
    "for each header.",
)
# A refusal is followed by the end of the stream, and what the client still sends is dropped for a while. Closing at once,
# with input unread, would make the kernel reset the connection and discard the refusal.
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
    :param waiting: the connections that may be closed to make room, since no request is in work, the longest idle first.
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


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with a deadline whenever it is the client's turn. A slow client costs one connection."""

    def __init__(self, *arguments: Any, bounds: Bounds, **named: Any) -> None:
        """Count this connection among those of ``bounds``."""
        super().__init__(*arguments, **named)
        self._bounds = bounds
        self._begun = False  # a part of a request has arrived, not the whole
        self._answered = False  # and its response was sent all the same
        self._in_head = False
        self._head = 0  # bytes received of headers that are not complete
        self._last = self._refused = False
        self._unread = 0
        self._sending = Deadline(self.loop, bounds.sending, self._overdue)
        self._reading = Deadline(self.loop, bounds.reading, self._give_up)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a request."""
        super().connection_made(transport)
        self._settle()
        self._bounds.make_room(self, len(self.connections))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection and its deadlines."""
        self._refused = True
        self._bounds.waiting.pop(self, None)
        self._sending.lift()
        self._reading.lift()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, within the bound on headers. What follows a refusal is dropped."""
        if self._refused:
            return
        in_head = self._in_head
        super().data_received(data)
        if in_head and self._in_head and not self._refused:
            self._head += len(data)
            if self._head > _MOST_HEAD_BYTES:
                self._reject(_LONG)
        self._settle()

    def on_message_begin(self) -> None:
        """Note that a part of a request has arrived; its time counts from now."""
        self._begun, self._answered, self._in_head, self._head = True, False, True, 0
        self._sending.lift()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header.

        :raises ValueError: for one behind the body, which the parser's caller takes for a request that cannot be read.
        """
        if not self._in_head:
            raise ValueError
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the request; if the service is stopping, it is the connection's last one.

        :raises ValueError: if the target is no path, which the parser's caller takes for a request that cannot be read.
            A target that is a whole address would name a host beside that of the header.
        """
        self._in_head = False
        if not self.url.startswith(b"/"):
            raise ValueError
        super().on_headers_complete()
        if self._last:
            self.cycle.keep_alive = False
        if len(self.pipeline) > _MOST_PIPELINED:
            self._give_up_at_once()

    def on_message_complete(self) -> None:
        """Note that the whole request has arrived."""
        self._begun = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Expect the next request, and that the client reads what was sent of this response."""
        self._answered = self._begun and self.cycle.response_complete
        super().on_response_complete()
        self._settle()
        if self.transport.is_closing() and self.transport.get_write_buffer_size():
            self.pause_writing()

    def pause_writing(self) -> None:
        """Give the client time to read what was sent."""
        super().pause_writing()
        self._unread = self.transport.get_write_buffer_size()
        self._reading.set()

    def resume_writing(self) -> None:
        """Lift that deadline, unless the connection closes when all is read."""
        if not self.transport.is_closing():
            self._reading.lift()
        super().resume_writing()

    def shutdown(self) -> None:
        """Refuse a request that has not arrived whole. Others are answered, also one that the kernel still holds."""
        self._last = True
        if self._refused:
            return
        if self._may_refuse:
            self.refuse(_CLOSING)
        elif not (self._is_idle and self._is_readable()):
            super().shutdown()

    def refuse(self, response: Response) -> None:
        """Send a response that no request is read for, end the stream, and close the connection a little later."""
        if self._refused or self.transport.is_closing():
            return
        lines = [b"%s: %s" % header for header in response.raw_headers]
        head = b"\r\n".join([b"HTTP/1.1 %d %s" % (response.status_code, _phrase(response)), *lines])
        self.transport.write(head + b"\r\nconnection: close\r\n\r\n" + bytes(response.body))
        self.transport.write_eof()
        self._refused = True
        if not self._is_idle:  # the app reads the body: tell it that nobody waits for an answer
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._sending.lift()
        self._bounds.waiting[self] = None
        self.loop.call_later(_LINGERING_SECONDS, self._give_up_at_once)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the signature is uvicorn's
        """Answer what cannot be read as HTTP with a problem."""
        self._reject(_UNREADABLE)

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    @property
    def _is_busy(self) -> bool:
        """Tell whether a request that has arrived whole is in work."""
        return bool(self.pipeline) or not (self._is_idle or (self._begun and self.cycle.more_body))

    @property
    def _may_refuse(self) -> bool:
        """Tell whether a part of a request has arrived, and nothing was sent for it or is to be sent before."""
        unanswered = self._begun and not self._answered and not self._is_busy
        return unanswered and (self._is_idle or not self.cycle.response_started)

    def _is_readable(self) -> bool:
        """Tell whether the client has sent something that is not read yet: closing now would reset the connection."""
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def _settle(self) -> None:
        """Set the deadline if it is the client's turn and lift it if not; an idle connection may be closed for others."""
        if self._refused or self.transport.is_closing():
            return
        if self._is_idle and not self.pipeline:
            self._bounds.waiting.setdefault(self)
        else:
            self._bounds.waiting.pop(self, None)
        if self._begun or (self._is_idle and not self.pipeline):
            if not self._sending.stands:
                self._sending.set()
        else:
            self._sending.lift()

    def _reject(self, response: Response) -> None:
        """Refuse what arrives, but let a request in work be answered first; its answer closes the connection."""
        if not self._is_busy:
            self.refuse(response)
        elif self.pipeline:
            self._give_up_at_once()
        else:
            self._refused = True
            self.cycle.keep_alive = False

    def _overdue(self) -> None:
        if self._may_refuse or self._is_busy:
            self._reject(_SLOW)
        else:
            self.transport.close()
            self._unread = self.transport.get_write_buffer_size()
            self._reading.set()

    def _give_up(self) -> None:
        """Close the connection of a client that has read nothing since the deadline was set."""
        left = self.transport.get_write_buffer_size()
        if left < self._unread:
            self._unread = left
            self._reading.set()
        else:
            self.transport.abort()

    def _give_up_at_once(self) -> None:
        self._refused = True
        self.transport.abort()


def _phrase(response: Response) -> bytes:
    return HTTPStatus(response.status_code).phrase.encode()
