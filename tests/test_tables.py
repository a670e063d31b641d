"""A row of a table is quoted by itself: each of its values stands under its own heading, whatever spans rows and columns."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quoting import quoted_of

from qa.corpus.annotate import Facts
from qa.corpus.docx import read_docx
from qa.corpus.grid import filled, placed
from qa.corpus.html import read_html
from qa.reading import read
from qa.server.readable import readable
from qa.server.shown import Table
from qa.types import Document
from tests.test_docx import package, tbl, tc, tr

FACTS = Facts(id="x", hash="h")
DOSES = """<h1>Doses</h1><table>
<thead><tr><th rowspan=2>Drug<th colspan=2>Adults<th colspan=2>Children
<tr><th>Morning<th>Evening<th>Morning<th>Evening</thead>
<tr><td rowspan=2>Ibuprofen<sup><a href=#n>[1]</a></sup><td>200 mg<td>400 mg<td>50 mg<td>100 mg
<tr><td colspan=2>600 mg slowly<td>none<td>70 mg
<tr><th colspan=5>Seldom given
<tr><td>Quinine<td>300 mg<td>200 mg<td colspan=2>never</table><ol class=references><li id=n>Smith J. 2020.</ol>"""
WORD = tbl(
    tr(
        tc("Drug", '<w:vMerge w:val="restart"/>'),
        tc("Adults", '<w:gridSpan w:val="2"/>'),
        tc("Children", '<w:gridSpan w:val="2"/>'),
        properties="<w:tblHeader/>",
    ),
    tr(tc("", "<w:vMerge/>"), *map(tc, ("Morning", "Evening", "Morning", "Evening"))),
    tr(tc("Ibuprofen", '<w:vMerge w:val="restart"/>'), *map(tc, ("200 mg", "400 mg", "50 mg", "100 mg"))),
    tr(tc("", "<w:vMerge/>"), tc("600 mg slowly", '<w:gridSpan w:val="2"/>'), tc("none"), tc("70 mg")),
    tr(tc("Seldom given", '<w:gridSpan w:val="5"/>')),
    tr(tc("Quinine"), tc("300 mg"), tc("200 mg"), tc("never", '<w:gridSpan w:val="2"/>')),
)
GROUPS = "Drug\tAdults\tAdults\tChildren\tChildren"
TIMES = "Drug\tMorning\tEvening\tMorning\tEvening"


def page(source: str) -> Document:
    return read_html(source.encode(), FACTS, path="p.html", fallback_title="Untitled")


def word(body: str) -> Document:
    return read_docx(package(body), FACTS, path="p.docx", fallback_title="Untitled")


def rows(document: Document) -> list[list[str]]:
    return [block.span.of(document.text).split("\t") for block in document.blocks if block.kind == "table"]


def quoted(document: Document, best: str) -> list[tuple[str, str]]:
    """Return role and text of what is quoted when the sentence that holds some words scores highest."""
    return quoted_of(document, lambda sentence: best in sentence)


@pytest.mark.parametrize("document", [page(DOSES), word(WORD)], ids=["html", "docx"])
def test_a_dose_is_quoted_with_its_drug_its_group_and_its_time(document: Document) -> None:
    """The second row of a drug names the drug, and both header rows come with it, a group above each of its columns."""
    row = "600 mg slowly\t600 mg slowly\tnone\t70 mg"
    found = quoted(document, "70 mg")
    assert found[:-1] == [("lead_in", GROUPS), ("lead_in", TIMES)]
    assert found[-1] in [("answer", f"Ibuprofen\t{row}"), ("answer", f"Ibuprofen [1]\t{row}")]


@pytest.mark.parametrize("document", [page(DOSES), word(WORD)], ids=["html", "docx"])
def test_a_row_that_one_cell_fills_introduces_those_below(document: Document) -> None:
    """A heading within a table is written once, and comes with each of its rows, after the header."""
    assert quoted(document, "Quinine") == [
        ("lead_in", GROUPS),
        ("lead_in", TIMES),
        ("lead_in", "Seldom given"),
        ("answer", "Quinine\t300 mg\t200 mg\tnever\tnever"),
    ]


def test_a_repeated_cell_keeps_its_reference_mark() -> None:
    """The mark of a cell that spans rows is a marker in each, and read in none."""
    document = page(DOSES)
    assert [marker.span.of(document.text) for marker in document.markers] == ["[1]", "[1]"]
    assert read(document, document.sections[0].span).text.split("\n")[3].startswith("Ibuprofen 600 mg")


def test_both_header_rows_head_the_table_on_its_page() -> None:
    """The page of a document shows one table, its header rows as its head, the others in their order."""
    tables = [part for parts in readable(page(DOSES), ()).parts for part in parts if isinstance(part, Table)]
    assert [(len(table.head), len(table.rows)) for table in tables] == [(2, 4)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<tr><th colspan=2>Dose<tr><th>Day<th>Night<tr><td>1<td>2", [["Dose"], ["Day", "Night"], ["1", "2"]]),
        ("<tr><td>a<td colspan=100>b<tr><td>c<td>d<td>e", [["a", "b", "b"], ["c", "d", "e"]]),
        ("<tr><td>a<td colspan=0>b<tr><td>c<td colspan=x>d", [["a", "b"], ["c", "d"]]),
        ("<tr><td rowspan=0>a<td>b<tr><td>c<tr><td>d", [["a", "b"], ["a", "c"], ["a", "d"]]),
        ("<tr><td rowspan=3>a<td>b<tr><tr><td>d", [["a", "b"], ["a", "d"]]),
        ("<tbody><tr><td rowspan=9>a<td>b<tbody><tr><td>c<td>d", [["a", "b"], ["c", "d"]]),
        ("<tr><td rowspan=2>a<td>b<td rowspan=2>c<tr><td>d", [["a", "b", "c"], ["a", "d", "c"]]),
        ("<tr><td rowspan=2 colspan=2>a<td>b<tr><td>c<tr><td>d<td>e<td>f", [["a", "a", "b"], ["a", "a", "c"], ["d", "e", "f"]]),
        (f"<tr><td rowspan=2>{'a' * 300}<td>b<tr><td>c", [["a" * 300, "b"], ["", "c"]]),
    ],
)  # fmt: skip
def test_a_cell_stands_in_every_row_and_column_that_it_spans(source: str, expected: list[list[str]]) -> None:
    """Spans are read as browsers do; columns in which no cell starts are none; a long remark stands once."""
    shown = rows(page(f"<table>{source}</table>"))
    assert shown == expected


def test_a_first_row_that_spans_names_the_columns_together_with_the_next() -> None:
    """Without a table head, the row below a header that spans columns or rows is a header too."""
    document = page("<table><tr><th rowspan=2>Drug<th colspan=2>Dose<tr><td>Day<td>Night<tr><td>Oil<td>1<td>2</table>")
    lead_ins = [block.lead_in.of(document.text) if block.lead_in else None for block in document.blocks]
    assert lead_ins == [None, "Drug\tDose\tDose", "Drug\tDay\tNight"]


HOSTILE = {
    "rowspan": "<tr><td rowspan=65534>x<td>y" + "<tr><td>z" * 3000,
    "colspan": "<tr><td colspan=1000>x<td>y" * 3000,
    "both": "<tr><td colspan=1000 rowspan=65534>x<td>y" * 1000,
    "columns": "<tr>" + "<td rowspan=65534>x" * 1500 + "<tr><td>y" * 1500,
    "stairs": "<tr><td rowspan=65534>x<td>y" * 1500,
    "far": "".join(f"<tr><td colspan={n}>x<td>y" for n in range(1, 1000)),
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_spans_out_of_all_proportion_are_bounded(source: str) -> None:
    """However far cells reach, a table makes little more text than it has; then its cells are paragraphs, all of them."""
    began = time.process_time()
    document = page(f"<table>{source}</table>")
    assert time.process_time() - began < 30  # a hang, on any machine
    assert len(document.text) < 20_000 + 20 * len(source)
    written = document.text.split()
    assert len(written) >= source.count("<td")


def test_merged_cells_of_a_word_table_are_bounded() -> None:
    """A grid span of thousands of columns in every row makes no text."""
    wide = '<w:gridSpan w:val="100000"/>'
    found = word(tbl(*[tr(tc("x", wide), tc("y"), tc("z", wide)) for _ in range(300)]))
    assert found.text == "x\ty\tz\n" * 300


@given(st.lists(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=4), min_size=1, max_size=6))
def test_every_cell_stands_in_the_grid(spans: list[list[tuple[int, int]]]) -> None:
    """Each cell is found in the row it starts in, in a column of its own, and in no row it does not reach."""
    keyed = [
        [((row, at), width, height, 1) for at, (width, height) in enumerate(line)] for row, line in enumerate(spans)
    ]
    cells = placed(keyed)
    assert cells is not None
    grid = filled(cells)
    assert grid is not None
    for row, line in enumerate(keyed):
        for key, _, height, _ in line:
            inside = [place for place, found in enumerate(grid.rows) if key in found]
            assert inside == list(range(row, min(row + height, len(spans))))
