"""Write a reranker into a folder that Reader loads: the packaged reader's files, or somebody's CrossEncoder as ONNX.

Only building imports this module; a CrossEncoder needs the ``models`` extra.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa import models
from qa.errors import EncoderError, MissingExtra
from qa.models import MODEL_FILE, TOKENIZER_FILE, files
from qa.models.files import quiet
from qa.reader.onnx import ReaderCard

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder

_OPSET = 17
_LONGEST = 512
_FETCHED = ("*.json", "*.safetensors", "*.txt", "*.model")


def revision_of(name: str) -> str:
    """Return the sha256 of the reranker's weights, tokenizer and settings, without loading it; nothing for ``none``.

    :param name: ``citewell`` for the packaged reader, ``none``, or a CrossEncoder's folder or name on the hub; what the
        hub has is fetched once, if it is not there yet.
    :raises EncoderError: if there is no such model, it has no weights, or the packaged ones are not those expected.
    """
    if name == models.NONE:
        return ""
    return models.revision_of("reader") if name == models.PACKAGED else files.revision_of(_folder_of(name))


def revision_here(name: str) -> str:
    """Return the revision of a reranker as ``revision_of`` does, without asking the hub.

    :raises EncoderError: as ``revision_of``, and if the model is one of the hub's that was not fetched yet.
    """
    if _is_on_hub(name) and _fetched(name) is None:
        raise EncoderError(f"{name} is no folder here and was not fetched yet: building an index asks the hub for it.")
    return revision_of(name)


def export(name: str, folder: Path) -> None:
    """Write the reranker as ONNX, its tokenizer and its card into an existing folder.

    :param name: as for ``revision_of``, but not ``none``.
    :raises MissingExtra: if a package of the ``models`` extra is missing.
    :raises EncoderError: if the model cannot be loaded, has no fast tokenizer, or gives more than one score.
    """
    if name == models.PACKAGED:
        models.copy("reader", folder)
        return
    source = _folder_of(name)
    if not (source / TOKENIZER_FILE).is_file():
        raise EncoderError(f"{source} has no {TOKENIZER_FILE}. Save the reranker with a fast tokenizer.")
    with quiet():
        model = _load(source)
        _write_onnx(model, source, folder / MODEL_FILE)
        window = min(_LONGEST, int(model.tokenizer.model_max_length))
    shutil.copyfile(source / TOKENIZER_FILE, folder / TOKENIZER_FILE)
    card = ReaderCard(name=name, revision=revision_of(name), window=window, sentences=False)
    models.write_card("reader", asdict(card), folder)


def _folder_of(name: str) -> Path:
    """Return the folder of a CrossEncoder, fetched from the hub if it is no folder here."""
    folder = Path(name)
    if (folder / "config.json").is_file():
        return folder
    expected = (
        f'"{models.PACKAGED}", "{models.NONE}", or a CrossEncoder: its folder (with config.json) or its name on the hub'
    )
    fault = f'The reranker is set to "{name}", which is no folder here; expected {expected}.'
    if not _is_on_hub(name):
        raise EncoderError(fault)
    local = _fetched(name)
    if local is not None:
        return local
    if find_spec("sentence_transformers") is None:
        raise MissingExtra("sentence-transformers", "models")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=list(_FETCHED)))
    except Exception as error:  # the hub's client raises those of several libraries
        raise EncoderError(f"{fault} The hub did not give it: {error}") from error


def _is_on_hub(name: str) -> bool:
    """Tell whether a name can only be one of the hub's: an owner and a model, and nothing of that name here."""
    return name.count("/") == 1 and not name.startswith((".", "/", "~")) and not Path(name).exists()


def _fetched(name: str) -> Path | None:
    """Return the folder of what was fetched from the hub earlier, or None.

    :raises MissingExtra: if a package of the ``models`` extra is missing.
    """
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
    except ImportError as error:
        raise MissingExtra("sentence-transformers", "models") from error
    try:
        return Path(snapshot_download(name, allow_patterns=list(_FETCHED), local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def _load(source: Path) -> CrossEncoder:
    try:
        from sentence_transformers import CrossEncoder
    except ImportError as error:
        raise MissingExtra("sentence-transformers", "models") from error
    try:
        model: CrossEncoder = CrossEncoder(str(source), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise EncoderError(f"The reranker in {source} cannot be loaded: {error}") from error
    return model


def _write_onnx(model: CrossEncoder, source: Path, path: Path) -> None:
    import torch

    network: Any = model.model
    typed = "token_type_ids" in model.tokenizer.model_input_names

    class Graph(torch.nn.Module):
        """The logit of a pair, before any activation."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
            names = ("input_ids", "attention_mask", "token_type_ids")
            logits: torch.Tensor = self.network(**dict(zip(names, inputs, strict=False))).logits
            return logits

    graph, names = Graph().eval(), ["input_ids", "attention_mask", *(["token_type_ids"] if typed else [])]
    ones, zeros = torch.ones(1, 8, dtype=torch.long), torch.zeros(1, 8, dtype=torch.long)
    sample = (ones, ones, zeros)[: len(names)]
    remedy = "A reranker gives one: name a CrossEncoder with num_labels=1 and a head for classifying sequences."
    try:
        with torch.no_grad():
            shape = tuple(graph(*sample).shape)
    except (AttributeError, TypeError, ValueError, RuntimeError, IndexError) as error:
        raise EncoderError(f"The model in {source} gives no score for a pair ({error}). {remedy}") from error
    if shape != (1, 1):
        raise EncoderError(f"The model in {source} gives scores of shape {shape} for a pair. {remedy}")
    torch.onnx.export(
        graph,
        sample,
        str(path),
        input_names=names,
        output_names=["logits"],
        dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names},
        opset_version=_OPSET,
        dynamo=False,
    )
