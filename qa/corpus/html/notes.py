"""Pages -> their footnotes and numbered sources: what the marks in the text lead to, and which links are marks.

A link on a number is a mark where it looks like one (raised, in brackets, named so) or leads to an entry. What
it leads to is an entry where the page says so, or where its place and its name do. Numbers are never guessed: an entry
that is numbered otherwise than the mark on the way to it, or whose number another one has too, stays unresolved.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from qa.corpus.html.entries import entry_of, number_of, text_of
from qa.corpus.html.lists import ordinals_of
from qa.corpus.html.tree import Element, attribute, fragment_of, name_of, parents, short_text, tokens_of
from qa.corpus.numbers import numbers_of
from qa.types import Reference

LABEL = re.compile(r"\s*[\[(]?\s*\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\s*[\])]?\s*")
_LISTS = frozenset({
    "doc-endnotes", "doc-footnotes", "doc-footnote", "doc-endnote", "doc-bibliography", "footnotes", "footnote", "endnotes", "endnote",
    "rearnotes", "rearnote", "references", "reflist", "reference-list", "references-list", "ref-list", "citation-list", "citations",
    "csl-bib-body", "footnote-list", "footnotedef", "footnote-definition", "bibliography",
})  # fmt: skip
_ENTRIES = frozenset({
    "doc-footnote", "doc-endnote", "doc-biblioentry", "footnote", "endnote", "rearnote", "biblioentry", "csl-entry", "footnotedef",
    "footnote-definition", "citation", "reference", "ref",
})  # fmt: skip
_MARKS = frozenset(
    {"doc-noteref", "noteref", "footnote-ref", "footnote-reference", "footnoteref", "footnote", "reference"}
)
_HOLDERS = frozenset({"div", "section", "aside", "ol", "ul", "dl", "table", "p", "li", "footer"})
_UNITS = frozenset({"li", "p", "dd", "dt", "div", "aside", "td", "tr", "section", "table"})
_NOTE_ID = re.compile(
    r"[_\W]*(?:user-content-)?(?:ftn|fn|fnote|footnote|footnotedef|note|endnote|edn|en|cite|cite_note|citation|ref|reference|bib|bibr|biblio|"
    r"cr|b|r|n|source|id)[-_:.]*\w{0,12}\d+(?:[-_:.]\w+)?",
    re.IGNORECASE,
)
_JOINTS = frozenset({",", ";", "–", "-", "][", "] ["})
_LONGEST = 3000
Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page and, where there are several, its name."""

    root: Element
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What was found: the links that are marks, the elements that hold nothing but notes, and the entries."""

    marks: frozenset[Element]
    blocks: frozenset[Element]
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """A link on nothing but numbers, and the element that it leads to."""

    element: Element
    numbers: tuple[int, ...]
    target: Element
    marked: bool


def find_notes(pages: Sequence[Page]) -> Notes:
    """Find the notes of pages that are read as one document.

    :param pages: in their order.
    """
    places = _places(pages)
    links = [link for page in pages for link in _links(page, places)]
    holders = [holder for page in pages for holder in _holders(page.root)]
    numbers: defaultdict[Element, set[int]] = defaultdict(set)
    for link in links:
        if link.marked and (unit := _unit(link.target)) is not None:
            numbers[unit].update(link.numbers)
    listed = [unit for holder in holders for unit in _units_in(holder)]
    known = set(listed)
    alone = [unit for unit in numbers if unit not in known and _is_note(unit)]
    units = dict.fromkeys([*listed, *alone])
    marks = {link.element for link in links if link.marked or _unit(link.target) in units}
    return Notes(
        marks=frozenset(marks),
        blocks=frozenset([*holders, *alone]),
        references=_numbered(_Entries(units=tuple(units), marked=numbers)),
    )


# --- marks ----------------------------------------------------------------------------------------


def _places(pages: Sequence[Page]) -> dict[Place, Element]:
    """Return every element that a link can lead to, by its page and its id."""
    places: dict[Place, Element] = {}
    for page in pages:
        for element in page.root.iter():
            for key in (element.get("id"), element.get("name") if name_of(element) == "a" else None):
                if key:
                    places.setdefault((page.name, str(key)), element)
    return places


def _links(page: Page, places: Mapping[Place, Element]) -> Iterator[_Link]:
    """Find the links on nothing but numbers that lead to a place on the pages."""
    before: Element | None = None
    for element in page.root.iter("a"):
        href = str(element.get("href") or "")
        text = (short_text(element) or "") if "#" in href else ""
        target = places.get(_place(href, page.name)) if LABEL.fullmatch(text) else None
        numbers = numbers_of(text)
        if target is None or not numbers:
            continue
        marked = _is_mark(element, text, before)
        if marked:
            before = element
        yield _Link(element=element, numbers=numbers, target=target, marked=marked)


def _place(href: str, name: str) -> Place:
    """Resolve a link; a page that stands alone may name itself by its whole address."""
    path = unquote(href.partition("#")[0])
    if name and path:
        name = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
    return name, fragment_of(href)


def _is_mark(link: Element, text: str, before: Element | None) -> bool:
    """Tell whether a link on a number looks like a reference mark: raised, in brackets, or named so."""
    if text.strip().startswith("[") or _MARKS.intersection(_names(link)):
        return True
    around = [link, *_near(link)]
    if any(name_of(element) == "sup" for element in (*around, *link)):
        return True
    parent, previous = link.getparent(), link.getprevious()
    lead = (previous.tail if previous is not None else parent.text if parent is not None else None) or ""
    goes_on = previous is not None and previous is before and lead.strip() in _JOINTS
    return lead.rstrip().endswith("[") or goes_on


def _near(element: Element) -> list[Element]:
    """Return the few elements right around one."""
    return [parent for parent, _ in zip(parents(element), range(3), strict=False)]


def _names(element: Element) -> list[str]:
    return [*attribute(element, "class").split(), *tokens_of(element)]


# --- entries --------------------------------------------------------------------------------------


def _holders(root: Element) -> list[Element]:
    """Find the outermost elements that say that they hold notes."""
    found: dict[Element, bool] = {}
    for element in root.iter(*_HOLDERS):
        if not _LISTS.intersection(_names(element)) or any(parent in found for parent in parents(element)):
            continue
        if next(element.iter("main", "article", "h1"), None) is None:
            found[element] = bool(_units_in(element))
    return [element for element, holds in found.items() if holds]


def _units_in(holder: Element) -> list[Element]:
    """Return the outermost elements in a holder that are an entry each."""
    units: dict[Element, None] = {}
    for element in holder.iter(*_UNITS):
        named = name_of(element) in ("li", "dd") or (_ENTRIES.intersection(_names(element)) and element is not holder)
        if named and not any(parent in units for parent in parents(element)):
            units[element] = None
    if not units:
        numbered = [element for element in holder.iter("p", "div", "tr") if number_of(element)]
        units = dict.fromkeys(element for element in numbered if element.getparent() not in units)
    own = _ENTRIES.intersection(_names(holder)) and number_of(holder)
    return list(units) or ([holder] if own else [])


def _unit(target: Element) -> Element | None:
    """Return the block that a place on the page stands in."""
    for element in [target, *_near(target)]:
        if name_of(element) == "dt":
            return element.getnext()
        if name_of(element) in _UNITS:
            return element
    return None


def _is_note(unit: Element) -> bool:
    """Tell whether what a mark leads to is a note: short, named or linking back, and no part of the article."""
    if next(unit.iter("h1", "h2", "h3", "h4", "main", "article", "pre"), None) is not None:
        return False
    inside = list(unit.iter())
    names = [str(element.get("id") or element.get("name") or "") for element in (unit, *_near(unit)[:1], *inside)]
    back = any(name_of(element) == "a" and str(element.get("href") or "").startswith("#") for element in inside)
    named = any(_NOTE_ID.fullmatch(name) for name in names if name)
    if len(text_of(unit)) > _LONGEST or not (back or named):
        return False
    return name_of(unit) == "li" or number_of(unit) > 0


@dataclass(slots=True, kw_only=True)
class _Entries:
    """The entries, the numbers of the marks that lead to each, and the ordinals of the lists they stand in."""

    units: tuple[Element, ...]
    marked: Mapping[Element, set[int]]
    ordinals: dict[Element, dict[Element, int]] = field(default_factory=dict)

    def number(self, unit: Element) -> int:
        """Return the number of an entry, or 0 where it is not certain."""
        printed = [number for number in (number_of(unit), self._ordinal(unit)) if number > 0]
        marked = self.marked.get(unit)
        if not marked:
            return printed[0] if printed else 0
        if not printed:
            return next(iter(marked)) if len(marked) == 1 else 0
        return next((number for number in printed if number in marked), 0)

    def _ordinal(self, unit: Element) -> int:
        parent = unit.getparent()
        if parent is None or name_of(parent) != "ol" or name_of(unit) != "li":
            return 0
        if parent not in self.ordinals:
            self.ordinals[parent] = ordinals_of(parent)
        return self.ordinals[parent][unit]


def _numbered(entries: _Entries) -> tuple[Reference, ...]:
    """Read the entries; of two with one number that has it which a mark leads to, if the other has none."""
    found: defaultdict[int, list[Element]] = defaultdict(list)
    for unit in entries.units:
        if number := entries.number(unit):
            found[number].append(unit)
    references = []
    for number, units in sorted(found.items()):
        referenced = [unit for unit in units if entries.marked.get(unit)] or units
        if len(referenced) == 1 and (reference := entry_of(referenced[0], number)) is not None:
            references.append(reference)
    return tuple(references)
