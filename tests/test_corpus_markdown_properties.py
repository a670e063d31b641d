"""Properties of the Markdown reader: it reads exactly what markdown-it renders, whatever the source."""

from __future__ import annotations

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from qa.corpus.layout import Layout
from qa.corpus.markdown import parse_markdown

INLINE = [
    "word",
    "déjà",
    "🦵",
    "e\u0301",
    " ",
    " ",
    "*",
    "**",
    "_",
    "__",
    "`",
    "``",
    "[",
    "]",
    "(",
    ")",
    "](u)",
    "[a](b)",
    "<b>",
    "</b>",
]
INLINE += [
    "![",
    "![x](y)",
    "\\",
    "\\*",
    "~~",
    "~",
    "<http://a.b>",
    "&amp;",
    "&",
    "<",
    ">",
    "!",
    "[^1]",
    "\\\n",
    "  \n",
    "\n",
    "[r]",
    "[r][]",
    "|",
]
BLOCK = [
    "# ",
    "## ",
    "- ",
    "  - ",
    "1. ",
    "> ",
    "    ",
    "```\n",
    "***\n",
    "===\n",
    "---\n",
    "<div>\n",
    "<!-- c -->\n",
    "\n",
    "\n\n",
    "\t",
]
BLOCK += ["| a | b |\n|---|---|\n| c | d \\| e |\n", "[r]: /u 'T'\n", "[^1]: note\n", "#", " #\n", "\n  ", "\n> "]
SOURCES = st.lists(st.sampled_from(INLINE + BLOCK), min_size=1, max_size=24).map("".join)


def rendered(text: str) -> str:
    """Return the text that markdown-it renders, without images, tags, footnotes and white space."""
    md = MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"])
    md.use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=True)
    pieces: list[str] = []
    hidden = 0
    for token in md.parse(text):
        hidden += {"footnote_reference_open": 1, "footnote_reference_close": -1}.get(token.type, 0)
        if hidden:
            continue
        if token.type == "inline":
            pieces.extend(piece(child) for child in token.children or [])
        elif token.type in ("fence", "code_block"):
            pieces.append(token.content)
        elif token.type == "html_block":
            pieces.append(
                re.sub(r"<!--.*?(?:-->|\Z)|</?[A-Za-z][^<>]*>|<[!?][^<>]*>", "", token.content, flags=re.DOTALL)
            )
    return "".join("".join(pieces).split())


def piece(token: Token) -> str:
    """Return what an inline token shows."""
    if token.type == "footnote_ref":
        return f"[^{token.meta['label']}]"
    return "" if token.type in ("image", "html_inline", "link_open") else token.content


def reading(text: str, layout: Layout) -> str:
    """Return what is left of the text without its markup and white space."""
    kept = list(text)
    for mark in layout.markup:
        kept[mark.start : mark.end] = [""] * len(mark)
    return "".join("".join(kept).split())


@settings(max_examples=400, deadline=None)
@given(SOURCES)
@example("a ~~~b~~~ c")
@example("**a*b**c*")
@example("> - a\n> b **c\n> d** e")
@example("- | a | b |\n  |---|---|\n  | `c` | \\* |")
def test_what_is_left_without_markup_is_what_markdown_it_renders(text: str) -> None:
    """Leaving out the markup leaves the text that markdown-it renders, but for white space."""
    assert reading(text, parse_markdown(text)) == rendered(text)


@settings(max_examples=200, deadline=None)
@given(SOURCES)
def test_blocks_and_markup_are_sorted_in_bounds_and_apart(text: str) -> None:
    """Blocks, markup and headings are in order, inside the text, not empty, and do not overlap."""
    layout = parse_markdown(text)
    for spans in (
        layout.markup,
        [draft.span for draft in layout.drafts],
        [heading.span for heading in layout.headings],
    ):
        at = 0
        for span in spans:
            assert at <= span.start < span.end <= len(text)
            at = span.end
