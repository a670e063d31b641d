"""Write each verdict on an answer as one line of a file. Of the question, only what its answer's id says is kept."""

from __future__ import annotations

import errno
import fcntl
import json
import math
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path

from starlette.exceptions import HTTPException

from qa.errors import SettingsError
from qa.server.limits import Limiter
from qa.server.requests import FeedbackRequest

MOST_BYTES, KEPT = 10_000_000, 5
# An answer has the same id for whoever asks the same, so its verdicts are limited by the minute and not for good.
AN_ANSWER, AN_ADDRESS, SECONDS = 5, 60, 60
_OWNER_ONLY, _OTHERS = 0o600, 0o077
# Of IPv6, one subscriber has at least 64 bits to choose from.
_SUBSCRIBER_BITS = 64
# json writes these as they are; some readers end a line at them, and terminals obey some.
_BREAKS = re.compile("[\\x7f-\\x9f\\u2028\\u2029]")
_TOO_MANY = "Too many verdicts {from_where} within a minute. Try again in {seconds} seconds."


class FeedbackFile:
    """Verdicts, one JSON object a line. Threads and processes may add to the same file.

    A file that would grow over its limit is renamed to ``<name>.1``, that before it to ``<name>.2`` and so on; the oldest
    is removed. ``<name>.lock`` beside it is what those that write wait for.
    """

    def __init__(
        self,
        path: Path,
        *,
        most_bytes: int = MOST_BYTES,
        kept: int = KEPT,
        limits: tuple[int, int] = (AN_ANSWER, AN_ADDRESS),
    ) -> None:
        """Open the file once, to find out at the start whether it can be written to.

        :param most_bytes: the largest size of a file.
        :param kept: how many full files are kept, at least 1.
        :param limits: the most verdicts at once, and in a minute from then on: on one answer, and from one address.
        :raises SettingsError: if it cannot, or is no ordinary file.
        """
        self._path = path
        self._most_bytes = most_bytes
        self._kept = kept
        self._answers, self._addresses = (Limiter(most, SECONDS) for most in limits)
        try:
            with self._locked():
                handle = _open(path)
                self._mode = stat.S_IMODE(os.fstat(handle).st_mode)
                os.close(handle)
        except OSError as error:
            remedy = "Name an ordinary file in a folder that can be written to."
            raise SettingsError(
                f"QA_FEEDBACK names {path}, which cannot be used: {error.strerror or error}. {remedy}"
            ) from error

    @property
    def warning(self) -> str | None:
        """What whoever runs the service should know of the file, if anything."""
        if not self._mode & _OTHERS:
            return None
        return f"Others on this machine can read {self._path}, which holds readers' words. Forbid it: chmod 600 {self._path}"

    def add(self, feedback: FeedbackRequest, address: str = "") -> None:
        """Append a verdict with the time; a line is written whole or not at all.

        :param address: the reader's, which limits how often and is written nowhere.
        :raises HTTPException: 429 if there were too many verdicts from that address or on that answer.
        :raises OSError: if there is no room for it.
        """
        _admit(self._addresses, _subscriber(address), "from your address")
        _admit(self._answers, feedback.id, "on this answer")
        verdict = {"time": datetime.now(UTC).isoformat(timespec="seconds"), **feedback.model_dump(exclude_none=True)}
        text = json.dumps(verdict, ensure_ascii=False)
        line = _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode() + b"\n"
        with self._locked():
            self._append(line)

    def _append(self, line: bytes) -> None:
        handle = self._with_room(len(line))
        try:
            size = os.fstat(handle).st_size
            if os.write(handle, line) != len(line):
                os.ftruncate(handle, size)
                raise OSError(errno.ENOSPC, "No room for a verdict", str(self._path))
        finally:
            os.close(handle)

    def _with_room(self, length: int) -> int:
        """Open the file, or a new one of the same mode where it is full."""
        handle = _open(self._path)
        found = os.fstat(handle)
        if not found.st_size or found.st_size + length <= self._most_bytes:
            return handle
        os.close(handle)
        self._rotate()
        return _open(self._path, stat.S_IMODE(found.st_mode))

    def _rotate(self) -> None:
        names = [
            self._path,
            *(self._path.with_name(f"{self._path.name}.{number}") for number in range(1, self._kept + 1)),
        ]
        for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
            if newer.exists():
                newer.replace(older)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock that all who write to the file wait for; the file itself changes its name."""
        handle = _open(self._path.with_name(f"{self._path.name}.lock"))
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _open(path: Path, mode: int = _OWNER_ONLY) -> int:
    """Open an ordinary file to append to, made for its owner alone.

    :raises OSError: if it is anything else, such as a pipe, which would be waited for, or a link, which may lead anywhere.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        handle = os.open(path, flags, mode)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "It is a symbolic link", str(path)) from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "It is no ordinary file", str(path))
    return handle


def _admit(limiter: Limiter, key: str, from_where: str) -> None:
    wait = math.ceil(limiter.wait(key))
    if wait:
        detail = _TOO_MANY.format(from_where=from_where, seconds=wait)
        raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(wait)})


def _subscriber(address: str) -> str:
    """Return what limits an address: itself, of IPv6 the network of one subscriber."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(int(found) >> _SUBSCRIBER_BITS)  # noqa: PLR2004 - IPv4
