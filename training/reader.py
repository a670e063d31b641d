"""Train the reader: a cross-encoder that tells whether a passage answers a question, and which sentence does.

It is made of the fine-tuned encoder and two linear heads: one over every token, whose mean over a sentence is the
sentence's logit, and one over the first token. The logit of a passage is that of its first token plus the log-sum-exp of
its sentences', since a passage answers if one of its sentences does. The loss is a sum of four terms: cross-entropies of
"answers" for each passage and each sentence by itself, of the passage that answers among those shown with the question,
and of the sentence that answers among those of its passage. What answers in part counts neither way.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from descent import descend
from examples import Examples
from negatives import Hard
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from qa.reader.pairs import Pair, Tokens, pair

_QUESTIONS, _NEGATIVES = 10, 2
_HARDEST = 7
_RATE, _WARMUP = 8e-5, 0.08
_FORWARD = 10
# A list has one passage of another group now and then, so that the reader knows those too.
_STRANGERS = 0.15


class Reader(nn.Module):
    """An encoder with a head for the first token and one for every token."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.passage, self.sentence = nn.Linear(width, 1), nn.Linear(width, 1)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of first tokens, shape (pairs,), and of tokens, shape (pairs, tokens)."""
        states = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        return self.passage(states[:, 0]).squeeze(-1), self.sentence(states).squeeze(-1)


@dataclass(slots=True)
class _Listed:
    """A question's pairs: each with whether its passage answers (None for in part), and its sentences' labels."""

    pairs: list[Pair]
    answers: list[bool | None]
    sentences: list[dict[int, bool | None]]


Draw = Callable[[random.Random], _Listed]


class Shown:
    """Makes the pairs of a question: passages that answer and others."""

    def __init__(self, tokenizer: Tokenizer, examples: Examples, negatives: dict[int, list[Hard]]) -> None:
        """Take the data; ``negatives`` are passages and the sentence that looks most like an answer, by question."""
        self._examples, self._negatives = examples, negatives
        self._first, self._last = tokenizer.encode("").ids
        found = tokenizer.encode_batch([each.text for each in examples.passages], add_special_tokens=False)
        self._passages = [Tokens(ids=each.ids, offsets=each.offsets) for each in found]
        asked = tokenizer.encode_batch([each.text for each in examples.questions], add_special_tokens=False)
        self._questions = [each.ids for each in asked]

    def draw(self, number: int, chance: random.Random) -> _Listed:
        """Return a question's list."""
        question, listed = self._examples.questions[number], _Listed([], [], [])
        right = question.passages("answers")
        if right:
            passage = chance.choice(right)
            labels = question.labels[passage]
            self._add(number, passage, chance.choice([i for i, label in labels.items() if label == "answers"]), listed)
        hard = self._negatives[number][:_HARDEST]
        for passage, sentence in chance.sample(hard, min(_NEGATIVES, len(hard))):
            self._add(number, passage, sentence, listed)
        if chance.random() < _STRANGERS:
            stranger = chance.randrange(len(self._passages))
            if self._examples.passages[stranger].group != question.group:
                self._add(number, stranger, chance.randrange(len(self._examples.passages[stranger].sentences)), listed)
        return listed

    def pair(self, number: int, passage: int, sentence: int) -> Pair:
        """Return a question with a passage around one of its sentences."""
        sentences = self._examples.passages[passage].sentences
        tokens = self._passages[passage]
        return pair(self._questions[number], tokens, sentences, sentence, first=self._first, last=self._last)

    def _add(self, number: int, passage: int, sentence: int, listed: _Listed) -> None:
        made = self.pair(number, passage, sentence)
        labels = self._examples.questions[number].labels.get(passage, {})
        of = {i: None if labels.get(i) == "partly" else labels.get(i) == "answers" for i in made.sentences}
        listed.pairs.append(made)
        listed.answers.append(True if True in of.values() else None if None in of.values() else False)
        listed.sentences.append(of)


def batch(pairs: list[Pair]) -> tuple[Tensor, Tensor, Tensor]:
    """Return the ids, types and mask of pairs, padded to the longest."""
    pad = nn.utils.rnn.pad_sequence
    ids = pad([torch.tensor(each.ids) for each in pairs], batch_first=True)
    types = pad([torch.tensor(each.types) for each in pairs], batch_first=True)
    mask = pad([torch.ones(len(each.ids), dtype=torch.long) for each in pairs], batch_first=True)
    return ids, types, mask


def train(reader: Reader, lists: Sequence[Draw], *, epochs: float, seed: int, steps: int | None = None) -> None:
    """Train a reader in place.

    :param lists: for each question, what draws its list.
    :param steps: the most steps, to try things out.
    """
    torch.manual_seed(seed)
    planned = int(epochs * len(lists) / _QUESTIONS)
    steps = min(planned, steps or planned)
    descend(
        "reader", reader, _losses(reader, lists, steps, random.Random(seed)), steps=steps, rate=_RATE, warmup=_WARMUP
    )


def _losses(reader: Reader, lists: Sequence[Draw], steps: int, chance: random.Random) -> Iterator[Tensor]:
    waiting: list[Draw] = []
    for _ in range(steps):
        if len(waiting) < _QUESTIONS:
            waiting = chance.sample(lists, len(lists))
        chosen, waiting = waiting[:_QUESTIONS], waiting[_QUESTIONS:]
        yield _loss(reader, [draw(chance) for draw in chosen])


def _loss(reader: Reader, lists: list[_Listed]) -> Tensor:
    flat = [each for listed in lists for each in listed.pairs]
    order = sorted(range(len(flat)), key=lambda place: len(flat[place].ids))
    logits: list[Tensor] = [torch.zeros(())] * len(flat)
    tokens: list[Tensor] = [torch.zeros(())] * len(flat)
    for start in range(0, len(order), _FORWARD):
        chosen = order[start : start + _FORWARD]
        passages, words = reader(*batch([flat[place] for place in chosen]))
        for row, place in enumerate(chosen):
            logits[place], tokens[place] = passages[row], words[row]
    terms: dict[str, list[Tensor]] = {"passage": [], "among": [], "sentence": [], "within": []}
    place = 0
    for listed in lists:
        scores, right = [], []
        for made, answers, of in zip(listed.pairs, listed.answers, listed.sentences, strict=True):
            words = tokens[place]
            means = {i: words[start:end].mean() for i, (start, end) in made.sentences.items() if end > start}
            logit = logits[place]
            if means:
                logit = logit + torch.logsumexp(torch.stack(list(means.values())), 0)
            place += 1
            if answers is not None:
                terms["passage"].append(
                    functional.binary_cross_entropy_with_logits(logit, torch.tensor(float(answers)))
                )
                scores.append(logit)
                right.append(answers)
            known = {i: mean for i, mean in means.items() if of[i] is not None}
            if not known:
                continue
            stated, labels = torch.stack(list(known.values())), torch.tensor([bool(of[i]) for i in known])
            terms["sentence"].append(functional.binary_cross_entropy_with_logits(stated, labels.float()))
            if labels.any() and not labels.all():
                terms["within"].append(-torch.logsumexp(functional.log_softmax(stated, 0)[labels], 0))
        if any(right) and not all(right):
            logs = functional.log_softmax(torch.stack(scores), 0)
            terms["among"].append(-torch.logsumexp(logs[torch.tensor(right)], 0))
    return torch.stack([torch.stack(each).mean() for each in terms.values() if each]).sum()
