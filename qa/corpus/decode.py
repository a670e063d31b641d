"""A file's bytes -> its text, or a DocumentError that says what is wrong with them."""

from __future__ import annotations

import codecs
import re

from qa.errors import DocumentError

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MOST_CONTROLS = 0.01


def decode(raw: bytes, path: str) -> str:
    """Decode UTF-8 (or UTF-16 with a byte order mark), drop the mark, and normalise line ends to a line feed.

    :param raw: the whole file.
    :param path: to name the file by in an error.
    :raises DocumentError: when the bytes are no text, or hold nothing but white space.
    """
    try:
        text = (
            raw.decode("utf-16")
            if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            else raw.decode("utf-8-sig")
        )
    except UnicodeDecodeError as error:
        if _looks_binary(raw):
            raise _binary(path) from error
        raise DocumentError(
            path,
            f"it is not UTF-8 (at byte {error.start})",
            "Save it as UTF-8, for instance with: iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW",
        ) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DocumentError(path, "it is empty", "Write something into it, or delete it")
    if "\x00" in text or len(_CONTROLS.findall(text)) > _MOST_CONTROLS * len(text):
        raise _binary(path)
    return text


def _looks_binary(raw: bytes) -> bool:
    sample = raw[:65536]
    return b"\x00" in sample or sum(byte < 9 or 13 < byte < 32 for byte in sample) > _MOST_CONTROLS * len(sample)  # noqa: PLR2004


def _binary(path: str) -> DocumentError:
    return DocumentError(
        path,
        "it holds binary data under a text file's name",
        "Give it its proper extension, or convert it to plain text",
    )
