"""Settings -> what is installed, what is missing and what to do about it."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from qa import packaged
from qa.errors import BadIndex, EncoderError
from qa.settings import Settings, unknown

_SUPPORTED = ((3, 11), (3, 13))
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"extra == ['\"](\w+)")
_PURPOSES = {"": "serving", "evaluate": "evaluating", "models": "exporting a model of your own"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: whether serving can do with it, and what to do if not."""

    subject: str
    sound: bool
    detail: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield what was found of the interpreter, the packages, the settings, the corpus, the models and the index."""
    low, high = _SUPPORTED
    supported = low <= sys.version_info[:2] <= high
    advice = "" if supported else f"; expected {low[0]}.{low[1]} to {high[0]}.{high[1]}"
    yield Finding(subject="python", sound=supported, detail=platform.python_version() + advice)
    yield from _packages()
    for variable in unknown(os.environ):
        names = ", ".join(f"QA_{name.upper()}" for name in Settings.model_fields)
        yield Finding(subject=variable, sound=True, detail=f"is ignored: it is none of {names}")
    yield _corpus(settings.corpus)
    yield from _models(settings)
    if packaged.stands_in(settings) and not packaged.is_built():
        detail = "none yet; qa serve indexes the corpus that comes with Citewell"
        yield Finding(subject="index", sound=True, detail=detail)
    else:
        yield _index(packaged.index_folder() if packaged.stands_in(settings) else settings.index)


def _packages() -> Iterator[Finding]:
    try:
        requirements = requires("citewell") or []
    except PackageNotFoundError:
        detail = "is not installed, so its packages cannot be checked: pip install citewell"
        yield Finding(subject="citewell", sound=False, detail=detail)
        return
    for requirement in requirements:
        found = _NAME.match(requirement)
        if found:
            extra = _EXTRA.search(requirement)
            yield _package(found.group(), extra.group(1) if extra else "")


def _package(name: str, extra: str) -> Finding:
    """Tell whether a package is there; serving needs those of no extra."""
    purpose = _PURPOSES.get(extra, "building an index")
    install = f'"citewell[{extra}]"' if extra else "citewell"
    try:
        return Finding(subject=name, sound=True, detail=version(name))
    except PackageNotFoundError:
        return Finding(subject=name, sound=bool(extra), detail=f"missing; {purpose} needs it: pip install {install}")


def _corpus(path: Path) -> Finding:
    detail = (
        str(path)
        if path.exists()
        else f"{path} does not exist (serving does not need it); name yours: qa index my-documents/"
    )
    return Finding(subject="corpus", sound=True, detail=detail)


def _models(settings: Settings) -> Iterator[Finding]:
    from qa.encoders import export as encoders  # noqa: PLC0415 - reads the weights, which only this needs
    from qa.reader import export as readers  # noqa: PLC0415 - likewise

    yield Finding(subject="encoder", sound=True, detail=_model(settings.encoder, encoders.revision_of))
    yield Finding(subject="reranker", sound=True, detail=_model(settings.reranker, readers.revision_here))


def _model(name: str, revision_of: Callable[[str], str]) -> str:
    try:
        revision = revision_of(name)
    except (EncoderError, OSError) as error:
        return f"{error} (serving does not need it)"
    return f"{name}, revision {revision[:12]}" if revision else name


def _index(folder: Path) -> Finding:
    try:
        from qa.index import Index  # noqa: PLC0415 - heavy, and a package it needs may be what is missing

        opened = Index(folder).info()
    except (BadIndex, ImportError, OSError) as error:
        return Finding(subject="index", sound=False, detail=str(error))
    counts = f"{opened.documents} documents, {opened.passages} passages"
    return Finding(subject="index", sound=True, detail=f"{folder}, generation {opened.generation}, {counts}")
