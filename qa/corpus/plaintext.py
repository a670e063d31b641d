"""A plain text -> its layout: headings, blocks, and the marks of emphasis and lists people type into plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from qa.corpus.furniture import furniture
from qa.corpus.layout import BlockKind, Draft, Heading, Layout
from qa.corpus.lines import Bullet, Line, lines_of
from qa.corpus.raised import raised_markers
from qa.types import Span

_LONGEST_HEADING = 80
_MOST_WORDS = 12
_LONGEST_ITEM = 160
_LIST_RUN = 3
_WRAP_WIDTH = range(50, 121)
_WRAPPED_SHARE = 0.3

_BOLD = re.compile(r"\*\*(?=[^\s*])(?P<inner>[^\n]{0,400}?[^\s*])\*\*|(?<![\w_])__(?=[^\s_])(?P<under>[^\n]{0,400}?[^\s_])__(?![\w_])")
_HASHES = re.compile(r"#{1,6}(?=[ \t]+\S)")
_CLOSING_HASHES = re.compile(r"[ \t]#+$")
_UNDERLINE = re.compile(r"(?:=+|-+|~+)")
_CLOSES = re.compile(r"[.!:;,…。！：；，][\"'”’)\]*_]*$")
_NUMBERED_END = re.compile(r"\w[ )\]]?\d[\d, –-]*$")
_DANGLING = re.compile(
    r"\b(?:includ(?:es?|ing)|with|on|of|are|is|was|were|the|an?|to|by|from|for|as|and|or|following|at|in|may|can|that|than|if|when)$"
)
_TABULAR = re.compile(r"\t|\S {3,}\S|\s\|\s|^\||\|$")
_LINK = re.compile(r"https?://|www\.|\S@\S+\.\w|\]\(")
_BIBLIOGRAPHY = re.compile(
    r"(?:references?|bibliography|sources?|literature|works cited|citations|further reading|notes|footnotes|endnotes):",
    re.IGNORECASE,
)
_FIELD = re.compile(r"[\"'“‘(\[*_]*(?P<first>\w)")


def parse_plain_text(text: str) -> Layout:
    """Find the headings, blocks and markup of a plain text. All its headings are of one level.

    :param text: the whole text, newlines normalised.
    """
    lines = lines_of(text)
    wrapped = is_wrapped(lines)
    headings = _headings(lines, wrapped=wrapped)
    drafts = _Blocks(text, lines, frozenset(headings), wrapped=wrapped).drafts()
    markup = sorted(_markup(text, lines, headings), key=lambda span: span.start)
    found = tuple(Heading(span=span, title=_title(text, span, markup), level=1) for span in headings.values())
    return Layout(headings=found, drafts=drafts, markup=tuple(markup), markers=tuple(raised_markers(text)))


def is_wrapped(lines: Sequence[Line]) -> bool:
    """Tell whether the text was broken into lines by width, so that a line break ends nothing.

    :param lines: of the whole text.
    """
    pairs = broken = 0
    for line, after in zip(lines, lines[1:], strict=False):
        if line.blank or after.blank or after.bullet is not None:
            continue
        pairs += 1
        full = len(line.text) + line.indent in _WRAP_WIDTH
        broken += full and not _CLOSES.search(line.text) and after.text[0].islower()
    return broken >= 2 and broken >= _WRAPPED_SHARE * pairs  # noqa: PLR2004


# --- headings -------------------------------------------------------------------------------------


def _headings(lines: Sequence[Line], *, wrapped: bool) -> dict[int, Span]:
    """Return the spans of the headings by the number of the line each starts on."""
    found: dict[int, Span] = {}
    number = 0
    while number < len(lines):
        run = _short_run(lines, number)
        if not run:
            number += 1
            continue
        for place in _headings_of_run(lines, run, wrapped=wrapped):
            found[place] = _heading_span(lines, place)
        number = run[-1] + 1
    return found


def _short_run(lines: Sequence[Line], start: int) -> list[int]:
    """Return the numbers of the lines from ``start`` on that do not close like a sentence, without a blank between."""
    run = []
    number = start
    while number < len(lines) and _is_open(lines[number]):
        run.append(number)
        number += 2 if _underlined(lines, number) else 1
    return run


def _is_open(line: Line) -> bool:
    """Tell whether a line could stand in a list without bullets, or be a heading."""
    if not line.text or len(line.text) > _LONGEST_ITEM:
        return False
    return could_head(line) or (line.bullet is None and not _CLOSES.search(line.text) and not _NUMBERED_END.search(line.text))


def _headings_of_run(lines: Sequence[Line], run: Sequence[int], *, wrapped: bool) -> Sequence[int]:
    """Pick the headings among consecutive short lines: a long run is a list, not so many headings."""
    sure = [place for place in run if _is_marked(lines, place)]
    if sure:
        return sure
    before, after = run[0] - 1, run[-1] + 1
    if all(line.blank for line in lines[after:]):
        return ()
    starts_apart = before < 0 or lines[before].blank
    ends_apart = lines[after].blank
    opens = all(line.blank for line in lines[: run[0]])
    if wrapped:
        clear = len(run) == 1 and starts_apart and (ends_apart or lines[run[0]].text.isupper())
        return run if clear and could_head(lines[run[0]]) else ()
    introduced = not starts_apart and _announces(lines[before].text) and lines[before].bullet is None
    heads = [place for place in run if could_head(lines[place])]
    if not introduced and len(run) < _LIST_RUN + opens:
        return heads
    if not heads or heads[-1] != run[-1]:
        return ()
    stands_out = _is_title_case(lines[run[-1]].text) and not all(_is_title_case(lines[n].text) for n in run)
    return run[-1:] if stands_out and not ends_apart else ()


def _is_title_case(text: str) -> bool:
    """Tell whether all the longer words of a line, two or more in all, start with a capital."""
    words = text.split()
    return len(words) > 1 and all(word[0].isupper() for word in words if len(word) > 3)  # noqa: PLR2004


def could_head(line: Line) -> bool:
    """Tell whether a line could be a heading by its own looks.

    :param line: of a plain text.
    """
    text = line.text
    if not text or len(text) > _LONGEST_HEADING or line.bullet is not None:
        return False
    if _BIBLIOGRAPHY.fullmatch(text) or _HASHES.match(text):
        return True
    first = _FIELD.match(text)
    if first is None or not (first["first"].isupper() or first["first"].isdigit()) or len(text.split()) > _MOST_WORDS:
        return False
    if _CLOSES.search(text) or _DANGLING.search(text) or _TABULAR.search(text) or _LINK.search(text):
        return False
    return any(character.isalpha() for character in text) and furniture(_BOLD.sub(_unbold, text)) is None


def _unbold(pair: re.Match[str]) -> str:
    return pair["inner"] or pair["under"] or ""


def _is_marked(lines: Sequence[Line], number: int) -> bool:
    text = lines[number].text
    return bool(_HASHES.match(text)) or _underlined(lines, number) or bool(_BIBLIOGRAPHY.fullmatch(text))


def _underlined(lines: Sequence[Line], number: int) -> bool:
    """Tell whether the line after is a rule about as long as the line (setext style)."""
    if number + 1 >= len(lines):
        return False
    rule = lines[number + 1].text
    return len(rule) >= max(3, len(lines[number].text) // 2) and _UNDERLINE.fullmatch(rule) is not None


def _heading_span(lines: Sequence[Line], number: int) -> Span:
    last = lines[number + 1] if _underlined(lines, number) else lines[number]
    return Span(start=lines[number].span.start, end=last.span.end)


def _title(text: str, span: Span, markup: Sequence[Span]) -> str:
    """Read a heading without its markup."""
    kept = []
    at = span.start
    for mark in markup:
        if span.contains(mark):
            kept.append(text[at : mark.start])
            at = mark.end
    kept.append(text[at : span.end])
    return " ".join("".join(kept).split()).rstrip(":")


# --- blocks ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Blocks:
    """Groups lines to blocks and remembers which list items are open."""

    text: str
    lines: Sequence[Line]
    headings: frozenset[int]
    wrapped: bool
    found: list[Draft] = field(default_factory=list)
    open_items: list[tuple[Bullet, int]] = field(default_factory=list)
    groups: int = 0
    blank: bool = True
    in_loose_list: bool = False

    def drafts(self) -> tuple[Draft, ...]:
        """Walk through the lines once."""
        skip = -1
        for number, line in enumerate(self.lines):
            if number == skip:
                continue
            if line.blank:
                self.blank = True
                continue
            if number in self.headings:
                span = _heading_span(self.lines, number)
                skip = number + 1 if span.end > line.span.end else skip
                self._start(span, "heading")
            elif line.bullet is not None:
                self._item(line, line.bullet)
            elif not self._continues(number, line):
                self._paragraph(number, line)
            self.blank = False
        return tuple(self.found)

    def _start(self, span: Span, kind: BlockKind, *, group: int = -1, parent: int = -1) -> None:
        if kind != "item":
            self.open_items.clear()
        self.in_loose_list = False
        self.found.append(Draft(span=span, kind=kind, group=group, parent=parent))

    def _continues(self, number: int, line: Line) -> bool:
        """Lengthen the last block by a line when the text is wrapped and the line goes on with it."""
        if self.blank or not self.found or self.found[-1].kind == "heading" or number - 1 in self.headings:
            return False
        last = self.found[-1]
        under_item = last.kind == "item" and bool(self.open_items) and line.indent > self.open_items[-1][0].indent
        if not (self.wrapped or under_item):
            return False
        longer = Span(start=last.span.start, end=line.span.end)
        self.found[-1] = Draft(span=longer, kind=last.kind, group=last.group, parent=last.parent)
        return True

    def _paragraph(self, number: int, line: Line) -> None:
        """Start a paragraph, or an item where short lines run on below a line that announces them."""
        announced = number > 0 and self.found and self.found[-1].kind == "paragraph" and not self.blank
        if not self.wrapped and could_head(line) and (self.in_loose_list or (announced and _announces(self.lines[number - 1].text))):
            if not self.in_loose_list:
                self.groups += 1
            self._start(line.span, "item", group=self.groups)
            self.in_loose_list = True
            return
        self._start(line.span, "paragraph")

    def _item(self, line: Line, bullet: Bullet) -> None:
        """Start an item below the open item that holds it, if any."""
        while self.open_items and not self._holds(self.open_items[-1], bullet):
            self.open_items.pop()
        siblings = [index for opener, index in self.open_items if _same_list(opener, bullet)]
        if siblings:
            while self.open_items and not _same_list(self.open_items[-1][0], bullet):
                self.open_items.pop()
            sibling = self.found[self.open_items.pop()[1]]
            group, parent = sibling.group, sibling.parent
        elif self.open_items:
            group, parent = -1, self.open_items[-1][1]
        else:
            self.groups += 1
            group, parent = self.groups, -1
        self._start(line.span, "item", group=group, parent=parent)
        self.open_items.append((bullet, len(self.found) - 1))

    def _holds(self, opener: tuple[Bullet, int], bullet: Bullet) -> bool:
        """Tell whether an open item is a sibling of a new one, or can be its parent."""
        above, index = opener
        if above.indent != bullet.indent:
            return above.indent < bullet.indent
        if above.kind == bullet.kind:
            return True
        is_sibling_open = any(_same_list(other, bullet) for other, _ in self.open_items[:-1])
        return not is_sibling_open and _announces(self.found[index].span.of(self.text))


def _announces(text: str) -> bool:
    return text.rstrip("*_ ").endswith(":")


def _same_list(above: Bullet, bullet: Bullet) -> bool:
    return above.indent == bullet.indent and above.kind == bullet.kind


# --- markup ---------------------------------------------------------------------------------------


def _markup(text: str, lines: Sequence[Line], headings: dict[int, Span]) -> list[Span]:
    """Find bullets, ordinals, pairs of ``**`` and ``__``, and the hashes and rules of headings."""
    marks = [line.bullet.span for line in lines if line.bullet is not None]
    taken = {span.start for span in marks}
    if "**" in text or "__" in text:
        for pair in _BOLD.finditer(text):
            for start in (pair.start(), pair.end() - 2):
                if start not in taken:
                    marks.append(Span(start=start, end=start + 2))
    for number, span in headings.items():
        line = lines[number]
        hashes = _HASHES.match(line.text)
        if hashes:
            marks.append(Span(start=span.start, end=span.start + hashes.end()))
            tail = _CLOSING_HASHES.search(line.text)
            if tail:
                marks.append(Span(start=span.start + tail.start() + 1, end=line.span.end))
        if span.end > line.span.end:
            rule = lines[number + 1].span
            marks.append(rule)
    return marks
