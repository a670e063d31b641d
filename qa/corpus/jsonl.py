"""A ``.jsonl`` file of texts -> one plain-text Document a row."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from qa.corpus.annotate import Facts, annotate
from qa.corpus.decode import decode
from qa.corpus.plaintext import parse_plain_text
from qa.corpus.slugs import prettified, slug, unique
from qa.errors import DocumentError
from qa.types import Document, Rejected

_REMEDY = 'Write each row as {"id": "...", "title": "...", "section": "...", "text": "...", "url": "..."}; only text is needed'


def read_jsonl(
    path: Path, *, name: str | None = None, taken: set[str] | None = None
) -> tuple[tuple[Document, ...], tuple[Rejected, ...]]:
    """Read rows of ``{id, title, section, text, url}``, of which only ``text`` is needed.

    A row's id becomes the document's id, in its URL-safe form; ``section`` heads the path of its sections.

    :param path: the file.
    :param name: what to call the file in errors; its own name when left out.
    :param taken: ids that are given already; changed.
    :returns: the documents in the order of the rows, and the rows that could not be read.
    :raises DocumentError: when the file is no UTF-8 text.
    """
    name = name or path.name
    taken = set() if taken is None else taken
    documents: list[Document] = []
    rejected: list[Rejected] = []
    for number, line in enumerate(decode(path.read_bytes(), name).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            documents.append(_row(line, f"{name}:{number}", f"{slug(path.stem)}-{number}", taken))
        except DocumentError as error:
            rejected.append(Rejected(path=error.path, reason=error.reason, remedy=error.remedy))
    return tuple(documents), tuple(rejected)


def _row(line: str, place: str, fallback_id: str, taken: set[str]) -> Document:
    """Read one row."""
    try:
        row: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DocumentError(place, f"it is not JSON ({error})", _REMEDY) from error
    if not isinstance(row, dict):
        raise DocumentError(place, "it is not a JSON object", _REMEDY)
    given = {key: _text(row.get(key), key, place) for key in ("id", "title", "section", "text", "url")}
    text = decode((given["text"] or "").encode("utf-8", "replace"), place)
    wanted = slug(given["id"]) if given["id"] else fallback_id
    facts = Facts(
        id=unique(wanted, "", taken),
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
