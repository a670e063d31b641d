"""What a corpus is made of. Every offset counts Unicode code points in ``Document.text``; spans are half-open."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

from qa.types.addresses import web_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A half-open range of code points in a document's text, ``0 <= start <= end``."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the untouched slice of ``text``."""
        return text[self.start : self.end]

    def __len__(self) -> int:
        """Return the number of code points covered."""
        return self.end - self.start

    def contains(self, other: Span) -> bool:
        """Tell whether ``other`` lies wholly within this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two spans share at least one code point."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One entry of a document's own bibliography, under the number the document gives it.

    ``url`` is None where it is not one that ``web_address`` knows.
    """

    number: int
    title: str
    authors: str | None = None
    year: int | None = None
    source: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        """Drop an address that may do harm, whoever gave it: a document's own text, or an index made elsewhere."""
        object.__setattr__(self, "url", web_address(self.url))


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A group of the source's own reference numbers as it stands in the text.

    ``span`` holds the group with its brackets and without the white space around it; ``numbers`` are in
    the order of the text, ranges written out.
    """

    span: Span
    numbers: tuple[int, ...]


BoilerplateKind = Literal["promotion", "navigation", "disclaimer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boilerplate:
    """A stretch of text that is never part of a passage; a disclaimer is kept apart from the rest."""

    span: Span
    kind: BoilerplateKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, list item or heading: what a line break in the reading text stands between.

    ``lead_in`` is the span of the block that introduces a list item (the line before the list, or the parent item), a
    further paragraph of an item (the item) or a table's row (the row that names the columns, or the line before the
    table), always a block of the same section that lies before this one.
    """

    span: Span
    kind: Literal["paragraph", "item", "heading", "table", "code"]
    lead_in: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The text under one heading, up to the next heading of any level.

    ``path`` names the headings from the outermost in, and is empty for text before the first one.
    ``heading`` is the heading's own line; ``span`` is the body without it. The sections of a document are
    in order and do not overlap; with the headings they cover the whole text.
    """

    path: tuple[str, ...]
    heading: Span | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says, with standoff annotation: nothing is deleted, everything is marked.

    Boilerplate, markup, markers and blocks are each sorted by start and free of overlap among themselves.
    ``id`` is a URL-safe slug of the path within the corpus; ``hash`` is the sha256 of the file's bytes.
    ``pages`` holds the offset at which each page starts, and is empty where a file has no pages. ``url`` is None where it
    is not one that ``web_address`` knows.
    """

    id: str
    title: str
    text: str
    hash: str
    url: str | None = None
    publisher: str | None = None
    licence: str | None = None
    date: str | None = None
    sections: tuple[Section, ...] = ()
    blocks: tuple[Block, ...] = ()
    boilerplate: tuple[Boilerplate, ...] = ()
    markup: tuple[Span, ...] = ()
    markers: tuple[Marker, ...] = ()
    references: tuple[Reference, ...] = ()
    pages: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Drop an address that may do harm, as a reference does."""
        object.__setattr__(self, "url", web_address(self.url))

    def page(self, offset: int) -> int | None:
        """Return the number of the page (from 1) that a place in the text is on, or None where there are no pages."""
        return max(1, bisect_right(self.pages, offset)) if self.pages else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A file that was left out, why, and what the user can do about it."""

    path: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFlag:
    """A red flag of the corpus' own: what raises it, word for word, and what to do."""

    id: str
    title: str
    action: str
    wordings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetySwitches:
    """Which of the safety gate's flags hold for a corpus, and its own: ``flags`` are those of medical emergencies."""

    flags: bool = True
    crisis: bool = True
    own: tuple[OwnFlag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusInfo:
    """What ``corpus.toml`` says of the whole folder.

    ``glossary`` maps what readers say to what the documents say for it.
    """

    name: str
    scope: str
    disclaimer: str
    region: str | None = None
    glossary: dict[str, str] = field(default_factory=dict)
    safety: SafetySwitches = SafetySwitches()


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """The documents of a folder, in order of their ids, and the files that could not be read."""

    info: CorpusInfo
    documents: tuple[Document, ...]
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A contiguous stretch of one section, outside boilerplate: what is embedded, ranked and cited."""

    document_id: str
    span: Span
    section: tuple[str, ...]
