"""The lines of a document -> blocks: paragraphs, list items, table rows; each line in one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from qa.corpus.pdf.bullets import STRONG, Bullet, bullet_of
from qa.corpus.pdf.profile import Profile
from qa.corpus.pdf.shapes import Line, Piece, Row
from qa.corpus.pdf.tables import table_rows

Kind = Literal["paragraph", "heading", "item", "row", "note", "contents", "furniture"]

CLOSED = re.compile(r"[.!?:;。！？…][\"'”’»)\]]*$")
_LEADERS = re.compile(r"(?:\.\s?){5,}\s*[\divxlc]+$|(?:[…_]\s?){4,}\s*\d+$")
_SECTION = re.compile(r"\d{1,2}(?:\.\d{1,2})*\.?\s+\w")
_ENTRY_END = re.compile(r"\s\d{1,4}$")
_CONTENTS = re.compile(r"\s*(?:table of )?contents\s*|\s*inhalt(?:sverzeichnis)?\s*", re.IGNORECASE)
_FEWEST_ENTRIES = 3
_MOST_BETWEEN = 5
_LONGEST_ENTRY = 120
_INDENT = 0.7
_LARGE = 1.12
_WIDEST = 1.75  # leading of a heading, in the size of its letters
_OTHER_SIZE = 0.06
_DEEPEST_INDENT = 6
_FEW_LINES = 2
_RAGGED = 2.0


@dataclass(slots=True, kw_only=True)
class Block:
    """Lines that belong together; ``cells`` only in a table's row, ``level`` only of a heading."""

    kind: Kind
    lines: list[Line]
    bullet: Bullet | None = None
    cells: list[list[Row]] = field(default_factory=list)
    level: int = 0
    is_header: bool = False

    @property
    def text(self) -> str:
        """Return its lines, apart by spaces."""
        return " ".join(line.text for line in self.lines)

    @property
    def size(self) -> float:
        """Return the size of its first line's letters."""
        return self.lines[0].size


def blocks_of(lines: Sequence[Line], profile: Profile) -> list[Block]:
    """Group the lines of a document.

    :param lines: in reading order.
    :param profile: of the document.
    """
    rows = table_rows(lines)
    rights = _rights(lines, profile)
    builder = _Builder(profile, rights)
    place = 0
    while place < len(lines):
        table = rows.get(place)
        if table is None:
            builder.add(lines[place], lines[place + 1] if place + 1 < len(lines) else None)
            place += 1
            continue
        for number, (row, cells) in enumerate(table.rows):
            builder.blocks.append(Block(kind="row", lines=row, cells=cells, is_header=number == 0 and table.has_header))
        place += table.length
    _mark_contents(builder.blocks)
    return builder.blocks


def fills(line: Line, after: Piece, right: float) -> bool:
    """Tell whether a line ends where it does since the next word had no room.

    :param line: the line.
    :param after: the first piece of the next line.
    :param right: where the lines around it end.
    """
    return right - line.right < (after.right - after.left) + 0.5 * line.size


class _Builder:
    """Adds one line after the other, to the block before it or to one of its own."""

    def __init__(self, profile: Profile, rights: dict[int, float]) -> None:
        self.profile = profile
        self.rights = rights
        self.blocks: list[Block] = []
        self.counted: dict[str, int] = {}

    def add(self, line: Line, after: Line | None) -> None:
        """Add a line.

        :param line: the next one.
        :param after: the one after it.
        """
        last = self.blocks[-1] if self.blocks else None
        opened = last is None or last.kind == "row" or last.lines[-1].column is not line.column
        bullet = self._bullet(line, opened=opened)
        if bullet is not None:
            self.blocks.append(Block(kind="item", lines=[line], bullet=bullet))
            if bullet.number is not None:
                self.counted[bullet.kind] = bullet.number
        elif last is None or opened or self._starts(last, line, after):
            self.blocks.append(Block(kind="contents" if _LEADERS.search(line.text) else "paragraph", lines=[line]))
        else:
            last.lines.append(line)

    def _bullet(self, line: Line, *, opened: bool) -> Bullet | None:
        """Return a line's bullet where it does start an item."""
        is_code = line.mono and not self.profile.mono
        bullet = None if is_code else bullet_of(line)
        if bullet is None or bullet.text in STRONG or (line.size > _LARGE * self.profile.body):
            return bullet if bullet and bullet.text in STRONG else None
        before = self.blocks[-1] if self.blocks else None
        if line.bold and not self.profile.bold and bullet.number is not None and _SECTION.match(line.text):
            return None
        counts = bullet.number is None or bullet.number == 1 or self.counted.get(bullet.kind) == bullet.number - 1
        if bullet.kind in ("(a)", "a)") and not counts:
            counts = bullet.text.strip("()") in ("i", "ii", "iii", "iv", "v")
        if not counts:
            return None
        if before is None or opened or before.kind in ("item", "row", "heading"):
            return bullet
        prev = before.lines[-1]
        ended = bool(CLOSED.search(prev.text)) or not fills(prev, line.pieces[0], self.rights[id(prev)])
        return bullet if ended else None

    def _starts(self, last: Block, line: Line, after: Line | None) -> bool:
        """Tell whether a line starts a block of its own."""
        prev = last.lines[-1]
        pitch = line.baseline - prev.baseline
        leaders = _LEADERS.search(prev.text) or _LEADERS.search(line.text)
        if leaders or pitch <= 0 or abs(line.size - prev.size) > _OTHER_SIZE * line.size:
            return True
        if line.size > _LARGE * self.profile.body:
            return pitch > _WIDEST * line.size or bool(_SECTION.match(line.text)) or prev.bold != line.bold
        full = fills(prev, line.pieces[0], self.rights[id(prev)])
        return (
            self._is_below_gap(prev, line, full=full)
            or (not full and self._is_set_otherwise(prev, line))
            or (line.pieces[0].raised and line.size < 0.95 * self.profile.body and bool(CLOSED.search(prev.text)))
            or self._is_indented(last, line, after, full=full)
            or self._is_apart(prev, line, full=full)
        )

    def _is_below_gap(self, prev: Line, line: Line, *, full: bool) -> bool:
        """Tell whether more white than usual stands above a line."""
        pitch, leading = line.baseline - prev.baseline, self.profile.leading(line.size)
        goes_on = full and line.text[:1].islower() and not CLOSED.search(prev.text)
        return pitch > (1.6 * leading if goes_on else max(1.15 * leading, leading + 1.5))

    def _is_set_otherwise(self, prev: Line, line: Line) -> bool:
        """Tell whether one of two lines is bold or both are code."""
        return prev.bold != line.bold or (line.mono and prev.mono and not self.profile.mono)

    def _is_apart(self, prev: Line, line: Line, *, full: bool) -> bool:
        """Tell whether the line before ended early."""
        if full:
            return False
        if CLOSED.search(prev.text) and not line.text[:1].islower():
            return True
        room = self.rights[id(prev)] - prev.right
        return room > 0.25 * (line.column.right - line.column.left) and not line.text[:1].islower()

    def _is_indented(self, last: Block, line: Line, after: Line | None, *, full: bool) -> bool:
        """Tell whether a line starts a paragraph by its indentation or, in a hanging one, by its lack."""
        prev = last.lines[-1]
        shift = (line.left - prev.left) / line.size
        if len(last.lines) == 1 and last.bullet is not None:
            return shift > _INDENT and line.left > last.bullet.content + line.size
        if shift > _INDENT:
            if len(last.lines) > 1:
                return shift < _DEEPEST_INDENT or not full
            hangs = after is not None and after.column is line.column and abs(after.left - line.left) < 0.3 * line.size
            return not full or not (hangs or not CLOSED.search(prev.text))
        if shift < -_INDENT:
            return len(last.lines) > 1 or (not full and bool(CLOSED.search(prev.text)))
        return False


def _rights(lines: Sequence[Line], profile: Profile) -> dict[int, float]:
    """Return for each line where the lines around it end: those at the usual distance, if several go as far, else the column."""
    rights: dict[int, float] = {}
    run: list[Line] = []
    for line in [*lines, None]:
        goes_on = (
            line is not None
            and run
            and run[-1].column is line.column
            and abs(run[-1].size - line.size) < 0.06 * line.size
            and 0 < line.baseline - run[-1].baseline < 1.3 * profile.leading(line.size)
        )
        if not goes_on:
            widest = max((entry.right for entry in run), default=0.0)
            set_to = sum(entry.right > widest - _RAGGED * entry.size for entry in run) >= max(
                _FEW_LINES, 0.4 * len(run)
            )
            rights.update(
                {id(entry): widest if set_to and len(run) > _FEW_LINES else entry.column.right for entry in run}
            )
            run = []
        if line is not None:
            run.append(line)
    return rights


def _mark_contents(blocks: Sequence[Block]) -> None:
    """Mark the table of contents: entries with leaders, what stands between them, and the heading before."""
    places = [place for place, block in enumerate(blocks) if block.kind == "contents"]
    before = _runs_before(blocks, places[0]) if places else []
    headed = bool(before) and bool(_CONTENTS.fullmatch(blocks[before[-1]].text))
    if len(places) < _FEWEST_ENTRIES and not headed:
        for place in places:
            blocks[place].kind = "paragraph"
        return
    for first, last in pairwise(places):
        if last - first <= _MOST_BETWEEN:
            for block in blocks[first:last]:
                block.kind = "contents"
    for place in before:
        blocks[place].kind = "contents"


def _runs_before(blocks: Sequence[Block], first: int) -> list[int]:
    """Return the entries without leaders right before the first with some, and the heading of the contents."""
    found = []
    for place in range(first - 1, max(-1, first - 6), -1):
        text = blocks[place].text
        heads = _CONTENTS.fullmatch(text)
        if not heads and not (_ENTRY_END.search(text) and len(text) < _LONGEST_ENTRY):
            break
        found.append(place)
        if heads:
            break
    return found
