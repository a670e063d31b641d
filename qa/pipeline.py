"""The whole way of a question: safety, check, retrieve, scope, extract, cite."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from qa import followup, safety, scope
from qa.cite import answer_text, cite, show
from qa.clock import Clock
from qa.errors import IndexDamaged, QuestionError
from qa.extract import extract
from qa.index import Index
from qa.lookup import Asked, Found, look_up
from qa.question import check, is_question, normalise, opening, printable, steers, visible
from qa.rank import rank
from qa.retrieve import encode
from qa.shown import to_show
from qa.sides import both_sides, stated
from qa.types import (
    Answer,
    Citation,
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
)

DEFAULT_TOP, MAX_TOP = 3, 10
_SUGGESTIONS = 3
# Passages are looked up beyond those shown, since near-duplicates among them are dropped.
_SPARE = 5


class Pipeline:
    """Answers questions from one index. Safe to share between threads."""

    def __init__(self, index: Index, gate: safety.SafetyGate, *, threshold: float | None = None) -> None:
        """Take an opened index and a loaded safety gate.

        :param threshold: the least probability (0 to 1) at which passages are shown; without it the one that the index
            was calibrated to.
        """
        self.index = index
        self._gate = gate.adapted(index.manifest.corpus.safety, index.classifier)
        self._threshold = index.calibration.threshold if threshold is None else threshold
        self._ref = IndexRef(generation=index.manifest.generation, corpus_hash=index.manifest.corpus_hash)

    def ask(
        self,
        message: str,
        *,
        top: int = DEFAULT_TOP,
        region: str | None = None,
        lang: str | None = None,
        accepted: str | None = None,
        documents: Sequence[int] = (),
        history: Sequence[str] = (),
    ) -> Answer | Refusal:
        """Answer a message with quotes, or refuse.

        :param message: as it was typed; red flags are looked for before its form is judged.
        :param top: the most passages to show, 1 to 10.
        :param region: ISO 3166-1 alpha-2, for the contacts of an emergency.
        :param lang: BCP 47, for the words in an emergency; without it the message's own, or else ``accepted``.
        :param documents: look only in the documents of these ordinals; in all if empty.
        :param history: the conversation's earlier questions, the oldest first; see ``followup``.
        :raises QuestionError: if the message is no emergency and is empty, too long or holds control characters.
        :raises IndexDamaged: if it is no emergency and a file of the index was cut off.
        """
        clock, turn = Clock(), followup.read(message, history)
        judged = self._judge(message, turn, lang, accepted, clock)
        verdict, found = judged.verdict, judged.verdict.safety
        id_ = self._id(message, top, region, verdict.lang, documents, judged.told)
        if found.level != "none":
            return self._refuse(id_, printable(message), self._urgent(verdict, region), found, clock)
        question = check(message)
        if judged.asked is None or steers(normalise(question)):
            return self._refuse(id_, question, self._not_a_question(), found, clock)
        looked_up = self._look_up(judged.asked, judged.full, top, documents, clock)
        resolved = turn.full if looked_up.in_full else None
        id_ = self._id(message, top, region, verdict.lang, documents, resolved)
        if looked_up.probability < self._threshold:
            return self._refuse(id_, question, self._out_of_scope(looked_up.hits), found, clock, resolved)
        citations, disagree = self._cited(looked_up.hits, top, clock)
        return Answer(
            id=id_,
            question=question,
            resolved_question=resolved,
            answer=self._spoken(citations),
            confidence=scope.confidence(looked_up.probability),
            passages=citations,
            sources_disagree=disagree,
            safety=found,
            disclaimer=self.index.manifest.corpus.disclaimer,
            index=self._ref,
            timings_ms=clock.timings(),
        )

    def _judge(
        self, message: str, turn: followup.Turn, lang: str | None, accepted: str | None, clock: Clock
    ) -> _Judged:
        """Look for red flags, in the message and in what it tells together with those before it.

        They are weighed by the vectors that retrieval needs, for a short story by those of the question in full, if it has
        one.
        """
        try:
            self.index.check()
        except IndexDamaged:
            judged = self._judge_by_words(message, turn.told, lang, accepted)
            if judged is None:
                raise
            return judged
        judge = partial(self._weigh, lang=lang, accepted=accepted, clock=clock)
        beginning, rest = opening(message)
        if not is_question(beginning):
            with clock.stage("safety"):
                return _Judged(verdict=self._gate.judge(message, lang=lang, accepted=accepted))
        asked = self._asked(beginning, clock)
        verdict = judge(message, asked, rest)
        if verdict.safety.level != "none" or not (turn.full or turn.told):
            return _Judged(verdict=verdict, asked=asked)
        full = self._asked(turn.full, clock) if turn.full else None
        if turn.told is not None:
            beginning, rest = opening(turn.told)
            story = self._asked(beginning, clock) if full is None or safety.is_long(turn.told) else full
            verdict = judge(turn.told, story, rest)
        told = turn.told if verdict.safety.level != "none" else None
        return _Judged(verdict=verdict, asked=asked, full=full, told=told)

    def _judge_by_words(self, message: str, told: str | None, lang: str | None, accepted: str | None) -> _Judged | None:
        """Look for red flags without the index, or return None: whom to call does not depend on its files."""
        for text in filter(None, (message, told)):
            verdict = self._gate.judge(text, lang=lang, accepted=accepted)
            if verdict.safety.level != "none":
                return _Judged(verdict=verdict, told=told if text is told else None)
        return None

    def _weigh(
        self, message: str, asked: Asked, rest: str, *, lang: str | None, accepted: str | None, clock: Clock
    ) -> safety.Verdict:
        """Weigh a message.

        :param asked: the part of it that is encoded; ``rest`` is what follows that.
        """
        encoding = asked.encoding
        if asked.text != asked.typed and safety.is_long(asked.typed + rest):
            # Its sentences are read one by one, so the text that is encoded must be the one that was typed.
            with clock.stage("encode"):
                encoding = encode(asked.typed, self.index)
        with clock.stage("safety"):
            said = safety.stretches(encoding, rest, partial(encode, index=self.index))
            return self._gate.weigh(message, said, lang=lang, accepted=accepted)

    def _look_up(self, asked: Asked, full: Asked | None, top: int, documents: Sequence[int], clock: Clock) -> Found:
        k = max(scope.HITS, top + _SPARE)
        with clock.stage("retrieve"):
            return look_up(asked, full, self.index, k, threshold=self._threshold, documents=documents)

    def _cited(self, hits: Sequence[Hit], top: int, clock: Clock) -> tuple[tuple[Citation, ...], bool]:
        """Return the passages under their numbers, and whether they disagree."""
        with clock.stage("extract"):
            shown, contradicted = both_sides(to_show(hits, self.index), top, self.index)
            citations = cite(self._show(shown))
            return citations, contradicted or stated(citations)

    def _spoken(self, citations: Sequence[Citation]) -> str:
        return answer_text(citations, [self.index.documents.get(citation.document.id) for citation in citations])

    def _asked(self, question: str, clock: Clock) -> Asked:
        with clock.stage("encode"):
            return Asked.of(question, self.index)

    def search(self, message: str, *, top: int = DEFAULT_TOP, documents: Sequence[int] = ()) -> SearchResult:
        """Return the best passages for a message, without any gate.

        :raises QuestionError: if it is empty, too long, holds control characters or nothing to look up.
        :raises IndexDamaged: if a file of the index was cut off.
        """
        self.index.check()
        question = check(message)
        asked = Asked.of(visible(normalise(question)), self.index)
        if asked.encoding.is_empty:
            raise QuestionError("The question holds nothing that can be looked up; expected words.")
        hits = rank(asked.text, asked.encoding, self.index, top, documents=documents)
        return SearchResult(question=question, passages=self._show(hits), index=self._ref)

    def _show(self, hits: Sequence[Hit]) -> tuple[RankedPassage, ...]:
        shown = []
        for place, hit in enumerate(hits, start=1):
            document = self.index.documents.get(hit.passage.document_id)
            shown.append(show(hit, extract(hit, document), document, self.index.read(hit.ordinal), rank=place))
        return tuple(shown)

    def _refuse(
        self,
        id_: str,
        question: str,
        detail: RefusalDetail,
        found: Safety,
        clock: Clock,
        resolved: str | None = None,
    ) -> Refusal:
        return Refusal(
            id=id_,
            question=question,
            resolved_question=resolved,
            refusal=detail,
            safety=found,
            disclaimer=self.index.manifest.corpus.disclaimer,
            index=self._ref,
            timings_ms=clock.timings(),
        )

    def _urgent(self, verdict: safety.Verdict, region: str | None) -> RefusalDetail:
        """Say what to do and whom to call.

        :param region: the corpus' own if None.
        """
        found, where = verdict.safety, region or self.index.manifest.corpus.region
        levels: tuple[SafetyLevel, ...] = ("emergency", found.level) if verdict.at_once else (found.level,)
        named = (contact for level in levels for contact in safety.contacts_for(level, where, verdict.lang))
        reason: RefusalReason = "crisis" if found.level == "crisis" else "emergency"
        message = safety.message_for(found, verdict.lang)
        return RefusalDetail(reason=reason, message=message, contacts=tuple(dict.fromkeys(named)), suggestions=())

    def _out_of_scope(self, hits: Sequence[Hit]) -> RefusalDetail:
        about = f"The documents here are about this: {self.index.manifest.corpus.scope}"
        if scope.on_topic(hits):
            message = (
                f"The documents here come near this, but do not answer it. The nearest sections are listed. {about}"
            )
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

    def _id(
        self,
        question: str,
        top: int,
        region: str | None,
        lang: str,
        documents: Sequence[int],
        context: str | None,
    ) -> str:
        """Name an answer by what decides it: the same question to the same index has the same id.

        :param context: what earlier questions made of it, if anything.
        """
        decides = [self._ref.generation, question, top, region, lang, *documents, *([context] if context else [])]
        return f"ans_{hashlib.sha256(json.dumps(decides).encode()).hexdigest()[:24]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """The verdict on a message, and what is looked up.

    ``told`` is what the message told together with earlier ones, where only that raised a flag; ``asked`` is None where
    there is no question, ``full`` where it stands by itself.
    """

    verdict: safety.Verdict
    asked: Asked | None = None
    full: Asked | None = None
    told: str | None = None
