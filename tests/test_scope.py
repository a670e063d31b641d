"""The probability follows the evidence, and its levels are in order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa.scope import confidence, on_topic, probability
from qa.types import Hit, Passage, Sentence, Span

HIT = Hit(
    passage=Passage(document_id="d", span=Span(start=0, end=9), section=()),
    ordinal=0,
    score=0.7,
    dense=0.6,
    meaning=0.6,
    late=0.7,
    lowest=0.5,
    coverage=0.8,
    headed=0.5,
    fits=True,
    sentences=(Sentence(span=Span(start=0, end=9), score=0.7),),
)


def test_nothing_found_answers_nothing() -> None:
    """Without a hit the probability is 0 and there is no topic."""
    assert probability([], 5) == 0.0
    assert not on_topic([])


@pytest.mark.parametrize("evidence", ["dense", "meaning", "coverage", "score", "lowest", "headed"])
def test_more_evidence_is_more_probable(evidence: str) -> None:
    """The probability rises with the evidence."""
    values = [probability([replace(HIT, **{evidence: value})], 5) for value in (0.1, 0.5, 0.9)]
    assert values == sorted(values)
    assert values[0] < values[2]


def test_the_probability_is_one() -> None:
    """The probability lies between 0 and 1 at either end of the evidence."""
    none = replace(HIT, score=-1.0, dense=-1.0, meaning=-1.0, lowest=-1.0, coverage=0.0, headed=0.0)
    whole = replace(HIT, score=1.0, dense=1.0, meaning=1.0, lowest=1.0, coverage=1.0, headed=1.0)
    assert 0 <= probability([none], 1) < 0.05
    assert 0.95 < probability([whole], 1) <= 1


def test_levels_are_in_order() -> None:
    """A higher probability never has a lower level."""
    order = ["LOW", "MEDIUM", "HIGH", "VERY_HIGH"]
    levels = [order.index(confidence(value / 100).level) for value in range(101)]
    assert levels == sorted(levels)
    assert set(levels) == {0, 1, 2, 3}
