"""An EPUB -> a Document: its pages in reading order, each read as an HTML page, as one text."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

from lxml import etree

from qa.corpus.annotate import Facts, annotate
from qa.corpus.archive import Archive, open_archive
from qa.corpus.composer import Composer
from qa.corpus.html.hide import hidden_of
from qa.corpus.html.marks import raised_classes
from qa.corpus.html.meta import iso_date
from qa.corpus.html.notes import Notes, Page, find_notes
from qa.corpus.html.tree import Element, attribute, heading_level, parse_html, tokens_of
from qa.corpus.html.walk import write_page
from qa.errors import DocumentError
from qa.types import Document

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_LOCKS = ("META-INF/license.lcpl", "META-INF/sinf.xml")
# Only fonts are scrambled by these, and the text is open: https://www.w3.org/TR/epub-33/#sec-font-obfuscation
_FONTS_ONLY = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
_READABLE = ("html", "dtbook")
_MOST_BYTES = 50_000_000  # of pages
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")  # no UTF-8, but the parser lets it pass and cannot read it back
_LARGEST_STYLE = 500_000
_LONGEST_COVER = 60  # words
_REMEDY = "Open it in an e-book program and save it as an EPUB again"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A file that the book's package lists, by its name in the archive."""

    name: str
    media: str
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """What the package says: where it is, its parts by id, the order to read them in, and which parts are covers and tables of contents."""

    root: Element
    name: str
    parts: Mapping[str, _Part]
    spine: tuple[_Part, ...]
    covers: frozenset[str]
    navs: frozenset[str]


def read_epub(raw: bytes, facts: Facts, *, path: str, fallback_title: str) -> Document:
    """Read a book: its pages in their order, with what the package says of it.

    :param raw: the whole file.
    :param facts: its id and hash.
    :param path: to name the file by in an error.
    :param fallback_title: the title where nothing else gives one.
    :raises DocumentError: when it is locked, damaged or unpacks to too much, or holds no text.
    """
    try:
        return _read(raw, facts, path, fallback_title)
    except UnicodeDecodeError as error:  # lxml lets damaged names and values pass, and fails when they are asked for
        raise DocumentError(path, "its package is damaged: it holds text in no known encoding", _REMEDY) from error


def _read(raw: bytes, facts: Facts, path: str, fallback_title: str) -> Document:
    archive = open_archive(raw, path, what="an EPUB")
    _check_locks(archive, path)
    book = _book(archive, path)
    pages = list(_pages(archive, book, path))
    notes = find_notes(pages)
    labels = _labels(archive, book, path)
    composer = Composer()
    raised = raised_classes(_styles(archive, book))
    for page in pages:
        _write(page, book, notes, labels.get(page.name), raised, composer)
    for reference in notes.references:
        composer.note(reference)
    text, layout = composer.finish()
    if not text.strip():
        raise DocumentError(path, "it holds no text", "If its pages are pictures, run text recognition (OCR) over them")
    return annotate(text, layout, _with_metadata(facts, book), fallback_title=fallback_title)


# --- the package ----------------------------------------------------------------------------------


def _check_locks(archive: Archive, path: str) -> None:
    """Refuse a book whose text is encrypted."""
    names = archive.names()
    locked = any(name in names for name in _LOCKS)
    if _ENCRYPTION in names:
        methods = _elements(_xml(archive, _ENCRYPTION, path), "encryptionmethod")
        locked = locked or any(str(method.get("Algorithm")) not in _FONTS_ONLY for method in methods)
    if locked:
        raise DocumentError(
            path,
            "its text is encrypted (copy protection)",
            "Get it without copy protection from where it was published",
        )


def _book(archive: Archive, path: str) -> _Book:
    if _CONTAINER not in archive.names():
        raise DocumentError(path, f"it is no EPUB: it lacks {_CONTAINER}", _REMEDY)
    files = [str(entry.get("full-path") or "") for entry in _elements(_xml(archive, _CONTAINER, path), "rootfile")]
    name = next((file for file in files if file in archive.names()), None)
    if name is None:
        raise DocumentError(path, "it lacks the package file that lists its pages", _REMEDY)
    root = _xml(archive, name, path)
    parts = {str(entry.get("id")): _part(entry, name) for entry in _elements(root, "item")}
    listed = (parts.get(str(entry.get("idref"))) for entry in _elements(root, "itemref"))
    covers = [
        _joined(name, str(entry.get("href")))
        for entry in _elements(root, "reference")
        if attribute(entry, "type") == "cover"
    ]
    spine = dict.fromkeys(part for part in listed if part is not None)
    first = {part.name: part for part in reversed(spine)}
    navs = frozenset(part.name for part in first.values() if "nav" in part.properties)
    return _Book(root=root, name=name, parts=parts, spine=tuple(spine), covers=frozenset(covers), navs=navs)


def _part(entry: Element, package: str) -> _Part:
    return _Part(
        name=_joined(package, str(entry.get("href") or "")),
        media=attribute(entry, "media-type"),
        properties=tuple(attribute(entry, "properties").split()),
    )


def _joined(origin: str, href: str) -> str:
    """Resolve the address of a file within the archive."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(origin), unquote(href.partition("#")[0])))


def _xml(archive: Archive, name: str, path: str) -> Element:
    """Parse one of the package's own files; entities stay closed and nothing is fetched."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_SURROGATE.sub(b"?", archive.read(name)), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise DocumentError(path, f"{name} in it is damaged", _REMEDY)
    return root


def _elements(root: Element, name: str) -> Iterator[Element]:
    """Walk through the elements of a name, whatever namespace they are in."""
    return (element for element in root.iter("{*}*") if _local(element) == name)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _with_metadata(facts: Facts, book: _Book) -> Facts:
    said: dict[str, list[str]] = {}
    metadata = next(_elements(book.root, "metadata"), book.root)
    for element in metadata.iter("{*}*"):
        text = " ".join((element.text or "").split())
        if text and len(element) == 0:
            said.setdefault(_local(element), []).append(text)
    first = {name: texts[0] for name, texts in said.items()}
    addresses = [
        text
        for name in ("identifier", "source")
        for text in said.get(name, [])
        if text.startswith(("http://", "https://"))
    ]
    dates = [date for stamp in said.get("date", []) if (date := iso_date(stamp)) is not None]
    return replace(
        facts,
        title=facts.title or first.get("title"),
        url=facts.url or next(iter(addresses), None),
        publisher=facts.publisher or first.get("publisher") or ", ".join(said.get("creator", [])) or None,
        licence=facts.licence or first.get("rights"),
        date=facts.date or next(iter(dates), None),
    )


# --- the pages ------------------------------------------------------------------------------------


def _pages(archive: Archive, book: _Book, path: str) -> Iterator[Page]:
    """Parse the pages in reading order."""
    left = _MOST_BYTES
    for part in book.spine:
        if not any(kind in part.media for kind in _READABLE):
            continue
        raw = archive.read(part.name)
        left -= len(raw)
        if left < 0:
            raise DocumentError(path, f"its pages hold more than {_MOST_BYTES:,} bytes", "Split it")
        root = parse_html(raw, path)
        if root is not None:
            yield Page(root=root, name=part.name)


def _styles(archive: Archive, book: _Book) -> str:
    """Return the book's style sheets."""
    sheets = [part.name for part in book.parts.values() if part.media == "text/css" and part.name in archive.names()]
    return "\n".join(archive.read(name)[:_LARGEST_STYLE].decode("utf-8", "replace") for name in sheets)


def _write(
    page: Page, book: _Book, notes: Notes, label: str | None, raised: frozenset[str], composer: Composer
) -> None:
    """Write a page; one without a heading gets the one that the table of contents has for it."""
    words = sum(len(str(text).split()) for body in page.root.iter("body") for text in body.itertext())
    composer.block()
    if _is_aside(page, book, words):
        with composer.hidden("navigation"):
            write_page(page.root, composer, {}, notes, raised)
        return
    if label and words and not any(heading_level(element) for element in page.root.iter()):
        composer.block("heading", level=1)
        composer.write(label)
        composer.block()
    write_page(page.root, composer, hidden_of(page.root), notes, raised)


def _is_aside(page: Page, book: _Book, words: int) -> bool:
    """Tell whether a page is the table of contents or the cover."""
    if page.name in book.navs:
        return True
    bodies = [token for body in page.root.iter("body") for token in tokens_of(body)]
    cover = page.name in book.covers or posixpath.basename(page.name).lower().startswith("cover") or "cover" in bodies
    return cover and words <= _LONGEST_COVER


def _labels(archive: Archive, book: _Book, path: str) -> dict[str, str]:
    """Return what the table of contents calls each page."""
    labels: dict[str, str] = {}
    for part in book.parts.values():
        if part.name not in archive.names():
            continue
        if "nav" in part.properties:
            found = _labels_of_nav(parse_html(archive.read(part.name), path))
        elif part.media == "application/x-dtbncx+xml":
            found = _labels_of_ncx(_xml(archive, part.name, path))
        else:
            continue
        for href, label in found:
            if label:
                labels.setdefault(_joined(part.name, href), label)
    return labels


def _labels_of_nav(root: Element | None) -> Iterator[tuple[str, str]]:
    for nav in root.iter("nav") if root is not None else ():
        if "toc" in tokens_of(nav):
            for link in nav.iter("a"):
                yield str(link.get("href") or ""), _words(link)


def _labels_of_ncx(root: Element) -> Iterator[tuple[str, str]]:
    for point in _elements(root, "navpoint"):
        text, content = next(_elements(point, "text"), None), next(_elements(point, "content"), None)
        if text is not None and content is not None:
            yield str(content.get("src") or ""), _words(text)


def _words(element: Element) -> str:
    return " ".join("".join(str(text) for text in element.itertext()).split())
