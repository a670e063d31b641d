"""Put a question and a part of a passage together as the reader reads them.

The part is the passage's context (its title, headings and the line that introduces its list) and as many sentences
around one of them as fit: a reader's time grows with what it reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# The most tokens of a question, of a passage's context, and of the context with the sentences. The packaged reader was
# trained on pairs of this shape.
QUESTION_TOKENS, CONTEXT_TOKENS, PART_TOKENS = 48, 20, 80

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """A text's tokens without special ones: their ids, and their half-open places in the text."""

    ids: Sequence[int]
    offsets: Sequence[Span]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What the reader reads.

    :param ids: the tokens of the question and of the part of the passage, special ones included.
    :param types: 0 for a token of the question, 1 for one of the passage.
    :param sentences: the half-open range of tokens of each sentence that was taken, by its number in the passage.
    """

    ids: list[int]
    types: list[int]
    sentences: dict[int, Span]


def pair(
    question: Sequence[int], passage: Tokens, sentences: Sequence[Span], focus: int, *, first: int, last: int
) -> Pair:
    """Return a question with the part of a passage around one of its sentences.

    :param question: the ids of the question's tokens, without special ones.
    :param sentences: the half-open places of the passage's sentences in its text, in order; at least one.
    :param focus: the number of the sentence that must be part of it, cut only where it alone is too long.
    :param first: the special token that opens a text; ``last`` is the one that closes each of the two.
    """
    # Of a long message the end is read: what is asked mostly stands there.
    asked = list(question[-QUESTION_TOKENS:])
    ranges = _ranges(passage.offsets, sentences)
    head = ranges[0][0]
    context = list(passage.ids[max(0, head - CONTEXT_TOKENS) : head])
    low, high = _around(ranges, focus, PART_TOKENS - len(context))
    ids = [first, *asked, last, *context]
    taken = {}
    for number in range(low, high):
        start, end = ranges[number]
        room = len(asked) + 2 + PART_TOKENS - len(ids)
        taken[number] = (len(ids), len(ids) + min(room, end - start))
        ids += passage.ids[start : min(end, start + room)]
    ids.append(last)
    opening = len(asked) + 2
    return Pair(ids=ids, types=[0] * opening + [1] * (len(ids) - opening), sentences=taken)


def _ranges(offsets: Sequence[Span], sentences: Sequence[Span]) -> list[Span]:
    """Return each sentence's half-open range of tokens; what stands between two sentences goes with the first."""
    starts = []
    token = 0
    for start, _ in sentences:
        while token < len(offsets) and offsets[token][0] < start:
            token += 1
        starts.append(token)
    return list(zip(starts, [*starts[1:], len(offsets)], strict=True))


def _around(ranges: Sequence[Span], focus: int, room: int) -> Span:
    """Return the half-open range of sentences around one that fit, taken in turns from after it and before it."""
    low, high = focus, focus + 1
    room -= ranges[focus][1] - ranges[focus][0]
    grown = True
    while grown:
        grown = False
        for number in (high, low - 1):
            if 0 <= number < len(ranges) and ranges[number][1] - ranges[number][0] <= room:
                room -= ranges[number][1] - ranges[number][0]
                low, high = min(low, number), max(high, number + 1)
                grown = True
    return low, high
