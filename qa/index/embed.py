"""Documents -> passages with their texts, sentences and vectors: those of an earlier generation where nothing changed."""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_right
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.encoders import OnnxEncoder
from qa.index import dense, store, tokens
from qa.index import sentences as sentence_vectors
from qa.index.generation import Manifest
from qa.passages import embedding_text, sentences, split
from qa.reading import Reading, read
from qa.types import Corpus, Passage, Progress

# Documents repeat sentences; this many vectors are kept to be used again.
_REPEATED = 20_000
_VOCABULARY_TEXTS = 128
_VOCABULARY_WORDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A passage on its way into the index: its text for the encoder and its sentences.

    Sentences have shape (sentences, 4): start and end in the document, start and end in ``text``.
    """

    document: int
    section: int
    passage: Passage
    text: str
    sentences: NDArray[np.int64]

    def key(self, *, own_vectors: bool) -> bytes:
        """Return what the embeddings are kept under: the same text, cut the same way, has the same ones."""
        return hashlib.sha256(bytes([own_vectors]) + self.text.encode() + self.sentences[:, 2:].tobytes()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Embedding:
    """A passage's vectors: its own, its tokens', its sentences', and the sentences' ranges of tokens."""

    pooled: NDArray[np.float32]
    tokens: NDArray[np.int8]
    sentences: NDArray[np.int8]
    ranges: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The generation that served before, whose embeddings can be used again."""

    path: Path
    manifest: Manifest


def entries_of(corpus: Corpus, encoder: OnnxEncoder, tell: Progress) -> Iterator[Entry]:
    """Split the documents; yield their passages in order."""
    window = encoder.card.window
    for number, document in enumerate(corpus.documents):
        sections = {section.span.start: ordinal for ordinal, section in enumerate(document.sections)}
        starts = sorted(sections)
        for passage in split(document, encoder.count, window=window):
            section = sections[starts[bisect_right(starts, passage.span.start) - 1]]
            text = embedding_text(document, passage, encoder.count, window=window)
            reading = read(document, passage.span)
            yield Entry(
                document=number,
                section=section,
                passage=passage,
                text=text,
                sentences=_sentence_table(reading, len(text) - len(reading.text)),
            )
        tell("Splitting documents", number + 1, len(corpus.documents))


def _sentence_table(reading: Reading, offset: int) -> NDArray[np.int64]:
    """Return the sentences' places in the document and in the embedded text, which ends with the reading text."""
    rows = []
    for start, end in sentences(reading):
        span = reading.to_document(start, end)
        rows.append((span.start, span.end, start + offset, end + offset))
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def write_embeddings(
    entries: list[Entry], encoder: OnnxEncoder, previous: Previous | None, folder: Path, tell: Progress
) -> int:
    """Embed the passages and write every file made of vectors; return how many embeddings were reused."""
    known = _Known(previous, encoder.card.revision)
    own_vectors = len(entries) <= sentence_vectors.OWN_VECTORS
    keys = [entry.key(own_vectors=own_vectors) for entry in entries]
    basis = known.basis if known.basis is not None else _basis(encoder)
    np.save(folder / tokens.BASIS_FILE, basis, allow_pickle=False)

    @lru_cache(maxsize=_REPEATED)
    def own(sentence: str) -> NDArray[np.float32]:
        return encoder.encode_passage(sentence).pooled

    def embed(entry: Entry, key: bytes) -> _Embedding:
        return known.get(key) or _embed(entry, encoder, own if own_vectors else None, basis)

    vectors = np.empty((len(entries), encoder.card.dimensions), dtype=np.float32)
    passages: list[tuple[int, ...]] = []
    spans: list[tuple[int, ...]] = []
    first_token = 0
    with (
        (folder / tokens.FILE).open("wb") as token_file,
        (folder / sentence_vectors.FILE).open("wb") as sentence_file,
        pool() as workers,
    ):
        for ordinal, (entry, made) in enumerate(zip(entries, workers.map(embed, entries, keys), strict=True)):
            vectors[ordinal] = made.pooled
            token_file.write(made.tokens.tobytes())
            sentence_file.write(made.sentences.tobytes())
            span = entry.passage.span
            passages.append((entry.document, entry.section, span.start, span.end, first_token, len(spans)))
            spans += [(start, end, *of) for (start, end, _, _), of in zip(entry.sentences, made.ranges, strict=True)]
            first_token += len(made.tokens)
            tell("Embedding passages", ordinal + 1, len(entries))
    passages.append((-1, -1, -1, -1, first_token, len(spans)))
    dense.write(vectors, folder / dense.FILE)
    store.write_tables(passages, spans, keys, folder)
    return sum(key in known for key in keys)


@contextmanager
def pool() -> Iterator[ThreadPoolExecutor]:
    """Yield a pool that drops what is still waiting when the build is interrupted."""
    # A text a thread: faster than one text on all threads, and its vectors are the same on any machine.
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _embed(
    entry: Entry,
    encoder: OnnxEncoder,
    own: Callable[[str], NDArray[np.float32]] | None,
    basis: NDArray[np.float32],
) -> _Embedding:
    """Embed a passage and its sentences.

    :param own: gives a sentence's own vector; None for no such vectors.
    """
    text, spans = entry.text, entry.sentences
    encoding = encoder.encode_passage(text)
    offsets = np.array(encoding.offsets, dtype=np.int64)
    real = offsets[:, 1] > offsets[:, 0]
    starts = offsets[real, 0]
    ranges = np.stack([np.searchsorted(starts, spans[:, 2]), np.searchsorted(starts, spans[:, 3])], axis=1)
    vectors = [own(text[start:end]) for _, _, start, end in spans] if own else []
    return _Embedding(
        pooled=encoding.pooled,
        tokens=tokens.pack(encoding.tokens[real], basis),
        sentences=sentence_vectors.pack(np.array(vectors, dtype=np.float32).reshape(-1, encoder.card.dimensions)),
        ranges=ranges,
    )


class _Known:
    """The embeddings of an earlier generation, by the hash of the text they were made of."""

    def __init__(self, previous: Previous | None, revision: str) -> None:
        self.basis: NDArray[np.float32] | None = None
        self._ordinals: dict[bytes, int] = {}
        if previous is None or previous.manifest.encoder_revision != revision:
            return
        self._dense = dense.DenseIndex(previous.path / dense.FILE)
        self._passages = store.PassageTable(previous.path)
        self._tokens = tokens.TokenIndex(previous.path)
        self._sentences = sentence_vectors.SentenceIndex(previous.path, self._dense.dimensions)
        self.basis = self._tokens.basis
        keys = np.load(previous.path / store.KEYS_FILE, allow_pickle=False)
        self._ordinals = {key.tobytes(): ordinal for ordinal, key in enumerate(keys)}

    def __contains__(self, key: bytes) -> bool:
        return key in self._ordinals

    def get(self, key: bytes) -> _Embedding | None:
        ordinal = self._ordinals.get(key)
        if ordinal is None:
            return None
        return _Embedding(
            pooled=self._dense.vectors(np.array([ordinal], dtype=np.int64))[0],
            tokens=self._tokens.packed[slice(*self._passages.tokens_of(ordinal))],
            sentences=self._sentences.packed[slice(*self._passages.sentence_range(ordinal))],
            ranges=self._passages.sentences_of(ordinal)[:, store.TOKEN_START :],
        )


def _basis(encoder: OnnxEncoder) -> NDArray[np.float32]:
    """Fit the token basis to the encoder alone, on its own vocabulary.

    A basis that depends on the corpus would change with it, and no embedding could be reused.
    """
    words = encoder.vocabulary()
    generator = np.random.default_rng(0)
    texts = (" ".join(generator.choice(words, _VOCABULARY_WORDS)) for _ in range(_VOCABULARY_TEXTS))
    return tokens.fit_basis(np.concatenate([encoder.encode_query(text).tokens[1:-1] for text in texts]))
