"""Index -> the proof that every passage and sentence in it is a slice of its document."""

from __future__ import annotations

from qa.errors import IndexDamaged
from qa.index import Index, generation
from qa.types import Document, Span


def verify(index: Index) -> int:
    """Check every file, passage and sentence, and return how many passages and sentences there are.

    :raises IndexDamaged: naming the first passage that does not lie in its section, outside boilerplate.
    """
    generation.verify(index.path, index.manifest, thorough=True)
    checked = 0
    for ordinal in range(len(index.passages)):
        passage = index.passages.passage(ordinal, index.documents)
        document = index.documents.get(passage.document_id)
        sentences = [Span(start=int(start), end=int(end)) for start, end, _, _ in index.passages.sentences_of(ordinal)]
        if not _stands(passage.span, passage.section, document) or not all(map(passage.span.contains, sentences)):
            place = f"{passage.document_id}, {passage.span.start}-{passage.span.end}"
            raise IndexDamaged(
                f"Passage {ordinal} ({place}) is no slice of its section. Build it again: qa index --force"
            )
        checked += 1 + len(sentences)
    return checked


def _stands(span: Span, path: tuple[str, ...], document: Document) -> bool:
    whole = Span(start=0, end=len(document.text))
    in_section = any(section.path == path and section.span.contains(span) for section in document.sections)
    return whole.contains(span) and in_section and not any(span.overlaps(b.span) for b in document.boilerplate)
