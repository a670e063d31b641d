"""Word's XML: short names for its tags, parsing, and the ways to look things up that the rest of the reader shares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001 - the class has no public name

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PREFIXES = {
    W: "w:",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}": "mc:",
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}": "m:",
}
_OFF = frozenset({"0", "false", "off", "none"})
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{1,6}")
_TWIPS = {"pt": 20, "in": 1440, "cm": 567, "mm": 56.7, "pc": 240, "pi": 240}
_LOST = frozenset({"w:del", "w:moveFrom"})


def parse(raw: bytes) -> Element:
    """Parse a part of the package.

    :raises ValueError: when it is no XML.
    """
    try:
        return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error


def serialise(root: Element) -> bytes:
    """Write a part of the package."""
    return etree.tostring(root)


@cache
def short(tag: str) -> str:
    """Return a tag by its usual prefix, such as ``w:p``; of a name space that is not read, the bare name.

    :param tag: in lxml's notation.
    """
    space, _, name = tag.rpartition("}")
    return _PREFIXES.get(f"{space}}}", "") + name


def children(element: Element | None) -> Iterator[tuple[str, Element]]:
    """Walk through the elements right within one, each with its short tag; comments and the like are none."""
    for child in element if element is not None else ():
        if isinstance(child.tag, str):
            yield short(child.tag), child


def value(element: Element | None, *path: str) -> str | None:
    """Return ``w:val`` of the element that a path of tags without prefix leads to."""
    for name in path:
        element = element.find(W + name) if element is not None else None
    return element.get(f"{W}val") if element is not None else None


def flag(properties: Element | None, name: str) -> bool | None:
    """Return whether a property is on or off, or None where nothing is said of it."""
    found = properties.find(W + name) if properties is not None else None
    return None if found is None else is_on(found.get(f"{W}val", "1"))


def is_on(text: str | None) -> bool:
    """Tell whether the text of a switch means yes; an absent one means no."""
    return text is not None and text.lower() not in _OFF


def twips(text: str | None) -> int | None:
    """Read a measure: a number of twentieths of a point, or a number with its unit."""
    found = _NUMBER.match(text or "")
    return round(float(found[0]) * _TWIPS.get((text or "")[found.end() :], 1)) if found else None


def integer(text: str | None) -> int | None:
    """Read a whole number, or None."""
    found = _NUMBER.fullmatch(text or "")
    return int(float(found[0])) if found else None


def hexadecimal(text: str | None) -> int:
    """Read a number in hexadecimal digits; 0 where it is none."""
    return int(text, 16) if text and _HEXADECIMAL.fullmatch(text) else 0


def chosen(alternate: Element) -> Element | None:
    """Return which of the renderings of one thing is read: the first one that holds text, since each holds it all."""
    renderings = [child for _, child in children(alternate)]
    return next((each for each in renderings if next(each.iter(f"{W}t"), None) is not None), None)


def is_deleted(element: Element) -> bool:
    """Tell whether an element lies in what a tracked change takes away."""
    return any(short(above.tag) in _LOST for above in element.iterancestors())
