"""A sentence -> those beside it that its meaning hangs on, in its paragraph, its list, or the passage next to it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache

from qa.discourse import (
    announces,
    depends,
    goes_on,
    is_bare,
    label_of,
    leaves_sides,
    objects,
    restricts,
    takes_back,
    turns,
)
from qa.reading import overlapping, read
from qa.types import Block, Document, Span

# Beyond this a sentence is quoted without more of what it refers back to.
_CONTEXT_CHARACTERS = 400
# A sentence that was cut for its length is put together again up to this; a text without full stops has no sentences.
_WHOLE_CHARACTERS = 3_000
# So many sentences give the sides of a conflict that the one before them states.
_SIDES = 2
LISTED = ("item", "table")
_QUESTION = re.compile(r"\?[\"'”’)\]]*$")


class Neighbours:
    """The sentences of a section around a passage, in the order of the text, and how they hang together."""

    def __init__(self, sentences: Sequence[Span], document: Document) -> None:
        """Take the sentences, at least one."""
        self._sentences = sentences
        self._document = document
        self._starts = [sentence.start for sentence in sentences]
        self.block = cache(self._block)
        self.text = cache(self._text)

    def at(self, span: Span) -> range:
        """Return the numbers of the sentences that overlap a span."""
        first = bisect_left(self._sentences, span.start + 1, key=lambda sentence: sentence.end)
        return range(first, bisect_left(self._starts, span.end))

    def _block(self, number: int) -> Block:
        """Return the block that a sentence stands in."""
        return block_of(self._sentences[number], self._document)

    def _text(self, number: int) -> str:
        """Return a sentence as it is read."""
        return read(self._document, self._sentences[number]).text

    def span(self, first: int, last: int) -> Span:
        """Return the stretch from one sentence to another."""
        return Span(start=self._sentences[first].start, end=self._sentences[last].end)

    def needed(self, number: int) -> tuple[int, int]:
        """Return the first and last of the sentences, without a gap, that must be quoted along with one."""
        first, last = self._both_sides(*self._whole(number))
        last = self._taken_back(last, self.block(number))
        return self._first_needed(first, last), last

    def _both_sides(self, first: int, last: int) -> tuple[int, int]:
        """Widen over the sentence that says that sources contradict one another, and those that give their sides."""
        inside = self.at(self.block(first).span)
        stated = next((i for i in range(first, max(inside.start, first - _SIDES) - 1, -1) if self._leaves(i)), None)
        return (first, last) if stated is None else (stated, max(last, min(stated + _SIDES, inside.stop - 1)))

    def _leaves(self, number: int) -> bool:
        return leaves_sides(self.text(number))

    def past_list(self, end: int) -> tuple[int, int] | None:
        """Return the first and last of the sentences that take back the list that ends at an offset, or None."""
        first = bisect_left(self._starts, end)
        if first in (0, len(self._sentences)) or not self._joined(first) or not takes_back(self.text(first)):
            return None
        return first, self._taken_back(first, self.block(first))

    def _whole(self, number: int) -> tuple[int, int]:
        """Put a sentence together that was cut."""
        first = last = number
        while first > 0 and self._goes_on(first) and len(self.span(first - 1, last)) <= _WHOLE_CHARACTERS:
            first -= 1
        while self._goes_on(last + 1) and len(self.span(first, last + 1)) <= _WHOLE_CHARACTERS:
            last += 1
        return first, last

    def _goes_on(self, number: int) -> bool:
        within = 0 < number < len(self._sentences) and self.block(number) == self.block(number - 1)
        return within and goes_on(self.text(number - 1), self.text(number))

    def _taken_back(self, last: int, block: Block) -> int:
        """Go on over the sentences that restrict what stands before them, and over the answer to a question."""
        while last + 1 < len(self._sentences) and self._joined(last + 1) and self._answers_to(last + 1, block):
            last = self._whole(last + 1)[1]
        return last

    def _answers_to(self, number: int, block: Block) -> bool:
        """Tell whether a sentence belongs to the one before it.

        :param block: of the sentence that is quoted.
        """
        text, other = self.text(number), self.block(number)
        asked = bool(_QUESTION.search(self.text(number - 1)))
        if other == block or (other.lead_in is not None and other.lead_in.overlaps(block.span)):
            return restricts(text) or asked
        if other.kind in LISTED:
            return block.kind == other.kind and objects(text)
        if block.kind in LISTED:
            return block.lead_in is None and takes_back(text)
        return takes_back(text) or asked

    def _first_needed(self, first: int, last: int) -> int:
        """Go back to where that starts which a sentence depends on."""
        while first > 0 and self._joined(first) and self._leans(first):
            before = self._before(first)
            if before is None or self._too_long(before, first, last):
                break
            first = before
        return first

    def _before(self, first: int) -> int | None:
        """Return the start of what the sentence depends on: the one before it, or the list that it follows.

        Of a long list its last item stands for the rest.
        """
        block, other = self.block(first), self.block(first - 1)
        if other == block or other.kind not in LISTED:
            return self._whole(first - 1)[0]
        if block.kind in LISTED and (block.lead_in is None or not block.lead_in.overlaps(other.span)):
            return self._whole(first - 1)[0] if objects(self.text(first)) else None
        if block.lead_in is not None:
            return None
        number = first - 1
        while number > 0 and self.block(number - 1).kind in LISTED:
            number -= 1
        long = len(self.span(number, first - 1)) > _CONTEXT_CHARACTERS
        return self._whole(first - 1)[0] if long else number

    def _too_long(self, before: int, first: int, last: int) -> bool:
        """Tell whether going back costs more than it explains: a "however" is worth any length, a pronoun is not."""
        needed = takes_back(self.text(first)) or self._announced(first)
        return len(self.span(before, last)) > _CONTEXT_CHARACTERS and not needed

    def _leans(self, number: int) -> bool:
        return depends(self.text(number)) or (number > 0 and self._announced(number))

    def _announced(self, number: int) -> bool:
        """Tell whether a bare "No." stands before a sentence, or what announces it, or a label that turns all its block."""
        before, block = self.text(number - 1), self.block(number)
        if self.block(number - 1) != block:
            return block.lead_in is None and announces(before)
        return is_bare(before) or announces(before) or turns(label_of(self.text(self.at(block.span)[0])))

    def _joined(self, number: int) -> bool:
        """Tell whether nothing that is not read aloud parts a sentence from the one before it."""
        between = Span(start=self._sentences[number - 1].end, end=self._sentences[number].start)
        return not overlapping(self._document.boilerplate, between)


def block_of(span: Span, document: Document) -> Block:
    """Return the block that a span starts in."""
    return overlapping(document.blocks, span)[0]


def after(block: Block, document: Document) -> Sequence[Block]:
    """Return the blocks after a block."""
    return document.blocks[bisect_left(document.blocks, block.span.end, key=lambda other: other.span.start) :]
