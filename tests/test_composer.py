"""The pieces of a page become one text, and what is marked in it stands where it was written."""

from __future__ import annotations

from qa.corpus.annotate import Facts, annotate
from qa.corpus.composer import Composer
from qa.reading import read
from qa.types import Document, Span


def document(composer: Composer) -> Document:
    text, layout = composer.finish()
    return annotate(text, layout, Facts(id="x", hash="h"), fallback_title="Untitled")


def reading(composer: Composer) -> str:
    found = document(composer)
    return read(found, Span(start=0, end=len(found.text))).text


def test_blocks_stand_apart_and_white_space_collapses() -> None:
    """A block ends with an empty line; white space within it is one space, wherever the pieces were cut."""
    composer = Composer()
    composer.block("heading", level=1)
    composer.write("  The \n chain ")
    composer.block()
    composer.write("Oil ")
    composer.write(" it ")
    composer.write("often.")
    text, layout = composer.finish()
    assert text == "The chain\n\nOil it often.\n"
    assert [(entry.title, entry.span.of(text)) for entry in layout.headings] == [("The chain", "The chain")]


def test_a_raised_group_is_a_marker_apart_from_its_word() -> None:
    """Superscript numbers after a word are one marker, with a space before it and none in the reading text."""
    composer = Composer()
    composer.write("Each muscle group")
    for piece in ("2", ",", "5", "–", "7"):
        composer.raised(piece)
    composer.write(". Calm.")
    found = document(composer)
    assert found.text == "Each muscle group 2,5–7. Calm.\n"
    assert [(marker.span.of(found.text), marker.numbers) for marker in found.markers] == [("2,5–7", (2, 5, 6, 7))]
    assert read(found, Span(start=0, end=len(found.text))).text == "Each muscle group. Calm."


def test_an_exponent_keeps_its_meaning() -> None:
    """A power is written raised, an ordinal's letters stay, and neither is a marker."""
    composer = Composer()
    composer.write("Over 10")
    composer.raised("3")
    composer.write(" cells per cm")
    composer.raised("2")
    composer.write(" on the 1")
    composer.raised("st")
    composer.write(" day, 10")
    composer.raised("-x")
    composer.write(".")
    found = document(composer)
    assert found.text == "Over 10³ cells per cm² on the 1st day, 10^-x.\n"
    assert found.markers == ()


def test_a_linked_number_is_a_marker_even_after_a_digit() -> None:
    """Where the raised number links to a place on the page it is no exponent."""
    composer = Composer()
    composer.write("It was so in 2020")
    composer.raised("3", link=True)
    composer.write(".")
    found = document(composer)
    assert [marker.numbers for marker in found.markers] == [(3,)]
    assert read(found, Span(start=0, end=len(found.text))).text == "It was so in 2020."


def test_items_know_what_introduces_them() -> None:
    """The first block of an item is the item with its bullet; the list's lead-in and the parent item are known."""
    composer = Composer()
    composer.write("Two things wear it out:")
    with composer.list():
        with composer.item("-"):
            composer.write("dirt")
            with composer.list(), composer.item("1."):
                composer.write("sand")
        with composer.item("-"):
            composer.write("rust")
            composer.block()
            composer.write("Salt brings it.")
    found = document(composer)
    assert found.text == "Two things wear it out:\n\n- dirt\n1. sand\n- rust\n\nSalt brings it.\n"
    lead_ins = [(block.kind, block.lead_in and block.lead_in.of(found.text)) for block in found.blocks]
    assert lead_ins == [
        ("paragraph", None),
        ("item", "Two things wear it out:"),
        ("item", "- dirt"),
        ("item", "Two things wear it out:"),
        ("paragraph", "- rust"),
    ]
    assert read(found, found.sections[0].span).text.split("\n")[1:] == ["dirt", "sand", "rust", "Salt brings it."]


def test_a_row_is_introduced_by_its_header() -> None:
    """Cells are apart by a tab, rows by a line feed, and a header introduces the rows of its own table alone."""
    composer = Composer()
    for rows in ([["Part", "Every"], ["chain", "200 km"]], [["brake", "year"]]):
        for number, row in enumerate(rows):
            composer.row(header=number == 0 and len(rows) > 1)
            for place, cell in enumerate(row):
                if place:
                    composer.cell()
                composer.write(cell)
        composer.table_end()
    found = document(composer)
    assert found.text == "Part\tEvery\nchain\t200 km\nbrake\tyear\n"
    assert [block.lead_in and block.lead_in.of(found.text) for block in found.blocks] == [None, "Part\tEvery", None]


def test_an_empty_cell_keeps_its_place() -> None:
    """A cell without text between two others leaves two tabs, and one space in the reading text; so does the first."""
    composer = Composer()
    composer.row()
    composer.write("chain ")
    composer.cell()
    composer.write(" ")
    composer.cell()
    composer.write("weekly")
    composer.row()
    composer.cell()
    composer.write("yearly")
    assert composer.finish()[0] == "chain\t\tweekly\n\tyearly\n"


def test_what_is_hidden_is_boilerplate_and_no_heading() -> None:
    """Everything written in a hidden stretch is one stretch of boilerplate of its kind."""
    composer = Composer()
    with composer.hidden("navigation"):
        composer.block("heading", level=2)
        composer.write("Menu")
        composer.block()
        composer.write("Home")
    composer.block()
    composer.write("Oil the chain.")
    found = document(composer)
    assert [(entry.span.of(found.text), entry.kind) for entry in found.boilerplate] == [("Menu\n\nHome", "navigation")]
    assert [section.path for section in found.sections] == [()]


def test_pages_start_where_their_text_starts() -> None:
    """A page starts with its first visible piece; a page without text starts where the next one does."""
    composer = Composer()
    composer.page()
    composer.write("One.")
    composer.page()
    composer.page()
    composer.block()
    composer.write("Three.")
    found = document(composer)
    assert found.pages == (0, 6, 6)
    assert [found.page(offset) for offset in (0, 5, 6, 11)] == [1, 1, 3, 3]


def test_preformatted_text_keeps_its_lines() -> None:
    """White space in preformatted text stays as it is."""
    composer = Composer()
    composer.block("code")
    composer.verbatim("\n  a = 1\n")
    composer.verbatim("    b = 2\n\n")
    assert composer.finish()[0] == "  a = 1\n    b = 2\n"


def test_markup_is_in_the_text_and_not_read() -> None:
    """What was written as markup is left out of the reading text, and the words around it join."""
    composer = Composer()
    composer.write("It is lubri")
    composer.markup("-\n")
    composer.write("cated.")
    assert reading(composer) == "It is lubricated."
