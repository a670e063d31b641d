"""Hit -> the spans that answer: whole sentences, with the line that introduces them.

A quote never drops what turns its meaning: a sentence that opens with "however" or "unless" goes along with the
one before it, and a list item with its lead-in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from qa.reading import overlapping, read
from qa.types import Block, Document, Hit, Span

# A sentence that opens like this restricts the one before it, which must not be quoted without it.
_RESTRICTS = re.compile(
    r"(however|but|unless|except|although|though|yet|nevertheless|nonetheless|still|only|even so|on the other hand"
    r"|in contrast|conversely|otherwise|despite|this (does|is|was|did) not|that said|not)\b",
    re.IGNORECASE,
)
# A sentence that opens like this cannot be understood without the one before it.
_DEPENDS = re.compile(
    r"(however|but|unless|except|yet|nevertheless|nonetheless|even so|on the other hand|in contrast|conversely"
    r"|otherwise|this|these|those|that|they|it|its|their|such|he|she|his|her|both|the latter|the former|instead"
    r"|therefore|thus|as a result|consequently|similarly|likewise|also|another|others)\b",
    re.IGNORECASE,
)
# Such a word turns the meaning also from the middle of a clause.
_TURNS = re.compile(r"[^.;:]{0,60}\b(nevertheless|nonetheless|however|though|instead)\b", re.IGNORECASE)
_CONTEXT_CHARACTERS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """A contiguous stretch to quote and the part it plays."""

    role: Literal["answer", "lead_in"]
    span: Span


def extract(hit: Hit, document: Document) -> tuple[Extract, ...]:
    """Return the spans of a hit to quote, in the order of the text: exactly one answer, and its lead-ins."""
    sentences = [sentence.span for sentence in hit.sentences]
    if not sentences:
        return (Extract(role="answer", span=_trim(hit.passage.span, document)),)
    best = max(range(len(sentences)), key=lambda i: hit.sentences[i].score)
    block = _block_of(sentences[best], document)
    items = _items_of(block, hit.passage.span, document)
    if items is not None:
        return (Extract(role="lead_in", span=_trim(block.span, document)), Extract(role="answer", span=items))
    answer = _with_neighbours(sentences, best, block, document)
    lead_ins = tuple(Extract(role="lead_in", span=span) for span in _lead_ins(block, document))
    return (*lead_ins, Extract(role="answer", span=answer))


def _block_of(sentence: Span, document: Document) -> Block:
    return overlapping(document.blocks, sentence)[0]


def _items_of(block: Block, passage: Span, document: Document) -> Span | None:
    """Return the list that a block introduces, as far as it lies in the passage, or None if it introduces none."""
    after = Span(start=min(block.span.end, passage.end), end=passage.end)
    items = [other.span for other in overlapping(document.blocks, after) if _introduced(other, block, document)]
    if not items:
        return None
    return _trim(Span(start=items[0].start, end=min(items[-1].end, passage.end)), document)


def _introduced(item: Block, block: Block, document: Document) -> bool:
    """Tell whether an item belongs to the list that ``block`` introduces, nested ones included."""
    lead_in = item.lead_in
    while lead_in is not None:
        if lead_in.overlaps(block.span):
            return True
        lead_in = _block_of(lead_in, document).lead_in
    return False


def _lead_ins(block: Block, document: Document) -> list[Span]:
    """Return what introduces a block, outermost first."""
    found: list[Span] = []
    lead_in = block.lead_in
    while lead_in is not None:
        found.insert(0, _trim(lead_in, document))
        lead_in = _block_of(lead_in, document).lead_in
    return found


def _with_neighbours(sentences: list[Span], best: int, block: Block, document: Document) -> Span:
    """Widen a sentence over those of its block that it depends on, or that restrict it."""
    text, first, last = document.text, best, best
    while first > 0 and _joined(sentences[first - 1], block) and _depends(sentences[first], text):
        first -= 1
        if sentences[best].end - sentences[first].start > _CONTEXT_CHARACTERS:
            break
    following = range(best + 1, len(sentences))
    for i in following:
        if not (_joined(sentences[i], block) and _restricts(sentences[i], text)):
            break
        last = i
    return Span(start=sentences[first].start, end=sentences[last].end)


def _depends(sentence: Span, text: str) -> bool:
    """Tell whether a sentence cannot be understood without the one before it."""
    return bool(_DEPENDS.match(text, sentence.start) or _TURNS.match(text, sentence.start, sentence.end))


def _restricts(sentence: Span, text: str) -> bool:
    """Tell whether a sentence restricts the one before it."""
    return bool(_RESTRICTS.match(text, sentence.start) or _TURNS.match(text, sentence.start, sentence.end))


def _joined(sentence: Span, block: Block) -> bool:
    return block.span.overlaps(sentence)


def _trim(span: Span, document: Document) -> Span:
    """Narrow a span to what is read of it: no bullet, marker or white space at its ends."""
    reading = read(document, span)
    return reading.to_document(0, len(reading.text))
