"""An index -> a few questions that it answers, taken from the headings of its own documents."""

from __future__ import annotations

from collections.abc import Iterator

from qa.pipeline import Pipeline
from qa.types import Answer, Document

_DOCUMENTS, _TRIED = 24, 16
_SHORTEST, _LONGEST = 12, 70


def examples(pipeline: Pipeline, count: int) -> tuple[str, ...]:
    """Return up to ``count`` questions, each from another document and answered from it; the same for the same index.

    Headings that are questions go before others. Few documents are read and few questions tried, however large the index.
    """
    spread = list(_spread(pipeline))
    candidates = [
        (text, document.id)
        for asking in (True, False)
        for document in spread
        if (text := _question(document, asking=asking))
    ]
    found: dict[str, str] = {}
    for text, id_ in candidates[:_TRIED]:
        if len(found) < count and id_ not in found and _answers(pipeline, text, id_):
            found[id_] = text
    return tuple(dict.fromkeys(found.values()))


def _answers(pipeline: Pipeline, text: str, id_: str) -> bool:
    """Tell whether a question is understood by itself: it is answered, and from the document it was taken from."""
    outcome = pipeline.ask(text, top=1)
    return isinstance(outcome, Answer) and outcome.passages[0].document.id == id_


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
    """Return the shortest of a document's headings that can be asked: that is a question, or named with the title."""
    headings = (" ".join(section.path[-1].split()) for section in document.sections if section.path)
    asked = [heading for heading in headings if heading.endswith(("?", "？")) == asking]
    texts = asked if asking else [text if text == document.title else f"{document.title}: {text}" for text in asked]
    fitting = [text for text in texts if _SHORTEST <= len(text) <= _LONGEST]
    return min(fitting, key=len, default=None)
