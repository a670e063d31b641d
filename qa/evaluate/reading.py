"""A JSONL or CSV file -> its questions, or every row that cannot be used, with the reason and the remedy."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from qa.evaluate.errors import SetError
from qa.evaluate.questions import Question, QuestionSet

_ADAPTER = TypeAdapter(Question)
_FIELDS = tuple(field.name for field in fields(Question))
# In a table, one gold can stand in columns of its own.
_GOLD_COLUMNS = {"gold_text": "text", "gold_document_id": "document_id", "gold_references": "references"}
_MOST_SHOWN = 10
_REMEDY = (
    'A row is {"query_id", "query", "expected_status": "answered" or "refused", "category", '
    '"gold": [{"text"} or {"document_id", "start", "end"}]}; '
    "safety_label, region, tags, family and split may be added. Mend the rows and try again."
)

Row = dict[str, object]


def read_set(path: Path, *, split: str | None = None) -> QuestionSet:
    """Read a set, as a table if its name ends in ``.csv``.

    :param split: take only the rows of this split.
    :raises SetError: if the file or any row cannot be used; it names the file, the lines and what to do.
    """
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise SetError(f"{path}: it is not UTF-8 (at byte {error.start}). Save it as UTF-8.") from error
    seen: dict[str, int] = {}
    unread: set[str] = set()
    questions, faults = [], []
    for line, row in _table(text, path) if path.suffix.lower() == ".csv" else _lines(text):
        try:
            question = _question(row, line, seen)
        except SetError as error:
            faults.append(f"{path}:{line}: {error}")
            continue
        unread.update(set(row) - set(_FIELDS) if isinstance(row, dict) else ())
        questions.append(question)
    if faults:
        raise SetError(_told(faults))
    chosen = tuple(question for question in questions if split is None or question.split == split)
    if not chosen:
        raise SetError(_empty(path, split, questions))
    return QuestionSet(
        questions=chosen, sha256=hashlib.sha256(raw).hexdigest(), split=split, unread=tuple(sorted(unread))
    )


def _told(faults: list[str]) -> str:
    more = [f"and {len(faults) - _MOST_SHOWN} more"] if len(faults) > _MOST_SHOWN else []
    return "\n".join([f"{len(faults)} row(s) cannot be used.", *faults[:_MOST_SHOWN], *more, _REMEDY])


def _empty(path: Path, split: str | None, questions: list[Question]) -> str:
    if split is None:
        return f"{path}: it has no rows. {_REMEDY}"
    splits = sorted({question.split for question in questions if question.split})
    return f"{path}: no row is of the split {split!r}. Its splits: {', '.join(splits) or 'none'}."


def _lines(text: str) -> Iterator[tuple[int, object]]:
    """Yield each row of JSON lines under its line's number; what is no JSON comes as the text it is."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, line


def _question(row: object, line: int, seen: dict[str, int]) -> Question:
    """Return a row as a question.

    :param seen: the lines of the ids so far; changed.
    """
    if not isinstance(row, dict):
        raise SetError("it is no JSON object")
    try:
        # As JSON a list is a tuple, and nothing else is coerced; null says that a field is not given.
        given = json.dumps({name: value for name, value in row.items() if value is not None})
        question = _ADAPTER.validate_json(given, strict=True)
    except ValidationError as error:
        raise SetError("; ".join(f"{_place(fault['loc'])}: {fault['msg']}" for fault in error.errors())) from None
    contradiction = question.contradiction()
    if contradiction:
        raise SetError(contradiction)
    if question.query_id in seen:
        raise SetError(f"the query_id {question.query_id!r} stands in line {seen[question.query_id]} too")
    seen[question.query_id] = line
    return question


def _place(location: tuple[int | str, ...]) -> str:
    """Name a field; ``text`` and ``place`` behind a gold's number only tell its two forms apart."""
    parts = [
        part for number, part in enumerate(location) if number != len(("gold", 0)) or part not in ("text", "place")
    ]
    return ".".join(map(str, parts)) or "the row"


def _table(text: str, path: Path) -> Iterator[tuple[int, Row]]:
    """Yield each row of a table under the number of the line that it starts on."""
    reader = csv.DictReader(io.StringIO(text), strict=True)
    line = 1
    try:
        line += bool(reader.fieldnames)
        for cells in reader:
            if None in cells:
                raise SetError(f"{path}:{line}: it has more cells than the header. Put quotes around commas.")
            filled = {name.strip(): cell for name, cell in cells.items() if cell is not None and cell.strip()}
            if filled:
                yield line, _row(filled)
            line = reader.line_num + 1
    except csv.Error as error:
        raise SetError(f"{path}:{line}: it is no CSV ({error}). Save it as comma-separated values.") from error


def _row(cells: dict[str, str]) -> Row:
    """Return a table's row as JSON lines have it: the gold from its cell or columns, tags between semicolons."""
    row: Row = {name: cell for name, cell in cells.items() if name not in _GOLD_COLUMNS}
    gold: Row = {key: cells[name] for name, key in _GOLD_COLUMNS.items() if name in cells}
    if "references" in gold:
        gold["references"] = [_number(part) for part in str(gold["references"]).replace(",", " ").split()]
    if "gold" in cells:
        parsed = _json(cells["gold"])
        row["gold"] = [parsed] if isinstance(parsed, dict) else parsed
    elif gold:
        row["gold"] = [gold]
    if "tags" in cells:
        row["tags"] = [tag.strip() for tag in cells["tags"].split(";") if tag.strip()]
    return row


def _json(cell: str) -> object:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def _number(text: str) -> object:
    return int(text) if text.isdecimal() else text
