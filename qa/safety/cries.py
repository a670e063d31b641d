"""A message in; the language in which it cries for help most plainly, and the flags it raises, out.

Each language's recipes lie in ``data/languages``. They are written as they are read here, without accents, capitals or
punctuation:

- ``;`` or a line ends a recipe. ``a ~ b``: a, and soon after it b. ``a + b``: in either order.
- ``a|b``: one as good as the other. ``@name``: any of ``[words]`` under that name.
- A word stands for every word that begins with it; ``.`` is a word's edge, so ``.sin.`` is "sin" and no other;
  ``^`` is where a sentence or a clause begins.

``alike`` are spellings to read as one, ``typical`` words tell languages apart that cry alike; where a language is
written without ``spaces``, a word may begin anywhere. ``quiet`` takes the cries of a sentence out of play (questions of knowledge,
what was years ago, idiom), ``denied`` those of a clause; after ``breaks`` ("but now") both start anew.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from qa.safety.languages import FOLDER, translated
from qa.safety.normalise import MAX_CHARACTERS, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SENTENCE = re.compile(r"[.!?;\n…。！？；؟؛۔।]+")
_CLAUSE = re.compile(r"[,:()\[\]–—،、，：（）]+|(?<=\s)-(?=\s)")
_NO_WORD = re.compile(r"[^\w\u0900-\u09ff\n,]+")
# One letter, written in several ways on Arabic and Urdu keyboards; apostrophes part words ("s'étouffe").
_LETTERS = str.maketrans("یىےکہھةؤئ'’‘ʼ`´", "يييكهههوي      ", "ـ")
# The alphabets whose words begin with nothing glued to them.
_SPACED = re.compile(r"[a-z0-9а-я\u0900-\u09ff]")
# How far apart the parts of a phrase may stand, in characters, with spaces between words and without.
_GAP, _SHORT_GAP = 30, 14
# No honest message says one thing more often; of a flood, the beginning and the end are read.
_MOST_PLACES = 40
# What a word that only this language uses counts for, in characters, where a cry is heard in several.
_TYPICAL = 8

# The ways to say one thing, and the things in the order in which they are said.
Part = tuple[str, ...]
Phrase = tuple[Part, ...]
Place = tuple[int, int]


class _Recipes(TypedDict):
    alike: NotRequired[str]
    spaces: NotRequired[bool]
    typical: str
    quiet: str
    denied: str
    breaks: str
    words: dict[str, str]
    cries: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """The recipes of one language."""

    alike: tuple[tuple[str, str], ...]
    typical: Part
    quiet: tuple[Phrase, ...]
    denied: tuple[Phrase, ...]
    breaks: Part
    gap: int
    cries: tuple[tuple[str, Phrase], ...]

    def heard(self, plain: str) -> dict[str, str]:
        """Return the flags that ``plain`` text cries for, each with the words that do."""
        text = _Text(_alike(plain, self.alike), self.gap)
        found: dict[str, str] = {}
        silence: _Silence | None = None
        for flag, phrase in self.cries:
            if flag in found:
                continue
            for start, end in text.said(phrase):
                silence = silence or _Silence(text, self)
                if not silence.over(start, end):
                    found[flag] = " ".join(text.plain[start:end].split())
                    break
        return found

    def weight(self, plain: str, found: Mapping[str, str]) -> int:
        """Return how much of this language is in ``plain`` text that cries with the words ``found``."""
        typical = sum(word in plain for word in self.typical)
        return sum(map(len, found.values())) + _TYPICAL * typical


@dataclass(slots=True)
class _Text:
    """A message to look for phrases in; what was found of each part is kept."""

    plain: str
    gap: int
    _places: dict[Part, list[Place]] = field(default_factory=dict)
    _present: dict[str, bool] = field(default_factory=dict)

    def places(self, part: Part) -> list[Place]:
        """Return where any of the ways to say ``part`` stands, the first and the last of too many."""
        known = self._places.get(part)
        if known is None:
            known = sorted(place for atom in part if self._has(atom) for place in _occurrences(self.plain, atom))
            if len(known) > 2 * _MOST_PLACES:
                known = known[:_MOST_PLACES] + known[-_MOST_PLACES:]
            self._places[part] = known
        return known

    def _has(self, atom: str) -> bool:
        known = self._present.get(atom)
        if known is None:
            known = self._present[atom] = atom in self.plain
        return known

    def said(self, phrase: Phrase) -> Iterator[Place]:
        """Yield where the parts stand in their order in one sentence, each soon after the one before."""
        if not all(map(self.places, phrase)):
            return
        for start, end in self.places(phrase[0]):
            reached = {end}
            for part in phrase[1:]:
                reached = {far for at in reached for far in self._after(part, at)}
            if reached:
                yield start, min(reached)

    def _after(self, part: Part, at: int) -> Iterator[int]:
        places = self.places(part)
        stop = self.plain.find("\n", at, at + self.gap)
        last = at + self.gap if stop < 0 else stop
        # Words share the space between them.
        for start, end in places[bisect_left(places, (at - 1, 0)) :]:
            if start > last:
                break
            yield end


class _Silence:
    """Where a message says that what it names is not happening now."""

    def __init__(self, text: _Text, hearing: Hearing) -> None:
        sentences = [place.start() for place in re.finditer("\n", text.plain)]
        self._sentences = sorted(sentences + [start for start, _ in text.places(hearing.breaks)])
        self._clauses = sorted(self._sentences + [place.start() for place in re.finditer(",", text.plain)])
        self._quiet = sorted(start for phrase in hearing.quiet for start, _ in text.said(phrase))
        self._denied = sorted(start for phrase in hearing.denied for start, _ in text.said(phrase))

    def over(self, start: int, end: int) -> bool:
        """Tell whether what is said from ``start`` to ``end`` is silenced."""
        return _any_around(self._quiet, self._sentences, start, end) or _any_around(
            self._denied, self._clauses, start, end
        )


def cries(message: str) -> tuple[str, dict[str, str]] | None:
    """Return the language in which ``message`` cries for help and the flags it raises; None if in none.

    Of languages alike ("bebé", "bebê") it is the one of which the most is heard.
    """
    plain = _plain(message[:MAX_CHARACTERS])
    best: tuple[int, str, dict[str, str]] | None = None
    for code in translated():
        found = hearing(code).heard(plain)
        weight = hearing(code).weight(plain, found) if found else 0
        if found and (best is None or weight > best[0]):
            best = (weight, code, found)
    return best[1:] if best else None


@cache
def hearing(code: str) -> Hearing:
    """Return the recipes of one of the ``translated`` languages, read from its file."""
    table = cast("_Recipes", tomllib.loads(FOLDER.joinpath(f"{code}.toml").read_text(encoding="utf-8")))
    spaces = table.get("spaces", True)
    reader = _Reader(alike=tuple(_pair(text) for text in _written(table.get("alike", ""))), spaces=spaces)
    for name, text in table["words"].items():
        reader.words[name] = reader.part(text.replace(";", "|"))
    return Hearing(
        alike=reader.alike,
        typical=reader.part(table["typical"].replace(";", "|")),
        quiet=reader.phrases(table["quiet"]),
        denied=reader.phrases(table["denied"]),
        breaks=reader.part(table["breaks"].replace(";", "|")),
        gap=_GAP if spaces else _SHORT_GAP,
        cries=tuple((flag, phrase) for flag, text in table["cries"].items() for phrase in reader.phrases(text)),
    )


def _plain(message: str) -> str:
    text = _SENTENCE.sub("\n", message)
    text = fold(_CLAUSE.sub(",", text).translate(_LETTERS)).translate(_LETTERS)
    # Each sentence begins with a line feed, also the first, and each further clause with a comma.
    marked = text.replace(",", " , ").replace("\n", " \n ")
    return _NO_WORD.sub(" ", f"\n {marked} ")


def _alike(text: str, pairs: Sequence[tuple[str, str]]) -> str:
    for written, read in pairs:
        text = text.replace(written, read)
    return text


def _written(text: str) -> list[str]:
    return [each.strip() for each in re.split(r"[;\n]", text) if each.strip()]


def _pair(text: str) -> tuple[str, str]:
    written, _, read = text.partition("=")
    return _edged(written), _edged(read)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """What a recipe's text is read with."""

    alike: tuple[tuple[str, str], ...]
    spaces: bool
    words: dict[str, Part] = field(default_factory=dict)

    def phrases(self, text: str) -> tuple[Phrase, ...]:
        """Return the phrases of a text of recipes."""
        return tuple(phrase for each in _written(text) for phrase in self._phrases(each))

    def _phrases(self, text: str) -> list[Phrase]:
        parts = [self.part(part) for part in re.split("[~+]", text)]
        return list(permutations(parts)) if "+" in text else [tuple(parts)]

    def part(self, text: str) -> Part:
        """Return the ways to say one thing."""
        atoms: list[str] = []
        for each in map(str.strip, text.split("|")):
            if each.startswith("@"):
                atoms.extend(self.words[each[1:]])
            elif each.startswith("^"):
                atoms.extend(f"{mark} {self._atom(each[1:]).strip()}" for mark in "\n,")
            else:
                atoms.append(self._atom(each))
        return tuple(dict.fromkeys(atoms))

    def _atom(self, text: str) -> str:
        plain = _edged(text)
        begins = plain.startswith(" ") or (self.spaces and _SPACED.match(plain))
        # A word's own edges let the spellings of whole words be read alike.
        read = _alike(f" {plain.strip()} ", self.alike).strip()
        return f"{' ' if begins else ''}{read}{' ' if plain.endswith(' ') else ''}"


def _edged(text: str) -> str:
    """Fold a recipe's text as a message is folded; its dots are spaces."""
    plain = fold(text.strip().translate(_LETTERS)).translate(_LETTERS).replace(".", " ")
    return re.sub(r"[^\w\u0900-\u09ff]+", " ", plain)


def _occurrences(text: str, atom: str) -> Iterator[Place]:
    at = text.find(atom)
    for _ in range(_MOST_PLACES):
        if at < 0:
            return
        yield at, at + len(atom)
        at = text.find(atom, at + 1)
    # The rest from the end, as far as it was not seen yet.
    stop, last = at, len(text)
    for _ in range(_MOST_PLACES):
        last = text.rfind(atom, stop, last)
        if stop < 0 or last < 0:
            return
        yield last, last + len(atom)
        last += len(atom) - 1


def _any_around(cues: Sequence[int], bounds: Sequence[int], start: int, end: int) -> bool:
    """Tell whether a cue stands within the bounds around ``start`` to ``end``."""
    before, after = bisect_left(bounds, start + 1), bisect_left(bounds, end - 1)
    first = bounds[before - 1] if before else 0
    last = bounds[after] if after < len(bounds) else None
    at = bisect_left(cues, first)
    return at < len(cues) and (last is None or cues[at] < last)
