"""Order the passages that retrieval found by how well they answer the question, as the reader judges it.

Reading takes more time than anything else, so only the passages are read that can come first: those whose retrieval score
is near the best. The reader chooses among them, picks the sentence to quote, and gives the evidence that the question is
answered.
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

# At most this many passages are read, and of these only those whose retrieval score is within the margin of the best.
# Chosen on the development questions: reading eight orders them no better.
_MOST, _MARGIN = 3, 0.1
# The same for a reranker that is not packaged: nobody knows its scale, so its scores alone order what it read.
_MOST_OTHER = 8
# The weights of the retrieval score beside the passage's logit, and of the sentence's MaxSim beside the sentence's logit.
# Chosen on the development questions; see ARCHITECTURE.md.
_SCORE, _MATCH = 60.0, 40.0
# The logit of a sentence that was not read, because it did not fit or has no token.
_UNREAD = -20.0


def rank(question: str, encoding: Encoding, index: Index, k: int, *, documents: Sequence[int] = ()) -> tuple[Hit, ...]:
    """Return the at most ``k`` best passages for a question, best first; none where the question has no tokens.

    :param encoding: the question's vectors, from ``retrieve.encode``.
    :param documents: look only in the documents of these ordinals; in all if empty.
    """
    hits = retrieve(question, encoding, index, max(k, _MOST_OTHER), documents=documents)
    if index.reader is None or not hits:
        return hits[:k]
    if not index.reader.card.sentences:
        read = _read(question, hits[:_MOST_OTHER], index.reader, index)
        read.sort(key=lambda hit: -(hit.answers or 0.0))
    else:
        near = sum(hit.score >= hits[0].score - _MARGIN for hit in hits[:_MOST])
        read = _read(question, hits[:near], index.reader, index)
        read.sort(key=lambda hit: -((hit.answers or 0.0) + _SCORE * hit.score))
    return (*read, *hits[len(read) :])[:k]


def _read(question: str, hits: Sequence[Hit], reader: Reader, index: Index) -> list[Hit]:
    """Return hits as the reader judges them."""
    judged = reader.read(question, [_to_read(hit, index) for hit in hits])
    return [_judged(hit, found, reader) for hit, found in zip(hits, judged, strict=True)]


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


def _judged(hit: Hit, found: Judged, reader: Reader) -> Hit:
    """Return a hit with the reader's logits: a sentence's score is its logit and its weighted MaxSim."""
    if not reader.card.sentences:
        return replace(hit, answers=found.logit)
    sentences = tuple(
        replace(sentence, score=_MATCH * sentence.score + found.sentences.get(number, _UNREAD))
        for number, sentence in enumerate(hit.sentences)
    )
    stated = max(found.sentences.values(), default=_UNREAD)
    return replace(hit, answers=found.logit, stated=stated, sentences=sentences)
