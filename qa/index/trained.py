"""An encoder in; the safety gate's classifier, trained with it and kept in its folder, out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from pathlib import Path

from qa.encoders import OnnxEncoder
from qa.errors import IndexDamaged
from qa.question import opening
from qa.safety import SafetyGate, stretches
from qa.safety.classifier import FILE, Classifier
from qa.safety.stretches import Said
from qa.types import Progress

_SHARE = 128


def train(
    encoder: OnnxEncoder, folder: Path, pool: Callable[[], AbstractContextManager[Executor]], tell: Progress
) -> None:
    """Train the classifier, unless the encoder's folder holds one of the same examples and the same encoder.

    :param pool: opens what encodes the examples side by side.
    """
    from qa.safety.training import fingerprint, packaged  # noqa: PLC0415 (serving needs no scipy)

    revision = encoder.card.revision
    if _is_current(folder, fingerprint(revision)):
        return
    gate = SafetyGate.load()

    def said(messages: Sequence[str]) -> list[Said]:
        beginnings = [opening(message)[0] for message in messages]
        return [stretches(each, "", encoder.encode_query) for each in encoder.encode_queries(beginnings)]

    def encode(messages: Iterable[str]) -> Iterator[Said]:
        told = list(messages)
        # Those of about equal length together, since those of equal length are encoded at once.
        by_length = sorted(told, key=len)
        shares = [by_length[start : start + _SHARE] for start in range(0, len(told), _SHARE)]
        found: dict[str, Said] = {}
        with pool() as workers:
            for share, each in zip(shares, workers.map(said, shares), strict=True):
                found.update(zip(share, each, strict=True))
                tell("Training the safety classifier", len(found), len(told))
        yield from (found[message] for message in told)

    packaged(lambda message: gate.read(message).texts, encode, revision).save(folder / FILE)


def _is_current(folder: Path, expected: str) -> bool:
    """Tell whether a folder holds what training would make; what an earlier program wrote may not even be readable."""
    try:
        return load(folder).fingerprint == expected
    except IndexDamaged:
        return False


def load(folder: Path) -> Classifier:
    """Return the classifier of an encoder's folder.

    :raises IndexDamaged: if it is missing or cannot be read.
    """
    try:
        return Classifier.load(folder / FILE)
    except (OSError, ValueError, KeyError) as error:
        remedy = "Build it again: qa index"
        raise IndexDamaged(f"{folder / FILE} cannot be read ({type(error).__name__}). {remedy}") from error
