"""Answers and corpora -> a terminal. The only home of rich but the progress bar."""

from __future__ import annotations

from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from qa.types import Answer, Citation, Corpus, Refusal, SourceReference

_WIDTH = 100


def print_outcome(outcome: Answer | Refusal) -> None:
    """Print an answer or a refusal on stdout."""
    console = _console()
    if isinstance(outcome, Answer):
        for citation in outcome.passages:
            console.print(_card(citation))
        level = outcome.confidence.level.lower().replace("_", " ")
        console.print(Text(f"Confidence {level} ({outcome.confidence.probability:.2f}). {outcome.disclaimer}", style="dim"))
    else:
        console.print(_refusal(outcome))


def print_corpus(corpus: Corpus) -> None:
    """Print what was marked in each document: headings, boilerplate, reference markers."""
    console = _console()
    for document in corpus.documents:
        headings = [" > ".join(section.path) for section in document.sections if section.path]
        console.print(Text(f"{document.id}  {document.title}", style="bold"))
        console.print(Padding(Text(f"{len(document.text)} characters, {len(headings)} headings"), (0, 0, 0, 2)))
        for heading in headings:
            console.print(Padding(Text(f"# {heading}", style="cyan"), (0, 0, 0, 4)))
        for boilerplate in document.boilerplate:
            shown = " ".join(boilerplate.span.of(document.text).split())
            console.print(Padding(Text(f"left out ({boilerplate.kind}): {_short(shown)}", style="dim"), (0, 0, 0, 2)))
        numbers = sorted({number for marker in document.markers for number in marker.numbers})
        found = f"{len(document.markers)} reference markers, numbers {numbers}" if numbers else "no reference markers"
        console.print(Padding(Text(f"{found}, {len(document.references)} references"), (0, 0, 1, 2)))


def _console() -> Console:
    console = Console(highlight=False)
    console.width = min(console.width, _WIDTH)
    return console


def _card(citation: Citation) -> Panel:
    """Show a passage with its quotes bright and the rest dim, its source beneath."""
    text = Text(citation.text, style="dim")
    for highlight in citation.highlights:
        text.stylize("not dim bold", highlight.start, highlight.end)
    document = citation.document
    place = " > ".join([document.title, *(name for name in citation.section if name != document.title)])
    source = ", ".join(part for part in (document.publisher, document.url) if part)
    lines = [text, Text()]
    if source:
        lines.append(Text(source, style="dim"))
    span = f"{document.id}, characters {citation.location.start}-{citation.location.end}"
    lines.append(Text(span, style="dim"))
    lines += [_source_reference(reference) for reference in citation.source_references]
    return Panel(Group(*lines), title=Text(f"[{citation.citation}] {place}", style="bold cyan"), title_align="left")


def _source_reference(reference: SourceReference) -> Text:
    known = [
        ". ".join(str(part) for part in (entry.authors, entry.title, entry.source, entry.year) if part)
        for entry in reference.resolved
        if entry is not None
    ]
    return Text(f"  source's reference {reference.marker}: {'; '.join(known) or 'not resolved in the document'}", style="dim")


def _refusal(outcome: Refusal) -> Panel:
    detail = outcome.refusal
    urgent = detail.reason in ("emergency", "crisis")
    parts: list[Text | Table] = [Text(detail.message, style="bold" if urgent else "")]
    parts += [Text(f"- {flag.title}: {flag.action}") for flag in outcome.safety.flags]
    if detail.contacts:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for contact in detail.contacts:
            table.add_row(contact.name, contact.phone or "", contact.url or "")
        parts.append(table)
    if detail.suggestions:
        parts.append(Text("Near to your question:", style="dim"))
        parts += [Text(f"- {' > '.join([each.title, *each.section])}", style="dim") for each in detail.suggestions]
    style = "red" if urgent else "yellow"
    return Panel(Group(*parts), title=Text(detail.reason.replace("_", " "), style=f"bold {style}"), border_style=style, title_align="left")


def _short(text: str, width: int = 70) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
