"""Run an exported reranker with ONNX Runtime. Needs no torch.

A reranker is a cross-encoder: it reads the question and a passage together, so that every word of the one is weighed
with every word of the other. One pair is read at a time, so that a score does not depend on the passages beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from qa.errors import IndexDamaged
from qa.machine import cores

# The name of no reranker: passages keep the order that retrieval gives them.
NONE = "none"
MODEL_FILE, TOKENIZER_FILE, CARD_FILE = "model.onnx", "tokenizer.json", "reranker.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankerCard:
    """What identifies a reranker.

    ``revision`` is the sha256 of its weights, tokenizer and settings; ``window`` the most tokens of a pair, special ones
    included.
    """

    name: str
    revision: str
    window: int


class Reranker:
    """An exported reranker. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Load the reranker.

        :param folder: holds model.onnx, tokenizer.json and reranker.json.
        :raises IndexDamaged: if a file is missing or cannot be read.
        """
        try:
            self.card = RerankerCard(**json.loads((folder / CARD_FILE).read_text("utf-8")))
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
            options = onnxruntime.SessionOptions()
            # A pair a thread: faster than one pair on all threads.
            options.intra_op_num_threads = 1
            model = str(folder / MODEL_FILE)
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # both libraries raise bare exceptions of their own
            raise IndexDamaged(
                f"The reranker in {folder} cannot be loaded ({error}). Build it again: qa index"
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self.card.window, strategy="longest_first")
        self._takes = {each.name for each in self._session.get_inputs()}
        self._pool = ThreadPoolExecutor(cores(), thread_name_prefix="reranker")

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return the score of each passage, unbounded, in their order; what lies beyond the window is not read."""
        return list(self._pool.map(self._score, [question] * len(passages), passages))

    def _score(self, question: str, passage: str) -> float:
        pair = self._tokenizer.encode(question, passage)
        inputs = {"input_ids": pair.ids, "token_type_ids": pair.type_ids, "attention_mask": pair.attention_mask}
        fed = {name: np.array([values], dtype=np.int64) for name, values in inputs.items() if name in self._takes}
        return float(self._session.run(None, fed)[0].item())
