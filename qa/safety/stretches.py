"""A message and its encoding in; the stretches of it that are weighed one by one, each with its vector, out.

A short message is weighed whole. In a long one the line that matters would drown: it is weighed sentence by sentence,
with vectors pooled from the token states of its one encoding, and each sentence also by itself, with a vector of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from qa.encoders import Encoding

# In words.
_SHORT = 48
_STRETCH = 24
_STEP = 24
# So many stretches of what was not encoded: in a flood of short words they grow instead.
_MOST = 10
# So many sentences are encoded by themselves; where there are more, none is.
_ENCODED = 40
_SENTENCE = re.compile(r"[^.!?\n;]+[.!?\n;]*")
# How near the mean of the token states must come to the pooled vector: another encoder may pool by other means.
_SAME = 0.999


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Stretch:
    """A piece of a message and its vector, of unit length."""

    text: str
    vector: NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Said:
    """What is weighed of a message.

    :param parts: the encoded beginning as a whole; of a long message also sentences, as many together as fit and one by
        one, and what the encoder did not read, with the vector of the beginning.
    :param sentences: each sentence that the encoder read by itself, if there is more than one.
    :param unread: what the encoder did not read, with the few words before it.
    """

    parts: tuple[Stretch, ...]
    sentences: tuple[Stretch, ...] = ()
    unread: str = ""


def is_long(message: str) -> bool:
    """Tell whether a message is weighed sentence by sentence, not only as a whole: it has over 48 words."""
    return len(message.split()) > _SHORT


def stretches(encoding: Encoding, rest: str = "", encode: Callable[[str], Encoding] | None = None) -> Said:
    """Return what is weighed of a message.

    All that is read of the beginning is read from the text that was encoded, so that offsets fit.

    :param encoding: of the beginning of the message; as it was typed, if the message :func:`is_long`.
    :param rest: what follows the beginning in the message.
    :param encode: encodes each sentence of a long message by itself; without it they are pooled from the encoding.
    """
    message = encoding.text + rest
    whole = Stretch(text=encoding.text, vector=encoding.pooled)
    read = max(end for _, end in encoding.offsets)
    unread = message[_before(message, read) :] if message[read:].split() else ""
    spans = list(_sentences(encoding.text[:read]))
    alone = tuple(_pooled(encoding, spans)) if len(spans) > 1 else ()
    if not unread and not is_long(message):
        return Said(parts=(whole,), sentences=alone)
    found = list(_pooled(encoding, _packed(encoding.text[:read])))
    words = unread.split() if found else message.split()
    if encode is not None and len(alone) <= _ENCODED:
        alone = tuple(replace(each, vector=encode(each.text.strip()).pooled) for each in alone)
        found += alone
    if unread or not found:
        found += [Stretch(text=text, vector=encoding.pooled) for text in _overlapping(words)]
    return Said(parts=(whole, *found), sentences=alone, unread=unread)


def _before(message: str, read: int) -> int:
    """Return where the last words before an offset begin."""
    words = message[:read].rsplit(None, _STEP)
    return len(words[0]) if len(words) > _STEP else 0


def _pooled(encoding: Encoding, spans: Iterable[tuple[int, int]]) -> Iterator[Stretch]:
    """Yield the spans of a text that hold tokens, with the mean of their states; none if the encoder pools otherwise."""
    if _unit(encoding.tokens.mean(axis=0)) @ encoding.pooled < _SAME:
        return
    starts, ends = np.array(encoding.offsets).T
    for start, end in spans:
        within = (starts < ends) & (starts < end) & (ends > start)
        if within.any():
            yield Stretch(text=encoding.text[start:end], vector=_unit(encoding.tokens[within].mean(axis=0)))


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    return (sentence.span() for sentence in _SENTENCE.finditer(text))


def _packed(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of whole sentences, as many to one as fit; a sentence that is too long is one alone."""
    start = end = count = 0
    for first, last in _sentences(text):
        words = len(text[first:last].split())
        if count and count + words > _STRETCH:
            yield start, end
            start, count = first, 0
        count += words
        end = last
    if count:
        yield start, end


def _overlapping(words: Sequence[str]) -> Iterator[str]:
    step = max(_STEP, len(words) // _MOST)
    for start in range(0, max(1, len(words) - _STEP), step):
        yield " ".join(words[start : start + step + _STEP])


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
