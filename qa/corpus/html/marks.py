"""An element within a line -> whether it is raised, a mark to a place on the page, or a link that says nothing."""

from __future__ import annotations

import re

from qa.corpus.html.tree import BLOCKS, Element, attribute, fragment_of, name_of, short_text

_PERMALINK_NAMES = re.compile(
    r"\b(?:header-?link|anchor|permalink|heading-?link|hash-?link|anchorjs-link|direct-link)\b"
)
_PERMALINK = re.compile(
    r"\s*(?:(?:perma)?link(?: to this (?:heading|section|headline))?|anchor|copy link)\s*", re.IGNORECASE
)
_LONGEST_RAISED = 40
_RAISED = re.compile(r"vertical-align\s*:\s*(?:super\b|text-super|[1-9]\d*(?:\.\d+)?%)", re.IGNORECASE)
_CLASS = re.compile(r"(?:^|[\s,])(?:span|a|sup)?\.([\w-]+)(?=\s*(?:,|$))")


def raised_classes(css: str) -> frozenset[str]:
    """Return the classes that a style sheet raises above the line.

    :param css: the style sheet.
    """
    rules = (rule.rpartition("{") for rule in css.split("}"))
    selectors = (head.rpartition("{")[2] for head, _, body in rules if _RAISED.search(body))
    return frozenset(name for selector in selectors for name in _CLASS.findall(selector.lower()))


def raised_text(element: Element, name: str, classes: frozenset[str]) -> str | None:
    """Return the text of a superscript, or None for what is none, or too much for one.

    :param element: within a line.
    :param name: of the element.
    :param classes: those that the page's style raises.
    """
    if name != "sup" and not _is_styled(element, name, classes):
        return None
    text = short_text(element)
    if text is None or len(text) > _LONGEST_RAISED or next(element.iter(*BLOCKS), None) is not None:
        return None
    return text


def _is_styled(element: Element, name: str, classes: frozenset[str]) -> bool:
    if name == "sub" or not len(element.attrib):
        return False
    raised = _RAISED.search(str(element.get("style") or "")) is not None
    return raised or not classes.isdisjoint(attribute(element, "class").split())


def formula_sign(element: Element) -> str:
    """Return the sign to write before a part of a formula that only its place tells from the part before it."""
    parent = element.getparent()
    if parent is None or element.getprevious() is None:
        return ""
    return {"mfrac": "/", "msup": "^"}.get(name_of(parent), "")


def leads_to_place(raised: Element) -> bool:
    """Tell whether a superscript is, or holds, a link to a place on the page."""
    parent = raised.getparent()
    links = list(raised.iter("a"))
    if (
        parent is not None
        and name_of(parent) == "a"
        and (short_text(parent) or "").strip() == (short_text(raised) or "").strip()
    ):
        links.append(parent)
    return any(fragment_of(str(link.get("href") or "")) for link in links)


def is_permalink(link: Element, name: str) -> bool:
    """Tell whether a link in a heading leads to the heading itself and says nothing."""
    if name != "a":
        return False
    text = short_text(link) or ""
    jumps = "#" in str(link.get("href") or "")
    if jumps and not any(character.isalnum() for character in text):
        return True
    return _PERMALINK_NAMES.search(attribute(link, "class")) is not None and _PERMALINK.fullmatch(text) is not None
