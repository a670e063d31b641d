"""The packages of the ``evaluate`` extra -> an error that says how to install the one that is missing."""

from __future__ import annotations

from importlib.util import find_spec

from qa.evaluate.errors import MissingEvaluateExtra

_PACKAGES = {"ir_measures": "ir-measures", "scipy": "scipy"}


def require_extra() -> None:
    """Make sure that evaluating has what it needs, before anything is asked.

    :raises MissingEvaluateExtra: naming the first package that is missing.
    """
    for module, package in _PACKAGES.items():
        if find_spec(module) is None:
            raise MissingEvaluateExtra(package)
