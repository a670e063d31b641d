"""Make a tiny CrossEncoder with random weights, as somebody would bring one."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import torch
from sentence_transformers import CrossEncoder
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

if TYPE_CHECKING:
    from pathlib import Path

_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def save_tiny(folder: Path, *, scores: int = 1, typed: bool = True) -> CrossEncoder:
    """Save a cross-encoder of two layers whose tokens are letters, and return it.

    :param typed: whether its tokenizer gives types of tokens; without them two marks part the texts.
    """
    letters = list(string.ascii_lowercase)
    words = [*_SPECIAL, *letters, *(f"##{letter}" for letter in letters), ".", "?", ","]
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1" if typed else "[CLS] $A [SEP] [SEP] $B [SEP]",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=256,
        model_input_names=["input_ids", *(["token_type_ids"] if typed else []), "attention_mask"],
    )
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
        num_labels=scores,
        initializer_range=0.3,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return CrossEncoder(str(folder), device="cpu", local_files_only=True)
