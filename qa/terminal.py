"""Print answers, corpora, evaluations and progress on a terminal. The only home of rich.

Every text passes ``_text`` or ``_line``: neither escape sequences nor rich's own markup in it have any effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from qa.evaluate.figures import Figure, Rate, rate
from qa.evaluate.report import PAGE_FILE
from qa.legible import legible, one_line
from qa.types import Answer, Citation, Corpus, Document, Refusal, RefusalDetail, Safety, SourceReference

if TYPE_CHECKING:
    from qa.calibrate import Calibrated
    from qa.evaluate.comparison import Comparison
    from qa.evaluate.report import Report
    from qa.types import Progress

_WIDTH = 100
_INDENT = 4
_LEFT_OUT_SHOWN = 70


def print_outcome(outcome: Answer | Refusal) -> None:
    """Print an answer or a refusal on stdout."""
    console = _console()
    if isinstance(outcome, Refusal):
        _print_refusal(console, outcome.refusal, outcome.safety)
        return
    console.print(_text(outcome.answer, "bold"))
    for citation in outcome.passages:
        console.print()
        _print_source(console, citation)
    level = outcome.confidence.level.lower().replace("_", " ")
    console.print()
    if outcome.sources_disagree:
        console.print(_line("These sources do not all agree. Please read each of them."))
    console.print(_text(f"Confidence: {level} ({outcome.confidence.probability:.2f}). {outcome.disclaimer}", "dim"))


def print_corpus(corpus: Corpus) -> None:
    """Print what was marked in each document: headings, boilerplate, reference markers."""
    console = _console()
    for document in corpus.documents:
        _print_document(console, document)


def print_evaluation(report: Report, folder: Path) -> None:
    """Print the figures with their intervals, what changed since the baseline, and where the report is."""
    console = _console()
    table = Table("metric", box=None, pad_edge=False, header_style="dim")
    for heading in ("value", "95 % interval", "of"):
        table.add_column(heading, justify="right")
    for name, figure in report.figures.items():
        table.add_row(_line(name), f"{figure.value:.4f}", _interval(figure), _count(figure))
    console.print(table)
    if report.comparison:
        console.print(_tests(report.comparison))
        for kind, changes in (("worse", report.comparison.worse), ("better", report.comparison.better)):
            for change in changes:
                line = f"{kind}: {change.query_id}: {change.before} -> {change.now}: {' '.join(change.query.split())}"
                console.print(_line(line), soft_wrap=True)
    console.print(_line(f"Report: {folder / PAGE_FILE}"), soft_wrap=True)


def print_calibrated(calibrated: Calibrated, *, left_out: int) -> None:
    """Print what a calibration by labels costs: the shares answered before and with it, with 95 % intervals."""
    console = _console()
    table = Table("questions", "of", box=None, pad_edge=False, header_style="dim")
    for heading in ("answered before", "answered now", "95 % interval"):
        table.add_column(heading, justify="right")
    for name, (before, now) in (("answerable", calibrated.answerable), ("to be refused", calibrated.others)):
        share = rate(now.answered, now.of)
        table.add_row(name, f"{now.of}", f"{before.answered}", f"{now.answered}", _interval(share))
    console.print(table)
    if left_out:
        console.print(_line(f"Left out: {left_out} of emergencies and crises, which never come so far.", "dim"))
    console.print(_line(f"Passages are shown from a probability of {calibrated.calibration.threshold:.4f} on."))


def _interval(figure: Figure) -> str:
    return f"{figure.low:.4f} to {figure.high:.4f}"


def _count(figure: Figure) -> str:
    return f"{figure.count} of {figure.of}" if isinstance(figure, Rate) else f"{figure.of}"


def _tests(comparison: Comparison) -> Table:
    table = Table("since the baseline", box=None, pad_edge=False, header_style="dim")
    for heading in ("before", "now", "better", "worse", "p"):
        table.add_column(heading, justify="right")
    for test in comparison.tests:
        figures = (f"{test.before:.4f}", f"{test.now:.4f}", str(test.better), str(test.worse), f"{test.p_value:.4f}")
        table.add_row(_line(test.metric), *figures)
    return table


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show one bar for each stage on stderr; nothing where stderr is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage)
            bars.update(tasks[stage], completed=done, total=total)

        yield progress


def _console() -> Console:
    console = Console(highlight=False)
    console.width = min(console.width, _WIDTH)
    return console


def _print_source(console: Console, citation: Citation) -> None:
    """Print a passage with its quotes bright and the rest dim, between its title and where it stands."""
    document = citation.document
    place = " > ".join([document.title, *(name for name in citation.section if name != document.title)])
    console.print(_line(f"[{citation.citation}] {place}", "bold cyan"))
    _indented(console, _passage(citation))
    if document.publisher or document.url:
        _indented(console, _line(", ".join(part for part in (document.publisher, document.url) if part), "dim"))
    page = f"page {citation.page}, " if citation.page else ""
    span = f"{document.id}, {page}characters {citation.location.start}-{citation.location.end}"
    _indented(console, _line(span, "dim"))
    for reference in citation.source_references:
        _indented(console, _source_reference(reference))


def _passage(citation: Citation) -> Text:
    """Return a passage's reading text; what is shown of a character may be longer, so it is put together of pieces."""
    shown, at = _text("", "dim"), 0
    for highlight in sorted(citation.highlights, key=lambda highlight: highlight.start):
        shown.append_text(_text(citation.text[at : highlight.start]))
        at = max(at, highlight.start)
        shown.append_text(_text(citation.text[at : highlight.end], "not dim bold"))
        at = max(at, highlight.end)
    return shown.append_text(_text(citation.text[at:]))


def _source_reference(reference: SourceReference) -> Text:
    known = [
        ". ".join(str(part) for part in (entry.authors, entry.title, entry.source, entry.year) if part)
        for entry in reference.resolved
        if entry is not None
    ]
    shown = "; ".join(known) or "not resolved in the document"
    return _line(f"source's reference {reference.marker}: {shown}", "dim")


def _print_refusal(console: Console, detail: RefusalDetail, safety: Safety) -> None:
    urgent = safety.level != "none"
    console.print(_text(detail.message, "bold red" if urgent else ""))
    for contact in detail.contacts:
        reach = "  ".join(part for part in (contact.phone, contact.url) if part)
        _indented(console, _line(f"{contact.name}: ").append_text(_line(reach, "bold")))
    if safety.flags:
        console.print(_line(f"Recognised: {'; '.join(flag.title for flag in safety.flags)}", "dim"))
    if detail.suggestions:
        console.print(_line("Near to your question:", "dim"))
        for each in detail.suggestions:
            _indented(console, _line(" > ".join([each.title, *(name for name in each.section if name != each.title)])))


def _print_document(console: Console, document: Document) -> None:
    headings = [" > ".join(section.path) for section in document.sections if section.path]
    console.print(_line(f"{document.id}: {document.title}", "bold"))
    _indented(console, _line(f"{_counted(len(document.text), 'character')}, {_counted(len(headings), 'heading')}"))
    for heading in headings:
        _indented(console, _line(f"# {heading}", "cyan"))
    for boilerplate in document.boilerplate:
        shown = _short(" ".join(boilerplate.span.of(document.text).split()))
        _indented(console, _line(f"left out ({boilerplate.kind}): {shown}", "dim"))
    numbers = sorted({number for marker in document.markers for number in marker.numbers})
    marked = f", numbers {', '.join(map(str, numbers))}" if numbers else ""
    found = f"{_counted(len(document.markers), 'reference marker')}{marked}"
    _indented(console, _line(f"{found}; {_counted(len(document.references), 'reference')} listed"))


def _text(content: str, style: str = "") -> Text:
    """Return a text of one or more lines as it is shown."""
    return Text(legible(content), style=style)


def _line(content: str, style: str = "") -> Text:
    """Return a text as it is shown in one line, whatever it holds."""
    return Text(one_line(content), style=style)


def _indented(console: Console, text: Text) -> None:
    console.print(Padding(text, (0, 0, 0, _INDENT), expand=False))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _short(text: str) -> str:
    return text if len(text) <= _LEFT_OUT_SHOWN else f"{text[: _LEFT_OUT_SHOWN - 1]}…"
