"""Run an exported reader with ONNX Runtime. Needs no torch.

A reader is a cross-encoder: it reads the question and a passage together, so that every word of the one is weighed
with every word of the other. The packaged reader also gives a logit for each sentence; a reader made of somebody's
CrossEncoder has none, and sentences keep the scores that retrieval gave them.

One pair is read at a time, so that its logits do not depend on the passages beside it. The packaged reader multiplies
8-bit integers, whose sums may differ in the last digits between kinds of processors. Its logits are rounded, so that such
differences seldom decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.machine import cores
from qa.models.onnx import load
from qa.reader.pairs import Pair, Tokens, pair

_DIGITS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderCard:
    """What identifies a reader.

    ``revision`` is the sha256 of its weights, tokenizer and settings; ``window`` the most tokens of a pair; ``sentences``
    says whether it gives logits of tokens beside those of passages.
    """

    name: str
    revision: str
    window: int
    sentences: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRead:
    """A passage to read.

    :param text: its context, then its reading text.
    :param sentences: the half-open places of its sentences in ``text``, in order.
    :param focus: the number of the sentence that is read whatever else does not fit.
    """

    text: str
    sentences: Sequence[tuple[int, int]]
    focus: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How well a passage answers.

    :param logit: the passage's, unbounded; the log-odds for the packaged reader only.
    :param sentences: those of the sentences that were read, by their number; empty for a reader that gives none.
    """

    logit: float
    sentences: dict[int, float]


class Reader:
    """An exported reader. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Load the reader.

        :param folder: holds model.onnx, tokenizer.json and reader.json.
        :raises IndexDamaged: if a file is missing or cannot be read.
        """
        # Each pair has one thread: that is faster than one pair after the other on all threads.
        self.card, self._tokenizer, self._session = load(folder, "reader", ReaderCard, threads=1)
        if not self.card.sentences:
            self._tokenizer.enable_truncation(self.card.window, strategy="longest_first")
        self._takes = {each.name for each in self._session.get_inputs()}
        self._pool = ThreadPoolExecutor(cores(), thread_name_prefix="reader")

    def read(self, question: str, passages: Sequence[ToRead]) -> list[Judged]:
        """Return how well each passage answers a question, in their order."""
        pairs = self._pairs(question, passages) if self.card.sentences else self._texts(question, passages)
        # One alone is judged in the thread that asks.
        return list(self._pool.map(self._judge, pairs)) if len(pairs) > 1 else [self._judge(made) for made in pairs]

    def _pairs(self, question: str, passages: Sequence[ToRead]) -> list[Pair]:
        """Return the question with the part of each passage around its focus."""
        first, last = self._tokenizer.encode("").ids
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids
        pairs = []
        for passage in passages:
            found = self._tokenizer.encode(passage.text, add_special_tokens=False)
            tokens = Tokens(ids=found.ids, offsets=found.offsets)
            pairs.append(pair(asked, tokens, passage.sentences, passage.focus, first=first, last=last))
        return pairs

    def _texts(self, question: str, passages: Sequence[ToRead]) -> list[Pair]:
        """Return the question with each passage as the reader's own tokenizer joins them."""
        found = [self._tokenizer.encode(question, passage.text) for passage in passages]
        return [Pair(ids=each.ids, types=each.type_ids, sentences={}) for each in found]

    def _judge(self, made: Pair) -> Judged:
        inputs = {"input_ids": made.ids, "token_type_ids": made.types, "attention_mask": [1] * len(made.ids)}
        fed = {name: np.array([values], dtype=np.int64) for name, values in inputs.items() if name in self._takes}
        outputs: list[NDArray[np.float32]] = self._session.run(None, fed)
        logit = float(outputs[0].item())
        if not self.card.sentences:
            return Judged(logit=logit, sentences={})
        tokens = outputs[1][0]
        means = {
            number: float(tokens[start:end].mean()) for number, (start, end) in made.sentences.items() if end > start
        }
        if means:
            # A passage answers if one of its sentences does: the logits are trained as this sum.
            logit += float(np.logaddexp.reduce(list(means.values())))
        sentences = {number: round(mean, _DIGITS) for number, mean in means.items()}
        return Judged(logit=round(logit, _DIGITS), sentences=sentences)
