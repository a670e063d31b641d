"""Quote from a document whose best sentence is known."""

from __future__ import annotations

from collections.abc import Callable

from qa.extract import extract
from qa.passages import sentences
from qa.reading import read
from qa.types import Document, Hit, Passage, Sentence


def quoted_of(document: Document, is_best: Callable[[str], bool]) -> list[tuple[str, str]]:
    """Return role and text of what is quoted from the last section when the one sentence that is best scores highest."""
    section = document.sections[-1]
    reading = read(document, section.span)
    spans = [reading.to_document(start, end) for start, end in sentences(reading)]
    scores = [float(is_best(span.of(document.text))) for span in spans]
    assert sum(scores) == 1
    hit = Hit(
        passage=Passage(document_id=document.id, span=section.span, section=section.path),
        ordinal=0,
        score=1.0,
        dense=1.0,
        lowest=0.5,
        sentences=tuple(Sentence(span=span, score=score) for span, score in zip(spans, scores, strict=True)),
    )
    return [(each.role, each.span.of(document.text)) for each in extract(hit, document)]
