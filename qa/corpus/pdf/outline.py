"""The blocks of a document -> which of them are headings, and how deep; the largest one on the first page is the title."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from qa.corpus.pdf.blocks import Block
from qa.corpus.pdf.profile import Profile
from qa.corpus.pdf.shapes import Bookmark

_NUMBERED = re.compile(
    r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+(?!(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{4})[^\W\d_]",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"[IVX]{1,5}\.\s+[A-Z]|[A-Z]\.\s+[A-Z]")
_CLOSES = re.compile(r"[.,;:][\"'”’)\]]*$")
_CAPTION = re.compile(r"(?:fig(?:ure|\.)?|table|tab\.|abb(?:ildung|\.)?|listing|scheme|algorithm)\s*\d", re.IGNORECASE)
_ALONE = re.compile(
    r"abstract|summary|introduction|contents|references|bibliography|acknowledge?ments?|appendix|preface|foreword|literature",
    re.IGNORECASE,
)
_LARGE = 1.08
_TITLE = 1.2
_DEEPEST = 6
_MOST_WORDS = 25
_LONGEST = 200

Look = tuple[float, bool]


def is_caption(text: str) -> bool:
    """Tell whether a text names a figure or table.

    :param text: of a block.
    """
    return _CAPTION.match(text) is not None


def mark_headings(blocks: Sequence[Block], profile: Profile, outline: Sequence[Bookmark]) -> Block | None:
    """Make headings of the blocks that are.

    :param blocks: of the document; their kind and level change.
    :param profile: of the document.
    :param outline: the file's bookmarks.
    :returns: the title, if there is one.
    """
    marks = {(mark.page, bare(mark.title)): mark.depth for mark in outline}
    depths: dict[int, int] = {}
    found = []
    for block in blocks:
        depth = _depth(block, marks)
        if block.kind == "paragraph" and _could_head(block) and (depth is not None or _stands_out(block, profile)):
            found.append(block)
            if depth is not None:
                depths[id(block)] = depth
        elif block.kind == "item" and depth is not None and _could_head(block):
            block.bullet = None
            found.append(block)
            depths[id(block)] = depth
    title = _title(found, profile)
    found = _without_bylines(blocks, found, title, profile, depths)
    _give_levels(found, title, depths)
    return title


def bare(text: str) -> str:
    """Return a title's letters and digits, without a leading section number: to compare titles by.

    :param text: of a heading or bookmark.
    """
    words = re.sub(r"^[\dIVX.]+\s+", "", text.strip())
    return "".join(filter(str.isalnum, words)).casefold()


def _depth(block: Block, marks: dict[tuple[int, str], int]) -> int | None:
    """Return how deep the outline has a block, if it has it."""
    if not marks or len(block.lines) > 4:  # noqa: PLR2004
        return None
    key = bare(block.text)
    return marks.get((block.lines[0].page, key)) if key else None


def _look(block: Block) -> Look:
    return round(block.size * 2) / 2, block.lines[0].bold


def _could_head(block: Block) -> bool:
    """Tell whether a block is short, and does not end like a sentence."""
    text = block.text
    if len(text) > _LONGEST or len(block.lines) > 5 or len(text.split()) > _MOST_WORDS:  # noqa: PLR2004
        return False
    if sum(map(str.isalpha, text)) < 2 or text[:1].islower() or is_caption(text):  # noqa: PLR2004
        return False
    return not _CLOSES.search(text) or bool(_NUMBERED.match(text) and text.endswith(".") and len(text) < 60)  # noqa: PLR2004


def _stands_out(block: Block, profile: Profile) -> bool:
    """Tell whether a block is set like a heading: larger than the text, bold, or in capitals."""
    letters = sum(map(str.isalpha, block.text))
    if _ALONE.fullmatch(block.text) and block.size >= 0.8 * profile.body:
        return True
    if block.size > _LARGE * profile.body:
        return letters > 2 and (len(block.text) < 120 or block.size > _TITLE * profile.body)  # noqa: PLR2004
    if block.size < 0.8 * profile.body or len(block.text) > 120 or len(block.lines) > 3:  # noqa: PLR2004
        return False
    if not profile.bold and all(line.bold for line in block.lines):
        return letters > 2  # noqa: PLR2004
    capitals = block.text.isupper() and letters > 3 and len(block.text.split()) < 10  # noqa: PLR2004
    return (
        capitals
        and block.size >= 0.95 * profile.body
        and bool(_NUMBERED.match(block.text) or _ROMAN.match(block.text) or _ALONE.fullmatch(block.text))
    )


def _title(found: Sequence[Block], profile: Profile) -> Block | None:
    """Return the largest heading of the first page that has text."""
    first = [
        block
        for block in found
        if block.lines[0].page == found[0].lines[0].page
        and not _NUMBERED.match(block.text)
        and not _ALONE.fullmatch(block.text)
    ]
    if not first or found[0].lines[0].page > 2:  # noqa: PLR2004
        return None
    title = max(first, key=lambda block: (block.size, -block.lines[0].baseline))
    return title if title.size >= _TITLE * profile.body else None


def _without_bylines(
    blocks: Sequence[Block], found: list[Block], title: Block | None, profile: Profile, depths: dict[int, int]
) -> list[Block]:
    """Drop what stands around the title and only is larger than the text: names, a date, an institution."""
    if title is None:
        return found
    page = title.lines[0].page
    body = next(
        (place for place, block in enumerate(blocks) if block.lines[0].page >= page and _is_body(block, profile)),
        len(blocks),
    )
    head = {id(block) for block in blocks[:body] if block.lines[0].page == page}
    looks = {_look(block) for block in found if id(block) not in head}
    return [
        block
        for block in found
        if block is title
        or id(block) not in head
        or id(block) in depths
        or _look(block) in looks
        or bool(_NUMBERED.match(block.text) or _ALONE.fullmatch(block.text))
    ]


def _is_body(block: Block, profile: Profile) -> bool:
    return block.kind in ("paragraph", "item") and len(block.text) > 150 and block.size <= _LARGE * profile.body  # noqa: PLR2004


def _give_levels(found: Sequence[Block], title: Block | None, depths: dict[int, int]) -> None:
    """Make headings of the blocks: levels come from the outline, from the numbers, else from the looks."""
    base = 1 if title is None else 2
    if title is not None and id(title) in depths and depths[id(title)] == 0:
        others = [
            depth
            for block, depth in ((block, depths.get(id(block))) for block in found)
            if block is not title and depth is not None
        ]
        base = 1 if others and min(others) > 0 else base
    by_look: dict[Look, Counter[int]] = defaultdict(Counter)
    for block in found:
        level = _own_level(block, base, depths)
        if block is not title and level:
            by_look[_look(block)][level] += 1
    known = {look: max(sorted(counts), key=lambda level: counts[level]) for look, counts in by_look.items()}
    levels = _ranked({_look(block) for block in found if block is not title}, known, base)
    for block in found:
        block.kind = "heading"
        own = _own_level(block, base, depths)
        block.level = 1 if block is title else min(_DEEPEST, own or levels[_look(block)])


def _own_level(block: Block, base: int, depths: dict[int, int]) -> int:
    """Return the level that the outline or the heading's number gives, or 0."""
    if id(block) in depths:
        return base + depths[id(block)]
    numbered = _NUMBERED.match(block.text)
    return base + numbered["number"].count(".") if numbered else 0


def _ranked(looks: set[Look], known: dict[Look, int], base: int) -> dict[Look, int]:
    """Give every look a level: its own where it has one, else the next below that of the next larger look."""
    levels: dict[Look, int] = {}
    last = base - 1
    for look in sorted(looks, key=lambda look: (-look[0], not look[1])):
        last = levels[look] = known.get(look, min(last + 1, _DEEPEST))
    return levels
