"""What a reading process and the program tell one another, as bytes.

JSON, and nothing that could name a class to make: what a process says that a hostile file has taken over is data.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from qa.corpus.info import Given
from qa.corpus.task import Fault, Outcome, Task
from qa.types import Document, Rejected

# What a process says besides: it is ready, it lacks a library, it has read a file, it has and will end.
READY, LACKING, DONE, ENDING = b"+", b"m", b".", b"!"
_DOCUMENT, _GIVEN, _REJECTED, _FAULT = b"d", b"g", b"r", b"f"


def pack_task(task: Task) -> bytes:
    """Return a task as bytes; a name that is not UTF-8 stays what it is."""
    return json.dumps({**asdict(task), "root": str(task.root)}).encode()


def unpack_task(raw: bytes) -> Task:
    """Return the task that ``pack_task`` was given."""
    fields = json.loads(raw)
    return Task(**{**fields, "root": Path(fields["root"])})


def pack(outcome: Outcome) -> tuple[bytes, bytes]:
    """Return what came of a file as a kind and the bytes of it.

    :raises ValueError: when a document holds what no index can keep, such as half of a surrogate pair.
    """
    if isinstance(outcome, Document):
        return _DOCUMENT, _documents().dump_json(outcome)
    if isinstance(outcome, Given):
        return _GIVEN, _given().dump_json(outcome)
    return (_FAULT if isinstance(outcome, Fault) else _REJECTED), json.dumps(asdict(outcome)).encode()


def unpack(kind: bytes, body: bytes) -> Outcome:
    """Return what ``pack`` was given.

    :raises ValueError: when that was nothing of the kind.
    """
    if kind == _DOCUMENT:
        return _documents().validate_json(body)
    if kind == _GIVEN:
        return _given().validate_json(body)
    if kind == _REJECTED:
        return _rejected().validate_python(json.loads(body))
    if kind == _FAULT:
        return _faults().validate_python(json.loads(body))
    raise ValueError(f"{kind!r} is no kind of outcome")


def prepare() -> None:
    """Do what packing needs once, so that its time does not count as a file's."""
    pack(Document(id="", title="", text="", hash=""))
    pack(Given())


@cache
def _documents() -> TypeAdapter[Document]:
    return TypeAdapter(Document)


@cache
def _given() -> TypeAdapter[Given]:
    return TypeAdapter(Given)


@cache
def _rejected() -> TypeAdapter[Rejected]:
    return TypeAdapter(Rejected)


@cache
def _faults() -> TypeAdapter[Fault]:
    return TypeAdapter(Fault)
