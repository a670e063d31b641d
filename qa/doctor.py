"""Settings -> what is installed, what is missing and what to do about it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from qa.errors import BadIndex, EncoderError
from qa.settings import Settings

_SUPPORTED = ((3, 11), (3, 13))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: whether it is as it should be, and what to do if not."""

    subject: str
    sound: bool
    detail: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield what was found of the interpreter, the packages, the corpus, the encoder and the index."""
    low, high = _SUPPORTED
    supported = low <= sys.version_info[:2] <= high
    advice = "" if supported else f"; expected {low[0]}.{low[1]} to {high[0]}.{high[1]}"
    yield Finding(subject="python", sound=supported, detail=platform.python_version() + advice)
    yield from _packages()
    yield _corpus(settings.corpus)
    yield _encoder(settings.encoder)
    yield _index(settings.index)


def _packages() -> Iterator[Finding]:
    for requirement in requires("citewell") or []:
        name = requirement.split(";")[0].split("[")[0]
        for mark in "<>=!~ ":
            name = name.split(mark)[0]
        building = "extra ==" in requirement
        remedy = "missing; building an index needs it" if building else "missing; serving needs it"
        install = 'pip install "citewell[build]"' if building else "pip install citewell"
        try:
            yield Finding(subject=name, sound=True, detail=version(name))
        except PackageNotFoundError:
            yield Finding(subject=name, sound=building, detail=f"{remedy}: {install}")


def _corpus(folder: Path) -> Finding:
    if folder.exists():
        return Finding(subject="corpus", sound=True, detail=str(folder))
    return Finding(subject="corpus", sound=True, detail=f"{folder} does not exist; name yours: qa index my-documents/")


def _encoder(name: str) -> Finding:
    from qa.encoders.export import revision_of  # noqa: PLC0415 - reads the weights, which only this needs

    try:
        return Finding(subject="encoder", sound=True, detail=f"{name}, weights {revision_of(name)[:12]}")
    except EncoderError as error:
        return Finding(subject="encoder", sound=True, detail=f"{error} (serving does not need it)")


def _index(folder: Path) -> Finding:
    from qa.index import Index  # noqa: PLC0415 - heavy, and may itself be what is missing

    try:
        opened = Index(folder).info()
    except BadIndex as error:
        return Finding(subject="index", sound=False, detail=str(error))
    return Finding(subject="index", sound=True, detail=f"{folder}, {opened.documents} documents, {opened.passages} passages")
