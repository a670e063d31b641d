"""The values that flow: Document -> Passage -> Hit -> Quote -> Citation -> Answer | Refusal.

Every offset counts Unicode code points in ``Document.text`` and every span is half-open. The values from
``Highlight`` on are what HTTP serves and ``qa ask --json`` prints: there is no second set of wire models.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# --- documents ------------------------------------------------------------------------------------


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
    """One entry of a document's own bibliography, under the number the document gives it."""

    number: int
    title: str
    authors: str | None = None
    year: int | None = None
    source: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A group of the source's own reference numbers as it stands in the text.

    ``span`` holds the group with its brackets and without the white space around it; ``numbers`` are in
    the order of the text, ranges written out.
    """

    span: Span
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boilerplate:
    """A stretch of text that is never part of a passage; a disclaimer is kept apart from the rest."""

    span: Span
    kind: Literal["promotion", "navigation", "disclaimer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, list item or heading: what a line break in the reading text stands between.

    ``lead_in`` is the span of the block that introduces a list item (the line before the list, or the
    parent item), always a block of the same section that lies before this one.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A file that was left out, why, and what the user can do about it."""

    path: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusInfo:
    """What ``corpus.toml`` says of the whole folder."""

    name: str
    scope: str
    disclaimer: str
    region: str | None = None


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


# --- a question's way -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of a passage and how well it answers: ``score`` is comparable within one question."""

    span: Span
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage found for a question, with the evidence that ranked it.

    ``score`` orders the hits. ``dense`` is the cosine of question and passage (-1 to 1), ``late`` the mean
    MaxSim of the question's tokens (-1 to 1), ``coverage`` the share of the question's idf mass that the
    passage's terms cover (0 to 1), ``sentences`` the passage's sentences in the order of the text.
    """

    passage: Passage
    ordinal: int
    score: float
    dense: float
    late: float
    coverage: float
    sentences: tuple[Sentence, ...]


# --- what is served -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """A quote's place in a passage's reading text, half-open."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A passage's place in its document's text, half-open."""

    start: int
    end: int
    unit: Literal["unicode_code_point"] = "unicode_code_point"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A contiguous slice of a document: ``exact`` is ``document.text[start:end]``, always.

    ``prefix`` and ``suffix`` are the up to 32 code points around it, as the W3C text-quote selector has them.
    """

    role: Literal["answer", "lead_in"]
    start: int
    end: int
    exact: str
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReference:
    """A marker in a cited passage; ``resolved`` has one entry per number, null where the bibliography has none."""

    marker: str
    numbers: tuple[int, ...]
    start: int
    end: int
    resolved: tuple[Reference | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCard:
    """What a reader must know of a document to trust or find it."""

    id: str
    title: str
    url: str | None
    publisher: str | None
    licence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPassage:
    """A passage as shown, without a citation number: what ``/v1/search`` returns."""

    rank: int
    score: float
    text: str
    highlights: tuple[Highlight, ...]
    exact: str
    location: Location
    quotes: tuple[Quote, ...]
    document: DocumentCard
    section: tuple[str, ...]
    source_references: tuple[SourceReference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation(RankedPassage):
    """A ranked passage under the number that the answer's text cites it by, counted from 1."""

    citation: int


ConfidenceLevel = Literal["VERY_HIGH", "HIGH", "MEDIUM", "LOW"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """The probability (0 to 1) that the passages answer, and its name."""

    level: ConfidenceLevel
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A red flag that matched a message, with what to do."""

    id: str
    title: str
    action: str


SafetyLevel = Literal["none", "emergency", "crisis"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """What the safety gate found: the flags are empty exactly when the level is ``none``."""

    level: SafetyLevel
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to call. ``region`` is ISO 3166-1 alpha-2, or null for the line that holds anywhere."""

    name: str
    phone: str | None
    url: str | None
    region: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A section of the corpus near to a question that was refused."""

    title: str
    section: tuple[str, ...]
    document_id: str


RefusalReason = Literal["emergency", "crisis", "out_of_scope", "no_answer", "not_a_question"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalDetail:
    """Why nothing is quoted, in words for the person who asked, and what they can do instead."""

    reason: RefusalReason
    message: str
    contacts: tuple[Contact, ...]
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRef:
    """The generation that answered and the hash of the corpus it was built from."""

    generation: str
    corpus_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Milliseconds spent in each stage; a stage that was not reached took 0."""

    safety: float = 0.0
    encode: float = 0.0
    retrieve: float = 0.0
    extract: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Quotes with their citations. ``answer`` is the quotes' reading text, each followed by its ``[n]``."""

    id: str
    question: str
    answer: str
    confidence: Confidence
    passages: tuple[Citation, ...]
    safety: Safety
    disclaimer: str
    index: IndexRef
    timings_ms: Timings
    status: Literal["answered"] = "answered"
    sources_disagree: bool = False
    refusal: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An honest refusal, in the same shape as an answer: an outcome, not a fault."""

    id: str
    question: str
    refusal: RefusalDetail
    safety: Safety
    disclaimer: str
    index: IndexRef
    timings_ms: Timings
    status: Literal["refused"] = "refused"
    answer: None = None
    confidence: None = None
    passages: tuple[()] = ()
    sources_disagree: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The best passages for a question, without any gate."""

    question: str
    passages: tuple[RankedPassage, ...]
    index: IndexRef


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentList:
    """A page of the documents, in order of their ids; ``total`` counts them all."""

    total: int
    offset: int
    documents: tuple[DocumentCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexInfo:
    """What an index holds and what it was built from."""

    generation: str
    corpus_hash: str
    format: int
    name: str
    scope: str
    disclaimer: str
    region: str | None
    documents: int
    passages: int
    sentences: int
    encoder: str
    encoder_revision: str
    bytes: int
