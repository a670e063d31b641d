"""What HTTP serves and ``qa ask --json`` prints: there is no second set of wire models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qa.types.calibration import Calibration
from qa.types.documents import Reference


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
    """A passage as shown, without a citation number: what ``/v1/search`` returns.

    ``rank`` counts from 1 in the order shown. ``score`` is retrieval's. It falls with the rank, unless a
    reranker of one's own orders the passages. ``page`` is the page (from 1) on which the quoted answer starts, or else the
    passage; null in a document without pages.
    """

    rank: int
    score: float
    text: str
    highlights: tuple[Highlight, ...]
    exact: str
    location: Location
    quotes: tuple[Quote, ...]
    document: DocumentCard
    section: tuple[str, ...]
    page: int | None
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
    """Quotes with their citations. ``answer`` is the quotes' reading text, each followed by its ``[n]``.

    ``resolved_question`` is what was looked up where the question goes on from earlier ones, and else null.
    ``sources_disagree`` says that quotes contradict one another, or that the first states that sources do.
    """

    id: str
    status: Literal["answered"] = "answered"
    question: str
    resolved_question: str | None = None
    answer: str
    confidence: Confidence
    passages: tuple[Citation, ...]
    sources_disagree: bool = False
    refusal: None = None
    safety: Safety
    disclaimer: str
    index: IndexRef
    timings_ms: Timings


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An honest refusal, in the same shape as an answer: an outcome, not a fault."""

    id: str
    status: Literal["refused"] = "refused"
    question: str
    resolved_question: str | None = None
    answer: None = None
    confidence: None = None
    passages: tuple[()] = ()
    sources_disagree: bool = False
    refusal: RefusalDetail
    safety: Safety
    disclaimer: str
    index: IndexRef
    timings_ms: Timings


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
    """What an index holds and what it was built from.

    ``reranker`` is "citewell" for the packaged reader and "none" for an index without one.
    """

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
    reranker: str
    reranker_revision: str
    calibration: Calibration
    bytes: int
