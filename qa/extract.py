"""Hit -> the spans that answer: whole sentences, with the line that introduces them.

A quote never drops what turns its meaning: a sentence that opens with "however" or "unless" goes along with the
one before it, a list item and a table's row with what introduces them, and both with a heading that says "not".
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from qa.discourse import is_closed, leans, turns
from qa.neighbours import LISTED, Neighbours, after, block_of
from qa.reading import read
from qa.types import Block, Document, Hit, Section, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """A contiguous stretch to quote and the part it plays."""

    role: Literal["answer", "lead_in"]
    span: Span


def extract(hit: Hit, document: Document) -> tuple[Extract, ...]:
    """Return the spans of a hit to quote, in the order of the text: lead-ins, the answer, and what takes back its list.

    A list is quoted whole, and a lead-in wherever it stands, also beyond the passage, like the sentences that
    the answer cannot do without.
    """
    if not hit.sentences:
        return (Extract(role="answer", span=_trim(hit.passage.span, document)),)
    best = max(range(len(hit.sentences)), key=lambda i: hit.sentences[i].score)
    own = [sentence.span for sentence in hit.sentences]
    around = Neighbours([*hit.before, *own, *hit.after], document)
    number = best + len(hit.before)
    block = around.block(number)
    first, last = around.needed(number)
    lead_ins = _lead_ins(around.block(first), around, document)
    items = _items_of(block, document)
    if items is not None and last + 1 >= around.at(block.span).stop:
        lead_ins.append(_trim(Span(start=around.span(first, last).start, end=block.span.end), document))
        answers = [items]
    else:
        answers = [around.span(first, last)]
    restriction = around.past_list(_list_end(block, document)) if items or block.lead_in else None
    if restriction is not None:
        answers.append(around.span(*restriction))
    quoted = " ".join(read(document, span).text for span in (*lead_ins, *answers))
    lead_ins = [*_headings(hit, block, quoted, document), *lead_ins]
    return (
        *(Extract(role="lead_in", span=span) for span in lead_ins),
        *(Extract(role="answer", span=span) for span in _joined(answers, document)),
    )


def _items_of(block: Block, document: Document) -> Span | None:
    """Return the list that a block introduces, nested items included, or None if it introduces none."""
    introduced = list(takewhile(lambda other: _introduced(other, block, document), after(block, document)))
    if not introduced or (introduced[0].kind not in LISTED and is_closed(read(document, block.span).text)):
        return None
    return _trim(Span(start=introduced[0].span.start, end=introduced[-1].span.end), document)


def _introduced(item: Block, block: Block, document: Document) -> bool:
    """Tell whether an item belongs to the list that ``block`` introduces."""
    lead_in = item.lead_in
    while lead_in is not None:
        if lead_in.overlaps(block.span):
            return True
        lead_in = block_of(lead_in, document).lead_in
    return False


def _lead_ins(block: Block, around: Neighbours, document: Document) -> list[Span]:
    """Return what introduces a block, outermost first, each with what it depends on itself."""
    found: list[Span] = []
    lead_in = block.lead_in
    while lead_in is not None:
        if read(document, lead_in).text:
            numbers = around.at(lead_in)
            start = around.span(around.needed(numbers[0])[0], numbers[0]).start if numbers else lead_in.start
            found.insert(0, _trim(Span(start=min(start, lead_in.start), end=lead_in.end), document))
        lead_in = block_of(lead_in, document).lead_in
    return found


def _headings(hit: Hit, block: Block, quoted: str, document: Document) -> list[Span]:
    """Return the headings above a passage, outermost first, without which the quoted words say something else.

    These are the ones that say "not" over what doesn't, and the nearest where the quote is a bare answer to it.
    """
    path = hit.passage.section
    above: dict[int, Section] = {}
    for section in document.sections:
        if section.span.start > hit.passage.span.start:
            break
        titled = not above and section.path[-1:] == (document.title,)
        if section.heading is not None and (titled or section.path == path[: len(section.path)]):
            above[len(section.path)] = section
    last = next(reversed(above.values()), None)
    return [
        _trim(section.heading, document)
        for section in above.values()
        if section.heading is not None
        and (
            (turns(section.path[-1]) and (block.kind in LISTED or not turns(quoted)))
            or (section is last and section.path == path and leans(quoted))
        )
    ]


def _list_end(block: Block, document: Document) -> int:
    """Return where the list ends that a block introduces or stands in."""
    listed = list(takewhile(lambda other: other.kind in LISTED or other.lead_in is not None, after(block, document)))
    return listed[-1].span.end if listed else block.span.end


def _joined(spans: list[Span], document: Document) -> list[Span]:
    """Join spans between which nothing is read."""
    joined = spans[:1]
    for span in spans[1:]:
        between = Span(start=joined[-1].end, end=max(joined[-1].end, span.start))
        if read(document, between).text:
            joined.append(span)
        else:
            joined[-1] = Span(start=joined[-1].start, end=max(joined[-1].end, span.end))
    return joined


def _trim(span: Span, document: Document) -> Span:
    """Narrow a span to what is read of it: no bullet, marker or white space at its ends."""
    reading = read(document, span)
    return reading.to_document(0, len(reading.text)) if reading.text else span
