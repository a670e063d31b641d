"""A PDF becomes a document: what is read, in which order, on which page, and what is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib import pdfencrypt
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from qa.corpus.annotate import Facts
from qa.corpus.pdf import page as page_module
from qa.corpus.pdf import read_pdf
from qa.errors import DocumentError
from qa.reading import read
from qa.types import Document, Span

FILES = Path(__file__).parent / "files" / "pdf"
LEFT, TOP, LEADING = 72, 760, 14
BODY = "The chain of a bicycle wears out when dirt gets into its links, and it should be cleaned often."


def document(raw: bytes, facts: Facts | None = None) -> Document:
    return read_pdf(raw, facts or Facts(id="x", hash="h"), path="x.pdf", fallback_title="Untitled")


def fixture(name: str) -> Document:
    return document((FILES / name).read_bytes())


def made(draw: Callable[[Canvas], None], **options: object) -> bytes:
    """Return a PDF of one or more pages; ``draw`` may start more."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842), invariant=1, **options)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def lines(
    canvas: Canvas, *texts: str, left: float = LEFT, top: float = TOP, size: float = 11, font: str = "Helvetica"
) -> None:
    canvas.setFont(font, size)
    for number, text in enumerate(texts):
        canvas.drawString(left, top - number * LEADING, text)


def blocks(found: Document, kind: str = "paragraph") -> list[str]:
    """Return how the blocks of a kind read, boilerplate left out."""
    readings = [read(found, block.span).text for block in found.blocks if block.kind == kind]
    return [" ".join(reading.split()) for reading in readings if reading]


def hidden(found: Document) -> list[str]:
    return [" ".join(entry.span.of(found.text).split()) for entry in found.boilerplate]


def headings(found: Document) -> list[tuple[str, ...]]:
    return [section.path for section in found.sections if section.heading is not None]


def page_of(found: Document, words: str) -> int | None:
    """Return the page of the only place where the words stand."""
    assert found.text.count(words) == 1, words
    return found.page(found.text.index(words))


def whole(found: Document) -> str:
    return " ".join(read(found, Span(start=0, end=len(found.text))).text.split())


# --- realistic files ------------------------------------------------------------------------------


def test_two_columns_are_read_one_after_the_other() -> None:
    """In a paper in two columns the headings come in their order, below the title, with the numbers' levels."""
    assert headings(fixture("twocolumn.pdf")) == [
        ("How Often a Bicycle Chain Should Be Cleaned",),
        ("Abstract",),
        ("1 Introduction",),
        ("2 Methods",),
        ("2 Methods", "2.1 Bicycles and riders"),
        ("2 Methods", "2.2 Measurements"),
        ("3 Results",),
        ("4 Discussion",),
        ("5 Conclusion",),
        ("References",),
    ]


def test_a_paragraph_that_the_page_cuts_is_one_block_on_both_pages() -> None:
    """A sentence that goes on on the next page is whole, and each half is on its own page."""
    found = fixture("twocolumn.pdf")
    cut = [text for text in blocks(found) if text.startswith("Riders of well oiled")]
    assert len(cut) == 1
    assert cut[0].endswith("hardly notices on a single day but which adds up during a season.")
    assert "Journal" not in cut[0]
    assert page_of(found, "Riders of well oiled bicycles") == 1
    assert page_of(found, "adds up during a season") == 2


def test_a_broken_word_reads_whole_and_is_sliced_as_printed() -> None:
    """The hyphen at a line's end is in the text as markup, and the word is read without it."""
    found = fixture("twocolumn.pdf")
    assert "hun-\ndred kilometres on average" in found.text
    assert "four thousand two hundred kilometres on average" in whole(found)
    marks = [mark.of(found.text) for mark in found.markup]
    assert set(marks) == {"-\n", "•", "[1]", "[2]"}


def test_heads_feet_and_notes_are_navigation() -> None:
    """Running heads, page numbers, a footnote and the bibliography are not for quoting."""
    found = fixture("twocolumn.pdf")
    assert hidden(found)[:3] == [
        "Journal of Everyday Cycling Vol. 3",
        "1Salt was measured with strips that change their colour.",
        "1",
    ]
    assert "Salt was measured" not in whole(found)


def test_markers_find_their_entries_and_a_footnote_is_none() -> None:
    """Bracketed numbers resolve to the bibliography; the number of a footnote does not."""
    found = fixture("twocolumn.pdf")
    assert [marker.numbers for marker in found.markers] == [(1,), (2, 1), (), (2,)]
    assert [(entry.number, entry.year) for entry in found.references] == [(1, 2011), (2, 2015)]
    assert found.references[1].title.startswith("E. Jones. A survey of maintenance recommendations for commuter")


def test_a_table_is_read_by_rows() -> None:
    """The cells of a row stand together, and the header introduces each row."""
    found = fixture("twocolumn.pdf")
    rows = [block for block in found.blocks if block.kind == "table"]
    assert [row.span.of(found.text).split("\t") for row in rows] == [
        ["Group", "Dry (km)", "Wet (km)"],
        ["Every 200 km", "4700", "3700"],
        ["Monthly", "3400", "2600"],
        ["Never", "2500", "1700"],
    ]
    assert {row.lead_in for row in rows[1:]} == {rows[0].span}


def test_contents_are_navigation_and_bookmarks_give_levels() -> None:
    """A table of contents heads nothing; the sections it names do."""
    found = fixture("onecolumn.pdf")
    assert headings(found) == [
        ("Brakes for Everyday Bicycles",),
        ("1 Rim brakes",),
        ("1 Rim brakes", "1.1 Adjusting the blocks"),
        ("2 Disc brakes",),
        ("2 Disc brakes", "2.1 Bleeding"),
    ]
    assert hidden(found)[0].startswith("Contents 1 Rim brakes 2 1.1 Adjusting the blocks . . .")


def test_items_nest_and_know_their_lead_in() -> None:
    """Numbered items join over lines, and lettered items stand below the one that holds them."""
    found = fixture("onecolumn.pdf")
    items = [block for block in found.blocks if block.kind == "item"]
    assert [" ".join(item.span.of(found.text).split())[:24] for item in items] == [
        "1. Check that the wheel ",
        "2. Loosen the screw of t",
        "(a) Use a five millimetr",
        "(b) Hold the block with ",
        "3. Press the lever and t",
    ]
    assert items[0].span.of(found.text).endswith("makes every adjustment useless.")
    assert items[2].lead_in == items[1].span
    assert items[4].lead_in is not None
    assert items[4].lead_in.of(found.text).endswith("tighten the screw again:")


def test_a_source_in_a_footnote_is_a_reference() -> None:
    """Without a bibliography, a footnote that names a source is what its raised number stands for."""
    found = fixture("onecolumn.pdf")
    assert [(marker.span.of(found.text), marker.numbers) for marker in found.markers] == [("1", (1,))]
    assert [(entry.number, entry.title, entry.year, entry.url) for entry in found.references] == [
        (1, "Braking in rain", 2012, "https://example.org/rain")
    ]


def test_a_browsers_page_has_items_markers_and_powers() -> None:
    """Drawn bullets make items, raised numbers are markers, and a square metre is not one."""
    found = fixture("browser.pdf")
    assert blocks(found, "item") == [
        "Rinse the salt from the frame with cold water.",
        "Dry the chain, then oil it:",
        "one drop for each link;",
        "wipe the surplus off.",
        "Leave the bicycle in a cool room.",
    ]
    assert [marker.numbers for marker in found.markers] == [(1,), (2, 3)]
    assert "A puddle of 2 m² freezes over night." in whole(found)
    assert [entry.title for entry in found.references] == [
        "Tyre pressure on snow",
        "Studded tyres in cities",
        "Rolling resistance of studs",
    ]


def test_three_columns_stand_between_what_spans_them() -> None:
    """A headline comes first, then each column from top to bottom, then the paragraph below all of them."""
    found = fixture("threecolumn.pdf")
    assert [path[-1] for path in headings(found)] == [
        "News from the bicycle workshop",
        "Open on Saturdays",
        "Lights for children",
        "A new lane",
    ]
    starts = [text.split()[:3] for text in blocks(found)]
    assert [" ".join(words) for words in starts] == [
        "The workshop of",
        "Spare parts are",
        "In November every",
        "The bridge will",
        "During the works",
        "The workshop stands",
    ]


def test_an_office_page_keeps_its_paragraphs() -> None:
    """Justified paragraphs set apart by space come out whole, each on its page."""
    found = fixture("office.pdf")
    assert [path[-1] for path in headings(found)] == ["Choosing a Bicycle", "The frame", "The gears", "The price"]
    assert len(blocks(found)) == 6
    assert len(blocks(found, "item")) == 4
    assert page_of(found, "Derailleur gears") == 1
    assert page_of(found, "A sound everyday bicycle") == 2


def test_indented_paragraphs_stand_apart() -> None:
    """Paragraphs that only an indentation tells apart are two, and one after a list is no item."""
    found = fixture("groff.pdf")
    assert [path[-1] for path in headings(found)] == ["The Bicycle Pump", "ABSTRACT", "1. Valves", "2. Pressure"]
    assert blocks(found)[-1] == "Tubes of latex lose air within a day. Butyl keeps it for weeks."
    assert blocks(found, "item")[-1].endswith("unless you own a gauge that shows the pressure.")


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.glob("*.pdf")))
def test_the_same_bytes_give_the_same_document(name: str) -> None:
    """Reading twice gives equal documents, and every block holds text."""
    found = fixture(name)
    assert found == fixture(name)
    assert all(block.span.of(found.text).strip() for block in found.blocks)
    assert list(found.pages) == sorted(found.pages)


# --- words ----------------------------------------------------------------------------------------


def test_gaps_are_spaces() -> None:
    """Words that are placed one by one, without space characters, are apart; a letter placed by itself is not."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        at = LEFT
        for word in ("Oil", "the", "ch", "ain", "after", "rain."):
            canvas.drawString(at, TOP, word)
            at += canvas.stringWidth(word, "Helvetica", 11) + (0 if word == "ch" else 3)

    assert whole(document(made(draw))) == "Oil the chain after rain."


def test_fake_bold_is_read_once() -> None:
    """Lines printed again with a small shift, as for a shadow, stand there once."""
    texts = [f"Pull brake {number}, Bill." for number in range(12)]

    def draw(canvas: Canvas) -> None:
        lines(canvas, *texts)
        lines(canvas, *texts, left=LEFT + 0.3)

    assert whole(document(made(draw))) == " ".join(texts)


def test_lowered_and_raised_text_keep_their_sense() -> None:
    """A raised group is a marker, a power is raised in the text, a lowered number is plain."""

    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(LEFT, TOP)
        for piece, size, rise in (
            ("Riders", 11, 0), ("3,4", 7, 4), (" need H", 11, 0), ("2", 7, -3), ("O on 10", 11, 0), ("3", 7, 4), (" km roads.", 11, 0),
        ):  # fmt: skip
            text.setFont("Helvetica", size)
            text.setRise(rise)
            text.textOut(piece)
        canvas.drawText(text)

    found = document(made(draw))
    assert found.text == "Riders 3,4 need H2O on 10³ km roads.\n"
    assert [marker.numbers for marker in found.markers] == [(3, 4)]


def test_hyphens_follow_the_documents_own_words() -> None:
    """A hyphen at a line's end stays where the document writes the word with it, or where a capital follows."""

    def draw(canvas: Canvas) -> None:
        lines(
            canvas,
            "A low-cost pump is enough. Riders from the south often buy a low-",
            "cost pump, and those of the north know the old pump of the Anglo-",
            "Saxon kind, whereas all of them would have liked a new and good exam-",
            "ple.",
        )

    found = document(made(draw))
    assert "buy a low-cost pump, and" in found.text
    assert "the Anglo-Saxon kind" in found.text
    assert "good exam-\nple." in found.text
    assert whole(found).endswith("a new and good example.")


LONG = "what-the-dirt-of-the-winter-and-the-dust-of-the-summer-do-to-the-links-of-every-chain-and"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("https:", "//example.org/dirt. Then oil it."), "https://example.org/dirt. Then oil it."),
        (("https://", "example.org/dirt. Then oil it."), "https://example.org/dirt. Then oil it."),
        (("https://example.org", "/dirt?day=1 then."), "https://example.org/dirt?day=1 then."),
        (("https://example.org/", f"{LONG}-", "oil.html then."), f"https://example.org/{LONG}-oil.html then."),
        (("ftp://example.org/", f"{LONG}.", "html then."), f"ftp://example.org/{LONG}.html then."),
        (("https://example.org/dirt", "says so."), "https://example.org/dirt says so."),
        (("https://example.org/dirt.", "Then oil it."), "https://example.org/dirt. Then oil it."),
    ],
    ids=["scheme", "slashes", "before a slash", "hyphen", "dot", "after it", "sentence"],
)
def test_an_address_joins_over_lines(parts: tuple[str, ...], expected: str) -> None:
    """A web address that lines break is one, and keeps its hyphens; what follows it stays apart."""

    def draw(canvas: Canvas) -> None:
        first, *rest = parts
        lines(
            canvas,
            BODY,
            f"Riders of all the cities in the north have told each other so, as is shown at {first}",
            *rest,
        )

    assert whole(document(made(draw))).endswith(expected)


def test_an_address_that_had_room_does_not_go_on() -> None:
    """A short line that ends with a web address ends there, even with a slash."""

    def draw(canvas: Canvas) -> None:
        lines(
            canvas,
            BODY,
            "It is at",
            "https://example.org/dirt/",
            "where riders of every city collect what they know",
            BODY,
        )

    assert "https://example.org/dirt/ where riders" in whole(document(made(draw)))


def test_a_letterspaced_heading_is_read_as_words() -> None:
    """Letters set apart join to their words."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(LEFT, TOP, "WHEELS AND HUBS", charSpace=5)
        lines(canvas, BODY, BODY, top=TOP - 40)

    assert headings(document(made(draw))) == [("WHEELS AND HUBS",)]


# --- blocks ---------------------------------------------------------------------------------------


def test_bold_headings_of_the_texts_size_head_sections() -> None:
    """A short bold line is a heading; a bold beginning of a line is part of its paragraph."""

    def draw(canvas: Canvas) -> None:
        lines(canvas, "Cleaning", font="Helvetica-Bold")
        lines(canvas, BODY, BODY, top=TOP - LEADING)
        canvas.setFont("Helvetica-Bold", 11)
        canvas.drawString(LEFT, TOP - 5 * LEADING, "Note:")
        canvas.setFont("Helvetica", 11)
        canvas.drawString(LEFT + 40, TOP - 5 * LEADING, "a dry cloth will do for most chains.")

    found = document(made(draw))
    assert headings(found) == [("Cleaning",)]
    assert blocks(found)[-1] == "Note: a dry cloth will do for most chains."


@pytest.mark.parametrize("shift", [-4, -2, 2, 3])
@pytest.mark.parametrize(
    "bullets", [("•", "•", "•"), ("1.", "2.", "3."), ("(a)", "(b)", "(c)")], ids=lambda each: each[0]
)
def test_bullets_off_the_baseline_start_their_items(bullets: tuple[str, ...], shift: int) -> None:
    """Bullets and ordinals written after their text, in another size and a bit higher or lower, make items."""
    texts = ("the gears slip", "the links rattle", "a gauge drops in")

    def draw(canvas: Canvas) -> None:
        lines(canvas, "A worn chain shows itself in three ways:")
        lines(canvas, *texts, left=LEFT + 20, top=TOP - 20)
        lines(canvas, *bullets, top=TOP - 20 - shift, size=12)
        lines(canvas, BODY, top=TOP - 80)

    found = document(made(draw))
    assert blocks(found, "item") == list(texts)
    assert [mark.of(found.text) for mark in found.markup] == list(bullets)
    assert blocks(found) == ["A worn chain shows itself in three ways:", BODY]


def test_the_number_of_an_equation_is_no_ordinal() -> None:
    """What stands right of a formula does not start the next column's line, though that begins a bit lower."""

    def draw(canvas: Canvas) -> None:
        lines(canvas, *[BODY[:44]] * 4, "w = 2 d", *[BODY[:44]] * 4, left=60)
        lines(canvas, "(1)", left=270, top=TOP - 4 * LEADING)
        lines(
            canvas, *[f"{word} riders in the north oiled it again" for word in BODY.split()[:9]], left=310, top=TOP - 3
        )

    text = whole(document(made(draw)))
    assert "w = 2 d (1)" in text
    assert "(1) bicycle" not in text


def test_references_wrap_over_lines_and_pages() -> None:
    """An entry that goes on on the next page is one, and the markers resolve."""

    def draw(canvas: Canvas) -> None:
        lines(canvas, "Chains last longer when oiled [1]. Belts need no oil [2].")
        lines(canvas, "References", top=400, font="Helvetica-Bold", size=14)
        lines(canvas, "[1]", "[2]", top=380)
        lines(
            canvas,
            "Smith A. Chains in the rain. 2011.",
            "Jones B. Belts for bicycles that are ridden every day",
            left=100,
            top=380,
        )
        canvas.showPage()
        lines(canvas, "in the rain. Journal of Belts. 2015.", left=100)
        lines(canvas, "[3] Brown C. Hubs. 2017.", top=TOP - LEADING)

    found = document(made(draw))
    assert [(entry.number, entry.year) for entry in found.references] == [(1, 2011), (2, 2015), (3, 2017)]
    assert found.references[1].title == "Belts for bicycles that are ridden every day in the rain"
    assert [marker.numbers for marker in found.markers] == [(1,), (2,)]


def test_running_heads_may_change_sides() -> None:
    """Heads with the page's number are navigation on left and right pages; a line that occurs twice is not."""

    def draw(canvas: Canvas) -> None:
        for number in range(1, 7):
            head = f"{number}   The bicycle book" if number % 2 == 0 else f"Chains and belts   {number}"
            lines(canvas, head, top=810, size=9, left=LEFT if number % 2 == 0 else 420)
            lines(canvas, "Oil it.", BODY, f"Page text of step {number * 7} is here.", BODY)
            if number < 6:
                canvas.showPage()

    found = document(made(draw))
    assert len(hidden(found)) == 6
    assert "The bicycle book" not in whole(found)
    assert whole(found).count("Oil it.") == 6
    assert page_of(found, "step 35 is") == 5


def test_a_lone_number_at_the_edge_is_a_page_number() -> None:
    """On a single page only a number at the very edge is furniture."""

    def draw(canvas: Canvas) -> None:
        lines(canvas, BODY, BODY, "42")
        lines(canvas, "17", top=30, left=290)

    found = document(made(draw))
    assert hidden(found) == ["17"]
    assert whole(found).endswith("42")


def test_a_gutter_of_one_page_holds_on_the_next() -> None:
    """A few lines in two columns at the end are read by columns, since the pages before have the same gutter."""
    column = [
        "The chain should be wiped before it is",
        "oiled, and wiped again after that, since",
        "dust sticks to whatever is left on it and",
    ]

    def draw(canvas: Canvas) -> None:
        for _ in range(2):
            for left in (60, 310):
                lines(canvas, *column * 5, left=left)
            canvas.showPage()
        lines(canvas, "wears it out. A dry cloth will do", "for most of the chains.", left=60)
        lines(canvas, "Belts need none of this", "care at all.", left=310)

    assert whole(document(made(draw))).endswith(
        "A dry cloth will do for most of the chains. Belts need none of this care at all."
    )


def test_a_bookmark_makes_a_heading() -> None:
    """A line that looks like the text is a heading where the file's outline says so, as deep as it says."""

    def draw(canvas: Canvas) -> None:
        for place, (title, depth) in enumerate([("Wheels", 0), ("Spokes", 1), ("Brakes", 0)]):
            canvas.bookmarkPage(title)
            canvas.addOutlineEntry(title, title, level=depth)
            lines(canvas, title, top=TOP - place * 100)
            lines(canvas, BODY, BODY, top=TOP - place * 100 - 30)

    found = document(made(draw), Facts(id="x", hash="h", title="Bicycles"))
    assert headings(found) == [("Wheels",), ("Wheels", "Spokes"), ("Brakes",)]


# --- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_page_reads_the_same(angle: int) -> None:
    """A page that is stored turned reads as it is shown."""

    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(angle)
        canvas.translate(300, 400)
        canvas.rotate(angle)
        lines(canvas, "Oil the chain.", "Wipe it, then ride.", left=-200, top=100)

    assert blocks(document(made(draw))) == ["Oil the chain. Wipe it, then ride."]


def test_text_in_the_margin_that_runs_upwards_is_navigation() -> None:
    """A stamp along the edge does not get between the lines."""

    def draw(canvas: Canvas) -> None:
        lines(canvas, BODY, BODY)
        canvas.rotate(90)
        lines(canvas, "Preprint 2101.01234 of 3 May", left=300, top=-20)

    found = document(made(draw))
    assert hidden(found) == ["Preprint 2101.01234 of 3 May"]
    assert whole(found) == f"{BODY} {BODY}"


def test_a_page_without_text_is_counted() -> None:
    """Some scanned pages amid others are no error, and the pages after them keep their number."""

    def draw(canvas: Canvas) -> None:
        lines(canvas, "First page.")
        canvas.showPage()
        canvas.rect(10, 10, 50, 50)
        canvas.showPage()
        lines(canvas, "Third page.")

    assert page_of(document(made(draw)), "Third page.") == 3


# --- facts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Chains and How to Clean Them", "Chains and How to Clean Them"),
        ("Microsoft Word - draft7.doc", "The chain book"),
        ("draft_final2.pdf", "The chain book"),
        ("the chain book", "the chain book"),
    ],
)
def test_the_title_is_the_pages_unless_the_file_knows_it(given: str, expected: str) -> None:
    """A title that is a file's name gives way to the largest line of the page."""

    def draw(canvas: Canvas) -> None:
        canvas.setTitle(given)
        if expected.lower() == "the chain book":
            lines(canvas, "The chain book", size=22)
        lines(canvas, BODY, BODY, top=TOP - 50)

    assert document(made(draw)).title == expected


def test_dates_and_known_facts() -> None:
    """The day of creation is the date, and what is known already stays."""
    raw = made(lambda canvas: lines(canvas, BODY))
    assert document(raw).date == "2000-01-01"
    assert document(raw).title == "Untitled"
    known = document(raw, Facts(id="x", hash="h", title="Known", date="2020-02-02", publisher="House"))
    assert (known.title, known.date, known.publisher) == ("Known", "2020-02-02", "House")


# --- what is refused ------------------------------------------------------------------------------


def scan(canvas: Canvas) -> None:
    from PIL import Image  # noqa: PLC0415 - it comes with reportlab

    canvas.drawImage(ImageReader(Image.new("L", (40, 40), 128)), 0, 0, 595, 842)


def locked(*, user: str) -> bytes:
    encryption = pdfencrypt.StandardEncryption(user, ownerPassword="owner", strength=128)
    return made(lambda canvas: lines(canvas, BODY), encrypt=encryption)


WHOLE = made(lambda canvas: lines(canvas, BODY))


@pytest.mark.parametrize(
    ("raw", "reason", "remedy"),
    [
        (b"", "it is empty", "Remove it"),
        (b"<html><body>Not found</body></html>", "it is no PDF, in spite of its name", "Give it the ending"),
        (WHOLE[: len(WHOLE) // 2], "it breaks off before its end", "qpdf"),
        (b"%PDF-1.4\n%%EOF\n", "it is broken, and no page of it can be found", "qpdf"),
        (locked(user="secret"), "it is locked with a password", "qpdf --decrypt"),
        (made(scan), "it is a scan without text", "ocrmypdf"),
        (made(lambda canvas: canvas.rect(10, 10, 50, 50)), "it has no text", "ocrmypdf"),
    ],
    ids=["empty", "html", "truncated", "broken", "locked", "scan", "drawing"],
)
def test_what_cannot_be_read_says_why(raw: bytes, reason: str, remedy: str) -> None:
    """Each kind of unreadable file has its reason and its remedy."""
    with pytest.raises(DocumentError) as caught:
        document(raw)
    assert caught.value.reason == reason
    assert remedy in caught.value.remedy


def test_a_file_only_its_owner_may_change_is_read() -> None:
    """Without a password for reading, an encrypted file is read."""
    assert whole(document(locked(user=""))) == BODY


def test_garbled_letters_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where most characters stand for no known letter, the file is refused."""
    monkeypatch.setattr(page_module, "is_garbled", lambda code: code != ord("a"))
    with pytest.raises(DocumentError, match="its text is garbled"):
        fixture("browser.pdf")


@pytest.mark.parametrize(("limit", "reason"), [("MOST_PAGES", "pages"), ("MOST_CHARACTERS", "characters")])
def test_limits_are_errors(limit: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond a limit is refused by name, not read to the end."""
    monkeypatch.setattr(page_module, limit, 1)
    with pytest.raises(DocumentError, match=reason):
        fixture("office.pdf")


def test_after_an_error_the_next_file_is_read() -> None:
    """Nothing stays locked when a file is refused."""
    for _ in range(3):
        with pytest.raises(DocumentError):
            document(b"%PDF-1.4\n%%EOF\n")
    assert whole(document(WHOLE)) == BODY
