"""Turn text into vectors with an exported encoder. Needs no torch.

One text is encoded at a time, so nothing is padded and a text's vectors never depend on the texts beside it:
an index that reuses embeddings is the same, bit for bit, as one that does not. It is also faster on a CPU
than padded batches (see ARCHITECTURE.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.models.onnx import load


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderCard:
    """What identifies an encoder and what a caller must know to use it.

    ``revision`` is the sha256 of weights, tokenizer and settings; ``window`` the most tokens of a text, special ones included;
    the prompts are put before each query or passage, and are empty for most models.
    """

    name: str
    revision: str
    dimensions: int
    window: int
    query_prompt: str = ""
    passage_prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """One text's vectors.

    :param text: the text that was encoded.
    :param pooled: the text's own vector, shape (dimensions,), of unit length.
    :param tokens: the last hidden states, shape (tokens, dimensions), special tokens included.
    :param offsets: each token's half-open place in ``text``; empty for special tokens.
    """

    text: str
    pooled: NDArray[np.float32]
    tokens: NDArray[np.float32]
    offsets: tuple[tuple[int, int], ...]

    @property
    def is_empty(self) -> bool:
        """Whether no token stands for any of the text: encoders drop some characters, such as U+FFFD."""
        return all(start == end for start, end in self.offsets)


class OnnxEncoder:
    """An exported encoder. Safe to share between threads."""

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        """Load the encoder.

        :param folder: holds model.onnx, tokenizer.json and encoder.json.
        :param threads: how many threads one text may use; 0 leaves it to the runtime.
        :raises IndexDamaged: if a file is missing or cannot be read.
        """
        self.card, self._tokenizer, self._session = load(folder, "encoder", EncoderCard, threads=threads)

    def count(self, text: str) -> int:
        """Return the number of tokens of a passage's text, special tokens included."""
        return len(self._tokenizer.encode(self.card.passage_prompt + text).ids)

    def encode_passage(self, text: str) -> Encoding:
        """Encode a passage.

        :raises ValueError: if it is longer than the window: a passage is never cut silently.
        """
        encoding = self._encode(self.card.passage_prompt, text)
        if len(encoding.offsets) > self.card.window:
            raise ValueError(f"{len(encoding.offsets)} tokens, but the window is {self.card.window}: {text[:80]!r}")
        return encoding

    def encode_query(self, text: str) -> Encoding:
        """Encode a question; what lies beyond the window is not read."""
        return self._encode(self.card.query_prompt, text, window=self.card.window)

    def encode_queries(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode questions, those of equal length at once: a third faster than one by one, and nothing is padded.

        The last digits of a text's vectors may depend on the texts beside it: for training, not for an index.
        """
        read = [self._read(self.card.query_prompt, text, window=self.card.window) for text in texts]
        places: dict[int, list[int]] = defaultdict(list)
        for place, (ids, _) in enumerate(read):
            places[len(ids)].append(place)
        found: dict[int, Encoding] = {}
        for alike in places.values():
            tokens, pooled = self._run([read[place][0] for place in alike])
            for row, place in enumerate(alike):
                offsets = read[place][1]
                found[place] = Encoding(text=texts[place], pooled=pooled[row], tokens=tokens[row], offsets=offsets)
        return [found[place] for place in range(len(texts))]

    def knows(self, word: str) -> bool:
        """Tell whether a lower-case word is one token of the vocabulary."""
        return self._tokenizer.token_to_id(word) is not None

    def vocabulary(self) -> list[str]:
        """Return the tokens that are words of three letters or more, in the order of their ids."""
        by_id = sorted(self._tokenizer.get_vocab().items(), key=lambda item: item[1])
        return [token for token, _ in by_id if token.isalpha() and len(token) > 2]  # noqa: PLR2004

    def _encode(self, prompt: str, text: str, *, window: int | None = None) -> Encoding:
        ids, offsets = self._read(prompt, text, window=window)
        tokens, pooled = self._run([ids])
        return Encoding(text=text, pooled=pooled[0], tokens=tokens[0], offsets=offsets)

    def _read(self, prompt: str, text: str, *, window: int | None) -> tuple[list[int], tuple[tuple[int, int], ...]]:
        """Return the ids of a text's tokens and their offsets in it."""
        encoded = self._tokenizer.encode(prompt + text)
        # A cut text still ends with the special token that the model knows an end by.
        kept = list(range(len(encoded.ids)))
        if window is not None and len(kept) > window:
            kept = [*kept[: window - 1], kept[-1]]
        cut = len(prompt)
        offsets = tuple((max(0, start - cut), max(0, end - cut)) for start, end in (encoded.offsets[i] for i in kept))
        return [encoded.ids[i] for i in kept], offsets

    def _run(self, rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the states of the tokens of each row and the pooled vectors; all rows have the same length."""
        ids = np.array(rows, dtype=np.int64)
        tokens, pooled = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        return tokens, pooled
