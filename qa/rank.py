"""Order the passages that retrieval found by the scores of the index's reranker, if it has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa.context import context_of, joined, lead_in_of
from qa.encoders import Encoding
from qa.index import Index
from qa.retrieve import retrieve
from qa.types import Hit

# How many passages are read, since reading takes far longer than retrieving: as many as the scope gate looks at.
_READ = 8


def rank(question: str, encoding: Encoding, index: Index, k: int, *, documents: Sequence[int] = ()) -> tuple[Hit, ...]:
    """Return the at most ``k`` best passages for a question, best first; none where the question has no tokens.

    :param encoding: the question's vectors, from ``retrieve.encode``.
    :param documents: look only in the documents of these ordinals; in all if empty.
    """
    if index.reranker is None:
        return retrieve(question, encoding, index, k, documents=documents)
    hits = retrieve(question, encoding, index, max(k, _READ), documents=documents)
    first, others = hits[:_READ], hits[_READ:]
    scores = index.reranker.score(question, [_text(hit, index) for hit in first])
    read = sorted(zip(scores, first, strict=True), key=lambda scored: -scored[0])
    return (*(replace(hit, answers=score) for score, hit in read), *others)[:k]


def _text(hit: Hit, index: Index) -> str:
    """Return what is read of a passage: its context, the lead-in of a list it starts within, its reading text."""
    document = index.documents.get(hit.passage.document_id)
    lead_in = lead_in_of(document, hit.passage.span)
    return joined(context_of(document, hit.passage.section), lead_in, index.read(hit.ordinal).text)
