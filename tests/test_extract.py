"""What is quoted is whole: the sentence, its lead-in, and whatever turns its meaning."""

from __future__ import annotations

from quoting import quoted_of

from qa.corpus.annotate import Facts, annotate
from qa.corpus.plaintext import parse_plain_text
from qa.extract import extract
from qa.types import Document, Hit, Passage, Span


def document_of(text: str) -> Document:
    return annotate(text, parse_plain_text(text), Facts(id="d", hash=""), fallback_title="Bicycles")


def quoted(text: str, best: str) -> list[tuple[str, str]]:
    """Return role and text of what is quoted when the sentence that starts with ``best`` scores highest."""
    return quoted_of(document_of(text), lambda sentence: sentence.startswith(best))


def test_the_best_sentence_is_quoted_alone() -> None:
    """A sentence that stands by itself is quoted without its neighbours."""
    text = "Chains wear out.\nPads squeal when wet. Discs must stay dry. Cables stretch."
    assert quoted(text, "Discs") == [("answer", "Discs must stay dry.")]


def test_an_item_is_quoted_with_its_lead_in() -> None:
    """A list item comes with the line that introduces the list."""
    text = "Never do any of these while riding:\n- Reading a map\n- Holding a leash"
    assert quoted(text, "Holding") == [
        ("lead_in", "Never do any of these while riding:"),
        ("answer", "Holding a leash"),
    ]


def test_a_nested_item_is_quoted_with_all_that_introduces_it() -> None:
    """An item of a list within a list comes with its parent and the parent's lead-in, outermost first."""
    text = "Tools for the road include:\n\n1. **Levers**:\n- Plastic ones\n- Steel ones\n\n2. **Pumps**:\n- Hand pumps"
    assert quoted(text, "Steel") == [
        ("lead_in", "Tools for the road include:"),
        ("lead_in", "Levers**:"),
        ("answer", "Steel ones"),
    ]


def test_a_lead_in_is_quoted_with_its_list() -> None:
    """When the line that introduces a list answers best, the list is the answer."""
    text = "A repair kit holds:\n- Patches\n- Glue"
    assert quoted(text, "A repair kit") == [("lead_in", "A repair kit holds:"), ("answer", "Patches\n- Glue")]


def test_a_restriction_is_never_dropped() -> None:
    """A sentence that opens with "However" or "Unless" is quoted together with the one before it."""
    text = "Oil the chain every week. However, never oil it in the rain. Wipe it after that."
    whole = "Oil the chain every week. However, never oil it in the rain."
    assert quoted(text, "Oil") == [("answer", whole)]
    assert quoted(text, "However") == [("answer", whole)]


def test_a_restriction_within_a_sentence_is_never_dropped() -> None:
    """A sentence with "nevertheless" in its middle is quoted with the one that it answers to."""
    text = "Tests found no benefit. Many riders nevertheless swear by it. It costs little."
    whole = "Tests found no benefit. Many riders nevertheless swear by it."
    assert quoted(text, "Many") == [("answer", whole)]
    assert quoted(text, "Tests") == [("answer", whole)]


def test_a_pronoun_brings_what_it_stands_for() -> None:
    """A sentence that opens with "They" is quoted with the one before it."""
    text = "Rim brakes wear down the rim. They need new pads every year."
    assert quoted(text, "They") == [("answer", text)]


def test_markers_and_bullets_stay_outside() -> None:
    """A quote neither starts with a bullet nor ends with the source's reference number."""
    text = "\n".join(
        f"- {claim} {number}"
        for number, claim in enumerate(
            ["Chains stretch under load", "Rims wear from braking", "Cables fray at the clamp", "Hubs rattle when dry",
             "Pedals creak without grease"],
            start=1,
        )
    )  # fmt: skip
    assert quoted(text, "Cables") == [("answer", "Cables fray at the clamp")]


def test_a_passage_without_sentences_is_quoted_whole() -> None:
    """A passage in which no sentence was found is its own quote."""
    document = document_of("Bells ring")
    hit = Hit(
        passage=Passage(document_id="d", span=Span(start=0, end=10), section=()),
        ordinal=0, score=1.0, dense=1.0, lowest=0.5, sentences=(),
    )  # fmt: skip
    (only,) = extract(hit, document)
    assert only.span.of(document.text) == "Bells ring"


def test_outer_lead_ins_stay_with_an_inner_list() -> None:
    """A nested list quoted from its own lead-in keeps what introduces that: a "never" is not lost."""
    text = "Never do these:\n\n1. **Riding with**:\n- a loose bar\n- a flat tyre"
    roles = quoted(text, "Riding with")
    assert roles[0] == ("lead_in", "Never do these:")
    assert roles[-1] == ("answer", "a loose bar\n- a flat tyre")


def test_a_restriction_in_the_next_paragraph_is_never_dropped() -> None:
    """A paragraph that opens with "Unless" goes along with the one before it."""
    text = "Ride on the left.\n\nUnless you are on the continent.\n\nWear a helmet."
    assert quoted(text, "Ride") == [("answer", "Ride on the left.\n\nUnless you are on the continent.")]


def test_a_restriction_after_a_list_is_never_dropped() -> None:
    """What takes back a whole list goes along with each of its items, and with all of them."""
    text = "You may use:\n- soap\n- petrol\n\nHowever, neither is safe for carbon."
    lead_in, restriction = ("lead_in", "You may use:"), ("answer", "However, neither is safe for carbon.")
    assert quoted(text, "soap") == [lead_in, ("answer", "soap"), restriction]
    assert quoted(text, "petrol") == [lead_in, ("answer", "petrol\n\nHowever, neither is safe for carbon.")]
    assert quoted(text, "However") == [lead_in, ("answer", "soap\n- petrol\n\nHowever, neither is safe for carbon.")]


def test_a_negated_pronoun_restricts() -> None:
    """A sentence such as "It does not …" goes along with the one before it."""
    text = "Wax keeps the chain clean. It does not, by itself, keep rust away. Oil does."
    assert quoted(text, "Wax") == [("answer", "Wax keeps the chain clean. It does not, by itself, keep rust away.")]


def test_a_better_sentence_beside_a_lead_in_is_quoted_itself() -> None:
    """A paragraph whose last sentence introduces a list does not give its other sentences' place to the list."""
    text = "Gloves keep hands warm. Other garments are:\n- caps\n- scarves"
    assert quoted(text, "Gloves") == [("answer", "Gloves keep hands warm.")]
