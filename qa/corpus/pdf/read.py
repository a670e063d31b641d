"""The bytes of a PDF -> a Document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from qa.corpus.annotate import Facts, annotate
from qa.corpus.composer import Composer
from qa.corpus.pdf.blocks import Block, blocks_of
from qa.corpus.pdf.columns import Gutter, gutters_of, lines_of
from qa.corpus.pdf.compose import Writer
from qa.corpus.pdf.continued import mark_notes, with_continuations
from qa.corpus.pdf.facts import facts_of
from qa.corpus.pdf.furniture import Extent, furniture_of
from qa.corpus.pdf.outline import mark_headings
from qa.corpus.pdf.page import opened
from qa.corpus.pdf.profile import Profile, profile_of
from qa.corpus.pdf.shapes import Bookmark, Column, Line, Piece, Row
from qa.corpus.pdf.strips import beside, strips_of
from qa.corpus.pdf.unpacked import check_unpacked
from qa.corpus.references import is_bibliography_heading
from qa.errors import DocumentError
from qa.types import Document

_HEAD = 1024
_FEWEST = 16
_GARBLED = 0.5
_SAME_GUTTER = 8.0
_OCR = "Run OCR on it first, for instance with: ocrmypdf"
_REPAIR = "Get the file again, or repair it, for instance with: qpdf in.pdf out.pdf"


@dataclass(slots=True, kw_only=True)
class _Parsed:
    """What the file holds, page by page."""

    pages: list[Extent] = field(default_factory=list)
    turned: dict[int, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    outline: Sequence[Bookmark] = ()
    letters: int = 0
    garbled: int = 0
    images: int = 0


def read_pdf(raw: bytes, facts: Facts, *, path: str, fallback_title: str) -> Document:
    """Read one file.

    Text that goes on in the next column or on the next page is one block; running heads, page numbers, footnotes and
    tables of contents are marked as navigation.

    :param raw: the whole file.
    :param facts: its id and hash.
    :param path: to name the file by in an error.
    :param fallback_title: the title where nothing else gives one.
    :raises DocumentError: when it cannot be read, with reason and remedy.
    """
    _check(raw, path)
    parsed = _parse(raw, path)
    _check_text(parsed, path)
    blocks, profile, title = _blocks(parsed)
    composer = Composer()
    Writer(composer, profile, has_bibliography=_has_bibliography(blocks)).write(blocks)
    text, layout = composer.finish()
    first = " ".join(strip.text for strip in next((page.strips for page in parsed.pages if page.strips), ()))
    known = facts_of(facts, metadata=parsed.metadata, raw=raw, title=title.text if title else None, first_page=first)
    return annotate(text, layout, known, fallback_title=fallback_title)


# --- is it one ------------------------------------------------------------------------------------


def _check(raw: bytes, path: str) -> None:
    """Refuse what is no PDF, or not all of one."""
    if not raw.strip():
        raise DocumentError(path, "it is empty", "Remove it, or get the file again")
    if b"%PDF-" not in raw[:_HEAD]:
        raise DocumentError(path, "it is no PDF, in spite of its name", "Give it the ending of what it is")
    end = max(raw.rfind(b"%%EOF"), raw.rfind(b"startxref"))
    if end < raw.rfind(b"endobj"):
        raise DocumentError(path, "it breaks off before its end", _REPAIR)
    check_unpacked(raw, path)


def _check_text(parsed: _Parsed, path: str) -> None:
    """Refuse a file without a text that could be read."""
    if parsed.letters < _FEWEST and parsed.images:
        raise DocumentError(path, "it is a scan without text", _OCR)
    if not parsed.letters:
        raise DocumentError(path, "it has no text", "Remove it, or run OCR on it, for instance with: ocrmypdf")
    if parsed.garbled > _GARBLED * parsed.letters:
        raise DocumentError(
            path,
            "its text is garbled: its fonts do not say which letters they show",
            "Run OCR on it, for instance with: ocrmypdf --force-ocr",
        )


def _parse(raw: bytes, path: str) -> _Parsed:
    parsed = _Parsed()
    with opened(raw, path) as paper:
        parsed.metadata = paper.metadata()
        parsed.outline = paper.outline()
        for sheet in paper.sheets():
            parsed.pages.append(
                Extent(number=sheet.number, height=sheet.height, strips=strips_of(sheet.glyphs, sheet.dots))
            )
            parsed.letters += sum(not glyph.text.isspace() for glyph in sheet.glyphs)
            parsed.garbled += sheet.garbled
            parsed.images += sheet.images
            if sheet.turned:
                parsed.turned[sheet.number] = sheet.turned
    return parsed


# --- its blocks -----------------------------------------------------------------------------------


def _blocks(parsed: _Parsed) -> tuple[list[Block], Profile, Block | None]:
    """Return the blocks in the order they are written, what is usual in them, and the title."""
    furniture = furniture_of(parsed.pages)
    hidden = {id(strip) for strips in furniture.values() for strip in strips}
    bodies = [[strip for strip in page.strips if id(strip) not in hidden] for page in parsed.pages]
    trusted = _trusted(bodies)
    lines: list[Line] = []
    for page, strips in zip(parsed.pages, bodies, strict=True):
        first = lines[-1].column.order + 1 if lines else 0
        lines += lines_of(strips, page=page.number, first=first, trusted=trusted)
    profile = profile_of(lines)
    blocks = blocks_of(lines, profile)
    mark_notes(blocks, profile)
    title = mark_headings(blocks, profile, parsed.outline)
    blocks = _with_furniture(blocks, furniture, parsed)
    return with_continuations(blocks, profile), profile, title


def _trusted(bodies: Sequence[Sequence[Row]]) -> list[Gutter]:
    """Return the gutters that several pages have at the same place."""
    found = [gutter for strips in bodies for gutter in gutters_of(strips)]
    counts: Counter[int] = Counter(round((start + end) / 2 / _SAME_GUTTER) for start, end in found)
    trusted = []
    for place in sorted(counts):
        if counts[place] >= max(2, 0.2 * len(bodies)):
            near = [gutter for gutter in found if round(sum(gutter) / 2 / _SAME_GUTTER) == place]
            trusted.append((max(start for start, _ in near), min(end for _, end in near)))
    return [(start, end) for start, end in trusted if end > start]


def _with_furniture(blocks: Sequence[Block], furniture: dict[int, list[Row]], parsed: _Parsed) -> list[Block]:
    """Put the furniture of each page before and after its text."""
    by_page: dict[int, list[Block]] = {}
    for block in blocks:
        by_page.setdefault(block.lines[0].page, []).append(block)
    ordered: list[Block] = []
    for page in parsed.pages:
        rows = beside(furniture.get(page.number, ()))
        heads = [row for row in rows if row[0].baseline < page.height / 2]
        feet = [row for row in rows if row[0].baseline >= page.height / 2]
        ordered += _hidden(heads, page.number)
        ordered += by_page.get(page.number, ())
        ordered += _hidden(feet, page.number)
        if page.number in parsed.turned:
            ordered += _hidden([[_as_row(parsed.turned[page.number])]], page.number)
    return ordered


def _hidden(rows: Sequence[Sequence[Row]], page: int) -> list[Block]:
    edge = Column(left=0.0, right=0.0, order=-1)
    return [
        Block(
            kind="furniture",
            lines=[
                Line(
                    [piece for strip in row for piece in (strip.pieces[0]._replace(spaced=True), *strip.pieces[1:])],
                    page=page,
                    column=edge,
                )
            ],
        )
        for row in rows
    ]


def _as_row(text: str) -> Row:
    return Row([Piece(re.sub(r"\s+", " ", text), 0.0, 0.0, 0.0, 1.0, bold=False, mono=False, spaced=False)])


def _has_bibliography(blocks: Sequence[Block]) -> bool:
    return any(block.kind == "heading" and is_bibliography_heading(block.text) for block in blocks)
