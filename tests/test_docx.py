"""A Word file is read as its reader sees it, whichever way its XML says so."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import docx
import pytest

from qa.corpus.annotate import Facts
from qa.corpus.docx import read_docx
from qa.corpus.docx.numbering import roman
from qa.errors import DocumentError
from qa.reading import read
from qa.types import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qa.types import Document

NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
MAIN = f"{WORD}.document.main+xml"
HEADINGS = "".join(
    f'<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/>'
    f'<w:pPr><w:outlineLvl w:val="{level - 1}"/></w:pPr></w:style>'
    for level in (1, 2)
)


def package(
    body: str,
    *,
    styles: str = HEADINGS,
    numbering: str = "",
    notes: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    properties: Mapping[str, str] | None = None,
    main: str = MAIN,
    extra: Mapping[str, str] | None = None,
) -> bytes:
    """Write a Word file: the insides of its body and of the other parts."""
    notes, links, properties = notes or {}, links or {}, properties or {}
    parts = {
        "word/document.xml": f"<w:document {NAMES}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {NAMES}>{styles}</w:styles>",
        "word/numbering.xml": f"<w:numbering {NAMES}>{numbering}</w:numbering>",
        **{f"word/{kind}.xml": f"<w:{kind} {NAMES}>{text}</w:{kind}>" for kind, text in notes.items()},
        **{f"docProps/{name}.xml": text for name, text in properties.items()},
    }
    inner = "".join(relation(kind, f"{kind}.xml") for kind in ("styles", "numbering", *notes)) + "".join(
        f'<Relationship Id="{id_}" Type="{RELATIONS}/hyperlink" Target="{address}" TargetMode="External"/>'
        for id_, address in links.items()
    )
    kinds = {"core": f"{PACKAGE}/relationships/metadata/core-properties"}
    outer = relation("officeDocument", "word/document.xml") + "".join(
        f'<Relationship Id="{name}" Type="{kinds.get(name, f"{RELATIONS}/{name}-properties")}" Target="docProps/{name}.xml"/>'
        for name in properties
    )
    parts["word/_rels/document.xml.rels"] = f'<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'
    parts["_rels/.rels"] = f'<Relationships xmlns="{PACKAGE}/relationships">{outer}</Relationships>'
    types = {"document": main, "styles": f"{WORD}.styles+xml", "numbering": f"{WORD}.numbering+xml"}
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{kind}"/>' for name, kind in types.items()
    ) + (
        '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
    )
    parts["[Content_Types].xml"] = (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{overrides}</Types>"
    )
    return zipped(parts | dict(extra or {}))


def relation(kind: str, target: str) -> str:
    return f'<Relationship Id="{kind}" Type="{RELATIONS}/{kind}" Target="{target}"/>'


def zipped(parts: Mapping[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in parts.items():
            target.writestr(name, text)
    return file.getvalue()


def document(raw: bytes) -> Document:
    return read_docx(raw, Facts(id="x", hash="h"), path="x.docx", fallback_title="Untitled")


def refusal(raw: bytes) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        document(raw)
    assert caught.value.path == "x.docx"
    return caught.value


def text_of(body: str, **parts: str) -> str:
    return document(package(body, **parts)).text


def reading(found: Document) -> str:
    return read(found, Span(start=0, end=len(found.text))).text


def p(inner: str, *, style: str = "", more: str = "") -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{more}</w:pPr>{inner if inner.startswith('<') or not inner else r(inner)}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def up(text: str) -> str:
    return r(text, '<w:vertAlign w:val="superscript"/>')


def bold(text: str) -> str:
    return r(text, "<w:b/>")


def paths(found: Document) -> list[tuple[str, ...]]:
    return [section.path for section in found.sections]


def markers(found: Document) -> list[tuple[str, tuple[int, ...]]]:
    return [(marker.span.of(found.text), marker.numbers) for marker in found.markers]


def lead_ins(found: Document) -> list[tuple[str, str | None]]:
    return [(block.span.of(found.text), block.lead_in and block.lead_in.of(found.text)) for block in found.blocks]


# --- running text ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (r("Oil") + r(" the ") + r("chain."), "Oil the chain."),
        ("<w:ins>" + r("Oil") + "</w:ins><w:del><w:r><w:delText>Wax</w:delText><w:t>!</w:t></w:r></w:del>" + r(" it."), "Oil it."),
        ("<w:moveFrom>" + r("Wax") + "</w:moveFrom><w:moveTo>" + r("Oil it.") + "</w:moveTo>", "Oil it."),
        (r("Wax ", "<w:vanish/>") + r("Oil it."), "Oil it."),
        (r("Oil ", '<w:vanish w:val="0"/>') + r("it."), "Oil it."),
        ('<w:hyperlink w:anchor="x">' + r("Oil") + "</w:hyperlink>" + r(" it."), "Oil it."),
        ("<w:smartTag><w:customXml>" + r("Oil") + "</w:customXml></w:smartTag>" + r(" it."), "Oil it."),
        ("<w:sdt><w:sdtPr/><w:sdtContent>" + r("Oil") + "</w:sdtContent></w:sdt>" + r(" it."), "Oil it."),
        (
            "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
            + r("Click here")
            + "</w:sdtContent></w:sdt>"
            + r("Oil"),
            "Oil",
        ),
        ("<w:r><w:t>One</w:t><w:br/><w:t>Two</w:t><w:tab/><w:t>Three</w:t></w:r>", "One\nTwo\tThree"),
        ("<w:r><w:t>wheel</w:t><w:noBreakHyphen/><w:t>nut</w:t></w:r>", "wheel-nut"),
        ("<w:commentRangeStart w:id='1'/>" + r("Oil") + "<w:r><w:commentReference w:id='1'/></w:r>", "Oil"),
        (r("H") + r("2", '<w:vertAlign w:val="subscript"/>') + r("O"), "H2O"),
        ("<!-- note --><?x y?>" + r("Oil"), "Oil"),
        ("<w:ruby><w:rt>" + r("kana") + "</w:rt></w:ruby><w:r><w:ruby><w:rt>" + r("kana") + "</w:rt><w:rubyBase>"
         + r("鎖") + "</w:rubyBase></w:ruby></w:r>", "鎖"),
    ],
    ids=[
        "runs", "insertion", "move", "hidden", "not hidden", "link", "tags", "control", "placeholder", "breaks",
        "hyphen", "comment", "subscript", "XML comment", "ruby",
    ],
)  # fmt: skip
def test_a_paragraph_reads_as_it_is_seen(inner: str, expected: str) -> None:
    """Of a paragraph stays what its reader sees: no deletions, hidden text, comments or placeholders."""
    assert text_of(p(inner)) == f"{expected}\n"


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ('<w:sym w:font="Symbol" w:char="F061"/>', "α"),
        ('<w:sym w:font="Symbol" w:char="F0B3"/>', "≥"),
        ('<w:sym w:font="Wingdings" w:char="F0FC"/>', "✓"),
        ('<w:sym w:font="Wingdings" w:char="F0F7"/>', ""),
        ('<w:sym w:font="Arial" w:char="00BD"/>', "½"),
        ('<w:rPr><w:rFonts w:ascii="Symbol"/></w:rPr><w:t>\uf0b1</w:t>', "±"),
    ],
    ids=["Greek", "sign", "tick", "decoration", "plain font", "typed in the font"],
)
def test_a_symbol_is_the_character_it_looks_like(run: str, expected: str) -> None:
    """A character of a symbol font is read as what is seen, a mere decoration not at all."""
    assert text_of(p(r("Wear ") + f"<w:r>{run}</w:r>" + r(" 1 mm."))) == f"Wear {expected}{' ' * bool(expected)}1 mm.\n"


def test_a_soft_hyphen_is_in_the_text_and_not_read() -> None:
    """A soft hyphen stands in the text as markup, so that the word reads whole, however it was written."""
    found = document(package(p("<w:r><w:t>lubri</w:t><w:softHyphen/><w:t>cated ta\u00adper</w:t></w:r>")))
    assert found.text == "lubri\u00adcated ta\u00adper\n"
    assert reading(found) == "lubricated taper"


def test_a_formula_is_written_in_one_line() -> None:
    """The parts of a formula stand in their order, with a stroke in a fraction and a hat before a power."""
    fraction = "<m:f><m:num><m:r><m:t>F</m:t></m:r></m:num><m:den><m:r><m:t>A</m:t></m:r></m:den></m:f>"
    power = "<m:sSup><m:e><m:r><m:t>r</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
    assert text_of(p(r("Pressure is ") + f"<m:oMath>{fraction}{power}</m:oMath>")) == "Pressure is F/Ar^2\n"


def test_a_paragraph_whose_end_was_deleted_runs_on() -> None:
    """Where a tracked change deletes the end of a paragraph, the next one goes on with it; so does a large initial."""
    gone = "<w:rPr><w:del/></w:rPr>"
    initial = '<w:framePr w:dropCap="drop"/>'
    assert text_of(p(r("Oil "), more=gone) + p("it.") + p("R", more=initial) + p("ust.")) == "Oil it.\n\nRust.\n"


# --- fields ---------------------------------------------------------------------------------------


def field(instruction: str, result: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def test_a_field_is_its_result() -> None:
    """Of a field stays what it shows; instructions go, nested ones too."""
    nested = field(f"IF {field('PAGE', r('7'))} = 1", r("yes"))
    simple = f'<w:fldSimple w:instr="DATE">{r("today")}</w:fldSimple>'
    assert text_of(p(r("Say ") + nested + r(", ") + simple)) == "Say yes, today\n"


def test_a_field_that_is_never_ended_swallows_nothing() -> None:
    """The instruction of a broken field ends with its paragraph."""
    broken = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>'
    assert text_of(p(r("One.") + broken) + p("Two.")) == "One.\n\nTwo.\n"


@pytest.mark.parametrize(
    "listing",
    [
        p('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o</w:instrText></w:r>'
          '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + r("Chain 1"))
        + p(r("Brakes 2") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'),
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        "<w:sdtContent>" + p("Chain 1", style="Heading1") + p("Brakes 2") + "</w:sdtContent></w:sdt>",
        p("Chain 1", style="T1") + p("Brakes 2", style="T1"),
    ],
    ids=["field", "control", "style"],
)  # fmt: skip
def test_a_table_of_contents_is_navigation(listing: str) -> None:
    """A table of contents is boilerplate and gives no headings, however the document marks it."""
    styles = HEADINGS + '<w:style w:type="paragraph" w:styleId="T1"><w:name w:val="toc 1"/></w:style>'
    found = document(package(listing + p("Chain", style="Heading1") + p("Oil it."), styles=styles))
    assert [(each.span.of(found.text), each.kind) for each in found.boilerplate] == [
        ("Chain 1\n\nBrakes 2", "navigation")
    ]
    assert paths(found) == [(), ("Chain",)]


# --- headings and titles --------------------------------------------------------------------------


def test_headings_follow_the_chain_of_styles() -> None:
    """A style based on a heading is one, by outline level or name; outline level 9 is body text."""
    styles = HEADINGS + (
        '<w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="Heading2"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Body"><w:name w:val="Body"/><w:basedOn w:val="Heading1"/>'
        '<w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Loop"><w:name w:val="Loop"/><w:basedOn w:val="Loop"/></w:style>'
    )
    body = (
        p("Care", style="Title")
        + p("Chain", style="berschrift1")
        + p("Oil", style="Mine")
        + p("Every ride.", style="Body")
    )
    body += p("Direct", more='<w:outlineLvl w:val="1"/>') + p("End.", style="Loop") + p("Gone", style="Titre1")
    assert paths(document(package(body, styles=styles))) == [
        ("Care",),
        ("Chain",),
        ("Chain", "Oil"),
        ("Chain", "Direct"),
        ("Gone",),
    ]


def test_a_numbered_heading_shows_its_number() -> None:
    """A heading's automatic number is part of it, as on the page."""
    body = p("Chain", style="Heading1", more=listed("1")) + p("Oil.") + p("Wear", style="Heading2", more=listed("1", 1))
    found = document(package(body, numbering=NUMBERED))
    assert paths(found) == [("1. Chain",), ("1.1 Wear",)]


def test_bold_lines_are_headings_where_none_has_a_style() -> None:
    """A short line, bold from end to end, heads what follows; a sentence, an address block or the last line does not."""
    body = p(bold("Chain")) + p(bold("Oil it often.")) + p(bold("Never") + r(" wax it."))
    body += p(bold("Tyres")) + p(r("Pump ") + bold("them up.")) + p(bold("End"))
    assert paths(document(package(body))) == [("Chain",), ("Tyres",)]
    rows = p(bold("Cycle Works")) + p(bold("Dock Road")) + p(bold("Lübeck")) + p("Open daily.")
    assert paths(document(package(rows))) == [()]


def test_the_heading_of_a_table_of_contents_is_no_heading() -> None:
    """A style for the table's own heading, though based on a heading's, does not make a document one with styles."""
    styles = HEADINGS + (
        '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="TOC Heading"/><w:basedOn w:val="Heading1"/></w:style>'
    )
    body = p("Contents", style="T") + p(bold("Chain")) + p("Oil it.")
    assert paths(document(package(body, styles=styles))) == [(), ("Chain",)]


def test_bold_lines_are_text_where_headings_have_a_style() -> None:
    """In a document with heading styles a bold line is a paragraph."""
    body = p("Chain", style="Heading1") + p(bold("Oil")) + p("Every ride.")
    assert paths(document(package(body))) == [("Chain",)]


def test_a_bold_centred_first_line_is_the_title() -> None:
    """The first line is the title where it is bold and centred, and is not repeated in the paths."""
    body = p(bold("Bicycle care"), more='<w:jc w:val="center"/>') + p("All of it.") + p(bold("Chain")) + p("Oil it.")
    found = document(package(body))
    assert (found.title, paths(found)) == ("Bicycle care", [("Bicycle care",), ("Chain",)])


CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{}</cp:coreProperties>'
)
TITLED = HEADINGS + '<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/></w:style>'


@pytest.mark.parametrize(
    ("property_", "body", "expected"),
    [
        ("Bicycle care", p("A title", style="Titel") + p("Care."), "Bicycle care"),
        ("Document1", p("The bicycle", style="Titel") + p("Care."), "The bicycle"),
        ("Microsoft Word - care.doc", p("The bicycle", style="Titel") + p("Care."), "The bicycle"),
        ("care_v2.docx", p("The bicycle", style="Titel") + p("Care."), "The bicycle"),
        ("Minutes of spring", p("The bicycle", style="Titel") + p("Care."), "The bicycle"),
        ("", p("The chain", style="Heading1") + p("Oil it."), "The chain"),
        ("", p("Oil it."), "Untitled"),
    ],
    ids=["property", "default", "program", "file name", "of another document", "heading", "none"],
)
def test_the_title_is_the_best_that_is_known(property_: str, body: str, expected: str) -> None:
    """The title property counts unless a program or another document left it; then the styled title, then a heading."""
    core = CORE.format(f"<dc:title>{property_}</dc:title>")
    assert document(package(body, styles=TITLED, properties={"core": core})).title == expected


def test_properties_become_facts() -> None:
    """Date, publisher and licence come from the file's properties."""
    core = CORE.format(
        '<dcterms:created xsi:type="dcterms:W3CDTF">2020-01-02T03:04:05Z</dcterms:created>'
        '<dcterms:modified xsi:type="dcterms:W3CDTF">2024-05-06T07:08:09Z</dcterms:modified>'
    )
    extended = '<Properties xmlns="x"><Company>Lübeck Cycle Works</Company></Properties>'
    custom = '<Properties xmlns="x" xmlns:v="y"><property name="Rights"><v:lpwstr>CC BY 4.0</v:lpwstr></property></Properties>'
    found = document(package(p("Oil."), properties={"core": core, "extended": extended, "custom": custom}))
    assert (found.date, found.publisher, found.licence) == ("2024-05-06", "Lübeck Cycle Works", "CC BY 4.0")


def test_a_vendor_is_no_publisher() -> None:
    """The company that an installation put in by itself is nobody's."""
    extended = '<Properties xmlns="x"><Company>Hewlett-Packard Company</Company></Properties>'
    assert document(package(p("Oil."), properties={"extended": extended})).publisher is None


# --- lists ----------------------------------------------------------------------------------------


def level(place: int, form: str, text: str, *, start: int = 1, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{place}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/>'
        f'<w:pPr><w:ind w:left="{720 * (place + 1)}" w:hanging="360"/></w:pPr></w:lvl>'
    )


def abstract(id_: int, *levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{id_}">{"".join(levels)}</w:abstractNum>'


def num(id_: int, abstract_id: int, more: str = "") -> str:
    return f'<w:num w:numId="{id_}"><w:abstractNumId w:val="{abstract_id}"/>{more}</w:num>'


def listed(id_: str, place: int = 0) -> str:
    return f'<w:numPr><w:ilvl w:val="{place}"/><w:numId w:val="{id_}"/></w:numPr>'


NUMBERED = (
    abstract(1, level(0, "decimal", "%1."), level(1, "decimal", "%1.%2"), level(2, "lowerLetter", "%3)"))
    + abstract(2, level(0, "bullet", "\uf0b7"), level(1, "bullet", "o"))
    + num(1, 1)
    + num(2, 2)
    + num(3, 1, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>')
)


def item(text: str, id_: str = "1", place: int = 0) -> str:
    return p(text, more=listed(id_, place))


def test_numbers_count_by_level_and_start_again_below() -> None:
    """Each level counts by itself, shows those above it, and starts again after one of them."""
    body = item("a") + item("b", place=1) + item("c", place=1) + item("d", place=2) + item("e") + item("f", place=1)
    assert text_of(body, numbering=NUMBERED) == "1. a\n1.1 b\n1.2 c\na) d\n2. e\n2.1 f\n"


def test_a_list_goes_on_after_other_text_or_starts_again() -> None:
    """The same list goes on counting after a paragraph; one that says so starts again, once."""
    body = item("a") + p("Rest.") + item("b") + p("Rest.") + item("c", "3") + item("d", "3")
    assert text_of(body, numbering=NUMBERED) == "1. a\n\nRest.\n\n2. b\n\nRest.\n\n1. c\n2. d\n"


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("upperLetter", "%1.", "BB. x"),
        ("lowerRoman", "(%1)", "(xxviii) x"),
        ("upperRoman", "%1", "XXVIII x"),
        ("decimalZero", "%1", "28 x"),
        ("decimal", "[%1]", "[28] x"),
        ("decimal", "Step %1:", "Step 28: x"),
        ("bullet", "\uf0a7", "- x"),
        ("none", "", "x"),
    ],
)
def test_a_number_is_written_in_its_form(form: str, text: str, expected: str) -> None:
    """Letters, Roman numerals and what stands around a number are as on the page; every bullet is a dash."""
    numbering = abstract(1, level(0, form, text, start=28)) + num(1, 1)
    assert text_of(item("x"), numbering=numbering) == f"{expected}\n"


def test_roman_numerals() -> None:
    """Roman numerals subtract."""
    assert [roman(number) for number in (4, 9, 14, 40, 90, 400, 1999)] == [
        "iv", "ix", "xiv", "xl", "xc", "cd", "mcmxcix",
    ]  # fmt: skip


def test_levels_may_keep_counting() -> None:
    """A level that never restarts goes on counting, and a legal list shows every level in digits."""
    numbering = (
        abstract(
            1,
            level(0, "upperRoman", "%1."),
            level(1, "decimal", "%1.%2", more='<w:lvlRestart w:val="0"/><w:isLgl/>'),
        )
        + num(1, 1)
    )  # fmt: skip
    body = item("a") + item("b", place=1) + item("c") + item("d", place=1)
    assert text_of(body, numbering=numbering) == "I. a\n1.1 b\nII. c\n2.2 d\n"


def test_items_stand_in_each_other_and_know_what_introduces_them() -> None:
    """A list within an item belongs to the item, the outer items to the line before the list."""
    body = p("Two things wear it out:") + item("dirt", "2") + item("sand", "2", 1) + item("rust", "2")
    assert lead_ins(document(package(body, numbering=NUMBERED))) == [
        ("Two things wear it out:", None),
        ("- dirt", "Two things wear it out:"),
        ("- sand", "- dirt"),
        ("- rust", "Two things wear it out:"),
    ]


def test_another_list_further_in_stands_in_the_item() -> None:
    """Bullets of a list of their own, indented below a numbered item, are in that item."""
    further = listed("2") + '<w:ind w:left="1440"/>'
    body = p("Do this:") + item("clean:") + p("rag", more=further) + p("brush", more=further) + item("oil")
    found = lead_ins(document(package(body, numbering=NUMBERED)))
    assert [(text, lead_in) for text, lead_in in found[1:]] == [
        ("1. clean:", "Do this:"),
        ("- rag", "1. clean:"),
        ("- brush", "1. clean:"),
        ("2. oil", "Do this:"),
    ]


def test_an_item_may_have_several_paragraphs() -> None:
    """A paragraph as far in as an item goes on with it, and the list goes on after it."""
    body = p("Do this:") + item("clean", "2") + p("With a rag.", more='<w:ind w:left="720"/>') + item("oil", "2")
    found = document(package(body, numbering=NUMBERED))
    assert found.text == "Do this:\n\n- clean\n\nWith a rag.\n\n- oil\n"
    assert lead_ins(found)[-1] == ("- oil", "Do this:")


def test_a_paragraph_that_is_not_indented_ends_a_list() -> None:
    """What stands further out than the items ends their list, and may introduce the items after it."""
    body = p("Do this:") + item("clean", "2") + p("Then this:") + item("oil", "2")
    assert lead_ins(document(package(body, numbering=NUMBERED)))[-1] == ("- oil", "Then this:")


def test_numbers_after_bullets_are_another_list() -> None:
    """A numbered list right after bullets has not their lead-in, nor has one that starts again."""
    body = p("Do this:") + item("clean", "2") + item("first") + item("second") + item("first", "3")
    found = lead_ins(document(package(body, numbering=NUMBERED)))
    assert found[1:] == [("- clean", "Do this:"), ("1. first", None), ("2. second", None), ("1. first", None)]


def test_a_style_counts_its_paragraphs() -> None:
    """Paragraphs count by their style, at the level that the list gives to the style; number 0 switches it off."""
    styles = HEADINGS + (
        '<w:style w:type="paragraph" w:styleId="Sub"><w:name w:val="Sub"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr>'
        "</w:pPr></w:style>"
    )
    numbering = abstract(
        1, level(0, "decimal", "%1."), level(1, "decimal", "%1.%2", more='<w:pStyle w:val="Sub"/>')
    ) + num(1, 1)
    body = item("a") + p("b", style="Sub") + p("c.", style="Sub", more=listed("0"))
    assert text_of(body, styles=styles, numbering=numbering) == "1. a\n1.1 b\n\nc.\n"


def test_a_list_may_be_written_by_a_style() -> None:
    """A list that leaves its levels to a list style has those of that style's own list."""
    styles = HEADINGS + (
        '<w:style w:type="numbering" w:styleId="L"><w:name w:val="L"/><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>'
    )
    numbering = abstract(1, '<w:numStyleLink w:val="L"/>') + abstract(2, level(0, "lowerRoman", "%1.")) + num(1, 1)
    assert text_of(item("x"), styles=styles, numbering=numbering + num(2, 2)) == "i. x\n"


def test_a_typed_bullet_is_a_bullet() -> None:
    """A bullet or number that was typed, with a tab after it, makes an item."""
    tabbed = "<w:r><w:t>{}</w:t></w:r><w:r><w:tab/></w:r><w:r><w:t>{}</w:t></w:r>"
    body = p("Do this:") + p(tabbed.format("1.", "clean")) + p(tabbed.format("2.", "oil")) + p("• wipe")
    found = document(package(body + p(tabbed.format("Pressure", "4 bar"))))
    assert found.text == "Do this:\n\n1. clean\n2. oil\n- wipe\n\nPressure\t4 bar\n"
    assert lead_ins(found)[2] == ("2. oil", "Do this:")


# --- tables ---------------------------------------------------------------------------------------


def tc(inner: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner if inner.startswith('<') else p(inner)}</w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def tbl(*rows: str, look: str = "") -> str:
    return f"<w:tbl><w:tblPr>{look}</w:tblPr>{''.join(rows)}</w:tbl>"


@pytest.mark.parametrize(
    ("look", "properties", "headed"),
    [
        ("", "<w:tblHeader/>", True),
        ('<w:tblLook w:firstRow="1"/>', "", True),
        ('<w:tblLook w:val="04A0"/>', "", True),
        ('<w:tblLook w:val="0480"/>', "", False),
        ('<w:tblLook w:firstRow="0"/>', "", False),
        ("", "", False),
    ],
)
def test_a_marked_first_row_names_the_columns(look: str, properties: str, headed: bool) -> None:  # noqa: FBT001
    """A row marked as header, or the first one where the table's look sets it apart, introduces the others."""
    table = tbl(tr(tc("Part"), tc("Every"), properties=properties), tr(tc("chain"), tc("200 km")), look=look)
    found = document(package(table + p("After.")))
    assert found.text == "Part\tEvery\nchain\t200 km\n\nAfter.\n"
    assert lead_ins(found)[1] == ("chain\t200 km", "Part\tEvery" if headed else None)


def test_a_first_row_of_data_names_nothing() -> None:
    """Where the look is a new table's own and the first row holds a figure, it is data."""
    table = tbl(tr(tc("chain"), tc("200 km")), tr(tc("brake"), tc("1 year")), look='<w:tblLook w:firstRow="1"/>')
    assert [lead_in for _, lead_in in lead_ins(document(package(table)))] == [None, None]


def test_a_merged_cell_stands_wherever_it_spans() -> None:
    """A cell over several columns or rows stands in each of them; deleted rows are gone."""
    table = tbl(
        tr(tc("Tyres", '<w:vMerge w:val="restart"/>'), tc("wide", '<w:gridSpan w:val="2"/>')),
        tr(tc("", "<w:vMerge/>"), tc("slim"), tc("7 bar")),
        tr(tc("gone"), tc("gone"), properties="<w:del/>"),
    )
    assert text_of(table) == "Tyres\twide\twide\nTyres\tslim\t7 bar\n"


def test_a_cell_may_hold_several_paragraphs() -> None:
    """The paragraphs of a cell are its lines, bullets included, and raised numbers are markers."""
    cell = tc(item("clean", "2") + item("oil", "2") + p(r("daily") + up("2")))
    found = document(package(tbl(tr(tc("Chain"), cell), tr(tc("Brake"), tc("wipe"))), numbering=NUMBERED))
    assert found.text == "Chain\t- clean\n- oil\ndaily 2\nBrake\twipe\n"
    assert reading(found) == "Chain clean oil daily\nBrake wipe"
    assert markers(found) == [("2", (2,))]


def test_a_table_that_lays_out_the_page_is_no_table() -> None:
    """One cell, or cells that hold headings or tables, are read as the page; the table inside stays one."""
    assert text_of(tbl(tr(tc(p("Note well.") + p("Oil it."))))) == "Note well.\n\nOil it.\n"
    inner = tbl(tr(tc("chain"), tc("200 km")))
    page = tbl(tr(tc(p("Chain", style="Heading1") + p("Oil it.")), tc(p("Every:") + inner)))
    found = document(package(page))
    assert found.text == "Chain\n\nOil it.\n\nEvery:\n\nchain\t200 km\n"
    assert [block.kind for block in found.blocks] == ["heading", "paragraph", "paragraph", "table"]


# --- superscripts and notes -----------------------------------------------------------------------


def test_adjacent_superscripts_are_one_group() -> None:
    """A group that the file cuts into several runs is one marker; an exponent is none."""
    found = document(package(p(r("It wears") + up("1") + up("2") + up(",") + up("5") + r(". 30 cm") + up("2"))))
    assert found.text == "It wears 12,5. 30 cm²\n"
    assert markers(found) == [("12,5", (12, 5))]


def test_a_raised_run_is_superscript_by_style_or_position_too() -> None:
    """A run is superscript by its character style or a raised position, but words that are only moved are words."""
    styles = HEADINGS + (
        '<w:style w:type="character" w:styleId="Cite"><w:name w:val="Cite"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
    )
    moved = '<w:position w:val="6"/>'
    body = p(
        r("Oil it") + r("1", '<w:rStyle w:val="Cite"/>') + r(". Wax it") + r("2", moved) + r(" not", moved) + r(".")
    )
    found = document(package(body, styles=styles))
    assert found.text == "Oil it 1. Wax it 2 not.\n"
    assert markers(found) == [("1", (1,)), ("2", (2,))]


def test_a_cross_reference_is_a_marker_even_after_a_digit() -> None:
    """A raised number that links within the document is no exponent, as a link or as a field."""
    link = f'<w:hyperlink w:anchor="ref3">{up("3")}</w:hyperlink>'
    found = document(package(p(r("So in 2020") + link + r(" and 2021") + field(" REF _Ref4 \\h ", up("4")) + r("."))))
    assert found.text == "So in 2020 3 and 2021 4.\n"
    assert markers(found) == [("3", (3,)), ("4", (4,))]


def note(kind: str, id_: int, inner: str) -> str:
    mark = f"<w:r><w:{kind}Ref/></w:r>"
    return f'<w:{kind} w:id="{id_}"><w:p>{mark}{inner}</w:p></w:{kind}>'


def reference(kind: str, id_: int, more: str = "") -> str:
    return f'<w:r><w:{kind}Reference {more} w:id="{id_}"/></w:r>'


def test_footnotes_and_endnotes_are_references_in_one_order() -> None:
    """A note's mark is a marker with the number of its turn, and its text the reference of that number."""
    body = p(r("Oil it.") + reference("endnote", 7) + r(" Wipe it.") + reference("footnote", 2))
    separator = '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    notes = {
        "footnotes": separator + note("footnote", 2, r("Vale P. Rags. 2012.")) + note("footnote", 3, r("Never used.")),
        "endnotes": note("endnote", 7, r("Ahrens K. Oils. 2009.")),
    }
    found = document(package(body, notes=notes))
    assert found.text == "Oil it. 1 Wipe it. 2\n"
    assert markers(found) == [("1", (1,)), ("2", (2,))]
    assert [(each.number, each.title, each.year) for each in found.references] == [(1, "Oils", 2009), (2, "Rags", 2012)]


def test_two_notes_at_one_place_stay_apart() -> None:
    """The marks of two notes in a row read as two numbers."""
    found = document(
        package(
            p(r("Oil it.") + reference("footnote", 1) + reference("footnote", 2)),
            notes={"footnotes": note("footnote", 1, r("One.")) + note("footnote", 2, r("Two."))},
        )
    )
    assert markers(found) == [("1,2", (1, 2))]


def test_a_note_may_have_a_mark_of_its_own() -> None:
    """A note marked with a sign is counted last, and its sign is its marker."""
    own = reference("footnote", 1, 'w:customMarkFollows="1"').replace("</w:r>", "<w:t>*</w:t></w:r>")
    found = document(
        package(
            p(r("Oil it.") + own + r(" Wipe it.") + reference("footnote", 2)),
            notes={"footnotes": note("footnote", 1, r("Not yours.")) + note("footnote", 2, r("Two."))},
        )
    )
    assert markers(found) == [("*", (2,)), ("1", (1,))]
    assert [each.title for each in found.references] == ["Two", "Not yours"]


def test_the_address_of_a_link_in_a_note_is_kept() -> None:
    """A note's address comes from its link where the text does not name it."""
    link = f'<w:hyperlink r:id="L1">{r("Oils")}</w:hyperlink>'
    relations = f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="L1" Type="{RELATIONS}/hyperlink" Target="https://example.org/oils" TargetMode="External"/></Relationships>'
    raw = package(
        p(r("Oil it.") + reference("footnote", 1)),
        notes={"footnotes": note("footnote", 1, r("Ahrens K. ") + link + r(". 2009."))},
        extra={"word/_rels/footnotes.xml.rels": relations},
    )
    assert [(each.title, each.url) for each in document(raw).references] == [("Oils", "https://example.org/oils")]


SOURCES = p("References", style="Heading1") + item("Ahrens K. Oils. 2009.") + item("Vale P. Rags. 2012.")


def test_a_typed_list_of_references_resolves_with_the_addresses_of_its_links() -> None:
    """Numbered entries under References are the bibliography; a link gives the address that an entry does not write."""
    link = f'<w:hyperlink r:id="L1">{r("Brushes")}</w:hyperlink>'
    fielded = field(' HYPERLINK "https://example.org/soap" ', r("Soap"))
    body = p(r("Oil it.") + up("2,3")) + SOURCES
    body += p(r("Roy T. ") + link + r(". 2015."), more=listed("1"))
    body += p(r("Kern A. ") + fielded + r(". 2016."), more=listed("1"))
    raw = package(body, numbering=NUMBERED, links={"L1": "https://example.org/brushes"})
    assert [(each.number, each.title, each.url) for each in document(raw).references] == [
        (1, "Oils", None),
        (2, "Rags", None),
        (3, "Brushes", "https://example.org/brushes"),
        (4, "Soap", "https://example.org/soap"),
    ]


def test_a_link_in_another_list_is_no_reference() -> None:
    """A numbered item with a link is an entry only under a heading that says so."""
    link = f'<w:hyperlink r:id="L1">{r("rags")}</w:hyperlink>'
    body = p("Shopping", style="Heading1") + p(r("Buy ") + link + r("."), more=listed("1"))
    assert document(package(body, numbering=NUMBERED, links={"L1": "https://example.org/rags"})).references == ()


def test_a_footnote_does_not_take_the_number_of_a_typed_reference() -> None:
    """Where the sources are typed and numbered, footnotes count on after them."""
    body = p(r("Oil it.") + up("1") + r(" Wipe it.") + reference("footnote", 2)) + SOURCES
    found = document(package(body, numbering=NUMBERED, notes={"footnotes": note("footnote", 2, r("Or let it be."))}))
    assert markers(found) == [("1", (1,)), ("3", (3,))]
    assert [(each.number, each.title) for each in found.references] == [(1, "Oils"), (2, "Rags"), (3, "Or let it be")]


# --- what hangs on the page -----------------------------------------------------------------------


def test_a_text_box_is_read_once() -> None:
    """A text box stands after the paragraph that it hangs on, once, though the file writes it in two ways."""
    box = "<w:txbxContent>" + p("Mind the disc.") + "</w:txbxContent>"
    drawing = (
        f"<mc:AlternateContent><mc:Choice><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box.replace('disc', 'old disc')}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
    )
    assert (
        text_of(p(r("Oil ") + f"<w:r>{drawing}</w:r>" + r("it.")) + p("End.")) == "Oil it.\n\nMind the disc.\n\nEnd.\n"
    )


@pytest.mark.parametrize(
    "around",
    [
        "<w:customXml>{}</w:customXml>",
        "<w:ins>{}</w:ins>",
        "<w:sdt><w:sdtPr/><w:sdtContent>{}</w:sdtContent></w:sdt>",
        "<mc:AlternateContent><mc:Choice>{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent>",
    ],
    ids=["custom XML", "insertion", "control", "alternatives"],
)
def test_what_stands_around_blocks_is_looked_through(around: str) -> None:
    """Paragraphs, rows and cells are found within whatever the format allows around them."""
    row = tr(around.replace("{}", tc("chain")), tc(around.replace("{}", p("200 km"))))
    body = around.replace("{}", p("Oil it.")) + tbl(around.replace("{}", row), tr(tc("brake"), tc("1 year")))
    assert text_of(body) == "Oil it.\n\nchain\t200 km\nbrake\t1 year\n"


def test_a_text_box_in_a_cell_follows_its_row() -> None:
    """A text box that hangs on a cell is read after the row."""
    box = f"<w:r><w:pict><v:textbox><w:txbxContent>{p('Mind the disc.')}</w:txbxContent></v:textbox></w:pict></w:r>"
    table = tbl(tr(tc(p(r("chain") + box)), tc("200 km")), tr(tc("brake"), tc("1 year")))
    assert text_of(table) == "chain\t200 km\n\nMind the disc.\n\nbrake\t1 year\n"


def test_headers_and_footers_are_left_out() -> None:
    """What stands at the head and foot of each page is no part of the text."""
    word = docx.Document()
    word.add_paragraph("Oil it.")
    word.sections[0].header.paragraphs[0].text = "Cycle Works"
    word.sections[0].footer.paragraphs[0].text = "Page 1"
    file = io.BytesIO()
    word.save(file)
    assert document(file.getvalue()).text == "Oil it.\n"


def test_code_keeps_its_lines() -> None:
    """A paragraph in a style for code is a block of code, white space kept."""
    styles = HEADINGS + '<w:style w:type="paragraph" w:styleId="SourceCode"><w:name w:val="Source Code"/></w:style>'
    body = p('<w:r><w:t>a</w:t><w:br/><w:t xml:space="preserve">  b</w:t></w:r>', style="SourceCode")
    found = document(package(body, styles=styles))
    assert (found.text, [block.kind for block in found.blocks]) == ("a\n  b\n", ["code"])


# --- other varieties ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "main",
    [
        "application/vnd.ms-word.document.macroEnabled.main+xml",
        f"{WORD}.template.main+xml",
        "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    ],
    ids=["macros", "template", "template with macros"],
)
def test_other_kinds_of_word_document_are_read(main: str) -> None:
    """A template or a document with macros is read like any other; macros are never looked at."""
    assert document(package(p("Oil it."), main=main)).text == "Oil it.\n"


def test_the_strict_variety_is_read() -> None:
    """A file in the strict variety of the format is read like any other."""
    raw = package(p(r("Oil it.") + up("2")) + p("Chain", style="Heading1"))
    with zipfile.ZipFile(io.BytesIO(raw)) as source:
        parts = {name: source.read(name).decode() for name in source.namelist()}
    for name, text in parts.items():
        strict = text.replace(
            "schemas.openxmlformats.org/wordprocessingml/2006/", "purl.oclc.org/ooxml/wordprocessingml/"
        )
        parts[name] = strict.replace(
            "schemas.openxmlformats.org/officeDocument/2006/", "purl.oclc.org/ooxml/officeDocument/"
        )
    found = document(zipped(parts))
    assert (found.text, markers(found), paths(found)) == ("Oil it. 2\n\nChain\n", [("2", (2,))], [(), ("Chain",)])


def test_relationships_that_lead_nowhere_do_no_harm() -> None:
    """A file whose relationships name parts that are missing, as some programs write, is read."""
    raw = package(p("Oil it."))
    with zipfile.ZipFile(io.BytesIO(raw)) as source:
        parts = {name: source.read(name).decode() for name in source.namelist()}
    name = "word/_rels/document.xml.rels"
    parts[name] = parts[name].replace(
        "</Relationships>", relation("image", "NULL") + relation("footnotes", "../NULL") + "</Relationships>"
    )
    assert document(zipped(parts)).text == "Oil it.\n"


# --- what cannot be read --------------------------------------------------------------------------


def test_a_protected_file_is_refused() -> None:
    """A file with a password, or an old .doc, is named as such."""
    error = refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert error.reason == "it is protected with a password, or an old .doc under a new name"
    assert error.remedy == "Open it in Word or LibreOffice and save it as .docx without a password"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"Oil it.", "it is not a Word document (.docx), or it is damaged"),
        (package(p("Oil it."))[:-30], "it is not a Word document (.docx), or it is damaged"),
        (zipped({"mimetype": "application/epub+zip"}), "it is no Word document"),
        (package(p("Oil it."), main="application/vnd.ms-excel.sheet.main+xml"), "it is no Word document"),
        (package("<w:p>"), "it is damaged, or lacks its main part"),
        (package("", extra={"word/document.xml": f"<w:document {NAMES}/>"}), "it is damaged, or lacks its main part"),
        (package(p("x"), extra={"_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"/>'}),
         "it is damaged, or lacks its main part"),
        (package(p("x"), extra={"_rels/.rels": "<broken"}), "_rels/.rels in it is damaged"),
        (package(""), "it holds no text"),
        (package(p(" ")), "it holds no text"),
        (package(p("<w:r><w:drawing/></w:r>")), "it holds pictures and no text"),
        (package('<w:altChunk r:id="x"/>'), "a part of it is kept in another format inside the file"),
    ],
    ids=["text", "cut off", "EPUB", "spreadsheet", "broken XML", "no body", "no main part", "broken relations", "empty", "blank",
         "pictures", "other format inside"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_reason(raw: bytes, reason: str) -> None:
    """Each way in which a file cannot be read has its own reason and a remedy."""
    error = refusal(raw)
    assert error.reason == reason
    assert error.remedy


def test_entities_are_refused() -> None:
    """A file that declares entities, with which a small file unfolds to a large one, is not parsed at all."""
    bomb = '<!DOCTYPE x [<!ENTITY a "oil oil oil"><!ENTITY b "&a;&a;&a;&a;">]>'
    raw = package(
        "",
        extra={
            "word/document.xml": f"{bomb}<w:document {NAMES}><w:body>{p('<w:r><w:t>&b;</w:t></w:r>')}</w:body></w:document>"
        },
    )
    assert refusal(raw).reason == "word/document.xml in it declares entities, which no Word document does"


def test_a_file_that_unfolds_to_far_too_much_is_refused() -> None:
    """A member that shrinks to almost nothing is not unpacked."""
    raw = package(p("Oil it."), extra={"word/media.xml": "0" * 50_000_000})
    assert refusal(raw).reason == "it unpacks to far more than a document holds; the limit is 200,000,000 bytes"


def test_deep_nesting_is_refused_or_read() -> None:
    """Tables within tables are read as deep as anybody nests them; beyond that the file is refused, not crashed on."""

    def nested(depth: int) -> str:
        inner = p("Oil it.")
        for _ in range(depth):
            inner = tbl(tr(tc(inner + p(""))))
        return inner

    assert text_of(nested(20)) == "Oil it.\n"
    assert refusal(package(nested(400))).reason == "it is damaged, or lacks its main part"
