"""Fine-tune the encoder for what it is used for: MaxSim of tokens, cosine of pooled vectors, MaxSim of sentences.

The loss is a sum of three cross-entropies over scaled similarities. The first two tell a passage that answers from
those of the other questions of the batch and from hard negatives of its own group, by the mean MaxSim of the question's
tokens (Khattab and Zaharia, 2020, https://arxiv.org/abs/2004.12832) and by the cosine of the pooled vectors. The third
tells a sentence that answers from the others of its passage, by MaxSim over the sentence's tokens alone.
The word embeddings stay as they are.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from descent import descend
from examples import Examples, Question
from negatives import Hard
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

_QUESTIONS, _HARD, _HARDEST = 12, 2, 6
_TEMPERATURE, _COSINE_TEMPERATURE = 25.0, 20.0
_RATE, _WARMUP = 3e-5, 0.1
_FORWARD = 12
_QUESTION_TOKENS, _PASSAGE_TOKENS = 48, 160
_NEVER = -1e4


@dataclass(frozen=True, slots=True)
class Encoded:
    """Unit token vectors, shape (texts, tokens, dimensions), which of them are real, and pooled unit vectors."""

    tokens: Tensor
    real: Tensor
    pooled: Tensor
    starts: list[list[int]]


class Texts(nn.Module):
    """Encodes texts with gradients, those of like length together."""

    def __init__(self, model: BertModel, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.model, self._tokenizer = model, tokenizer

    def forward(self, texts: Sequence[str], longest: int) -> Encoded:
        """Encode texts, cut at ``longest`` tokens."""
        read = self._tokenizer.encode_batch(list(texts))
        ids = [each.ids[: longest - 1] + each.ids[-1:] if len(each.ids) > longest else each.ids for each in read]
        order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
        width = max(map(len, ids))
        states: dict[int, Tensor] = {}
        for start in range(0, len(order), _FORWARD):
            chosen = order[start : start + _FORWARD]
            batch = nn.utils.rnn.pad_sequence([torch.tensor(ids[i]) for i in chosen], batch_first=True)
            mask = nn.utils.rnn.pad_sequence(
                [torch.ones(len(ids[i]), dtype=torch.long) for i in chosen], batch_first=True
            )
            found = self.model(input_ids=batch, attention_mask=mask).last_hidden_state
            for row, place in enumerate(chosen):
                states[place] = functional.pad(found[row], (0, 0, 0, width - found.shape[1]))
        hidden = torch.stack([states[place] for place in range(len(ids))])
        mask = torch.zeros(len(ids), width)
        for place, each in enumerate(ids):
            mask[place, : len(each)] = 1
        pooled = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        real = mask.bool()
        real[:, 0] = False
        for place, each in enumerate(ids):
            real[place, len(each) - 1] = False
        return Encoded(
            functional.normalize(hidden, dim=-1),
            real,
            functional.normalize(pooled, dim=-1),
            [[start for start, _ in each.offsets] for each in read],
        )


def maxsim(question: Encoded, passages: Encoded) -> Tensor:
    """Return the mean MaxSim of each question with each passage, shape (questions, passages)."""
    similar = torch.einsum("qid,pjd->qpij", question.tokens, passages.tokens)
    best = similar.masked_fill(~passages.real[None, :, None, :], _NEVER).amax(-1)
    weight = question.real[:, None, :].float()
    return (best * weight).sum(-1) / weight.sum(-1)


def train(
    model: BertModel,
    tokenizer: Tokenizer,
    examples: Examples,
    negatives: dict[int, list[Hard]],
    *,
    epochs: float,
    seed: int,
    steps: int | None = None,
) -> None:
    """Fine-tune a model in place.

    :param negatives: hard negatives by the number of the question, the hardest first.
    :param steps: the most steps, to try things out.
    """
    torch.manual_seed(seed)
    texts, chance = Texts(model, tokenizer), random.Random(seed)
    batches = _batches(examples, epochs, seed)[:steps]
    losses = (_loss(texts, examples, batch, negatives, chance) for batch in batches)
    descend("encoder", model, losses, steps=len(batches), rate=_RATE, warmup=_WARMUP)


def _batches(examples: Examples, epochs: float, seed: int) -> list[list[int]]:
    """Return batches of question numbers, each of different groups; what fills no batch at the end of a pass is left out."""
    chance = random.Random(seed)
    wanted = {id(question) for question in examples.part("train") if question.answered}
    numbers = [number for number, question in enumerate(examples.questions) if id(question) in wanted]
    batches: list[list[int]] = []
    while len(batches) * _QUESTIONS < epochs * len(numbers):
        waiting = chance.sample(numbers, len(numbers))
        while len(waiting) >= _QUESTIONS:
            batch: list[int] = []
            groups: set[str] = set()
            later = []
            for number in waiting:
                group = examples.questions[number].group
                if len(batch) < _QUESTIONS and group not in groups:
                    batch.append(number)
                    groups.add(group)
                else:
                    later.append(number)
            if len(batch) < _QUESTIONS:
                break
            waiting = later
            batches.append(batch)
        if not batches:
            raise ValueError(f"The training part has fewer than {_QUESTIONS} groups with answered questions.")
    return batches[: int(epochs * len(numbers) / _QUESTIONS)]


def _loss(
    texts: Texts, examples: Examples, batch: list[int], negatives: dict[int, list[Hard]], chance: random.Random
) -> Tensor:
    asked = [examples.questions[number] for number in batch]
    right = [chance.choice(question.passages("answers")) for question in asked]
    hard = []
    for number in batch:
        choice = [passage for passage, _ in negatives[number][:_HARDEST]]
        hard += chance.sample(choice, min(_HARD, len(choice)))
    shown = list(dict.fromkeys([*right, *hard]))
    questions = texts([question.text for question in asked], _QUESTION_TOKENS)
    passages = texts([examples.passages[number].text for number in shown], _PASSAGE_TOKENS)
    target = torch.tensor([shown.index(number) for number in right])
    also = torch.zeros(len(asked), len(shown), dtype=torch.bool)
    for row, question in enumerate(asked):
        for column, number in enumerate(shown):
            also[row, column] = number != right[row] and bool(
                {"answers", "partly"} & set(question.labels.get(number, {}).values())
            )
    late = (_TEMPERATURE * maxsim(questions, passages)).masked_fill(also, _NEVER)
    near = (_COSINE_TEMPERATURE * questions.pooled @ passages.pooled.T).masked_fill(also, _NEVER)
    loss = functional.cross_entropy(late, target) + functional.cross_entropy(near, target)
    return loss + _sentence_loss(examples, asked, right, questions, passages, shown)


def _sentence_loss(
    examples: Examples, asked: list[Question], right: list[int], questions: Encoded, passages: Encoded, shown: list[int]
) -> Tensor:
    """Return the mean cross-entropy of a sentence that answers among the sentences of its passage."""
    losses = []
    for row, (question, number) in enumerate(zip(asked, right, strict=True)):
        place, passage, labels = shown.index(number), examples.passages[number], question.labels[number]
        starts = passages.starts[place]
        similar = questions.tokens[row][questions.real[row]] @ passages.tokens[place].T
        scores, answers = [], []
        for sentence, (start, end) in enumerate(passage.sentences):
            held = [
                token
                for token, at in enumerate(starts[: similar.shape[1]])
                if start <= at < end and bool(passages.real[place, token])
            ]
            if held and labels.get(sentence) != "partly":
                scores.append(similar[:, held].amax(1).mean())
                answers.append(labels.get(sentence) == "answers")
        if any(answers) and not all(answers):
            logs = functional.log_softmax(_TEMPERATURE * torch.stack(scores), dim=0)
            losses.append(-torch.logsumexp(logs[torch.tensor(answers)], dim=0))
    return torch.stack(losses).mean() if losses else torch.zeros(())
