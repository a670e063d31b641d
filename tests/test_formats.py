"""The same document in every format is read the same, and the same question finds the same passage in each."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import docx
import pytest
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import ListFlowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from qa.corpus import read_corpus
from qa.corpus.annotate import Facts
from qa.corpus.formats import READERS
from qa.index import Index
from qa.index.build import build
from qa.pipeline import Pipeline
from qa.reading import overlapping, read
from qa.safety import SafetyGate
from qa.types import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from qa.types import Document, RankedPassage

TITLE = "Bicycle care"
MENU = ("Home", "About us", "Contact us")
REFERENCES = (
    "Ahrens K. A bicycle for life. Pedal Press. 2009.",
    "Brandt L, Öztürk M. Dirt, oil and wear. Journal of Cycling. 2012. https://example.org/dirt",
    "Müller J. Creeping oils. Lübeck Reports. 2015.",
    "Nakamura S. Pressure and punctures. Tyre Letters. 2018. https://example.org/pressure",
    "Vale P, Roy T. Home repair, tested. Workshop Quarterly. 2021.",
)
CLOSING = "The oil that Müller tested in Lübeck creeps between the links.^3^ A worn chain ruins the sprockets."


@dataclass(frozen=True)
class Piece:
    """One block of the document; ``^2,5^`` in a text is raised."""

    kind: str
    texts: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.texts[0]


def pieces(edition: str) -> list[Piece]:
    """Return the document; every edition says which it is, as two files that say the same are one too many."""
    return [
        Piece("menu", MENU),
        Piece("title", (TITLE,)),
        Piece("paragraph", ("A bicycle that is looked after lasts for decades.^1^ It needs an hour each month.",)),
        Piece("paragraph", (f"This is the {edition} edition of the workshop notes.",)),
        Piece("heading", ("The chain",)),
        Piece("paragraph", ("Oil the bicycle chain every 200 kilometres, and after each ride in the rain.^2,5^ Wipe it.",)),
        Piece("paragraph", ("A worn chain shows itself in three ways:",)),
        Piece("items", ("the gears slip under load^2^", "the links rattle", "a gauge drops in all the way^4,5^")),
        Piece("paragraph", (CLOSING,)),
        Piece("break", ()),
        Piece("heading", ("Tyres",)),
        Piece("paragraph", ("Soft tyres wear out sooner and puncture more often.^1,4^ Pressure depends on the width.",)),
        Piece("table", ("Width", "Pressure", "28 mm", "6 bar", "40 mm", "4 bar")),
        Piece("paragraph", ("Look for a slow puncture by holding the tube under water.",)),
        Piece("break", ()),
        Piece("heading", ("Brakes",)),
        Piece("paragraph", ("Brake pads are worn when their grooves are gone.^3–5^ Squealing brakes need cleaning.",)),
        Piece("paragraph", ("Never oil a brake disc, because an oily disc does not stop the bicycle.^2^",)),
        Piece("heading", ("References",)),
        Piece("sources", REFERENCES),
    ]  # fmt: skip


LINES = [
    "Bicycle care",
    "A bicycle that is looked after lasts for decades. It needs an hour each month.",
    "This is the EDITION edition of the workshop notes.",
    "The chain",
    "Oil the bicycle chain every 200 kilometres, and after each ride in the rain. Wipe it.",
    "A worn chain shows itself in three ways:",
    "the gears slip under load",
    "the links rattle",
    "a gauge drops in all the way",
    "The oil that Müller tested in Lübeck creeps between the links. A worn chain ruins the sprockets.",
    "Tyres",
    "Soft tyres wear out sooner and puncture more often. Pressure depends on the width.",
    "Width Pressure",
    "28 mm 6 bar",
    "40 mm 4 bar",
    "Look for a slow puncture by holding the tube under water.",
    "Brakes",
    "Brake pads are worn when their grooves are gone. Squealing brakes need cleaning.",
    "Never oil a brake disc, because an oily disc does not stop the bicycle.",
]
MARKERS = [
    ("lasts for decades", (1,)),
    ("in the rain", (2, 5)),
    ("slip under load", (2,)),
    ("all the way", (4, 5)),
    ("between the links", (3,)),
    ("puncture more often", (1, 4)),
    ("grooves are gone", (3, 4, 5)),
    ("stop the bicycle", (2,)),
]
RESOLVED = [
    (1, "A bicycle for life", None),
    (2, "Dirt, oil and wear", "https://example.org/dirt"),
    (3, "Creeping oils", None),
    (4, "Pressure and punctures", "https://example.org/pressure"),
    (5, "Home repair, tested", None),
]


# --- the document, written in each format ---------------------------------------------------------


def rows(piece: Piece) -> list[tuple[str, str]]:
    return list(zip(piece.texts[::2], piece.texts[1::2], strict=True))


def tagged(text: str, tag: str = "sup") -> str:
    return re.sub(r"\^([^^]+)\^", rf"<{tag}>\1</{tag}>", text)


def markdown_row(place: int, row: tuple[str, str]) -> str:
    return f"| {row[0]} | {row[1]} |" + ("" if place else "\n|---|---|")


def as_markdown(document: list[Piece]) -> bytes:
    """Write Markdown, raised groups between carets."""
    writers: dict[str, Callable[[Piece], str]] = {
        "menu": lambda piece: "\n".join(f"[{entry}](#)  " for entry in piece.texts),
        "title": lambda piece: f"# {piece.text}",
        "heading": lambda piece: f"## {piece.text}",
        "paragraph": lambda piece: piece.text,
        "items": lambda piece: "\n".join(f"- {text}" for text in piece.texts),
        "sources": lambda piece: "\n".join(f"{number}. {text}" for number, text in enumerate(piece.texts, 1)),
        "table": lambda piece: "\n".join(markdown_row(place, row) for place, row in enumerate(rows(piece))),
    }
    return "\n\n".join(writers[piece.kind](piece) for piece in document if piece.kind != "break").encode()


def as_text(document: list[Piece]) -> bytes:
    """Write plain text as it is copied from a page: raised groups are glued to the word before."""
    writers: dict[str, Callable[[Piece], str]] = {
        "menu": lambda piece: "\n".join(piece.texts),
        "items": lambda piece: "\n".join(f"- {text}" for text in piece.texts),
        "sources": lambda piece: "\n".join(f"{number}. {text}" for number, text in enumerate(piece.texts, 1)),
        "table": lambda piece: "\n".join("\t".join(row) for row in rows(piece)),
    }
    plain = (writers.get(piece.kind, lambda piece: piece.text)(piece) for piece in document if piece.kind != "break")
    return "\n\n".join(plain).replace("^", "").encode()


def body(document: list[Piece]) -> str:
    """Write what stands in the body of HTML."""
    writers: dict[str, Callable[[Piece], str]] = {
        "menu": lambda piece: f"<nav>{elements('a', piece.texts)}</nav>",
        "title": lambda piece: f"<h1>{piece.text}</h1>",
        "heading": lambda piece: f"<h2>{piece.text}</h2>",
        "paragraph": lambda piece: f"<p>{tagged(piece.text)}</p>",
        "items": lambda piece: f"<ul>{elements('li', piece.texts)}</ul>",
        "sources": lambda piece: f"<ol>{elements('li', piece.texts)}</ol>",
        "table": lambda piece: (
            f"<table>{''.join(table_row(place, row) for place, row in enumerate(rows(piece)))}</table>"
        ),
    }
    return "\n".join(writers[piece.kind](piece) for piece in document if piece.kind != "break")


def table_row(place: int, row: tuple[str, str]) -> str:
    return f"<tr>{elements('td' if place else 'th', row)}</tr>"


def elements(tag: str, texts: Sequence[str]) -> str:
    return " ".join(f"<{tag}>{tagged(text)}</{tag}>" for text in texts)


def as_html(document: list[Piece]) -> bytes:
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{TITLE}</title></head><body>{body(document)}</body></html>".encode()


def as_epub(document: list[Piece]) -> bytes:
    """Write an EPUB of one chapter, with its table of contents."""
    page = (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head><title>{}</title></head>'
        "<body>{}</body></html>"
    )
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": (
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
            '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
        ),
        "book.opf": (
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">x</dc:identifier>'
            f"<dc:title>{TITLE}</dc:title><dc:language>en</dc:language></metadata>"
            '<manifest><item id="c" href="care.xhtml" media-type="application/xhtml+xml"/>'
            '<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/></manifest>'
            '<spine><itemref idref="c"/></spine></package>'
        ),
        "care.xhtml": page.format(TITLE, body(document)),
        "nav.xhtml": page.format(
            "Contents", f'<nav epub:type="toc"><ol><li><a href="care.xhtml">{TITLE}</a></li></ol></nav>'
        ),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for name, text in parts.items():
            target.writestr(name, text)
    return file.getvalue()


def as_docx(document: list[Piece]) -> bytes:
    word = docx.Document()
    styles = {"title": "Title", "heading": "Heading 1", "items": "List Bullet", "sources": "List Number"}
    for piece in document:
        if piece.kind == "table":
            table = word.add_table(rows=0, cols=2)
            for row in rows(piece):
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        elif piece.kind == "break":
            word.add_page_break()
        else:
            for text in piece.texts:
                paragraph = word.add_paragraph(style=styles.get(piece.kind))
                for place, run in enumerate(text.split("^")):
                    paragraph.add_run(run).font.superscript = bool(place % 2)
    file = io.BytesIO()
    word.save(file)
    return file.getvalue()


def as_pdf(document: list[Piece]) -> bytes:
    """Write a PDF of three pages, each with a running head and its number."""
    styles = getSampleStyleSheet()
    named = {"title": styles["Title"], "heading": styles["Heading2"]}
    flow: list[Any] = []
    for piece in document:
        if piece.kind == "break":
            flow.append(PageBreak())
        elif piece.kind == "table":
            flow.append(Table(rows(piece)))
        elif piece.kind in ("items", "sources"):
            entries = [Paragraph(tagged(text, "super"), styles["Normal"]) for text in piece.texts]
            numbered = (
                {"bulletType": "1", "bulletFormat": "%s."} if piece.kind == "sources" else {"bulletType": "bullet"}
            )
            flow.append(ListFlowable(entries, **numbered))
        else:
            texts = [" | ".join(piece.texts)] if piece.kind == "menu" else piece.texts
            flow += [Paragraph(tagged(text, "super"), named.get(piece.kind, styles["Normal"])) for text in texts]
        flow.append(Spacer(0, 8))

    def frame(canvas: Any, template: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 560, "Workshop notes on looking after bicycles")
        canvas.drawCentredString(210, 30, f"Page {template.page}")

    file = io.BytesIO()
    SimpleDocTemplate(file, pagesize=A5, title=TITLE).build(flow, onFirstPage=frame, onLaterPages=frame)
    return file.getvalue()


WRITERS: dict[str, Callable[[list[Piece]], bytes]] = {
    "md": as_markdown,
    "txt": as_text,
    "html": as_html,
    "docx": as_docx,
    "epub": as_epub,
    "pdf": as_pdf,
}
FORMATS = sorted(WRITERS)


@cache
def document(suffix: str) -> Document:
    """Write and read the document."""
    raw = WRITERS[suffix](pieces(suffix))
    return READERS[f".{suffix}"](raw, Facts(id=suffix, hash="h"), path=f"care.{suffix}", fallback_title="Care")


def lines(found: Document) -> Iterator[tuple[str, Span]]:
    """Yield the blocks as they are read, each with its place in the text."""
    reading = read(found, Span(start=0, end=len(found.text)))
    at = 0
    for line in reading.text.split("\n"):
        yield line, reading.to_document(at, at + len(line))
        at += len(line) + 1


def without_marks(found: Document, span: Span) -> str:
    """Return a slice of the text without its markers and markup, white space collapsed."""
    gone = [marker.span for marker in overlapping(found.markers, span)] + [*overlapping(found.markup, span)]
    hidden = {offset for mark in gone for offset in range(mark.start, mark.end)}
    kept = "".join(found.text[offset] for offset in range(span.start, span.end) if offset not in hidden)
    return re.sub(r" (?=[.,]|$)", "", " ".join(kept.split()))


# --- what is read ---------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_has_the_same_sections(suffix: str) -> None:
    """The title and the headings are the same in each format, and so are the paths."""
    found = document(suffix)
    assert found.title == TITLE
    paths = [section.path for section in found.sections if section.path]
    assert paths == [(TITLE,), ("The chain",), ("Tyres",), ("Brakes",), ("References",)]


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_reads_the_same(suffix: str) -> None:
    """Each format reads the same, block by block: without menu, running heads, page numbers and references."""
    expected = [line.replace("EDITION", suffix) for line in LINES]
    assert [line for line, _ in lines(document(suffix))] == expected


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_block_is_an_exact_slice(suffix: str) -> None:
    """The slice of the text that a block is read from says the block, but for markers and markup."""
    found = document(suffix)
    assert [without_marks(found, span) for _, span in lines(found)] == [line for line, _ in lines(found)]


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_has_the_same_markers(suffix: str) -> None:
    """The same groups of numbers stand at the same sentences."""
    found = document(suffix)
    before = [" ".join(re.findall(r"\w+", found.text[: marker.span.start])[-3:]) for marker in found.markers]
    assert list(zip(before, [marker.numbers for marker in found.markers], strict=True)) == MARKERS


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_has_the_same_references(suffix: str) -> None:
    """The list of references is the bibliography."""
    assert [(each.number, each.title, each.url) for each in document(suffix).references] == RESOLVED


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_list_item_knows_its_lead_in(suffix: str) -> None:
    """The line before the list introduces each of its items."""
    found = document(suffix)
    items = [block for block in found.blocks if block.kind == "item" and block.lead_in is not None]
    assert [read(found, block.lead_in or block.span).text for block in items] == [
        "A worn chain shows itself in three ways:"
    ] * 3


@pytest.mark.parametrize("suffix", ["docx", "epub", "html"])
def test_every_row_knows_its_header(suffix: str) -> None:
    """The row that names the columns introduces the others, where a format marks it."""
    found = document(suffix)
    rows_ = [block for block in found.blocks if block.kind == "table" and block.lead_in is not None]
    assert [read(found, block.lead_in or block.span).text for block in rows_] == ["Width Pressure"] * 2


def test_only_a_pdf_has_pages() -> None:
    """The PDF has three pages; the other formats have none."""
    assert {suffix: len(document(suffix).pages) for suffix in FORMATS} == {
        "docx": 0,
        "epub": 0,
        "html": 0,
        "md": 0,
        "pdf": 3,
        "txt": 0,
    }


# --- what is found --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def searched(toy_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """Return the real pipeline over an index of the document in every format that can be read.

    It is built beside a copy of the toy corpus' index, whose encoder it takes over: to write one takes most of the time.
    """
    folder = tmp_path_factory.mktemp("formats") / "corpus"
    folder.mkdir()
    index = shutil.copytree(toy_index, folder.parent / "index")
    for suffix, writer in WRITERS.items():
        (folder / f"in-{suffix}.{suffix}").write_bytes(writer(pieces(suffix)))
    build(read_corpus(folder), index)
    return Pipeline(Index(index, threads=1), SafetyGate.load())


def best(pipeline: Pipeline, suffix: str, question: str) -> tuple[RankedPassage, Document]:
    """Return the passage that the document in one format answers with."""
    ids = list(pipeline.index.manifest.documents)
    ordinal = ids.index(f"in-{suffix}")
    passage = pipeline.search(question, top=1, documents=[ordinal]).passages[0]
    return passage, pipeline.index.documents.get(passage.document.id)


QUESTIONS = [
    ("How often should a bicycle chain be oiled?", "The chain", "Oil the bicycle chain every 200 kilometres", 1),
    ("How do I find a slow puncture?", "Tyres", "Look for a slow puncture by holding the tube under water.", 2),
    ("Why should a brake disc never be oiled?", "Brakes", "Never oil a brake disc, because an oily disc", 3),
]


@pytest.mark.parametrize(("question", "section", "answer", "page"), QUESTIONS, ids=["chain", "puncture", "disc"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_question_finds_the_same_passage(
    searched: Pipeline, suffix: str, question: str, section: str, answer: str, page: int
) -> None:
    """In each format a question leads to the same sentence, quoted exactly, and in the PDF to its page."""
    passage, found = best(searched, suffix, question)
    assert passage.section == (section,)
    quote = next(quote for quote in passage.quotes if quote.role == "answer")
    assert quote.exact.startswith(answer)
    assert quote.exact == found.text[quote.start : quote.end]
    assert passage.exact == found.text[passage.location.start : passage.location.end]
    assert passage.page == (page if suffix == "pdf" else None)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_quoted_sentence_shows_its_sources(searched: Pipeline, suffix: str) -> None:
    """The markers of a passage are resolved against the document's own references, in every format."""
    passage, _ = best(searched, suffix, QUESTIONS[0][0])
    group = next(each for each in passage.source_references if each.numbers == (2, 5))
    assert [reference and reference.title for reference in group.resolved] == [
        "Dirt, oil and wear",
        "Home repair, tested",
    ]
