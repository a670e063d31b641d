"""Quotes in a link: found where a search word by word finds them, in one pass however many there are."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.corpus import read_corpus
from qa.reading import read
from qa.server import cited as module
from qa.server.cited import cited
from qa.types import Span

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from qa.types import Document


def document(folder: Path, text: str) -> Document:
    path = folder / "text.md"
    path.write_bytes(text.encode())
    return read_corpus(path).documents[0]


def searched(text: Document, quote: str) -> Span | None:
    """Find a quote slowly: its words with white space of any kind between them."""
    if not quote.split():
        return None
    pattern = re.compile(r"\s+".join(map(re.escape, quote.split())))
    exact = pattern.search(text.text)
    if exact:
        return Span(start=exact.start(), end=exact.end())
    reading = read(text, Span(start=0, end=len(text.text)))
    spoken = pattern.search(reading.text)
    return reading.to_document(spoken.start(), spoken.end()) if spoken else None


PIECES = [
    "oil",
    "oiled",
    "the",
    "**chain**",
    "🚲",
    "cafe\u0301",
    "[1]",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\u00a0",
    "\t",
    "- ",
    "`x`",
    "\u2028",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(text=TEXTS, quote=TEXTS, start=st.integers(0, 40), length=st.integers(1, 30))
def test_a_quote_is_found_where_its_words_stand(tmp_path: Path, text: str, quote: str, start: int, length: int) -> None:
    """The first place is found, or none where there is none, as by a search word by word."""
    whole = document(tmp_path, f"# Oil\n\nThe chain {text}\n")
    for each in (quote, whole.text[start : start + length], "chain"):
        expected = searched(whole, each)
        assert cited(whole, [], [], [each]) == ((expected,) if expected else ())


def test_a_document_is_read_once_for_all_quotes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten quotes that are nowhere cost one reading, one that stands in the text costs none."""
    read_whole: list[Span] = []

    def counted(of: Document, span: Span) -> object:
        read_whole.append(span)
        return read(of, span)

    monkeypatch.setattr(module, "read", counted)
    text = document(tmp_path, "# Oil\n\nOil the chain.\n")
    assert cited(text, [], [], ["Oil the chain."])
    assert read_whole == []
    assert cited(text, [], [], [f"nowhere {number}" for number in range(50)]) == ()
    assert len(read_whole) == 1


def test_a_quote_of_one_word_over_and_over_is_found_in_one_pass(tmp_path: Path) -> None:
    """A text and a quote that nearly match everywhere take no longer than others. Word by word this took minutes."""
    text = document(tmp_path, "# Oil\n\n" + "a " * 100_000 + "\n")
    started = time.process_time()
    assert cited(text, [], [], [f"{'a ' * (1_990 - number)}b" for number in range(10)]) == ()
    assert time.process_time() - started < 20
