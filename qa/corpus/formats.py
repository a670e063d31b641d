"""Name the reader of each format: bytes and facts in, a Document out.

A reader's libraries are loaded when its first file is read: a folder of Markdown needs none of those for PDF.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from qa.corpus.decode import decode
from qa.types import Document

if TYPE_CHECKING:
    from qa.corpus.annotate import Facts


class Reader(Protocol):
    """Reads the files of one format."""

    def __call__(self, raw: bytes, facts: Facts, *, path: str, fallback_title: str) -> Document:
        """Read one file.

        :param raw: the whole file.
        :param facts: its id and hash.
        :param path: to name the file by in an error.
        :param fallback_title: the title where nothing else gives one.
        :raises DocumentError: when it cannot be read, with reason and remedy.
        """


def _markdown(raw: bytes, facts: Facts, *, path: str, fallback_title: str) -> Document:
    from qa.corpus.markdown import read_markdown

    return read_markdown(decode(raw, path), facts, path=path, fallback_title=fallback_title)


def _plain_text(raw: bytes, facts: Facts, *, path: str, fallback_title: str) -> Document:
    from qa.corpus.annotate import annotate
    from qa.corpus.plaintext import parse_plain_text

    text = decode(raw, path)
    return annotate(text, parse_plain_text(text), facts, fallback_title=fallback_title)


def _html(raw: bytes, facts: Facts, *, path: str, fallback_title: str) -> Document:
    from qa.corpus.html import read_html

    return read_html(raw, facts, path=path, fallback_title=fallback_title)


def _pdf(raw: bytes, facts: Facts, *, path: str, fallback_title: str) -> Document:
    from qa.corpus.pdf import read_pdf

    return read_pdf(raw, facts, path=path, fallback_title=fallback_title)


def _docx(raw: bytes, facts: Facts, *, path: str, fallback_title: str) -> Document:
    from qa.corpus.docx import read_docx

    return read_docx(raw, facts, path=path, fallback_title=fallback_title)


def _epub(raw: bytes, facts: Facts, *, path: str, fallback_title: str) -> Document:
    from qa.corpus.epub import read_epub

    return read_epub(raw, facts, path=path, fallback_title=fallback_title)


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".md": _markdown,
        ".markdown": _markdown,
        ".txt": _plain_text,
        ".text": _plain_text,
        ".html": _html,
        ".htm": _html,
        ".xhtml": _html,
        ".pdf": _pdf,
        ".docx": _docx,
        ".epub": _epub,
    }
)
# What reads a file of each extension beside qa.corpus.annotate, with all its libraries.
_MODULES = {
    **dict.fromkeys((".md", ".markdown"), "qa.corpus.markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "qa.corpus.html"),
    ".pdf": "qa.corpus.pdf",
    ".docx": "qa.corpus.docx",
    ".epub": "qa.corpus.epub",
    ".jsonl": "qa.corpus.jsonl",
}


def load(suffix: str) -> None:
    """Load what reads the files of an extension, so that neither its time nor its memory counts as a file's.

    :raises ModuleNotFoundError: when a library is not installed.
    """
    for module in ("qa.corpus.annotate", _MODULES.get(suffix, "qa.corpus.plaintext")):
        importlib.import_module(module)
