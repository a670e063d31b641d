"""A language tag in; the safety texts of its language out. What is cried in it is ``cries.py``'s.

Nothing here says where a person is: a language is spoken in many countries, so it never chooses whom to call.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypedDict, cast

from qa.types import Flag

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH = "en"
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
    """Return the best language of an ``Accept-Language`` header that the safety texts speak."""
    weighed = []
    for number, part in enumerate(header.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weighed.append((-float(quality or 1), number, choose(tag.strip())))
        except ValueError:  # the header comes from anywhere
            continue
    return next((code for weight, _, code in sorted(weighed, key=lambda row: row[:2]) if code and weight), None)
