"""An EPUB is read page by page in its order as one document, and what is wrong with one is said."""

from __future__ import annotations

import io
import zipfile

import pytest

from qa.corpus import epub
from qa.corpus.annotate import Facts
from qa.corpus.epub import read_epub
from qa.errors import DocumentError
from qa.reading import read
from qa.types import Document, Span

CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
METADATA = (
    "<dc:title>Bikes</dc:title><dc:creator>Jo Wheel</dc:creator><dc:publisher>Pedal Press</dc:publisher>"
    "<dc:date>2021-03-04T00:00:00Z</dc:date><dc:rights>CC BY</dc:rights><dc:identifier>https://b.org/1</dc:identifier>"
)


def book(
    pages: dict[str, str],
    *,
    metadata: str = METADATA,
    extra: dict[str, str] | None = None,
    items: str = "",
    guide: str = "",
) -> bytes:
    """Pack pages, in reading order, with a package around them."""
    listed = "".join(
        f'<item id="i{number}" href="{name.replace(" ", "%20")}" media-type="application/xhtml+xml"'
        f' properties="{"nav" if name.startswith("nav") else ""}"/>'
        for number, name in enumerate(pages)
    )
    spine = "".join(f'<itemref idref="i{number}"/>' for number in range(len(pages)))
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata>{metadata}</metadata><manifest>{listed}{items}</manifest><spine>{spine}</spine>{guide}</package>"
    )
    members = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package, **(extra or {})}
    members |= {f"OEBPS/{name}": xhtml(content) for name, content in pages.items()}
    return packed(members)


def xhtml(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f"<head><title/></head><body>{body}</body></html>"
    )


def packed(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return buffer.getvalue()


def document(raw: bytes) -> Document:
    return read_epub(raw, Facts(id="x", hash="h"), path="b.epub", fallback_title="Untitled")


def reading(found: Document) -> str:
    return read(found, Span(start=0, end=len(found.text))).text


def reason_of(raw: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        document(raw)
    return caught.value.reason


def test_pages_are_read_in_the_order_of_the_spine() -> None:
    """The chapters are one text, with their headings as sections."""
    found = document(
        book({"b.xhtml": "<h1>Oil</h1><p>Often.</p>", "a b.xhtml": "<h1>Dirt</h1><h2>Sand</h2><p>Never.</p>"})
    )
    assert found.text == "Oil\n\nOften.\n\nDirt\n\nSand\n\nNever.\n"
    assert [section.path for section in found.sections] == [("Oil",), ("Dirt",), ("Dirt", "Sand")]


def test_the_package_says_what_the_book_is() -> None:
    """Title, address, publisher, date and licence come from the package."""
    found = document(book({"a.xhtml": "<h1>Oil</h1><p>Often.</p>"}))
    facts = (found.title, found.url, found.publisher, found.date, found.licence)
    assert facts == ("Bikes", "https://b.org/1", "Pedal Press", "2021-03-04", "CC BY")


def test_without_metadata_the_text_names_the_book() -> None:
    """A package that says nothing leaves the title to the first heading and the publisher to the author."""
    found = document(book({"a.xhtml": "<h1>Oil</h1><p>Often.</p>"}, metadata="<dc:creator>Jo</dc:creator>"))
    assert (found.title, found.publisher, found.date) == ("Oil", "Jo", None)


def test_contents_and_cover_are_hidden() -> None:
    """The navigation page and a short cover are boilerplate."""
    nav = '<nav epub:type="toc"><h2>Contents</h2><ol><li><a href="a.xhtml">Oil</a></li></ol></nav>'
    found = document(book({"cover.xhtml": "<p>Bikes</p>", "nav.xhtml": nav, "a.xhtml": "<h1>Oil</h1><p>Often.</p>"}))
    assert reading(found) == "Oil\nOften."
    assert {entry.kind for entry in found.boilerplate} == {"navigation"}


def test_a_page_that_is_only_called_cover_is_read() -> None:
    """A page with more than a cover's words is content, whatever its file is called."""
    prose = "Oil the chain often. " * 20
    assert reading(document(book({"cover.xhtml": f"<p>{prose}</p>"}))) == prose.strip()


def test_a_page_without_text_gets_no_heading() -> None:
    """A picture alone is not named."""
    nav = '<nav epub:type="toc"><a href="a.xhtml">Plate</a></nav>'
    assert "Plate" not in reading(document(book({"nav.xhtml": nav, "a.xhtml": "<img/>", "b.xhtml": "<p>Oil.</p>"})))


@pytest.mark.parametrize(
    ("extra", "items"),
    [
        (
            {
                "OEBPS/toc.ncx": '<ncx><navMap><navPoint><navLabel><text>On oil</text></navLabel><content src="a.xhtml"/></navPoint></navMap></ncx>'
            },
            '<item id="n" href="toc.ncx" media-type="application/x-dtbncx+xml"/>',
        ),
        (
            {"OEBPS/toc.xhtml": xhtml('<nav epub:type="toc"><a href="a.xhtml#top">On oil</a></nav>')},
            '<item id="n" href="toc.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
        ),
    ],
    ids=["ncx", "nav"],
)
def test_a_chapter_without_a_heading_is_named_by_the_contents(extra: dict[str, str], items: str) -> None:
    """What the table of contents calls a chapter is its heading where it has none."""
    found = document(book({"a.xhtml": "<p>Often.</p>", "b.xhtml": "<h1>Dirt</h1>"}, extra=extra, items=items))
    assert found.text == "On oil\n\nOften.\n\nDirt\n"
    assert [section.path for section in found.sections] == [("On oil",), ("Dirt",)]


def test_footnotes_on_another_page_resolve() -> None:
    """A mark leads to a note in another file of the book."""
    notes = '<section epub:type="endnotes"><ol><li id="n1"><p>Or not.</p></li><li id="n2"><p>Or dry.</p></li></ol></section>'
    found = document(
        book(
            {
                "text/a.xhtml": '<p>Oil it<a epub:type="noteref" href="../notes.xhtml#n2">2</a> often.</p>',
                "notes.xhtml": notes,
            }
        )
    )
    assert [(marker.numbers, marker.span.of(found.text)) for marker in found.markers] == [((2,), "2")]
    assert [(reference.number, reference.title) for reference in found.references] == [(1, "Or not"), (2, "Or dry")]
    assert reading(found) == "Oil it often."


def test_notes_that_every_chapter_numbers_anew_stay_unresolved() -> None:
    """Where two chapters have a first note each, neither is taken for the other."""
    chapter = '<p>Oil<sup><a href="#n1">1</a></sup> it.</p><aside epub:type="footnote" id="n1"><p>1. {}</p></aside>'
    found = document(book({"a.xhtml": chapter.format("Or not."), "b.xhtml": chapter.format("Or dry.")}))
    assert [marker.numbers for marker in found.markers] == [(1,), (1,)]
    assert found.references == ()
    assert reading(found) == "Oil it.\nOil it."


def test_a_style_sheet_can_raise_a_mark() -> None:
    """Superscripts by the book's own style are markers."""
    found = document(
        book(
            {"a.xhtml": '<p>Oil the chain<span class="c7">3</span> often.</p>'},
            extra={"OEBPS/s.css": ".c7 { font-size: 0.7em; vertical-align: super }"},
            items='<item id="s" href="s.css" media-type="text/css"/>',
        )
    )
    assert [marker.numbers for marker in found.markers] == [(3,)]


ENCRYPTED = '<encryption><EncryptedData><EncryptionMethod Algorithm="{}"/></EncryptedData></encryption>'


def test_scrambled_fonts_are_no_lock() -> None:
    """A book whose fonts alone are scrambled is read."""
    extra = {"META-INF/encryption.xml": ENCRYPTED.format("http://www.idpf.org/2008/embedding")}
    assert document(book({"a.xhtml": "<p>Oil.</p>"}, extra=extra)).text == "Oil.\n"


@pytest.mark.parametrize(
    "extra",
    [
        {"META-INF/encryption.xml": ENCRYPTED.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")},
        {"META-INF/license.lcpl": "{}"},
    ],
    ids=["encrypted", "licensed"],
)
def test_copy_protection_is_named(extra: dict[str, str]) -> None:
    """A book whose text is encrypted is refused by name."""
    assert reason_of(book({"a.xhtml": "<p>Oil.</p>"}, extra=extra)) == "its text is encrypted (copy protection)"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"no zip", "it is not an EPUB, or it is damaged"),
        (packed({"a.txt": "x"}), "it is no EPUB: it lacks META-INF/container.xml"),
        (packed({"META-INF/container.xml": CONTAINER}), "it lacks the package file that lists its pages"),
        (packed({"META-INF/container.xml": ""}), "META-INF/container.xml in it is damaged"),
        (
            packed({"META-INF/container.xml": CONTAINER.replace("<container", '<container xmlns="&#xD800;"')}),
            "its package is damaged: it holds text in no known encoding",
        ),
        (packed({"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": "<package/>"}), "it holds no text"),
        (book({"a.xhtml": "<img src='a.png'/>"}), "it holds no text"),
        (book({"a.xhtml": "<p>Oil.</p>"}).replace(b"OEBPS/a.xhtml", b"OEBPS/x.xhtml"), "it lacks OEBPS/a.xhtml"),
        (book({"a.xhtml": "<div>" * 5000}), "its elements are nested thousands deep"),
    ],
    ids=[
        "no zip",
        "no container",
        "no package",
        "empty container",
        "half a character",
        "no pages",
        "pictures",
        "missing page",
        "deep",
    ],
)
def test_what_cannot_be_read_is_named(raw: bytes, reason: str) -> None:
    """A book that is none, is damaged or shows no text says so."""
    assert reason_of(raw) == reason


def test_entities_of_the_package_stay_closed() -> None:
    """Neither a file nor a bomb of entities gets into the facts."""
    bomb = '<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">'
    package = (
        f"<!DOCTYPE package [{bomb}]><package><metadata><title>&b;&f;Bikes</title></metadata>"
        '<manifest><item id="a" href="a.xhtml" media-type="text/html"/></manifest><spine><itemref idref="a"/></spine></package>'
    )
    found = document(
        packed({"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package, "OEBPS/a.xhtml": xhtml("Oil.")})
    )
    assert found.title == "Untitled"


def test_pages_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A book whose pages hold more than any book is refused before they are parsed."""
    monkeypatch.setattr(epub, "_MOST_BYTES", 300)
    assert (
        reason_of(book({"a.xhtml": "<p>Oil.</p>", "b.xhtml": "<p>Dirt.</p>"})) == "its pages hold more than 300 bytes"
    )


def test_a_page_that_is_listed_twice_is_read_once() -> None:
    """The same page twice in the reading order is one page."""
    raw = book({"a.xhtml": "<p>Oil.</p>"})
    members = {
        entry: zipfile.ZipFile(io.BytesIO(raw)).read(entry).decode()
        for entry in zipfile.ZipFile(io.BytesIO(raw)).namelist()
    }
    members["OEBPS/book.opf"] = members["OEBPS/book.opf"].replace(
        "<spine>", '<spine><itemref idref="i0"/><itemref idref="gone"/>'
    )
    assert document(packed(members)).text == "Oil.\n"
