"""The corpus that comes with the program, for whoever has named no documents: where it lies and where its index goes."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from platformdirs import user_data_path

from qa.errors import CorpusError
from qa.index.generation import CURRENT_FILE
from qa.settings import Settings

_INSTALLED = Path(__file__).parent / "default_corpus"
_CHECKED_OUT = Path(__file__).parent.parent / "corpus"


def corpus() -> Path:
    """Return the folder of the packaged documents.

    :raises CorpusError: if the installation lacks them.
    """
    found = next((folder for folder in (_INSTALLED, _CHECKED_OUT) if folder.is_dir()), None)
    if found is None:
        raise CorpusError("The corpus that comes with Citewell is not there. Install it again: pip install citewell")
    return found


def index_folder() -> Path:
    """Return where its index goes: into the user's data folder, by the program's version."""
    return user_data_path("citewell", appauthor=False) / version("citewell") / "index"


def is_built() -> bool:
    """Tell whether its index is there."""
    return (index_folder() / CURRENT_FILE).is_file()


def stands_in(settings: Settings) -> bool:
    """Tell whether the packaged corpus is served: no index and no documents were named, and none are here."""
    named = {"index", "corpus"} & settings.model_fields_set
    return not named and not (settings.index / CURRENT_FILE).exists() and not settings.corpus.exists()
