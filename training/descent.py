"""Minimise a loss step by step, with AdamW and a learning rate that rises for a while and then falls to nothing."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

_DECAY = 0.01
_TOLD = 20


def descend(name: str, model: nn.Module, losses: Iterable[Tensor], *, steps: int, rate: float, warmup: float) -> None:
    """Train a model in place; its word embeddings stay as they are.

    :param name: what the progress calls it.
    :param losses: the loss of each step, computed when it is asked for, with the weights of then.
    :param rate: the highest learning rate, reached after the share ``warmup`` of the steps.
    """
    for label, each in model.named_parameters():
        each.requires_grad_("word_embeddings" not in label)
    parameters = [each for each in model.parameters() if each.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=_DECAY)
    warm = max(1, int(warmup * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))
    )
    model.train()
    total = 0.0
    for step, loss in enumerate(losses, start=1):
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        total += loss.item()
        if step % _TOLD == 0:
            print(f"{name}: step {step}/{steps}, loss {total / _TOLD:.3f}", flush=True)
            total = 0.0
    model.train(mode=False)
