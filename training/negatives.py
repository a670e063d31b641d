"""Find hard negatives: the passages of a question's own group that look most like an answer and are none."""

from __future__ import annotations

import numpy as np
from examples import Examples, Question
from numpy.typing import NDArray

from qa.encoders import Encoding, OnnxEncoder

_MOST = 8

Hard = tuple[int, int]
States = NDArray[np.float32]


def hard_negatives(examples: Examples, encoder: OnnxEncoder) -> dict[int, list[Hard]]:
    """Return passages and the sentence of each that looks most like an answer, by the number of the question.

    The hardest come first: those that writers labelled as misleading, then the nearest by MaxSim.
    """
    encoded = [encoder.encode_passage(passage.text) for passage in examples.passages]
    states = [_unit(each) for each in encoded]
    asked = encoder.encode_queries([each.text for each in examples.questions])
    found = {}
    for number, question in enumerate(examples.questions):
        own = _unit(asked[number])
        right = {*question.passages("answers"), *question.passages("partly")}
        members = [passage for passage in examples.groups[question.group] if passage not in right]
        similar = {passage: own @ states[passage].T for passage in members}
        whole = {passage: float(each.max(1).mean()) for passage, each in similar.items()}
        ordered = dict.fromkeys(question.passages("same_topic")) | dict.fromkeys(
            sorted(members, key=lambda passage: (-whole[passage], passage))
        )
        hardest = [passage for passage in ordered if passage in whole][:_MOST]
        found[number] = [(each, _focus(examples, question, each, encoded[each], similar[each])) for each in hardest]
    return found


def _unit(encoding: Encoding) -> States:
    """Return the unit states of the tokens that stand for any text; the others are zero."""
    real = np.array([end > start for start, end in encoding.offsets], dtype=np.float32)[:, None]
    unit: States = encoding.tokens / np.linalg.norm(encoding.tokens, axis=1, keepdims=True) * real
    return unit


def _focus(examples: Examples, question: Question, passage: int, encoding: Encoding, similar: States) -> int:
    """Return the sentence that a writer labelled, or else the one with the highest MaxSim."""
    labelled = question.labels.get(passage)
    if labelled:
        return min(labelled)
    starts = np.array([start for start, _ in encoding.offsets])
    best, focus = -2.0, 0
    for number, (start, end) in enumerate(examples.passages[passage].sentences):
        held = (starts >= start) & (starts < end)
        score = float(similar[:, held].max(1).mean()) if held.any() else -1.0
        if score > best:
            best, focus = score, number
    return focus
