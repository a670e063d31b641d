"""A zip file's bytes -> its members, read within a budget: what EPUB and DOCX have in common."""

from __future__ import annotations

import io
import zipfile
import zlib

from qa.errors import DocumentError

_MOST_BYTES = 200_000_000
_MOST_MEMBERS = 20_000
_LARGE = 1_000_000  # a small member may shrink as far as it likes
_HIGHEST_RATIO = 200
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_ENTRY = b"PK\x01\x02"
_READ_AT_ONCE = 1 << 16


class Archive:
    """The members of a zip file; what is read of them is counted, whatever the headers say."""

    def __init__(self, source: zipfile.ZipFile, path: str, what: str) -> None:
        """Keep the open file.

        :param source: whose headers have been checked.
        :param path: to name the file by in an error.
        :param what: it is, such as ``an EPUB``.
        """
        self._source = source
        self._path = path
        self._what = what
        self._left = _MOST_BYTES
        self._names = frozenset(entry.filename for entry in source.infolist() if not entry.is_dir())

    def names(self) -> frozenset[str]:
        """Return the names of the members, folders left out."""
        return self._names

    def read(self, name: str) -> bytes:
        """Return the whole of one member.

        :param name: as in :meth:`names`.
        :raises DocumentError: when there is no such member, it is damaged, or the budget is spent.
        """
        pieces: list[bytes] = []
        try:
            with self._source.open(name) as member:
                while piece := member.read(_READ_AT_ONCE):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise _too_large(self._path)
                    pieces.append(piece)
        except KeyError as error:
            raise _damaged(self._path, self._what, f"it lacks {name}") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise _damaged(self._path, self._what, f"{name} in it is damaged") from error
        return b"".join(pieces)


def open_archive(raw: bytes, path: str, *, what: str) -> Archive:
    """Open a zip file from memory, unless its own headers say that it unpacks to far more than a document holds.

    :param raw: the whole file.
    :param path: to name the file by in an error.
    :param what: it is, such as ``an EPUB``.
    :raises DocumentError: when it is no zip file, is damaged, encrypted, or unpacks to too much.
    """
    if raw.count(_ENTRY) > _MOST_MEMBERS:
        raise DocumentError(path, f"it holds more than {_MOST_MEMBERS:,} files", "Split it")
    try:
        source = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(path, what, f"it is not {what}, or it is damaged") from error
    entries = source.infolist()
    for entry in entries:
        _check(entry, path)
    if sum(entry.file_size for entry in entries) > _MOST_BYTES:
        raise _too_large(path)
    return Archive(source, path, what)


def _check(entry: zipfile.ZipInfo, path: str) -> None:
    """Refuse a member that is encrypted, packed in an unusual way, or hugely larger than what it is packed to."""
    if entry.flag_bits & _ENCRYPTED:
        raise DocumentError(path, "it is encrypted", "Save it without a password")
    if entry.compress_type not in _METHODS:
        raise DocumentError(path, f"{entry.filename} in it is packed in an unusual way", "Save it again")
    if entry.file_size > _LARGE and entry.file_size > _HIGHEST_RATIO * entry.compress_size:
        raise _too_large(path)


def _too_large(path: str) -> DocumentError:
    reason = f"it unpacks to far more than a document holds; the limit is {_MOST_BYTES:,} bytes"
    return DocumentError(path, reason, "Split it, or take large pictures out")


def _damaged(path: str, what: str, reason: str) -> DocumentError:
    return DocumentError(path, reason, f"Open it in the program that made it and save it as {what} again")
