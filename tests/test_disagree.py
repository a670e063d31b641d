"""Statements that claim opposite things of the same are told from those that do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa.disagree import opposed

PAIRS = Path(__file__).parent.parent / "benchmarks" / "disagree.jsonl"
LEAST_PRECISION, LEAST_RECALL = 0.9, 0.45


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Wax keeps rust away.", "Wax does not keep rust away."),
        ("Wax lowers the wear of a chain.", "Wax raises the wear of a chain."),
        ("Pedals are safe for children.", "Pedals are dangerous for children."),
        ("Oil the chain for 5 minutes.", "The chain is oiled for two hours."),
        ("Steel frames last longer than alloy frames.", "Alloy frames last longer than steel frames."),
    ],
    ids=["negation", "direction", "worth", "number", "comparison turned round"],
)
def test_opposite_claims_are_opposed(left: str, right: str) -> None:
    """A claim and its opposite contradict one another, in either order."""
    assert opposed(left, right)
    assert opposed(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Wax does not keep rust away.", "Wax never keeps rust away."),
        ("Wax keeps rust off a steel chain.", "Wax does not keep rust off a nickel chain."),
        ("Some riders need wax.", "Riders do not need wax."),
        ("Pump the tyre in 60 minutes.", "Pump the tyre in one hour."),
        ("Steel lasts longer than alloy.", "Alloy does not last longer than steel."),
        ("Pedals are safe.", "Pedals are not unsafe."),
    ],
    ids=["both say no", "another part", "some of them", "the same in other units", "turned round twice", "double no"],
)
def test_claims_that_can_both_be_true_are_not_opposed(left: str, right: str) -> None:
    """Statements about another case, or with the same sign, do not contradict one another."""
    assert not opposed(left, right)
    assert not opposed(right, left)


def test_the_mark_is_earned() -> None:
    """On pairs written before the rules nine in ten marks are right; without that there would be no mark."""
    pairs = [pair for pair in map(json.loads, PAIRS.read_text("utf-8").splitlines()) if pair["split"] == "test"]
    found = [pair["contrast"] for pair in pairs if opposed(pair["left"], pair["right"])]
    assert sum(found) >= LEAST_PRECISION * len(found)
    assert sum(found) >= LEAST_RECALL * sum(pair["contrast"] for pair in pairs)
