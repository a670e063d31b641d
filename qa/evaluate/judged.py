"""What is kept of each question: what was expected and given, the passages shown, and how right they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qa.evaluate.questions import Expected
from qa.types import Confidence

Given = Literal["answered", "out_of_scope", "no_answer", "not_a_question", "unusable", "emergency", "crisis"]
# The gravest first: a question has the first of those that are true of it.
Fault = Literal[
    "missed_emergency",
    "wrong_level",
    "inexact_quote",
    "false_answer",
    "false_alarm",
    "false_refusal",
    "not_shown",
    "not_first",
    "other_quote",
]
FAULTS: dict[Fault, str] = {
    "missed_emergency": "Emergency missed",
    "wrong_level": "Emergency and crisis mixed up",
    "inexact_quote": "Quote differs from its document",
    "false_answer": "Answered, should be refused",
    "false_alarm": "False alarm",
    "false_refusal": "Refused, should be answered",
    "not_shown": "Right passage not shown",
    "not_first": "Right passage not first",
    "other_quote": "Right passage, other quote",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A passage that was shown: its place, whether it is right, and what of it was quoted.

    ``right``: it contains the whole of a gold. ``quoted``: one of its quotes overlaps at least half of a gold.
    ``numbers`` are the source's own references at the quotes that answer.
    """

    id: str
    rank: int
    right: bool
    quoted: bool
    quotes: tuple[str, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """How well a question that has an answer was answered, each from 0 to 1; a refusal scores 0 in all.

    The citation scores are None where nothing can be said: no gold gives references, or no number was shown.
    """

    success_1: float
    success_3: float
    rr: float
    ndcg_10: float
    recall_10: float
    quote_success_1: float
    answer_f1: float
    citation_precision: float | None
    citation_recall: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One question with its outcome; ``scores`` is None for a question that is to be refused or has no gold.

    ``relevant`` names the passages of the index that hold a gold, shown or not. ``lost`` says of each gold that no
    passage holds why that is so.
    """

    query_id: str
    query: str
    category: str
    tags: tuple[str, ...]
    family: str | None
    expected: Expected
    given: Given
    right_outcome: bool
    fault: Fault | None
    confidence: Confidence | None
    shown: tuple[Shown, ...]
    relevant: tuple[str, ...]
    gold: tuple[str, ...]
    lost: tuple[str, ...]
    quotes: int
    exact_quotes: int
    scores: Scores | None

    @property
    def emergency(self) -> bool:
        """Tell whether the message is labelled an emergency or a crisis."""
        return self.expected in ("emergency", "crisis")

    @property
    def alarmed(self) -> bool:
        """Tell whether the message was taken for an emergency or a crisis."""
        return self.given in ("emergency", "crisis")

    @property
    def stated(self) -> tuple[float, float] | None:
        """The stated probability and whether the first passage is right; None where either is not known."""
        if self.confidence is None or (self.expected == "answered" and self.scores is None):
            return None
        return self.confidence.probability, float(self.right_first)

    @property
    def right_first(self) -> bool:
        """Tell whether the first passage shown is right."""
        return bool(self.shown) and self.shown[0].right
