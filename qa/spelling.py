"""A question -> the same with its typing errors mended, as far as the corpus' own words tell.

A word that neither the corpus nor the encoder's vocabulary has, and that is one edit away from a word of the
corpus, is taken for that word. One edit only: two lead from hypokalaemia to hyperkalaemia.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

# Not before an apostrophe: "mustn't" is no misspelt "must". Over-long words are no words.
_WORD = re.compile(r"(?<![\w'’])[^\W\d_]{5,25}(?![\w'’])")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def correct(question: str, *, known: Callable[[str], bool], frequency: Callable[[str], int]) -> str:
    """Return the question with each unknown word replaced by the most frequent word one edit away, if there is one.

    :param known: tells whether a lower-case word needs no mending.
    :param frequency: how many passages hold a lower-case word.
    """

    def mend(match: re.Match[str]) -> str:
        word = match.group().lower()
        # A capital within the question is the sign of a name.
        named = match.start() > 0 and match.group() != word
        if named or known(word):
            return match.group()
        found = max(sorted(set(_edits(word))), key=frequency)
        return found if frequency(found) else match.group()

    return _WORD.sub(mend, question)


def _edits(word: str) -> Iterator[str]:
    """Yield all strings one deletion, transposition, substitution or insertion away (Norvig, 2007).

    https://norvig.com/spell-correct.html
    """
    for i in range(len(word) + 1):
        left, right = word[:i], word[i:]
        yield from (left + letter + right for letter in _LETTERS)
        if right:
            yield left + right[1:]
            yield from (left + letter + right[1:] for letter in _LETTERS)
        if right[1:]:
            yield left + right[1] + right[0] + right[2:]
