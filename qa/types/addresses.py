"""Tell the addresses that may be shown and followed from those that may do harm."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# Browsers skip some controls and read a backslash as a slash; no whole address holds one, nor white space or quotes.
_FOREIGN = re.compile(r"[\s\x00-\x20\x7f-\xa0\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff<>\"\\]")
_LONGEST = 2_000


def web_address(text: str | None) -> str | None:
    """Return an address that can be linked to, without white space around it, or None for any other.

    That is ``http:`` or ``https:`` with a host, or ``mailto:`` with a mailbox, of at most 2 000 characters. Schemes that
    run or read something (``javascript:``, ``data:``, ``file:``), however disguised, and relative addresses are none.
    """
    address = (text or "").strip()
    if not address or len(address) > _LONGEST or _FOREIGN.search(address):
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    whole = bool(host) if parts.scheme in {"http", "https"} else parts.scheme == "mailto" and "@" in parts.path[1:-1]
    return address if whole else None
