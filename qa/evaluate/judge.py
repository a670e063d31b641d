"""A question and its outcome -> how right it was: outcome, passages, quotes and citations."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

from qa.evaluate.golds import GoldFinder, name_of
from qa.evaluate.judged import Fault, Given, Judged, Scores, Shown
from qa.evaluate.questions import Expected, PlaceGold, Question, TextGold
from qa.evaluate.ranking import ranked
from qa.evaluate.systems import Outcome, System, Unusable
from qa.types import Answer, Citation, Quote, RankedPassage, Refusal, SourceReference, Span

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ALARMS = ("emergency", "crisis")


class Judge:
    """Judges the outcomes of one system."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._golds = GoldFinder(system)

    def judge(self, question: Question, outcome: Outcome) -> Judged:
        """Judge one outcome."""
        citations = outcome.passages if isinstance(outcome, Answer) else ()
        found = [self._golds.find(gold) for gold in question.gold]
        shown = tuple(self.shown(citation, question) for citation in citations)
        relevant = {name for gold in found for name in gold.passages} | {each.id for each in shown if each.right}
        texts = tuple(gold.text for gold in found)
        scores = self._scores(question, citations, shown, sorted(relevant), texts) if question.gold else None
        quotes = [(citation, quote) for citation in citations for quote in citation.quotes]
        exact = sum(self._is_exact(citation, quote) for citation, quote in quotes)
        given = _given(outcome)
        right = _is_right(question.expected, given)
        return Judged(
            query_id=question.query_id,
            query=question.query,
            category=question.category,
            tags=question.tags,
            family=question.family,
            expected=question.expected,
            given=given,
            right_outcome=right,
            fault=_fault(question, given, shown, exact=exact == len(quotes)),
            confidence=outcome.confidence if isinstance(outcome, Answer) else None,
            shown=shown,
            relevant=tuple(sorted(relevant)),
            gold=texts,
            lost=tuple(f"gold {number}: {gold.problem}" for number, gold in enumerate(found, start=1) if gold.problem),
            quotes=len(quotes),
            exact_quotes=exact,
            scores=scores,
        )

    def shown(self, citation: RankedPassage, question: Question) -> Shown:
        """Judge one passage."""
        return Shown(
            id=name_of(citation),
            rank=citation.rank,
            right=any(self._golds.holds(citation, gold) for gold in question.gold),
            quoted=any(2 * self._overlap(citation, gold) >= 1 for gold in question.gold),
            quotes=tuple(quote.exact for quote in citation.quotes),
            numbers=_numbers(citation),
        )

    def _overlap(self, citation: RankedPassage, gold: TextGold | PlaceGold) -> float:
        """Return the largest share of a gold that one quote of a passage covers."""
        spans = self._golds.spans(gold, citation.document.id)
        shares = (_common(quote, span) / len(span) for quote in citation.quotes for span in spans)
        return max(shares, default=0.0)

    def _is_exact(self, citation: Citation, quote: Quote) -> bool:
        document = self._system.document(citation.document.id)
        return document is not None and Span(start=quote.start, end=quote.end).of(document.text) == quote.exact

    def _scores(
        self,
        question: Question,
        citations: Sequence[Citation],
        shown: Sequence[Shown],
        relevant: Sequence[str],
        texts: Sequence[str],
    ) -> Scores:
        precision, recall = self._citation_scores(question, citations, shown)
        answer = " ".join(quote.exact for quote in citations[0].quotes if quote.role == "answer") if citations else ""
        return Scores(
            **ranked(relevant, [each.id for each in shown]),
            quote_success_1=float(bool(shown) and shown[0].quoted),
            answer_f1=round(max(token_f1(answer, text) for text in texts), 6),
            citation_precision=precision,
            citation_recall=recall,
        )

    def _citation_scores(
        self, question: Question, citations: Sequence[Citation], shown: Sequence[Shown]
    ) -> tuple[float | None, float | None]:
        """Return the precision and the recall of the references that the first right passage shows.

        They are compared with those of the gold that its quotes cover best. Where no right passage was shown the
        recall is 0; where the gold has no references there is nothing to recall.
        """
        right = next((number for number, each in enumerate(shown) if each.right), None)
        if right is None:
            return None, 0.0 if any(gold.references for gold in question.gold) else None
        citation, numbers = citations[right], set(shown[right].numbers)
        held = [gold for gold in question.gold if self._golds.holds(citation, gold)]
        expected = max(held, key=lambda gold: self._overlap(citation, gold)).references
        if expected is None:
            return None, None
        common = len(numbers & set(expected))
        return (
            round(common / len(numbers), 6) if numbers else None,
            round(common / len(set(expected)), 6) if expected else None,
        )


def token_f1(predicted: str, gold: str) -> float:
    """Return the harmonic mean of the tokens' precision and recall, as SQuAD counts them (Rajpurkar et al., 2016).

    Case, punctuation, articles and white space do not count.
    """
    left, right = _tokens(predicted), _tokens(gold)
    if not left or not right:
        return float(left == right)
    common = sum((Counter(left) & Counter(right)).values())
    return 2 * common / (len(left) + len(right))


def _tokens(text: str) -> list[str]:
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def _common(quote: Quote, span: Span) -> int:
    return max(0, min(quote.end, span.end) - max(quote.start, span.start))


def _numbers(citation: RankedPassage) -> tuple[int, ...]:
    """Return the source's reference numbers at the quotes that answer, each once."""
    answers = [quote for quote in citation.quotes if quote.role == "answer"]
    at = [each for each in citation.source_references if any(_is_at(each, quote, citation) for quote in answers)]
    return tuple(sorted({number for each in at for number in each.numbers}))


def _is_at(reference: SourceReference, quote: Quote, citation: RankedPassage) -> bool:
    """Tell whether a marker stands in a quote, or right behind it with only white space between."""
    if quote.start <= reference.start < quote.end:
        return True
    offset = citation.location.start
    between = citation.exact[quote.end - offset : reference.start - offset]
    return quote.end <= reference.start and not between.strip()


def _given(outcome: Outcome) -> Given:
    if isinstance(outcome, Unusable):
        return "unusable"
    return outcome.refusal.reason if isinstance(outcome, Refusal) else "answered"


def _is_right(expected: Expected, given: Given) -> bool:
    if expected == "answered" or expected in _ALARMS:
        return given == expected
    return given != "answered" and given not in _ALARMS


def _fault(question: Question, given: Given, shown: Sequence[Shown], *, exact: bool) -> Fault | None:
    """Return the gravest fault of an outcome, or None."""
    expected = question.expected
    if expected in _ALARMS and given != expected:
        return "wrong_level" if given in _ALARMS else "missed_emergency"
    if not exact:
        return "inexact_quote"
    if given == "answered" and expected != "answered":
        return "false_answer"
    if given in _ALARMS and expected not in _ALARMS:
        return "false_alarm"
    if given != "answered" and expected == "answered":
        return "false_refusal"
    return _fault_of_passages(shown) if question.gold else None


def _fault_of_passages(shown: Sequence[Shown]) -> Fault | None:
    if not any(each.right for each in shown):
        return "not_shown"
    if not shown[0].right:
        return "not_first"
    return None if shown[0].quoted else "other_quote"
