"""The models that ship with the program, as ONNX: an encoder and a reader. MODEL_CARD.md says how they were made."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from qa.errors import EncoderError

# The names in the settings: the packaged model, and no reranker.
PACKAGED, NONE = "citewell", "none"
MODEL_FILE, TOKENIZER_FILE = "model.onnx", "tokenizer.json"
_HERE = Path(__file__).parent

Kind = Literal["encoder", "reader"]


def card_file(kind: Kind) -> str:
    """Return the name of the file that says what a model is."""
    return f"{kind}.json"


def write_card(kind: Kind, card: Mapping[str, object], folder: Path) -> None:
    """Write a model's card beside it."""
    (folder / card_file(kind)).write_text(json.dumps(card, indent=1) + "\n", "utf-8")


def revision_of(kind: Kind) -> str:
    """Return the revision of a packaged model.

    :raises EncoderError: if its files are not those that were packaged.
    """
    folder = _HERE / kind
    remedy = "Install it again: pip install --force-reinstall citewell"
    try:
        card = json.loads((folder / card_file(kind)).read_text("utf-8"))
        stated, found = str(card["revision"]), revision_in(folder, card)
    except (OSError, ValueError, KeyError) as error:
        raise EncoderError(f"The packaged {kind} cannot be read ({error}). {remedy}") from error
    if found != stated:
        raise EncoderError(f"The packaged {kind} has revision {found[:12]}, not {stated[:12]}. {remedy}")
    return stated


def revision_in(folder: Path, card: Mapping[str, object]) -> str:
    """Return the sha256 that names what is in a folder: the graph with its weights, the tokenizer, and its card.

    :param card: its ``revision``, if it has one, is left out.
    """
    stated = json.dumps({name: value for name, value in sorted(card.items()) if name != "revision"})
    digests = [sha256(folder / name) for name in (MODEL_FILE, TOKENIZER_FILE)]
    return hashlib.sha256("\n".join([*digests, stated]).encode()).hexdigest()


def copy(kind: Kind, target: Path) -> None:
    """Copy a packaged model into an existing folder."""
    for name in (MODEL_FILE, TOKENIZER_FILE, card_file(kind)):
        shutil.copyfile(_HERE / kind / name, target / name)


def sha256(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
