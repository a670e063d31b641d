"""Let the reader judge the passage that retrieval puts first, or a reranker of one's own order the best few.

The packaged reader tells whether that passage answers and which of its sentences does. It orders nothing: on the
development questions its order of three or eight passages was no better than retrieval's, and reading a passage costs about
as much as encoding the question. A reranker of one's own is chosen for its order, so its order is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa.context import context_of, joined, lead_in_of
from qa.encoders import Encoding
from qa.index import Index
from qa.reader import Judged, Reader, ToRead
from qa.retrieve import retrieve
from qa.types import Hit

# How many passages a reranker of one's own orders.
_ORDERED = 8
# The weight of retrieval's score of a sentence beside the reader's logit of the sentence. Chosen on the development
# questions: see ARCHITECTURE.md.
_MATCH = 60.0
# The logit of a sentence that was not read, because it did not fit or has no token.
_UNREAD = -20.0


def rank(question: str, encoding: Encoding, index: Index, k: int, *, documents: Sequence[int] = ()) -> tuple[Hit, ...]:
    """Return the at most ``k`` best passages for a question, best first; none where the question has no tokens.

    :param encoding: the question's vectors, from ``retrieve.encode``.
    :param documents: look only in the documents of these ordinals; in all if empty.
    """
    if index.reader is None:
        return retrieve(question, encoding, index, k, documents=documents)
    count = 1 if index.reader.card.sentences else _ORDERED
    hits = retrieve(question, encoding, index, max(k, count), documents=documents)
    read = _read(question, hits[:count], index.reader, index)
    read.sort(key=lambda hit: -(hit.answers or 0.0))
    return (*read, *hits[len(read) :])[:k]


def _read(question: str, hits: Sequence[Hit], reader: Reader, index: Index) -> list[Hit]:
    """Return hits as the reader judges them."""
    judged = reader.read(question, [_to_read(hit, index) for hit in hits])
    return [_judged(hit, found) for hit, found in zip(hits, judged, strict=True)]


def _to_read(hit: Hit, index: Index) -> ToRead:
    """Return a hit's context and reading text, with its sentences; a passage without any counts as one sentence."""
    document, reading = index.documents.get(hit.passage.document_id), index.read(hit.ordinal)
    context = context_of(document, hit.passage.section)
    text = joined(context, lead_in_of(document, hit.passage.span), reading.text)
    offset = len(text) - len(reading.text)
    places = [reading.to_reading(sentence.span) for sentence in hit.sentences] or [(0, len(reading.text))]
    return ToRead(
        text=text,
        sentences=[(start + offset, end + offset) for start, end in places],
        focus=max(range(len(hit.sentences)), key=lambda i: hit.sentences[i].score, default=0),
    )


def _judged(hit: Hit, found: Judged) -> Hit:
    """Return a hit with the reader's logit, and where sentences have logits, with what these and retrieval say of them."""
    if not found.sentences:
        return replace(hit, answers=found.logit)
    sentences = tuple(
        replace(sentence, score=_MATCH * sentence.score + found.sentences.get(number, _UNREAD))
        for number, sentence in enumerate(hit.sentences)
    )
    return replace(hit, answers=found.logit, sentences=sentences)
