"""What a client may send. Unknown fields, fields sent twice and wrong types are refused, nothing is coerced."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from qa.pipeline import DEFAULT_TOP, MAX_TOP
from qa.server.problems import short

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


class StrictRoute(APIRoute):
    """A route whose body may name each field once: of two, some readers take the first and some the last."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Read the body strictly."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strict


class _StrictRequest(Request):
    async def json(self) -> Any:
        # Of bytes, json would take UTF-16 and UTF-32 too.
        return json.loads((await self.body()).decode("utf-8-sig"), object_pairs_hook=_once)


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name, value in pairs:
        if name in fields:
            detail = f"The body holds the field {short(name)} twice; expected it once."
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
        fields[name] = value
    return fields


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
