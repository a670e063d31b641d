"""A section of numbered entries, or footnotes -> the document's bibliography."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.corpus.furniture import furniture
from qa.corpus.layout import View
from qa.types import Block, Reference, Section, Span

_HEADED = re.compile(
    r"(?:\d+[.)]?\s*)?(?:(?:selected |key |cited |further )?references?(?: cited| list)?|bibliography|sources?(?: cited| and references)?|"
    r"literature(?: cited)?|works cited|citations|(?:end|foot)?notes|notes and references|references and (?:notes|sources))\s*:?",
    re.IGNORECASE,
)
_ENTRY = re.compile(
    r"[ \t]*(?:\\?\[(?P<square>\d{1,3})\\?\]|\((?P<round>\d{1,3})\)|(?P<plain>\d{1,3})[.)]|(?P<bare>\d{1,3})(?=\s))\s*:?\s*(?=\S)"
)
_URL = re.compile(r"<?(https?://[^\s<>\]]+?)>?(?=[.,;)]*(?:\s|$|\]))")
_DOI = re.compile(r"\b(?:doi:?\s*)(10\.\d{4,9}/[^\s\]]+?)(?=[.,;)]*(?:\s|$))", re.IGNORECASE)
_YEAR = re.compile(r"(?<![\d/.-])(?:19|20)\d\d(?![\d/])")
_QUOTED = re.compile(r"[“\"]([^”\"]{4,300})[”\"]")
_NAME = r"[^\W\d_][\w'’-]+(?: [^\W\d_a-z][\w'’-]+)?,? (?:[A-Z]\.[ -]?){1,3}|[^\W\d_][\w'’-]+(?: [^\W\d_a-z][\w'’-]+)? [A-Z]{1,3}"
_AUTHORS = re.compile(
    rf"(?P<authors>(?:{_NAME})(?:(?:, &|, and|,| and| &|;) (?:{_NAME}))*(?:,? et al\.?|,? and others)?)\s*[.,:]?\s*"
    r"(?:\(?(?:19|20)\d\d\)?[.,:]?\s+|(?<=[.,:]\s))"
)
_TITLE_END = re.compile(r"[?!]\s+|\.\s+(?=\S)")
_SHARE = 0.5


def is_bibliography_heading(title: str) -> bool:
    """Tell whether a heading says that sources follow.

    :param title: the heading as it is read.
    """
    return _HEADED.fullmatch(title.strip()) is not None


def bibliography_of(section: Section, blocks: Sequence[Block], text: str, view: View) -> tuple[Reference, ...]:
    """Read the numbered entries of a section, or nothing where the section is no bibliography.

    :param section: with its heading.
    :param blocks: those within the section.
    :param text: the whole text.
    :param view: the text as it is read.
    """
    if not section.path or not is_bibliography_heading(section.path[-1]) or not blocks:
        return ()
    entries: list[tuple[int, str]] = []
    for block in blocks:
        lines = _entry_lines(block, text)
        entries.extend((number, view.read(span)) for number, span in lines)
    others = [block for block in blocks if furniture(view.read(block.span)) is None]
    if not entries or len(entries) < _SHARE * len(others):
        return ()
    numbers = [number for number, _ in entries]
    if len(set(numbers)) != len(numbers):
        return ()
    return tuple(entry(number, reading) for number, reading in entries)


def _entry_lines(block: Block, text: str) -> list[tuple[int, Span]]:
    """Find the numbered entries of a block, which may hold several, each starting a line."""
    found: list[tuple[int, int]] = []
    ends: list[int] = []
    at = block.span.start
    for line in block.span.of(text).split("\n"):
        match = _ENTRY.match(line)
        number = int(match["square"] or match["round"] or match["plain"] or match["bare"]) if match else 0
        # A number without a bracket or stop is one only where it goes on counting: a line may start with a year's.
        if match and (match["bare"] is None or not found or number == found[-1][0] + 1):
            found.append((number, at + match.end()))
            ends.append(max(block.span.start, at - 1))
        at += len(line) + 1
    bodies = zip(found, [*ends[1:], block.span.end], strict=True) if found else ()
    return [(number, Span(start=body, end=end)) for (number, body), end in bodies]


def entry(number: int, reading: str) -> Reference:
    """Parse one entry as far as its form allows; where it is not understood, the title is the whole entry.

    :param number: the document's own number.
    :param reading: the entry as it is read, without the number.
    """
    whole = " ".join(reading.split())
    url = _URL.search(whole)
    doi = _DOI.search(whole)
    years = _YEAR.findall(_URL.sub(" ", whole))
    link = url.group(1) if url else f"https://doi.org/{doi.group(1)}" if doi else None
    authors, title, source = _parts(_DOI.sub("", _URL.sub("", whole)).strip(" .,;"))
    return Reference(
        number=number,
        title=title or whole or str(number),
        authors=authors,
        year=int(years[0]) if years else None,
        source=source,
        url=link,
    )


def _parts(bare: str) -> tuple[str | None, str, str | None]:
    """Split an entry to authors, title and source where it follows the common order."""
    quoted = _QUOTED.search(bare)
    if quoted:
        authors = re.sub(r"\(?\b(?:19|20)\d\d\b\)?", "", bare[: quoted.start()]).strip(" .,;()")
        return authors or None, quoted.group(1).strip(" .,"), bare[quoted.end() :].strip(" .,;") or None
    named = _AUTHORS.match(bare)
    if named is None:
        return None, bare, None
    rest = bare[named.end() :]
    end = _TITLE_END.search(rest)
    title, source = (rest[: end.end()], rest[end.end() :]) if end else (rest, "")
    if not title.strip(" ."):
        return None, bare, None
    source = source.strip(" .()")
    return (
        named["authors"].strip(" .,;:"),
        title.strip().rstrip("."),
        None if _YEAR.fullmatch(source) else source or None,
    )
