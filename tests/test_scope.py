"""The probability follows the evidence, and its levels are in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import ANSWERED, REFUSED

from qa import scope
from qa.models import NONE, PACKAGED
from qa.prior import prior_of
from qa.rank import rank
from qa.retrieve import encode, retrieve
from qa.scope import RERANKED, RETRIEVED, confidence, evidence, on_topic, probability

if TYPE_CHECKING:
    from qa.pipeline import Pipeline

NAMES = (*RETRIEVED, *RERANKED)


def found(pipeline: Pipeline, question: str) -> dict[str, float]:
    """Return the evidence for a question over the toy corpus."""
    hits = rank(question, encode(question, pipeline.index), pipeline.index, scope.HITS)
    return dict(zip(NAMES, evidence(question, hits, pipeline.index), strict=True))


def test_the_evidence_is_of_the_question(pipeline: Pipeline) -> None:
    """A question in the corpus' words has more evidence than a foreign one."""
    near, far = found(pipeline, ANSWERED), found(pipeline, REFUSED)
    assert all(near[name] > far[name] for name in ("lowest", "answers"))


def test_the_kind_of_answer_is_part_of_the_evidence(pipeline: Pipeline) -> None:
    """A question for a price, of which the passage says nothing, has evidence against it."""
    assert found(pipeline, "What does oiling a bicycle chain cost?")["fits"] == 0.0
    assert found(pipeline, ANSWERED)["fits"] == 1.0


def test_without_a_reader_there_is_less_evidence(pipeline: Pipeline) -> None:
    """What retrieval found is evidence by itself."""
    hits = retrieve(ANSWERED, encode(ANSWERED, pipeline.index), pipeline.index, scope.HITS)
    assert len(evidence(ANSWERED, hits, pipeline.index)) == len(RETRIEVED) == len(prior_of(NONE).scales)


@pytest.mark.parametrize("reranker", [PACKAGED, NONE])
def test_more_evidence_is_never_less_probable(reranker: str) -> None:
    """Only the length of a question may count against it, and all evidence together decides."""
    shipped = prior_of(reranker)
    weights, scales = np.array(shipped.calibration.weights), np.array(shipped.scales)
    assert all(weight >= 0 for name, weight in zip(NAMES, weights, strict=False) if name != "length")
    even = -shipped.calibration.intercept * scales / (scales @ weights)
    little, much = (probability((even + share * scales).tolist(), shipped.calibration) for share in (-2, 2))
    assert 0 <= little < 0.2
    assert 0.8 < much <= 1
    assert shipped.calibration.curve
    assert all(": " in source and "answered" in source for source in shipped.sources)


def test_nothing_is_known_of_other_rerankers() -> None:
    """Their scores count for nothing until the corpus shows what they are worth."""
    shipped = prior_of("somebody/else")
    assert (shipped.calibration.weights[-1], shipped.scales[-1]) == (0, 0)
    assert shipped.calibration.weights[:-1] == prior_of(NONE).calibration.weights


def test_nothing_found_is_off_topic() -> None:
    """Without a hit there is no topic."""
    assert not on_topic([])


def test_levels_are_in_order() -> None:
    """A higher probability never has a lower level."""
    order = ["LOW", "MEDIUM", "HIGH", "VERY_HIGH"]
    levels = [order.index(confidence(value / 100).level) for value in range(101)]
    assert levels == sorted(levels)
    assert set(levels) == {0, 1, 2, 3}
