"""Reference markers: which numbers of a text are its sources', and which are just numbers."""

from __future__ import annotations

import pytest

from qa.corpus.annotate import Facts, annotate
from qa.corpus.markdown import read_markdown
from qa.corpus.plaintext import parse_plain_text
from qa.types import Document

FACTS = Facts(id="x", hash="0")


def plain(text: str) -> Document:
    """Read a plain text."""
    return annotate(text, parse_plain_text(text), FACTS, fallback_title="X")


def groups(document: Document) -> list[str]:
    """Return the markers as they stand in the text."""
    return [marker.span.of(document.text) for marker in document.markers]


GLUED = """Tea and sleep
Many adults drink tea in the evening2 4 6.
Caffeine delays the onset of rest1. It also makes waking more frequent3, and lowers comfort5.
Some herbs contain none (rooibos)2, which is why they are called calming.
Trials with omega-3 and vitamin B12 gave no clear result4.
"""

SPACED = """Garden soil
Good soil holds water and air 1
Worms mix the upper layers of a bed 2
Clay drains slowly, and sand drains fast 3, 4. Compost helps with both 2.
Chalk makes a bed alkaline 5
Lime should not be spread with manure 1, 3
"""

AFTER_STOP = """Bees need water in summer.1 Shallow dishes with stones work best.2,3 They find
them by scent.1 Nobody knows how far they fly.4–6
"""

ROUND = """Knots slip when a rope is wet (1, 2). Modern fibres are smoother (3), so more turns are needed (2).
Old manuals advise a stopper (4-6). It costs little strength (1).
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(GLUED, ["2 4 6", "1", "3", "5", "2", "4"], id="glued"),
        pytest.param(SPACED, ["1", "2", "3, 4", "2", "5", "1, 3"], id="spaced"),
        pytest.param(AFTER_STOP, ["1", "2,3", "1", "4–6"], id="after the stop"),
        pytest.param(ROUND, ["(1, 2)", "(3)", "(2)", "(4-6)", "(1)"], id="round brackets"),
        pytest.param(
            "Snow melts [3]. Ice stays [1][2] for long [4, 6] or ever [7–9].",
            ["[3]", "[1]", "[2]", "[4, 6]", "[7–9]"],
            id="square",
        ),
        pytest.param(
            "Snow falls in two forms [2]:\n\n- flakes [3]\n- graupel [1, 3]\n\n[1]: Smith J. On snow. 1999.\n",
            ["[2]", "[3]", "[1, 3]"],
            id="square before a colon, and what is listed under a number",
        ),
        pytest.param(
            "Snow melts.³ Ice stays¹,² for long⁴⁻⁶ on 10 m² or 5 cm³ and 10² days.",
            ["³", "¹,²", "⁴⁻⁶"],
            id="superscripts",
        ),
        pytest.param(
            'One was "very warm"2. Two were cold1. Three froze3. The fourth "melted"1,2.',
            ["2", "1", "3", "1,2"],
            id="after quotes",
        ),
        pytest.param(
            "Rain falls<sup>1</sup> on 5 m<sup>2</sup> of roof<sup>2, 3</sup>.",
            ["<sup>1</sup>", "<sup>2, 3</sup>"],
            id="tags",
        ),
        pytest.param(
            "Hens lay1-3. Ducks swim2, geese fly4; swans sing1. Crows steal3,4.",
            ["1-3", "2", "4", "1", "3,4"],
            id="ranges",
        ),
        pytest.param(
            "**Hens** lay1. **Ducks**2. Geese fly3. Swans sing2 4.\n1. **Crows** steal4.",
            ["1", "2", "3", "2 4", "4"],
            id="bold",
        ),
    ],
)
def test_finds_the_groups_of_every_style(text: str, expected: list[str]) -> None:
    """Each style of writing reference numbers is found, group by group."""
    assert groups(plain(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "Take vitamin B12. Try omega-3. It is stage 3. She is age 2. He has type 1. See Figure 2.",
            id="counted nouns",
        ),
        pytest.param(
            "We saw trisomy 1. Then trisomy 2. Again trisomy 1. Still trisomy 2. And trisomy 3.", id="one word"
        ),
        pytest.param(
            "There are 20% OFF. Call 0800 111 222. It was 1998. He took 5 mg. The range is 3-5.", id="figures"
        ),
        pytest.param("Do (1) wash, (2) dry, (3) fold and (4) iron. Then (1) rest or (2) read.", id="enumeration"),
        pytest.param("1. **Wash** it\n2. **Dry** it\n3. **Fold** it\n4. **Iron** it", id="ordinals"),
        pytest.param("Genes such as p53, CO2 and H2O, T4 and L5, IL6 and COVID-19. FOXP3. BRCA1. BRCA2.", id="names"),
        pytest.param(
            "It lasted 3. They waited to 4. Take 1 of 2. Split it in 3. Nearly 4. About 5.", id="sentence-final figures"
        ),
        pytest.param("Two hats 40. Six coats 77. Nine shirts 91. Ten gloves 58. Four boots 66.", id="large and sparse"),
        pytest.param(
            "Wash twice 2. That is all there is to say. Dry it well. Fold it flat. Iron it hot.", id="a single one"
        ),
        pytest.param("The interval was 95% CI [2, 5]. We index x[3] and imidazo[1,5]pyridine.", id="intervals"),
        pytest.param("Add Ca(OH)2. Add Mg(OH)2. Add Al(OH)3. Add Fe(OH)3. Add Zn(OH)2. Add Cu(OH)2.", id="formulas"),
        pytest.param(
            "Within thirty (30) days. After two (2). Children of five (5). Ages of ten (10).", id="spelled numbers"
        ),
    ],
)
def test_leaves_other_numbers_alone(text: str) -> None:
    """Counts, names, doses, ordinals and steps are no reference markers."""
    assert groups(plain(text)) == []


def test_writes_ranges_out_and_keeps_the_order() -> None:
    """A marker's numbers are in the order of the text, with ranges written out."""
    document = plain("Snow melts [7, 2–4]. Ice stays.")
    assert [marker.numbers for marker in document.markers] == [(7, 2, 3, 4)]


def test_a_bibliography_makes_few_numbers_believable() -> None:
    """Two bare numbers are markers where a list of sources has both."""
    body = "Sleep\nCats sleep in warm places 1. They wake at dusk to hunt for mice 2. Dogs do not.\n"
    sources = "References\n1. Smith J. Cats at rest. J Pets. 2001.\n2. Doe A. Cats at work. J Pets. 2002.\n"
    assert groups(plain(body)) == []
    document = plain(body + sources)
    assert groups(document) == ["1", "2"]
    assert [(entry.number, entry.title, entry.year) for entry in document.references] == [
        (1, "Cats at rest", 2001),
        (2, "Cats at work", 2002),
    ]


def test_markdown_footnotes_links_and_brackets_are_markers_and_code_is_not() -> None:
    """In Markdown a footnote, a linked number and a bracket are markers; code never is."""
    text = "Hens[^1] lay [2](#ref2) eggs [3], as `row[4]` and\n\n    row[5]\n\n[^1]: Smith J. On hens. 1999.\n"
    document = read_markdown(text, FACTS, path="x.md", fallback_title="X")
    assert groups(document) == ["[^1]", "[2](#ref2)", "[3]"]
    assert [entry.title for entry in document.references] == ["On hens"]


def test_markers_and_markup_never_overlap() -> None:
    """A code point is left out as markup or as a marker, not as both."""
    text = "Hens<sup>1</sup> lay [[2]](#r) **eggs**[^3].\n\n[^3]: x\n"
    document = read_markdown(text, FACTS, path="x.md", fallback_title="X")
    assert groups(document) == ["<sup>1</sup>", "[[2]](#r)", "[^3]"]
    assert not any(mark.overlaps(marker.span) for mark in document.markup for marker in document.markers)


def test_once_believed_a_style_is_found_within_sentences_too() -> None:
    """Where a document numbers its sources, groups before a comma count, and counted nouns still do not."""
    text = "Hens lay eggs 1, 2. Ducks swim 3. Geese fly far 2, although swans stay 4. Crows of type 2 steal 1."
    assert groups(plain(text)) == ["1, 2", "3", "2", "4", "1"]


def test_a_decimal_at_a_line_end_is_no_marker() -> None:
    """The decimals of version numbers and codes stay, however many lines end in them."""
    assert groups(plain("Codes\nUse the code G5.1\nUse the code G7.2\nUse the code G8.1\nUse the code G9.3\n")) == []
