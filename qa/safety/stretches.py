"""Split a message into the parts that are weighed one by one, each with its vector.

A short message is weighed whole. In a long one an alarming sentence has little weight in the whole, so its sentences are
also weighed one by one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from qa.encoders import Encoding

# In words.
_SHORT = 48
_STEP = 24
# The most stretches of what was not encoded, and of sentences: of a flood of short ones several are taken together.
_MOST, _MOST_SENTENCES = 10, 40
_SENTENCE = re.compile(r"[^.!?\n;]+[.!?\n;]*")


@dataclass(frozen=True, eq=False, kw_only=True)
class Stretch:
    """A piece of a message.

    :param encode: returns the encoding whose pooled vector is the piece's; called when that is first asked for.
    """

    text: str
    encode: Callable[[str], Encoding]

    @cached_property
    def vector(self) -> NDArray[np.float32]:
        """The piece's vector, of unit length."""
        return self.encode(self.text).pooled


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Said:
    """What is weighed of a message.

    :param parts: the encoded beginning as a whole; of a long message also its sentences, and what the encoder did not read,
        with the vector of the beginning.
    :param sentences: the sentences that the encoder read, if there is more than one.
    :param unread: what the encoder did not read, with the few words before it.
    """

    parts: tuple[Stretch, ...]
    sentences: tuple[Stretch, ...] = ()
    unread: str = ""


def is_long(message: str) -> bool:
    """Tell whether a message is weighed sentence by sentence, not only as a whole: it has over 48 words."""
    return len(message.split()) > _SHORT


def stretches(encoding: Encoding, rest: str, encode: Callable[[str], Encoding]) -> Said:
    """Return what is weighed of a message.

    All that is read of the beginning is read from the text that was encoded, so that offsets fit.

    :param encoding: of the beginning of the message; as it was typed, if the message :func:`is_long`.
    :param rest: what follows the beginning in the message.
    :param encode: encodes a sentence.
    """
    message = encoding.text + rest
    whole = Stretch(text=encoding.text, encode=lambda _: encoding)
    read = max(end for _, end in encoding.offsets)
    unread = message[_before(message, read) :] if message[read:].split() else ""
    texts = list(_sentences(encoding, read))
    sentences = tuple(Stretch(text=text, encode=encode) for text in texts) if len(texts) > 1 else ()
    if not unread and not is_long(message):
        return Said(parts=(whole,), sentences=sentences)
    words = unread.split() if texts else message.split()
    overlapping = tuple(Stretch(text=text, encode=lambda _: encoding) for text in _overlapping(words))
    return Said(parts=(whole, *sentences, *overlapping), sentences=sentences, unread=unread)


def _before(message: str, read: int) -> int:
    """Return where the last words before an offset begin."""
    words = message[:read].rsplit(None, _STEP)
    return len(words[0]) if len(words) > _STEP else 0


def _sentences(encoding: Encoding, read: int) -> Iterator[str]:
    """Yield the sentences before an offset that hold tokens, several together where there are very many."""
    tokens = [start for start, end in encoding.offsets if end > start]
    spans = [found.span() for found in _SENTENCE.finditer(encoding.text[:read])]
    spans = [(start, end) for start, end in spans if any(start <= token < end for token in tokens)]
    share = -(-len(spans) // _MOST_SENTENCES) or 1
    for first in range(0, len(spans), share):
        start, end = spans[first][0], spans[min(first + share, len(spans)) - 1][1]
        yield encoding.text[start:end]


def _overlapping(words: Sequence[str]) -> Iterator[str]:
    if words:
        step = max(_STEP, len(words) // _MOST)
        for start in range(0, max(1, len(words) - _STEP), step):
            yield " ".join(words[start : start + step + _STEP])
