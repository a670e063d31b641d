"""The error tree. Each message says what is, what was expected, and what to do.

::

    QaError
    ├── SettingsError       a setting that cannot be understood
    ├── CorpusError         a corpus that cannot be read at all
    │   └── DocumentError   one file that cannot be read; the others still are
    ├── BadIndex            an index that is missing, damaged or of another format
    │   ├── IndexMissing
    │   ├── IndexDamaged
    │   └── IndexBusy       another build holds the lock
    ├── EncoderError        a model that cannot be loaded or exported
    │   └── MissingExtra    a package that an extra would install
    ├── CalibrationError    questions that no calibration can be fitted to
    └── QuestionError       a question that breaks the rules of length or form
"""

from __future__ import annotations


class QaError(Exception):
    """The root: whatever this package raises on purpose."""


class SettingsError(QaError):
    """A setting that cannot be understood."""


class CorpusError(QaError):
    """A corpus that cannot be read at all."""


class DocumentError(CorpusError):
    """One file that cannot be read: its path, the reason and the remedy."""

    def __init__(self, path: str, reason: str, remedy: str) -> None:
        """Keep the three parts apart, so that a report can show them in columns."""
        super().__init__(f"{path}: {reason}. {remedy}")
        self.path = path
        self.reason = reason
        self.remedy = remedy


class BadIndex(QaError):
    """An index that is missing, damaged or of another format."""


class IndexMissing(BadIndex):
    """No generation has been built in the folder."""


class IndexDamaged(BadIndex):
    """A generation does not match its manifest."""


class IndexBusy(BadIndex):
    """Another process is building in the same folder."""


class EncoderError(QaError):
    """A model that cannot be loaded or exported."""


class MissingExtra(EncoderError):
    """A package that only building needs is not installed."""

    def __init__(self, package: str, extra: str = "build") -> None:
        """Name the package and the command that installs it.

        :param extra: the one that has it; ``models`` for what only an encoder or a reranker of one's own needs.
        """
        purpose = "a model of your own" if extra == "models" else "building an index"
        super().__init__(f'{package} is not installed; {purpose} needs it: pip install "citewell[{extra}]"')


class CalibrationError(QaError):
    """Questions that no calibration can be fitted to."""


class QuestionError(QaError):
    """A question that breaks the rules of length or form."""
