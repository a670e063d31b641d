"""An element that holds a footnote or a source -> its entry in the document's bibliography."""

from __future__ import annotations

import re
from itertools import islice

from qa.corpus.html.tree import BLOCKS, SILENT, Element, attribute, name_of, short_text, tokens_of, visit
from qa.corpus.references import entry
from qa.types import Reference

_LEADING = re.compile(r"[\s^↑↩]*(?:\[\s*(\d{1,3})\s*\]|\((\d{1,3})\)|(\d{1,3})(?:[.):]+\s|\s+(?=\S)|(?=[^\W\d_])))")
_BACK = re.compile(r"[\W_]*(?:[a-z]{1,2}|\d{1,3}(?:\.\d+)?|jump up(?: to)?:?|back|return|top)?[\W_]*", re.IGNORECASE)
_BACK_NAMES = re.compile(
    r"back-?(?:ref|link)|reversefootnote|footnote-?back|footnote-return|\bdoc-backlink\b", re.IGNORECASE
)
_SHELVES = re.compile(
    r"\W*(?:pubmed(?: central)?|pmc(?: free article)?|google scholar|cross-?ref|scopus|web of science|full text|abstract|article|cas|doi|link|view|ads)\W*",
    re.IGNORECASE,
)
_MOST_TEXTS = 50
_OPENING = 100
_DOI = re.compile(r"https?://(?:dx\.)?doi\.org/")
_UNSEEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


def entry_of(unit: Element, number: int) -> Reference | None:
    """Read an entry, without its number and the arrows back to the text, and with the address that it links to.

    :param unit: the element that holds it.
    :param number: of the entry.
    :returns: the entry, or None where nothing is left of it.
    """
    reader = _Reader()
    visit(unit, reader.enter, reader.leave)
    text = " ".join("".join(reader.pieces).split())
    leading = _LEADING.match(text)
    if (
        leading
        and _leading_number(text) == number
        and (leading[1] or leading[2] or name_of(unit) != "li" or "." in leading[0])
    ):
        text = text[leading.end() :]
    text = text.strip(" ^↑↩")
    doi = [address for address in reader.addresses if _DOI.match(address)]
    address = next(iter([*doi, *reader.addresses]), "")
    return entry(number, f"{text} {address}".strip()) if text else None


def text_of(element: Element) -> str:
    """Return the text of an element, white space collapsed."""
    return " ".join("".join(str(text) for text in element.itertext()).split())


def number_of(unit: Element) -> int:
    """Return the number that the text of an element starts with, or 0."""
    opening = ""
    for text in islice(unit.itertext(), _MOST_TEXTS):
        opening += str(text)
        if len(opening) > _OPENING:
            break
    return _leading_number(" ".join(opening.split()))


def _leading_number(text: str) -> int:
    found = _LEADING.match(text)
    return int(found[1] or found[2] or found[3]) if found else 0


class _Reader:
    """Collects the text of an entry and the addresses in it."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.addresses: list[str] = []
        self.depth = 0

    def enter(self, element: Element) -> bool:
        self.depth += 1
        if name_of(element) in BLOCKS or name_of(element) == "br":
            self.pieces.append(" ")
        if name_of(element) in SILENT or _UNSEEN.search(str(element.get("style") or "")) or _leads_back(element):
            return False
        href = str(element.get("href") or "").strip()
        if name_of(element) == "a" and href.startswith(("https://", "http://")) and not re.search(r"[\s<>\]]", href):
            self.addresses.append(href)
            if _SHELVES.fullmatch(short_text(element) or ""):
                return False
        self.pieces.append(element.text or "")
        return True

    def leave(self, element: Element) -> None:
        self.depth -= 1
        if name_of(element) in BLOCKS:
            self.pieces.append(" ")
        if self.depth:
            self.pieces.append(element.tail or "")


def _leads_back(element: Element) -> bool:
    """Tell whether an element is the way back from an entry to its mark."""
    if _BACK_NAMES.search(" ".join([attribute(element, "class"), *tokens_of(element)])):
        return True
    linked = name_of(element) == "a" and "#" in str(element.get("href") or "")
    return linked and _BACK.fullmatch((short_text(element) or "?long").strip()) is not None
