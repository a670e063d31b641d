"""An encoder in; the safety gate's classifier, trained with it and kept in its folder, out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.encoders import OnnxEncoder
from qa.errors import IndexDamaged
from qa.safety import SafetyGate
from qa.safety.classifier import FILE, Classifier
from qa.safety.training import fingerprint, packaged

# As the built-in map, but free to run in parallel.
Map = Callable[[Callable[[str], NDArray[np.float32]], Iterable[str]], Iterable[NDArray[np.float32]]]


def train(encoder: OnnxEncoder, folder: Path, each: Map) -> None:
    """Train the classifier, unless the encoder's folder holds one of the same examples and the same encoder."""
    revision = encoder.card.revision
    if (folder / FILE).is_file() and load(folder).fingerprint == fingerprint(revision):
        return
    gate = SafetyGate.load()
    encode = partial(each, lambda text: encoder.encode_query(text).pooled)
    packaged(lambda message: gate.read(message).texts, encode, revision).save(folder / FILE)


def load(folder: Path) -> Classifier:
    """Return the classifier of an encoder's folder.

    :raises IndexDamaged: if it is missing or cannot be read.
    """
    try:
        return Classifier.load(folder / FILE)
    except (OSError, ValueError, KeyError) as error:
        remedy = "Build it again: qa index"
        raise IndexDamaged(f"{folder / FILE} cannot be read ({type(error).__name__}). {remedy}") from error
