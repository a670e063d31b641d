"""Hit -> the spans that answer: whole sentences, with the line that introduces them.

A quote never drops what turns its meaning: a sentence that opens with "however" or "unless" goes along with the
one before it, and a list item with its lead-in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qa.discourse import depends, restricts
from qa.reading import overlapping, read
from qa.types import Block, Document, Hit, Span

# Beyond this a sentence is quoted without more of what it refers back to.
_CONTEXT_CHARACTERS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """A contiguous stretch to quote and the part it plays."""

    role: Literal["answer", "lead_in"]
    span: Span


def extract(hit: Hit, document: Document) -> tuple[Extract, ...]:
    """Return the spans of a hit to quote, in the order of the text: exactly one answer, and its lead-ins.

    A list is quoted whole, and a lead-in wherever it stands, also beyond the passage.
    """
    sentences = [sentence.span for sentence in hit.sentences]
    if not sentences:
        return (Extract(role="answer", span=_trim(hit.passage.span, document)),)
    best = max(range(len(sentences)), key=lambda i: hit.sentences[i].score)
    block = _block_of(sentences[best], document)
    lead_ins = _lead_ins(block, document)
    items = _items_of(block, document)
    closing = best + 1 == len(sentences) or not block.span.overlaps(sentences[best + 1])
    if items is not None and closing:
        opening = Span(start=_first_needed(sentences, best, block, document), end=sentences[best].end)
        lead_ins.append(_trim(opening, document))
        answer = items
    else:
        answer = _with_neighbours(sentences, best, block, document)
    return (*(Extract(role="lead_in", span=span) for span in lead_ins), Extract(role="answer", span=answer))


def _block_of(sentence: Span, document: Document) -> Block:
    return overlapping(document.blocks, sentence)[0]


def _items_of(block: Block, document: Document) -> Span | None:
    """Return the list that a block introduces, nested items included, or None if it introduces none."""
    end = None
    after = document.blocks.index(block) + 1
    for other in document.blocks[after:]:
        if not _introduced(other, block, document):
            break
        end = other.span.end
    if end is None:
        return None
    return _trim(Span(start=document.blocks[after].span.start, end=end), document)


def _introduced(item: Block, block: Block, document: Document) -> bool:
    """Tell whether an item belongs to the list that ``block`` introduces."""
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
        if read(document, lead_in).text:
            found.insert(0, _trim(lead_in, document))
        lead_in = _block_of(lead_in, document).lead_in
    return found


def _with_neighbours(sentences: list[Span], best: int, block: Block, document: Document) -> Span:
    """Widen a sentence over those that it depends on, and those that restrict it."""
    last = best
    following = _following(sentences, best, block, document)
    while following is not None and restricts(sentences[following].of(document.text)):
        last = following
        following = last + 1 if last + 1 < len(sentences) else None
    return Span(start=_first_needed(sentences, best, block, document), end=sentences[last].end)


def _first_needed(sentences: list[Span], best: int, block: Block, document: Document) -> int:
    """Return where the first of the block's sentences starts that ``best`` depends on."""
    first = best
    while first > 0 and block.span.overlaps(sentences[first - 1]) and depends(sentences[first].of(document.text)):
        first -= 1
        if sentences[best].end - sentences[first].start > _CONTEXT_CHARACTERS:
            break
    return sentences[first].start


def _following(sentences: list[Span], best: int, block: Block, document: Document) -> int | None:
    """Return the sentence that could restrict ``best``: the next one, or for an item also the first past its list."""
    for i in range(best + 1, len(sentences)):
        other = _block_of(sentences[i], document)
        if other == block or block.lead_in is None or other.lead_in is None:
            return i
    return None


def _trim(span: Span, document: Document) -> Span:
    """Narrow a span to what is read of it: no bullet, marker or white space at its ends."""
    reading = read(document, span)
    return reading.to_document(0, len(reading.text)) if reading.text else span
