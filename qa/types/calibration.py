"""How the evidence of a question's hits becomes a probability, and from which one on passages are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingPoint:
    """What a threshold costs: the share of answerable questions that it answers, and of all others (each 0 to 1)."""

    threshold: float
    answered: float
    false_answers: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The log-odds that the passages answer are ``intercept + weights . evidence``, evidence in the order of its names.

    ``source`` says what the shipped weights were refined by: nothing (``prior``), the corpus itself (``corpus``) or a set
    of labelled questions (``questions``); ``questions`` counts what they were refined by, and ``questions_hash`` is its
    sha256. ``curve`` holds operating points by rising threshold.
    """

    intercept: float
    weights: tuple[float, ...]
    threshold: float
    source: Literal["prior", "corpus", "questions"]
    questions: int
    questions_hash: str
    curve: tuple[OperatingPoint, ...]
