"""Boilerplate: banners, navigation and disclaimers are marked, and a text about such things is left whole."""

from __future__ import annotations

import pytest

from qa.corpus.annotate import Facts, annotate
from qa.corpus.composer import Composer
from qa.corpus.markdown import read_markdown
from qa.corpus.plaintext import parse_plain_text
from qa.types import Document

FACTS = Facts(id="x", hash="0")
SENTENCE = "A kettle boils faster with its lid on, and it costs less."


def plain(text: str) -> Document:
    """Read a plain text."""
    return annotate(text, parse_plain_text(text), FACTS, fallback_title="X")


def marked(document: Document) -> list[tuple[str, str]]:
    """Return kind and text of each boilerplate span."""
    return [(entry.kind, entry.span.of(document.text)) for entry in document.boilerplate]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Sign up", "promotion"),
        ("Try it free", "promotion"),
        ("Returning customer? Log in", "promotion"),
        ("GET 15% OFF YOUR NEXT TEAPOT!", "promotion"),
        ("Subscribe to our weekly newsletter for tea news.", "promotion"),
        ("Start your 14-day free trial", "promotion"),
        ("×", "navigation"),
        ("Skip to main content", "navigation"),
        ("Share on Facebook", "navigation"),
        ("Print this page", "navigation"),
        ("Home > Kitchen > Kettles", "navigation"),
        ("Privacy Policy | Terms of Use | Contact us", "navigation"),
        ("© 2021 Kettle House Ltd. All rights reserved.", "navigation"),
        ("We use cookies to improve your visit. By continuing to browse you agree to them.", "navigation"),
        ("Disclaimer: use a kettle at your own risk.", "disclaimer"),
        ("The information on this page is not a substitute for professional medical advice.", "disclaimer"),
        ("This leaflet is for informational purposes only.", "disclaimer"),
    ],
)
def test_page_furniture_is_marked_from_end_to_end(line: str, kind: str) -> None:
    """A line that is furniture is marked whole, with its kind, and nothing else is."""
    assert marked(plain(f"{SENTENCE}\n\n{line}\n\n{SENTENCE[:-1]} too.\n")) == [(kind, line)]


@pytest.mark.parametrize(
    "text",
    [
        "You can sign up for an account with your e-mail address, and sign in again later.",
        "When you subscribe to our newsletter, we store your name and address for two years.",
        "We use cookies to remember your basket. You can refuse cookies in your browser. Cookies expire after a day.",
        "Ask a doctor for personal advice, especially if the burn is large.",
        "A 20% solution takes the scale off in an hour.",
        "Our trial was free of charge for all patients, and they could leave at any time.",
        "Copyright law protects a recipe's words, not its ingredients.",
        "Share the tea among four cups.",
        "This page of the manual was torn out, so nobody knows how it went on.",
        "Print books age better than you think, and so do kettles.",
    ],
)
def test_a_text_about_such_things_is_content(text: str) -> None:
    """Sentences about accounts, newsletters, cookies and offers are no boilerplate."""
    assert marked(plain(f"{SENTENCE}\n{text}\n")) == []


def test_a_banner_may_run_into_the_text() -> None:
    """A button glued to a sentence about the page is marked with it, and the rest of the line is content."""
    text = f"{SENTENCE}\nRead moreThis article was written with TeaBot – enjoy. {SENTENCE}\n{SENTENCE[:-1]} too. Read more\n"
    assert marked(plain(text)) == [
        ("promotion", "Read moreThis article was written with TeaBot – enjoy."),
        ("promotion", "Read more"),
    ]


def test_a_button_glued_to_content_is_marked_alone() -> None:
    """Where the sentence after a glued button is content, only the button is marked."""
    assert marked(plain(f"Sign upKettles boil water in minutes. {SENTENCE}")) == [("promotion", "Sign up")]


BANNER = "Thirsty for more? Join the club and discover a thousand kettles today."


def test_a_line_that_frames_the_text_or_stands_by_a_button_is_marked_each_time() -> None:
    """A repeated banner is marked at every place; a sentence that is only said again is content."""
    body = f"Boiling\n{SENTENCE}\nCare\nRinse it.\n{SENTENCE}\nDry it.\n"
    text = f"Kettles\n{BANNER}\n{body}{BANNER}\nTry for free"
    assert marked(plain(text)) == [("promotion", BANNER), ("promotion", BANNER), ("promotion", "Try for free")]


def test_a_disclaimer_section_is_marked_around_the_banners_in_it() -> None:
    """A section headed as disclaimer is marked to its end; banners in it keep their kind."""
    text = f"Kettles\n{SENTENCE}\nMedical Disclaimer\nNo tea is medicine.\nAsk first.\nTry for free\n"
    assert marked(plain(text)) == [
        ("disclaimer", "Medical Disclaimer\nNo tea is medicine.\nAsk first."),
        ("promotion", "Try for free"),
    ]


def test_a_markdown_disclaimer_ends_at_the_next_heading_of_its_level() -> None:
    """Subsections of a disclaimer belong to it; the next section does not."""
    text = "# Kettles\n\nHot.\n\n## Disclaimer\n\nNone.\n\n### More\n\nStill.\n\n## Care\n\nRinse.\n"
    document = read_markdown(text, FACTS, path="x.md", fallback_title="X")
    assert marked(document) == [("disclaimer", "## Disclaimer\n\nNone.\n\n### More\n\nStill.")]


def test_a_bibliography_is_navigation_and_is_parsed() -> None:
    """A section of numbered sources is marked, and its entries are the document's references."""
    text = (
        f"Kettles\n{SENTENCE}\nReferences\n[1] Smith J, Doe A. On kettles. Tea J. 2004;1:2. https://tea.example/1\n"
        '[2] "The lid", Kettle Board, 2010\nCare\nRinse it.\n'
    )
    document = plain(text)
    assert [(entry.kind, entry.span.of(text).split("\n")[0]) for entry in document.boilerplate] == [
        ("navigation", "References")
    ]
    first, second = document.references
    assert (first.number, first.authors, first.title, first.year, first.url) == (
        1, "Smith J, Doe A", "On kettles", 2004, "https://tea.example/1",
    )  # fmt: skip
    assert (second.number, second.title, second.year) == (2, "The lid", 2010)


def test_a_section_called_notes_without_numbers_is_content() -> None:
    """A heading alone makes no bibliography."""
    assert marked(plain(f"Kettles\n{SENTENCE}\nNotes\nKettles whistle when they boil.\n")) == []


def test_menu_words_are_navigation_only_in_a_row() -> None:
    """Several menu words one after another are a menu; one by itself is a heading like any other."""
    text = f"Home\nShop\nContact us\n\nKettles\n{SENTENCE}\nServices\n{SENTENCE[:-1]} too."
    document = plain(text)
    assert marked(document) == [("navigation", "Home"), ("navigation", "Shop"), ("navigation", "Contact us")]
    assert [section.path for section in document.sections] == [(), ("Kettles",), ("Services",)]


def test_a_copy_in_what_the_file_hides_takes_nothing_from_the_text() -> None:
    """A paragraph that also stands in a hidden part of a page is content where it is not hidden."""
    line = "Oil the chain of the bicycle after every ride in the rain, or it will rust within a week."
    composer = Composer()
    composer.block()
    composer.write(line)
    with composer.hidden("navigation"):
        composer.write(line)
        composer.block()
        composer.write("Send")
    text, layout = composer.finish()
    document = annotate(text, layout, FACTS, fallback_title="x")
    assert [entry.kind for entry in document.boilerplate] == ["navigation"]
    assert document.boilerplate[0].span.start > len(line)
