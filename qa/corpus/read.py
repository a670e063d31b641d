"""A folder or a file -> a Corpus: what can be read is read, what cannot is listed with reason and remedy."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from qa.corpus.file import MAX_BYTES, outcomes
from qa.corpus.files import ROWS, files_of
from qa.corpus.info import Given, complete
from qa.corpus.pool import STAGE, read_contained
from qa.corpus.slugs import with_own_id
from qa.corpus.task import Fault, Kind, Limits, Outcome, Task
from qa.errors import CorpusError
from qa.legible import one_line
from qa.types import Corpus, Document, Progress, Rejected

_INFO = "corpus.toml"
_READABLE = "Markdown (.md), plain text (.txt), HTML (.html), PDF, Word (.docx), EPUB or rows of texts (.jsonl)"
_LISTED = 20


def read_corpus(
    path: Path,
    *,
    max_bytes: int = MAX_BYTES,
    exclude: Sequence[str] = (),
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """Read a folder of documents, or a single file, in the order of the paths.

    With ``limits`` each file is read in a process of its own, several side by side: a file that crashes its reader, or
    takes more time or memory than it may, is left out and the others are read. Without, all are read in this process,
    which suits documents that are trusted: an exception is still blamed on its file, a crash or an endless loop is not.

    :param path: a folder, read with its subfolders, or a file.
    :param max_bytes: the largest file to read.
    :param exclude: patterns such as ``drafts`` or ``*.old.md``, for paths within the folder; ``*`` also matches ``/``.
    :param limits: what reading one file may take.
    :param progress: called with the stage's name, the files read and their number.
    :returns: the documents in the order of their ids, and the files that were left out.
    :raises CorpusError: when nothing is there, nothing of it can be read, or ``corpus.toml`` cannot be understood.
    """
    if not path.exists():
        raise CorpusError(
            f"There is no {path}. Expected a folder of documents: {_READABLE}. Check the path, or create the folder."
        )
    tasks = tasks_of(path, max_bytes=max_bytes, exclude=exclude)
    found = read_contained(tasks, limits, progress=progress) if limits else _read_here(tasks, progress)
    gathered = _Gathered()
    for task, said in zip(tasks, found, strict=True):
        gathered.add(task, said)
    documents = tuple(sorted(gathered.documents, key=lambda document: document.id))
    rejected = tuple(sorted(gathered.rejected, key=lambda entry: entry.path))
    if not documents:
        raise CorpusError(_nothing(path, rejected))
    name = path.resolve().name if path.is_dir() else path.stem
    return Corpus(info=complete(gathered.given, name, documents), documents=documents, rejected=rejected)


def tasks_of(path: Path, *, max_bytes: int = MAX_BYTES, exclude: Sequence[str] = ()) -> list[Task]:
    """Return the files that ``read_corpus`` reads, in the order of their paths, ``corpus.toml`` first."""
    root = path if path.is_dir() else path.parent
    tasks = [_task(file, root, max_bytes) for file in files_of(path, exclude)]
    if path.is_dir() and os.path.lexists(root / _INFO):
        tasks.insert(0, _task(root / _INFO, root, max_bytes))
    return tasks


def corpus_hash(documents: Sequence[Document]) -> str:
    """Return the sha256 over the documents' ids and hashes, in the order given.

    :param documents: of a corpus.
    """
    digest = hashlib.sha256()
    for document in documents:
        digest.update(f"{document.id}\0{document.hash}\n".encode())
    return digest.hexdigest()


def _task(path: Path, root: Path, max_bytes: int) -> Task:
    try:
        size = path.stat().st_size
    except OSError:  # its reader will say so
        size = 0
    name = path.relative_to(root).as_posix()
    kind: Kind = "info" if name == _INFO else "rows" if path.suffix.lower() == ROWS else "document"
    return Task(root=root, name=name, kind=kind, size=size, max_bytes=max_bytes)


def _read_here(tasks: Sequence[Task], progress: Progress | None) -> list[list[Outcome]]:
    """Read files in this process, one after the other."""
    found = []
    for number, task in enumerate(tasks, start=1):
        found.append(outcomes(task))
        if progress is not None:
            progress(STAGE, number, len(tasks))
    return found


@dataclass(slots=True)
class _Gathered:
    """What came of the files, in the order of their paths; sees to it that ids and texts are not there twice."""

    given: Given = field(default_factory=Given)
    documents: list[Document] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    texts: dict[tuple[bytes, str], str] = field(default_factory=dict)

    def add(self, task: Task, said: Sequence[Outcome]) -> None:
        """Add what came of one file.

        :raises CorpusError: when ``corpus.toml`` cannot be understood: without it, flags and numbers to call would be
            missing from the index, and nobody would know.
        """
        for outcome in said:
            if isinstance(outcome, Given):
                self.given = outcome
            elif isinstance(outcome, Document):
                self._add_document(task, outcome)
            else:
                self._reject(task, outcome.rejected() if isinstance(outcome, Fault) else outcome)

    def _add_document(self, task: Task, document: Document) -> None:
        if task.kind == "rows":
            self.documents.append(with_own_id(document, "", self.taken))
            return
        # The same text in another format is another document: it may be the one that people link to.
        suffix = PurePosixPath(task.name).suffix.lower()
        seen = (hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).digest(), suffix)
        if seen in self.texts:
            reason = f"it says the same as {self.texts[seen]}"
            self.rejected.append(Rejected(path=task.name, reason=reason, remedy="Delete one of the two"))
            return
        self.texts[seen] = task.name
        self.documents.append(with_own_id(document, suffix.lstrip("."), self.taken))

    def _reject(self, task: Task, rejected: Rejected) -> None:
        if task.kind == "info":
            raise CorpusError(f"{task.path}: {rejected.reason}. {rejected.remedy}. Nothing was built.")
        self.rejected.append(rejected)


def _nothing(path: Path, rejected: Sequence[Rejected]) -> str:
    """Say that nothing could be read, and why for each file that was tried."""
    lines = [f"No readable document in {path}. Expected {_READABLE}."]
    lines += [f"  {entry.path}: {entry.reason}. {entry.remedy}." for entry in rejected[:_LISTED]]
    if len(rejected) > _LISTED:
        lines.append(f"  ... and {len(rejected) - _LISTED} more.")
    lines.append("Add a document, or mend those above." if rejected else "Add a document.")
    return "\n".join(map(one_line, lines))
