"""The bytes of a PDF -> its pages' characters, its outline and its metadata: the only module that knows pdfium.

pdfium is not thread-safe: one file is open at a time, and whatever was opened in it is closed before it is.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from threading import Lock
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as api

from qa.corpus.pdf.letters import CORK, SOFT_HYPHEN, SPACE, is_garbled, letter
from qa.corpus.pdf.shapes import Bookmark, Dot, Glyph, Sheet
from qa.errors import DocumentError

MOST_PAGES = 20_000
MOST_CHARACTERS = 30_000_000
_BOLD = re.compile(r"bold|black|heavy|demi|cmb|bx\d|-medi|\bmedi\b", re.IGNORECASE)
_MONO = re.compile(r"mono|monl|courier|typewriter|consol|menlo|cmtt|lmtt|tt\d+$", re.IGNORECASE)
_FORCED_BOLD = 1 << 18
_NO_BREAK = 0xA0
_SKEWED = -1
_MOST_DRAWN = 4_000
_MOST_BOOKMARKS = 20_000
_FACTS = ("Title", "CreationDate")
_WIDEST_DOT = 7
_LOCK = Lock()


class _Style(NamedTuple):
    """What all the characters of a text object have in common; ``turns`` counts quarter turns to the left."""

    size: float
    turns: int
    bold: bool
    mono: bool


class Paper:
    """An open file."""

    def __init__(self, document: pdfium.PdfDocument, path: str) -> None:
        """Keep the file.

        :param document: open, and closed by whoever opened it.
        :param path: to name it by in an error.
        """
        self._document = document
        self._path = path
        self._characters = 0

    @property
    def pages(self) -> int:
        """Return the number of pages."""
        return len(self._document)

    def metadata(self) -> dict[str, str]:
        """Return what the file says of itself, such as its ``Title``."""
        pairs = ((key, _text(partial(api.FPDF_GetMetaText, self._document, key.encode()))) for key in _FACTS)
        return {key: value for key, value in pairs if value}

    def outline(self) -> tuple[Bookmark, ...]:
        """Return the bookmarks that lead to a page of the file, as far as they are not absurdly many."""
        found = []
        for mark in islice(self._document.get_toc(max_depth=6), _MOST_BOOKMARKS):
            target = mark.get_dest()
            page = target.get_index() if target is not None else None
            title = " ".join(_text(partial(api.FPDFBookmark_GetTitle, mark)).split())
            if page is not None and page >= 0 and title:
                found.append(Bookmark(title=title, page=page + 1, depth=mark.level))
        return tuple(found)

    def sheets(self) -> Iterator[Sheet]:
        """Yield the pages in order.

        :raises DocumentError: at a page that cannot be read, or when there are too many characters.
        """
        for index in range(self.pages):
            page = api.FPDF_LoadPage(self._document.raw, index)
            if not page:
                raise DocumentError(
                    self._path,
                    f"its page {index + 1} of {self.pages} is damaged",
                    "Get the file again, or repair it, for instance with: qpdf in.pdf out.pdf",
                )
            try:
                yield self._sheet(page, index + 1)
            finally:
                api.FPDF_ClosePage(page)

    def _sheet(self, page: ctypes.c_void_p, number: int) -> Sheet:
        text = api.FPDFText_LoadPage(page)
        try:
            count = max(0, api.FPDFText_CountChars(text)) if text else 0
            self._characters += count
            if self._characters > MOST_CHARACTERS:
                raise DocumentError(
                    self._path, f"it holds more than {MOST_CHARACTERS:,} characters", "Split it into several files"
                )
            return _Reader(page, text, number).sheet(count)
        finally:
            if text:
                api.FPDFText_ClosePage(text)


def _text(call: Callable[[ctypes.Array[ctypes.c_char] | None, int], int]) -> str:
    """Return a text that pdfium writes as UTF-16 into a buffer; half of a character is replaced."""
    size = call(None, 0)
    buffer = ctypes.create_string_buffer(size)
    call(buffer, size)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")


@contextmanager
def opened(raw: bytes, path: str) -> Iterator[Paper]:
    """Hold a file open.

    :param raw: the whole file.
    :param path: to name it by in an error.
    :raises DocumentError: when it is no PDF, broken, locked or absurdly long.
    """
    with _LOCK:
        try:
            document = pdfium.PdfDocument(raw)
        except pdfium.PdfiumError as error:
            raise _refusal(path, getattr(error, "err_code", None)) from error
        try:
            if not 0 < len(document) <= MOST_PAGES:
                reason = f"it claims to have {len(document):,} pages" if len(document) else "it has no page"
                raise DocumentError(path, reason, f"Give a PDF of 1 to {MOST_PAGES:,} pages")
            yield Paper(document, path)
        finally:
            document.close()


def _refusal(path: str, code: int | None) -> DocumentError:
    if code in (api.FPDF_ERR_PASSWORD, api.FPDF_ERR_SECURITY):
        remedy = "Remove the password, for instance with: qpdf --decrypt --password=SECRET in.pdf out.pdf"
        return DocumentError(path, "it is locked with a password", remedy)
    remedy = "Get the file again, or repair it, for instance with: qpdf in.pdf out.pdf"
    return DocumentError(path, "it is broken, and no page of it can be found", remedy)


class _Reader:
    """Reads the characters of one page."""

    def __init__(self, page: ctypes.c_void_p, text: ctypes.c_void_p, number: int) -> None:
        self.page = page
        self.text = text
        self.number = number
        self.styles: dict[int, _Style] = {}
        self.fonts: dict[int, tuple[bool, bool]] = {}
        box = api.FS_RECTF()
        api.FPDF_GetPageBoundingBox(page, box)
        self.box = (box.left, box.bottom, box.right, box.top)

    def sheet(self, count: int) -> Sheet:
        """Read the page.

        :param count: of its characters.
        """
        found = [entry for entry in map(self._character, range(count)) if entry is not None]
        garbled = sum(is_garbled(code) for code, _, _ in found)
        turns: Counter[int] = Counter(style.turns for _, style, _ in found if style is not None)
        turns.pop(_SKEWED, None)
        upright = max(sorted(turns), key=lambda turn: turns[turn]) if turns else 0
        width, height = self._extent(upright)
        glyphs, turned = self._placed(found, upright)
        return Sheet(
            number=self.number,
            width=width,
            height=height,
            glyphs=tuple(
                glyph for glyph in glyphs if glyph.right > 0 and glyph.left < width and 0 < glyph.baseline < height
            ),
            turned=turned,
            garbled=garbled,
            images=0 if found else self._images(),
            dots=() if upright else self._dots(),
        )

    def _images(self) -> int:
        """Count the images of the page, also those in a form that is put on it."""
        found = 0
        for place in range(api.FPDFPage_CountObjects(self.page)):
            entry = api.FPDFPage_GetObject(self.page, place)
            kind = api.FPDFPageObj_GetType(entry)
            found += kind == api.FPDF_PAGEOBJ_IMAGE
            if kind == api.FPDF_PAGEOBJ_FORM:
                inner = (api.FPDFFormObj_GetObject(entry, at) for at in range(api.FPDFFormObj_CountObjects(entry)))
                found += sum(api.FPDFPageObj_GetType(other) == api.FPDF_PAGEOBJ_IMAGE for other in inner)
        return found

    def _dots(self) -> tuple[Dot, ...]:
        """Find what is drawn as small as a list's bullet: browsers draw theirs instead of writing them."""
        found = []
        count = api.FPDFPage_CountObjects(self.page)
        edges = [ctypes.c_float() for _ in range(4)]
        for place in range(count if count <= _MOST_DRAWN else 0):
            entry = api.FPDFPage_GetObject(self.page, place)
            if api.FPDFPageObj_GetType(entry) == api.FPDF_PAGEOBJ_PATH and api.FPDFPageObj_GetBounds(entry, *edges):
                left, bottom, right, top = (edge.value for edge in edges)
                if 1 < right - left < _WIDEST_DOT and abs((right - left) - (top - bottom)) < 0.3 * (right - left):
                    found.append(Dot(left - self.box[0], right - self.box[0], self.box[3] - (top + bottom) / 2))
        return tuple(found)

    def _extent(self, turns: int) -> tuple[float, float]:
        left, bottom, right, top = self.box
        return (top - bottom, right - left) if turns % 2 else (right - left, top - bottom)

    def _character(self, place: int) -> tuple[int, _Style | None, tuple[float, ...]] | None:
        """Return a character's code, style (none for a space), and its origin and box; nothing for what pdfium added."""
        code: int = api.FPDFText_GetUnicode(self.text, place)
        if (code <= SPACE and code != 0x02 and code not in CORK) or code == _NO_BREAK:  # noqa: PLR2004
            return None if code == 0 else (SPACE, None, ())
        target = api.FPDFText_GetTextObject(self.text, place)
        address = ctypes.addressof(target.contents) if target else 0
        style = self.styles.get(address)
        if style is None:
            style = self.styles[address] = self._style(place, target)
        x, y, box = _X, _Y, _BOX
        api.FPDFText_GetCharOrigin(self.text, place, x, y)
        api.FPDFText_GetLooseCharBox(self.text, place, box)
        return code, style, (x.value, y.value, box.left, box.bottom, box.right, box.top)

    def _style(self, place: int, target: ctypes.c_void_p) -> _Style:
        matrix = api.FS_MATRIX()
        api.FPDFText_GetMatrix(self.text, place, matrix)
        size = api.FPDFText_GetFontSize(self.text, place) * math.hypot(matrix.c, matrix.d)
        angle = math.degrees(math.atan2(matrix.b, matrix.a))
        turns = round(angle / 90) % 4 if abs(angle - 90 * round(angle / 90)) < 8 else _SKEWED  # noqa: PLR2004
        bold, mono = self._font(target) if target else (False, False)
        if target and api.FPDFTextObj_GetTextRenderMode(target) == api.FPDF_TEXTRENDERMODE_FILL_STROKE:
            bold = True
        return _Style(size=round(abs(size), 1) or 1.0, turns=turns, bold=bold, mono=mono)

    def _font(self, target: ctypes.c_void_p) -> tuple[bool, bool]:
        font = api.FPDFTextObj_GetFont(target)
        address = ctypes.addressof(font.contents) if font else 0
        if address not in self.fonts:
            buffer = ctypes.create_string_buffer(128)
            api.FPDFFont_GetBaseFontName(font, buffer, 128)
            name = buffer.value.decode("utf-8", "replace").rpartition("+")[2]
            flags = api.FPDFFont_GetFlags(font)
            bold = bool(_BOLD.search(name)) or (flags >= 0 and bool(flags & _FORCED_BOLD))
            self.fonts[address] = bold, bool(_MONO.search(name))
        return self.fonts[address]

    def _placed(
        self, found: list[tuple[int, _Style | None, tuple[float, ...]]], upright: int
    ) -> tuple[list[Glyph], str]:
        """Turn the upright characters to glyphs, and return the others' text."""
        glyphs: list[Glyph] = []
        turned: list[str] = []
        spaced = False
        for code, style, place in found:
            if style is None:
                spaced = True
            elif style.turns != upright:
                turned.append(f" {letter(code)}" if spaced else letter(code))
                spaced = False
            else:
                left, right, baseline = _upright(place, upright, self.box)
                if code == SOFT_HYPHEN and right - left < 0.05 * style.size:
                    continue
                glyphs.append(
                    Glyph(letter(code), left, max(left, right), baseline, style.size, style.bold, style.mono, spaced)
                )
                spaced = False
        return glyphs, "".join(turned).strip()


_X, _Y, _BOX = ctypes.c_double(), ctypes.c_double(), api.FS_RECTF()


def _upright(
    place: tuple[float, ...], turns: int, page: tuple[float, float, float, float]
) -> tuple[float, float, float]:
    """Return a character's left and right edge and its baseline on the page turned so that it stands upright."""
    x, y, left, bottom, right, top = place
    page_left, page_bottom, page_right, page_top = page
    if turns == 1:
        return y - page_bottom, top - page_bottom, x - page_left
    if turns == 2:  # noqa: PLR2004
        return page_right - x, page_right - left, y - page_bottom
    if turns == 3:  # noqa: PLR2004
        return page_top - y, page_top - bottom, page_right - x
    return x - page_left, right - page_left, page_top - y
