"""The phrases of the data files as they are written in; their places, one after another, out.

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

_DEFAULT_GAP = 2
# Stands at the end of a word's beginning; no word of a message ends with it.
MORE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One place of a phrase: words and, with a star, beginnings of words, or a range of numbers; or a gap of so many words."""

    names: frozenset[str] = frozenset()
    numbers: tuple[float, float] | None = None
    gap: int = 0


Phrase = tuple[Element, ...]


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
    choices: list[Phrase] = [(Element(names=frozenset(single)),)] if single else []
    choices.extend((_range(word),) for word in numbers)
    choices.extend(tuple(Element(names=frozenset([word])) for word in group.split("_")) for group in longer)
    return choices


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
