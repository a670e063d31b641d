"""One text, saved by many programs, is read the same from each; tests/files/README.md says how they were made."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qa.corpus import read_document
from qa.reading import read
from qa.types import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.types import Document

FILES = Path(__file__).parent / "files"
TITLE = "Caring for a bicycle"
ALL = sorted(path.name for path in FILES.iterdir() if path.is_file() and path.suffix != ".md")
NOTES = [name for name in ALL if "footnotes" in name]
CITED = [name for name in ALL if "cited" in name]
BOLD = [name for name in ALL if "bold" in name]
CARE = [name for name in ALL if name not in {*NOTES, *CITED, *BOLD}]
# What troff calls headings are all of one level.
FLAT = {"groff.html", "groff.pdf"}
# What LibreOffice's filters for HTML write of a title is a paragraph; pandoc's EPUB has it twice, with a page of its own.
UNTITLED = {"libreoffice.html", "libreoffice.xhtml"}
# Neither superscripts nor lists nor tables survive groff's HTML, which has small type, columns and pictures for them.
FULL = [name for name in CARE if name != "groff.html"]
# RTF marks no row as the header, and a PDF marks nothing at all.
HEADED = [name for name in FULL if not name.endswith(".pdf") and name != "libreoffice-from-rtf.docx"]

REFERENCES = [
    (1, "A bicycle for life", "Ahrens K", 2009, None),
    (2, "Dirt, oil and wear", "Brandt L, Öztürk M", 2012, "https://example.org/dirt"),
    (3, "Creeping oils", "Müller J", 2015, None),
    (4, "Pressure and punctures", "Nakamura S", 2018, "https://example.org/pressure"),
    (5, "Home repair, tested", "Vale P, Roy T", 2021, None),
]


@cache
def document(name: str) -> Document:
    return read_document(FILES / name, FILES)


def paths(found: Document) -> list[tuple[str, ...]]:
    return [section.path for section in found.sections if section.path]


def markers(found: Document) -> list[tuple[str, tuple[int, ...]]]:
    """Return the word before each marker, and its numbers."""
    words = (re.findall(r"\w+", found.text[: marker.span.start])[-1] for marker in found.markers)
    return list(zip(words, (marker.numbers for marker in found.markers), strict=True))


def references(found: Document) -> list[tuple[int, str, str | None, int | None, str | None]]:
    return [(each.number, each.title, each.authors, each.year, each.url) for each in found.references]


def words(text: str) -> list[str]:
    return re.findall(r"\w+(?:\.\d+)?", text)


def source(name: str) -> list[str]:
    """Return the words of a Markdown source before its references, as a reader sees them."""
    text = (FILES / "sources" / name).read_text("utf-8").split("---\n", 2)[2]
    body = re.split(r"# References|\n\[\^", text)[0]
    bare = re.sub(r"\^[^^ ]*\^|\[\^\w+\]|\[@[^]]*\]|^\|[-|]+\|$|^\d\. ", "", body, flags=re.MULTILINE)
    return words(bare)


def missing(wanted: Sequence[str], name: str) -> list[str]:
    """Return the words that the reading text does not have, in their order."""
    found = document(name)
    here = words(read(found, Span(start=0, end=len(found.text))).text)
    lost, at = [], 0
    for word in wanted:
        if word in here[at:]:
            at = here.index(word, at) + 1
        else:
            lost.append(word)
    return lost


def introduced(found: Document, kind: str) -> dict[str, str]:
    """Return the lead-ins of the blocks of a kind, by their first two words, as they are read."""
    blocks = [block for block in found.blocks if block.kind == kind and block.lead_in is not None]
    return {
        " ".join(read(found, block.span).text.split()[:2]): read(found, block.lead_in or block.span).text
        for block in blocks
    }


def test_there_are_files_of_every_format() -> None:
    """Each format is there, by several programs."""
    suffixes = [Path(name).suffix for name in ALL]
    counts = {suffix: suffixes.count(suffix) for suffix in sorted(set(suffixes))}
    assert counts == {".docx": 10, ".epub": 2, ".html": 10, ".pdf": 6, ".xhtml": 1}


def test_the_files_are_small() -> None:
    """None of the files is a burden to the repository."""
    assert max((FILES / name).stat().st_size for name in ALL) < 60_000


@pytest.mark.parametrize("name", CARE)
def test_headings(name: str) -> None:
    """The title and the heading paths are those of the text."""
    above = () if name in FLAT else ("Tyres and tubes",)
    opening = [] if name in UNTITLED else [(TITLE,)] * (1 + name.endswith(".epub"))
    assert document(name).title == TITLE
    assert paths(document(name)) == [
        *opening,
        ("The chain",),
        ("Tyres and tubes",),
        (*above, "Mending a puncture"),
        ("Brakes",),
        ("References",),
    ]


@pytest.mark.parametrize("name", FULL)
def test_markers(name: str) -> None:
    """The raised numbers are markers, each after its word."""
    assert markers(document(name)) == [
        ("decades", (1,)),
        ("rain", (2, 5)),
        ("links", (3,)),
        ("load", (2,)),
        ("way", (4, 5)),
        ("often", (1, 4)),
        ("again", (5,)),
        ("gone", (3, 4, 5)),
        ("bicycle", (2,)),
    ]


@pytest.mark.parametrize("name", [*CARE, *BOLD])
def test_references(name: str) -> None:
    """The list of references is the bibliography, addresses included."""
    assert references(document(name)) == REFERENCES


@pytest.mark.parametrize("name", FULL)
def test_no_word_is_lost(name: str) -> None:
    """Every word before the references is read, in the order of the text."""
    assert missing(source("care.md"), name) == []


@pytest.mark.parametrize("name", FULL)
def test_items_are_introduced(name: str) -> None:
    """Each item of a list knows the line before its list."""
    found = introduced(document(name), "item")
    signs = {start: lead_in for start, lead_in in found.items() if lead_in.endswith("a chain is worn:")}
    steps = {start: lead_in for start, lead_in in found.items() if lead_in == "Take your time over these steps:"}
    assert list(signs) == ["the gears", "the links", "a gauge"]
    assert list(steps) == ["Take the", "Hold the", "Roughen the"]


@pytest.mark.parametrize("name", HEADED)
def test_rows_are_introduced(name: str) -> None:
    """Each row of the table knows the row that names the columns."""
    header = "Width Pressure Check"
    assert introduced(document(name), "table") == {"28 mm": header, "40 mm": header, "55 mm": header}


@pytest.mark.parametrize("name", NOTES)
def test_footnotes(name: str) -> None:
    """Footnotes are markers in the text and references with their addresses; no word of the text is lost."""
    found = document(name)
    assert (found.title, paths(found)) == (TITLE, [(TITLE,), ("The chain",)])
    assert markers(found) == [("decades", (1,)), ("rain", (2,)), ("links", (3,)), ("way", (4,)), ("sprockets", (5,))]
    assert references(found) == REFERENCES
    assert missing(source("notes.md"), name) == []


@pytest.mark.parametrize("name", CITED)
def test_citations(name: str) -> None:
    """Citations that a program numbered are markers, and resolve against the list that it made."""
    found = document(name)
    assert (found.title, paths(found)) == (TITLE, [(TITLE,), ("The chain",), ("Brakes",), ("References",)])
    assert markers(found) == [
        ("decades", (1,)),
        ("rain", (1, 2)),
        ("links", (3,)),
        ("gone", (1, 2, 3)),
        ("bicycle", (2,)),
    ]
    assert references(found) == REFERENCES[:3]
    assert missing(source("cited.md"), name) == []


@pytest.mark.parametrize("name", BOLD)
def test_bold_lines(name: str) -> None:
    """Bold lines are the headings of a document that has no others, and bold words in a sentence are not."""
    found = document(name)
    assert paths(found) == [("The chain",), ("Brakes",), ("References",)]
    assert markers(found) == [("rain", (2, 5)), ("links", (3,)), ("gone", (3, 4, 5)), ("bicycle", (2,))]
