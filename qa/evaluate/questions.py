"""What a question set is made of: questions, what is expected of each, and the words that answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from qa.types import SafetyLevel

Expected = Literal["answered", "out_of_scope", "no_answer", "not_a_question", "refused", "emergency", "crisis"]
_REASONS: tuple[Literal["out_of_scope", "no_answer", "not_a_question"], ...] = (
    "out_of_scope",
    "no_answer",
    "not_a_question",
)
_Id = Annotated[str, Field(pattern=r"^\S+$")]
_Filled = Annotated[str, Field(pattern=r"\S")]
_Numbers = tuple[Annotated[int, Field(ge=0)], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextGold:
    """Words that answer, verbatim as a document has them; wherever they occur if no document is named.

    ``references`` are the source's own numbers for them: empty says that there are none, None that nothing is known.
    """

    text: _Filled
    document_id: str | None = None
    references: _Numbers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceGold:
    """A half-open range of a document's text that answers; ``text``, if given, is what must stand there."""

    document_id: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]
    text: str | None = None
    references: _Numbers | None = None


def _kind(gold: object) -> str:
    placed = "start" in gold or "end" in gold if isinstance(gold, dict) else isinstance(gold, PlaceGold)
    return "place" if placed else "text"


Gold = Annotated[
    Annotated[TextGold, Tag("text")] | Annotated[PlaceGold, Tag("place")],
    Discriminator(_kind),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One row of a set. Any one of the ``gold`` alternatives satisfies; a row that is to be refused has none.

    Of a row that is to be answered and has no gold, only the outcome can be judged.

    ``family`` groups rows that ask for the same; ``split`` is the part of the set that a row belongs to.
    """

    query_id: _Id
    query: _Filled
    expected_status: Literal["answered", "refused"]
    category: _Filled
    gold: tuple[Gold, ...] = ()
    safety_label: SafetyLevel = "none"
    region: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    tags: tuple[str, ...] = ()
    family: str | None = None
    split: str | None = None

    @property
    def expected(self) -> Expected:
        """Return the outcome that is right; ``refused`` where the set doesn't say for which reason.

        The category says so where it is named as a reason is.
        """
        if self.safety_label != "none":
            return self.safety_label
        if self.expected_status == "answered":
            return "answered"
        return next((reason for reason in _REASONS if reason == self.category), "refused")

    def contradiction(self) -> str | None:
        """Say what about the row cannot be true at once."""
        if self.expected_status == "refused" and self.gold:
            return "it is expected to be refused and has gold"
        if self.expected_status == "answered" and self.safety_label != "none":
            return f"it is labelled {self.safety_label} and expected to be answered"
        if any(isinstance(gold, PlaceGold) and gold.start >= gold.end for gold in self.gold):
            return "a gold ends where it starts or before"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """The questions of a file, in its order, with the file's sha256 and the fields that nothing here reads."""

    questions: tuple[Question, ...]
    sha256: str
    split: str | None
    unread: tuple[str, ...]
