"""A reader's work grows in proportion to the file, whatever the file repeats.

Work is the number of calls, of Python and of C functions: it is the same on every machine. Where the cost is inside one
call (a regular expression, a copy of a list, the HTML parser), the time of the process is compared instead, with a wide margin.
"""

from __future__ import annotations

import io
import re
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
from counting import calls
from hypothesis import given
from hypothesis import strategies as st

from qa.corpus.annotate import Facts
from qa.corpus.formats import READERS
from qa.corpus.source import Source
from qa.errors import DocumentError
from tests.test_docx import p, package, r, up
from tests.test_hostile_files import sheet, stream

Made = str | bytes
FACTS = Facts(id="x", hash="h")


def read(made: Made, suffix: str) -> None:
    with suppress(DocumentError):  # a refusal is an answer too, and must come as soon
        READERS[suffix](made.encode() if isinstance(made, str) else made, FACTS, path="x", fallback_title="Untitled")


def work(made: Made, suffix: str) -> int:
    """Return how many functions are called to read a file."""
    return calls(lambda: read(made, suffix))


def book(pages: int, page: str, css: str = "") -> bytes:
    items = "".join(f'<item id="p{n}" href="p{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(pages))
    spine = "".join(f'<itemref idref="p{n}"/>' for n in range(pages))
    style = '<item id="s" href="s.css" media-type="text/css"/>'
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("META-INF/container.xml", '<container><rootfile full-path="c.opf"/></container>')
        archive.writestr("c.opf", f"<package><manifest>{items}{style}</manifest><spine>{spine}</spine></package>")
        archive.writestr("s.css", css)
        for n in range(pages):
            archive.writestr(f"p{n}.xhtml", page)
    return raw.getvalue()


def shown(*words: tuple[float, float, str, float]) -> bytes:
    """Make a PDF of one wide page: the place of each word, its text and its size."""
    parts = (f"/F1 {size} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm ({text}) Tj" for x, y, text, size in words)
    content = f"BT {' '.join(parts)} ET".encode()
    return sheet(stream(content)).replace(b"[0 0 612 792]", b"[0 0 14400 14400]")


def numbered(form: str, start: int) -> str:
    level = f'<w:lvl w:ilvl="0"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="%1."/></w:lvl>'
    lists = "".join(f'<w:num w:numId="{n}"><w:abstractNumId w:val="0"/></w:num>' for n in range(1, start + 1))
    return f'<w:abstractNum w:abstractNumId="0">{level}</w:abstractNum>{lists}'


def counted(n: int) -> str:
    number = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr></w:pPr>'
    return "".join(f"<w:p>{number.format(each)}{r('x')}</w:p>" for each in range(1, n + 1))


BEGIN = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
PATTERNS: dict[str, tuple[str, Callable[[int], Made]]] = {
    "text: headings": (".txt", lambda n: "Heading\n\nIt is text.\n\n" * n),
    "text: headings in a row": (".txt", lambda n: "".join(f"Heading {k}\n" for k in range(n))),
    "text: rules": (".txt", lambda n: "Head\n====\n" * n),
    "text: bibliographies": (".txt", lambda n: "References:\n\n1. Smith J. T. 2020.\n\n" * n),
    "text: disclaimers": (".txt", lambda n: "Disclaimer\n\nThis is text.\n\n" * n),
    "text: markers in markup": (".txt", lambda n: "**a[1]** b[2] " * n),
    "Markdown: images left open": (".md", lambda n: "![a" * n),
    "Markdown: links left open": (".md", lambda n: "[a](" * n),
    "Markdown: emphasis": (".md", lambda n: "*a **b _c " * n),
    "Markdown: tables": (".md", lambda n: "|a|b|\n|-|-|\n" + "|c|d|\n" * n),
    "Markdown: headings": (".md", lambda n: "# a\n\nb\n\n" * n),
    "HTML: spans": (".html", lambda n: "<p>" + "x<sup>1</sup> <i>y</i> " * n),
    "HTML: rows": (".html", lambda n: "<table>" + "<tr><td rowspan=2>x<td>y" * n),
    "HTML: columns": (".html", lambda n: "<table><tr>" + "<td rowspan=9999>x" * n + "<tr><td>y" * n),
    "HTML: notes": (
        ".html",
        lambda n: (
            "".join(f"<a href=#n{k}>[{k % 999}]</a> " for k in range(n))
            + "".join(f"<p id=n{k}>{k % 999}. <a href=#r>^</a> note" for k in range(n))
        ),
    ),
    "EPUB: parts": (".epub", lambda n: book(n, "<html><body><h1>x</h1><p>y</p></body></html>")),
    "EPUB: rules of style": (".epub", lambda n: book(n, "<html><body><p>y", ".a{vertical-align:super}" * n)),
    "Word: open fields": (".docx", lambda n: package(f"<w:p>{BEGIN * n}{r('x') * n}</w:p>{p('y')}")),
    "Word: chained styles": (
        ".docx",
        lambda n: package(
            "".join(p("x", style=f"s{n - 1}") for _ in range(n)),
            styles="".join(
                f'<w:style w:styleId="s{k}"><w:name w:val="n{k}"/><w:basedOn w:val="s{k - 1}"/></w:style>'
                for k in range(n)
            ),
        ),
    ),
    "PDF: table": (".pdf", lambda n: shown(*((50 + 120 * (k % 4), 14000 - 14 * (k // 4), "12", 10) for k in range(n)))),
    "PDF: one row": (".pdf", lambda n: shown(*((10 + 7000 * k / n, 100, "ab", 1) for k in range(2 * n)))),
    "PDF: the same word": (".pdf", lambda n: shown(*((10 + 9.0 * k, 100, "a", 10) for k in range(n)))),
    "PDF: notes": (".pdf", lambda n: shown(*((50, 14000 - 12 * k, f"{k % 99} note 2020", 8) for k in range(n)))),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_work_grows_with_the_length(name: str) -> None:
    """Four times the file is at most 4.6 times the work; hundreds of repetitions are enough to see a square."""
    suffix, make = PATTERNS[name]
    work(make(4), suffix)  # what is done once
    least = work(make(4), suffix)
    assert work(make(1024), suffix) - least <= 4.6 * (work(make(256), suffix) - least)


TIMED: dict[str, tuple[str, int, Callable[[int], Made]]] = {
    "text: menu words": (".txt", 3_000, lambda n: "home\n\n" * n),
    "Word: tabs": (".docx", 30_000, lambda n: package(f"<w:p>{r('x')}<w:r>{'<w:tab/>' * n}</w:r>{r('y')}</w:p>")),
    "Word: superscripts": (".docx", 1_500, lambda n: package(f"<w:p>{r('x')}{up('1') * n}</w:p>")),
    "Word: lists": (".docx", 500, lambda n: package(counted(n), numbering=numbered("decimal", n))),
    "HTML: attributes": (".html", 8_000, lambda n: "<p " + " ".join(f"a{k}=1" for k in range(n)) + ">x"),
    "HTML: quotes left open": (".html", 8_000, lambda n: '<a b="' * n),
    "HTML: links to edit": (".html", 3_000, lambda n: "<h2>" + "[edit " * n + "</h2>x"),
    "Markdown: signs": (".md", 60_000, lambda n: "x" + ">" * n),
    "Markdown: notes": (".md", 1_500, lambda n: "x[^" * n),
    "Markdown: links in a note": (".md", 4_000, lambda n: "x[^a]\n\n[^a]: " + "[" * n),
    "text: notices of cookies": (".txt", 400, lambda n: "We use cookies and you accept.\n\n" * n),
    "Word: letters": (".docx", 400, lambda n: package(counted(n), numbering=numbered("lowerLetter", n))),
}


@pytest.mark.parametrize("name", TIMED)
def test_time_grows_with_the_length(name: str) -> None:
    """Eight times the file takes at most twenty times as long, the best of three runs counted: a square takes 64 times."""
    suffix, size, make = TIMED[name]

    def seconds(made: Made) -> float:
        before = time.process_time()
        read(made, suffix)
        return time.process_time() - before

    small, large = make(size), make(8 * size)
    least = min(seconds(small) for _ in range(3))
    # What takes hundredths of a second is no square either, and is too short to be measured.
    assert any(seconds(large) <= max(20 * least, 0.3) for _ in range(3))


@pytest.mark.parametrize(
    ("sign", "suffix"),
    [(sign, suffix) for sign in ("\n", " ", "|", "*", "[", ">", "<b>") for suffix in (".txt", ".md", ".html")],
    ids=repr,
)
def test_memory_is_a_small_multiple_of_the_file(sign: str, suffix: str) -> None:
    """A file of one sign takes no more than 60 times its length; an object for each sign would take hundreds."""
    size = 400_000
    made = f"x\n\nx{sign * (size // len(sign))}x"
    tracemalloc.start()
    try:
        read(made, suffix)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60 * size


@given(st.lists(st.sampled_from(["", " ", "\t", "a", "  b", "> c"]), max_size=12).map("\n".join))
def test_the_lines_that_are_parsed_are_those_of_the_text(text: str) -> None:
    """Blank lines beyond two in a row are left out; each line that is left is found where it stands in the text."""
    source = Source(text)
    lines = source.squeezed.split("\n")
    assert [source.line(number)[1] for number in range(len(source.starts))] == lines
    assert [text[start : start + len(line)] for start, line in zip(source.starts, lines, strict=True)] == lines
    assert re.sub(r"\s", "", source.squeezed) == re.sub(r"\s", "", text)
