"""An HTML page is read as a reader sees it: nothing is lost, and what is none of the article's is marked."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.corpus.annotate import Facts
from qa.corpus.html import read_html
from qa.errors import DocumentError
from qa.reading import read
from qa.types import Document, Span

FACTS = Facts(id="x", hash="h")


def page(source: str | bytes) -> Document:
    raw = source.encode() if isinstance(source, str) else source
    return read_html(raw, FACTS, path="p.html", fallback_title="Untitled")


def reading(document: Document) -> str:
    return read(document, Span(start=0, end=len(document.text))).text


def markers(document: Document) -> list[tuple[str, tuple[int, ...]]]:
    return [(marker.span.of(document.text), marker.numbers) for marker in document.markers]


def boilerplate(document: Document) -> list[tuple[str, str]]:
    return [(entry.kind, entry.span.of(document.text)) for entry in document.boilerplate]


def lead_ins(document: Document) -> list[tuple[str, str | None]]:
    return [
        (block.span.of(document.text), block.lead_in.of(document.text) if block.lead_in else None)
        for block in document.blocks
    ]


def error(source: str | bytes) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        page(source)
    return caught.value


# --- white space and blocks -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Oil <b>the</b>\n <i>chain</i>.</p>", "Oil the chain.\n"),
        ("<p>un<b>oil</b>ed, <code>a</code><em>b</em></p>", "unoiled, ab\n"),
        ("<p> Oil<b> it</b> </p> <p> Dry it. </p>", "Oil it\n\nDry it.\n"),
        ("<div>Oil<div>it</div>now</div>", "Oil\n\nit\n\nnow\n"),
        ("Oil<hr>it", "Oil\n\nit\n"),
        ("<p>Oil<br>it<br>\n<br>Dry", "Oil\nit\n\nDry\n"),
        ("<p>Oil&nbsp;it</p><p>&nbsp;</p>", "Oil\u00a0it\n"),
        ("<p>lubri<wbr>cant <source>oil</p>after", "lubricant oil\n\nafter\n"),
        ("<p>Oil<!-- a comment -->ed</p>", "Oiled\n"),
        ("<p>a<script>b</script>c<style>d</style><noscript>e</noscript><svg><text>f</text></svg>g</p>", "acg\n"),
        ("<p>x<img alt='a chain'>y<template>t</template></p>", "xy\n"),
        ("<p>H<sub>2</sub>O</p>", "H2O\n"),
        ("<p>He said <q>oil it</q>.</p>", "He said “oil it”.\n"),
        ("<ruby>鎖<rp>(</rp><rt>くさり</rt></ruby>だ", "鎖くさりだ\n"),
        ("<p><math><mfrac><mn>1</mn><mn>2</mn></mfrac><msup><mi>x</mi><mn>3</mn></msup></math>", "1/2x^3\n"),
        ("<figure><figcaption>A chain</figcaption></figure><address>Street</address>", "A chain\n\nStreet\n"),
        ("<details><summary>How?</summary>Oil it.</details>", "How?\n\nOil it.\n"),
        ("<p>Oil<custom-tag> it</custom-tag></p>", "Oil it\n"),
    ],
)
def test_text_is_what_a_browser_shows(source: str, text: str) -> None:
    """Blocks are apart, lines within them neither split nor glue words, and what is no text is left out."""
    assert page(source).text == text


def test_where_a_word_may_be_broken_is_not_read() -> None:
    """A soft hyphen and a zero-width space stay in the text and not in the reading text."""
    document = page("<p>lubri&shy;cated &#8203;chain</p>")
    assert document.text == "lubri\u00adcated \u200bchain\n"
    assert reading(document) == "lubricated chain"


def test_annotations_above_a_line_are_not_read() -> None:
    """The pronunciation in a ruby annotation is markup."""
    assert reading(page("<p><ruby>鎖<rt>くさり</rt></ruby>だ</p>")) == "鎖だ"


def test_preformatted_text_is_code() -> None:
    """Lines of code keep their white space, also across elements within them."""
    document = page("<p>Run:</p><pre>\n  <b>a</b> = 1\n    b<br>c</pre><p>Done.</p>")
    assert document.text == "Run:\n\n  a = 1\n    b\nc\n\nDone.\n"
    assert [block.kind for block in document.blocks] == ["paragraph", "code", "paragraph"]


def test_a_bold_term_stays_in_its_paragraph() -> None:
    """A paragraph that starts like a definition is one paragraph."""
    assert page("<p><b>Chain:</b> what moves.</p>").text == "Chain: what moves.\n"


# --- headings -------------------------------------------------------------------------------------


def test_headings_make_sections() -> None:
    """Headings of every form give the section paths."""
    document = page("<h1>Bikes</h1>a<h2>The <i>chain</i></h2>b<div role=heading aria-level=3>Oil</div>c<h2>Tyres</h2>d")
    assert [section.path for section in document.sections] == [
        ("Bikes",), ("The chain",), ("The chain", "Oil"), ("Tyres",),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "inner",
    [
        "Oil<a class=headerlink href=#oil>¶</a>",
        "<a href=#oil>#</a> Oil",
        "Oil <a href=#oil>§</a>",
        "<a class=anchor href=#oil>Oil</a>",
        "Oil<span class=mw-editsection>[<a href=/e>edit</a>]</span>",
        "Oil [<a href=/e>edit</a>]",
        "Oil ¶",
        "<a name=oil></a><div>Oil</div>",
        "<button aria-expanded=false>Oil</button>",
        "Oil <a class='anchor' href=#oil>Link to this heading</a>",
    ],
)
def test_a_permalink_is_no_part_of_a_heading(inner: str) -> None:
    """What leads to the heading itself, or to its editor, is in the text and not in the title."""
    document = page(f"<h1>Bikes</h1><p>Ride.</p><h2>{inner}</h2><p>Often.</p>")
    assert document.sections[-1].path == ("Oil",)
    assert reading(document) == "Bikes\nRide.\nOil\nOften."


def test_an_empty_heading_is_none() -> None:
    """A heading that only holds its permalink makes no section."""
    document = page("<p>Oil.</p><h2><a href=#x>#</a></h2><p>Often.</p>")
    assert [section.path for section in document.sections] == [()]
    assert boilerplate(document) == [("navigation", "#")]


def test_code_within_a_line_holds_no_markers() -> None:
    """Brackets in code are no reference numbers."""
    document = page("<p>Take <code>slice[0]</code>, then <code>[1, 2]</code>. Oil it [1].</p>")
    assert markers(document) == [("[1]", (1,))]
    assert reading(document) == "Take slice[0], then [1, 2]. Oil it."


# --- lists and tables -----------------------------------------------------------------------------


def test_items_are_introduced() -> None:
    """A list's line before it and an item around it introduce items, and an item its further paragraphs."""
    document = page("<p>It wears:<ul><li>dirt<ol><li>sand<li>grit</ol><li><p>rust<p>Salt brings it.</ul>")
    assert document.text == "It wears:\n\n- dirt\n1. sand\n2. grit\n- rust\n\nSalt brings it.\n"
    assert lead_ins(document) == [
        ("It wears:", None),
        ("- dirt", "It wears:"),
        ("1. sand", "- dirt"),
        ("2. grit", "- dirt"),
        ("- rust", "It wears:"),
        ("Salt brings it.", "- rust"),
    ]


@pytest.mark.parametrize(
    ("source", "bullets"),
    [
        ("<ol start=3><li>a<li>a</ol>", ["3.", "4."]),
        ("<ol reversed><li>a<li>a</ol>", ["2.", "1."]),
        ("<ol><li>a<li value=7>a<li>a</ol>", ["1.", "7.", "8."]),
        ("<ol type=a start=26><li>a<li>a</ol>", ["z.", "aa."]),
        ("<ol type=I start=4><li>a<li>a</ol>", ["IV.", "V."]),
        ("<ol start=x><li value=1e9>a</ol>", ["1."]),
        ("<ol type=a start=0><li>a</ol>", ["0."]),
        ("<li>a</li><li>a</li>", ["-", "-"]),
    ],
)
def test_bullets_are_those_of_the_list(source: str, bullets: list[str]) -> None:
    """What stands before an item follows the list's type, start and direction."""
    document = page(source)
    assert [document.text[mark.start : mark.end] for mark in document.markup] == bullets


@pytest.mark.parametrize(
    ("label", "bullet"),
    [
        ("<p><span class=Bullet_Symbols style='float: left'>•</span>oil</p>", "•"),
        ("<span class=numbering_symbols>3.</span>oil", "3."),
        ("<span style='mso-list:Ignore'>a)</span>oil", "a)"),
    ],
)
def test_a_bullet_that_the_page_writes_out_is_the_bullet(label: str, bullet: str) -> None:
    """Where word processors write an item's bullet into its text, it is the bullet and no word of the item."""
    document = page(f"<ul><li>{label}</ul>")
    assert document.text == f"{bullet} oil\n"
    assert reading(document) == "oil"


def test_a_term_introduces_its_definitions() -> None:
    """Terms and definitions are items without a bullet; each definition knows its term."""
    document = page("<dl><dt>Oil<dd>Slick.<dd>Dark.</dd><div><dt>Rust</dt><dd>Red.<p>Slow.</dd></div></dl>")
    assert document.text == "Oil\nSlick.\nDark.\nRust\nRed.\n\nSlow.\n"
    assert lead_ins(document) == [
        ("Oil", None), ("Slick.", "Oil"), ("Dark.", "Oil"), ("Rust", None), ("Red.", "Rust"), ("Slow.", "Red."),
    ]  # fmt: skip


def test_rows_know_their_columns() -> None:
    """A table's caption is a paragraph, its header introduces the rows, cells are apart by a tab."""
    document = page(
        "<table><caption>Care</caption><thead><tr><th>Part<th>Every<tbody><tr><th>chain<td>200 km"
        "<tr><td>brake<td><p>year</p><ul><li>or less</ul></table>"
    )
    assert document.text == "Care\n\nPart\tEvery\nchain\t200 km\nbrake\tyear\n- or less\n"
    assert [lead for _, lead in lead_ins(document)] == [None, None, "Part\tEvery", "Part\tEvery"]


def test_a_row_of_headings_names_the_columns() -> None:
    """Without a table head, a first row of nothing but header cells is one."""
    document = page("<table><tr><th>Part<th>Every<tr><td>chain<td>200 km</table>")
    assert lead_ins(document)[1] == ("chain\t200 km", "Part\tEvery")


@pytest.mark.parametrize(
    "first",
    [
        "<td><b>Part</b><td><strong>Every</strong>",
        "<td class=table-header>Part<td class=table-header>Every",
        "<td><p class=Table_20_Heading>Part</p><td><p class=Table_20_Heading>Every</p>",
    ],
    ids=["bold", "by class", "by style name"],
)
def test_a_header_row_is_known_by_its_looks(first: str) -> None:
    """A first row that is bold, or styled as a heading, names the columns."""
    document = page(f"<table><tr>{first}<tr><td>chain<td>200 km</table>")
    assert lead_ins(document)[1] == ("chain\t200 km", "Part\tEvery")


@pytest.mark.parametrize(
    "table",
    [
        "<table role=presentation><tr><td>Oil<td>it</table>",
        "<table><tr><td><table><tr><td>Oil</table><td>it</table>",
        "<table><tr><td>Oil<tr><td>it</table>",
        "<table><tr><td><h2>Oil</h2><td>it</table>",
    ],
    ids=["by role", "nested", "one column", "heading in it"],
)
def test_a_table_that_lays_out_the_page_is_blocks(table: str) -> None:
    """The cells of a table without data are blocks of the page."""
    document = page(table)
    assert document.text == "Oil\n\nit\n"
    assert all(block.kind != "table" for block in document.blocks)


# --- what is none of the article's ----------------------------------------------------------------


@pytest.mark.parametrize(
    "hidden",
    [
        "<nav>Menu</nav>",
        "<footer>Menu</footer>",
        "<aside>Menu</aside>",
        "<header>Menu</header>",
        "<form>Menu</form>",
        "<button>Menu</button>",
        "<dialog open>Menu</dialog>",
        "<div role=navigation>Menu</div>",
        "<div role=search>Menu</div>",
        "<div role=complementary>Menu</div>",
        "<div aria-hidden=true>Menu</div>",
        "<div hidden>Menu</div>",
        "<div style='display: none'>Menu</div>",
        "<p style='visibility:hidden'>Menu</p>",
        "<div class='site-header wide'>Menu</div>",
        "<div id=main-nav>Menu</div>",
        "<div class=shareButtons>Menu</div>",
        "<div class=related-articles><h3>Menu</h3></div>",
        "<div class=cookie_banner>Menu</div>",
        "<section class=comment-section><h3>Menu</h3></section>",
        "<ol class=breadcrumb><li>Menu</ol>",
        "<div id=toc>Menu</div>",
        "<div id=search-modal><h2>Menu</h2></div>",
        "<a class=skip-link href=#c>Menu</a>",
        "<nav epub:type=toc>Menu</nav>",
    ],
)
def test_page_furniture_is_hidden(hidden: str) -> None:
    """What is around an article is in the text, marked as navigation, and makes no section."""
    document = page(f"{hidden}<p>Oil the chain.</p>")
    assert [(kind, text.lstrip("- 1.")) for kind, text in boilerplate(document)] == [("navigation", "Menu")]
    assert reading(document) == "Oil the chain."
    assert [section.path for section in document.sections] == [()]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("<div class=newsletter-signup>Weekly tips.</div>", "promotion"),
        ("<aside class=advertisement>Weekly tips.</aside>", "promotion"),
        ("<div class=ad-container>Weekly tips.</div>", "promotion"),
        ("<p class=medical-disclaimer>Weekly tips.</p>", "disclaimer"),
        ("<div id=disclaimer>Weekly tips.</div>", "disclaimer"),
    ],
)
def test_adverts_and_disclaimers_are_named(source: str, kind: str) -> None:
    """A class name tells an advert or a disclaimer from navigation."""
    assert boilerplate(page(f"<p>Oil the chain.</p>{source}")) == [(kind, "Weekly tips.")]


@pytest.mark.parametrize(
    "kept",
    [
        "<article><header>Oil</header></article>",
        "<blockquote><footer>Oil</footer></blockquote>",
        "<article><aside class=note>Oil</aside></article>",
        "<div class=has-sidebar>Oil</div>",
        "<div class=side-effects>Oil</div>",
        "<div class=page-content>Oil</div>",
        "<section id=comments><h2>Oil</h2></section>",
        "<div id=comments><h2>Comments</h2>Oil</div>",
        "<div id=a hidden>Oil</div><button aria-controls=a></button>",
        "<div role=tabpanel hidden>Oil</div>",
        "<div hidden=until-found>Oil</div>",
        "<main class=menu>Oil</main>",
        "<span style='display:none'><math><mi>Oil</mi></math></span><img src=formula.png>",
        "<main aria-hidden=true>Oil</main>",
        "<div class=sidebar><main>Oil</main></div>",
    ],
)
def test_content_is_not_hidden(kept: str) -> None:
    """What only resembles page furniture, or can be opened by a reader, is content."""
    document = page(f"{kept}<p>Ride far.</p>")
    assert boilerplate(document) == []
    assert "Oil" in reading(document)


@pytest.mark.parametrize(
    "wrapper",
    ["<div class=menu>", "<form>", "<div aria-hidden=true>", "<aside>", "<div style=display:none>", "<header>"],
)
def test_the_article_is_never_hidden(wrapper: str) -> None:
    """What holds most of the page's prose is not hidden, whatever it is called."""
    prose = "Oil the chain often. " * 40
    document = page(f"<div>Bikes</div>{wrapper}<p>{prose}</p>")
    assert reading(document) == f"Bikes\n{prose.strip()}"


def test_names_alone_never_hide_a_whole_page() -> None:
    """Where class names would hide all, they hide nothing."""
    assert reading(page("<div class=sidebar>Oil</div><div class=footer>it.</div>")) == "Oil\nit."


def test_the_only_title_in_a_page_header_is_kept() -> None:
    """A first-level heading in the page's header stays a heading; what is around it is hidden."""
    document = page("<header><p>Logo</p><div><h1>Oil</h1><p>Search</p></div></header><p>Often.</p>")
    assert [section.path for section in document.sections][1:] == [("Oil",)]
    assert boilerplate(document) == [("navigation", "Logo"), ("navigation", "Search")]


def test_a_site_name_in_the_header_is_no_title() -> None:
    """Where the article has a first-level heading of its own, the header's is hidden with it."""
    document = page("<header><h1>Bike Site</h1></header><article><h1>Oil</h1><p>Often.</p></article>")
    assert document.title == "Oil"
    assert boilerplate(document) == [("navigation", "Bike Site")]


def test_the_name_of_the_site_is_no_title() -> None:
    """A heading that the head's title has after another heading of the page names the site."""
    document = page(
        "<title>Oil - The Bike Book</title><div class=menu-bar><h1>The Bike Book</h1></div><h2>Oil</h2><p>Often.</p>"
    )
    assert document.title == "Oil"
    assert boilerplate(document) == [("navigation", "The Bike Book")]


@pytest.mark.parametrize(
    "line",
    [
        "<p>Next: <a href=b.html>Dirt</a>, Previous: <a href=a.html>Rust</a></p>",
        "<p><a href=b.html>Next »</a></p>",
        "<div><a href=i.html>Back to the index</a></div>",
        "<p><a href=#a>A</a> <a href=#b>B</a> <a href=#c>C</a></p>",
    ],
)
def test_a_line_that_leads_elsewhere_is_navigation(line: str) -> None:
    """Lines of links to the pages before and after, or to places on the page, are hidden."""
    assert reading(page(f"<p>Oil the chain.</p>{line}")) == "Oil the chain."


@pytest.mark.parametrize(
    "line", ["<a href=a>Home remedies</a>", "See the <a href=a>index</a>.", "<a href=a>Up to date rules</a>"]
)
def test_a_line_with_a_link_is_none(line: str) -> None:
    """A paragraph of one link is content unless it only says where it leads."""
    assert boilerplate(page(f"<p>{line}</p><p>Oil.</p>")) == []


def test_a_table_of_contents_is_known_by_its_links() -> None:
    """A list of nothing but links to places on the page is navigation, with the heading that names it."""
    document = page(
        "<h2>Contents</h2><ul><li><a href=#a>Oil</a><li><a href=#b>Dirt</a><li><a href=#c>Rust</a></ul><p>Ride."
    )
    assert boilerplate(document) == [("navigation", "Contents\n\n- Oil\n- Dirt\n- Rust")]


def test_what_is_hidden_within_a_line_is_not_read() -> None:
    """A hidden piece of a sentence is markup, and the sentence stays whole."""
    document = page("<p>Oil <span hidden>never</span> the<span class=copy-button>Copy</span> chain.</p>")
    assert document.text == "Oil never theCopy chain.\n"
    assert reading(document) == "Oil the chain."


def test_what_stands_around_hidden_blocks_is_not_hidden() -> None:
    """Text right before and after a hidden block stays, also where the block stands in an element of a line."""
    document = page("<div>Oil<nav>Menu</nav>it<span class=advert><div>Entry</div></span>often</div>")
    assert boilerplate(document) == [("navigation", "Menu"), ("promotion", "Entry")]
    assert reading(document) == "Oil\nit\noften"


def test_white_space_within_what_is_hidden_still_parts_words() -> None:
    """A hidden piece takes its own white space along, and the words around it stay apart."""
    document = page("<p>Oil<span hidden> never </span>the chain.</p>")
    assert document.text == "Oil never the chain.\n"
    assert reading(document) == "Oil the chain."


def test_a_hidden_row_is_no_row() -> None:
    """A row that is not shown is boilerplate, and the cells of others stay in theirs."""
    document = page("<table><tr><td>a<td>b<tr hidden><td>c<td>d<tr><td>e<td aria-hidden=true>f</table>")
    assert boilerplate(document) == [("navigation", "c\td")]
    assert reading(document) == "a b\ne"


# --- markers and references -----------------------------------------------------------------------

NOTES = "<ol class=references>" + "".join(f"<li id=n{number}>Source {number}.</li>" for number in range(1, 5)) + "</ol>"


@pytest.mark.parametrize(
    ("mark", "text", "numbers"),
    [
        ("<sup>3</sup>", "3", (3,)),
        ("<sup><a href=#n1>1</a>,<a href=#n2>2</a></sup>", "1,2", (1, 2)),
        ("[<a href=#n3>3</a>]", "[3]", (3,)),
        ("[<a href=#n1>1</a>, <a href=#n3>3</a>]", "[1, 3]", (1, 3)),
        ("[<a href=#n1>1</a>–<a href=#n3>3</a>]", "[1–3]", (1, 2, 3)),
        ("<a href=#n3>[3]</a>", "[3]", (3,)),
        ("<a class=footnote-ref href=#n1><sup>1</sup></a>", "1", (1,)),
        ("<sup class=reference><a href=#n3>[3]</a></sup>", "[3]", (3,)),
        ("<sup><a href=#n3>[3]</a></sup><sup><a href=#n4>[4]</a></sup>", "[3][4]", (3, 4)),
        ("<sup><a href=#n3><span>[</span>3<span>]</span></a></sup>", "[3]", (3,)),
        ("<sup><a href=https://b.org/p#n2>2</a></sup>", "2", (2,)),
        ("<a href=#n2>2</a>", "2", (2,)),
        ("<a role=doc-noteref href=#n2>2</a>", "2", (2,)),
        ("<sup>1</sup><sup>,</sup><sup>2</sup>", "1,2", (1, 2)),
        ("<span style='vertical-align:super'>3</span>", "3", (3,)),
        ("<style>@media all{.t1, span.T2 { vertical-align: 33% }}</style><span class='x t2'>3</span>", "3", (3,)),
    ],
)
def test_a_reference_mark_is_one_marker(mark: str, text: str, numbers: tuple[int, ...]) -> None:
    """Each way to write a mark gives one marker, apart from the word before it and not read."""
    document = page(f"<p>Oil the chain{mark}. Calm.</p>{NOTES}")
    assert markers(document) == [(text, numbers)]
    assert document.text.startswith(f"Oil the chain {text}. Calm.\n")
    assert reading(document) == "Oil the chain. Calm."


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>over 10<sup>3</sup> cells</p>", "over 10³ cells\n"),
        ("<p>the 4<sup>th</sup> day</p>", "the 4th day\n"),
        ("<p>see Section <a href=#s3>3</a>.</p><h2 id=s3>Oil</h2><p>a</p>", "see Section 3.\n\nOil\n\na\n"),
        ("<p>Bike<sup>TM</sup></p>", "BikeTM\n"),
        ("<style>.t1 { color: red }</style><p>gear<span class=t1>3</span> in</p>", "gear3 in\n"),
    ],
)
def test_other_numbers_are_no_markers(source: str, text: str) -> None:
    """Powers, ordinals and the numbers of sections are text."""
    document = page(source)
    assert document.text == text
    assert document.markers == ()


@pytest.mark.parametrize(
    "sign", ["[<i>citation needed</i>]", "<a href=#a>[a]</a>", "<a href=#a>*</a>", "<a href=#a>[note 1]</a>"]
)
def test_remarks_in_superscript_are_not_read(sign: str) -> None:
    """An editor's remark and a sign that leads to a footnote are in the text and not read."""
    document = page(f"<p>Oil it<sup>{sign}</sup> often.</p><p id=a>a. Or not.</p>")
    assert document.markers == ()
    assert reading(document).startswith("Oil it often.")


def test_brackets_without_a_link_are_judged_by_their_words() -> None:
    """Only the brackets that hold a link are proven to be a mark."""
    document = page(f"<p>A value between [3, 5] is fine [<a href=#n1>1</a>].</p>{NOTES}")
    assert markers(document) == [("[1]", (1,))]


def test_a_list_of_sources_is_the_bibliography() -> None:
    """A list of references gives entries with the addresses that they link to, and is hidden."""
    document = page(
        "<p>Oil it.<sup class=reference><a href=#cite_note-1>[1]</a></sup></p><ol class=references><li id=cite_note-1>"
        "<span class=mw-cite-backlink><a href=#cite_ref-1>^</a></span> <span>Smith J. Chains and oil. Bikes. 2020. "
        "<a href=https://b.org/search>PubMed</a> <a href=https://doi.org/10.1/x>doi</a></span></ol>"
    )
    reference = document.references[0]
    assert (reference.number, reference.authors, reference.title) == (1, "Smith J", "Chains and oil")
    assert (reference.year, reference.url) == (2020, "https://doi.org/10.1/x")
    assert reading(document) == "Oil it."


@pytest.mark.parametrize(
    "notes",
    [
        "<section class=footnotes role=doc-endnotes><hr><ol><li id=fn1><p>Or not. <a href=#fnref1>↩</a></ol></section>",
        "<aside class='footnote brackets' id=fn1 role=doc-footnote><span>[</span>1<span>]</span><p>Or not.</p></aside>",
        "<dl class=footnote><dt class=label id=fn1>[1]</dt><dd><p>Or not.</p></dd></dl>",
        "<div class=footnote id=fn1><a href=#r1>1</a>. Or not.</div>",
        "<p id=fn1>1. Or not. <a href=#r1>^</a></p>",
        "<div id=ftn1><p><a name=fn1 href=#_ftnref1>[1]</a> Or not.</p></div>",
        "<ul class=references><li id=fn1>[1] Or not.</ul>",
        "<div class=footnotes><p id=fn1><sup>1</sup> Or not.</p></div>",
        "<ol><li id=fn1>Or not. <a href=#r1>Back</a></ol>",
    ],
    ids=["pandoc", "sphinx", "docutils", "asciidoctor", "by hand", "word", "unordered", "raised", "plain list"],
)
def test_a_footnote_is_found(notes: str) -> None:
    """However footnotes are written, the mark resolves, and the note is not read with the text."""
    document = page(f"<p>Oil it<sup><a id=r1 href=#fn1>1</a></sup> often.</p>{notes}")
    assert [(reference.number, reference.title) for reference in document.references] == [(1, "Or not")]
    assert markers(document) == [("1", (1,))]
    assert reading(document) == "Oil it often."


def test_an_entry_numbered_otherwise_than_its_mark_stays_unresolved() -> None:
    """A mark never resolves to an entry of another number."""
    document = page("<p>Oil it<sup><a href=#fn5>5</a></sup>.</p><ol class=footnotes><li id=fn5>Or not.</ol>")
    assert markers(document) == [("5", (5,))]
    assert document.references == ()


def test_two_entries_of_one_number_stay_unresolved() -> None:
    """Where two notes have one number and marks lead to both, neither is taken for the other."""
    notes = "<ol class=footnotes><li id={0}1>{0}</ol>"
    document = page(
        "<p>Oil<sup><a href=#a1>1</a></sup> it<sup><a href=#b1>1</a></sup>.</p>" + notes.format("a") + notes.format("b")
    )
    assert document.references == ()


def test_a_headed_list_of_sources_is_read_by_its_numbers() -> None:
    """A numbered list under a heading that names it is the bibliography without any class name."""
    document = page("<p>Oil it [2].</p><h2>References</h2><ol><li>Chains. 2019.<li>Oil. 2020.</ol>")
    assert [(reference.number, reference.year) for reference in document.references] == [(1, 2019), (2, 2020)]
    assert markers(document) == [("[2]", (2,))]


def test_numbered_paragraphs_are_no_notes() -> None:
    """A link to a numbered paragraph of the text does not hide the paragraph."""
    document = page("<p>See [<a href=#para2>2</a>].</p><p id=para2>[2] The chain was dry.</p>")
    assert "The chain was dry." in reading(document)


# --- what the page says of itself -----------------------------------------------------------------


def head(inner: str, body: str = "<p>Oil.</p>") -> Document:
    return page(f"<html><head>{inner}</head><body>{body}</body></html>")


@pytest.mark.parametrize(
    ("inner", "body", "title"),
    [
        ("<title>Chain | Bikes</title><meta property=og:title content=Other>", "<h1>The chain</h1>Oil", "The chain"),
        (
            "<title>T</title><meta name=citation_title content=Paper><meta property=og:title content=Other>",
            "Oil",
            "Paper",
        ),
        ("<title>Chain care | Bikes</title><meta property=og:site_name content=Bikes>", "Oil", "Chain care"),
        ("<title>Chain care - Bikes</title>", "<h2>Chain care</h2>Oil", "Chain care"),
        ("<title>Chain care – b.org</title><link rel=canonical href=https://www.b.org/c>", "Oil", "Chain care"),
        ("<title>Chain - a guide</title>", "Oil", "Chain - a guide"),
        ("<title>Oil | The Bike Book</title>", "<h1>The Bike Book</h1><h2>Oil</h2>Often", "Oil"),
        ("<title>Both</title>", "<h1>One</h1>a<h1>Two</h1>b", "Both"),
        ("", "<h2>Chain</h2>Oil", "Chain"),
        ("", "Oil", "Untitled"),
        ("<title> </title>", "<svg><title>Icon</title></svg>Oil", "Untitled"),
    ],
)
def test_the_title_is_the_pages_own(inner: str, body: str, title: str) -> None:
    """The single first-level heading, what the head says, or its title without the site's name."""
    assert head(inner, body).title == title


@pytest.mark.parametrize(
    ("inner", "url"),
    [
        ("<link rel=canonical href=https://b.org/c><meta property=og:url content=https://b.org/d>", "https://b.org/c"),
        ("<meta property=og:url content=https://b.org/d>", "https://b.org/d"),
        ("<base href=https://b.org/a/><link rel='x Canonical' href=c>", "https://b.org/a/c"),
        ("<link rel=canonical href=/c>", None),
        ("<link rel=canonical href=ftp://b.org/c>", None),
        ("<link rel=canonical href=javascript:alert(1)>", None),
        ("<link rel=canonical href='https://[b'><link rel=canonical href=file:///c>", None),
    ],
)
def test_the_address_is_a_whole_one_of_the_web(inner: str, url: str | None) -> None:
    """The canonical address is resolved, and taken only if it can be opened."""
    assert head(inner).url == url


JSON = '<script type="application/ld+json">{}</script>'


@pytest.mark.parametrize(
    ("inner", "field", "value"),
    [
        ("<meta property=og:site_name content=Bikes><meta name=author content=Jo>", "publisher", "Bikes"),
        ("<meta name=citation_publisher content=Bikes>", "publisher", "Bikes"),
        (JSON.format('{"@graph": [{"publisher": {"name": "Bikes"}}]}'), "publisher", "Bikes"),
        ("<meta name=author content=Jo>", "publisher", "Jo"),
        ("<meta name=DC.publisher content=Bikes>", "publisher", "Bikes"),
        ("<meta property=article:published_time content=2024-03-01T10:00:00Z>", "date", "2024-03-01"),
        ("<meta name=citation_publication_date content=2024/3>", "date", "2024-03"),
        ("<meta name=dcterms.date content=2024>", "date", "2024"),
        (JSON.format('[{"dateModified": "2024-05-06", "datePublished": "2024-03-01"}]'), "date", "2024-03-01"),
        ("<meta name=date content='1 March 2024'>", "date", None),
        ("<meta name=date content=2024-13-01>", "date", None),
        ("<link rel=license href=https://l.org/by>", "licence", "https://l.org/by"),
        ("<meta name=dcterms.license content='CC BY'>", "licence", "CC BY"),
        (JSON.format("{broken"), "publisher", None),
        (JSON.format("[" * 100_000), "publisher", None),
        (JSON.format('{"publisher": {"name": ["x"]}, "a": ' + "9" * 5000 + "}"), "publisher", None),
        (JSON.format('{"publisher": "\\ud800 Bikes"}'), "publisher", "Bikes"),
    ],
)
def test_facts_come_from_the_head(inner: str, field: str, value: str | None) -> None:
    """Publisher, date and licence are read where pages state them; broken and hostile data says nothing."""
    assert getattr(head(inner), field) == value


def test_the_date_and_licence_of_the_text_itself() -> None:
    """A time in the article's header dates the page, and a link can name the licence."""
    document = page(
        "<article><header><time datetime=2024-03-01>1 March</time></header><p>Oil.</p>"
        "<a rel=license href=https://l.org/by>CC BY 4.0</a></article>"
    )
    assert (document.date, document.licence) == ("2024-03-01", "CC BY 4.0")


# --- bytes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        "<p>Öl</p>".encode(),
        "<p>Öl</p>".encode("cp1252"),
        "<meta charset=iso-8859-1><p>Öl</p>".encode("cp1252"),
        '<meta http-equiv="Content-Type" content="text/html; charset=macintosh"><p>Öl</p>'.encode("mac-roman"),
        '<?xml version="1.0" encoding="ISO-8859-1"?><html xmlns="http://www.w3.org/1999/xhtml"><p>Öl</p></html>'.encode("cp1252"),
        "<p>Öl</p>".encode("utf-8-sig"),
        "<p>Öl</p>".encode("utf-16"),
        "\ufeff<meta charset=utf-16><p>Öl</p>".encode("utf-16-be"),
        "<!-- <meta charset=koi8-r> --><meta charset=utf-8><p>Öl</p>".encode(),
        "<meta charset=utf-16><p>Öl</p>".encode(),
        "<meta charset=no-such><p>Öl</p>".encode(),
        "<meta charset=hex><p>Öl</p>".encode(),
    ],
)  # fmt: skip
def test_the_encoding_is_found_as_browsers_find_it(raw: bytes) -> None:
    """Byte order mark, declaration, UTF-8, Windows-1252."""
    assert page(raw).text == "Öl\n"


def test_xhtml_is_read() -> None:
    """Elements that close themselves swallow nothing."""
    document = page(
        '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd">'
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="x"/></head><body><a id="x"/><p>Oil&nbsp;it</p></body></html>'
    )
    assert document.text == "Oil\u00a0it\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "it is empty"),
        ("  \n", "it is empty"),
        ("<html><body><p> &nbsp; </p></body></html>", "it holds no text"),
        ("<div id=root></div><script src=app.js></script><noscript>Turn it on</noscript>", "its scripts fetch it"),
        ("<div id=root>Loading…</div><script src=app.js></script>", "its scripts fetch it"),
        ("<frameset><frame src=a.html><noframes>Old</noframes></frameset>", "frames"),
        ("<div>" * 50_000 + "Oil", "nested"),
        (b"%PDF-1.7 text", "binary"),
        (b"<p>" + bytes(200), "binary"),
    ],
    ids=["empty", "blank", "no text", "scripts", "loading", "frames", "deep", "pdf", "zeros"],
)
def test_what_cannot_be_read_is_named(source: str | bytes, reason: str) -> None:
    """A page without text, or that is none, says what it is."""
    assert reason in error(source).reason


def test_deep_nesting_within_reason_is_read() -> None:
    """A thousand elements within each other are no trouble, nor are thousands of empty ones."""
    assert page("<div>" * 1000 + "Oil").text == "Oil\n"
    assert page("<p>" + "o<wbr>" * 3000).text == "o" * 3000 + "\n"


# --- every word, once, in order -------------------------------------------------------------------

INLINE = ["b", "i", "em", "span", "code", "abbr", "small", "x-y", "sub", "a"]
BLOCK = [
    "div", "p", "section", "article", "ul", "ol", "li", "blockquote", "pre", "h1", "h2", "h6", "table", "tr", "td", "th", "caption",
    "dl", "dt", "dd", "nav", "aside", "header", "footer", "form", "figure", "main", "details", "summary", "button",
]  # fmt: skip
ATTRIBUTES = [
    "",
    " hidden",
    " class=menu",
    " class=footnotes",
    " id=fn1",
    " aria-hidden=true",
    " role=heading",
    " href=#fn1",
]


def trees() -> st.SearchStrategy[str]:
    leaf = st.sampled_from(
        ["@", " @ ", "@ @", "\n", "<br>", "&nbsp;", "<sup>@</sup>", "<img>", "@&shy;@", "[@]", "<wbr>"]
    )
    return st.recursive(
        leaf,
        lambda inner: st.builds(
            lambda name, attributes, parts: f"<{name}{attributes}>{''.join(parts)}</{name}>",
            st.sampled_from(INLINE + BLOCK),
            st.sampled_from(ATTRIBUTES),
            st.lists(inner, min_size=1, max_size=4),
        ),
        max_leaves=25,
    )


@given(st.lists(trees(), min_size=1, max_size=4))
def test_every_word_is_there_once_and_in_order(parts: list[str]) -> None:
    """However elements are nested, the words are in the text in their order, each in one block; blocks are apart."""
    words: list[str] = []

    def word(_: object) -> str:
        words.append(f"w{len(words)}w")
        return words[-1]

    document = page(re.sub("@", word, "<p>@</p>" + "".join(parts)))
    found = [
        (match.group(), Span(start=match.start(), end=match.end())) for match in re.finditer(r"w\d+w", document.text)
    ]
    assert [text for text, _ in found] == words
    spans = [block.span for block in document.blocks]
    assert all(left.end < right.start for left, right in pairwise(spans))
    assert all(sum(span.contains(place) for span in spans) == 1 for _, place in found)
    for name in ("boilerplate", "markers"):
        marks = [entry.span for entry in getattr(document, name)]
        assert all(left.end <= right.start for left, right in pairwise(marks))
    assert reading(document) is not None
