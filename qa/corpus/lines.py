"""A text -> its lines, with the facts about each that several stages ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa.types import Span

_BULLET = re.compile(
    r"(?P<indent>[ \t]*)(?P<mark>[-*•‣◦▪●·–—+]|(?<=[ \t])o|\d{1,3}[.)]|\[\d{1,3}\]|\(\d{1,2}\)|\([a-zA-Z]\)|\([ivx]{1,4}\)|[a-zA-Z]\))(?=[ \t]+\S)"
)
_ORDINAL = re.compile(r"\d+")
_WRITTEN = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullet:
    """The mark a list item starts with: its kind tells lists apart that stand at the same indentation."""

    span: Span
    indent: int
    kind: str
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line without the white space around it; ``bullet`` where it is a list item."""

    span: Span
    text: str
    indent: int
    bullet: Bullet | None

    @property
    def blank(self) -> bool:
        """Tell whether nothing stands on the line."""
        return not self.text


def lines_of(text: str) -> list[Line]:
    """Split a text at its line feeds; blank lines in a row are one, however many there are.

    :param text: the whole text.
    """
    lines: list[Line] = []
    after = 0
    for found in _WRITTEN.finditer(text):
        raw, at = found[0], found.start()
        bare = raw.strip()
        if not bare:
            continue
        if at > after:
            lines.append(_blank(after))
        indent = len(raw) - len(raw.lstrip())
        span = Span(start=at + indent, end=at + indent + len(bare))
        lines.append(Line(span=span, text=bare, indent=indent, bullet=_bullet_of(raw, at)))
        after = found.end() + 1
    if after <= len(text):
        lines.append(_blank(after))
    return lines


def _blank(at: int) -> Line:
    return Line(span=Span(start=at, end=at), text="", indent=0, bullet=None)


def _bullet_of(raw: str, at: int) -> Bullet | None:
    found = _BULLET.match(raw)
    if found is None:
        return None
    mark = found["mark"]
    digits = _ORDINAL.search(mark)
    kind = _ORDINAL.sub("1", mark) if digits else re.sub(r"[a-zA-Z]+", "a", mark)
    return Bullet(
        span=Span(start=at + found.start("mark"), end=at + found.end("mark")),
        indent=len(found["indent"].expandtabs(4)),
        kind=kind,
        number=int(digits[0]) if digits else None,
    )
