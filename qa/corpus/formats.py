"""A file's extension -> the reader of its format: bytes and facts in, a Document out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from qa.corpus.annotate import Facts, annotate
from qa.corpus.decode import decode
from qa.corpus.docx import read_docx
from qa.corpus.epub import read_epub
from qa.corpus.html import read_html
from qa.corpus.markdown import read_markdown
from qa.corpus.pdf import read_pdf
from qa.corpus.plaintext import parse_plain_text
from qa.types import Document


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
    return read_markdown(decode(raw, path), facts, path=path, fallback_title=fallback_title)


def _plain_text(raw: bytes, facts: Facts, *, path: str, fallback_title: str) -> Document:
    text = decode(raw, path)
    return annotate(text, parse_plain_text(text), facts, fallback_title=fallback_title)


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".md": _markdown,
        ".markdown": _markdown,
        ".txt": _plain_text,
        ".text": _plain_text,
        ".html": read_html,
        ".htm": read_html,
        ".xhtml": read_html,
        ".pdf": read_pdf,
        ".docx": read_docx,
        ".epub": read_epub,
    }
)
