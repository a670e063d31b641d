"""A paragraph of a Word document -> its pieces: text, superscripts, breaks, notes, and the text boxes that hang on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from qa.corpus.docx.styles import Styles
from qa.corpus.docx.symbols import readable, symbol
from qa.corpus.docx.xml import Element, R, W, children, chosen, flag, hexadecimal, is_on, short, value

_LISTING = re.compile(r"\s*(?:TOC|INDEX|TOA)\b")
_ADDRESS = re.compile(r'\s*HYPERLINK\s+(?:"(?P<outside>[^"]+)"|\\l\s+"?(?P<inside>[^"\s]+))')
_CROSS_REFERENCE = re.compile(r"\s*(?:NOTEREF|REF)\s")
_SKIPPED = frozenset(
    ["w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:sdtPr", "w:sdtEndPr", "w:rt", "w:rubyPr", "w:hyperlinkPr", "w:tbl"]
)
_BREAKS = frozenset(["w:br", "w:cr"])
_TABS = frozenset(["w:tab", "w:ptab"])
_BOXES = frozenset(["w:drawing", "w:pict", "w:object"])
_NOTES = {"w:footnoteReference": "footnote", "w:endnoteReference": "endnote"}
_DEEPEST_FIELD = 30
_LONGEST_INSTRUCTION = 4000
_FORMULA = {"m:f": "/", "m:sSup": "^", "m:sSub": "_"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece of a paragraph; ``address`` is where it links to, with a number sign first where that is within."""

    kind: Literal["text", "raised", "tab", "break", "hyphen", "note"]
    text: str = ""
    bold: bool = False
    address: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A paragraph's pieces in order; ``is_listing`` where a field makes it part of a table of contents or an index."""

    pieces: tuple[Piece, ...]
    boxes: tuple[Element, ...] = ()
    is_listing: bool = False

    @property
    def text(self) -> str:
        """Return what is written, breaks and tabs as spaces, without notes."""
        return text_of(self.pieces)


def text_of(pieces: Sequence[Piece]) -> str:
    """Return what pieces say, breaks and tabs as spaces, without notes."""
    spaced = (" " if piece.kind in ("tab", "break") else piece.text for piece in pieces if piece.kind != "note")
    return " ".join("".join(spaced).split())


@dataclass(slots=True)
class _Field:
    """A field that is open: its instruction, and whether its result has begun."""

    instruction: str = ""
    is_shown: bool = False

    @property
    def is_listing(self) -> bool:
        """Tell whether its result is a table of contents or an index."""
        return _LISTING.match(self.instruction) is not None

    @property
    def address(self) -> str:
        """Return where its result links to."""
        match = _ADDRESS.match(self.instruction)
        if match is None:
            return "#" if _CROSS_REFERENCE.match(self.instruction) else ""
        return match["outside"] or f"#{match['inside']}"


@dataclass(slots=True)
class Inline:
    """Reads the paragraphs of a story one after the other: a field may start in one and end in another."""

    styles: Styles
    links: Mapping[str, str]
    notes: Mapping[tuple[str, str], int]
    _fields: list[_Field] = field(default_factory=list)
    _pieces: list[Piece] = field(default_factory=list)
    _boxes: list[Element] = field(default_factory=list)
    _addresses: list[str] = field(default_factory=list)
    _style: str = ""
    _listed: bool = False
    _deeper: int = 0  # how many fields are open within the deepest that is read

    def read(self, paragraph: Element, style: str) -> Line:
        """Read a paragraph.

        :param paragraph: a ``w:p``.
        :param style: the id of its style.
        """
        self._style = style
        self._pieces, self._boxes = [], []
        self._listed = any(each.is_listing for each in self._fields)
        self._within(paragraph)
        # A field whose instruction is never ended would swallow the rest of the document.
        self._fields = [each for each in self._fields if each.is_shown]
        return Line(pieces=tuple(self._pieces), boxes=tuple(self._boxes), is_listing=self._listed)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Read another story, such as a text box, in the middle of this one."""
        kept, self._fields = self._fields, []
        yield
        self._fields = kept

    # --- what holds runs --------------------------------------------------------------------------

    def _within(self, element: Element) -> None:
        for tag, child in children(element):
            if tag == "w:r":
                self._run(child)
            elif tag in ("m:oMath", "m:oMathPara"):
                self._add(Piece(kind="text", text=_formula(child)))
            elif tag == "mc:AlternateContent":
                rendering = chosen(child)
                if rendering is not None:
                    self._within(rendering)
            elif tag in ("w:hyperlink", "w:fldSimple"):
                with self._linked(tag, child):
                    self._within(child)
            elif tag not in _SKIPPED and not (tag == "w:sdt" and is_placeholder(child)):
                self._within(child)

    @contextmanager
    def _linked(self, tag: str, element: Element) -> Iterator[None]:
        """Let the pieces in a link or a simple field have its address."""
        if tag == "w:fldSimple":
            simple = _Field(instruction=element.get(f"{W}instr", ""))
            self._listed = self._listed or simple.is_listing
            self._addresses.append(simple.address)
        else:
            outside = self.links.get(element.get(f"{R}id", ""), "")
            self._addresses.append(outside or f"#{element.get(f'{W}anchor', '')}")
        yield
        self._addresses.pop()

    # --- runs -------------------------------------------------------------------------------------

    def _run(self, run: Element) -> None:
        properties = run.find(f"{W}rPr")
        styles = [value(properties, "rStyle") or "", self._style]
        if self.styles.is_on("vanish", properties, styles):
            return
        bold = self.styles.is_on("b", properties, styles)
        for tag, child in children(run):
            if tag == "w:fldChar":
                self._field(child.get(f"{W}fldCharType"))
            elif tag == "w:instrText":
                self._instruct(child.text or "")
            elif tag in _BOXES or tag == "mc:AlternateContent":
                self._boxes.extend(_boxes_of(child))
            elif tag == "w:ruby":
                base = child.find(f"{W}rubyBase")
                if base is not None:
                    self._within(base)
            elif all(each.is_shown for each in self._fields):
                self._content(tag, child, properties, bold=bold)

    def _content(self, tag: str, child: Element, properties: Element | None, *, bold: bool) -> None:
        """Read one visible thing of a run."""
        if tag == "w:t":
            self._text(readable(child.text or "", _font(properties)), properties, bold=bold)
        elif tag == "w:sym":
            code = hexadecimal(child.get(f"{W}char"))
            self._text(symbol(code, child.get(f"{W}font", "")), properties, bold=bold)
        elif tag == "w:noBreakHyphen":
            self._text("-", properties, bold=bold)
        elif tag == "w:softHyphen":
            self._add(Piece(kind="hyphen", text="\u00ad"))
        elif tag in _BREAKS:
            self._add(Piece(kind="break"))
        elif tag in _TABS:
            self._add(Piece(kind="tab"))
        elif tag in _NOTES:
            self._note(_NOTES[tag], child)

    def _text(self, text: str, properties: Element | None, *, bold: bool) -> None:
        raised = self.styles.is_raised(properties, value(properties, "rStyle") or "", text)
        own = [address for address in (*self._addresses, *(each.address for each in self._fields)) if address]
        address = own[-1] if own else ""
        for place, part in enumerate(text.split("\u00ad")):
            if place:
                self._add(Piece(kind="hyphen", text="\u00ad"))
            if part:
                self._add(Piece(kind="raised" if raised else "text", text=part, bold=bold, address=address))

    def _note(self, kind: str, child: Element) -> None:
        """Add a note's mark: its number, or what the run shows instead."""
        number = self.notes.get((kind, child.get(f"{W}id", "")))
        if number is None:
            return
        own = is_on(child.get(f"{W}customMarkFollows"))
        self._add(Piece(kind="note", text="" if own else str(number), number=number))

    def _field(self, kind: str | None) -> None:
        if kind == "begin" and len(self._fields) == _DEEPEST_FIELD:
            self._deeper += 1
        elif self._deeper:
            self._deeper -= kind == "end"
        elif kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].is_shown = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _instruct(self, text: str) -> None:
        if self._fields and not self._fields[-1].is_shown and len(self._fields[-1].instruction) < _LONGEST_INSTRUCTION:
            self._fields[-1].instruction += text
            self._listed = self._listed or self._fields[-1].is_listing

    def _add(self, piece: Piece) -> None:
        self._pieces.append(piece)


def is_placeholder(control: Element) -> bool:
    """Tell whether a content control shows only what to fill in.

    :param control: a ``w:sdt``.
    """
    return bool(flag(control.find(f"{W}sdtPr"), "showingPlcHdr"))


def _font(properties: Element | None) -> str:
    fonts = properties.find(f"{W}rFonts") if properties is not None else None
    return "" if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or ""


def _boxes_of(element: Element | None) -> Iterator[Element]:
    """Find the text boxes in a drawing, each once though it is written in two ways."""
    tag = "" if element is None else short(element.tag)
    if element is None or tag == "w:txbxContent":
        yield from () if element is None else (element,)
    elif tag == "mc:AlternateContent":
        yield from _boxes_of(chosen(element))
    else:
        for _, child in children(element):
            yield from _boxes_of(child)


def _formula(element: Element) -> str:
    """Write a formula in one line."""
    texts = [child.text or "" if tag == "m:t" else _formula(child) for tag, child in children(element)]
    between = _FORMULA.get(short(element.tag), "")
    return between.join(text for text in texts if text)
