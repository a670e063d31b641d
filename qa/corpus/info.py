"""``corpus.toml`` -> CorpusInfo, with defaults that come from the documents."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from qa.corpus.decode import decode
from qa.errors import DocumentError
from qa.types import CorpusInfo, Document

DISCLAIMER = (
    "These are quotations from the documents listed, not advice. They may be incomplete or out of date: "
    "check the source, and ask a professional about your own case."
)
_KEYS = ("name", "scope", "disclaimer", "region")
_REGION = re.compile(r"[A-Z]{2}")
_TITLES = 5
_REMEDY = 'Write it as: name = "...", scope = "one sentence", disclaimer = "...", region = "GB"'


def read_info(path: Path) -> dict[str, str]:
    """Read what ``corpus.toml`` gives; an absent file gives nothing.

    :param path: of the file.
    :raises DocumentError: when it is no TOML, or a value is not what it should be.
    """
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(decode(path.read_bytes(), path.name))
    except OSError as error:
        raise DocumentError(path.name, f"it cannot be opened ({error.strerror})", "Make it readable") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DocumentError(path.name, f"it is not TOML ({error})", _REMEDY) from error
    given: dict[str, str] = {}
    for key in _KEYS:
        value: object = table.get(key)
        if value is None:
            continue
        if not isinstance(value, str) or not value.strip():
            raise DocumentError(path.name, f'its "{key}" is not a text', _REMEDY)
        given[key] = value.strip()
    if "region" in given and not _REGION.fullmatch(given["region"]):
        raise DocumentError(path.name, f'its "region" is "{given["region"]}", not an ISO 3166-1 alpha-2 code', _REMEDY)
    return given


def complete(given: dict[str, str], folder: str, documents: Sequence[Document]) -> CorpusInfo:
    """Fill in what was not given.

    :param given: what ``corpus.toml`` says.
    :param folder: the folder's name.
    :param documents: those that were read.
    """
    return CorpusInfo(
        name=given.get("name", folder),
        scope=given.get("scope", _scope(documents)),
        disclaimer=given.get("disclaimer", DISCLAIMER),
        region=given.get("region"),
    )


def _scope(documents: Sequence[Document]) -> str:
    """Say what the titles say, the first few by name."""
    titles = list(dict.fromkeys(document.title for document in documents))
    if not titles:
        return "Nothing yet: there are no documents."
    named = "; ".join(titles[:_TITLES])
    rest = len(titles) - _TITLES
    return f"{named}; and {rest} more." if rest > 0 else f"{named}."
