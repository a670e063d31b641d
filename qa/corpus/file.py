"""One file -> the documents in it, or the reason why there are none."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from qa.corpus.formats import READERS
from qa.corpus.info import Given, read_info
from qa.corpus.slugs import path_slug, prettified
from qa.corpus.task import Fault, Outcome, Task, blame
from qa.errors import DocumentError
from qa.types import Document, Rejected

MAX_BYTES = 50_000_000


def read_task(task: Task) -> Iterator[Document | Given | Rejected | Fault]:
    """Read one file of a corpus: yield its document, its rows, or what ``corpus.toml`` says.

    :raises DocumentError: when the file cannot be read, with reason and remedy.
    """
    if task.path.is_dir():
        linked = "a link to a folder, which is not followed" if task.path.is_symlink() else "a folder, not a file"
        raise DocumentError(task.name, f"it is {linked}", "Move what it holds here")
    if task.kind == "info":
        yield read_info(bytes_of(task.path, task.name, task.max_bytes), task.name)
        return
    if task.path.is_symlink() and not _stays_inside(task.path, task.root):
        raise DocumentError(task.name, "it is a link that leads out of the folder", "Copy the file into the folder")
    if task.kind == "rows":
        from qa.corpus.jsonl import rows  # noqa: PLC0415 - only where there are rows

        yield from rows(bytes_of(task.path, task.name, task.max_bytes), task.name)
        return
    yield read_document(task.path, task.root, max_bytes=task.max_bytes)


def read_document(path: Path, root: Path, *, max_bytes: int = MAX_BYTES, id: str | None = None) -> Document:  # noqa: A002
    """Read one file in this process, by the reader for its extension.

    :param path: the file.
    :param root: the corpus it belongs to; the document's id is the path from there.
    :param max_bytes: the largest file to read.
    :param id: the document's id, when it is not to follow from the path.
    :raises DocumentError: when the file cannot be read, with reason and remedy.
    """
    inner = PurePosixPath(path.relative_to(root).as_posix())
    name = str(inner)
    suffix = path.suffix.lower()
    reader = READERS.get(suffix)
    if reader is None:
        raise _foreign(name, suffix)
    from qa.corpus.annotate import Facts  # noqa: PLC0415 - the program itself reads nothing where processes do

    raw = bytes_of(path, name, max_bytes)
    facts = Facts(id=id or path_slug(inner), hash=hashlib.sha256(raw).hexdigest())
    # A name need not be UTF-8, but a title must be.
    title = prettified(inner.stem).encode("utf-8", "replace").decode()
    return reader(raw, facts, path=name, fallback_title=title)


def outcomes(task: Task) -> list[Outcome]:
    """Read one file in this process. Whatever a reader raises is blamed on the file.

    :raises ModuleNotFoundError: when what a reader needs is not installed.
    """
    try:
        return list(read_task(task))
    except ModuleNotFoundError:
        raise
    except Exception as error:  # noqa: BLE001 - a bad file must not keep the others from being read
        return [blame(error, task.name)]


def bytes_of(path: Path, name: str, max_bytes: int) -> bytes:
    """Return the whole of a regular file.

    :raises DocumentError: when it cannot be opened, is larger than ``max_bytes``, or is a pipe or a device.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise DocumentError(name, "it is no regular file", "Put a copy of its content there")
        size = found.st_size
        if size <= max_bytes:
            raw = path.read_bytes()
            if len(raw) <= max_bytes:
                return raw
            size = len(raw)  # it has grown
    except OSError as error:
        raise DocumentError(
            name,
            f"it cannot be opened ({error.strerror or error})",
            "Make it readable, for instance with: chmod u+r FILE",
        ) from error
    raise DocumentError(name, f"it has {size:,} bytes; the limit is {max_bytes:,}", "Split it, or raise the limit")


def _foreign(name: str, suffix: str) -> DocumentError:
    return DocumentError(
        name,
        f"{suffix or 'a file without an extension'} is not read",
        "Save it as .docx, .pdf, .html, .md or .txt, for instance with: libreoffice --convert-to docx FILE",
    )


def _stays_inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False
