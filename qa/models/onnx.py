"""Load a model that was exported to ONNX, with its tokenizer and its card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

import onnxruntime
from tokenizers import Tokenizer

from qa.errors import IndexDamaged
from qa.models import MODEL_FILE, TOKENIZER_FILE, Kind, card_file

Card = TypeVar("Card")


def load(
    folder: Path, kind: Kind, card: type[Card], *, threads: int
) -> tuple[Card, Tokenizer, onnxruntime.InferenceSession]:
    """Return a model's card, its tokenizer, which neither cuts nor pads, and its session.

    :param folder: holds model.onnx, tokenizer.json and the card.
    :param card: the class of the card.
    :param threads: how many threads one run may use; 0 leaves it to the runtime.
    :raises IndexDamaged: if a file is missing or cannot be read.
    """
    try:
        found = card(**json.loads((folder / card_file(kind)).read_text("utf-8")))
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        path = str(folder / MODEL_FILE)
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # both libraries raise bare exceptions of their own
        raise IndexDamaged(f"The {kind} in {folder} cannot be loaded ({error}). Build it again: qa index") from error
    # The packaged tokenizer cuts at 128 tokens and pads to them, though the models read more.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return found, tokenizer, session
