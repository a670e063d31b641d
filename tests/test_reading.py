"""A span's reading text drops what is not read aloud, and every place in it leads back to the document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reading import read
from qa.types import Block, Boilerplate, Document, Marker, Span


def document(
    text: str,
    *,
    blocks: list[tuple[int, int]] | None = None,
    markup: list[tuple[int, int]] | None = None,
    markers: list[tuple[int, int]] | None = None,
    boilerplate: list[tuple[int, int]] | None = None,
) -> Document:
    """Return a document with the given stretches marked."""
    return Document(
        id="d",
        title="",
        text=text,
        hash="",
        blocks=tuple(Block(span=Span(start=a, end=b), kind="paragraph") for a, b in blocks or [(0, len(text))]),
        markup=tuple(Span(start=a, end=b) for a, b in markup or []),
        markers=tuple(Marker(span=Span(start=a, end=b), numbers=(1,)) for a, b in markers or []),
        boilerplate=tuple(Boilerplate(span=Span(start=a, end=b), kind="promotion") for a, b in boilerplate or []),
    )


def whole(marked: Document) -> str:
    return read(marked, Span(start=0, end=len(marked.text))).text


def test_white_space_within_a_block_is_one_space() -> None:
    """Line breaks, tabs and runs of blanks inside a block are read as one space."""
    assert whole(document("Cramps \t hurt\nat   night. ")) == "Cramps hurt at night."


def test_a_block_break_is_one_line_feed() -> None:
    """Between two blocks stands one line feed, however many blank lines the document has."""
    assert whole(document("One.\n\n\nTwo.", blocks=[(0, 4), (7, 11)])) == "One.\nTwo."


def test_a_marker_goes_with_the_space_before_it() -> None:
    """No space is left between the word and the full stop that a marker stood between."""
    assert whole(document("They did not 2. Then", markers=[(13, 14)])) == "They did not. Then"
    assert whole(document("They hurt [3] at night", markers=[(10, 13)])) == "They hurt at night"


def test_markup_inside_a_word_leaves_no_gap() -> None:
    """Emphasis that ends within a word does not split it."""
    assert whole(document("**cramp**ing", markup=[(0, 2), (7, 9)])) == "cramping"


def test_boilerplate_is_not_read() -> None:
    """A stretch of boilerplate is missing from the reading text."""
    assert whole(document("Cramps hurt. Sign up! They pass.", boilerplate=[(13, 21)])) == "Cramps hurt. They pass."


def test_white_space_alone_has_no_place() -> None:
    """A stretch of the reading text that is only white space cannot be converted."""
    reading = read(document("one two"), Span(start=0, end=7))
    with pytest.raises(ValueError, match="no word"):
        reading.to_document(3, 4)


TEXTS = st.text(alphabet="ab é́🦵\n\t.*", max_size=80)


@st.composite
def marked_documents(draw: st.DrawFn) -> Document:
    """Return a text with random, sorted, disjoint stretches of markup and markers."""
    text = draw(TEXTS)
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    return document(text, markup=pairs[::2], markers=pairs[1::2])


@given(marked_documents(), st.data())
def test_every_word_leads_back_to_itself(marked: Document, data: st.DataObject) -> None:
    """A stretch between two kept characters converts to the document and back to itself, and its ends are the same text."""
    reading = read(marked, Span(start=0, end=len(marked.text)))
    solid = [i for i, character in enumerate(reading.text) if not character.isspace()]
    if not solid:
        return
    start = data.draw(st.sampled_from(solid))
    end = data.draw(st.sampled_from([i for i in solid if i >= start])) + 1
    span = reading.to_document(start, end)
    assert reading.to_reading(span) == (start, end)
    assert marked.text[span.start] == reading.text[start]
    assert marked.text[span.end - 1] == reading.text[end - 1]


@given(marked_documents())
def test_reading_keeps_every_unmarked_word_character(marked: Document) -> None:
    """The reading text holds exactly the characters outside markup and markers, white space aside."""
    gone = [*marked.markup, *(marker.span for marker in marked.markers)]
    kept = [c for i, c in enumerate(marked.text) if not any(g.start <= i < g.end for g in gone) and not c.isspace()]
    assert [c for c in whole(marked) if not c.isspace()] == kept
