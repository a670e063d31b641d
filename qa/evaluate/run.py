"""The whole way of an evaluation: read the set, ask and judge each question, report, write."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from qa.evaluate import output
from qa.evaluate.compare import compare
from qa.evaluate.errors import EvaluationError
from qa.evaluate.gates import parse_gates
from qa.evaluate.judge import Judge
from qa.evaluate.judged import Judged
from qa.evaluate.latency import latencies
from qa.evaluate.page import Excerpt, Failure, failure, render
from qa.evaluate.questions import Question, QuestionSet
from qa.evaluate.reading import read_set
from qa.evaluate.report import Report, make_report
from qa.evaluate.systems import Outcome, Remote, System, Unusable
from qa.types import IndexInfo

if TYPE_CHECKING:
    from qa.types import Progress

Say = Callable[[str], None]
_MOST_LOST_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is evaluated and how.

    ``top`` is how many passages are asked for: the ranking figures are about those, so a refusal scores 0.
    ``gates`` are written ``metric=value``.
    """

    out: Path
    top: int
    split: str | None = None
    baseline: Path | None = None
    gates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The judged questions, what the report shows of those that failed, and how long each took by clock."""

    rows: tuple[Judged, ...]
    failures: tuple[Failure, ...]
    spent: dict[str, list[float]]


def evaluate(
    path: Path, open_system: Callable[[], System], options: Options, *, progress: Progress, say: Say
) -> Report:
    """Ask a set of questions, and write what came of it to a folder.

    :param path: the set, JSONL or CSV.
    :param open_system: opens what is asked, once the set and the folders have been looked at.
    :param say: told what the user should know besides, a line at a time.
    :raises GateError: if a gate cannot be understood.
    :raises EvaluationError: if anything of it cannot be done; nothing is written then.
    """
    gates = parse_gates(options.gates)
    output.check_folder(options.out)
    asked_set = read_set(path, split=options.split)
    if asked_set.unread:
        say(f"{path}: these fields are not read: {', '.join(asked_set.unread)}.")
    before = output.read(options.baseline) if options.baseline else None
    if before:
        _comparable(before[0], asked_set, options)
    _told_bare(asked_set.questions, say)
    system = open_system()
    info = system.info()
    asked = _ask(asked_set.questions, system, options.top, progress)
    _told_lost(asked.rows, say)
    comparison = compare(before[1], asked.rows, generation=before[0].generation) if before else None
    report = make_report(asked.rows, name=info.name, gates=gates, comparison=comparison)
    _write(report, _manifest(asked_set, info, system, options.top), asked, options.out)
    for gate in report.gates:
        say(f"{'held' if gate.passed else 'FAILED'}: {gate.says}")
    return report


def _write(report: Report, manifest: output.Manifest, asked: _Asked, out: Path) -> None:
    latency = latencies(asked.spent)
    page = render(report, asked.failures, latency, manifest)
    output.write(out, output.files(manifest, report, asked.rows, latency, page))


def _ask(questions: Sequence[Question], system: System, top: int, progress: Progress) -> _Asked:
    """Ask and judge each question; the first is asked once before, so that no clock shows what is loaded late."""
    judge = Judge(system)
    generation = system.info().generation
    spent: defaultdict[str, list[float]] = defaultdict(list)
    rows, failures = [], []
    system.ask(questions[0].query, top=top, region=questions[0].region)
    for number, question in enumerate(questions, start=1):
        start = time.perf_counter()
        outcome = system.ask(question.query, top=top, region=question.region)
        spent["asked"].append((time.perf_counter() - start) * 1000)
        _same_index(outcome, generation)
        for clock, milliseconds in asdict(outcome.timings_ms).items() if not isinstance(outcome, Unusable) else ():
            spent[f"service: {clock}"].append(milliseconds)
        row = judge.judge(question, outcome)
        rows.append(row)
        if row.fault:
            near = _near(question, system, judge) if row.fault == "false_refusal" else ()
            failures.append(failure(row, outcome, near))
        progress("Asking", number, len(questions))
    return _Asked(rows=tuple(rows), failures=tuple(failures), spent=dict(spent))


def _near(question: Question, system: System, judge: Judge) -> tuple[Excerpt, ...]:
    """Return what a search finds, without any gate, for a question that was refused."""
    found = system.search(question.query, document_id=None)
    return tuple(Excerpt(citation=passage, shown=judge.shown(passage, question)) for passage in found)


def _same_index(outcome: Outcome, generation: str) -> None:
    if not isinstance(outcome, Unusable) and outcome.index.generation != generation:
        raise EvaluationError(
            f"The index changed from {generation} to {outcome.index.generation} meanwhile. Evaluate again."
        )


def _manifest(asked_set: QuestionSet, info: IndexInfo, system: System, top: int) -> output.Manifest:
    return output.Manifest(
        program=version("citewell"),
        set_sha256=asked_set.sha256,
        split=asked_set.split,
        questions=len(asked_set.questions),
        generation=info.generation,
        corpus_hash=info.corpus_hash,
        encoder=info.encoder,
        reranker=info.reranker,
        asked="over HTTP" if isinstance(system, Remote) else "in process",
        top=top,
    )


def _comparable(before: output.Manifest, asked_set: QuestionSet, options: Options) -> None:
    """Make sure that the baseline asked the same questions in the same way.

    :raises EvaluationError: naming what differs.
    """
    parts = {
        "set": (before.set_sha256[:12], asked_set.sha256[:12]),
        "split": (before.split or "all", asked_set.split or "all"),
        "number of passages (--top)": (str(before.top), str(options.top)),
    }
    for part, (then, now) in parts.items():
        if then != now:
            raise EvaluationError(
                f"The baseline in {options.baseline} is of another {part}: {then} there, {now} here. "
                "Only the same questions, asked in the same way, can be compared."
            )


def _told_bare(questions: Sequence[Question], say: Say) -> None:
    bare = sum(question.expected == "answered" and not question.gold for question in questions)
    if bare:
        say(f"{bare} question(s) to be answered have no gold: whether they are answered is judged, not with what.")


def _told_lost(rows: Sequence[Judged], say: Say) -> None:
    """Say whose gold no passage holds, since that is mostly a fault of the set."""
    lost = [row for row in rows if row.lost]
    hopeless = sum(not row.relevant for row in lost)
    if lost:
        first = "; ".join(f"{row.query_id}: {row.lost[0]}" for row in lost[:_MOST_LOST_SHOWN])
        say(
            f"{len(lost)} question(s) have gold that no passage of the index holds, and {hopeless} of them no other: {first}."
        )
