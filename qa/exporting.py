"""What exporting a model takes, be it an encoder or a reranker: a name for its weights, and quiet from its libraries."""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qa.errors import EncoderError, MissingExtra


def weights_of(folder: Path) -> list[Path]:
    """Return the files with a model's weights, sorted.

    :raises EncoderError: if the folder has none.
    """
    weights = sorted(folder.rglob("*.safetensors"))
    if not weights:
        remedy = "Name a sentence-transformers model saved with safetensors weights."
        raise EncoderError(f"No *.safetensors file under {folder}. {remedy}")
    return weights


def revision_of(folder: Path) -> str:
    """Return the sha256 of a model's weights, tokenizer and settings, without loading it.

    :raises EncoderError: if the folder has no weights.
    """
    parts = [
        f"{path.relative_to(folder)} {sha256(path)}" for path in (*weights_of(folder), *sorted(folder.rglob("*.json")))
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def sha256(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' progress bars and tracer warnings out of the user's terminal.

    :raises MissingExtra: if transformers is not installed.
    """
    try:
        from transformers.utils import logging as transformers_logging
    except ImportError as error:
        raise MissingExtra("transformers") from error

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    previous = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)
