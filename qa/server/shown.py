"""What the page of a document is made of."""

from __future__ import annotations

from dataclasses import dataclass

from qa.server.inline import Run
from qa.types import BoilerplateKind, Document, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading; ``level`` is that of HTML, below the title's 1."""

    id: str
    level: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Prose, or code that keeps its lines."""

    runs: tuple[Run, ...]
    code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of a list with those below it, and the number or else the letter that it is counted by, if it is."""

    runs: tuple[Run, ...]
    number: int | None = None
    label: str | None = None
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemList:
    """Items side by side."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells; those of ``head`` name the columns."""

    head: tuple[tuple[tuple[Run, ...], ...], ...]
    rows: tuple[tuple[tuple[Run, ...], ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What is never quoted; ``cited`` says that a link cites it all the same."""

    kind: BoilerplateKind
    parts: tuple[Shown, ...]
    cited: bool


Shown = Heading | Paragraph | ItemList | Table | Folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the contents; ``depth`` counts from 0."""

    id: str
    text: str
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An entry of the document's bibliography and the first groups of numbers (from 0) that name it."""

    reference: Reference
    markers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a cited stretch stands."""

    section: tuple[str, ...]
    page: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """A document as it is shown, in parts of a few blocks each; ``place`` is that of the first cited stretch."""

    document: Document
    parts: tuple[tuple[Shown, ...], ...]
    contents: tuple[Entry, ...]
    sources: tuple[Source, ...]
    place: Place | None
