"""An element tree -> its elements that may be none of the article's, why, and how much text each holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import add, sub
from typing import Literal, NamedTuple

from qa.corpus.html.names import kind_by_names
from qa.corpus.html.tree import (
    HEADINGS,
    SILENT,
    Element,
    attribute,
    heading_level,
    name_of,
    parents,
    plain,
    short_text,
    tokens_of,
    visit,
)
from qa.types import BoilerplateKind

Reason = Literal["structure", "part", "header", "state", "name"]

_ROLES: Mapping[str, Reason] = {
    **dict.fromkeys(("navigation", "contentinfo", "search", "menu", "menubar", "toolbar", "tablist"), "structure"),
    **dict.fromkeys(
        ("doc-toc", "doc-pagelist", "doc-index", "toc", "page-list", "landmarks", "doc-backlink"), "structure"
    ),
    **dict.fromkeys(("complementary", "dialog", "alertdialog"), "part"),
    "banner": "header",
}
_NAMES: Mapping[str, Reason] = {"nav": "structure", "search": "structure", "dialog": "part", "form": "part"}
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_REMARKS = re.compile(
    r"\b(?:doc-)?(?:note|notice|tip|warning|caution|important|danger|info|hint|admonition|callout|definition|example|remember|attention|"
    r"key|topic|abstract|summary|pullquote|box|highlight|sidenote|footnotes?)"
)
_WHOLE = frozenset({"html", "body", "main"})
_OPENERS = frozenset({*HEADINGS, "summary", "dt"})
_SECTIONS = frozenset({"main", "article", "section"})
_IDS_OF_TEXT = frozenset({"section", "a", "span", "dt", "li", *HEADINGS})
_FEWEST_LINKS = 3
_LINKED = 0.9
_LONGEST_PAGER = 200
_SAID = 0.7
_WAY = re.compile(
    r"\W*(?:(?:next|prev|previous|up)\s*[:»›→].*|(?:next|previous|home|top|up|index|table of contents|back to .{1,30})\W*)",
    re.IGNORECASE,
)
_WAYS = re.compile(r"\b(?:next|prev|previous|up|home|top|back to|(?:table of )?contents|index)\b", re.IGNORECASE)


class Counts(NamedTuple):
    """What has been met since the page's start; letters are all that is not white space."""

    letters: int = 0
    prose: int = 0  # letters outside links
    jumps: int = 0  # letters in links to a place on the page
    links: int = 0
    mains: int = 0
    titles: int = 0

    def plus(self, other: Counts) -> Counts:
        """Count on."""
        return Counts(*map(add, self, other))

    def since(self, other: Counts) -> Counts:
        """Return what has been met since an earlier point."""
        return Counts(*map(sub, self, other))


@dataclass(slots=True, kw_only=True)
class Candidate:
    """An element that may be none of the article's: the kind of boilerplate, what says so, and what it holds."""

    element: Element
    kind: BoilerplateKind
    reason: Reason
    inside: Counts


def survey(root: Element) -> tuple[list[Candidate], Counts]:
    """Go once through a page.

    :param root: of the page.
    :returns: what may be hidden, in the page's order, and what the whole page holds.
    """
    walk = _Survey(controlled=_controlled(root))
    visit(root, walk.enter, walk.leave)
    return [candidate for _, candidate in sorted(walk.found, key=lambda entry: entry[0])], walk.counts


def _controlled(root: Element) -> frozenset[str]:
    """Return the ids of what a button on the page opens: not to be seen yet, and there to be read."""
    return frozenset(name for element in root.iter() for name in attribute(element, "aria-controls").split())


@dataclass(slots=True, kw_only=True)
class _Survey:
    """Goes once through a page, counts its letters, and collects the candidates."""

    controlled: frozenset[str]
    counts: Counts = field(default_factory=Counts)
    found: list[tuple[int, Candidate]] = field(default_factory=list)
    order: int = 0
    open: list[tuple[int, Counts]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    articles: int = 0

    def enter(self, element: Element) -> bool:
        """Take up an element and the text at its start."""
        name = name_of(element)
        self.order += 1
        self.open.append((self.order, self.counts))
        if name in SILENT or not name:
            return False
        main, title = name == "main" or attribute(element, "role") == "main", heading_level(element) == 1
        if main or title:
            self.counts = self.counts.plus(Counts(mains=main, titles=title))
        self.articles += name in _SECTIONS or attribute(element, "role") in _SECTIONS
        if name == "a" and element.get("href") is not None:
            self.links.append(str(element.get("href")))
            self.counts = self.counts.plus(Counts(links=1))
        self._text(element.text)
        return True

    def leave(self, element: Element) -> None:
        """Judge an element once its contents are known, then read the text after it."""
        order, before = self.open.pop()
        name = name_of(element)
        if name and name not in SILENT:
            if name == "a" and element.get("href") is not None:
                self.links.pop()
            self.articles -= name in _SECTIONS or attribute(element, "role") in _SECTIONS
            found = self._judge(element, name, self.counts.since(before))
            if found is not None:
                self.found.append((order, found))
        self._text(element.tail)

    def _judge(self, element: Element, name: str, inside: Counts) -> Candidate | None:
        if name in _WHOLE or not inside.letters:
            return None
        reason = self._reason(element, name, inside)
        kind: BoilerplateKind | None = "navigation" if reason else None
        by_name = None if name == "article" or name in HEADINGS else kind_by_names(_names(element, name))
        if by_name is not None and (reason is None or by_name != "navigation"):
            kind = by_name
        return None if kind is None else Candidate(element=element, kind=kind, reason=reason or "name", inside=inside)

    def _reason(self, element: Element, name: str, inside: Counts) -> Reason | None:
        """Return what but its names hides an element, or None."""
        if len(element.attrib):
            if self._is_unseen(element, inside):
                return "state"
            for role in tokens_of(element):
                if role in _ROLES and not (role == "banner" and self.articles):
                    return _ROLES[role]
        if name in _NAMES:
            return _NAMES[name]
        return self._by_place(element, name, inside)

    def _by_place(self, element: Element, name: str, inside: Counts) -> Reason | None:
        """Judge the elements whose part in a page depends on where they stand and what they hold."""
        match name:
            case "header" if not self.articles:
                return "header"
            case "footer" if not _within(element, ("blockquote", "figure")):
                return "structure"
            case "aside" if not (self.articles and _is_remark(element)):
                return "part"
            case "button" if not _says_all(element, inside.letters) and not inside.titles:
                return "structure"
            case "ul" | "ol" | "div" | "p" | "table" | "dl" if _is_contents(inside) or _is_pager(element, inside):
                return "structure"
        return None

    def _is_unseen(self, element: Element, inside: Counts) -> bool:
        """Tell whether an element is not shown, unless it is the text that a button or a tab will open."""
        hidden = element.get("hidden")
        unseen = (
            (hidden is not None and hidden.lower() != "until-found")
            or attribute(element, "aria-hidden") == "true"
            or (_UNSEEN.search(str(element.get("style") or "")) is not None)
        )
        if not unseen or name_of(next(iter(element), element)) == "math":  # a picture of the formula stands beside it
            return False
        opens = attribute(element, "role") == "tabpanel" or attribute(element, "id") in self.controlled
        return not (opens and inside.prose > inside.letters / 2)

    def _text(self, text: str | None) -> None:
        letters = len("".join(text.split())) if text else 0
        if letters:
            jump = bool(self.links) and self.links[-1].startswith("#")
            met = Counts(letters=letters, prose=0 if self.links else letters, jumps=letters if jump else 0)
            self.counts = self.counts.plus(met)


def _names(element: Element, name: str) -> list[str]:
    """Return the classes of an element and its id, unless that is the name of a section of the text."""
    classes = str(element.get("class") or "").split()
    given = str(element.get("id") or "")
    if name in _IDS_OF_TEXT or not given:
        return classes
    first = next(iter(element), None)
    title = (short_text(first) or "") if first is not None and heading_level(first) else ""
    return classes if plain(title) == plain(given) else [*classes, given]


def _within(element: Element, names: tuple[str, ...]) -> bool:
    return any(name_of(parent) in names for parent in parents(element))


def _says_all(button: Element, letters: int) -> bool:
    """Tell whether a button is all that a heading says, so that it opens the text below."""
    holders = (parent for parent in parents(button) if name_of(parent) in _OPENERS)
    holder = next(holders, None)
    return holder is not None and len("".join((short_text(holder) or "").split())) == letters


def _is_contents(inside: Counts) -> bool:
    """Tell whether an element holds next to nothing but links to places on the page."""
    return inside.links >= _FEWEST_LINKS and inside.jumps >= _LINKED * inside.letters


def _is_pager(element: Element, inside: Counts) -> bool:
    """Tell whether an element is a line that leads to the pages before, after and above."""
    if not inside.links or inside.letters > _LONGEST_PAGER or inside.prose > _SAID * inside.letters:
        return False
    text = " ".join((short_text(element) or "").split())
    return len(_WAYS.findall(text)) > 1 if inside.links > 1 else _WAY.fullmatch(text) is not None


def _is_remark(aside: Element) -> bool:
    """Tell whether an aside is a remark within the article: a warning, a definition."""
    return _REMARKS.search(" ".join([attribute(aside, "class"), *tokens_of(aside)])) is not None
