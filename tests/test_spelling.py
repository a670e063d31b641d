"""Typing errors are mended by the corpus' own words, and nothing else is touched."""

from __future__ import annotations

import pytest

from qa.spelling import correct

FREQUENCIES = {"muscle": 9, "spasms": 7, "spasm": 5, "potassium": 3, "hyperkalaemia": 2, "bicycle": 1}
ENGLISH = {"cause", "water", "which"}


def mended(question: str) -> str:
    return correct(
        question,
        known=lambda word: word in ENGLISH or word in FREQUENCIES,
        frequency=lambda word: FREQUENCIES.get(word, 0),
    )


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("mussle pain", "muscle pain"),
        ("muscel pain", "muscle pain"),
        ("low potasium?", "low potassium?"),
        ("Spasems", "spasms"),
        ("what cause spasms", "what cause spasms"),
        ("hypokalaemia", "hypokalaemia"),
        ("Zyxwvut", "Zyxwvut"),
        ("spsm", "spsm"),
        ("vitamin b12 und größe", "vitamin b12 und größe"),
        ("", ""),
    ],
    ids=[
        "substitution",
        "transposition",
        "deletion",
        "frequent first",
        "known",
        "two edits",
        "foreign",
        "short",
        "other",
        "none",
    ],
)
def test_correct(question: str, expected: str) -> None:
    """A word one edit from a word of the corpus becomes that word; everything else stays as it is."""
    assert mended(question) == expected
