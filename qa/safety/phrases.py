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
    from collections.abc import Iterator, Mapping, Sequence

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

    def accepts(self, word: str) -> bool:
        """Tell whether ``word`` may stand in this place."""
        if word in self.words:
            return True
        if self.stems and word.startswith(self.stems):
            return True
        if self.numbers is None:
            return False
        value = number(word)
        return value is not None and self.numbers[0] <= value <= self.numbers[1]


Phrase = tuple[Element, ...]


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
        self._by_word: dict[str, list[tuple[str, Phrase]]] = {}
        self._by_stem: dict[str, list[tuple[str, Phrase]]] = {}
        self._by_number: list[tuple[str, Phrase]] = []
        self._elements: dict[Element, Element] = {}
        for concept in concepts:
            for source in lexicon[concept]:
                for phrase in parse(source, lexicon):
                    self._file(concept, phrase)
        self._stem_lengths = sorted({len(stem) for stem in self._by_stem})
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

    def find(self, words: Words) -> list[Match]:
        """Return every match, in the order of the words at which they start."""
        found: list[Match] = []
        for start, word in enumerate(words.texts):
            for concept, phrase in self._candidates(word):
                end = _match(words, phrase, 0, start)
                if end:
                    found.append(Match(concept=concept, start=start, end=end))
        return found

    def _candidates(self, word: str) -> Iterator[tuple[str, Phrase]]:
        yield from self._by_word.get(word, ())
        for length in self._stem_lengths:
            if length > len(word):
                break
            yield from self._by_stem.get(word[:length], ())
        if self._by_number and number(word) is not None:
            yield from self._by_number


def _match(words: Words, phrase: Phrase, place: int, at: int) -> int:
    """Return the end of the shortest match of ``phrase[place:]`` at word ``at``, 0 for none."""
    while place < len(phrase):
        element = phrase[place]
        if element.gap:
            return _match_after_gap(words, phrase, place, at)
        if at >= len(words.texts) or not element.accepts(words.texts[at]):
            return 0
        place += 1
        at += 1
    return at


def _match_after_gap(words: Words, phrase: Phrase, place: int, at: int) -> int:
    sentence = words.sentences[at - 1]
    last = min(at + phrase[place].gap, len(words.texts) - 1)
    for start in range(at, last + 1):
        if words.sentences[start] != sentence:
            break
        end = _match(words, phrase, place + 1, start)
        if end:
            return end
        if words.texts[start] in _BARRIERS:
            break
    return 0
