"""What is joined to a passage's text for the models that read it, never to a quote: title, headings and lead-in."""

from __future__ import annotations

from qa.reading import overlapping, read
from qa.types import Document, Span


def context_of(document: Document, path: tuple[str, ...]) -> str:
    """Return a document's title and a heading path as one line."""
    return " ".join(": ".join([document.title, *(name for name in path if name != document.title)]).split())


def lead_in_of(document: Document, span: Span) -> str:
    """Return the line that introduces the list which a span starts within, or nothing if the span holds that line."""
    blocks = overlapping(document.blocks, span)
    lead_in = blocks[0].lead_in if blocks else None
    return "" if lead_in is None or span.overlaps(lead_in) else read(document, lead_in).text


def joined(context: str, lead_in: str, text: str) -> str:
    """Return the parts, a line each; a lead-in may be empty."""
    return "\n".join([context, *([lead_in] if lead_in else []), text])
