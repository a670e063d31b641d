"""A generation's folder: its manifest, its checks, and CURRENT, which says which one serves.

A generation is written under another name, its manifest last, and renamed into place; ``CURRENT`` is then
replaced in one step. A build that fails or is killed at any moment leaves the old generation serving.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import itertools
import json
import mmap
import os
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Literal

import xxhash
from pydantic import TypeAdapter, ValidationError

from qa.corpus.version import reader
from qa.errors import BadIndex, IndexBusy, IndexDamaged, IndexMissing
from qa.types import Calibration, CorpusInfo

# Raise it whenever a file of a generation is written otherwise than before: another layout, packing or export. No encoder
# and no embedding of another format is used again. What is read and how it is split has READER_VERSION.
FORMAT = 6
CALIBRATION_FILE = "calibration.json"
MANIFEST_FILE, CURRENT_FILE, LOCK_FILE = "manifest.json", "CURRENT", ".lock"
UNFINISHED = ".building-"
_GENERATION = re.compile(r"[0-9a-f]{16}(\.\d+)?")
_REMEDY = "Build it again: qa index"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """One file of a generation, by its path within it."""

    bytes: int
    sha256: str
    xxh3: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a generation holds and what it was built from; equal manifests answer alike.

    ``content`` names what is searched, whatever calibrated it; ``calibration`` says what did. ``documents`` maps each document's id to its hash, in the order of the ordinals.
    """

    format: int
    generation: str
    content: str
    corpus_hash: str
    corpus: CorpusInfo
    documents: dict[str, str]
    passages: int
    sentences: int
    tokens: int
    encoder: str
    encoder_revision: str
    reranker: str
    reranker_revision: str
    calibration: Literal["prior", "corpus", "questions"]
    files: dict[str, FileRecord]


_ADAPTER = TypeAdapter(Manifest)
_CALIBRATION = TypeAdapter(Calibration)


def name_of(corpus_hash: str, info: CorpusInfo, revisions: str, trained: str, calibrated: str) -> str:
    """Name a generation by what decides its content, so that the same content has the same name.

    The versions of the program and of its reader are part of it: another one may read, split or mark the same documents
    differently.

    :param revisions: of the encoder and the reranker.
    :param trained: the fingerprint of what the safety gate's classifier is trained on.
    :param calibrated: that of what the scope gate is calibrated by.
    """
    parts = [FORMAT, version("citewell"), reader(), corpus_hash, astuple(info), revisions, trained, calibrated]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def current(folder: Path) -> Path:
    """Return the folder of the generation that serves.

    :raises IndexMissing: if no build has finished there.
    :raises IndexDamaged: if ``CURRENT`` names none, or its manifest is not the one that was written.
    """
    path = folder / CURRENT_FILE
    try:
        name, _, digest = path.read_text("utf-8").strip().partition(" ")
    except FileNotFoundError:
        raise IndexMissing(f"No index in {folder}. Build it with: qa index") from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{path} cannot be read ({type(error).__name__}). {_REMEDY}") from error
    manifest = folder / name / MANIFEST_FILE
    if not name or Path(name).name != name or not manifest.is_file():
        raise IndexDamaged(f"{path} names {name!r}, which is no generation there. {_REMEDY}")
    if _sha256(manifest) != digest:
        raise IndexDamaged(f"{manifest} has changed since it was written. {_REMEDY}")
    return folder / name


def read_manifest(generation: Path) -> Manifest:
    """Read a generation's manifest, without looking at the files it lists.

    :raises IndexDamaged: if it is missing or cannot be understood.
    :raises BadIndex: if it is of another format.
    """
    path = generation / MANIFEST_FILE
    try:
        raw = path.read_bytes()
        found = TypeAdapter(dict[str, object]).validate_json(raw).get("format")
        if found != FORMAT:
            raise BadIndex(f"{generation} has index format {found}, this program reads {FORMAT}. {_REMEDY}")
        return _ADAPTER.validate_json(raw)
    except (OSError, ValidationError) as error:
        raise IndexDamaged(f"{path} cannot be read ({type(error).__name__}). {_REMEDY}") from error


def verify(generation: Path, manifest: Manifest, *, thorough: bool = False) -> None:
    """Compare every file of a generation with its manifest.

    :param thorough: compare the sha256, which no one can forge, instead of the xxh3, which finds damage ten times
        faster and so costs opening an index little.
    :raises IndexDamaged: naming each file that is missing or changed.
    """

    def fault(item: tuple[str, FileRecord]) -> str | None:
        return _fault(generation / item[0], item[1], thorough=thorough)

    with ThreadPoolExecutor() as pool:
        faults = [each for each in pool.map(fault, manifest.files.items()) if each]
    if faults:
        raise IndexDamaged(f"{generation} does not match its manifest: {'; '.join(faults)}. {_REMEDY}")


def record(generation: Path) -> dict[str, FileRecord]:
    """Return the record of every file of a generation but its manifest, sorted by path, once all are on the disk."""
    files = sorted(path for path in generation.rglob("*") if path.is_file() and not _incidental(path))
    for path in files:
        _sync(path)
    return {
        path.relative_to(generation).as_posix(): FileRecord(
            bytes=path.stat().st_size, sha256=_sha256(path), xxh3=_xxh3(path)
        )
        for path in files
    }


def write_manifest(generation: Path, manifest: Manifest) -> None:
    """Write the manifest, the last file of a generation."""
    _write_durably(generation / MANIFEST_FILE, _ADAPTER.dump_json(manifest, indent=1) + b"\n")


def write_calibration(generation: Path, calibration: Calibration) -> None:
    """Write how the scope gate judges, before the manifest."""
    (generation / CALIBRATION_FILE).write_bytes(_CALIBRATION.dump_json(calibration, indent=1) + b"\n")


def read_calibration(generation: Path) -> Calibration:
    """Read how the scope gate judges.

    :raises IndexDamaged: if it cannot be understood.
    """
    path = generation / CALIBRATION_FILE
    try:
        return _CALIBRATION.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise IndexDamaged(f"{path} cannot be read ({type(error).__name__}). {_REMEDY}") from error


def publish(unfinished: Path, folder: Path, name: str) -> None:
    """Give a finished generation its name and let it serve; keep the one before it, remove older ones."""
    before = _served(folder)
    # A generation is never put in another's place, not even of the same content: that one may be serving.
    number = next(number for number in itertools.count(1) if not (folder / _folder_name(name, number)).exists())
    target = folder / _folder_name(name, number)
    unfinished.rename(target)
    _write_durably(folder / CURRENT_FILE, f"{target.name} {_sha256(target / MANIFEST_FILE)}\n".encode())
    for path in folder.iterdir():
        if (
            _GENERATION.fullmatch(path.name)
            and (path / MANIFEST_FILE).is_file()
            and path.name not in {target.name, before}
        ):
            _remove(path)


@contextmanager
def workspace(folder: Path) -> Iterator[Path]:
    """Hold the folder's lock and yield a new, empty folder to build in; remove it unless it was published.

    :raises IndexBusy: if another process is building in the same folder.
    :raises BadIndex: if the folder's file system cannot lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK_FILE).open("w") as lock:
        _lock(lock, folder)
        for stale in folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(stale, ignore_errors=True)
        unfinished = folder / f"{UNFINISHED}{os.getpid()}"
        unfinished.mkdir()
        try:
            yield unfinished
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _lock(lock: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}:
            raise IndexBusy(
                f"Another build is running in {folder}. Wait for it to end, or name another --index."
            ) from None
        remedy = "Name an --index on a file system that has locks, such as a local disk."
        raise BadIndex(f"{folder / LOCK_FILE} cannot be locked ({error.strerror}). {remedy}") from error


def _remove(generation: Path) -> None:
    """Remove a generation; should that be cut short, the next build removes the rest."""
    doomed = generation.with_name(f"{UNFINISHED}{generation.name}")
    try:
        generation.rename(doomed)
    except OSError:  # of another user, perhaps
        return
    shutil.rmtree(doomed, ignore_errors=True)


def _folder_name(name: str, number: int) -> str:
    return name if number == 1 else f"{name}.{number}"


def _served(folder: Path) -> str | None:
    try:
        return current(folder).name
    except BadIndex:
        return None


def _fault(path: Path, expected: FileRecord, *, thorough: bool) -> str | None:
    if not path.is_file():
        return f"{path.name} is missing"
    if path.stat().st_size != expected.bytes:
        return f"{path.name} has {path.stat().st_size} bytes instead of {expected.bytes}"
    same = _sha256(path) == expected.sha256 if thorough else _xxh3(path) == expected.xxh3
    return None if same else f"{path.name} has changed"


def _incidental(path: Path) -> bool:
    """Tell whether a file is one that tantivy leaves behind or writes anew when it opens its folder."""
    return path.name == MANIFEST_FILE or path.suffix == ".lock"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _xxh3(path: Path) -> str:
    """Hash a file through a mapping: the pages are those that searching reads, so they are not copied."""
    digest = xxhash.xxh3_128()
    if path.stat().st_size:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages:
            digest.update(pages)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    """Make sure that a file or folder is on the disk and not only in memory."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_durably(path: Path, content: bytes) -> None:
    """Replace a file in one step: a reader sees the old content or the new, also after a power cut."""
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync(path.parent)
