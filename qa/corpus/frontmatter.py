"""The start of a Markdown file -> what its front matter says, and the body after it."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace

from qa.corpus.annotate import Facts
from qa.corpus.fields import parse_toml, parse_yaml
from qa.errors import DocumentError
from qa.types import Reference

_OPENING = re.compile(r"(?P<fence>---|\+\+\+)[ \t]*\n")
_CLOSING = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*(?:\n|\Z)", re.MULTILINE),
}
_FIELD = re.compile(r"[A-Za-z_][\w-]*[ \t]*[:=]")
_NUMBER = re.compile(r"[0-9]{1,9}")
_YEAR = re.compile(r"(?<!\d)[0-9]{4}(?!\d)")
_LARGEST = 999_999
_LATEST = 9999
_REMEDY = 'Write it as lines of "title: ...", between two lines of "---"; put a value that holds ": " or starts with "[" into quotes'
_REFERENCE = "Write each reference as: {number: 1, title: ..., authors: ..., year: ..., source: ..., url: ...}"


def split_front_matter(text: str, facts: Facts, path: str) -> tuple[str, Facts]:
    """Take the front matter off a text, if it starts with one.

    :param text: the decoded file.
    :param facts: what is known so far.
    :param path: to name the file by in an error.
    :returns: the body, and the facts with what the front matter adds.
    :raises DocumentError: when the front matter cannot be understood.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return text, facts
    fence = opening["fence"]
    closing = _CLOSING[fence].search(text, opening.end())
    if closing is None:
        if fence == "+++" or _FIELD.match(text, opening.end()):
            raise DocumentError(path, "its front matter is opened and never closed", _REMEDY)
        return text, facts
    table = _parse(text[opening.end() : closing.start()], fence, path)
    if table is None:
        return text, facts
    body = text[closing.end() :]
    if not body.strip():
        raise DocumentError(path, "there is nothing after its front matter", "Write something into it, or delete it")
    return body, _with_fields(facts, table, path)


def _parse(source: str, fence: str, path: str) -> dict[object, object] | None:
    """Parse YAML, or TOML between plus signs; None where it is no front matter but text between two rules."""
    try:
        table = parse_toml(source) if fence == "+++" else parse_yaml(source)
        json.dumps(table, default=str, ensure_ascii=False).encode()  # half of a surrogate pair is a ValueError here
    except (ValueError, RecursionError) as error:
        if not _FIELD.match(source.lstrip()) and fence == "---" and "\n\n" in source:
            return None
        reason = " ".join(str(error).split())[:200]
        raise DocumentError(path, f"its front matter is broken ({reason})", _REMEDY) from error
    if table is None:
        return {}
    if isinstance(table, dict):
        return table
    if isinstance(table, str) and not _FIELD.match(source.lstrip()):
        return None
    raise DocumentError(path, "its front matter is not a list of fields", _REMEDY)


def _with_fields(facts: Facts, table: dict[object, object], path: str) -> Facts:
    return replace(
        facts,
        title=_text(table, "title", path) or facts.title,
        url=_text(table, "url", path),
        publisher=_text(table, "publisher", path),
        licence=_text(table, "licence", path) or _text(table, "license", path),
        date=_text(table, "date", path),
        references=_references(table.get("references"), path),
    )


def _text(table: dict[object, object], key: str, path: str, remedy: str = _REMEDY) -> str | None:
    """Return a field as a text: a date in ISO form, a number as it is written."""
    value = table.get(key)
    if value is None:
        return None
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value).strip() or None
    raise DocumentError(path, f'"{key}" in its front matter is not a text', remedy)


def _references(value: object, path: str) -> tuple[Reference, ...]:
    """Read ``references``: one entry per number."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise DocumentError(path, '"references" in its front matter is not a list', _REFERENCE)
    found: dict[int, Reference] = {}
    for row in value:
        reference = _reference(row, path)
        if reference.number in found:
            raise DocumentError(
                path, f"its front matter has two references numbered {reference.number}", "Number them apart"
            )
        found[reference.number] = reference
    return tuple(found[number] for number in sorted(found))


def _reference(row: object, path: str) -> Reference:
    if not isinstance(row, dict):
        raise DocumentError(path, "a reference in its front matter is not a list of fields", _REFERENCE)
    number = _whole(row.get("number"))
    if number is None or not 1 <= number <= _LARGEST:
        raise DocumentError(path, "a reference in its front matter has no number", _REFERENCE)
    title = _text(row, "title", path, _REFERENCE)
    if title is None:
        raise DocumentError(path, f"reference {number} in its front matter has no title", _REFERENCE)
    authors = row.get("authors")
    names = (
        ", ".join(str(name) for name in authors)
        if isinstance(authors, list)
        else _text(row, "authors", path, _REFERENCE)
    )
    return Reference(
        number=number,
        title=title,
        authors=names or None,
        year=_year(row.get("year"), number, path),
        source=_text(row, "source", path, _REFERENCE),
        url=_text(row, "url", path, _REFERENCE),
    )


def _year(value: object, number: int, path: str) -> int | None:
    if value is None:
        return None
    year = _whole(value)
    if year is None and isinstance(value, str) and (found := _YEAR.search(value)):
        year = int(found[0])
    if year is None or not 0 <= year <= _LATEST:
        raise DocumentError(path, f"reference {number} in its front matter has a year that is no number", _REFERENCE)
    return year


def _whole(value: object) -> int | None:
    """Return a whole number, which YAML's fields hold as it is written, or None."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
