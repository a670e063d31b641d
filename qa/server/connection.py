"""Read the requests of a connection, and refuse headers that two readers could read differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from uvicorn.config import Config

_MOST_HEAD_BYTES = 65_536


class StrictProtocol(H11Protocol):
    """uvicorn's protocol over h11 that answers a header which goes on in the next line with 400.

    RFC 9112, section 5.2, lets a server join such lines or refuse them. A proxy in front that does neither would take the
    second line for a header of its own, such as a length, and let a second request through inside the first.
    """

    def __init__(self, config: Config, *args: Any, **kwargs: Any) -> None:
        super().__init__(config, *args, **kwargs)
        most = config.h11_max_incomplete_event_size
        self.conn = _Unfolded(h11.SERVER, _MOST_HEAD_BYTES if most is None else most)


class _Unfolded(h11.Connection):
    def next_event(self) -> Any:
        if self.their_state is h11.IDLE and _folded(self.trailing_data[0]):
            raise h11.RemoteProtocolError("a header goes on in the next line")
        return super().next_event()


def _folded(received: bytes) -> bool:
    """Tell whether a line before the first empty one starts with a blank."""
    ends = [at for empty in (b"\n\r\n", b"\n\n") if (at := received.find(empty)) >= 0]
    head = received[: min(ends, default=len(received))]
    return b"\n " in head or b"\n\t" in head
