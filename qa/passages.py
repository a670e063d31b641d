"""Document -> Passages and their sentences. The only home of langchain_text_splitters.

Passages partition each section's text outside boilerplate; none crosses a section or a boilerplate span, and
none is longer, with its context, than the encoder's window. Context (title, heading path, the line that
introduces a list) is joined to the text for embedding, never to a quote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise

from langchain_text_splitters import RecursiveCharacterTextSplitter
from sentencex import get_sentence_boundaries

from qa.context import context_of, joined, lead_in_of
from qa.discourse import depends, restricts
from qa.reading import Reading, overlapping, read
from qa.types import Document, Passage, Section, Span

MAX_CHARACTERS = 1_200
_SEPARATORS = [r"(?<=[;:,])\s+", r"\s+", ""]
# A context may take at most this share of the window: the passage itself must stay the larger part.
_CONTEXT_SHARE = 0.4
_GLUED = re.compile(r"\S*\s*")


def split(document: Document, count: Callable[[str], int], *, window: int) -> list[Passage]:
    """Split a document into passages, in the order of the text.

    :param count: the encoder's number of tokens for a text, special tokens included.
    :param window: the most tokens a passage may have together with its context.
    """
    passages = []
    for section in document.sections:
        room = window - count(short_context(document, section.path, count, window=window)) - 1
        for region in _regions(document, section):
            passages += _fitting(document, section, region, count, window=window, room=room)
    return passages


def short_context(document: Document, path: tuple[str, ...], count: Callable[[str], int], *, window: int) -> str:
    """Return the title and heading path as one line, shortened from the left if it is too long for the window."""
    words = context_of(document, path).split()
    while words and count(" ".join(words)) > window * _CONTEXT_SHARE:
        words = words[max(1, len(words) // 8) :]
    return " ".join(words)


def embedding_text(document: Document, passage: Passage, count: Callable[[str], int], *, window: int) -> str:
    """Return what is embedded for a passage: its context, the lead-in of a list it starts within, its reading text.

    The lead-in is left out where it would not fit the window.
    """
    context = short_context(document, passage.section, count, window=window)
    text = read(document, passage.span).text
    introduced = joined(context, lead_in_of(document, passage.span), text)
    return introduced if count(introduced) <= window else joined(context, "", text)


def sentences(reading: Reading, language: str = "en") -> list[tuple[int, int]]:
    """Return the half-open stretches of the reading text that are its sentences, white space trimmed.

    A sentence never spans two blocks.
    """
    found, start = [], 0
    for block in reading.text.split("\n"):
        for boundary in get_sentence_boundaries(language, block):
            text = block[boundary["start_index"] : boundary["end_index"]]
            left = start + boundary["start_index"] + len(text) - len(text.lstrip())
            right = start + boundary["start_index"] + len(text.rstrip())
            if left < right:
                found.append((left, right))
        start += len(block) + 1
    return found


def _regions(document: Document, section: Section) -> Iterator[Span]:
    """Yield the stretches of a section between its boilerplate that hold anything to read."""
    cursor = section.span.start
    edges = [thing.span for thing in overlapping(document.boilerplate, section.span)]
    for gone in [*edges, Span(start=section.span.end, end=section.span.end)]:
        region = Span(start=cursor, end=max(cursor, gone.start))
        if read(document, region).text:
            yield region
        cursor = max(cursor, gone.end)


def _fitting(
    document: Document, section: Section, region: Span, count: Callable[[str], int], *, window: int, room: int
) -> list[Passage]:
    """Split a region until every passage fits: the tokens of a whole can be more than those of its parts."""
    spans = _split_region(document, region, count, room=room)
    passages = [Passage(document_id=document.id, span=span, section=section.path) for span in spans]
    longest = max(count(embedding_text(document, passage, count, window=window)) for passage in passages)
    if longest <= window:
        return passages
    return _fitting(document, section, region, count, window=window, room=room - (longest - window))


def _split_region(document: Document, region: Span, count: Callable[[str], int], *, room: int) -> list[Span]:
    """Pack whole sentences into passages of about equal size that fit the room."""
    pieces = _pieces(document, region, count, room=room)
    sizes = [_size(piece.of(document.text), count, room=room) for piece in pieces]
    # Equal shares rather than full passages and a crumb: a crumb is hard to find and answers little.
    share = sum(sizes) / max(1, -(-sum(sizes) // room))
    edges, first, size = [region.start], 0, 0
    for i, piece_size in enumerate(sizes):
        if i > first and (size + piece_size / 2 > share or size + piece_size > room):
            # A line that introduces a list goes along with it, and a sentence with one that takes it back.
            cut = i - 1 if i - 1 > first and _belongs(document, pieces[i], pieces[i - 1]) else i
            edges.append(pieces[cut].start)
            first, size = cut, sum(sizes[cut:i])
        size += piece_size
    return [Span(start=start, end=end) for start, end in pairwise([*edges, region.end])]


def _pieces(document: Document, region: Span, count: Callable[[str], int], *, room: int) -> list[Span]:
    """Partition a region into its sentences, each with what follows it up to the next; over-long ones in parts."""
    reading = read(document, region)
    found = [reading.to_document(left, right) for left, right in sentences(reading)]
    starts = [region.start, *(_boundary(document, *pair) for pair in pairwise(found)), region.end]
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=room,
        chunk_overlap=0,
        length_function=lambda part: _size(part, count, room=room),
        separators=_SEPARATORS,
        is_separator_regex=True,
        keep_separator="end",
        strip_whitespace=False,
    )
    pieces = []
    for start, end in pairwise(starts):
        text = document.text[start:end]
        parts = [text] if _size(text, count, room=room) <= room else splitter.split_text(text)
        edges = list(accumulate(map(len, parts), initial=start))
        pieces += [Span(start=left, end=right) for left, right in pairwise(edges)]
    return pieces


def _boundary(document: Document, left: Span, right: Span) -> int:
    """Return where the text of the left sentence ends: past its markers, closing markup and white space."""
    between = Span(start=left.end, end=right.start)
    cursor = max([left.end, *(marker.span.end for marker in overlapping(document.markers, between))])
    glued = _GLUED.match(document.text, cursor, right.start)
    return glued.end() if glued else cursor


def _size(text: str, count: Callable[[str], int], *, room: int) -> int:
    """Return a length in tokens, or in characters on the same scale where that is the tighter limit."""
    return max(count(text) - 2, -(-len(text) * room // MAX_CHARACTERS))


def _belongs(document: Document, piece: Span, before: Span) -> bool:
    """Tell whether a sentence must not be parted from the one before it."""
    blocks = overlapping(document.blocks, piece)
    introduced = bool(blocks) and blocks[0].lead_in is not None and blocks[0].lead_in.overlaps(before)
    text = piece.of(document.text)
    return introduced or restricts(text) or depends(text)
