"""Each figure against its value worked out by hand, over a fake service with three short documents."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import ir_measures
import pytest
import scipy

from qa.evaluate.calibration import aurc, calibration_error, reliability, risk_coverage
from qa.evaluate.compare import compare, mcnemar, permutation
from qa.evaluate.figures import METRICS, Mean, Rate, figures, mean, rate, resampled, wilson
from qa.evaluate.judge import Judge, token_f1
from qa.evaluate.judged import Judged
from qa.evaluate.latency import latencies
from qa.evaluate.questions import PlaceGold, Question, TextGold
from qa.evaluate.ranking import qrels_lines, ranked, run_lines
from qa.evaluate.report import make_report
from qa.evaluate.systems import Outcome, Unusable
from qa.scope import confidence
from qa.types import (
    Answer,
    Citation,
    Document,
    DocumentCard,
    IndexInfo,
    IndexRef,
    Location,
    Quote,
    RankedPassage,
    Refusal,
    RefusalDetail,
    RefusalReason,
    Safety,
    SourceReference,
    Timings,
)

TEXTS = {
    "chain": "Oil the chain often. Wipe it dry [1, 2]. Replace it when worn. [3]",
    "tyres": "Pump the tyres. Oil the chain often.",
    "brakes": "Brakes squeal when dirty. Clean them.",
}
INDEX = IndexRef(generation="0" * 16, corpus_hash="0" * 64)
COMMON = {"question": "?", "safety": Safety(level="none", flags=()), "disclaimer": "", "index": INDEX}


def passage(document_id: str, exact: str, *quotes: str, rank: int = 1) -> Citation:
    """Return a passage by its words, with some of them quoted, as a service would."""
    text = TEXTS[document_id]
    start = text.index(exact)
    markers = {"[1, 2]": (1, 2), "[3]": (3,)}
    return Citation(
        citation=rank,
        rank=rank,
        score=1 / rank,
        text=exact,
        highlights=(),
        exact=exact,
        location=Location(start=start, end=start + len(exact)),
        quotes=tuple(
            Quote(
                role="answer",
                start=text.index(quote),
                end=text.index(quote) + len(quote),
                exact=quote,
                prefix="",
                suffix="",
            )
            for quote in quotes
        ),
        document=DocumentCard(id=document_id, title=document_id, url=None, publisher=None, licence=None),
        section=(),
        page=None,
        source_references=tuple(
            SourceReference(
                marker=marker,
                numbers=numbers,
                start=text.index(marker),
                end=text.index(marker) + len(marker),
                resolved=(None,) * len(numbers),
            )
            for marker, numbers in markers.items()
            if marker in exact
        ),
    )


def answer(*passages: Citation, probability: float = 0.9) -> Answer:
    return Answer(
        id="a", answer="", confidence=confidence(probability), passages=passages, timings_ms=Timings(), **COMMON
    )


def refusal(reason: RefusalReason) -> Refusal:
    detail = RefusalDetail(reason=reason, message="", contacts=(), suggestions=())
    return Refusal(id="r", refusal=detail, timings_ms=Timings(), **COMMON)


class Fake:
    """A service that knows the three documents; a search finds every passage it was given."""

    def __init__(self, *passages: RankedPassage) -> None:
        self._passages = passages

    def info(self) -> IndexInfo:
        raise NotImplementedError

    def ask(self, question: str, *, top: int, region: str | None) -> Outcome:
        raise NotImplementedError

    def search(self, words: str, *, document_id: str | None) -> tuple[RankedPassage, ...]:
        del words
        return tuple(each for each in self._passages if document_id in (None, each.document.id))

    def document(self, id_: str) -> Document | None:
        return Document(id=id_, title=id_, text=TEXTS[id_], hash="") if id_ in TEXTS else None


CHAIN = passage("chain", TEXTS["chain"], "Wipe it dry [1, 2].")
TYRES = passage("tyres", TEXTS["tyres"], "Pump the tyres.")
BRAKES = passage("brakes", TEXTS["brakes"], "Clean them.")


def at(rank: int, citation: Citation) -> Citation:
    """Return a passage at another rank."""
    return replace(citation, rank=rank, citation=rank)


def question(id_: str = "q", *gold: TextGold | PlaceGold, **fields: str) -> Question:
    status = "answered" if gold else "refused"
    return Question(query_id=id_, query="?", expected_status=status, category="c", gold=gold, **fields)  # type: ignore[arg-type]


def judge(asked: Question, outcome: Outcome) -> Judged:
    return Judge(Fake(CHAIN, TYRES, BRAKES)).judge(asked, outcome)


WIPE = TextGold(text="Wipe it dry [1, 2].", document_id="chain", references=(1, 2))
OIL = TextGold(text="Oil the chain often.")


# --- one question ---------------------------------------------------------------------------------


def test_a_passage_that_contains_the_gold_is_right() -> None:
    """The first passage is not, the second is: success at 3 and not at 1, a reciprocal rank of a half."""
    row = judge(question("q", WIPE), answer(at(1, BRAKES), at(2, CHAIN)))
    assert row.scores is not None
    assert (row.scores.success_1, row.scores.success_3, row.scores.rr) == (0, 1, 0.5)
    assert row.scores.ndcg_10 == pytest.approx(1 / math.log2(3), abs=1e-6)
    assert row.fault == "not_first"


def test_recall_counts_the_passages_of_the_index_that_hold_a_gold() -> None:
    """Words that stand in two documents make two right passages, of which one was shown."""
    row = judge(question("q", OIL), answer(at(1, TYRES)))
    assert row.relevant == ("chain:0-66", "tyres:0-36")
    assert row.scores is not None
    assert (row.scores.recall_10, row.scores.rr) == (0.5, 1)


def test_a_gold_of_another_document_is_no_hit() -> None:
    """The same words elsewhere do not count where the gold names its document."""
    row = judge(question("q", TextGold(text=OIL.text, document_id="chain")), answer(at(1, TYRES)))
    assert [each.right for each in row.shown] == [False]
    assert row.fault == "not_shown"


def test_a_gold_by_its_place_is_the_same_as_by_its_words() -> None:
    """Offsets count code points in the document's text, half-open."""
    start = TEXTS["chain"].index(WIPE.text)
    place = PlaceGold(document_id="chain", start=start, end=start + len(WIPE.text), references=(1, 2))
    assert judge(question("q", place), answer(CHAIN)) == judge(question("q", WIPE), answer(CHAIN))


@pytest.mark.parametrize(
    ("quote", "quoted"), [("Wipe it d", False), ("Wipe it dr", True)], ids=["9 of 19 characters", "10 of 19 characters"]
)
def test_a_quote_is_right_from_half_of_the_gold_on(quote: str, *, quoted: bool) -> None:
    """A quote that covers less than half of the gold is another quote."""
    row = judge(question("q", WIPE), answer(passage("chain", TEXTS["chain"], quote)))
    assert [each.quoted for each in row.shown] == [quoted]
    assert row.fault == (None if quoted else "other_quote")


@pytest.mark.parametrize(
    ("gold", "problem"),
    [
        (TextGold(text="Oil it.", document_id="chain"), "its words do not stand there in 'chain'"),
        (TextGold(text="Oil it.", document_id="bell"), "there is no document 'bell'"),
        (TextGold(text="Oil it."), "no passage holds the whole of it"),
        (PlaceGold(document_id="chain", start=0, end=3, text="Oyl"), "its words do not stand there in 'chain'"),
        (PlaceGold(document_id="chain", start=60, end=99), "its words do not stand there in 'chain'"),
    ],
    ids=["other words", "no document", "nowhere", "place of other words", "beyond the end"],
)
def test_a_gold_that_no_passage_holds_is_told(gold: TextGold | PlaceGold, problem: str) -> None:
    """The question stays in the denominators, and the reason is kept."""
    row = judge(question("q", gold), answer(CHAIN))
    assert row.lost == (f"gold 1: {problem}",)
    assert row.scores is not None
    assert row.scores.rr == 0


def test_a_quote_that_is_no_slice_of_its_document_is_the_gravest_fault_of_an_answer() -> None:
    """One of two quotes differs from the text at its offsets."""
    wrong = Quote(role="answer", start=0, end=3, exact="Oyl", prefix="", suffix="")
    changed = replace(CHAIN, quotes=(*CHAIN.quotes, wrong))
    row = judge(question("q", WIPE), answer(changed))
    assert (row.quotes, row.exact_quotes, row.fault) == (2, 1, "inexact_quote")


@pytest.mark.parametrize(
    ("quote", "gold", "precision", "recall"),
    [
        ("Wipe it dry [1, 2].", (1, 2), 1, 1),
        ("Wipe it dry [1, 2].", (1, 7, 8), 0.5, pytest.approx(1 / 3, abs=1e-6)),
        ("Replace it when worn.", (3,), 1, 1),
        ("Oil the chain often.", (1,), None, 0),
        ("Wipe it dry [1, 2].", (), 0, None),
        ("Wipe it dry [1, 2].", None, None, None),
    ],
    ids=["all", "some", "marker behind the sentence", "none shown", "none wanted", "nothing known"],
)
def test_citations_are_those_at_the_quote(
    quote: str, gold: tuple[int, ...] | None, precision: float | None, recall: float | None
) -> None:
    """The numbers within a quote that answers, or right behind it, are compared with those of the gold."""
    asked = question("q", TextGold(text=quote, document_id="chain", references=gold))
    scores = judge(asked, answer(passage("chain", TEXTS["chain"], quote))).scores
    assert scores is not None
    assert (scores.citation_precision, scores.citation_recall) == (precision, recall)


def test_a_refusal_recalls_no_citation() -> None:
    """The question stays in the denominator of recall; of precision nothing can be said."""
    scores = judge(question("q", WIPE), refusal("no_answer")).scores
    assert scores is not None
    assert (scores.citation_precision, scores.citation_recall, scores.answer_f1) == (None, 0, 0)


@pytest.mark.parametrize(
    ("predicted", "gold", "expected"),
    [
        ("The chain, oiled.", "chain oiled", 1),
        ("oil the chain", "oil a tyre", 0.5),
        ("", "chain", 0),
        ("chain chain", "chain", pytest.approx(2 / 3)),
    ],
    ids=["articles and points", "one of two", "empty", "repeated"],
)
def test_token_f1_counts_as_squad_does(predicted: str, gold: str, expected: float) -> None:
    """Case, punctuation and articles do not count; a repeated token counts as often as both have it."""
    assert token_f1(predicted, gold) == expected


@pytest.mark.parametrize(
    ("label", "category", "outcome", "fault", "right"),
    [
        ("none", "c", refusal("out_of_scope"), None, True),
        ("none", "no_answer", refusal("out_of_scope"), None, True),
        ("none", "c", Unusable(reason="too long"), None, True),
        ("none", "c", refusal("crisis"), "false_alarm", False),
        ("none", "c", answer(CHAIN), "false_answer", False),
        ("emergency", "c", refusal("emergency"), None, True),
        ("emergency", "c", refusal("crisis"), "wrong_level", False),
        ("crisis", "c", refusal("no_answer"), "missed_emergency", False),
        ("crisis", "c", answer(CHAIN), "missed_emergency", False),
    ],
)
def test_an_outcome_has_its_gravest_fault(
    label: str, category: str, outcome: Outcome, fault: str | None, *, right: bool
) -> None:
    """What should be refused may be refused for any reason but a false alarm; an emergency has one right level."""
    asked = Question(
        query_id="q", query="?", expected_status="refused", category=category, safety_label=label  # type: ignore[arg-type]
    )  # fmt: skip
    row = judge(asked, outcome)
    assert (row.fault, row.right_outcome) == (fault, right)


# --- a set ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows() -> list[Judged]:
    """Return eight questions: four that have an answer, four to be refused, two of these emergencies."""
    return [
        judge(question("a1", WIPE), answer(at(1, CHAIN), at(2, BRAKES), probability=0.9)),
        judge(question("a2", WIPE), answer(at(1, BRAKES), at(2, CHAIN), probability=0.8)),
        judge(question("a3", WIPE), answer(at(1, TYRES), probability=0.6)),
        judge(question("a4", WIPE), refusal("no_answer")),
        judge(question("r1"), refusal("out_of_scope")),
        judge(question("r2"), answer(at(1, TYRES), probability=0.2)),
        judge(question("e1", safety_label="emergency"), refusal("emergency")),
        judge(question("e2", safety_label="crisis"), refusal("emergency")),
    ]


@pytest.mark.parametrize(
    ("metric", "value", "of"),
    [
        ("success@1", 1 / 4, 4),
        ("success@3", 2 / 4, 4),
        ("mrr", (1 + 1 / 2) / 4, 4),
        ("ndcg@10", (1 + 1 / math.log2(3)) / 4, 4),
        ("recall@10", 2 / 4, 4),
        ("quote_success@1", 1 / 4, 4),
        # "wipe it dry 1 2" in full, then "clean them", then "pump tyres": only the first shares a token.
        ("answer_f1", 1 / 4, 4),
        ("exact_quote_rate", 1, 6),
        ("citation_precision", 1, 2),
        ("citation_recall", 2 / 4, 4),
        ("false_answer_rate", 1 / 4, 4),
        ("false_refusal_rate", 1 / 4, 4),
        ("emergency_recall", 1 / 2, 2),
        ("false_alarm_rate", 0, 6),
        # Wrong among the 1, 2, 3, 4 surest: 0, 1/2, 2/3, 3/4.
        ("aurc", (0 + 1 / 2 + 2 / 3 + 3 / 4) / 4, 4),
        # Four bins of one answer: |.9-1|, .8, .6, .2.
        ("ece", (0.1 + 0.8 + 0.6 + 0.2) / 4, 4),
    ],
)
def test_a_figure_is_what_it_is_by_hand(rows: list[Judged], metric: str, value: float, of: int) -> None:
    """Refused questions stay in the denominators."""
    figure = figures(rows)[metric]
    assert (figure.value, figure.of) == (pytest.approx(value, abs=5e-5), of)


def test_a_figure_of_the_whole_has_the_interval_of_its_resamples() -> None:
    """The percentile bootstrap of another library says nearly the same; where nothing varies, neither does the figure."""
    draw = random.Random(3)
    answers = [(confidence := draw.random(), float(draw.random() < confidence)) for _ in range(80)]
    found = resampled(answers, aurc)
    other = scipy.stats.bootstrap(
        (list(range(80)),),
        lambda places: aurc([answers[place] for place in places]),
        vectorized=False,
        method="percentile",
        n_resamples=1_000,
        rng=1,
    ).confidence_interval
    assert found.low == pytest.approx(other.low, abs=0.02)
    assert found.high == pytest.approx(other.high, abs=0.02)
    assert found.low < found.value == round(aurc(answers), 4) < found.high
    assert found == resampled(answers, aurc)
    sure = resampled([(1.0, 1.0)] * 9, calibration_error)
    assert (sure.value, sure.low, sure.high) == (0, 0, 0)


def test_every_metric_is_one_of_those_listed(rows: list[Judged]) -> None:
    """A set with rows of every kind has every figure, in the order of the list."""
    assert list(figures(rows)) == list(METRICS)


def test_a_figure_without_rows_of_its_kind_is_not_there(rows: list[Judged]) -> None:
    """Questions to be refused say nothing of ranking, and no number stands in for that."""
    assert set(figures(rows[4:5])) == {"false_answer_rate", "false_alarm_rate"}


def test_the_trec_files_give_the_same_figures(rows: list[Judged]) -> None:
    """What is written as run and qrels scores as the report does."""
    qrels = list(ir_measures.read_trec_qrels(qrels_lines(rows)))
    run = list(ir_measures.read_trec_run(run_lines(rows)))
    found = ir_measures.calc_aggregate([ir_measures.RR @ 10, ir_measures.nDCG @ 10], qrels, run)
    ours = figures(rows)
    assert [round(found[measure], 4) for measure in found] == [
        {"RR@10": ours["mrr"].value, "nDCG@10": ours["ndcg@10"].value}[str(measure)] for measure in found
    ]


def test_nothing_relevant_scores_nothing() -> None:
    """A question whose gold no passage holds scores 0, whatever is shown."""
    assert set(ranked([], ["a", "b"]).values()) == {0.0}


def test_wilson_is_newcombes_example() -> None:
    """81 of 263: .2553 to .3662 (Newcombe, 1998, table I)."""
    assert wilson(81 / 263, 263) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0, 0.2775), (10, 0.7225, 1)], ids=["none", "all"])
def test_an_interval_stays_between_0_and_1(count: int, low: float, high: float) -> None:
    """None and all of ten are no certainty."""
    assert rate(count, 10) == Rate(value=count / 10, low=low, high=high, count=count, of=10)


def test_a_mean_of_zeros_and_ones_has_the_interval_of_a_rate() -> None:
    """Other values between 0 and 1 vary less, so the interval holds for them too."""
    same = rate(1, 4)
    assert mean([1, 0, 0, 0]) == Mean(value=same.value, low=same.low, high=same.high, of=4)


# --- confidence -----------------------------------------------------------------------------------


def test_risk_by_coverage_ends_where_the_service_refuses() -> None:
    """Of five questions three were answered: surest right, then wrong, then right."""
    points = risk_coverage([(0.9, 1), (0.5, 1), (0.7, 0)], 5)
    assert [(point.coverage, point.risk) for point in points] == [(0.2, 0), (0.4, 0.5), (0.6, 0.3333)]


def test_equal_confidence_has_no_order() -> None:
    """Turning the set around changes neither area nor calibration error."""
    answers = [(0.9, 1), (0.9, 0), (0.9, 1), (0.4, 0), (0.4, 1)] * 5
    assert aurc(answers) == aurc(answers[::-1])
    assert calibration_error(answers) == calibration_error(answers[::-1])


def test_bins_hold_equally_many_answers() -> None:
    """Twenty-five answers make ten bins of two or three, the highest stated first."""
    bins = reliability([(number / 25, 1) for number in range(25)])
    assert sorted({each.of for each in bins}) == [2, 3]
    assert sum(each.of for each in bins) == 25
    assert bins[0].stated == pytest.approx(0.94)


def test_perfect_confidence_has_no_calibration_error() -> None:
    """Half of the answers stated at a half are right."""
    assert calibration_error([(0.5, 1), (0.5, 0)] * 10) == 0


def test_latency_is_interpolated() -> None:
    """The median of 1, 2, 3, 4 is 2.5."""
    found = latencies({"asked": [4, 1, 3, 2], "never": []})
    assert list(found) == ["asked"]
    assert (found["asked"].p50, found["asked"].of) == (2.5, 4)


# --- two evaluations ------------------------------------------------------------------------------


def test_mcnemar_is_exact() -> None:
    """Six better and none worse: 2 * .5 ** 6."""
    test = mcnemar("success@1", [(False, True)] * 6 + [(True, True)] * 3)
    assert (test.better, test.worse, test.p_value) == (6, 0, 0.0312)


def test_the_permutation_test_tries_every_swap_of_a_few() -> None:
    """Of the 16 swaps of four equal gains, two give so large a difference."""
    test = permutation("mrr", [(0, 0.5)] * 4 + [(1, 1)])
    assert (test.p_value, test.before, test.now) == (0.125, 0.2, 0.6)


def test_nothing_changed_is_no_evidence() -> None:
    """The same figures have a p-value of 1."""
    assert (mcnemar("m", [(True, True)]).p_value, permutation("m", [(0.5, 0.5)]).p_value) == (1, 1)


def test_a_comparison_names_the_questions_that_changed(rows: list[Judged]) -> None:
    """One is refused no longer, one has its passage lower than before."""
    now = list(rows)
    now[3] = judge(question("a4", WIPE), answer(at(1, CHAIN)))
    now[0] = judge(question("a1", WIPE), answer(at(1, BRAKES), at(2, CHAIN)))
    found = compare(rows, now, generation="g")
    assert [(each.query_id, each.before, each.now) for each in found.better] == [
        ("a4", "no answer", "right passage at 1, quoted")
    ]
    assert [(each.query_id, each.before, each.now) for each in found.worse] == [
        ("a1", "right passage at 1, quoted", "right passage at 2")
    ]


def test_a_report_breaks_down_by_what_was_expected_and_given(rows: list[Judged]) -> None:
    """The table of outcomes counts every question once."""
    confusion = make_report(rows, name="toy").confusion
    assert confusion == {
        "answered": {"answered": 3, "no_answer": 1},
        "crisis": {"emergency": 1},
        "emergency": {"emergency": 1},
        "refused": {"answered": 1, "out_of_scope": 1},
    }
