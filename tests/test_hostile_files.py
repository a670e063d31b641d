"""Small files that unpack to much, and files that are wrong in one place: each is read, or named with a reason."""

from __future__ import annotations

import io
import resource
import zipfile
import zlib
from collections.abc import Callable

import pytest

from qa.corpus.annotate import Facts
from qa.corpus.formats import READERS
from qa.errors import DocumentError
from qa.types import Document

FACTS = Facts(id="x", hash="h")
BODY = "Cramps are caused by salt.\n"


def document(raw: bytes, suffix: str) -> Document:
    return READERS[suffix](raw, FACTS, path=f"x{suffix}", fallback_title="Untitled")


def refusal(raw: bytes, suffix: str) -> str:
    with pytest.raises(DocumentError) as caught:
        document(raw, suffix)
    assert caught.value.remedy
    return caught.value.reason


def front(matter: str, fence: str = "---") -> bytes:
    return f"{fence}\n{matter}\n{fence}\n{BODY}".encode()


# --- front matter ---------------------------------------------------------------------------------

LAUGHS = "\n".join([
    "a: &a [" + ",".join(["lol"] * 9) + "]",
    *(f"{name}: &{name} [" + ",".join([f"*{chr(ord(name) - 1)}"] * 9) + "]" for name in "bcdefghi"),
])  # fmt: skip
MERGES = "\n".join([
    "a: &a {x: 1}",
    *(f"{name}: &{name} {{<<: [{', '.join([f'*{chr(ord(name) - 1)}'] * 9)}]}}" for name in "bcdefghi"),
])  # fmt: skip


@pytest.mark.parametrize(
    ("matter", "reason"),
    [
        (LAUGHS, "anchor"),
        (MERGES, "anchor"),
        ("title: *nothing", "anchor"),
        ("<<: {title: Oil}", "merge key"),
        ("title: Oil\ntitle: Rust", '"title" twice'),
        ("title: !!bool perhaps", "type"),
        ("title: !!timestamp soon", "type"),
        ("title: !!int ''", "type"),
        ("title: !!python/name:os.system", "type"),
        ("title: " + "[" * 5_000, "nested"),
        ("".join("  " * depth + "a:\n" for depth in range(200)), "nested"),
        ("? [a]\n: Oil", "a key that is not a word"),
        ("title: Oil\n" + "# " + "x" * 2_000_000, "characters"),
        ("title: Oil\ufffe", "front matter is broken"),
        ("date: 2024-02-31", "front matter is broken"),
        ("references:\n- {number: 1, title: Oil, year: 99999999999999999999}", "year"),
        ("references:\n- {number: 99999999999999999999, title: Oil}", "number"),
    ],
    ids=lambda value: value[:20],
)
def test_front_matter_that_could_grow_or_confuse_is_refused(matter: str, reason: str) -> None:
    """What repeats itself, is nested deep, is said twice or has a type of its own is named, and never unfolded."""
    assert reason in refusal(front(matter), ".md")


@pytest.mark.parametrize(
    ("matter", "title"),
    [
        ("title: 0x" + "f" * 5_000, "0x" + "f" * 5_000),
        ("title: 1" + ":1" * 20_000, "1" + ":1" * 20_000),
        ("title: 1" + ":1" * 20_000 + ".5", "1" + ":1" * 20_000 + ".5"),
        ("title: " + "9" * 5_000, "9" * 5_000),
        ("title: 0x_", "0x_"),
        ("title: 1.10", "1.10"),
        ("title: 2024", "2024"),
        ("title: !!str 2024", "2024"),
        ("title: 2024-05-06", "2024-05-06"),
        ("2024: x\nnull: y\ntitle: Oil", "Oil"),
    ],
    ids=lambda value: value[:20],
)
def test_a_number_in_front_matter_is_read_as_it_is_written(matter: str, title: str) -> None:
    """No number is converted that is shown as a text, so that none can be too long for it."""
    assert document(front(matter), ".md").title == title


@pytest.mark.parametrize(
    "matter",
    ["title = 0x" + "f" * 5_000, "title = " + "9" * 5_000, "[" * 5_000, "a." * 40_000 + "a = 1"],
    ids=lambda value: value[:20],
)
def test_front_matter_in_toml_that_could_grow_is_refused(matter: str) -> None:
    """A number too long to be written out, deep nesting and a key of thousands of parts are named."""
    assert "front matter" in refusal(front(matter, "+++"), ".md")


def test_the_front_matter_of_a_thousand_references_is_read() -> None:
    """The limits are far from what anybody writes."""
    rows = "\n".join(f"- {{number: {n}, title: T{n}, authors: [A, B], year: 2020}}" for n in range(1, 1001))
    assert len(document(front("references:\n" + rows), ".md").references) == 1000


# --- Word -----------------------------------------------------------------------------------------

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    'ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/><Override PartName="/docProps/core.xml" ContentType='
    '"application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    '<Relationship Id="b" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" '
    'Target="docProps/core.xml"/></Relationships>'
)
WORD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
    "<w:t>Cramps are caused by salt.</w:t></w:r></w:p></w:body></w:document>"
)
CORE = (
    '<c:coreProperties xmlns:c="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">{}</c:coreProperties>'
)


def word(core: str) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = {"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": WORD}
        for name, part in {**parts, "docProps/core.xml": core}.items():
            archive.writestr(name, part)
    return raw.getvalue()


@pytest.mark.parametrize(
    ("core", "date"),
    [
        (CORE.format("<dcterms:modified>2024-05-06T07:08:09Z</dcterms:modified>"), "2024-05-06"),
        (CORE.format("<dcterms:modified>2024-05-06T23:08:09-07:00</dcterms:modified>"), "2024-05-07"),
        (CORE.format("<dcterms:created>2024-05-06</dcterms:created>"), "2024-05-06"),
        (CORE.format("<dcterms:modified>yesterday</dcterms:modified>"), None),
        (CORE.format("<dcterms:modified>0000-00-00T00:00:00Z</dcterms:modified>"), None),
        (CORE.format("<dcterms:modified>0001-01-01T00:00:00+14:00</dcterms:modified>"), None),
        (CORE.format("<dcterms:modified>9999-12-31T23:59:59-14:00</dcterms:modified>"), None),
        (CORE.format("<dcterms:modified>2024-02-31</dcterms:modified>"), None),
        (CORE.format("<dcterms:modified>" + "9" * 5_000 + "</dcterms:modified>"), None),
        (CORE.format("<dcterms:modified><x/></dcterms:modified>"), None),
        ("<properties><modified>2024-05-06</modified></properties>", "2024-05-06"),
        ('<c xmlns="other"/>', None),
    ],
)
def test_a_word_file_is_read_whatever_its_properties_are(core: str, date: str | None) -> None:
    """A date is a day or nothing; properties under another root are read by their names."""
    found = document(word(core), ".docx")
    assert (found.text, found.date) == (BODY, date)


def test_half_a_character_in_a_book_is_replaced() -> None:
    """A surrogate in the package of an EPUB, which is no UTF-8, does not end the reading."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("META-INF/container.xml", '<container><rootfile full-path="c.opf"/></container>')
        item = b'<item id="a" href="\xed\xa0\x80" media-type="x"/><item id="p" href="p.html" media-type="text/html"/>'
        spine = b'<spine><itemref idref="p"/></spine>'
        archive.writestr(
            "c.opf", b"<package><title>O\xed\xa0\x80il</title><manifest>%s</manifest>%s</package>" % (item, spine)
        )
        archive.writestr("p.html", "<p>Oil it.</p>")
    found = document(raw.getvalue(), ".epub")
    assert (found.title, found.text) == ("O?il", "Oil it.\n")


# --- PDF ------------------------------------------------------------------------------------------


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Make a file of objects, which are numbered from 1, the catalogue first."""
    raw, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(raw))
        raw += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    raw += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R%s>>\n" % (size, table, size, trailer)
    return raw + b"startxref\n%d\n%%%%EOF" % raw.index(b"xref\n")


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), entries, content)


TEXT = b"BT /F1 12 Tf 72 700 Td (Cramps are caused by low magnesium in the body.) Tj ET"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
FLATE = b"/Filter/FlateDecode"


def sheet(contents: bytes, *more: bytes, resources: bytes = b"", trailer: bytes = b"", catalogue: bytes = b"") -> bytes:
    """Make a file of one page; further objects are numbered from 6."""
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>%s>>>>"
        % resources
    )
    return pdf(b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue, PAGES, page, contents, FONT, *more, trailer=trailer)


def nested(depth: int, calls: int) -> bytes:
    """Make a page of forms, each of which shows the next one several times."""
    forms = [
        stream(
            b"/X Do " * calls, b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</XObject<</X %d 0 R>>>>" % at
        )
        for at in range(7, 6 + depth)
    ]
    last = stream(TEXT, b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</Font<</F1 5 0 R>>>>")
    return sheet(stream(TEXT + b" /X Do"), *forms, last, resources=b"/XObject<</X 6 0 R>>")


def test_forms_that_show_each_other_are_counted_before_they_are_read() -> None:
    """Forms in forms may be deep or many, but not so that a page would show ten thousands of them."""
    assert "low magnesium" in document(nested(3, 10), ".pdf").text
    for depth, calls in ((6, 10), (18, 2), (3, 1000)):
        assert "forms" in refusal(nested(depth, calls), ".pdf")


def test_forms_are_counted_through_whatever_leads_to_them() -> None:
    """Forms are found also where their resources stand in objects of their own, and their streams are packed."""
    forms = [
        stream(
            zlib.compress(b"/X Do " * 100),
            FLATE + b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources %d 0 R" % at,
        )
        for at in (11, 12, 13)
    ]
    last = stream(TEXT, b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</Font<</F1 5 0 R>>>>")
    resources = [b"<</XObject 14 0 R>>", b"<</XObject<</X 8 0 R>>>>", b"<</XObject<</X 9 0 R>>>>", b"<</X 7 0 R>>"]
    raw = sheet(stream(TEXT + b" /X Do"), *forms, last, b"null", *resources, resources=b"/XObject<</X 6 0 R>>")
    assert "forms" in refusal(raw, ".pdf")


@pytest.mark.parametrize(("calls", "refused"), [(1, False), (2, True)])
def test_a_form_that_shows_itself_is_counted_as_deep_as_pdfium_goes(calls: int, refused: bool) -> None:  # noqa: FBT001
    """Forms in a circle are forms within forms: one after the other is harmless, two at a time are not."""
    own = stream(TEXT + b" /X Do" * calls, b"/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>")
    raw = sheet(stream(TEXT + b" /X Do"), own, resources=b"/XObject<</X 6 0 R>>")
    if refused:
        assert "forms" in refusal(raw, ".pdf")
    else:
        assert "low magnesium" in document(raw, ".pdf").text


@pytest.mark.parametrize(
    ("entries", "pack"),
    [
        (b"/Filter[/FlateDecode/FlateDecode]", lambda raw: zlib.compress(zlib.compress(raw, 1), 9)),
        (b"/Filter[/Fl /FlateDecode]", lambda raw: zlib.compress(zlib.compress(raw, 1), 9)),
        (FLATE, lambda raw: zlib.compress(raw, 1)),
    ],
    ids=["twice", "twice, by a short name", "once"],
)
def test_a_stream_that_unpacks_to_too_much_is_refused(entries: bytes, pack: Callable[[bytes], bytes]) -> None:
    """A stream of more than a hundred megabytes is named before pdfium unpacks it."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "unpacks" in refusal(sheet(stream(pack(b" " * 120_000_000), entries)), ".pdf")
    # The test itself makes the 120 MB; the reader adds little to them.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


@pytest.mark.parametrize("title", [b"<FEFFD83D>", b"<FEFFDC00DC00>", b"(\xff\xfe\x00)", b"<FEFF00>", b"<EFBBBFFF>"])
def test_a_pdf_is_read_whatever_it_says_of_itself(title: bytes) -> None:
    """Half a character in the title or in a bookmark is replaced, and the text is read."""
    mark = b"<</Title %s/Parent 7 0 R/Dest[3 0 R/Fit]>>" % title
    raw = sheet(
        stream(TEXT),
        b"<</Title %s/CreationDate %s/Author %s>>" % (title, title, title),
        b"<</Type/Outlines/First 8 0 R/Last 8 0 R/Count 1>>",
        mark,
        trailer=b"/Info 6 0 R",
        catalogue=b"/Outlines 7 0 R",
    )
    assert "low magnesium" in document(raw, ".pdf").text
