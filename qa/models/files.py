"""Help export a user's model: name its revision and silence its libraries."""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qa.errors import EncoderError, MissingExtra
from qa.models import sha256


def revision_of(folder: Path) -> str:
    """Return the sha256 of a model's weights, tokenizer and settings, without loading it.

    :raises EncoderError: if the folder has no weights.
    """
    weights = sorted(folder.rglob("*.safetensors"))
    if not weights:
        remedy = "Name a sentence-transformers model saved with safetensors weights."
        raise EncoderError(f"No *.safetensors file under {folder}. {remedy}")
    parts = [f"{path.relative_to(folder)} {sha256(path)}" for path in (*weights, *sorted(folder.rglob("*.json")))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' progress bars and tracer warnings out of the user's terminal.

    :raises MissingExtra: if transformers is not installed.
    """
    try:
        from transformers.utils import logging as transformers_logging
    except ImportError as error:
        raise MissingExtra("transformers", "models") from error

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    previous = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)
