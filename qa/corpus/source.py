"""A Markdown text and its lines -> where the content of a markdown-it token stands in it."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from qa.types import Span

Stretch = tuple[int, int]
Places = Sequence[int]


@dataclass(slots=True)
class Source:
    """The text, the offsets of its lines, and the text to parse: of many blank lines in a row, two are left."""

    text: str
    squeezed: str = field(init=False)
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        """Note where the lines start."""
        kept: list[str] = []
        self.starts = []
        at = 0
        for gap in (*_BLANKS.finditer(self.text), None):
            end = gap.end(1) if gap is not None else len(self.text)
            kept.append(self.text[at:end])
            self.starts += [at, *(at + found.end() for found in re.finditer("\n", kept[-1]))]
            if gap is not None:
                self.starts.pop()
                at = gap.end()
        self.squeezed = "".join(kept)

    def line(self, number: int) -> tuple[int, str]:
        """Return where a line starts, and the line without its line feed."""
        start = self.starts[number]
        end = self.text.find("\n", start)
        return start, self.text[start : end if end >= 0 else len(self.text)]

    def span(self, first: int, last: int) -> Span:
        """Return the span of the lines from ``first`` up to ``last``, without white space at its edges."""
        start = self.starts[first]
        end = self.starts[last] if last < len(self.starts) else len(self.text)
        inner = self.text[start:end]
        start += len(inner) - len(inner.lstrip())
        return Span(start=start, end=max(start, start + len(inner.strip())))

    def places(self, content: str, first: int, *, hashes: int = 0) -> Places:
        """Return the offset of each code point of a token's content; -1 for white space that stands nowhere.

        Every line of the content is what is left of a source line without its containers' marks: its end.

        :param content: of a token.
        :param first: the number of its first line in the source.
        :param hashes: how many ``#`` open the line; other ``#`` may then close it.
        """
        places = array("q")
        for number, line in enumerate(content.split("\n"), start=first):
            if number >= len(self.starts):
                places.extend([-1] * (len(line) + 1))
                continue
            start, source = self.line(number)
            core = line.strip()
            at = start + len(source.rstrip()) - len(core)
            if hashes:
                at = start + source.index(core, source.index("#" * hashes) + hashes)
            lead = len(line) - len(line.lstrip()) if core else len(line)
            places.extend([-1] * lead)
            places.extend(range(at, at + len(core)))
            places.extend([-1] * (len(line) - lead - len(core)))
            places.append(start + len(source))
        return places[:-1]

    def row(self, number: int, *, nested: bool) -> list[Places]:
        """Split a table row at its pipes as markdown-it does, and return the offsets of each cell's code points.

        :param number: of the row's line.
        :param nested: whether the table stands in a list or a quotation, whose marks come first.
        """
        start, line = self.line(number)
        prefix = _CONTAINERS.match(line) if nested else None
        start += prefix.end() if prefix else 0
        cells = list(_cells(line[prefix.end() if prefix else 0 :]))
        if cells and not cells[0]:
            del cells[0]
        return [[start + place for place in cell] for cell in cells]


# Two blank lines, and those after them. A line is tried once, as the pattern starts where a line does.
_BLANKS = re.compile(r"^((?:[ \t]*+\n){2})(?:[ \t]*+\n)++", re.MULTILINE)
_CONTAINERS = re.compile(r"(?:[ \t]*(?:>|[-+*](?=\s)|\d{1,9}[.)](?=\s)))*[ \t]*")


def _cells(row: str) -> Iterator[Places]:
    """Yield the places of each cell; the backslash of an escaped pipe belongs to none."""
    cell: list[int] = []
    for place, character in enumerate(row):
        if character == "|" and (place == 0 or row[place - 1] != "\\"):
            yield _trimmed(row, cell)
            cell = []
            continue
        if character == "|":
            cell.pop()
        cell.append(place)
    yield _trimmed(row, cell)


def _trimmed(row: str, cell: Places) -> Places:
    kept = [number for number, place in enumerate(cell) if not row[place].isspace()]
    return cell[kept[0] : kept[-1] + 1] if kept else []


def runs_of(kept: Iterable[Stretch], places: Places) -> list[Stretch]:
    """Translate stretches of a content to stretches of the text.

    :param kept: sorted stretches of the content.
    :param places: the offset of each of its code points.
    """
    runs: list[Stretch] = []
    for start, end in kept:
        for place in places[start:end]:
            if place < 0:
                continue
            if runs and runs[-1][1] == place:
                runs[-1] = (runs[-1][0], place + 1)
            else:
                runs.append((place, place + 1))
    return runs


def extent(places: Sequence[int]) -> Span | None:
    """Return the span from the first to the last code point of a content, or None where there is none."""
    first = next((place for place in places if place >= 0), None)
    last = next((place for place in reversed(places) if place >= 0), None)
    return None if first is None or last is None else Span(start=first, end=last + 1)


def complement(text: str, kept: Sequence[Stretch]) -> tuple[Span, ...]:
    """Return what lies between the kept stretches, line by line and without white space at its edges.

    :param text: the whole text.
    :param kept: sorted and free of overlap.
    """
    spans: list[Span] = []
    at = 0
    for start, end in (*kept, (len(text), len(text))):
        if start > at:
            lines = re.finditer(r"\S(?:[^\n]*\S)?", text[at:start])
            spans.extend(Span(start=at + found.start(), end=at + found.end()) for found in lines)
        at = max(at, end)
    return tuple(spans)
