"""A ``.jsonl`` file of texts -> one plain-text Document a row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import PurePosixPath

from qa.corpus.annotate import Facts, annotate
from qa.corpus.decode import decode
from qa.corpus.plaintext import parse_plain_text
from qa.corpus.slugs import prettified, slug
from qa.corpus.task import Fault, blame
from qa.errors import DocumentError
from qa.types import Document, Rejected

_REMEDY = 'Write each row as {"id": "...", "title": "...", "section": "...", "text": "...", "url": "..."}; only text is needed'


def rows(raw: bytes, name: str) -> Iterator[Document | Rejected | Fault]:
    """Read rows of ``{id, title, section, text, url}``, of which only ``text`` is needed.

    A row's id becomes the document's id, in its URL-safe form; ``section`` heads the path of its sections. Yield each
    row's document, or the reason why there is none. Two rows may ask for the same id.

    :param raw: the whole file.
    :param name: its path within the corpus, to name it by in an error.
    :raises DocumentError: when the file is no UTF-8 text.
    """
    stem = slug(PurePosixPath(name).stem)
    for number, line in enumerate(decode(raw, name).split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{name}:{number}"
        try:
            yield _row(line, place, f"{stem}-{number}")
        except Exception as error:  # noqa: BLE001 - a bad row must not keep the others from being read
            yield blame(error, place)


def _row(line: str, place: str, fallback_id: str) -> Document:
    """Read one row."""
    try:
        row: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DocumentError(place, f"it is not JSON ({error})", _REMEDY) from error
    if not isinstance(row, dict):
        raise DocumentError(place, "it is not a JSON object", _REMEDY)
    given = {key: _text(row.get(key), key, place) for key in ("id", "title", "section", "text", "url")}
    text = decode((given["text"] or "").encode("utf-8", "replace"), place)
    facts = Facts(
        id=slug(given["id"]) if given["id"] else fallback_id,
        hash=hashlib.sha256(line.encode()).hexdigest(),
        title=given["title"],
        url=given["url"],
    )
    outer = (given["section"],) if given["section"] else ()
    title = prettified(given["id"] or fallback_id)
    return annotate(text, parse_plain_text(text), facts, fallback_title=title, outer=outer)


def _text(value: object, key: str, place: str) -> str | None:
    """Return a field that is a string or null, or a number where the row numbers its ids; blank counts as null."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        # Half of a surrogate pair is no character, and nothing after this could encode it.
        return value if key == "text" else value.encode("utf-8", "replace").decode().strip()
    if key == "id" and isinstance(value, int):
        return str(value)
    raise DocumentError(place, f'its "{key}" is not a string', _REMEDY)
