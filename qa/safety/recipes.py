"""A language's file in; its recipes out: what raises a flag when it is said, and what takes it back.

They are written without capitals and accents, as :func:`fold` leaves a message:

- ``;`` or a line ends a recipe. ``a ~ b``: a, and soon after it b. ``a > b``: at once. ``a + b``: in either order.
- ``a|b``: one as good as the other. ``@name``: any of ``[words]`` under that name.
- A word stands for every word that begins with it; ``.`` is a word's edge, so ``.sin.`` is "sin" and no other;
  ``^`` is where a sentence or a clause begins.

``alike`` are spellings to read as one. ``typical`` are words that show what language a message is in. Where a language
is written without ``spaces``, or puts ``prefixes`` to its words, a word may begin anywhere. ``quiet`` takes the cries
of a sentence out of play (questions of knowledge, what was years ago, idiom), ``denied`` those of a clause; after
``breaks`` ("but now") both start anew.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from qa.errors import QaError
from qa.safety.languages import FOLDER
from qa.safety.normalise import MAX_CHARACTERS, fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_SENTENCE = re.compile(r"[.!?;\n…。！？；؟؛۔।]+")
_CLAUSE = re.compile(r"[,:()\[\]–—،、，：（）]+|(?<=\s)-(?=\s)")
_NO_WORD = re.compile(r"[^\w\u0900-\u09ff\n,]+")
# One letter, written in several ways on Arabic and Urdu keyboards; apostrophes part words ("s'étouffe").
_LETTERS = str.maketrans("یىےکہھةؤئ'’‘ʼ`´", "يييكهههوي      ", "ـ")
# How far apart the parts of a phrase may stand, in characters, with spaces between words and without.
_GAPS, _SHORT_GAPS = {"~": 30, "+": 30, ">": 9}, {"~": 14, "+": 14, ">": 2}
# As many characters of an atom are looked up before the rest is compared.
_KEY, _SHORT_KEY = 4, 2

# The parts of a phrase, by number; each with how far after the one before it may stand, in the order they are said in.
Phrase = tuple[tuple[int, int], ...]


class _File(TypedDict):
    alike: NotRequired[str]
    spaces: NotRequired[bool]
    prefixes: NotRequired[bool]
    typical: str
    quiet: str
    denied: str
    breaks: str
    words: dict[str, str]
    cries: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipes:
    """The recipes of one language.

    :param cries: the phrases that raise flags, by their first part.
    :param starts: where an atom may begin in a text.
    :param atoms: what is looked for in a text, by its first characters; each with the numbers of the parts it stands for.
    :param widths: how many characters the keys of ``atoms`` have.
    """

    alike: tuple[tuple[str, str], ...]
    typical: tuple[str, ...]
    quiet: tuple[Phrase, ...]
    denied: tuple[Phrase, ...]
    breaks: int
    cries: Mapping[int, tuple[tuple[str, Phrase], ...]]
    starts: re.Pattern[str]
    atoms: Mapping[str, tuple[tuple[str, tuple[int, ...]], ...]]
    widths: tuple[int, ...]


def plain(message: str) -> str:
    """Return the first 8 000 characters of a message as recipes are matched with them.

    Words stand between single spaces. Each sentence begins with a line feed, each further clause with a comma.
    """
    text = _SENTENCE.sub("\n", message[:MAX_CHARACTERS])
    text = fold(_CLAUSE.sub(",", text).translate(_LETTERS)).translate(_LETTERS)
    marked = text.replace(",", " , ").replace("\n", " \n ")
    return _NO_WORD.sub(" ", f"\n {marked} ")


def read_alike(text: str, alike: Iterable[tuple[str, str]]) -> str:
    """Return the text with its spellings made one."""
    for written, read in alike:
        text = text.replace(written, read)
    return text


@cache
def recipes(code: str) -> Recipes:
    """Return the recipes of one of the translated languages.

    :raises QaError: when one of them is of nothing, or names words that the file lacks.
    """
    file = cast("_File", tomllib.loads(FOLDER.joinpath(f"{code}.toml").read_text(encoding="utf-8")))
    spaces = file.get("spaces", True)
    reader = _Reader(
        code=code,
        alike=tuple(map(_pair, _written(file.get("alike", "")))),
        gaps=_GAPS if spaces else _SHORT_GAPS,
        anywhere=not spaces or file.get("prefixes", False),
    )
    for name, text in file["words"].items():
        reader.words[name] = reader.any_of("|".join(_written(text)))
    cries: dict[int, list[tuple[str, Phrase]]] = {}
    for flag, text in file["cries"].items():
        for phrase in reader.phrases(text):
            cries.setdefault(phrase[0][1], []).append((flag, phrase))
    quiet, denied = reader.phrases(file["quiet"]), reader.phrases(file["denied"])
    breaks = reader.part("|".join(_written(file["breaks"])))
    atoms = reader.atoms()
    return Recipes(
        alike=reader.alike,
        typical=reader.any_of("|".join(_written(file["typical"]))),
        quiet=quiet,
        denied=denied,
        breaks=breaks,
        cries={part: tuple(found) for part, found in cries.items()},
        starts=_starts(atoms, anywhere=reader.anywhere),
        atoms=atoms,
        widths=tuple(sorted({len(key) for key in atoms})),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """What the recipes of one language are read with."""

    code: str
    alike: tuple[tuple[str, str], ...]
    gaps: Mapping[str, int]
    anywhere: bool
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parts: dict[tuple[str, ...], int] = field(default_factory=dict)

    def phrases(self, text: str) -> tuple[Phrase, ...]:
        """Return the phrases of a text of recipes."""
        return tuple(phrase for each in _written(text) for phrase in self._phrases(each))

    def _phrases(self, text: str) -> list[Phrase]:
        first, *more = re.split("([~+>])", text)
        gaps = [0, *(self.gaps[mark] for mark in more[::2])]
        parts = [self.part(part) for part in (first, *more[1::2])]
        orders = permutations(parts) if "+" in more else [tuple(parts)]
        return [tuple(zip(gaps, order, strict=True)) for order in orders]

    def part(self, text: str) -> int:
        """Return the number of the ways to say one thing."""
        return self.parts.setdefault(self.any_of(text), len(self.parts))

    def any_of(self, text: str) -> tuple[str, ...]:
        """Return what any of the alternatives in ``text`` looks like in a message."""
        return tuple(dict.fromkeys(atom for each in text.split("|") for atom in self._atoms(each.strip())))

    def _atoms(self, text: str) -> tuple[str, ...]:
        if text.startswith("@"):
            if text[1:] not in self.words:
                raise QaError(f"{self.code}.toml in qa/safety/data/languages has no words {text[1:]!r}.")
            return self.words[text[1:]]
        edged = _edged(text.removeprefix("^"))
        if not edged.strip():
            raise QaError(f"A recipe in {self.code}.toml in qa/safety/data/languages is of nothing.")
        # A word's own edges let the spellings of whole words be read alike.
        word = read_alike(f" {edged.strip()} ", self.alike).strip() + " " * edged.endswith(" ")
        if text.startswith("^"):
            return f"\n {word}", f", {word}"
        return (word if self.anywhere and not edged.startswith(" ") else f" {word}",)

    def atoms(self) -> dict[str, tuple[tuple[str, tuple[int, ...]], ...]]:
        """Return the atoms of all parts, by their first characters."""
        parts_of: dict[str, list[int]] = {}
        for part, number in self.parts.items():
            for atom in part:
                parts_of.setdefault(atom, []).append(number)
        width = _SHORT_KEY if self.anywhere else _KEY
        by_key: dict[str, list[tuple[str, tuple[int, ...]]]] = {}
        for atom, numbers in parts_of.items():
            by_key.setdefault(atom[:width], []).append((atom, tuple(numbers)))
        return {key: tuple(found) for key, found in by_key.items()}


def _starts(keys: Collection[str], *, anywhere: bool) -> re.Pattern[str]:
    """Return what finds the characters that an atom may begin with; a word's edge comes before most of them."""
    firsts = _either(key[0] for key in keys)
    if anywhere:
        return re.compile(firsts)
    thirds: dict[str, set[str]] = {}
    for key in keys:
        thirds.setdefault(key[1], set()).add(key[2:3])
    # An atom of one letter is followed by anything.
    pairs = (re.escape(second) + ("" if "" in found else _either(found)) for second, found in sorted(thirds.items()))
    return re.compile(f"{firsts}(?={'|'.join(pairs)})")


def _either(characters: Iterable[str]) -> str:
    return f"[{''.join(sorted(map(re.escape, set(characters))))}]"


def _written(text: str) -> list[str]:
    return [each.strip() for each in re.split(r"[;\n]", text) if each.strip()]


def _pair(text: str) -> tuple[str, str]:
    written, _, read = text.partition("=")
    return _edged(written), _edged(read)


def _edged(text: str) -> str:
    """Fold a recipe's text as a message is folded; its dots are spaces."""
    folded = fold(text.strip().translate(_LETTERS)).translate(_LETTERS).replace(".", " ")
    return re.sub(r"[^\w\u0900-\u09ff]+", " ", folded)
