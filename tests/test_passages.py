"""Passages partition what may be quoted, keep sentences whole and fit the encoder's window."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from qa.passages import MAX_CHARACTERS, embedding_text, sentences, short_context, split
from qa.reading import overlapping, read
from qa.types import Block, Boilerplate, Document, Passage, Section, Span

WINDOW = 48
WORDS = ["cramp", "calf", "the", "e.g.", "Dr.", "night", "🦵", "cafe\u0301", "3.5", "magnesium", "however", "stretch"]


def count(text: str) -> int:
    """Count words as a stand-in for tokens, with two special ones, as a word-piece tokenizer would."""
    return 2 + sum(1 + len(word) // 8 for word in re.findall(r"\w+|[^\w\s]", text))


def document_of(text: str, *, boilerplate: tuple[Span, ...] = (), title: str = "Cramps") -> Document:
    """Return a document of one section whose lines are its blocks."""
    blocks, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            blocks.append(Block(span=Span(start=start, end=start + len(line)), kind="paragraph"))
        start += len(line) + 1
    return Document(
        id="d",
        title=title,
        text=text,
        hash="",
        sections=(Section(path=("Causes",), heading=None, span=Span(start=0, end=len(text))),),
        blocks=tuple(blocks),
        boilerplate=tuple(Boilerplate(span=span, kind="promotion") for span in boilerplate),
    )


PARAGRAPHS = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(lambda words: " ".join(words) + "."),
    min_size=1,
    max_size=6,
).map("\n".join)


@given(PARAGRAPHS)
def test_passages_partition_the_section(text: str) -> None:
    """The passages, joined, are the section's text, to the last character."""
    document = document_of(text)
    assert "".join(passage.span.of(text) for passage in split(document, count, window=WINDOW)) == text


@given(PARAGRAPHS)
def test_passages_fit_the_window_with_their_context(text: str) -> None:
    """No passage is longer than the window once its title and path are joined to it."""
    document = document_of(text)
    for passage in split(document, count, window=WINDOW):
        assert count(embedding_text(document, passage, count, window=WINDOW)) <= WINDOW
        assert len(passage.span) <= MAX_CHARACTERS


@given(st.text(alphabet="aé漢🦵 \n.", max_size=400))
def test_any_text_is_partitioned(text: str) -> None:
    """Text without words, without spaces or of long runs is partitioned too, or holds nothing to read."""
    document = document_of(text)
    joined = "".join(passage.span.of(text) for passage in split(document, count, window=WINDOW))
    assert joined == (text if text.strip() else "")


def test_no_passage_touches_boilerplate() -> None:
    """A passage ends where boilerplate starts and the next begins where it ends."""
    text = "Cramps hurt. Sign up now! Stretching helps."
    gone = Span(start=13, end=26)
    spans = [p.span for p in split(document_of(text, boilerplate=(gone,)), count, window=WINDOW)]
    assert [span.of(text) for span in spans] == ["Cramps hurt. ", "Stretching helps."]


def test_sentences_stay_whole() -> None:
    """A long section is cut between sentences, not after an abbreviation."""
    sentence = "Muscles such as the calf, e.g. after a long walk with Dr. Vale, may cramp at night."
    text = " ".join([sentence] * 12)
    for passage in split(document_of(text), count, window=WINDOW):
        assert passage.span.of(text).strip().endswith("night.")
        assert passage.span.of(text).startswith("Muscles")


def test_a_lead_in_stays_with_its_list() -> None:
    """A passage never ends with the line that introduces the list after it."""
    text = "\n".join(["Filler words stand here for a while and then some more of them follow."] * 3)
    text += "\nThese help:\n" + "\n".join(["Stretching the calf slowly and for long."] * 6)
    passages = split(document_of(text), count, window=WINDOW)
    assert len(passages) > 2
    assert not [p for p in passages if p.span.of(text).rstrip().endswith(":")]


def test_a_long_title_leaves_room_for_the_passage() -> None:
    """A title longer than the window is shortened from the left, and the passages still fit."""
    document = document_of("Cramps hurt at night.", title=" ".join(f"word{n}" for n in range(200)))
    context = short_context(document, ("Causes",), count, window=WINDOW)
    assert context.endswith("Causes")
    (passage,) = split(document, count, window=WINDOW)
    assert count(embedding_text(document, passage, count, window=WINDOW)) <= WINDOW


def test_a_passage_within_a_list_is_embedded_with_its_lead_in() -> None:
    """The line that introduces a list is joined to a passage that starts inside it, if it fits the window."""
    text = "These help:\nStretching of the calf.\nWalking slowly about the room at night."
    lead_in = Span(start=0, end=11)
    plain = document_of(text)
    items = tuple(Block(span=block.span, kind="item", lead_in=lead_in) for block in plain.blocks[1:])
    document = replace(plain, blocks=(plain.blocks[0], *items))
    second = Passage(document_id="d", span=items[1].span, section=("Causes",))
    wide = embedding_text(document, second, count, window=WINDOW)
    assert wide == "Cramps: Causes\nThese help:\nWalking slowly about the room at night."
    narrow = embedding_text(document, second, count, window=15)
    assert narrow == "Cramps: Causes\nWalking slowly about the room at night."


def test_sentences_never_span_blocks() -> None:
    """A block without a full stop ends its sentence all the same."""
    text = "Signs of a cramp\nThe calf hurts. It is hard."
    reading = read(document_of(text), Span(start=0, end=len(text)))
    assert [reading.text[a:b] for a, b in sentences(reading)] == ["Signs of a cramp", "The calf hurts.", "It is hard."]


@given(st.integers(0, 30), st.integers(0, 30))
def test_overlapping_finds_what_a_scan_finds(start: int, length: int) -> None:
    """The bisection gives the spans that a look at every one gives."""
    spans = tuple(Span(start=a, end=a + 2) for a in range(0, 30, 3))
    span = Span(start=start, end=start + length)
    wanted = [s for s in spans if s.start < span.end and span.start < s.end]
    assert list(overlapping(spans, span)) == (wanted if length else list(overlapping(spans, span)))
