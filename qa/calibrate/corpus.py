"""An index -> the shipped calibration, refined by questions that the index can ask itself: nobody labels anything.

Its own headings are asked with their documents there and with every document on their topic held out, and so are
questions that few corpora answer.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from qa import scope
from qa.calibrate.fit import balanced, curve, fit
from qa.calibrate.observe import observe
from qa.index import Index
from qa.prior import Prior, off_topic, prior_of
from qa.types import Calibration, Progress

_SAMPLE = 100
_SHORT = 4
# With fewer documents left than this share, what is held out is the corpus' subject rather than a topic of it.
_LEAST_LEFT = 0.5
# All that a corpus asks itself weighs as much as this many labelled questions of either kind, half as much in a corpus of
# _HALF passages; and as one more for each _FURTHER passages, since the more topics there are, the nearer one of them comes
# to a topic that is lacking. None counts for more than one question. Chosen by leaving each corpus out of the shipped fit
# (benchmarks/fit_scope.py).
_WORTH = 3.0
_HALF = 100
_FURTHER = 800
_EVEN = 0.5

Kind = Literal["heading", "held out", "off topic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that an index asks itself, and the evidence that it has for it."""

    kind: Kind
    question: str
    evidence: tuple[float, ...]


def by_corpus(index: Index, progress: Progress) -> Calibration:
    """Return the calibration that a build gives an index."""
    asked = list(ask_itself(index, progress))
    name = hashlib.sha256("\n".join(f"{each.kind} {each.question}" for each in asked).encode()).hexdigest()
    return refine(asked, index.manifest.passages, name=name, prior=prior_of(index.manifest.reranker))


def refine(asked: Sequence[Asked], passages: int, *, name: str, prior: Prior) -> Calibration:
    """Return a calibration refined by what an index of so many passages asked itself.

    A topic held out that the prior would still answer is left out: other documents may well answer it.

    :param name: the hash of what was asked.
    """
    used = [
        each for each in asked if each.kind != "held out" or scope.probability(each.evidence, prior.calibration) < _EVEN
    ]
    rows = np.array([each.evidence for each in used])
    labels = np.array([each.kind == "heading" for each in used])
    if labels.all() or not labels.any():
        return prior.calibration
    worth = min(_WORTH * passages / (passages + _HALF) + passages / _FURTHER, len(labels) / 2)
    weights = balanced(labels) * (2 * worth / len(labels))
    refined = fit(rows, labels, weights, prior=prior)
    stated = np.array([scope.probability(row, refined) for row in rows])
    return replace(refined, source="corpus", questions=len(used), questions_hash=name, curve=curve(stated, labels))


def ask_itself(index: Index, progress: Progress) -> Iterator[Asked]:
    """Yield the questions that an index asks itself, with their evidence, always in the same order."""
    questions = list(_questions(index))

    def ask(question: tuple[Kind, str, list[int]]) -> tuple[float, ...] | None:
        return observe(question[1], index, documents=question[2])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, ((kind, question, _), row) in enumerate(zip(questions, pool.map(ask, questions), strict=True), 1):
            progress("Calibrating", done, len(questions))
            if row is not None:
                yield Asked(kind=kind, question=question, evidence=row)


def _questions(index: Index) -> Iterator[tuple[Kind, str, list[int]]]:
    """Yield kinds, questions and the ordinals of the documents to look in, none for all."""
    everything = range(len(index.documents))
    holders = _holders(index)
    for ordinal, question in _headings(index):
        yield "heading", question, []
        topic = _topic(index.documents.at(ordinal).title or question, index)
        held_out = holders[topic] | {ordinal} if topic else {ordinal}
        if len(everything) - len(held_out) >= max(1, _LEAST_LEFT * len(everything)):
            yield "held out", question, [other for other in everything if other not in held_out]
    for question in off_topic():
        yield "off topic", question, []


def _headings(index: Index) -> list[tuple[int, str]]:
    """Return a fixed sample of the headings that have text under them, as questions, with their documents' ordinals."""
    found = []
    for ordinal, document in enumerate(index.documents):
        for section in document.sections:
            heading = section.path[-1] if section.path else document.title
            if section.span.of(document.text).strip() and heading:
                alone = len(heading.split()) >= _SHORT or heading == document.title
                found.append((ordinal, heading if alone else f"{document.title}: {heading}"))
    return random.Random(0).sample(found, min(_SAMPLE, len(found)))  # noqa: S311 - a sample needs no secrecy


def _topic(title: str, index: Index) -> str | None:
    """Return the rarest term of a title."""
    content = index.lexical.content(index.lexical.terms(title))
    return content[int(index.lexical.idf(content).argmax())] if content else None


def _holders(index: Index) -> dict[str, set[int]]:
    """Return the documents that each term of a title or heading stands in."""
    found: dict[str, set[int]] = defaultdict(set)
    for ordinal, document in enumerate(index.documents):
        headings = {heading for section in document.sections for heading in section.path}
        for term in index.lexical.terms(" ".join([document.title, *headings])):
            found[term].add(ordinal)
    return found
