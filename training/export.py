"""Write the trained models as they ship: ONNX with 8-bit weights, a tokenizer and a card.

The encoder's weights are turned back into floats when it is loaded and computed with as such, so that its vectors are
the same on any processor up to the last digits. The reader's layers are multiplied as 8-bit integers, which takes half the
time. Word embeddings are looked up as 8-bit integers in both.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from reader import Reader
from transformers import BertModel

from qa.encoders.onnx import EncoderCard
from qa.models import PACKAGED, TOKENIZER_FILE, Kind, revision_in, write_card
from qa.reader.onnx import ReaderCard
from qa.reader.pairs import PART_TOKENS, QUESTION_TOKENS

_OPSET = 17
_MOST = 127.0
# What varies: how many texts, and how many tokens of each, except where there is one value or vector for a text.
_AXES, _FLAT = ((0, "batch"), (1, "tokens")), ("pooled", "logits")


class _Encoder(torch.nn.Module):
    """Token states and the pooled, normalised vector from one pass over one text."""

    def __init__(self, model: BertModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        real = mask.unsqueeze(-1).to(states.dtype)
        pooled = (states * real).sum(1) / real.sum(1)
        return states, torch.nn.functional.normalize(pooled, dim=1)


def write_encoder(model: BertModel, tokenizer: Path, folder: Path, *, window: int) -> None:
    """Write the encoder into a folder."""
    names = ["input_ids", "attention_mask"]
    graph = _graph(_Encoder(model).eval(), names, ["token_embeddings", "pooled"])
    for weights in _multiplied(graph):
        _store_as_bytes(graph, weights)
    _look_up_bytes(graph)
    _save(graph, tokenizer, folder)
    card = EncoderCard(name=PACKAGED, revision="", dimensions=model.config.hidden_size, window=window)
    _write_card("encoder", asdict(card), folder)


def write_reader(model: Reader, tokenizer: Path, folder: Path) -> None:
    """Write the reader into a folder."""
    graph = _graph(model.eval(), ["input_ids", "token_type_ids", "attention_mask"], ["logits", "tokens"])
    _look_up_bytes(graph)
    with tempfile.TemporaryDirectory() as scratch:
        plain, small = Path(scratch) / "plain.onnx", Path(scratch) / "small.onnx"
        onnx.save(graph, plain)
        quantize_dynamic(
            plain,
            small,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            # Processors without VNNI add two products of 8 bits in 16: weights of 7 bits cannot overflow there.
            reduce_range=True,
            weight_type=QuantType.QInt8,
        )
        graph = onnx.load(small)
    _save(graph, tokenizer, folder)
    longest = QUESTION_TOKENS + PART_TOKENS + 3
    card = ReaderCard(name=PACKAGED, revision="", window=longest, sentences=True)
    _write_card("reader", asdict(card), folder)


def _write_card(kind: Kind, card: dict[str, Any], folder: Path) -> None:
    """Write a card with the revision of what is in the folder."""
    write_card(kind, card | {"revision": revision_in(folder, card)}, folder)


def _save(graph: onnx.ModelProto, tokenizer: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(graph, folder / "model.onnx")
    shutil.copyfile(tokenizer, folder / TOKENIZER_FILE)


def _graph(model: torch.nn.Module, inputs: list[str], outputs: list[str]) -> onnx.ModelProto:
    """Return a model as an ONNX graph whose batch and length may vary."""
    sample = tuple(torch.ones(1, 8, dtype=torch.long) for _ in inputs)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "model.onnx"
        torch.onnx.export(
            model,
            sample,
            str(path),
            input_names=inputs,
            output_names=outputs,
            dynamic_axes={name: dict(_AXES[: 1 if name in _FLAT else 2]) for name in (*inputs, *outputs)},
            opset_version=_OPSET,
            dynamo=False,
        )
        return onnx.load(path)


def _multiplied(graph: onnx.ModelProto) -> list[str]:
    """Return the names of the matrices that something is multiplied by."""
    stored = {each.name for each in graph.graph.initializer}
    return [node.input[1] for node in graph.graph.node if node.op_type == "MatMul" and node.input[1] in stored]


def _take(graph: onnx.ModelProto, name: str) -> NDArray[np.float32]:
    """Remove a stored matrix from a graph and return it."""
    stored = next(each for each in graph.graph.initializer if each.name == name)
    values: NDArray[np.float32] = numpy_helper.to_array(stored)
    graph.graph.initializer.remove(stored)
    return values


def _bytes(values: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return values as bytes and the scale of each row or column, so that bytes * scales is about the values."""
    scales = np.maximum(np.abs(values).max(axis=axis, keepdims=True) / _MOST, np.float32(1e-12)).astype(np.float32)
    return np.clip(np.rint(values / scales), -_MOST, _MOST).astype(np.int8), scales


def _store_as_bytes(graph: onnx.ModelProto, name: str) -> None:
    """Store a matrix as bytes and a scale for each column; loading turns it into floats again, once."""
    packed, scales = _bytes(_take(graph, name), axis=0)
    graph.graph.initializer.extend(
        [numpy_helper.from_array(packed, f"{name}.bytes"), numpy_helper.from_array(scales, f"{name}.scales")]
    )
    nodes = [
        helper.make_node("Cast", [f"{name}.bytes"], [f"{name}.floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}.floats", f"{name}.scales"], [name]),
    ]
    for node in reversed(nodes):
        graph.graph.node.insert(0, node)


def _look_up_bytes(graph: onnx.ModelProto) -> None:
    """Look up word embeddings as bytes, and the scale of each word."""
    stored = {each.name: each for each in graph.graph.initializer}
    gathers = [node for node in graph.graph.node if node.op_type == "Gather" and node.input[0] in stored]
    gather = max(gathers, key=lambda node: stored[node.input[0]].dims[0])
    name, ids, out = gather.input[0], gather.input[1], gather.output[0]
    packed, scales = _bytes(_take(graph, name), axis=1)
    graph.graph.initializer.extend(
        [numpy_helper.from_array(packed, f"{name}.bytes"), numpy_helper.from_array(scales, f"{name}.scales")]
    )
    place = list(graph.graph.node).index(gather)
    graph.graph.node.remove(gather)
    nodes = [
        helper.make_node("Gather", [f"{name}.bytes", ids], [f"{out}.bytes"]),
        helper.make_node("Cast", [f"{out}.bytes"], [f"{out}.floats"], to=TensorProto.FLOAT),
        helper.make_node("Gather", [f"{name}.scales", ids], [f"{out}.scales"]),
        helper.make_node("Mul", [f"{out}.floats", f"{out}.scales"], [out]),
    ]
    for offset, node in enumerate(nodes):
        graph.graph.node.insert(place + offset, node)
