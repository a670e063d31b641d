"""The blocks of a document -> the same with what a column's or page's end cut in two put together, and footnotes known.

Whatever stands between the two parts (feet, notes, tables, captions) goes before the paragraph as far as it is on the
page where that starts, else after it: so each word still is on its page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.corpus.pdf.blocks import CLOSED, Block, fills
from qa.corpus.pdf.outline import is_caption
from qa.corpus.pdf.profile import Profile

_NOTE_MARK = re.compile(r"\d{1,3}|[*∗†‡§¶]+")
_FURTHEST = 40
_MOST_LINES = 100  # that tell where a paragraph's lines end


def mark_notes(blocks: Sequence[Block], profile: Profile) -> None:
    """Find the footnotes: small text at the end of a column that starts with a raised number.

    :param blocks: of the document; their kind changes.
    :param profile: of the document.
    """
    place = len(blocks)
    while place > 0:
        column = blocks[place - 1].lines[0].column
        start = place
        while start > 0 and blocks[start - 1].lines[0].column is column:
            start -= 1
        small = place
        while small > start and _is_small(blocks[small - 1], profile):
            small -= 1
        opens = next((at for at in range(small, place) if _opens_note(blocks[at])), place)
        for block in blocks[opens:place]:
            block.kind, block.bullet = "note", None
        place = start


def _is_small(block: Block, profile: Profile) -> bool:
    return block.kind in ("paragraph", "item") and all(line.size < 0.94 * profile.body for line in block.lines)


def _opens_note(block: Block) -> bool:
    first = block.lines[0].pieces[0]
    return (
        len(block.lines[0].pieces) > 1
        and bool(_NOTE_MARK.fullmatch(first.text))
        and (first.raised or not first.text.isdigit())
    )


def with_continuations(blocks: Sequence[Block], profile: Profile) -> list[Block]:
    """Join what goes on in the next column or on the next page.

    :param blocks: of the document, furniture among them.
    :param profile: of the document.
    """
    rest = list(blocks)
    taken: set[int] = set()
    ordered: list[Block] = []
    for place, block in enumerate(rest):
        if place in taken:
            continue
        page = block.lines[0].page
        before: list[Block] = []
        after: list[Block] = []
        at = place
        while (target := _goes_on(rest, at, block, profile, taken)) is not None:
            for between in range(at + 1, target):
                if between not in taken:
                    (before if rest[between].lines[0].page <= page else after).append(rest[between])
                    taken.add(between)
            block.lines.extend(rest[target].lines)
            taken.add(target)
            at = target
        ordered += [*before, block, *after]
    return ordered


def _goes_on(rest: Sequence[Block], place: int, block: Block, profile: Profile, taken: set[int]) -> int | None:
    """Return the index of the block that a block goes on with."""
    if block.kind not in ("paragraph", "item") or not _is_open(block):
        return None
    last = block.lines[-1]
    for other in range(place + 1, min(len(rest), place + _FURTHEST)):
        candidate = rest[other]
        if other in taken:
            continue
        if candidate.lines[0].page > last.page + 1:
            return None
        if (
            candidate.kind == "paragraph"
            and candidate.lines[0].column is not last.column
            and _is_rest(block, candidate)
        ):
            return other
        if not _is_between(block, candidate, profile):
            return None
    return None


def _is_between(block: Block, other: Block, profile: Profile) -> bool:
    """Tell whether a block can stand amid a paragraph that goes on."""
    if other.kind in ("furniture", "note", "row"):
        return True
    return is_caption(other.text) or (other.kind == "paragraph" and other.size < 0.95 * min(profile.body, block.size))


def _is_open(block: Block) -> bool:
    """Tell whether a block may go on: it ends in the middle of a sentence, at the end of a full line."""
    pieces = [piece for piece in block.lines[-1].pieces if not piece.raised]
    return bool(pieces)


def _is_rest(block: Block, other: Block) -> bool:
    """Tell whether a block goes on with a paragraph."""
    last, first = block.lines[-1], other.lines[0]
    if abs(first.size - last.size) > 0.05 * last.size or is_caption(other.text):
        return False
    text = "".join(piece.text for piece in last.pieces[-2:] if not piece.raised)
    begins = first.text[:1]
    if text.endswith(("-", "‐")) and begins.isalpha():
        return True
    if block.bullet is not None and _hangs(block, other):
        return True
    if begins.islower():
        return not text.endswith((":", "?", "!"))
    if CLOSED.search(text) or not begins:
        return False
    edge = max(line.right for line in block.lines[-_MOST_LINES:]) if len(block.lines) > 2 else last.column.right  # noqa: PLR2004
    return fills(last, first.pieces[0], edge) and not (last.bold or first.bold)


def _hangs(block: Block, other: Block) -> bool:
    """Tell whether a block is indented within its column as the lines of an item are."""
    if block.bullet is None:
        return False
    first = other.lines[0]
    usual = block.bullet.content - block.lines[0].column.left
    return usual > first.size and abs(first.left - first.column.left - usual) < 0.3 * first.size
