"""A question -> what the service says of it, asked in this process or over HTTP: the same values come out of both."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Protocol, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from pydantic import TypeAdapter, ValidationError

from qa.errors import QuestionError
from qa.evaluate.errors import ServiceError
from qa.pipeline import MAX_TOP, Pipeline
from qa.question import MAX_CHARACTERS
from qa.types import Answer, Document, IndexInfo, RankedPassage, Refusal, SearchResult

_OUTCOME: TypeAdapter[Answer | Refusal] = TypeAdapter(Answer | Refusal)
_SEARCH = TypeAdapter(SearchResult)
_DOCUMENT = TypeAdapter(Document)
_INFO = TypeAdapter(IndexInfo)
_Value = TypeVar("_Value")
_SECONDS = 60
_DOCUMENTS_KEPT = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """The service's word that a message cannot be asked at all: too long, or of the wrong form."""

    reason: str


Outcome = Answer | Refusal | Unusable


class System(Protocol):
    """What is evaluated."""

    def info(self) -> IndexInfo:
        """Say which index answers."""

    def ask(self, question: str, *, top: int, region: str | None) -> Outcome:
        """Answer or refuse."""

    def search(self, words: str, *, document_id: str | None) -> tuple[RankedPassage, ...]:
        """Return the best passages for words, of one document or of all, without any gate."""

    def document(self, id_: str) -> Document | None:
        """Return a document, or None if there is none of that id."""


class Local:
    """A pipeline in this process."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def info(self) -> IndexInfo:
        """Say which index answers."""
        return self._pipeline.index.info()

    def ask(self, question: str, *, top: int, region: str | None) -> Outcome:
        """Answer or refuse."""
        try:
            return self._pipeline.ask(question, top=top, region=region)
        except QuestionError as error:
            return Unusable(reason=str(error))

    def search(self, words: str, *, document_id: str | None) -> tuple[RankedPassage, ...]:
        """Return the best passages for words, of one document or of all, without any gate."""
        documents = () if document_id is None else (self._pipeline.index.documents.ordinal(document_id),)
        try:
            return self._pipeline.search(_searchable(words), top=MAX_TOP, documents=documents).passages
        except QuestionError:
            return ()

    def document(self, id_: str) -> Document | None:
        """Return a document, or None if there is none of that id."""
        documents = self._pipeline.index.documents
        return documents.get(id_) if id_ in documents else None


class Remote:
    """A service over HTTP."""

    def __init__(self, url: str) -> None:
        """Take the service's address, such as http://127.0.0.1:8000.

        :raises ServiceError: if it is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ServiceError(f"{url!r} is no address of a service; expected one such as http://127.0.0.1:8000.")
        self._url = url.rstrip("/")
        self.document = lru_cache(maxsize=_DOCUMENTS_KEPT)(self._document)

    def info(self) -> IndexInfo:
        """Say which index answers."""
        return self._parsed(_INFO, self._body("/v1/index"))

    def ask(self, question: str, *, top: int, region: str | None) -> Outcome:
        """Answer or refuse."""
        sent = {"question": question, "top": top, "region": region}
        try:
            return self._parsed(_OUTCOME, self._body("/v1/ask", sent))
        except _RefusedError as error:
            if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
                raise
            return Unusable(reason=error.detail)

    def search(self, words: str, *, document_id: str | None) -> tuple[RankedPassage, ...]:
        """Return the best passages for words, of one document or of all, without any gate."""
        filters = {"document_ids": [] if document_id is None else [document_id]}
        sent = {"question": _searchable(words), "top": MAX_TOP, "filters": filters}
        try:
            return self._parsed(_SEARCH, self._body("/v1/search", sent)).passages
        except _RefusedError as error:
            if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
                raise
            return ()

    def _document(self, id_: str) -> Document | None:
        """Return a document, or None if there is none of that id."""
        try:
            return self._parsed(_DOCUMENT, self._body(f"/v1/documents/{quote(id_, safe='')}"))
        except _RefusedError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None

    def _body(self, path: str, sent: object | None = None) -> bytes:
        """Return the body of a response.

        :param sent: posted as JSON; got without it.
        """
        data = None if sent is None else json.dumps(sent).encode()
        request = Request(self._url + path, data=data, headers={"Content-Type": "application/json"})  # noqa: S310 - http(s) only
        try:
            with urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
                body: bytes = response.read()
                return body
        except HTTPError as error:
            raise _RefusedError(self._url + path, error.code, _detail(error.read())) from error
        except (URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            raise ServiceError(f"{self._url} cannot be asked: {reason}. Start it with: qa serve") from error

    def _parsed(self, adapter: TypeAdapter[_Value], body: bytes) -> _Value:
        try:
            return adapter.validate_json(body)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise ServiceError(
                f"{self._url} does not answer as Citewell does ({place}: {first['msg']}). "
                "Ask a service of the same version as this program."
            ) from error


class _RefusedError(ServiceError):
    """A status other than 200."""

    def __init__(self, url: str, status: int, detail: str) -> None:
        """Keep the status, by which some are expected, and the service's own words."""
        super().__init__(f"{url} says {status}: {detail} Is it a Citewell service, and is it ready?")
        self.status = status
        self.detail = detail


def _detail(body: bytes) -> str:
    """Return what a problem's body says, or nothing."""
    try:
        found = json.loads(body)
    except ValueError:
        return ""
    return str(found.get("detail", "")) if isinstance(found, dict) else ""


def _searchable(words: str) -> str:
    """Return the start of a text in the form and length of a question."""
    return " ".join(words.split())[:MAX_CHARACTERS]
