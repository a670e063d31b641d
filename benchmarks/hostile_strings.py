"""A seed -> strings that break services: every plane of Unicode, floods, fragments of rules, metacharacters."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qa.safety.languages import translated
from qa.safety.recipes import recipes
from qa.safety.rules import load_lexicon, load_phrases

LENGTHS = (1, 1_000, 8_000, 100_000)
_SURROGATES = range(0xD800, 0xE000)
_META = (
    *("+", "-", "&&", "||", "!", "(", ")", "{", "}", "[", "]", "^", '"', "~", "*", "?", ":", "\\", "/", "text:", "AND NOT "),
    *("(a+)+$", ".*", "[^]", "(?:", "\\b", "\\x00", "%s%n", "%00", "${7*7}", "{{7*7}}", "<%= 1 %>", "$(id)", "`id`", "';--"),
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "]]>", "&lt;", "\r\nSet-Cookie: a=b", "../../etc/passwd"),
)  # fmt: skip
_INVISIBLE = "\u202e\u202d\u2066\u2067\u2069\u200b\u200d\u200f\ufeff\u00ad\u2060"
_UNFOLDING = "\ufdfa\ufdfb㍿㋿ﬃ㎏㌖\u1e9b\u0344\u0390"
_JOINED = ("👩‍❤️‍💋‍👨", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🧑🏿‍🚀", "🇺🇳", "#️⃣", "👩‍👩‍👧‍👦‍👦‍👦")
_MARKS = "\u0300\u0301\u0316\u0317\u0327\u0338\u0345\u0489\u20dd\u302a\U0001d165\U0001d16d"
# The rules' own notation, of which only plain phrases are words.
_NOTATION = set("|@~#*_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """A string and where it comes from."""

    kind: str
    text: str


def hostile(count: int, seed: int, sets: Sequence[Path]) -> Iterator[Hostile]:
    """Yield the rows of the sets, then generated strings, ``count`` in all.

    :param sets: files of JSON lines with ``question``, ``query`` or ``text``.
    """
    rows = [row for path in sets for row in _rows(path)][:count]
    yield from rows
    draw = random.Random(seed)
    kinds = list(KINDS)
    for number in range(count - len(rows)):
        kind = kinds[number % len(kinds)]
        yield Hostile(kind=kind, text=KINDS[kind](draw, _length(draw)))


def _rows(path: Path) -> Iterator[Hostile]:
    for line in path.read_text("utf-8").split("\n"):
        if line:
            row = json.loads(line)
            yield Hostile(kind=path.parent.name, text=row.get("question") or row.get("query") or row.get("text", ""))


def _length(draw: random.Random) -> int:
    """Draw one of the lengths at which something changes, or more often one that a question has."""
    asked = draw.randint(2, 80)
    return draw.choice((*(asked,) * 10, *(draw.randint(81, 999),) * 4, *LENGTHS, *LENGTHS[:2]))


def _of(draw: random.Random, length: int, pieces: Sequence[str], *between: str) -> str:
    """Return pieces drawn at random, up to a length."""
    found, size = [], 0
    while size < length:
        found.append(draw.choice(pieces) + (draw.choice(between) if between else ""))
        size += len(found[-1]) or 1
    return "".join(found)[:length]


def _any_plane(draw: random.Random, length: int) -> str:
    plane = draw.randrange(17)
    return "".join(chr(plane * 0x10000 + draw.randrange(0x10000)) for _ in range(length))


def _every_plane(draw: random.Random, length: int) -> str:
    return "".join(chr(draw.randrange(0x110000)) for _ in range(length))


def _combining(draw: random.Random, length: int) -> str:
    """Return one letter under marks, those that are written first coming last."""
    return "a" + "".join(sorted((draw.choice(_MARKS) for _ in range(length - 1)), reverse=draw.random() < 1 / 2))


def _flood(pieces: Sequence[str]) -> Callable[[random.Random, int], str]:
    return lambda draw, length: (_of(draw, 60, pieces, "", " ", ". ", ", ") * length)[:length]


def _mixture(pieces: Sequence[str]) -> Callable[[random.Random, int], str]:
    return lambda draw, length: _of(draw, length, pieces, " ", " ", ", ", ". ", "\n")


def _rule_words(draw: random.Random, length: int) -> str:
    return _mixture(_phrases())(draw, length)


def _rule_flood(draw: random.Random, length: int) -> str:
    return _flood(_phrases())(draw, length)


def _nested(draw: random.Random, length: int) -> str:
    opening, closing = draw.choice(("()", "[]", "{}", "<>", '""', "((", "$("))
    return opening * (length // 2) + "a" + closing * (length // 2)


def _misspelt(draw: random.Random, length: int) -> str:
    """Return rule words with two slips each, no two alike."""
    return " ".join(_slipped(draw, draw.choice(_long_words())) for _ in range(length // 6 + 1))[:length]


def _slipped(draw: random.Random, word: str) -> str:
    letters = list(word)
    for _ in range(2):
        letters[draw.randrange(1, len(letters))] = draw.choice(string.ascii_lowercase)
    return "".join(letters)


def _unknown(draw: random.Random, length: int) -> str:
    size = draw.choice((5, 9, 13, 25, length))
    words = ("".join(draw.choices(string.ascii_lowercase, k=size)) for _ in range(length // (size + 1) + 1))
    return " ".join(words)[:length]


def _cries(draw: random.Random, length: int) -> str:
    """Return the beginnings of cries for help in all languages or one, none of them ended."""
    codes = draw.choice((translated(), (draw.choice(translated()),)))
    return _of(draw, length, [cry for code in codes for cry in _beginnings(code)], " ", ". ", "")


def _one_beginning(draw: random.Random, length: int) -> str:
    return (f"{draw.choice(_beginnings(draw.choice(translated())))} " * length)[:length]


@cache
def _beginnings(code: str) -> list[str]:
    return sorted({atom.strip() for atoms in recipes(code).atoms.values() for atom, _ in atoms})


@cache
def _phrases() -> list[str]:
    """Return every plain phrase of the rules and of what takes them out of play."""
    tables = (*load_lexicon().values(), *load_phrases("cues.toml").values())
    return sorted({phrase for phrases in tables for phrase in phrases if not _NOTATION.intersection(phrase)})


@cache
def _long_words() -> list[str]:
    return sorted({word for phrase in _phrases() for word in phrase.split() if len(word) > 7})  # noqa: PLR2004


KINDS: dict[str, Callable[[random.Random, int], str]] = {
    "one plane": _any_plane,
    "every plane": _every_plane,
    "surrogates": lambda draw, length: "".join(chr(draw.choice(_SURROGATES)) for _ in range(length)),
    "controls": lambda draw, length: _of(draw, length, [chr(code) for code in range(0xA0)]),
    "NULs": lambda _, length: "\0" * length,
    "marks": _combining,
    "overrides": _mixture(["cramp", "leg", "why", *_INVISIBLE]),
    "invisible": lambda draw, length: _of(draw, length, _INVISIBLE),
    "unfolding": _flood(_UNFOLDING),
    "emoji": _flood(_JOINED),
    "one word": lambda draw, length: draw.choice("aé漢x1\u0661") * length,
    "brackets": _nested,
    "metacharacters": _mixture(_META),
    "metacharacters flood": _flood(_META),
    "digits": _mixture(["1", "9" * 40, "1e999", "٣", "²", "Ⅷ", "12,5", "-0", "0x1F"]),
    "unknown words": _unknown,
    "misspelt": _misspelt,
    "rule words": _rule_words,
    "rule words flood": _rule_flood,
    "beginnings of cries": _cries,
    "beginning flood": _one_beginning,
    "sentences": lambda draw, length: _of(draw, length, "abc0", ". ", "? ", "! "),
}
