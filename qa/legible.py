"""Show text that somebody else wrote so that a terminal displays it and obeys none of it.

Escape sequences in a document, a title or a file name could otherwise clear the screen, forge lines or set the clipboard.
"""

from __future__ import annotations

import logging
import re
import sys
from io import TextIOWrapper

# Controls (C0, DEL, C1), separators of lines and paragraphs, whatever turns the direction of the text around it, and
# halves of characters, which no terminal can be sent.
_UNSAFE = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ud800-\udfff"
_IN_TEXT = re.compile(f"[{_UNSAFE}]")
_IN_LINE = re.compile(f"[\t\n{_UNSAFE}]")
_PICTURES, _DELETE, _DELETE_PICTURE = 0x2400, 0x7F, 0x2421


def legible(text: str) -> str:
    r"""Return a text of several lines with its controls made visible: ESC as U+241B (``␛``), U+202E as ``<U+202E>``.

    Line feeds and tabs stay, and so does ``\r\n``, as a line feed.
    """
    return _IN_TEXT.sub(_shown, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Return a text with its controls made visible, line feeds and tabs included, so that it stays one line."""
    return _IN_LINE.sub(_shown, text)


def legible_json(json: str) -> str:
    r"""Return JSON of the same value in which no string holds a control: those beyond U+001F become ``\u009b``."""
    return _IN_TEXT.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


class LegibleFormatter(logging.Formatter):
    """Formats log records, whose messages and tracebacks may quote a document or a request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's lines with their controls made visible."""
        return legible(super().format(record))


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < ord(" "):
        return chr(_PICTURES + code)
    return chr(_DELETE_PICTURE) if code == _DELETE else f"<U+{code:04X}>"


def print_anything() -> None:
    """Write the characters that an output's encoding lacks as escapes, so that none ends in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
