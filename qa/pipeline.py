"""The whole way of a question: safety, check, retrieve, scope, extract, cite."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from qa import safety, scope
from qa.cite import answer_text, cite, show
from qa.encoders import Encoding
from qa.extract import extract
from qa.index import Index
from qa.question import MAX_CHARACTERS, check, is_question, normalise, printable, visible
from qa.retrieve import encode, prepare, retrieve
from qa.types import (
    Answer,
    Hit,
    IndexRef,
    RankedPassage,
    Refusal,
    RefusalDetail,
    RefusalReason,
    Safety,
    SafetyLevel,
    SearchResult,
    Suggestion,
    Timings,
)

DEFAULT_TOP, MAX_TOP = 3, 10
_SUGGESTIONS = 3
# Passages are looked up beyond those shown, since near-duplicates among them are dropped.
_SPARE = 5
_SAME = 0.9
_WORD = re.compile(r"\w+(?:'\w+)?")
_NEGATIONS = frozenset(["no", "not", "never", "without", "unless", "cannot", "however", "except", "only", "nor"])


class Pipeline:
    """Answers questions from one index. Safe to share between threads."""

    def __init__(self, index: Index, gate: safety.SafetyGate, *, threshold: float = scope.THRESHOLD) -> None:
        """Take an opened index and a loaded safety gate.

        :param threshold: the least probability (0 to 1) at which passages are shown.
        """
        self.index = index
        self._gate = gate.adapted(index.manifest.corpus.safety, index.classifier)
        self._threshold = threshold
        self._ref = IndexRef(generation=index.manifest.generation, corpus_hash=index.manifest.corpus_hash)

    def ask(
        self,
        message: str,
        *,
        top: int = DEFAULT_TOP,
        region: str | None = None,
        lang: str | None = None,
        documents: Sequence[int] = (),
    ) -> Answer | Refusal:
        """Answer a message with quotes, or refuse.

        :param message: as it was typed; red flags are looked for before its form is judged.
        :param top: the most passages to show, 1 to 10.
        :param region: ISO 3166-1 alpha-2, for the contacts of an emergency.
        :param lang: BCP 47, for the words in an emergency; without it those of the message's own language.
        :param documents: look only in the documents of these ordinals; in all if empty.
        :raises QuestionError: if the message is no emergency and is empty, too long or holds control characters.
        """
        clock = _Clock()
        verdict, matched, encoding = self._judge(message, lang, clock)
        found = verdict.safety
        id_ = self._id(message, top, region, verdict.lang, documents)
        if found.level != "none":
            urgent = _urgent(verdict, region or self.index.manifest.corpus.region)
            return self._refuse(id_, printable(message), urgent, found, clock)
        question = check(message)
        if encoding is None:
            return self._refuse(id_, question, self._not_a_question(), found, clock)
        with clock.stage("retrieve"):
            hits = retrieve(matched, encoding, self.index, max(scope.EVIDENCE, top + _SPARE), documents=documents)
        probability = scope.probability(hits, len(self.index.lexical.terms(matched)))
        if probability < self._threshold:
            return self._refuse(id_, question, self._out_of_scope(hits), found, clock)
        with clock.stage("extract"):
            citations = cite(self._show(_distinct(hits, self.index)[:top]))
            sources = [self.index.documents.get(citation.document.id) for citation in citations]
            answer = answer_text(citations, sources)
        return Answer(
            id=id_,
            question=question,
            answer=answer,
            confidence=scope.confidence(probability),
            passages=citations,
            safety=found,
            disclaimer=self.index.manifest.corpus.disclaimer,
            index=self._ref,
            timings_ms=clock.timings(),
        )

    def _judge(self, message: str, lang: str | None, clock: _Clock) -> tuple[safety.Verdict, str, Encoding | None]:
        """Look for red flags; return with them the question as it is looked up and its vectors, if it was encoded.

        What the rules saw and what they missed is weighed by the vectors that retrieval needs.
        """
        with clock.stage("safety"):
            verdict = self._gate.judge(message, lang=lang)
        matched = normalise(printable(message.strip()[:MAX_CHARACTERS]))
        if not is_question(matched):
            return verdict, matched, None
        with clock.stage("encode"):
            matched = prepare(matched, self.index)
            encoding = encode(matched, self.index)
        with clock.stage("safety"):
            weighed = self._gate.weigh(verdict, safety.stretches(message, matched, encoding), lang=lang)
        return weighed, matched, encoding

    def search(self, message: str, *, top: int = DEFAULT_TOP, documents: Sequence[int] = ()) -> SearchResult:
        """Return the best passages for a message, without any gate.

        :raises QuestionError: if it is empty, too long or holds control characters.
        """
        question = check(message)
        matched = prepare(visible(normalise(question)), self.index)
        hits = retrieve(matched, encode(matched, self.index), self.index, top, documents=documents)
        return SearchResult(question=question, passages=self._show(hits), index=self._ref)

    def _show(self, hits: Sequence[Hit]) -> tuple[RankedPassage, ...]:
        shown = []
        for rank, hit in enumerate(hits, start=1):
            document = self.index.documents.get(hit.passage.document_id)
            shown.append(show(hit, extract(hit, document), document, self.index.read(hit.ordinal), rank=rank))
        return tuple(shown)

    def _refuse(self, id_: str, question: str, detail: RefusalDetail, found: Safety, clock: _Clock) -> Refusal:
        return Refusal(
            id=id_,
            question=question,
            refusal=detail,
            safety=found,
            disclaimer=self.index.manifest.corpus.disclaimer,
            index=self._ref,
            timings_ms=clock.timings(),
        )

    def _out_of_scope(self, hits: Sequence[Hit]) -> RefusalDetail:
        about = f"The documents here are about this: {self.index.manifest.corpus.scope}"
        if scope.on_topic(hits):
            message = f"No passage here answers that. {about}"
            return RefusalDetail(reason="no_answer", message=message, contacts=(), suggestions=self._near(hits))
        message = f"That is not covered here. {about}"
        return RefusalDetail(reason="out_of_scope", message=message, contacts=(), suggestions=self._near(hits))

    def _not_a_question(self) -> RefusalDetail:
        message = f"Ask a question and it is answered with quotes. {self.index.manifest.corpus.scope}"
        return RefusalDetail(reason="not_a_question", message=message, contacts=(), suggestions=())

    def _near(self, hits: Sequence[Hit]) -> tuple[Suggestion, ...]:
        """Return the distinct sections of the best hits."""
        near: dict[tuple[str, tuple[str, ...]], Suggestion] = {}
        for hit in hits:
            passage = hit.passage
            title = self.index.documents.get(passage.document_id).title
            suggestion = Suggestion(title=title, section=passage.section, document_id=passage.document_id)
            near.setdefault((passage.document_id, passage.section), suggestion)
        return tuple(near.values())[:_SUGGESTIONS]

    def _id(self, question: str, top: int, region: str | None, lang: str, documents: Sequence[int]) -> str:
        """Name an answer by what decides it: the same question to the same index has the same id."""
        parts = json.dumps([self._ref.generation, question, top, region, lang, *documents])
        return f"ans_{hashlib.sha256(parts.encode()).hexdigest()[:24]}"


def _urgent(verdict: safety.Verdict, region: str | None) -> RefusalDetail:
    found = verdict.safety
    levels: tuple[SafetyLevel, ...] = ("emergency", found.level) if verdict.at_once else (found.level,)
    contacts = tuple(
        dict.fromkeys(contact for level in levels for contact in safety.contacts_for(level, region, verdict.lang))
    )
    reason: RefusalReason = "crisis" if found.level == "crisis" else "emergency"
    message = safety.message_for(found, verdict.lang)
    return RefusalDetail(reason=reason, message=message, contacts=contacts, suggestions=())


def _distinct(hits: Sequence[Hit], index: Index) -> list[Hit]:
    """Drop a hit that says nearly word for word what a better one says; differing numbers or a "not" keep it."""
    kept: list[Hit] = []
    seen: list[frozenset[str]] = []
    for hit in hits:
        words = frozenset(_WORD.findall(normalise(index.read(hit.ordinal).text).lower()))
        if not any(_near_duplicates(words, other) for other in seen):
            kept.append(hit)
            seen.append(words)
    return kept


def _near_duplicates(left: frozenset[str], right: frozenset[str]) -> bool:
    telling = any(word in _NEGATIONS or word.endswith("n't") or not word.isalpha() for word in left ^ right)
    return not telling and len(left & right) >= _SAME * len(left | right)


class _Clock:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._spent: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self._spent[name] = round(self._spent.get(name, 0) + (time.perf_counter() - start) * 1000, 3)

    def timings(self) -> Timings:
        return Timings(**self._spent, total=round((time.perf_counter() - self._start) * 1000, 3))
