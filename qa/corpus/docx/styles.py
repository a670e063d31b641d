"""styles.xml -> what a paragraph and a run look like, directly or through their styles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.corpus.docx.xml import Element, W, flag, integer, twips, value

_HEADING = re.compile(r"heading\s*([1-9])", re.IGNORECASE)
# Ids and names are in the language of whoever made the style, unless the program knew it for Word's own.
_FOREIGN_HEADING = re.compile(
    r"(?:u?berschrift|überschrift|titre|título|titulo|titolo|kop|rubrik|overskrift|nagłówek|nagwek|otsikko|заголовок)\s*([1-9])",
    re.IGNORECASE,
)
_LISTING = re.compile(r"(?:toc|index)\s*(?:heading|[1-9])|table of (?:figures|authorities)|toa heading", re.IGNORECASE)
_CODE = re.compile(r"source code|html preformatted|preformatted text|code(?: block)?", re.IGNORECASE)
_DEEPEST = 9
_LONGEST_CHAIN = 20  # Word itself allows ten
_LIKE_NUMBERS = re.compile(r"[\[(]?[\d\s,;–-]+[\])]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """Where a paragraph counts: the list's id (0 for none) and the level from 0; None where only the style knows it."""

    list_id: str
    level: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a paragraph is: ``level`` is a heading's (0 of none), ``indent`` in twips, None where nothing is said."""

    style: str
    level: int
    numbering: Numbering | None
    indent: int | None
    is_title: bool
    is_listing: bool
    is_code: bool


class Styles:
    """The styles of one document."""

    def __init__(self, root: Element | None) -> None:
        """Index the styles by their ids.

        :param root: of the part, None where the document has none.
        """
        found = () if root is None else root.findall(f"{W}style")
        self._by_id = {style.get(f"{W}styleId", ""): style for style in found}
        defaults = (each for each in found if each.get(f"{W}type") == "paragraph" and each.get(f"{W}default") == "1")
        default = next(defaults, None)
        self._default = default.get(f"{W}styleId", "") if default is not None else ""
        self._flags: dict[tuple[str, str], bool | None] = {}

    def numbering(self, style: str) -> Numbering | None:
        """Return where the paragraphs of a style count."""
        return next((found for each in self._chain(style) if (found := _numbering(each.find(f"{W}pPr")))), None)

    def shape(self, properties: Element | None) -> Shape:
        """Say what a paragraph is.

        :param properties: its ``w:pPr``.
        """
        style = value(properties, "pStyle") or self._default
        names = [value(each, "name") or "" for each in self._chain(style)]
        listing = bool(names) and _LISTING.fullmatch(names[0]) is not None
        title = "title" in [name.casefold() for name in names[:1]] or style == "Title"
        return Shape(
            style=style,
            level=0 if listing else self._level(properties, style, names) or int(title),
            numbering=_numbering(properties) or self.numbering(style),
            indent=self._indent(properties, style),
            is_title=title,
            is_listing=listing,
            is_code=any(_CODE.fullmatch(name) for name in names),
        )

    def is_on(self, name: str, properties: Element | None, styles: Sequence[str]) -> bool:
        """Tell whether a switch such as ``b`` is on for a run.

        :param properties: the run's own.
        :param styles: the ids of its style and of its paragraph's; the first to say something has it.
        """
        own = flag(properties, name)
        told = (own, *(self._flag(name, style) for style in styles))
        return next((each for each in told if each is not None), False)

    def is_raised(self, properties: Element | None, style: str, text: str) -> bool:
        """Tell whether a run stands above the line, as superscript or by its position.

        :param properties: the run's own.
        :param style: the id of its style.
        :param text: the run's; by position alone only numbers are superscript, as a whole line may be moved.
        """
        sources = [properties, *(each.find(f"{W}rPr") for each in self._chain(style))]
        aligned = next((found for each in sources if (found := value(each, "vertAlign"))), None)
        if aligned is not None:
            return aligned == "superscript"
        position = next((found for each in sources if (found := value(each, "position"))), None)
        return (integer(position) or 0) > 0 and _LIKE_NUMBERS.fullmatch(text) is not None

    def _chain(self, style: str) -> Iterator[Element]:
        """Walk from a style through those that it is based on."""
        seen: set[str] = set()
        while style in self._by_id and style not in seen and len(seen) < _LONGEST_CHAIN:
            seen.add(style)
            yield self._by_id[style]
            style = value(self._by_id[style], "basedOn") or ""

    def _flag(self, name: str, style: str) -> bool | None:
        key = (name, style)
        if key not in self._flags:
            told = (flag(each.find(f"{W}rPr"), name) for each in self._chain(style))
            self._flags[key] = next((each for each in told if each is not None), None)
        return self._flags[key]

    def _level(self, properties: Element | None, style: str, names: Sequence[str]) -> int:
        """Return a heading's level, 0 where the paragraph is none."""
        outlines = [value(properties, "outlineLvl"), *(value(each, "pPr", "outlineLvl") for each in self._chain(style))]
        outline = next((level for each in outlines if (level := integer(each)) is not None), None)
        if outline is not None:
            return outline + 1 if 0 <= outline < _DEEPEST else 0
        for pattern, texts in ((_HEADING, [*names, style]), (_FOREIGN_HEADING, [*names, style])):
            if match := next((found for text in texts if (found := pattern.fullmatch(text))), None):
                return int(match[1])
        return 0

    def _indent(self, properties: Element | None, style: str) -> int | None:
        sources = [properties, *(each.find(f"{W}pPr") for each in self._chain(style))]
        return next((found for each in sources if (found := indent_of(each)) is not None), None)


def _numbering(properties: Element | None) -> Numbering | None:
    found = properties.find(f"{W}numPr") if properties is not None else None
    list_id = value(found, "numId")
    return None if list_id is None else Numbering(list_id=list_id, level=integer(value(found, "ilvl")))


def indent_of(properties: Element | None) -> int | None:
    """Return how far a paragraph stands in, in twips, None where its properties say nothing of it.

    :param properties: a ``w:pPr``.
    """
    found = properties.find(f"{W}ind") if properties is not None else None
    if found is None:
        return None
    return twips(found.get(f"{W}left") or found.get(f"{W}start"))
