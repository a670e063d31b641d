"""The blocks of a document -> what is told to the composer: pages, headings, lists, tables, notes, and what is hidden."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from qa.corpus import references
from qa.corpus.composer import Composer
from qa.corpus.pdf.blocks import Block
from qa.corpus.pdf.profile import Profile
from qa.corpus.pdf.shapes import Line, Piece, Row

_HYPHENS = ("-", "‐")
_LINK = re.compile(r"(?:\b(?:https?|ftp|svn)://|www\.|\b10\.\d{4,}/|[\w-]\.[a-z]{2,}/)\S*$|\b(?:https?|ftp):/?$")
_IN_LINK = re.compile(r":\n//\w|:/\n/\w|://\n\w|:\n\d|[\w/]\n(?:/|[?#=&%_~.:-]\w)")
_MAYBE_IN_LINK = re.compile(r"(?:[/\-_=&?#%~+@]\n[\w~@%?#]|\.\n[a-z])(?!\w*://)")
_NOTE = re.compile(r"(\d{1,3})\s*(.+)", re.DOTALL)
_COUNT = re.compile(r"\d{1,3}")
_SOURCE = re.compile(r"https?://|www\.|\bdoi\b|\b(?:19|20)\d\d\b", re.IGNORECASE)
_INDENT = 0.6
_LONGEST_WORD = 2000
_WIDE = "ᄀ"  # from here on, scripts that write without spaces


@dataclass(slots=True, kw_only=True)
class _Item:
    """An item of a list with what belongs to it: more paragraphs, and items below it."""

    block: Block
    more: list[Block] = field(default_factory=list)
    below: list[_Item] = field(default_factory=list)


class Writer:
    """Writes blocks in their order."""

    def __init__(self, composer: Composer, profile: Profile, *, has_bibliography: bool) -> None:
        """Start with the first page.

        :param composer: that takes the pieces.
        :param profile: of the document.
        :param has_bibliography: whether it lists its sources, so that its footnotes do not.
        """
        self.composer = composer
        self.profile = profile
        self.has_bibliography = has_bibliography
        self.notes: dict[int, list[Block]] = {}
        self.noted: set[tuple[int, int]] = set()
        self.page = 0

    def write(self, blocks: Sequence[Block]) -> None:
        """Write all of them.

        :param blocks: of the document.
        """
        for block in blocks:
            found = _NOTE.match(block.text) if block.kind == "note" else None
            if found:
                self.notes.setdefault(int(found[1]), []).append(block)
                self.noted.add((int(found[1]), block.lines[0].page))
        place = 0
        while place < len(blocks):
            block = blocks[place]
            if block.kind == "item":
                items, place = _tree(blocks, place)
                self._list(items)
                continue
            if block.kind == "row":
                self._row(block)
                if place + 1 == len(blocks) or blocks[place + 1].kind != "row" or blocks[place + 1].is_header:
                    self.composer.table_end()
            elif block.kind in ("note", "furniture", "contents"):
                with self.composer.hidden("navigation"):
                    self._lines(block.lines)
                if block.kind == "note":
                    self._note(block)
            else:
                self.composer.block("heading" if block.kind == "heading" else "paragraph", level=block.level)
                self._lines(block.lines)
            place += 1

    def _list(self, items: Sequence[_Item]) -> None:
        with self.composer.list():
            for item in items:
                bullet = item.block.bullet
                self.turn(item.block.lines[0].page)
                with self.composer.item(bullet.text if bullet else ""):
                    self._lines(item.block.lines, skipped=bullet.pieces if bullet else 0)
                    for block in item.more:
                        self.composer.block()
                        self._lines(block.lines)
                    if item.below:
                        self._list(item.below)

    def _row(self, block: Block) -> None:
        self.composer.row(header=block.is_header)
        self.turn(block.lines[0].page)
        for place, cell in enumerate(block.cells):
            if place:
                self.composer.cell()
            self._parts(cell)

    def _note(self, block: Block) -> None:
        """Take a footnote that names a source as an entry of the bibliography."""
        found = _NOTE.match(block.text)
        if found is None or self.has_bibliography or not _SOURCE.search(found[2]):
            return
        if len(self.notes[int(found[1])]) == 1:
            self.composer.note(references.entry(int(found[1]), _joined(block, self.profile)))

    def turn(self, page: int) -> None:
        """Let pages start up to one.

        :param page: that what is written next stands on.
        """
        for _ in range(page - self.page):
            self.composer.page()
        self.page = max(self.page, page)

    def _lines(self, lines: Sequence[Line], *, skipped: int = 0) -> None:
        """Write lines one after the other.

        :param lines: of a block.
        :param skipped: how many pieces of the first line are its bullet.
        """
        before = ""
        for place, line in enumerate(lines):
            self.turn(line.page)
            pieces = line.pieces[skipped:] if place == 0 else line.pieces
            after = lines[place + 1].pieces if place + 1 < len(lines) else ()
            before = self._pieces(pieces, after, before, line.column.right)

    def _parts(self, parts: Sequence[Row]) -> None:
        before = ""
        for place, part in enumerate(parts):
            after = parts[place + 1].pieces if place + 1 < len(parts) else ()
            before = self._pieces(part.pieces, after, before)

    def _pieces(self, pieces: Sequence[Piece], after: Sequence[Piece], before: str, edge: float = 0.0) -> str:
        """Write the pieces of a line and what joins it to the next one; return the address that goes on there.

        :param before: the address that goes on in this line, as far as it is written.
        :param edge: where lines like this one end; 0 where that is not known.
        """
        word = _last_word(pieces, before)
        for place, piece in enumerate(pieces):
            if piece.spaced and place:
                self.composer.write(" ")
            last = place + 1 == len(pieces)
            if piece.raised and not _is_plain(piece.text):
                self._raised(piece.text)
            elif not (last and after and self._hyphened(piece.text, word, _first_word(after))):
                self.composer.write(piece.text)
        if not after:
            return ""
        first = _first_word(after)
        if _LINK.search(word) and _is_in_link(f"{word}\n{first}", has_room=_has_room(pieces, after, edge)):
            return word
        if _LINK.search(word) or not _is_glued(word, first):
            self.composer.write(" ")
        return ""

    def _raised(self, text: str) -> None:
        """Write raised text; the number of a footnote is not one of the bibliography."""
        number = int(text) if _COUNT.fullmatch(text) else 0
        if self.has_bibliography and (number, self.page) in self.noted:
            self.composer.marker(text, ())
        else:
            self.composer.raised(text)

    def _hyphened(self, text: str, word: str, after: str) -> bool:
        """Write the last piece of a line with its hyphen as markup, where that only breaks the word."""
        if not _ends_in_hyphen(word) or _LINK.search(word) or self.profile.keeps_hyphen(word[:-1], after):
            return False
        if text[:-1]:
            self.composer.write(text[:-1])
        self.composer.markup(f"{text[-1]}\n")
        return True


def _ends_in_hyphen(word: str) -> bool:
    return word.endswith(_HYPHENS) and len(word) > 1 and word[-2].isalnum()


def _is_glued(left: str, right: str) -> bool:
    """Tell whether no space stands between the last word of a line and the first one of the next."""
    if _ends_in_hyphen(left):
        return right[:1].isalnum()
    if left.endswith("—") and len(left) > 1:
        return True
    return left[-1:] >= _WIDE and right[:1] >= _WIDE and left[-1:].isalpha() and right[:1].isalpha()


def _is_in_link(broken: str, *, has_room: bool) -> bool:
    """Tell whether a line breaks within an address, given with the break."""
    return bool(_IN_LINK.search(broken)) or (not has_room and bool(_MAYBE_IN_LINK.search(broken)))


def _has_room(pieces: Sequence[Piece], after: Sequence[Piece], edge: float) -> bool:
    """Tell whether the first word of the next line could have stood in this one: so it is no part of its last word."""
    end = next((place for place, piece in enumerate(after) if place and piece.spaced), len(after))
    return edge - pieces[-1].right > after[end - 1].right - after[0].left + 0.5 * after[0].size


def _is_plain(text: str) -> bool:
    """Tell whether raised text is only set so, such as the A of LaTeX."""
    return text.isupper() or (text.isalpha() and len(text) > 3) or not any(map(str.isalnum, text))  # noqa: PLR2004


def _last_word(pieces: Sequence[Piece], before: str) -> str:
    """Return the last word of a line, with what stands before the line of it."""
    start = next((place for place in range(len(pieces) - 1, -1, -1) if pieces[place].spaced), -1)
    word = "".join(piece.text for piece in pieces[max(0, start) :])
    return (word if start >= 0 else before + word)[-_LONGEST_WORD:]


def _first_word(pieces: Sequence[Piece]) -> str:
    word = pieces[0].text
    for piece in pieces[1:]:
        if piece.spaced:
            break
        word += piece.text
    return word


def _joined(block: Block, profile: Profile) -> str:
    """Return how a footnote reads, without its number."""
    composer = Composer()
    Writer(composer, profile, has_bibliography=True)._lines(block.lines, skipped=1)  # noqa: SLF001
    text, layout = composer.finish()
    for mark in reversed(layout.markup):
        text = text[: mark.start] + text[mark.end :]
    return text


def _tree(blocks: Sequence[Block], place: int) -> tuple[list[_Item], int]:
    """Nest the items from one on; return them and the index of the block after the list."""
    roots: list[_Item] = []
    open_items: list[_Item] = []
    while place < len(blocks):
        block = blocks[place]
        if block.kind == "item":
            _nest(roots, open_items, _Item(block=block))
        elif open_items and _belongs(block, open_items[-1].block):
            open_items[-1].more.append(block)
        else:
            break
        place += 1
    return roots, place


def _belongs(block: Block, item: Block) -> bool:
    """Tell whether a paragraph is indented like the text of the item before it."""
    if block.kind != "paragraph" or item.bullet is None:
        return False
    same = block.lines[0].column is item.lines[-1].column and item.lines[0].column is item.lines[-1].column
    left, size = block.lines[0].left, block.size
    return same and left >= item.bullet.content - 0.3 * size and left > block.lines[0].column.left + 0.8 * size


def _nest(roots: list[_Item], open_items: list[_Item], item: _Item) -> None:
    """Put an item below the open item that holds it, or beside the ones before it."""
    while open_items and not _holds(open_items[-1].block, item.block):
        open_items.pop()
    siblings = open_items[-1].below if open_items else roots
    siblings.append(item)
    open_items.append(item)


def _holds(above: Block, block: Block) -> bool:
    """Tell whether an item stands below another one."""
    if above.bullet is None or block.bullet is None:
        return False
    if above.lines[0].column is not block.lines[0].column:
        return False
    return block.bullet.left > above.bullet.left + _INDENT * block.size
