"""A message and its encoding in; the stretches of it that are weighed one by one, each with its vector, out.

A short message is weighed whole. In a long one the line that matters would drown: it is weighed sentence by sentence,
with vectors pooled from the token states of its one encoding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qa.encoders import Encoding

# In words.
_SHORT = 48
_STRETCH = 24
_STEP = 24
# So many stretches of what was not encoded: in a flood of short words they grow instead.
_MOST = 10
_SENTENCE = re.compile(r"[^.!?\n;]+[.!?\n;]*")
# How near the mean of the token states must come to the pooled vector: another encoder may pool by other means.
_SAME = 0.999


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Stretch:
    """A piece of a message and its vector, of unit length."""

    text: str
    vector: NDArray[np.float32]


def stretches(message: str, text: str, encoding: Encoding) -> tuple[Stretch, ...]:
    """Return what is weighed of ``message``, whose beginning was encoded as ``text``: first of all the whole.

    What the encoder did not read is weighed by its words and the vector of the beginning.
    """
    whole = Stretch(text=text, vector=encoding.pooled)
    if len(message.split()) <= _SHORT:
        return (whole,)
    read = max(end for _, end in encoding.offsets)
    rest = " ".join(text[:read].split()[-_STEP:]) + " " + message.strip()[read:]
    found = list(_pooled(text[:read], encoding))
    if not found or len(message.strip()) > read:
        unread = rest if found else message
        found += [Stretch(text=words, vector=encoding.pooled) for words in _overlapping(unread.split())]
    return (whole, *found)


def _pooled(text: str, encoding: Encoding) -> Iterator[Stretch]:
    inner = np.array([end > start for start, end in encoding.offsets])
    if _unit(encoding.tokens.mean(axis=0)) @ encoding.pooled < _SAME:
        return
    starts, ends = np.array(encoding.offsets).T
    for start, end in _packed(text):
        within = inner & (starts < end) & (ends > start)
        if within.any():
            yield Stretch(text=text[start:end], vector=_unit(encoding.tokens[within].mean(axis=0)))


def _packed(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of whole sentences, as many to one as fit; a sentence that is too long is one alone."""
    start = end = count = 0
    for sentence in _SENTENCE.finditer(text):
        words = len(sentence.group().split())
        if count and count + words > _STRETCH:
            yield start, end
            start, count = sentence.start(), 0
        count += words
        end = sentence.end()
    if count:
        yield start, end


def _overlapping(words: Sequence[str]) -> Iterator[str]:
    step = max(_STEP, len(words) // _MOST)
    for start in range(0, max(1, len(words) - _STEP), step):
        yield " ".join(words[start : start + step + _STEP])


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
