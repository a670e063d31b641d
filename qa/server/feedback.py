"""A verdict on an answer -> one more line of a file. Of the question, only what its answer's id says is kept."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from qa.errors import SettingsError
from qa.server.requests import FeedbackRequest


class FeedbackFile:
    """Verdicts, one JSON object a line. Threads and processes may add to the same file."""

    def __init__(self, path: Path) -> None:
        """Open the file once, to find out at the start whether it can be written to.

        :raises SettingsError: if it cannot.
        """
        self._path = path
        try:
            path.open("ab").close()
        except OSError as error:
            raise SettingsError(
                f"QA_FEEDBACK names {path}, which cannot be written to: {error.strerror or error}. Name a file that can be."
            ) from error

    def add(self, feedback: FeedbackRequest) -> None:
        """Append a verdict with the time; a line is written whole or not at all.

        :raises OSError: if there is no room for it.
        """
        verdict = {"time": datetime.now(UTC).isoformat(timespec="seconds"), **feedback.model_dump(exclude_none=True)}
        line = json.dumps(verdict, ensure_ascii=False).encode() + b"\n"
        with self._path.open("ab", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            end = file.seek(0, os.SEEK_END)
            if file.write(line) != len(line):
                file.truncate(end)
                raise OSError(errno.ENOSPC, "No room for a verdict", str(self._path))
