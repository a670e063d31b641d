"""A word that nobody knows in; the key word of the lexicon that it misspells out.

Words are filed under what is left of them without one or two of their letters, as SymSpell does
(https://github.com/wolfgarbe/SymSpell), so that looking one up costs a few dictionary reads.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_SHORTEST = 5
_LONG = 9


class Speller:
    """Corrects words towards ``keys``; a word in ``known`` or with a known stem is left alone."""

    def __init__(
        self, keys: Collection[str], known: frozenset[str], stems: tuple[str, ...], fixed: dict[str, str]
    ) -> None:
        """Take the ``fixed`` misspellings as they are: what no distance can tell, such as ``pian``."""
        self._known = known
        self._stems = stems
        self._fixed = fixed
        self._by_rest: dict[str, list[str]] = {}
        self._longest = max(map(len, keys), default=0) + 2
        for key in sorted(keys):
            if len(key) >= _SHORTEST:
                for rest in _rests(key):
                    self._by_rest.setdefault(rest, []).append(key)

    def correct(self, word: str) -> str:
        """Return the nearest key word within one slip (two from nine letters on), or ``word`` itself."""
        if word in self._fixed:
            return self._fixed[word]
        if self._is_known(word):
            return word
        single = _without_doubles(word)
        if single != word and self._is_known(single):
            return single
        if not _SHORTEST - 1 <= len(word) <= self._longest:
            return word
        return self._nearest(word) or word

    def _is_known(self, word: str) -> bool:
        return word in self._known or word.startswith(self._stems)

    def _nearest(self, word: str) -> str | None:
        best: tuple[int, str] | None = None
        for key in {key for rest in _rests(word) for key in self._by_rest.get(rest, ())}:
            # The first letter is seldom wrong, and a key as short as five letters has many neighbours.
            allowed = 2 if len(key) >= _LONG else 1
            if abs(len(word) - len(key)) > allowed or (word[0] != key[0] and sorted(word) != sorted(key)):
                continue
            slips = distance(word, key)
            if slips <= allowed:
                best = min(best or (slips, key), (slips, key))
        return best[1] if best else None


def _rests(word: str) -> set[str]:
    # The beginning tells enough, as SymSpell found: two slips leave two words some rest of it in common.
    word = word[: _LONG - 1]
    shorter = {word[:at] + word[at + 1 :] for at in range(len(word))}
    if len(word) < _LONG - 1:
        return shorter | {word}
    # Two letters left out, each pair once.
    pairs = combinations(range(len(word)), 2)
    return shorter | {word} | {word[:one] + word[one + 1 : two] + word[two + 1 :] for one, two in pairs}


def _without_doubles(word: str) -> str:
    return "".join(letter for at, letter in enumerate(word) if at == 0 or letter != word[at - 1])


def distance(one: str, other: str) -> int:
    """Return the optimal string alignment distance: insert, delete, replace or swap neighbours."""
    # What both begin and end with costs nothing.
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i] + [0] * len(other)
        for j, against in enumerate(other, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                row[j] = min(row[j], earlier[j - 2] + 1)
    return row[-1]
