"""The whole way of a question over the toy index: what is served is true to the documents, whatever is asked."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.corpus import read_corpus
from qa.errors import QuestionError
from qa.index import Index
from qa.index.build import build
from qa.pipeline import Pipeline
from qa.reading import read
from qa.retrieve import prepare
from qa.safety import SafetyGate
from qa.types import Answer, Refusal, Span

if TYPE_CHECKING:
    from pathlib import Path

    from qa.types import RankedPassage

WORDS = ["chain", "oil", "saddle", "not", "worn", "tyre", "🚲", "how", "high", "café", "puncture", "brakes", "1", "?"]
QUESTIONS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)


@pytest.fixture(scope="module")
def ungated(pipeline: Pipeline) -> Pipeline:
    """Return the pipeline with no threshold, so that everything is answered."""
    return Pipeline(pipeline.index, pipeline._gate, threshold=0.0)


def check(passage: RankedPassage, pipeline: Pipeline) -> None:
    """Hold a shown passage against its document."""
    document = pipeline.index.documents.get(passage.document.id)
    location = Span(start=passage.location.start, end=passage.location.end)
    assert passage.exact == location.of(document.text)
    assert passage.text == read(document, location).text
    assert [quote.role for quote in passage.quotes].count("answer") == 1
    for quote in passage.quotes:
        assert document.text[quote.start : quote.end] == quote.exact
        assert document.text[: quote.start].endswith(quote.prefix)
        assert document.text[quote.end :].startswith(quote.suffix)
    inside = [q for q in passage.quotes if location.start <= q.start and q.end <= location.end]
    assert [passage.text[h.start : h.end] for h in passage.highlights] == [
        read(document, Span(start=q.start, end=q.end)).text for q in inside
    ]
    for reference in passage.source_references:
        assert document.text[reference.start : reference.end] == reference.marker
        assert len(reference.resolved) == len(reference.numbers)


def test_what_is_far_behind_the_best_is_not_shown(pipeline: Pipeline) -> None:
    """Passages whose score falls far under the first one's stay out, however many are asked for."""
    question = "How often should a bicycle chain be oiled?"
    found = pipeline.search(question, top=10).passages
    near = [passage.location for passage in found if passage.score >= found[0].score - 0.25]
    assert 0 < len(near) < len(found)
    assert [passage.location for passage in pipeline.ask(question, top=10).passages] == near


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=QUESTIONS, top=st.integers(1, 10))
def test_everything_served_is_a_slice(ungated: Pipeline, question: str, top: int) -> None:
    """Passages, quotes, highlights and references are slices of their documents, and the numbers run from 1."""
    outcome = ungated.ask(question, top=top)
    if isinstance(outcome, Refusal):
        assert outcome.refusal.reason == "not_a_question"
        return
    assert [passage.citation for passage in outcome.passages] == list(range(1, len(outcome.passages) + 1))
    assert [int(n) for n in re.findall(r" \[(\d+)\](?= |$)", outcome.answer)] == [p.citation for p in outcome.passages]
    assert 1 <= len(outcome.passages) <= top
    for passage in outcome.passages:
        check(passage, ungated)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(max_size=200))
def test_any_text_has_an_outcome(ungated: Pipeline, question: str) -> None:
    """Whatever is typed is answered, refused, or an error that says what is wrong with the question."""
    try:
        outcome = ungated.ask(question)
    except QuestionError as error:
        assert "question" in str(error)  # noqa: PT017
    else:
        assert outcome.status in {"answered", "refused"}


def test_the_right_passage_is_quoted_with_its_references(pipeline: Pipeline) -> None:
    """A question is answered from the section that answers it, with the source's references resolved."""
    outcome = pipeline.ask("How often should I oil the chain of a bicycle?")
    assert isinstance(outcome, Answer)
    first = outcome.passages[0]
    assert (first.document.id, first.section) == ("chain", ("Oiling",))
    assert first.quotes[0].exact.startswith("A bicycle chain should be oiled")
    assert [r.numbers for r in first.source_references] == [(1,)]
    assert first.source_references[0].resolved[0].title == "Wear of roller chains"  # type: ignore[union-attr]


def test_a_misspelt_question_is_understood(pipeline: Pipeline) -> None:
    """Words one edit from the corpus' own are read as those."""
    right = pipeline.search("squealing brakes").passages[0]
    assert pipeline.search("squeeling brakes").passages[0].location == right.location
    assert right.document.id == "brakes"


def test_an_emergency_is_never_looked_up(pipeline: Pipeline) -> None:
    """A red flag is refused with contacts and without a passage, however long the message and whatever its form."""
    message = "I have crushing chest pain and cannot breathe. \x00" + "My bicycle is red. " * 100
    outcome = pipeline.ask(message, region="GB")
    assert isinstance(outcome, Refusal)
    assert outcome.refusal.reason == "emergency"
    assert [contact.phone for contact in outcome.refusal.contacts] == ["999"]
    assert outcome.timings_ms.retrieve == outcome.timings_ms.extract == 0
    assert outcome.safety.flags


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("hello", "not_a_question"),
        ("Thanks a lot!", "not_a_question"),
        ("?!?", "not_a_question"),
        ("🚲🚲", "not_a_question"),
        ("Who was the first emperor of the Mongol empire?", "out_of_scope"),
    ],
)
def test_refusals_name_their_reason(pipeline: Pipeline, message: str, reason: str) -> None:
    """What is no question, or far from the documents, is refused as such, and the refusal says what they are about."""
    outcome = pipeline.ask(message)
    assert isinstance(outcome, Refusal)
    assert outcome.refusal.reason == reason
    assert pipeline.index.manifest.corpus.scope in outcome.refusal.message


def test_an_order_is_told_by_the_words_that_were_typed(toy_index: Path, tmp_path: Path) -> None:
    """An order to the machine is one also where a word of it is one letter from a word of the documents."""
    corpus, folder = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "tyres.md").write_text("# Tyres\n\nInvert the bicycle before a tyre is mended.\n", "utf-8")
    shutil.copytree(toy_index, folder)
    build(read_corpus(corpus), folder)
    pipeline = Pipeline(Index(folder, threads=1), SafetyGate.load(), threshold=0.0)
    assert prepare("Invent it", pipeline.index) == "invert it"
    outcome = pipeline.ask("Invent the bicycle before a tyre is mended.")
    assert isinstance(outcome, Refusal)
    assert outcome.refusal.reason == "not_a_question"


@pytest.mark.parametrize(
    "message", ["", "   \n", "a" * 1001, "a\x00b", "\u200b"], ids=["empty", "blank", "long", "null", "invisible"]
)
def test_a_message_that_is_no_text_is_an_error(pipeline: Pipeline, message: str) -> None:
    """An empty, over-long or unprintable message is an error, or nothing to look up."""
    try:
        outcome = pipeline.ask(message)
    except QuestionError:
        return
    assert isinstance(outcome, Refusal)
    assert outcome.refusal.reason == "not_a_question"


ODD = [
    *(
        "\ufffd",
        "\ufffd\ufffd \ufffd",
        "\u200b\u200d\ufeff",
        "\ue000\ue001",
        "\U000f0000",
        "\ud83d",
        "\udfff\ud800",
        "?!.,;:-",
    ),
    *(
        "\u2026\u2014\u00ab\u00bb",
        "\U0001f6b2\U0001f4a5",
        "\u2764\ufe0f",
        "\u0301\u0301",
        "\u3164",
        "\u00ad",
        "\u2028",
        "\x00",
    ),
    *(
        "\U0001e900\U0001e901",
        "\u1c90\u1c91",
        "\ufffd a",
        "1",
        "a",
        "\u4e2d",
        "\ufdfa",
        "\u0f3c\u0f3d",
        "\U0001f468\u200d\U0001f469",
    ),
]


@pytest.mark.parametrize("question", ODD, ids=ascii)
def test_an_odd_question_has_finite_scores_or_is_an_error(ungated: Pipeline, question: str) -> None:
    """What holds next to nothing is searched with finite scores, or is told to hold nothing; asking it always ends."""
    try:
        found = ungated.search(question, top=10).passages
    except QuestionError as error:
        assert str(error).startswith("The question ")  # noqa: PT017
    else:
        assert found
        assert all(-1 <= passage.score <= 1 for passage in found)
    with suppress(QuestionError):
        outcome = ungated.ask(question)
        assert all(-1 <= passage.score <= 1 for passage in outcome.passages)


def test_a_question_of_no_tokens_says_so(pipeline: Pipeline) -> None:
    """The encoder drops U+FFFD, so nothing is left to look up."""
    with pytest.raises(QuestionError, match="nothing that can be looked up"):
        pipeline.search("\ufffd")


def test_the_same_question_has_the_same_answer(pipeline: Pipeline) -> None:
    """Asked twice, a question gives equal answers but for the timings."""
    first, second = pipeline.ask("worn chain"), pipeline.ask("worn chain")
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert (first.id, first.answer, first.passages) == (second.id, second.answer, second.passages)


def test_filters_keep_to_the_documents_named(pipeline: Pipeline) -> None:
    """With a filter, no passage of another document is shown."""
    brakes = pipeline.index.documents.ordinal("brakes")
    shown = pipeline.search("How often should I oil the chain?", top=10, documents=[brakes]).passages
    assert {passage.document.id for passage in shown} == {"brakes"}


def test_near_duplicates_are_shown_once(pipeline: Pipeline) -> None:
    """No two passages of an answer say the same, but for what differs in number or negation."""
    outcome = pipeline.ask("What helps a tyre that loses air overnight?", top=10)
    assert isinstance(outcome, Answer)
    texts = [passage.text for passage in outcome.passages]
    assert len(texts) == len(set(texts))
