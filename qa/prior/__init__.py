"""What ships with the program for the scope gate: a calibration over many corpora, and questions that few corpora answer.

``prior.json`` was written by ``benchmarks/fit_scope.py``, which also says over what; ``off_topic.txt`` has a question a line.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from importlib.resources import files

from pydantic import TypeAdapter

from qa.rerankers import NONE
from qa.types import Calibration


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """The shipped calibration, and what refining it needs.

    ``scales`` are the standard deviations of the evidence over the corpora that it was fitted to; ``sources`` names these,
    with the numbers of their questions.
    """

    calibration: Calibration
    scales: tuple[float, ...]
    sources: tuple[str, ...]


_HERE = files("qa.prior")
PRIOR = TypeAdapter(Prior).validate_json(_HERE.joinpath("prior.json").read_bytes())
CALIBRATION = PRIOR.calibration


def prior_of(reranker: str) -> Prior:
    """Return what ships for a reranker, or for "none".

    Nobody knows a reranker's scores, so they have the weight 0 and the scale 0 until the corpus itself shows what they are
    worth.
    """
    if reranker == NONE:
        return PRIOR
    weights = (*CALIBRATION.weights, 0.0)
    return replace(PRIOR, calibration=replace(CALIBRATION, weights=weights), scales=(*PRIOR.scales, 0.0))


def off_topic() -> list[str]:
    """Return the questions that few corpora answer."""
    return _HERE.joinpath("off_topic.txt").read_text("utf-8").splitlines()


def fingerprint(*, refined: bool) -> str:
    """Return the sha256 of what a calibration depends on beside the corpus.

    :param refined: whether the corpus refines the shipped one.
    """
    names = ("prior.json", "off_topic.txt") if refined else ("prior.json",)
    return hashlib.sha256(b"".join(_HERE.joinpath(name).read_bytes() for name in names)).hexdigest()
