"""``corpus.toml`` -> CorpusInfo, with defaults that come from the documents."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field

from qa.corpus.decode import decode
from qa.corpus.switches import switches
from qa.errors import DocumentError
from qa.types import CorpusInfo, Document, SafetySwitches

DISCLAIMER = (
    "These are quotations from the documents listed, not advice. They may be incomplete or out of date: "
    "check the source, and ask a professional about your own case."
)
_TEXTS = ("name", "scope", "disclaimer", "region")
_REGION = re.compile(r"[A-Z]{2}")
_TITLES = 5
_REMEDY = 'Write it as: name = "...", scope = "one sentence", disclaimer = "...", region = "GB"'
_ENTRIES = 'Write below a line [glossary] what readers say and the documents\' word for it: "water pill" = "diuretic"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What ``corpus.toml`` says; None where it says nothing."""

    name: str | None = None
    scope: str | None = None
    disclaimer: str | None = None
    region: str | None = None
    glossary: dict[str, str] = field(default_factory=dict)
    safety: SafetySwitches = field(default_factory=SafetySwitches)


def read_info(raw: bytes, name: str) -> Given:
    """Read what ``corpus.toml`` gives.

    :param raw: the whole file.
    :param name: to name the file by in an error.
    :raises DocumentError: when it is no TOML, a key is unknown, or a value is not what it should be.
    """
    if not raw.strip():
        return Given()
    try:
        table = tomllib.loads(decode(raw, name))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DocumentError(name, f"it is not TOML ({error})", _REMEDY) from error
    unknown = sorted(table.keys() - {*_TEXTS, "glossary", "safety"})
    if unknown:
        raise DocumentError(name, f'it has an unknown key "{unknown[0]}"', _REMEDY)
    texts = {key: _text(table[key], key, name) for key in _TEXTS if key in table}
    if "region" in texts and not _REGION.fullmatch(texts["region"]):
        raise DocumentError(name, f'its "region" is "{texts["region"]}", not an ISO 3166-1 alpha-2 code', _REMEDY)
    return Given(
        **texts,
        glossary=_glossary(table.get("glossary", {}), name),
        safety=switches(table.get("safety", {}), name),
    )


def _text(value: object, key: str, file: str, remedy: str = _REMEDY) -> str:
    if not isinstance(value, str) or not value.strip():
        raise DocumentError(file, f'its "{key}" is not a text', remedy)
    return value.strip()


def _glossary(value: object, file: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise DocumentError(file, 'its "glossary" is not a table', _ENTRIES)
    return {_text(term, "glossary", file, _ENTRIES): _text(value[term], term, file, _ENTRIES) for term in value}


def complete(given: Given, folder: str, documents: Sequence[Document]) -> CorpusInfo:
    """Fill in what was not given.

    :param given: what ``corpus.toml`` says.
    :param folder: the folder's name.
    :param documents: those that were read.
    """
    return CorpusInfo(
        name=given.name or folder,
        scope=given.scope or _scope(documents),
        disclaimer=given.disclaimer or DISCLAIMER,
        region=given.region,
        glossary=given.glossary,
        safety=given.safety,
    )


def _scope(documents: Sequence[Document]) -> str:
    """Say what the titles say, the first few by name."""
    titles = list(dict.fromkeys(document.title for document in documents))
    if not titles:
        return "Nothing yet: there are no documents."
    named = "; ".join(titles[:_TITLES])
    rest = len(titles) - _TITLES
    return f"{named}; and {rest} more." if rest > 0 else f"{named}."
