"""Phrases of the lexicon in; for a message's words, every place where a concept is named out.

A phrase is a row of elements with spaces between them:

- ``word`` or ``a|b|c``: any of these words; ``swell*``: any word that begins so;
- ``gave_way|collapsed``: two words among the alternatives of one place;
- ``@limb``: any one-word phrase of the concept ``limb``;
- ``~``: up to two words of any kind, ``~4``: up to four; never across the end of a sentence;
- ``#``: a number, ``#38..42``: a number from 38 to 42.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, product
from typing import TYPE_CHECKING

from qa.errors import QaError

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
_DEFAULT_GAP = 2
# No gap reaches over these: "my urine is not dark".
_BARRIERS = frozenset(("not", "no", "isnt", "arent", "wasnt", "werent", "never", "without", "dont", "doesnt", "didnt"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One place of a phrase: words, beginnings of words or a range of numbers; or a gap of up to ``gap`` words."""

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    numbers: tuple[float, float] | None = None
    gap: int = 0


Phrase = tuple[Element, ...]
_Filed = tuple[str, Phrase]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A concept named by the words ``start`` to ``end`` (half-open)."""

    concept: str
    start: int
    end: int


def number(word: str) -> float | None:
    """Return the value of a number in digits or words, None for any other word."""
    if word[0].isdigit():
        try:
            return float(word)
        except ValueError:  # a digit of another script, or a superscript
            return None
    return _NUMBER_WORDS.get(word)


def parse(phrase: str, lexicon: Mapping[str, Sequence[str]]) -> list[Phrase]:
    """Parse a phrase of the data files; one with ``two_words`` among its alternatives becomes several.

    :raises QaError: when it names a concept that ``lexicon`` lacks, or begins or ends with a gap.
    """
    choices = [_choices(part, lexicon) for part in phrase.split()]
    parsed = [tuple(chain.from_iterable(chosen)) for chosen in product(*choices)]
    if any(not elements or elements[0].gap or elements[-1].gap for elements in parsed):
        message = f"The phrase {phrase!r} must begin and end with a word. Mend it in qa/safety/data."
        raise QaError(message)
    return parsed


def _choices(part: str, lexicon: Mapping[str, Sequence[str]]) -> list[Phrase]:
    if part[0] == "~":
        return [(Element(gap=int(part[1:] or _DEFAULT_GAP)),)]
    alternatives = list(_alternatives(part, lexicon))
    numbers = [word for word in alternatives if word[0] == "#"]
    longer = [word for word in alternatives if "_" in word]
    single = [word for word in alternatives if "_" not in word and word[0] != "#"]
    choices: list[Phrase] = [(_words(single),)] if single else []
    choices.extend((_range(word),) for word in numbers)
    choices.extend(tuple(_words([word]) for word in group.split("_")) for group in longer)
    return choices


def _words(alternatives: Sequence[str]) -> Element:
    return Element(
        words=frozenset(word for word in alternatives if word[-1] != "*"),
        stems=tuple(sorted({word[:-1] for word in alternatives if word[-1] == "*"})),
    )


def _range(part: str) -> Element:
    low, _, high = part[1:].partition("..")
    return Element(numbers=(float(low or 0), float(high or 1e9)))


def _alternatives(part: str, lexicon: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for word in part.split("|"):
        if word[0] != "@":
            yield word
            continue
        if word[1:] not in lexicon:
            message = f"The lexicon has no concept {word[1:]!r}, named in {part!r}. Mend it in qa/safety/data."
            raise QaError(message)
        for phrase in lexicon[word[1:]]:
            if " " not in phrase:
                yield from _alternatives(phrase, lexicon)


class Tagger:
    """Finds all phrases in one pass: each is filed under what its first word may be."""

    def __init__(self, lexicon: Mapping[str, Sequence[str]], concepts: Sequence[str]) -> None:
        """Compile the phrases of ``concepts``; the rest of the lexicon serves only as ``@`` references."""
        self._by_word: dict[str, list[_Filed]] = {}
        self._by_stem: dict[str, list[_Filed]] = {}
        self._by_number: list[_Filed] = []
        self._elements: dict[Element, Element] = {}
        for concept in concepts:
            for source in lexicon[concept]:
                for phrase in parse(source, lexicon):
                    self._file(concept, phrase)
        self._stem_lengths = sorted({len(stem) for element in self._elements for stem in element.stems})
        self.words, self.stems = self._vocabulary()

    def _file(self, concept: str, parsed: Phrase) -> None:
        # Equal places are shared, so that a big lexicon costs its words once.
        phrase = tuple(self._elements.setdefault(element, element) for element in parsed)
        entry = (concept, phrase)
        for word in phrase[0].words:
            self._by_word.setdefault(word, []).append(entry)
        for stem in phrase[0].stems:
            self._by_stem.setdefault(stem, []).append(entry)
        if phrase[0].numbers is not None:
            self._by_number.append(entry)

    def _vocabulary(self) -> tuple[frozenset[str], tuple[str, ...]]:
        words = {word for element in self._elements for word in element.words}
        stems = {stem for element in self._elements for stem in element.stems}
        return frozenset(words), tuple(sorted(stems))

    def find(self, words: Words, most: int | None = None) -> list[Match]:
        """Return every match, in the order of the words at which they start.

        :param most: of a concept named at more places than this, only the first and the last half.
        """
        places = _Places(words, self._stem_lengths)
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
        return sorted(found, key=lambda match: (match.start, match.end))

    def _candidates(self, places: _Places) -> Iterable[_Filed]:
        filed: dict[int, _Filed] = {}
        for word in places.by_word:
            filed.update((id(entry), entry) for entry in self._by_word.get(word, ()))
        for beginning in places.by_beginning:
            filed.update((id(entry), entry) for entry in self._by_stem.get(beginning, ()))
        if places.numbers:
            filed.update((id(entry), entry) for entry in self._by_number)
        return filed.values()


class _Places:
    """Where each element of a phrase may stand in one message, as the bits of an integer.

    All places of a phrase are tested at once, so a message made of one word over and over costs no more to read
    than any other: Baeza-Yates and Gonnet 1992, doi:10.1145/135239.135243, read from the end of the phrase.
    """

    def __init__(self, words: Words, stem_lengths: Sequence[int]) -> None:
        self.words = words
        self.by_word: dict[str, int] = {}
        self.by_beginning: dict[str, int] = {}
        self.numbers: dict[float, int] = {}
        for at, word in enumerate(words.texts):
            self.by_word[word] = self.by_word.get(word, 0) | 1 << at
        for word, places in self.by_word.items():
            for length in stem_lengths:
                if length <= len(word):
                    beginning = word[:length]
                    self.by_beginning[beginning] = self.by_beginning.get(beginning, 0) | places
            value = number(word)
            if value is not None:
                self.numbers[value] = self.numbers.get(value, 0) | places
        self._distinct = frozenset(self.by_word)
        self._of: dict[int, int] = {}
        # The places that a gap may reach from the word before: in the same sentence, and past no barrier.
        same = [at and words.sentences[at] == words.sentences[at - 1] for at in range(len(words))]
        self.joined = sum(1 << at for at, joined in enumerate(same) if joined)
        barriers = sum(self.by_word.get(word, 0) for word in _BARRIERS)
        self.passable = self.joined & ~(barriers << 1)

    def of(self, element: Element) -> int:
        """Return the places where ``element`` accepts the word."""
        known = self._of.get(id(element))
        if known is None:
            known = 0
            for word in element.words & self._distinct:
                known |= self.by_word[word]
            for stem in element.stems:
                known |= self.by_beginning.get(stem, 0)
            if element.numbers is not None:
                low, high = element.numbers
                for value, places in self.numbers.items():
                    known |= places if low <= value <= high else 0
            self._of[id(element)] = known
        return known

    def starts(self, phrase: Phrase) -> int:
        """Return the places where ``phrase`` begins."""
        for element in phrase:
            if not element.gap and not self.of(element):
                return 0
        at = self.of(phrase[-1])
        for element in phrase[-2::-1]:
            at = self._before_gap(at, element.gap) if element.gap else self.of(element) & at >> 1
            if not at:
                return 0
        return at

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


def _match(places: _Places, phrase: Phrase, place: int, at: int) -> int:
    """Return the end of the shortest match of ``phrase[place:]`` at word ``at``, 0 for none."""
    while place < len(phrase):
        element = phrase[place]
        if element.gap:
            return _match_after_gap(places, phrase, place, at)
        if not places.of(element) >> at & 1:
            return 0
        place += 1
        at += 1
    return at


def _match_after_gap(places: _Places, phrase: Phrase, place: int, at: int) -> int:
    sentence = places.words.sentences[at - 1]
    last = min(at + phrase[place].gap, len(places.words) - 1)
    for start in range(at, last + 1):
        if places.words.sentences[start] != sentence:
            break
        end = _match(places, phrase, place + 1, start)
        if end:
            return end
        if places.words.texts[start] in _BARRIERS:
            break
    return 0
