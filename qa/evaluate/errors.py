"""What can go wrong in an evaluation, as leaves of the tree in ``qa.errors``.

::

    QaError
    ├── SettingsError
    │   └── GateError               a gate that cannot be understood
    └── EvaluationError             an evaluation that cannot be run, written or compared
        ├── SetError                a question set that cannot be used
        ├── ServiceError            a service that cannot be asked
        └── MissingEvaluateExtra    a package that the `evaluate` extra would install
"""

from __future__ import annotations

from qa.errors import QaError, SettingsError


class GateError(SettingsError):
    """A gate that cannot be understood."""


class EvaluationError(QaError):
    """An evaluation that cannot be run, written or compared."""


class SetError(EvaluationError):
    """A question set that cannot be used."""


class ServiceError(EvaluationError):
    """A service that cannot be asked."""


class MissingEvaluateExtra(EvaluationError):
    """A package that only evaluating needs is not installed."""

    def __init__(self, package: str) -> None:
        """Name the package and the command that installs it."""
        super().__init__(f'{package} is not installed; evaluating needs it: pip install "citewell[evaluate]"')
