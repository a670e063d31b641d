"""What a client may send. Unknown fields and wrong types are refused, nothing is coerced."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from qa.pipeline import DEFAULT_TOP, MAX_TOP

Question = Annotated[
    str,
    Field(
        description="1 to 1000 characters after trimming, no control characters but tab and line breaks. "
        "A message that describes an emergency is recognised whatever its length.",
        examples=["What causes muscle cramps?"],
    ),
]
MAX_HISTORY = 20
Top = Annotated[int, Field(ge=1, le=MAX_TOP, description="The most passages to return.")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Filters(_Strict):
    """What to look in."""

    document_ids: Annotated[list[str], Field(description="Only these documents; empty for all.")] = []


class Page(BaseModel):
    """Which documents to list; unlike a body's, a query's values are all written as text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    offset: Annotated[int, Field(ge=0, description="How many documents to skip.")] = 0
    limit: Annotated[int, Field(ge=1, le=1_000, description="The most documents to list.")] = 100


class SearchRequest(_Strict):
    """A question to look up, without any gate."""

    question: Question
    top: Top = DEFAULT_TOP
    filters: Annotated[Filters, Field(description="Where to look.")] = Filters()


class AskRequest(_Strict):
    """A question to answer."""

    question: Question
    top: Top = DEFAULT_TOP
    region: Annotated[
        str | None, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2, for whom to call in an emergency.")
    ] = None
    lang: Annotated[
        str | None,
        Field(
            max_length=35,  # of which RFC 5646 says that it is enough
            pattern="^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$",
            description=(
                "BCP 47, for the words in an emergency; without it those of the question's language. "
                "Quotes stay in the documents' language."
            ),
        ),
    ] = None
    history: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field(
            max_length=MAX_HISTORY,
            description="The conversation's earlier questions as they were typed, the oldest first. A question that "
            "cannot be understood by itself, such as 'and at night?', is looked up together with the last 3 of them; "
            "any other is not changed. English only. Of each, 1000 characters are read.",
            examples=[["What causes cramps during exercise?"]],
        ),
    ] = []
    filters: Annotated[Filters, Field(description="Where to look.")] = Filters()


class FeedbackRequest(_Strict):
    """A reader's verdict on an answer."""

    id: Annotated[str, Field(pattern="^ans_[0-9a-f]{24}$", description="The answer's id.")]
    verdict: Annotated[Literal["helpful", "not_helpful"], Field(description="What the reader made of it.")]
    comment: Annotated[str | None, Field(max_length=1_000, description="The reader's own words.")] = None
