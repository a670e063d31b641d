"""A language tag in; the safety texts of its language out. What is cried in it is ``cries.py``'s.

Nothing here says where a person is: a language is spoken in many countries, so it never chooses whom to call.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypedDict, cast

from qa.types import Flag

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH = "en"
# A part of Accept-Language: a language range and its weight, with spaces and tabs around the semicolon.
_RANGE = re.compile(
    r"(?P<tag>\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)(?:[ \t]*;[ \t]*q=(?P<quality>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?",
    re.IGNORECASE | re.ASCII,
)
FOLDER = files("qa.safety").joinpath("data", "languages")


class _Texts(TypedDict):
    call: str
    emergency: str
    crisis: str
    emergency_limits: str
    crisis_limits: str
    services: str
    generic: str


class _File(TypedDict):
    texts: _Texts
    flags: dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The safety texts of one language.

    :param services: the name of a region's emergency number; ``generic`` stands in where there is none.
    """

    code: str
    texts: Mapping[str, str]
    flags: Mapping[str, tuple[str, str]]

    def say(self, flag: Flag) -> Flag:
        """Return the flag in this language; a corpus' own flag has no other words than its own."""
        if flag.id not in self.flags:
            return flag
        title, action = self.flags[flag.id]
        return Flag(id=flag.id, title=title, action=action)


@cache
def translated() -> tuple[str, ...]:
    """Return the codes of the languages that have a file, in their order."""
    return tuple(sorted(path.name.removesuffix(".toml") for path in FOLDER.iterdir() if path.name.endswith(".toml")))


@cache
def language(code: str) -> Language:
    """Return one of the ``translated`` languages, read from its file."""
    text = FOLDER.joinpath(f"{code}.toml").read_text(encoding="utf-8")
    table = cast("_File", tomllib.loads(text))
    texts = cast("dict[str, str]", table["texts"])
    return Language(
        code=code,
        texts=texts,
        flags={
            id_: (title, action.replace("{call}", texts["call"])) for id_, (title, action) in table["flags"].items()
        },
    )


def choose(tag: str | None) -> str | None:
    """Return the language to speak for a BCP 47 tag, None for one that the safety texts do not speak."""
    primary = tag.split("-")[0].lower() if tag else None
    return primary if primary == ENGLISH or primary in translated() else None


def accepted(header: str) -> str | None:
    """Return the best language of an ``Accept-Language`` header that the safety texts speak, None if it names none.

    The header comes from anywhere: a part that does not follow RFC 9110, section 12.5.4, is passed over. ``*`` stands for
    English unless another part names English.
    """
    ranges = [found for part in header.split(",") if (found := _RANGE.fullmatch(part.strip(" \t")))]
    spoken = [choose(found["tag"]) for found in ranges]
    best: tuple[float, str | None] = (0.0, None)
    for found, code in zip(ranges, spoken, strict=True):
        chosen = ENGLISH if found["tag"] == "*" and ENGLISH not in spoken else code
        quality = float(found["quality"] or 1)
        # Of equals the first is kept.
        if chosen and quality > best[0]:
            best = quality, chosen
    return best[1]
