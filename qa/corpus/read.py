"""A folder or a file -> a Corpus: what can be read is read, what cannot is listed with reason and remedy."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from qa.corpus.annotate import Facts
from qa.corpus.formats import READERS
from qa.corpus.info import Given, complete, read_info
from qa.corpus.jsonl import read_jsonl
from qa.corpus.slugs import path_slug, prettified, unique
from qa.errors import CorpusError, DocumentError
from qa.legible import one_line
from qa.types import Corpus, Document, Rejected

_ROWS = ".jsonl"
# Documents all the same: they are named, so that nobody believes them read.
_FOREIGN = frozenset(
    {".doc", ".rtf", ".odt", ".pages", ".ppt", ".pptx", ".xls", ".xlsx", ".mobi", ".tex", ".rst", ".mht", ".djvu"}
)
_READABLE = "Markdown (.md), plain text (.txt), HTML (.html), PDF, Word (.docx), EPUB or rows of texts (.jsonl)"
_LISTED = 20
MAX_BYTES = 50_000_000


def read_corpus(
    path: Path,
    *,
    max_bytes: int = MAX_BYTES,
    exclude: Sequence[str] = (),
    on_file: Callable[[Path], None] | None = None,
) -> Corpus:
    """Read a folder of documents, or a single file, in the order of the paths.

    :param path: a folder, read with its subfolders, or a file.
    :param max_bytes: the largest file to read.
    :param exclude: patterns such as ``drafts`` or ``*.old.md``, for paths within the folder; ``*`` also matches ``/``.
    :param on_file: called with each file before it is read, to show progress.
    :returns: the documents in the order of their ids, and the files that were left out.
    :raises CorpusError: when nothing is there, or nothing of it can be read.
    """
    if not path.exists():
        raise CorpusError(
            f"There is no {path}. Expected a folder of documents: {_READABLE}. Check the path, or create the folder."
        )
    root = path if path.is_dir() else path.parent
    reader = _Reader(root=root, max_bytes=max_bytes)
    given = reader.info() if path.is_dir() else Given()
    for file in _files(path, exclude):
        if on_file is not None:
            on_file(file)
        reader.read(file)
    documents = tuple(sorted(reader.documents, key=lambda document: document.id))
    rejected = tuple(sorted(reader.rejected, key=lambda entry: entry.path))
    if not documents:
        raise CorpusError(_nothing(path, rejected))
    name = path.resolve().name if path.is_dir() else path.stem
    return Corpus(info=complete(given, name, documents), documents=documents, rejected=rejected)


def read_document(path: Path, root: Path, *, max_bytes: int = MAX_BYTES, id: str | None = None) -> Document:  # noqa: A002
    """Read one file, by the reader for its extension.

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
    raw = _bytes(path, name, max_bytes)
    facts = Facts(id=id or path_slug(inner), hash=hashlib.sha256(raw).hexdigest())
    return reader(raw, facts, path=name, fallback_title=prettified(inner.stem))


def corpus_hash(documents: Sequence[Document]) -> str:
    """Return the sha256 over the documents' ids and hashes, in the order given.

    :param documents: of a corpus.
    """
    digest = hashlib.sha256()
    for document in documents:
        digest.update(f"{document.id}\0{document.hash}\n".encode())
    return digest.hexdigest()


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Collects documents and rejections, and sees to it that ids and texts are not there twice."""

    root: Path
    max_bytes: int
    documents: list[Document] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    texts: dict[tuple[bytes, str], str] = field(default_factory=dict)

    def info(self) -> Given:
        """Read ``corpus.toml``; a broken one is reported and the defaults stand."""
        try:
            return read_info(self.root / "corpus.toml")
        except DocumentError as error:
            self._reject(error)
            return Given()

    def read(self, path: Path) -> None:
        """Read one file, or note why not."""
        try:
            self._read(path)
        except DocumentError as error:
            self._reject(error)

    def _read(self, path: Path) -> None:
        name = path.relative_to(self.root).as_posix()
        if path.is_dir():
            raise DocumentError(name, "it is a link to a folder, which is not followed", "Move the folder itself here")
        if path.is_symlink() and not _stays_inside(path, self.root):
            raise DocumentError(name, "it is a link that leads out of the folder", "Copy the file into the folder")
        if path.suffix.lower() == _ROWS:
            _check_size(path, name, self.max_bytes)
            documents, rejected = _rows(path, name, self.taken)
            self.documents.extend(documents)
            self.rejected.extend(rejected)
            return
        wanted = path_slug(PurePosixPath(name))
        document = read_document(path, self.root, max_bytes=self.max_bytes, id=wanted)
        # The same text in another format is another document: it may be the one that people link to.
        seen = (hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).digest(), path.suffix.lower())
        if seen in self.texts:
            raise DocumentError(name, f"it says the same as {self.texts[seen]}", "Delete one of the two")
        self.texts[seen] = name
        given = unique(wanted, path.suffix.lower().lstrip("."), self.taken)
        self.documents.append(document if given == wanted else replace(document, id=given))

    def _reject(self, error: DocumentError) -> None:
        self.rejected.append(Rejected(path=error.path, reason=error.reason, remedy=error.remedy))


def _rows(path: Path, name: str, taken: set[str]) -> tuple[tuple[Document, ...], tuple[Rejected, ...]]:
    try:
        return read_jsonl(path, name=name, taken=taken)
    except OSError as error:
        raise _unreadable(name, error) from error


def _bytes(path: Path, name: str, max_bytes: int) -> bytes:
    _check_size(path, name, max_bytes)
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(name, error) from error


def _check_size(path: Path, name: str, max_bytes: int) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise _unreadable(name, error) from error
    if size > max_bytes:
        raise DocumentError(name, f"it has {size:,} bytes; the limit is {max_bytes:,}", "Split it, or raise the limit")


def _unreadable(name: str, error: OSError) -> DocumentError:
    return DocumentError(
        name, f"it cannot be opened ({error.strerror or error})", "Make it readable, for instance with: chmod u+r FILE"
    )


def _foreign(name: str, suffix: str) -> DocumentError:
    return DocumentError(
        name,
        f"{suffix or 'a file without an extension'} is not read",
        "Save it as .docx, .pdf, .html, .md or .txt, for instance with: libreoffice --convert-to docx FILE",
    )


def _files(path: Path, exclude: Sequence[str]) -> Iterator[Path]:
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
    if suffix not in READERS.keys() | _FOREIGN | {_ROWS} or not (file.is_file() or file.is_symlink()):
        return False
    return not (top and (file.name.lower() == "questions.jsonl" or file.name.upper().startswith("README")))


def _stays_inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False


def _nothing(path: Path, rejected: Sequence[Rejected]) -> str:
    """Say that nothing could be read, and why for each file that was tried."""
    lines = [f"No readable document in {path}. Expected {_READABLE}."]
    lines += [f"  {entry.path}: {entry.reason}. {entry.remedy}." for entry in rejected[:_LISTED]]
    if len(rejected) > _LISTED:
        lines.append(f"  ... and {len(rejected) - _LISTED} more.")
    lines.append("Add a document, or mend those above." if rejected else "Add a document.")
    return "\n".join(map(one_line, lines))
