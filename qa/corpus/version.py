"""Name the code that reads, so that an index of what other code has read does not count as up to date."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

# Raise it whenever some file gives another document, or some document other passages or sentences, than before.
# tests/test_reader_version.py reads a set of files and fails where that was forgotten.
READER_VERSION = 2
# A new release of these may read, mark or split a file differently.
_LIBRARIES = (
    "langchain-text-splitters",
    "lxml",
    "markdown-it-py",
    "mdit-py-plugins",
    "pypdfium2",
    "python-docx",
    "pyyaml",
    "sentencex",
    "tantivy",
)


def reader() -> str:
    """Return what decides how files are read and split: the reader's version and those of its libraries."""
    return " ".join([str(READER_VERSION), *(f"{name} {_version(name)}" for name in _LIBRARIES)])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
