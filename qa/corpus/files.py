"""A folder or a file -> the files that are documents or look like ones, in the order of their paths."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from qa.corpus.formats import READERS

ROWS = ".jsonl"
# Documents all the same: they are named, so that nobody believes them read.
_FOREIGN = frozenset(
    {".doc", ".rtf", ".odt", ".pages", ".ppt", ".pptx", ".xls", ".xlsx", ".mobi", ".tex", ".rst", ".mht", ".djvu"}
)


def files_of(path: Path, exclude: Sequence[str]) -> Iterator[Path]:
    """Walk through the files that are documents or look like ones, sorted, hidden and excluded ones left out.

    Links to folders come too, to be named: nobody should believe that their documents were read.
    """
    if path.is_file():
        yield path
        return
    found: list[Path] = []
    for folder, subfolders, names in os.walk(path):
        inside = {name: Path(folder) / name for name in (*subfolders, *names) if not name.startswith(".")}
        kept = {name: each for name, each in inside.items() if not _is_excluded(each.relative_to(path), exclude)}
        subfolders[:] = sorted(name for name in subfolders if name in kept)
        found.extend(each for each in kept.values() if not each.is_dir() or each.is_symlink())
    for file in sorted(found, key=lambda entry: entry.relative_to(path).as_posix()):
        if file.is_dir() or _is_document(file, top=file.parent == path):
            yield file


def _is_excluded(path: Path, patterns: Sequence[str]) -> bool:
    """Tell whether a path within the folder, or its last part alone, matches a pattern."""
    names = (path.as_posix(), path.name)
    return any(fnmatchcase(name, pattern.rstrip("/")) for pattern in patterns for name in names)


def _is_document(file: Path, *, top: bool) -> bool:
    """Tell whether a file has a document's extension and no other part in a corpus."""
    suffix = file.suffix.lower()
    if suffix not in READERS.keys() | _FOREIGN | {ROWS} or not (file.is_file() or file.is_symlink()):
        return False
    return not (top and (file.name.lower() == "questions.jsonl" or file.name.upper().startswith("README")))
