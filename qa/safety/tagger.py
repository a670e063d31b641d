"""The words of a message in; every place where a concept of the lexicon is named out."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from qa.safety.phrases import MORE, Element, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from qa.safety.normalise import Words

_UP_TO_TWELVE = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_NUMBER_WORDS = {word: value for value, word in enumerate(_UP_TO_TWELVE)} | {
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "hundred": 100,
}
# No gap reaches over these: "my urine is not dark".
_BARRIERS = frozenset(("not", "no", "isnt", "arent", "wasnt", "werent", "never", "without", "dont", "doesnt", "didnt"))
# For each place of a phrase the number of its element, or a gap, negative.
_Compiled = tuple[int, ...]
_Filed = tuple[str, _Compiled]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A concept named by the words ``start`` to ``end`` (half-open)."""

    concept: str
    start: int
    end: int


class Tagger:
    """Finds all phrases in one pass: each is filed under the rarest of its places."""

    def __init__(self, lexicon: Mapping[str, Sequence[str]], concepts: Sequence[str]) -> None:
        """Compile the phrases of ``concepts``; the rest of the lexicon serves only as ``@`` references."""
        # Equal places share a number, so that a big lexicon costs its words once.
        numbers: dict[Element, int] = {}
        phrases = [
            (concept, tuple(-element.gap or numbers.setdefault(element, len(numbers)) for element in phrase))
            for concept in concepts
            for source in lexicon[concept]
            for phrase in parse(source, lexicon)
        ]
        self._elements = tuple(numbers)
        names = {name for element in numbers for name in element.names}
        self.words = frozenset(name for name in names if name[-1] != MORE)
        self.stems = tuple(sorted(name[:-1] for name in names if name[-1] == MORE))
        self._filed: dict[int, list[_Filed]] = {}
        self._keys: dict[str, list[int]] = {}
        self._number_keys: list[int] = []
        self._file(phrases)
        self._stems = _Stems(self.stems)

    def _file(self, phrases: Sequence[_Filed]) -> None:
        used = Counter(each for _, phrase in phrases for at in phrase if at >= 0 for each in self._elements[at].names)

        def commonness(at: int) -> float:
            element = self._elements[at]
            return math.inf if element.numbers else sum(used[name] for name in element.names)

        for concept, phrase in phrases:
            rarest = min((at for at in phrase if at >= 0), key=commonness)
            self._filed.setdefault(rarest, []).append((concept, phrase))
        for at in self._filed:
            for name in self._elements[at].names:
                self._keys.setdefault(name, []).append(at)
            if self._elements[at].numbers is not None:
                self._number_keys.append(at)

    def find(self, words: Words, most: int | None = None) -> list[Match]:
        """Return every match, in the order of the words at which they start.

        :param most: of a concept named at more places than this, only the first and the last half.
        """
        places = _Places(words, self._elements, self._stems)
        starts: dict[str, dict[int, set[int]]] = {}
        for concept, phrase in self._candidates(places):
            at = places.starts(phrase)
            if at:
                ends = starts.setdefault(concept, {})
                for start in _bits(at, most):
                    ends.setdefault(start, set()).add(_match(places, phrase, 0, start))
        found = [
            Match(concept=concept, start=start, end=end)
            for concept, ends in starts.items()
            for start in ends_only(sorted(ends), most)
            for end in ends[start]
        ]
        return sorted(found, key=lambda match: (match.start, match.end, match.concept))

    def _candidates(self, places: _Places) -> Iterator[_Filed]:
        keys = {at for name in places.by_name for at in self._keys.get(name, ())}
        if places.numbers:
            keys.update(self._number_keys)
        for at in keys:
            yield from self._filed[at]


class _Stems:
    """Tells which stems a word begins with."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._marked = frozenset(stem + MORE for stem in stems)
        self._lengths = sorted({len(stem) for stem in stems})
        self._longest = max(self._lengths, default=0)
        # What is kept of a word is no longer than any stem.
        self._known = lru_cache(maxsize=1 << 13)(self._of)

    def of(self, word: str) -> tuple[str, ...]:
        """Return them, each marked as the beginning of a word."""
        return self._known(word[: self._longest])

    def _of(self, word: str) -> tuple[str, ...]:
        beginnings = (word[:length] + MORE for length in self._lengths if length <= len(word))
        return tuple(beginning for beginning in beginnings if beginning in self._marked)


class _Places:
    """Where each element of a phrase may stand in one message, as the bits of an integer.

    All places of a phrase are tested at once, so a message made of one word over and over costs no more to read
    than any other: Baeza-Yates and Gonnet 1992, doi:10.1145/135239.135243, read from the end of the phrase.
    """

    def __init__(self, words: Words, elements: Sequence[Element], stems: _Stems) -> None:
        self.words = words
        self._elements = elements
        # A word is known by its own name and by those of its stems.
        self.by_name: dict[str, int] = {}
        self.numbers: dict[float, int] = {}
        for at, word in enumerate(words.texts):
            self.by_name[word] = self.by_name.get(word, 0) | 1 << at
        for word, places in tuple(self.by_name.items()):
            for stem in stems.of(word):
                self.by_name[stem] = self.by_name.get(stem, 0) | places
            value = number(word)
            if value is not None:
                self.numbers[value] = self.numbers.get(value, 0) | places
        self._names = frozenset(self.by_name)
        self._of: dict[int, int] = {}
        # The places that a gap may reach from the word before: in the same sentence, and past no barrier.
        same = [at and words.sentences[at] == words.sentences[at - 1] for at in range(len(words))]
        self.joined = sum(1 << at for at, joined in enumerate(same) if joined)
        barriers = sum(self.by_name.get(word, 0) for word in _BARRIERS)
        self.passable = self.joined & ~(barriers << 1)

    def of(self, at: int) -> int:
        """Return the places where the element of this number accepts the word."""
        known = self._of.get(at)
        if known is None:
            element = self._elements[at]
            known = 0
            for name in element.names & self._names:
                known |= self.by_name[name]
            if element.numbers is not None:
                low, high = element.numbers
                for value, places in self.numbers.items():
                    known |= places if low <= value <= high else 0
            self._of[at] = known
        return known

    def starts(self, phrase: _Compiled) -> int:
        """Return the places where ``phrase`` begins."""
        for at in phrase:
            if at >= 0 and not self.of(at):
                return 0
        places = self.of(phrase[-1])
        for at in phrase[-2::-1]:
            places = self.of(at) & places >> 1 if at >= 0 else self._before_gap(places, -at)
            if not places:
                return 0
        return places

    def _before_gap(self, after: int, gap: int) -> int:
        reached = step = after & self.joined
        for _ in range(gap):
            step = (step & self.passable) >> 1 & self.joined
            reached |= step
        return reached


def _bits(mask: int, most: int | None) -> Sequence[int]:
    """Return the places of the bits that are set in ``mask``, lowest first."""
    # Found by searching: most masks have few bits among thousands.
    digits = f"{mask:b}"[::-1]
    places = []
    at = digits.find("1")
    while at >= 0:
        places.append(at)
        at = digits.find("1", at + 1)
    return ends_only(places, most)


def ends_only(places: Sequence[int], most: int | None) -> Sequence[int]:
    """Return the places, or of more than ``most`` the first and the last half of as many."""
    if most is None or len(places) <= most:
        return places
    return [*places[: most // 2], *places[-(most // 2) :]]


def _match(places: _Places, phrase: _Compiled, place: int, at: int) -> int:
    """Return the end of the shortest match of ``phrase[place:]`` at word ``at``, 0 for none."""
    while place < len(phrase):
        if phrase[place] < 0:
            return _match_after_gap(places, phrase, place, at)
        if not places.of(phrase[place]) >> at & 1:
            return 0
        place += 1
        at += 1
    return at


def _match_after_gap(places: _Places, phrase: _Compiled, place: int, at: int) -> int:
    sentence = places.words.sentences[at - 1]
    last = min(at - phrase[place], len(places.words) - 1)
    for start in range(at, last + 1):
        if places.words.sentences[start] != sentence:
            break
        end = _match(places, phrase, place + 1, start)
        if end:
            return end
        if places.words.texts[start] in _BARRIERS:
            break
    return 0


def number(word: str) -> float | None:
    """Return the value of a number in digits or words, None for any other word."""
    if word[0].isdigit():
        try:
            return float(word)
        except ValueError:  # a digit of another script, or a superscript
            return None
    return _NUMBER_WORDS.get(word)
