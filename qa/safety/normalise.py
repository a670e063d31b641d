"""A raw message in; lower-case words out, each with the sentence and the clause it stands in.

Only for matching: nothing that is shown to anyone passes through here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS = 8_000

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘‛ʼʹ`´＇′"))
_PIECE = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:\*+[^\W\d_]+)*|\n\s*\n|[.!?;…]|[\n,:()\[\]–—]|(?<=\s)-(?=\s)")
# "can not", "cannot" and "don t" are written in many ways; the lexicon knows one.
_SPLIT_NOT = re.compile(r"\b(can|will|could|do|does|did) ?not\b")
_SHORT_NOT = {"can": "cant", "will": "wont"}
_SPLIT_T = re.compile(r"\b(can|don|doesn|didn|won|couldn|isn|hasn|haven) t\b")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_SENTENCE_END = frozenset(".!?;…")
# A number glued to its unit ("20mg", "6months") is two words; a digit inside a word ("k1ll") is a letter.
_LEET = re.compile(r"(?<=[a-z])[0134](?=[a-z])")
_LEET_LETTERS = str.maketrans("0134", "oiea")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of a message in order, and for each the number of its sentence and of its clause."""

    texts: tuple[str, ...]
    sentences: tuple[int, ...]
    clauses: tuple[int, ...]
    questions: frozenset[int]

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self.texts)


def fold(message: str) -> str:
    """Fold case, width, accents, apostrophes, invisible characters and stretched letters away."""
    text = message[:MAX_CHARACTERS]
    if not text.isascii():
        text = "".join(_unfolded(text))
    text = text.casefold().translate(_APOSTROPHES)
    text = _LEET.sub(lambda found: found.group().translate(_LEET_LETTERS), text)
    text = _SPLIT_NOT.sub(lambda found: _SHORT_NOT.get(found.group(1), found.group(1) + "nt"), text)
    return _STRETCHED.sub(r"\1\1", _SPLIT_T.sub(r"\1t", text))


def _unfolded(text: str) -> Iterator[str]:
    """Yield what is left of each character without marks, written out as far as that leaves room for all the others.

    One by one: thousands of marks on one letter would be put in order, and one character can stand for eighteen.
    """
    room = MAX_CHARACTERS - len(text)
    for character in text:
        plain = _plain(character)
        if len(plain) - 1 > room:
            plain = plain[:1]
        room -= len(plain) - 1
        yield plain


@lru_cache(maxsize=1 << 12)
def _plain(character: str) -> str:
    if unicodedata.combining(character):
        return ""
    return "".join(c for c in unicodedata.normalize("NFKD", character) if unicodedata.category(c) not in {"Mn", "Cf"})


def split(message: str, breaks: frozenset[str]) -> Words:
    """Split ``message`` into words; a word in ``breaks`` ("but", "now") begins a new clause."""
    texts: list[str] = []
    sentences: list[int] = []
    clauses: list[int] = []
    questions: set[int] = set()
    sentence = clause = 0
    for piece in _PIECE.findall(fold(message)):
        if not piece[0].isalnum():
            clause += 1
            if piece == "?":
                questions.add(sentence)
            # A blank line ends a sentence; a single line break is often only where the line was full.
            sentence += piece in _SENTENCE_END or piece.count("\n") > 1
            continue
        clause += piece in breaks
        texts.append(piece.replace(",", ".") if piece[0].isdigit() else piece)
        sentences.append(sentence)
        clauses.append(clause)
    return Words(texts=tuple(texts), sentences=tuple(sentences), clauses=tuple(clauses), questions=frozenset(questions))
