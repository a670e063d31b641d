"""The plain text reader: headings, lists, wrapped lines, and the marks people type."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.corpus.annotate import Facts, annotate
from qa.corpus.plaintext import parse_plain_text
from qa.types import Document

FACTS = Facts(id="x", hash="0")


def plain(text: str) -> Document:
    """Read a plain text."""
    return annotate(text, parse_plain_text(text), FACTS, fallback_title="From the file name")


def headings(text: str) -> list[str]:
    """Return the headings found."""
    return [section.path[-1] for section in plain(text).sections if section.heading is not None]


def lead_ins(text: str) -> dict[str, str | None]:
    """Return the lead-in of each list item."""
    document = plain(text)
    return {
        block.span.of(text): block.lead_in.of(text) if block.lead_in else None
        for block in document.blocks
        if block.kind == "item"
    }


SENTENCE = "A kettle boils faster with its lid on, and it costs less."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f"Kettles\n{SENTENCE}\nWhy Lids Help\n{SENTENCE}\n", ["Kettles", "Why Lids Help"], id="no blank lines"
        ),
        pytest.param(
            f"Kettles\n\nCare\n\nDescaling\n\n{SENTENCE}", ["Kettles", "Care", "Descaling"], id="one under another"
        ),
        pytest.param(f"What is a kettle?\n{SENTENCE}", ["What is a kettle?"], id="a question"),
        pytest.param(f"2 Kinds of kettle\n{SENTENCE}", ["2 Kinds of kettle"], id="a digit first"),
        pytest.param(f"Kettles\n=======\n{SENTENCE}\n\n## Care ##\n{SENTENCE}", ["Kettles", "Care"], id="marked"),
        pytest.param(f"Sign up\n{SENTENCE}\n×\nPrint this page\n{SENTENCE}", [], id="buttons"),
        pytest.param(
            f"**Mechanism:**\n{SENTENCE}\nIn short:\n{SENTENCE}\nStop!\n{SENTENCE}", [], id="lines that close"
        ),
        pytest.param(f"{SENTENCE}\nFill it\nBoil it\nPour it\n{SENTENCE}", [], id="three short lines in a row"),
        pytest.param(
            f"{SENTENCE}\nWe have\n1 kettle | 2 cups\nhttps://kettles.example/a\n{SENTENCE}", [], id="tables and links"
        ),
        pytest.param(f"{SENTENCE}\nThings to keep by the kettle are\n- cups\n- tea\n", [], id="a line that breaks off"),
        pytest.param("Roses in rows\nStand in the sun\nNobody knows\nWhen summer is done\n", [], id="a poem"),
        pytest.param(f"{SENTENCE}\n\nJo Miller\n4 Mill Lane\nOxford\n\n{SENTENCE}", [], id="an address"),
    ],
)
def test_a_heading_is_a_short_line_that_does_not_close(text: str, expected: list[str]) -> None:
    """A short line of its own is a heading unless it closes like a sentence, is a button, or stands in a list."""
    assert headings(text) == expected


WRAPPED = """Kettles and lids

A kettle boils faster when its lid is on, since the steam
that would carry the heat away stays inside and warms the
Water again. This was first written down by an engineer in
London, who sold kettles
and liked tea.

Care

Scale settles at the bottom over the weeks, and it keeps the
heat from the water.
"""


def test_in_wrapped_text_a_line_break_ends_nothing() -> None:
    """Lines broken by width are one block, and only lines with blank lines around are headings."""
    assert headings(WRAPPED) == ["Kettles and lids", "Care"]
    paragraphs = [block.span.of(WRAPPED) for block in plain(WRAPPED).blocks if block.kind == "paragraph"]
    assert [text.split()[-1] for text in paragraphs] == ["tea.", "water."]


def test_items_name_the_line_that_introduces_them() -> None:
    """A list's items lead back to the line before it, over blank lines, until another paragraph ends the list."""
    text = "Kettle\nYou need:\n\n- water\n\n- tea\nThen wait.\n- nothing"
    assert lead_ins(text) == {"- water": "You need:", "- tea": "You need:", "- nothing": None}


def test_a_list_right_under_a_heading_has_no_lead_in() -> None:
    """A heading introduces no item."""
    assert lead_ins(f"Needs\n- water\n- tea\n\n{SENTENCE}") == {"- water": None, "- tea": None}


def test_items_nest_by_indentation_and_by_kind() -> None:
    """An indented item, or a dash after a number that ends in a colon, belongs to the item above."""
    text = "You need:\n1. **Leaves**:\n- green\n- black\n\n2. Water\n   - soft\n3) cups"
    assert lead_ins(text) == {
        "1. **Leaves**:": "You need:",
        "- green": "1. **Leaves**:",
        "- black": "1. **Leaves**:",
        "2. Water": "You need:",
        "- soft": "2. Water",
        "3) cups": None,
    }


def test_short_lines_after_a_colon_are_items_without_bullets() -> None:
    """Lines that run on below an announcement are its items."""
    text = f"{SENTENCE}\nYou need:\nWater\nTea\nCups\n{SENTENCE}"
    assert lead_ins(text) == {"Water": "You need:", "Tea": "You need:", "Cups": "You need:"}


def test_bullets_ordinals_and_bold_marks_are_markup() -> None:
    """What is typed to mark emphasis and lists is markup, and an asterisk by itself is not."""
    text = "1. **Fill** it\n- __Boil__ it\n(a) 2 * 3 ** 4 and snake__case__name"
    assert [mark.of(text) for mark in plain(text).markup] == ["1.", "**", "**", "-", "__", "__", "(a)"]


def test_the_title_is_the_first_heading_or_the_fallback() -> None:
    """A text without headings takes the title it is given."""
    assert plain(f"Kettles\n{SENTENCE}").title == "Kettles"
    assert plain(SENTENCE).title == "From the file name"


PIECES = [
    "Heading",
    "A sentence here.",
    "- item",
    "  - nested",
    "1. one",
    "\n",
    "\n\n",
    " ",
    "e\u0301",
    "🫖",
    "**b**",
    "Sign up",
]
PIECES += [
    "It is so2.",
    "References",
    "[1] Smith",
    "Ends with a colon:",
    "Disclaimer",
    "===",
    "\t",
    "Try for freeThis is it. ",
    "© 2020 X",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=20).map("".join))
def test_annotations_are_sorted_apart_and_cover_the_text(text: str) -> None:
    """Every kind of annotation is in order and free of overlap, and sections with headings cover the text."""
    document = plain(text)
    kinds = [
        [block.span for block in document.blocks],
        [entry.span for entry in document.boilerplate],
        list(document.markup),
        [marker.span for marker in document.markers],
    ]
    for spans in kinds:
        at = 0
        for span in spans:
            assert at <= span.start < span.end <= len(text)
            at = span.end
    at = 0
    for section in document.sections:
        assert (section.heading.start if section.heading else section.span.start) == at
        assert section.heading is None or section.heading.end == section.span.start
        at = section.span.end
    assert at == len(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=20).map("".join))
def test_a_lead_in_is_an_earlier_block_of_the_same_section(text: str) -> None:
    """Each lead-in is the span of a block that lies before the item, or its further paragraph, in the same section."""
    document = plain(text)
    spans = {block.span for block in document.blocks}
    for block in document.blocks:
        if block.lead_in is None:
            continue
        assert block.kind in ("item", "paragraph")
        assert block.lead_in in spans
        assert block.lead_in.end <= block.span.start
        assert any(
            section.span.contains(block.lead_in) and section.span.contains(block.span) for section in document.sections
        )


def test_who_wrote_a_page_and_when_is_no_heading() -> None:
    """Bylines and dates neither are headings nor make a list of the heading before them."""
    text = f"Kettles at Night\nReviewed by Jo Miller, MD\nUpdated March 3, 2021\n{SENTENCE}"
    assert headings(text) == ["Kettles at Night"]
