"""Settings -> what a verb works with: the documents, the index or the whole pipeline. Heavy imports happen inside."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from qa.legible import legible, legible_json, one_line

if TYPE_CHECKING:
    from qa.pipeline import Pipeline
    from qa.settings import Settings
    from qa.types import Corpus, Progress


def say(message: str) -> None:
    """Write a message to stderr, with the controls in it made visible: it may name a file or quote a document."""
    sys.stderr.write(legible(message) + "\n")


def tell(message: str) -> None:
    """Write one line to stdout, with the controls in it made visible."""
    sys.stdout.write(one_line(message) + "\n")


def tell_json(json: str) -> None:
    """Write JSON to stdout; the value stays the same, and no string in it holds a control."""
    sys.stdout.write(legible_json(json) + "\n")


def load_settings(**flags: object) -> Settings:
    """Return the settings, and say which variables look like some and are none."""
    from qa.settings import load, unknown

    for variable in unknown(os.environ):
        say(f"{variable} is no setting of qa and is ignored; qa doctor lists those that are.")
    return load(**flags)


def read_documents(settings: Settings) -> Corpus:
    """Read the documents in processes of their own, under a progress bar.

    :raises CorpusError: when nothing can be read, or ``corpus.toml`` is not what it should be.
    """
    from qa.corpus import Limits, read_corpus

    limits = Limits(seconds=settings.read_seconds, memory=settings.read_memory)
    with _late_progress_bar() as progress:
        read = read_corpus(
            settings.corpus,
            max_bytes=settings.max_bytes,
            exclude=settings.exclude,
            limits=limits,
            progress=progress,
        )
    if read.info.safety.own:
        from qa.safety import check_own_flags

        check_own_flags(read.info.safety)
    return read


@contextmanager
def _late_progress_bar() -> Iterator[Progress]:
    """Show progress from the first call on: what draws it is loaded while the processes that read are starting."""
    with ExitStack() as stack:

        @cache
        def bar() -> Progress:
            from qa.terminal import progress_bar

            return stack.enter_context(progress_bar())

        def progress(stage: str, done: int, total: int) -> None:
            bar()(stage, done, total)

        yield progress


def build_index(read: Corpus, settings: Settings, *, folder: Path, force: bool = False) -> None:
    """Build under a progress bar, and say what was built."""
    from qa.calibrate import by_corpus
    from qa.index.build import build
    from qa.terminal import progress_bar

    with progress_bar() as progress:
        built = build(
            read,
            folder,
            model=settings.encoder,
            reranker=settings.reranker,
            calibrate=by_corpus,
            force=force,
            progress=progress,
        )
    manifest = built.manifest
    counts = f"{len(manifest.documents)} documents, {manifest.passages} passages"
    reused = f", {built.reused} embeddings reused" if built.reused and built.fresh else ""
    say(f"{folder}: {'built' if built.fresh else 'up to date'}: {counts}{reused} (generation {manifest.generation})")
    if built.superseded:
        say("The index before was calibrated by labelled questions. Do that again with: qa calibrate SET")


def index_folder(settings: Settings) -> Path:
    """Return the folder of the index: the user's, or that of the packaged corpus where the user has none."""
    from qa import packaged

    return packaged.index_folder() if packaged.stands_in(settings) else settings.index


def _served(settings: Settings) -> Path:
    """Return the folder of the index, and build the packaged corpus' where it stands in for the first time."""
    from qa import packaged

    folder = index_folder(settings)
    if folder != settings.index and not packaged.is_built():
        say(f"Neither an index nor documents here: indexing the corpus that comes with Citewell, once, into {folder}.")
        build_index(read_documents(settings.model_copy(update={"corpus": packaged.corpus()})), settings, folder=folder)
    return folder


def open_pipeline(settings: Settings) -> Pipeline:
    """Open the index that is to serve, with everything that a question passes."""
    return reopen_pipeline(_served(settings), settings)


def reopen_pipeline(folder: Path, settings: Settings) -> Pipeline:
    """Open the current generation of an index folder.

    :raises BadIndex: if it is missing or damaged.
    """
    from qa.index import Index
    from qa.pipeline import Pipeline
    from qa.safety import SafetyGate

    opened = Index(folder, threads=settings.threads)
    return Pipeline(opened, SafetyGate.load(), threshold=settings.threshold)
