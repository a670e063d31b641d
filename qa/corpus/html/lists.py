"""A list element -> what a browser prints before each of its items."""

from __future__ import annotations

import re

from qa.corpus.html.tree import Element, attribute, name_of, short_text

BULLET = "-"
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
    (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_LABEL = re.compile(r"[•◦▪▫‣·*o–—-]\.?|\(?(?:\d{1,3}|[a-z]|[ivx]{1,6})[.)]", re.IGNORECASE)
_LABEL_LOOKS = re.compile(r"float:\s*left|symbols|bullet|number|label|marker|mso-list:\s*ignore")
_LARGEST_ROMAN = 3999
_LARGEST = 10**9


def ordinals_of(ordered: Element) -> dict[Element, int]:
    """Return the number of each item of an ordered list, as the list says: where it starts, which way it counts, and each item's value.

    :param ordered: the list.
    """
    items = [child for child in ordered if name_of(child) == "li"]
    step = 1 if ordered.get("reversed") is None else -1
    first = 1 if step > 0 else len(items)
    number = _integer(ordered.get("start"), first)
    numbered: dict[Element, int] = {}
    for item in items:
        number = _integer(item.get("value"), number)
        numbered[item] = number
        number += step
    return numbered


def bullet_of(ordered: Element, number: int) -> str:
    """Write an ordinal as the list's type has it.

    :param ordered: the list.
    :param number: of the item.
    """
    kind = str(ordered.get("type") or "1").strip()
    written = str(number)
    if kind in ("a", "A") and number > 0:
        written = _letters(number)
    elif kind in ("i", "I") and 0 < number <= _LARGEST_ROMAN:
        written = _roman(number)
    return f"{written.upper() if kind in ('A', 'I') else written}."


def label_of(item: Element) -> Element | None:
    """Return the element at an item's start that is its bullet, where the page writes it out.

    :param item: of a list.
    """
    place, first = item, next(iter(item), None)
    while first is not None and name_of(first) in ("p", "div") and not (place.text or "").strip():
        place, first = first, next(iter(first), None)
    if first is None or name_of(first) != "span" or (place.text or "").strip():
        return None
    looks = f"{attribute(first, 'class')} {attribute(first, 'style')}"
    return first if _LABEL_LOOKS.search(looks) and _LABEL.fullmatch((short_text(first) or "").strip()) else None


def _integer(value: str | bytes | None, otherwise: int) -> int:
    try:
        number = int(str(value)) if value is not None else otherwise
    except ValueError:
        return otherwise
    return number if abs(number) < _LARGEST else otherwise


def _letters(number: int) -> str:
    written = ""
    while number:
        number, rest = divmod(number - 1, 26)
        written = chr(ord("a") + rest) + written
    return written


def _roman(number: int) -> str:
    written = ""
    for value, numeral in _ROMAN:
        count, number = divmod(number, value)
        written += numeral * count
    return written
