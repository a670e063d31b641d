"""numbering.xml -> the bullet or number that stands before each paragraph of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from qa.corpus.docx.styles import Styles, indent_of
from qa.corpus.docx.xml import Element, W, flag, integer, value

_PLACE = re.compile(r"%([1-9])")
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_LETTERS = 26
_MOST_LEVELS = 50
_LARGEST = 9999  # that is written in letters or in Roman numerals


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What stands before a paragraph: empty where nothing is seen; ``starts`` where it counts anew."""

    text: str
    level: int
    indent: int | None
    starts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """How one level of a list counts."""

    form: str
    text: str
    start: int
    indent: int | None
    restart: int | None
    legal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """One list: which counters it shares, its levels, and where it starts them anew."""

    abstract: str
    levels: Mapping[int, _Level]
    starts: Mapping[int, int]
    by_style: Mapping[str, int]


@dataclass(slots=True)
class Counter:
    """Counts the paragraphs of every list, in the order of the document."""

    root: Element | None
    styles: Styles
    _lists: dict[str, _List | None] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)
    _by_id: dict[str, dict[str, Element]] = field(default_factory=dict)
    _written: dict[Element, list[Element]] = field(default_factory=dict)

    def label(self, list_id: str, level: int | None, style: str) -> Label | None:
        """Count a paragraph.

        :param list_id: of the list.
        :param level: from 0, None where the paragraph's style stands for one.
        :param style: the paragraph's.
        :returns: what stands before it, or None where there is no such list.
        """
        if list_id not in self._lists:
            self._lists[list_id] = self._read(list_id)
        found = self._lists[list_id]
        if found is None:
            return None
        place = found.by_style.get(style, 0) if level is None else level
        rule = found.levels.get(place)
        if rule is None:
            return None
        starts = self._count(list_id, found, place, rule)
        return Label(text=self._text(found, place, rule), level=place, indent=rule.indent, starts=starts)

    def _count(self, list_id: str, found: _List, place: int, rule: _Level) -> bool:
        """Advance a level and forget those below it; tell whether it counts anew."""
        counts = self._counts.setdefault(found.abstract, {})
        if place in found.starts and (list_id, place) not in self._begun:
            counts.pop(place, None)
        self._begun.add((list_id, place))
        starts = place not in counts
        counts[place] = found.starts.get(place, rule.start) if starts else counts[place] + 1
        for deeper, other in found.levels.items():
            after = deeper if other.restart is None else other.restart
            if deeper > place and after > place:
                counts.pop(deeper, None)
        return starts

    def _text(self, found: _List, place: int, rule: _Level) -> str:
        if rule.form == "bullet":
            return "-" if rule.text.strip() else ""
        counts = self._counts[found.abstract]

        def number(match: re.Match[str]) -> str:
            level = int(match[1]) - 1
            other = found.levels.get(level)
            if other is None or level > place:
                return ""
            form = "decimal" if rule.legal else other.form
            return _formatted(counts.setdefault(level, other.start), form)

        return _PLACE.sub(number, rule.text).strip()

    # --- reading the part -------------------------------------------------------------------------

    def _read(self, list_id: str) -> _List | None:
        num = self._find("num", "numId", list_id)
        if num is None:
            return None
        abstract = self._abstract(value(num, "abstractNumId") or "")
        if abstract is None:
            return None
        if abstract not in self._written:
            self._written[abstract] = list(islice(abstract.iter(f"{W}lvl"), _MOST_LEVELS))
        written = [*self._written[abstract], *islice(num.iter(f"{W}lvl"), _MOST_LEVELS)]
        own = islice(num.iter(f"{W}lvlOverride"), _MOST_LEVELS)
        overrides = {_place(each): integer(value(each, "startOverride")) for each in own}
        return _List(
            abstract=abstract.get(f"{W}abstractNumId", ""),
            levels={_place(each): _level(each) for each in written},
            starts={place: start for place, start in overrides.items() if start is not None},
            by_style={style: _place(each) for each in written if (style := value(each, "pStyle"))},
        )

    def _find(self, tag: str, attribute: str, id_: str) -> Element | None:
        if tag not in self._by_id:
            found = () if self.root is None else self.root.findall(W + tag)
            self._by_id[tag] = {each.get(W + attribute, ""): each for each in reversed(found)}
        return self._by_id[tag].get(id_)

    def _abstract(self, id_: str) -> Element | None:
        """Return how a list is written; a list may leave that to a style, whose own list says it."""
        abstract = self._find("abstractNum", "abstractNumId", id_)
        link = value(abstract, "numStyleLink")
        if abstract is None or link is None:
            return abstract
        numbering = self.styles.numbering(link)
        num = self._find("num", "numId", numbering.list_id) if numbering else None
        linked = self._find("abstractNum", "abstractNumId", value(num, "abstractNumId") or "")
        return abstract if linked is None else linked


def _place(element: Element) -> int:
    return integer(element.get(f"{W}ilvl")) or 0


def _level(element: Element) -> _Level:
    return _Level(
        form=value(element, "numFmt") or "decimal",
        text=value(element, "lvlText") or "",
        start=integer(value(element, "start")) or 0,
        indent=indent_of(element.find(f"{W}pPr")),
        restart=integer(value(element, "lvlRestart")),
        legal=bool(flag(element, "isLgl")),
    )


def _formatted(number: int, form: str) -> str:
    match form:
        case "lowerLetter" | "upperLetter" | "lowerRoman" | "upperRoman" if number > _LARGEST:
            text = str(number)
        case "lowerLetter" | "upperLetter" if number > 0:
            text = chr(ord("a") + (number - 1) % _LETTERS) * ((number - 1) // _LETTERS + 1)
        case "lowerRoman" | "upperRoman" if number > 0:
            text = roman(number)
        case "decimalZero":
            text = f"{number:02}"
        case "none":
            text = ""
        case _:
            text = str(number)
    return text.upper() if form.startswith("upper") else text


def roman(number: int) -> str:
    """Write a number in small Roman numerals."""
    text = ""
    for size, letters in _ROMAN:
        text += letters * (number // size)
        number %= size
    return text
