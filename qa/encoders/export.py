"""Write an encoder into a folder that OnnxEncoder loads: the packaged one's files, or a sentence-transformers model.

Only building imports this module; a model of one's own needs the ``models`` extra.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from qa import models
from qa.encoders.onnx import EncoderCard
from qa.errors import EncoderError, MissingExtra
from qa.models import MODEL_FILE, TOKENIZER_FILE, files
from qa.models.files import quiet

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

_OPSET = 17


def revision_of(name: str) -> str:
    """Return the sha256 of the model's weights, tokenizer and settings, without loading it.

    :param name: ``citewell`` for the packaged encoder, or the folder of any sentence-transformers model.
    :raises EncoderError: if the folder has no weights, or the packaged ones are not those expected.
    """
    if name == models.PACKAGED:
        return models.revision_of("encoder")
    return files.revision_of(_folder_of(name))


def export(name: str, folder: Path) -> None:
    """Write the model as ONNX, its tokenizer and its card into an existing folder.

    :raises MissingExtra: if a package of the ``models`` extra is missing.
    :raises EncoderError: if the model cannot be loaded or has no fast tokenizer.
    """
    if name == models.PACKAGED:
        models.copy("encoder", folder)
        return
    revision, source = revision_of(name), _folder_of(name)
    if not (source / TOKENIZER_FILE).is_file():
        raise EncoderError(f"{source} has no {TOKENIZER_FILE}. Save the model with a fast tokenizer.")
    with quiet():
        model = _load(source)
        _write_onnx(model, folder / MODEL_FILE)
    shutil.copyfile(source / TOKENIZER_FILE, folder / TOKENIZER_FILE)
    card = EncoderCard(
        name=name,
        revision=revision,
        dimensions=_dimensions(model),
        window=int(model.max_seq_length or 256),
        query_prompt=model.prompts.get("query") or "",
        passage_prompt=model.prompts.get("document") or "",
    )
    models.write_card("encoder", asdict(card), folder)


def _folder_of(name: str) -> Path:
    folder = Path(name)
    if not (folder / "modules.json").is_file():
        expected = f'"{models.PACKAGED}" or the folder of a sentence-transformers model (with modules.json)'
        raise EncoderError(f'The encoder is set to "{name}"; expected {expected}.')
    return folder


def _load(source: Path) -> SentenceTransformer:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise MissingExtra("sentence-transformers", "models") from error
    try:
        return SentenceTransformer(str(source), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise EncoderError(f"The model in {source} cannot be loaded: {error}") from error


def _dimensions(model: SentenceTransformer) -> int:
    dimensions = model.get_embedding_dimension()
    if dimensions is None:
        raise EncoderError("The model does not say how many dimensions its vectors have.")
    return int(dimensions)


def _write_onnx(model: SentenceTransformer, path: Path) -> None:
    import torch

    class Graph(torch.nn.Module):
        """Token states and the pooled, normalised vector from one pass."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            output = self.model({"input_ids": input_ids, "attention_mask": attention_mask})
            pooled = torch.nn.functional.normalize(output["sentence_embedding"], dim=1)
            return output["token_embeddings"], pooled

    sample = torch.ones(1, 8, dtype=torch.long)
    length = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        Graph().eval(),
        (sample, sample),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["token_embeddings", "pooled"],
        dynamic_axes={
            "input_ids": length,
            "attention_mask": length,
            "token_embeddings": length,
            "pooled": {0: "batch"},
        },
        opset_version=_OPSET,
        dynamo=False,
    )
