"""A Markdown text -> its layout: headings and blocks from markdown-it's token map, markup by exact offsets."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token
from markdown_it.utils import EnvType

from qa.corpus.annotate import Facts, annotate
from qa.corpus.frontmatter import split_front_matter
from qa.corpus.inline import Inline, Link, parser
from qa.corpus.layout import BlockKind, Draft, Heading, Layout
from qa.corpus.numbers import numbers_of
from qa.corpus.raised import raised_markers
from qa.corpus.references import entry
from qa.corpus.source import Places, Source, Stretch, complement, extent, runs_of
from qa.types import Document, Marker, Reference, Span

_BULLET_END = re.compile(r"(?:[-+*]|\d{1,9}[.)])[ \t]*$")
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|</?[A-Za-z][^<>]*>|<[!?][^<>]*>", re.DOTALL | re.IGNORECASE
)
_LINK = re.compile(r"\[([^\[\]]*)\]\(([^\s)]{1,500})\)")
_NUMERIC_LABEL = re.compile(r"(?P<bracket>\\?\[)?\s*\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\s*(?:\\?\])?")


def read_markdown(text: str, facts: Facts, *, path: str, fallback_title: str) -> Document:
    """Read a Markdown file: the body is the document's text, the front matter says what else is known.

    :param text: the decoded file.
    :param facts: its id and hash.
    :param path: to name the file by in an error.
    :param fallback_title: the title where nothing else gives one.
    :raises DocumentError: when the front matter cannot be understood.
    """
    body, known = split_front_matter(text, facts, path)
    return annotate(body, parse_markdown(body), known, fallback_title=fallback_title)


def parse_markdown(text: str) -> Layout:
    """Find the headings, blocks and markup of a Markdown text. Whatever is not read is markup.

    :param text: the body, newlines normalised.
    """
    md, inline = parser()
    env: EnvType = {}
    source = Source(text)
    tokens = md.parse(source.squeezed, env)
    walk = _Walk(source=source, scan=lambda content: inline.scan(content, md, env))
    for place, token in enumerate(tokens):
        walk.visit(token, tokens, place)
    return walk.layout()


@dataclass(slots=True, kw_only=True)
class _Walk:
    """Goes once through the block tokens and collects what becomes the layout."""

    source: Source
    scan: Callable[[str], Inline]
    kept: list[Stretch] = field(default_factory=list)
    code: list[Span] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)
    labels: list[tuple[Span, str]] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    items: list[int] = field(default_factory=list)
    header: int = -1
    fresh: bool = False
    groups: int = 0
    level: int = 0
    note: str | None = None

    def visit(self, token: Token, tokens: Sequence[Token], place: int) -> None:
        """Take up one token: the lists, headings and footnotes around, then what there is to read."""
        self.surroundings(token)
        if self.note is not None:
            self.notes[self.note] += " " + token.content
        elif token.type == "inline" and tokens[place - 1].type not in ("th_open", "td_open"):
            self.text(token, tokens[place - 1])
        elif token.type == "tr_open":
            self.row(token, _row_cells(tokens, place))
        elif token.type in ("fence", "code_block", "html_block"):
            self.block(token)

    def surroundings(self, token: Token) -> None:
        """Keep track of what the blocks to come stand in."""
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self.groups += not self.items
            case "list_item_open":
                self.items.append(-1)
                self.fresh = True
            case "list_item_close":
                self.items.pop()
                self.fresh = False
            case "heading_open":
                # A heading within a quotation or a list is none of the document's own.
                self.level = int(token.tag[1]) if token.level == 0 else 0
            case "heading_close":
                self.level = 0
            case "thead_open" | "table_close":
                self.header = -1
            case "footnote_reference_open":
                self.note = str(token.meta["label"])
                self.notes.setdefault(self.note, "")
            case "footnote_reference_close":
                self.note = None

    def text(self, token: Token, opening: Token) -> None:
        """Read a paragraph or a heading."""
        first, last = token.map or (0, 0)
        hashes = len(opening.markup) if opening.markup.startswith("#") else 0
        if not token.content:
            return
        places = self.source.places(token.content, first, hashes=hashes)
        runs = self.read(token.content, places)
        span = extent(places)
        if span is None or not _has_text(self.source.text, runs):
            return
        if self.level:
            whole = self.source.span(first, (opening.map or (first, last))[1])
            title = " ".join(_reading(self.source.text, runs, self.labels).split())
            self.headings.append(Heading(span=whole, title=title, level=self.level))
            self.add("heading", whole)
        else:
            self.add("paragraph", span)

    def row(self, token: Token, contents: Sequence[str]) -> None:
        """Read a table row, cell by cell."""
        first = (token.map or (0, 0))[0]
        cells = self.source.row(first, nested=token.level > 2)  # noqa: PLR2004
        runs: list[Stretch] = []
        for content, places in zip(contents, cells, strict=False):
            if len(content) == len(places):
                runs.extend(self.read(content, places))
        if _has_text(self.source.text, runs):
            line = self.source.span(first, first + 1)
            self.add("table", Span(start=min(line.start, runs[0][0]), end=line.end))

    def block(self, token: Token) -> None:
        """Read a block of code, or the text between the tags of an HTML block."""
        first, last = token.map or (0, 0)
        html = token.type == "html_block"
        places = self.source.places(token.content.removesuffix("\n"), first + (token.type == "fence"))
        stretches = _between_tags(token.content) if html else [(0, len(token.content))]
        runs = runs_of(stretches, places)
        span = self.source.span(first, last)
        if not _has_text(self.source.text, runs):
            return
        self.kept.extend(runs)
        if not html:
            self.code.append(span)
        self.add("paragraph" if html else "code", span)

    def read(self, content: str, places: Places) -> list[Stretch]:
        """Read running text: keep what is text, and note code, links and footnotes."""
        found = self.scan(content)
        runs = runs_of(found.kept, places)
        self.kept.extend(runs)
        self.code.extend(Span(start=start, end=end) for start, end in runs_of(found.code, places))
        for (start, end), label in found.notes:
            self.labels.append((Span(start=places[start], end=places[end - 1] + 1), label))
        for link in found.links:
            marker = _linked_marker(content, link, places)
            if marker is not None:
                self.markers.append(marker)
        return runs

    def add(self, kind: BlockKind, span: Span) -> None:
        """Add a block; the first one of a list item is the item, bullet included."""
        parent = next((index for index in reversed(self.items[:-1]) if index >= 0), -1)
        if self.fresh and self.items and kind == "paragraph":
            line = self.source.text.rfind("\n", 0, span.start) + 1
            bullet = _BULLET_END.search(self.source.text[line : span.start])
            start = line + bullet.start() if bullet else span.start
            self.items[-1] = len(self.drafts)
            group = -1 if parent >= 0 else self.groups
            self.drafts.append(Draft(span=Span(start=start, end=span.end), kind="item", group=group, parent=parent))
        else:
            above = self.header if kind == "table" else self.items[-1] if self.items else -1
            self.header = len(self.drafts) if kind == "table" and above < 0 else self.header
            self.drafts.append(Draft(span=span, kind=kind, parent=above))
        self.fresh = False

    def layout(self) -> Layout:
        """Put together what was found."""
        numbers = _note_numbers([label for _, label in self.labels], self.notes)
        noted = [Marker(span=span, numbers=(numbers[label],)) for span, label in self.labels]
        raised = raised_markers(self.source.text, self.code)
        within = [marker for marker in self.markers if not any(marker.span.overlaps(other.span) for other in raised)]
        markers = sorted([*within, *noted, *raised], key=lambda marker: marker.span.start)
        return Layout(
            headings=tuple(self.headings),
            drafts=tuple(sorted(self.drafts, key=lambda draft: draft.span.start)),
            markup=complement(self.source.text, sorted(self.kept)),
            markers=tuple(markers),
            code=tuple(self.code),
            notes=tuple(_note(numbers[label], self.notes[label]) for label in self.notes),
        )


def _row_cells(tokens: Sequence[Token], place: int) -> list[str]:
    """Return the contents of the cells of the row that opens at ``place``."""
    contents = []
    while tokens[place].type != "tr_close":
        if tokens[place].type == "inline":
            contents.append(tokens[place].content)
        place += 1
    return contents


def _has_text(text: str, runs: Sequence[Stretch]) -> bool:
    return any(not text[start:end].isspace() for start, end in runs)


def _reading(text: str, runs: Sequence[Stretch], labels: Sequence[tuple[Span, str]]) -> str:
    """Join the runs, footnote marks left out."""
    marks = {(span.start, span.end) for span, _ in labels}
    return "".join(text[start:end] for start, end in runs if (start, end) not in marks)


def _between_tags(content: str) -> list[Stretch]:
    stretches = []
    at = 0
    for tag in _TAG.finditer(content):
        stretches.append((at, tag.start()))
        at = tag.end()
    stretches.append((at, len(content)))
    return [(start, end) for start, end in stretches if start < end]


def _linked_marker(content: str, link: Link, places: Places) -> Marker | None:
    """Return the marker that a link is whose label is nothing but numbers: in brackets, or to a place on the page."""
    label = _NUMERIC_LABEL.fullmatch(content[slice(*link.label)])
    start, end = link.whole
    if label is None or not (label["bracket"] or link.href.startswith("#") or content[end - 1] == "]"):
        return None
    numbers = numbers_of(label.group())
    return Marker(span=Span(start=places[start], end=places[end - 1] + 1), numbers=numbers) if numbers else None


def _note_numbers(labels: Sequence[str], notes: dict[str, str]) -> dict[str, int]:
    """Give the footnotes their labels as numbers where those are numbers, else the order of first use."""
    used = list(dict.fromkeys([*labels, *notes]))
    if all(label.isdecimal() and label.isascii() and int(label) > 0 for label in used):
        return {label: int(label) for label in used}
    return {label: number for number, label in enumerate(used, start=1)}


def _note(number: int, source: str) -> Reference:
    """Read a footnote's text as a bibliography entry, links by their address."""
    return entry(number, _LINK.sub(r"\1 \2", source).replace("*", ""))
