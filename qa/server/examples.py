"""An index -> a few questions that it answers, taken from the headings of its own documents."""

from __future__ import annotations

from collections.abc import Iterator

from qa.pipeline import Pipeline
from qa.types import Answer, Document

_DOCUMENTS, _TRIED = 24, 16
_SHORTEST, _LONGEST = 12, 70


def examples(pipeline: Pipeline, count: int) -> tuple[str, ...]:
    """Return up to ``count`` questions, each from another document, that are answered; the same for the same index.

    Headings that are questions go before others. Few documents are read and few questions tried, however large the index.
    """
    spread = list(_spread(pipeline))
    asked = [question for document in spread if (question := _question(document, asking=True))]
    others = [heading for document in spread if (heading := _question(document, asking=False))]
    found: list[str] = []
    for candidate in dict.fromkeys([*asked, *others][:_TRIED]):
        if len(found) < count and isinstance(pipeline.ask(candidate, top=1), Answer):
            found.append(candidate)
    return tuple(found)


def _spread(pipeline: Pipeline) -> Iterator[Document]:
    """Yield documents from all over the index: first the halves, then the quarters and so on."""
    documents = pipeline.index.documents
    total = len(documents)
    seen: set[int] = set()
    width = 1.0
    while len(seen) < min(total, _DOCUMENTS):
        for at in range(round(1 / width)):
            ordinal = int((at + 0.5) * width * total)
            if ordinal not in seen and len(seen) < _DOCUMENTS:
                seen.add(ordinal)
                yield documents.at(ordinal)
        width /= 2


def _question(document: Document, *, asking: bool) -> str | None:
    """Return the first of a document's headings that can be asked: one that is a question, or one named with its title."""
    for section in document.sections:
        if not section.path:
            continue
        heading = " ".join(section.path[-1].split())
        if heading.endswith(("?", "？")) != asking:
            continue
        text = heading if asking or heading == document.title else f"{document.title}: {heading}"
        if _SHORTEST <= len(text) <= _LONGEST:
            return text
    return None
