"""An evaluation <-> its folder, which is there whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from qa.evaluate.errors import EvaluationError
from qa.evaluate.judged import Judged
from qa.evaluate.latency import Latency
from qa.evaluate.ranking import qrels_lines, run_lines
from qa.evaluate.report import FORMAT, PAGE_FILE, REPORT_FILE, Report
from qa.scratch import Scratch

_MANIFEST_FILE, _ROWS_FILE, _LATENCY_FILE = "manifest.json", "per_query.jsonl", "latency.json"
_RUN_FILE, _QRELS_FILE = "run", "qrels"
_KIND: Literal["citewell evaluation"] = "citewell evaluation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What was asked of what: by this, evaluations can be compared, and a folder is known to be one."""

    kind: Literal["citewell evaluation"] = _KIND
    format: int = FORMAT
    program: str
    set_sha256: str
    split: str | None
    questions: int
    generation: str
    corpus_hash: str
    encoder: str
    reranker: str = "none"
    asked: Literal["in process", "over HTTP"]
    top: int


_MANIFEST = TypeAdapter(Manifest)
_REPORT = TypeAdapter(Report)
_ROW = TypeAdapter(Judged)
_LATENCY = TypeAdapter(dict[str, Latency])


def files(
    manifest: Manifest, report: Report, rows: Iterable[Judged], latency: Mapping[str, Latency], page: str
) -> dict[str, str]:
    """Return what is written, by the file's name."""
    kept = list(rows)
    return {
        REPORT_FILE: _json(_REPORT.dump_python(report, mode="json")),
        PAGE_FILE: page,
        _ROWS_FILE: "".join(_line(_ROW.dump_python(row, mode="json")) for row in kept),
        _RUN_FILE: run_lines(kept),
        _QRELS_FILE: qrels_lines(kept),
        _LATENCY_FILE: _json(_LATENCY.dump_python(dict(latency), mode="json")),
        _MANIFEST_FILE: _json(_MANIFEST.dump_python(manifest, mode="json")),
    }


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _line(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def check_folder(folder: Path) -> None:
    """Make sure that nothing but an earlier evaluation would be replaced.

    :raises EvaluationError: if the folder holds anything else.
    """
    if folder.is_dir() and (not any(folder.iterdir()) or _is_evaluation(folder)):
        return
    if folder.exists():
        raise EvaluationError(
            f"{folder} is there and is no evaluation, so it is left as it is. Name another folder with --out."
        )


def _is_evaluation(folder: Path) -> bool:
    try:
        found = json.loads((folder / _MANIFEST_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("kind") == _KIND


def write(folder: Path, content: Mapping[str, str]) -> None:
    """Write an evaluation beside its place and move it there; an earlier one is replaced.

    :raises EvaluationError: if something else has come to lie there.
    """
    folder = folder.resolve()
    old = folder.with_name(f".{folder.name}.old")
    _restore(old, folder)
    check_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Scratch(f".{folder.name}-", folder.parent)
    try:
        fresh = scratch.path / "new"
        fresh.mkdir()
        for file, text in content.items():
            (fresh / file).write_text(text, "utf-8", newline="\n")
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        finally:
            _restore(old, folder)
    finally:
        scratch.close()


def _restore(old: Path, folder: Path) -> None:
    """Put back an earlier evaluation that was moved away and not replaced, else remove it."""
    if old.exists() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def read(folder: Path) -> tuple[Manifest, tuple[Judged, ...]]:
    """Return the manifest and the judged questions of an earlier evaluation.

    :raises EvaluationError: if the folder is none, or one of another version of this program.
    """
    if not _is_evaluation(folder):
        raise EvaluationError(f"{folder} is no evaluation; expected a folder that an earlier --out named.")
    try:
        manifest = _MANIFEST.validate_json((folder / _MANIFEST_FILE).read_bytes())
        lines = (folder / _ROWS_FILE).read_text("utf-8").split("\n")
        rows = tuple(_ROW.validate_json(line) for line in lines if line)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise _unreadable(folder) from error
    if manifest.format != FORMAT:
        raise _unreadable(folder)
    return manifest, rows


def _unreadable(folder: Path) -> EvaluationError:
    return EvaluationError(
        f"{folder} is damaged or of another version of this program. Evaluate the baseline again, with this one."
    )
