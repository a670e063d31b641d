"""A Word document -> a Document."""

from __future__ import annotations

from qa.corpus.annotate import Facts
from qa.errors import DocumentError
from qa.types import Document


def read_docx(raw: bytes, facts: Facts, *, path: str, fallback_title: str) -> Document:
    """Read one file."""
    raise DocumentError(path, "it is not read yet", "Wait")
