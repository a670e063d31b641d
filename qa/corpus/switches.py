"""The ``[safety]`` table of ``corpus.toml`` -> which red flags hold for the corpus, and its own."""

from __future__ import annotations

import re
from typing import Any

from qa.errors import DocumentError
from qa.types import OwnFlag, SafetySwitches

_REMEDY = (
    'Write it as: [safety] flags = "off", crisis = "on"; and [[safety.flag]] with id, title, action, wordings = ["..."]'
)
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WORD = re.compile(r"[^\W\d_]{2}")
_TEXTS = ("id", "title", "action")


def switches(table: object, file: str) -> SafetySwitches:
    """Read the table; an empty one leaves everything on.

    :raises DocumentError: when a key or a value is not what it should be.
    """
    if not isinstance(table, dict):
        raise DocumentError(file, 'its "safety" is not a table', _REMEDY)
    _only(table, {"flags", "crisis", "flag"}, "safety", file)
    rows = table.get("flag", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DocumentError(file, 'its "safety.flag" is not a list of tables', _REMEDY)
    own = tuple(_own(row, file) for row in rows)
    if len({flag.id for flag in own}) < len(own):
        raise DocumentError(file, 'two of its "safety.flag" tables have the same id', _REMEDY)
    return SafetySwitches(flags=_on(table, "flags", file), crisis=_on(table, "crisis", file), own=own)


def _on(table: dict[str, Any], key: str, file: str) -> bool:
    value = table.get(key, "on")
    if value not in ("on", "off"):
        raise DocumentError(file, f'its "safety.{key}" is {value!r}, neither "on" nor "off"', _REMEDY)
    return bool(value == "on")


def _own(row: dict[str, Any], file: str) -> OwnFlag:
    _only(row, {*_TEXTS, "wordings"}, "safety.flag", file)
    id_, title, action = (_text(row.get(key), key, file) for key in _TEXTS)
    if not _ID.fullmatch(id_):
        raise DocumentError(file, f'the id "{id_}" of a "safety.flag" is not lower-case words with hyphens', _REMEDY)
    wordings = row.get("wordings")
    if not isinstance(wordings, list) or not wordings:
        raise DocumentError(file, f'the "wordings" of the "safety.flag" {id_} are not a list of texts', _REMEDY)
    said = tuple(_text(wording, "wordings", file) for wording in wordings)
    bare = next((wording for wording in said if not _WORD.search(wording)), None)
    if bare is not None:
        raise DocumentError(file, f'the wording "{bare}" of the "safety.flag" {id_} holds no word', _REMEDY)
    return OwnFlag(id=id_, title=title, action=action, wordings=said)


def _text(value: object, key: str, file: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise DocumentError(file, f'the "{key}" of a "safety.flag" is not a text', _REMEDY)
    return value.strip()


def _only(table: dict[str, Any], known: set[str], name: str, file: str) -> None:
    unknown = sorted(table.keys() - known)
    if unknown:
        raise DocumentError(file, f'its "{name}" has an unknown key "{unknown[0]}"', _REMEDY)
