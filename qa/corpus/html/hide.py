"""An element tree -> the elements whose text is none of the article's: navigation, adverts, what is not shown.

Nothing is deleted; the walk marks what is named here. To hide an article is worse than to show a menu: what a class
name, a form or a state alone would hide stays where it holds most of the page's prose.
"""

from __future__ import annotations

import re

from qa.corpus.html.meta import site_in
from qa.corpus.html.survey import Candidate, Counts, survey
from qa.corpus.html.tree import HEADINGS, Element, heading_level, name_of, parents, plain, short_text
from qa.types import BoilerplateKind

_CONTENTS = re.compile(
    r"(?:table of )?contents|(?:on|in) this (?:page|article|section)|inhalt(?:sverzeichnis)?|sommaire", re.IGNORECASE
)
_MUCH = 500  # letters of prose that no sidebar holds
_LITTLE = 0.1


def hidden_of(root: Element) -> dict[Element, BoilerplateKind]:
    """Find what is to be marked as boilerplate: the outermost elements, and the kind of each.

    :param root: of the page.
    """
    candidates, total = survey(root)
    for reasons in (("structure", "part", "header", "state", "name"), ("structure", "part", "header", "state")):
        hidden = _chosen([entry for entry in candidates if entry.reason in reasons], total)
        if total.prose - sum(entry.inside.prose for entry in hidden) > _LITTLE * total.prose:
            break
    if sum(entry.inside.letters for entry in hidden) >= total.letters:
        hidden = [entry for entry in hidden if entry.reason == "state"]
    return _marked(hidden, total, *_own_titles(root))


def _own_titles(root: Element) -> tuple[str, str]:
    """Return what the page's head calls the page, and what it calls the site, as plain letters."""
    title = next(root.iter("title"), None)
    said = " ".join((short_text(title) or "").split()) if title is not None else ""
    headings = (short_text(element) or "" for element in root.iter(*HEADINGS) if heading_level(element) > 1)
    return plain(said), site_in(said, frozenset(map(plain, headings)))


def _chosen(candidates: list[Candidate], total: Counts) -> list[Candidate]:
    """Keep the outermost candidates that do not hold what the page is about."""
    chosen: list[Candidate] = []
    taken: set[Element] = set()
    for candidate in candidates:
        if any(parent in taken for parent in parents(candidate.element)) or _holds_article(candidate, total):
            continue
        chosen.append(candidate)
        taken.add(candidate.element)
    return chosen


def _holds_article(candidate: Candidate, total: Counts) -> bool:
    inside = candidate.inside
    if inside.mains:
        return True
    if candidate.reason == "structure":
        return False
    return inside.prose > _MUCH and inside.prose > total.prose / 2


def _marked(hidden: list[Candidate], total: Counts, page: str, site: str) -> dict[Element, BoilerplateKind]:
    """Name the elements to hide; around the page's title, only the parts of its header that do not hold it."""
    marked: dict[Element, BoilerplateKind] = {}
    lost = sum(entry.inside.titles for entry in hidden)
    for entry in hidden:
        titles = [plain(short_text(element) or "") for element in entry.element.iter() if heading_level(element) == 1]
        own = page in titles or (lost == total.titles and site not in titles)
        title = entry.reason in ("header", "name", "part") and bool(titles) and own
        for element in _around_title(entry.element) if title else (entry.element,):
            marked[element] = entry.kind
            if (heading := _contents_heading(element)) is not None:
                marked[heading] = entry.kind
    return marked


def _around_title(header: Element) -> list[Element]:
    """Return the parts of a header that do not hold a first-level heading."""
    holding = {header}
    for title in header.iter():
        if heading_level(title) == 1:
            holding.update(parents(title))
            holding.add(title)
    return [
        child
        for parent in header.iter()
        if parent in holding and heading_level(parent) != 1
        for child in parent
        if child not in holding
    ]


def _contents_heading(contents: Element) -> Element | None:
    """Return the heading right before a hidden table of contents that only names it."""
    before = contents.getprevious()
    if before is None or not (heading_level(before) or name_of(before) == "p"):
        return None
    return before if _CONTENTS.fullmatch((short_text(before) or "").strip(" \n:")) else None
