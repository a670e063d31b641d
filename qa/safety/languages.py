"""A message or a language tag in; the safety texts of its language, and its plainest cries for help, out.

Nothing here says where a person is: a language is spoken in many countries, so it never chooses whom to call.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypedDict, cast

from qa.safety.normalise import MAX_CHARACTERS, fold
from qa.safety.phrases import ends_only
from qa.types import Flag

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

ENGLISH = "en"
_FOLDER = files("qa.safety").joinpath("data", "languages")
_SENTENCE = re.compile(r"[.!?;\n…。！？；؟؛۔।]+")
_SPACE = re.compile(r"[^\w\u0900-\u09ff]+")
# One letter, written in several ways on Arabic and Urdu keyboards.
_VARIANTS = str.maketrans("یىےکہھةؤئ", "يييكهههوي")
# "s'étouffe" is heard as two words; "haengt" is "hängt" where a keyboard has no umlauts.
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘ʼ`´", " "))
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
# A gap within a phrase stays within the sentence and is no longer than this.
_GAP = 30
_STRETCH = 4
# Of a flood of one cry's beginning, the first and the last half are read.
_MOST_PLACES = 200
# Before a word of an alphabet that is written with spaces no other letter may stand.
_SPACED = re.compile(r"[a-zа-я0-9]")


# The parts of a phrase, with a gap between each and the next.
Phrase = tuple[str, ...]


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
    quiet: str
    cries: dict[str, str]
    flags: dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The safety texts of one language, and how its speakers cry for help.

    :param cries: per flag, what raises it; ``quiet`` takes a cry in the same sentence out of play.
    :param services: the name of a region's emergency number; ``generic`` stands in where there is none.
    """

    code: str
    texts: Mapping[str, str]
    flags: Mapping[str, tuple[str, str]]
    cries: tuple[tuple[str, Phrase], ...]
    quiet: tuple[Phrase, ...]

    def say(self, flag: Flag) -> Flag:
        """Return the flag in this language; a corpus' own flag has no other words than its own."""
        if flag.id not in self.flags:
            return flag
        title, action = self.flags[flag.id]
        return Flag(id=flag.id, title=title, action=action)

    def cried(self, message: str, stretches: AbstractSet[str]) -> dict[str, str]:
        """Return the flags that a message cries for, each with the words that do: those of its first sentence.

        :param message: plain, a sentence to a line.
        :param stretches: all its stretches of four letters, which rule most cries out.
        """
        quiet: dict[int, bool] = {}
        found: dict[str, tuple[int, int, str]] = {}
        for number, (flag, cry) in enumerate(self.cries):
            if len(cry[0]) >= _STRETCH and cry[0][:_STRETCH] not in stretches:
                continue
            for line in _lines(cry, message):
                if line not in quiet:
                    sentence = message[line : message.index("\n", line)]
                    quiet[line] = any(
                        phrase[0] in sentence and _lines(phrase, f"{sentence}\n") for phrase in self.quiet
                    )
                if not quiet[line]:
                    heard = (line, -number, " ".join(cry).strip())
                    found[flag] = min(found.get(flag, heard), heard)
                    break
        return {flag: words for flag, (_, _, words) in found.items()}


@cache
def translated() -> tuple[str, ...]:
    """Return the codes of the languages that have a file, in their order."""
    return tuple(sorted(path.name.removesuffix(".toml") for path in _FOLDER.iterdir() if path.name.endswith(".toml")))


@cache
def language(code: str) -> Language:
    """Return one of the ``translated`` languages, read from its file."""
    text = _FOLDER.joinpath(f"{code}.toml").read_text(encoding="utf-8")
    table = cast("_File", tomllib.loads(text))
    texts = cast("dict[str, str]", table["texts"])
    return Language(
        code=code,
        texts=texts,
        flags={
            id_: (title, action.replace("{call}", texts["call"])) for id_, (title, action) in table["flags"].items()
        },
        cries=tuple((flag, cry) for flag, text in table["cries"].items() for cry in _phrases(text)),
        quiet=_phrases(table["quiet"]),
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


def cries(message: str) -> tuple[str, dict[str, str]] | None:
    """Return the language in which ``message`` cries for help and the flags it raises; None if in none.

    Of languages alike ("bebé", "bebê") it is the one of which the most is heard.
    """
    sentences = dict.fromkeys(_plain(part) for part in _SENTENCE.split(message[:MAX_CHARACTERS]))
    plain = "".join(f"{sentence}\n" for sentence in sentences)
    stretches = {plain[at : at + _STRETCH] for at in range(len(plain))}
    heard = {code: language(code).cried(plain, stretches) for code in translated()}
    code = max(heard, key=lambda code: sum(map(len, heard[code].values())), default=ENGLISH)
    return (code, heard[code]) if heard.get(code) else None


def _plain(text: str) -> str:
    return f" {_SPACE.sub(' ', fold(text.translate(_APOSTROPHES)).translate(_VARIANTS)).strip()} "


def _phrases(text: str) -> tuple[Phrase, ...]:
    written = (each for each in re.split(r"[;\n]", text) if each.strip())
    return tuple(_phrase(each) for phrase in written for each in dict.fromkeys((phrase, phrase.translate(_UMLAUTS))))


def _phrase(text: str) -> Phrase:
    parts = [_plain(part).strip() for part in text.split("~")]
    return tuple(f" {part}" if _SPACED.match(part) else part for part in parts)


def _lines(phrase: Phrase, message: str) -> list[int]:
    """Return where each line begins that holds the parts in their order, each soon after the one before."""
    places = []
    at = message.find(phrase[0])
    while at >= 0:
        places.append(at)
        at = message.find(phrase[0], at + 1)
    followed = (at for at in ends_only(places, _MOST_PLACES) if _follow(phrase[1:], message, at + len(phrase[0])))
    return list(dict.fromkeys(message.rfind("\n", 0, at) + 1 for at in followed))


def _follow(parts: Phrase, message: str, at: int) -> bool:
    for part in parts:
        found = message.find(part, at, at + _GAP + len(part))
        if found < 0 or "\n" in message[at:found]:
            return False
        at = found + len(part)
    return True
