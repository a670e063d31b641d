"""A Word document -> a Document. The only package that knows Word's XML."""

from __future__ import annotations

from dataclasses import replace

from qa.corpus.annotate import Facts, annotate
from qa.corpus.composer import Composer
from qa.corpus.docx.body import Body, UnreadPart
from qa.corpus.docx.facts import facts_of
from qa.corpus.docx.headings import heads_by_looks
from qa.corpus.docx.lists import Lists
from qa.corpus.docx.notes import entries_of_notes, numbers_of_notes
from qa.corpus.docx.numbering import Counter
from qa.corpus.docx.package import Package, open_package
from qa.corpus.docx.pieces import Inline
from qa.corpus.docx.styles import Styles
from qa.corpus.docx.xml import W
from qa.corpus.layout import Layout
from qa.errors import DocumentError
from qa.types import Document

__all__ = ["read_docx"]

_PICTURES = (f"{W}drawing", f"{W}pict", f"{W}object")
_REMEDY = "Open it in Word or LibreOffice and save it as .docx again"


def read_docx(raw: bytes, facts: Facts, *, path: str, fallback_title: str) -> Document:
    """Read a Word file: what a reader sees of its body, without headers, footers, comments and deleted text.

    :param raw: the whole file.
    :param facts: its id and hash.
    :param path: to name the file by in an error.
    :param fallback_title: the title where nothing else gives one.
    :raises DocumentError: when it cannot be read, or holds no text.
    """
    package = open_package(raw, path)
    try:
        text, layout, title = _compose(package, first_note=1)
        if layout.notes and (taken := _numbered_sources(text, layout, facts)):
            text, layout, title = _compose(package, first_note=taken + 1)
    except UnreadPart as error:
        raise DocumentError(path, "a part of it is kept in another format inside the file", _REMEDY) from error
    except (RecursionError, ValueError) as error:
        raise DocumentError(path, "it is damaged, or nested too deeply", _REMEDY) from error
    if not text.strip():
        raise _empty(package, path)
    known = facts_of(package, facts, text=text, visible_title=title)
    return annotate(text, layout, known, fallback_title=fallback_title)


def _compose(package: Package, *, first_note: int) -> tuple[str, Layout, str | None]:
    """Return the text, its layout and the paragraph that is styled as the title.

    :param first_note: the number of the first footnote or endnote.
    """
    composer = Composer()
    styles = Styles(package.styles)
    numbers = numbers_of_notes(package.body, first_note)
    body = Body(
        composer=composer,
        styles=styles,
        counter=Counter(package.numbering, styles),
        inline=Inline(styles, package.links, numbers),
        heads=heads_by_looks(package.body, styles),
        lists=Lists(composer),
    )
    body.read(package.body)
    notes = entries_of_notes({"footnote": package.footnotes, "endnote": package.endnotes}, numbers, styles)
    for reference in [*body.references, *notes]:
        composer.note(reference)
    return (*composer.finish(), body.title)


def _numbered_sources(text: str, layout: Layout, facts: Facts) -> int:
    """Return the highest number in a typed list of references, 0 without one: a footnote must not take its place."""
    typed = annotate(text, replace(layout, notes=()), facts, fallback_title="").references
    return max((reference.number for reference in typed), default=0)


def _empty(package: Package, path: str) -> DocumentError:
    if next(package.body.iter(*_PICTURES), None) is not None:
        return DocumentError(
            path, "it holds pictures and no text", "Run text recognition (OCR) over it and save it again"
        )
    return DocumentError(path, "it holds no text", "Write something into it, or delete it")
