"""What ships with the program for the scope gate: a calibration over many corpora, and questions that few corpora answer.

``reader.json`` is for the packaged reader, ``retrieval.json`` for an index without one. ``benchmarks/fit_scope.py`` wrote
both; each names the corpora it was fitted to. ``off_topic.txt`` has a question a line.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from qa.models import NONE, PACKAGED
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
_ADAPTER = TypeAdapter(Prior)


@cache
def prior_of(reranker: str) -> Prior:
    """Return what ships for a reranker: its name, or "none".

    For one that is not packaged it is what ships for none, since nobody knows its scores: they get the weight 0 and the
    scale 0, until the corpus itself shows what they are worth.
    """
    found = _ADAPTER.validate_json(_HERE.joinpath(_file(reranker)).read_bytes())
    if reranker in (PACKAGED, NONE):
        return found
    weights = (*found.calibration.weights, 0.0)
    return replace(found, calibration=replace(found.calibration, weights=weights), scales=(*found.scales, 0.0))


def off_topic() -> list[str]:
    """Return the questions that few corpora answer."""
    return _HERE.joinpath("off_topic.txt").read_text("utf-8").splitlines()


def fingerprint(reranker: str, *, refined: bool) -> str:
    """Return the sha256 of what a calibration depends on beside the corpus.

    :param refined: whether the corpus refines the shipped one.
    """
    names = (_file(reranker), "off_topic.txt") if refined else (_file(reranker),)
    return hashlib.sha256(b"".join(_HERE.joinpath(name).read_bytes() for name in names)).hexdigest()


def _file(reranker: str) -> str:
    return "reader.json" if reranker == PACKAGED else "retrieval.json"
