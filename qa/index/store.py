"""Documents, passages and sentences on disk: serving maps the tables and reads one document at a time."""

from __future__ import annotations

import json
import os
import re
import weakref
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from qa.errors import IndexDamaged
from qa.types import Document, Passage, Span

DOCUMENTS_FILE, OFFSETS_FILE = "documents.jsonl", "documents.npy"
PASSAGES_FILE, SENTENCES_FILE, KEYS_FILE = "passages.npy", "sentences.npy", "keys.npy"
# Columns of the two tables. A passage's tokens and sentences are the half-open ranges that its two "first"
# columns and those of the row after it stand for; the last row of the passages is a sentinel.
DOCUMENT, SECTION, START, END, FIRST_TOKEN, FIRST_SENTENCE = range(6)
SENTENCE_START, SENTENCE_END, TOKEN_START, TOKEN_END = range(4)
_ADAPTER = TypeAdapter(Document)
# A document's line starts with its id and its title.
_TITLE = re.compile(rb'\{"id":"[^"\\]*","title":("(?:[^"\\]|\\.)*")')
_HEAD = 2_048


def write_documents(documents: Iterable[Document], folder: Path) -> None:
    """Write one document a line, and where each line starts."""
    offsets = [0]
    with (folder / DOCUMENTS_FILE).open("wb") as file:
        for document in documents:
            file.write(_ADAPTER.dump_json(document) + b"\n")
            offsets.append(file.tell())
    np.save(folder / OFFSETS_FILE, np.array(offsets, dtype=np.int64), allow_pickle=False)


class DocumentStore:
    """The documents in order of their ids, read one at a time when asked for."""

    def __init__(self, folder: Path, ids: tuple[str, ...]) -> None:
        """Open the documents; ``ids`` are theirs, in order."""
        self.ids = ids
        self._ordinals = {id_: ordinal for ordinal, id_ in enumerate(ids)}
        self._offsets: NDArray[np.int64] = np.load(folder / OFFSETS_FILE, allow_pickle=False)
        self._file = os.open(folder / DOCUMENTS_FILE, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        self.at = lru_cache(maxsize=256)(self._at)

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.ids)

    def __iter__(self) -> Iterator[Document]:
        """Yield the documents in order."""
        return (self._at(ordinal) for ordinal in range(len(self)))

    def __contains__(self, id_: str) -> bool:
        """Tell whether there is a document of that id."""
        return id_ in self._ordinals

    def ordinal(self, id_: str) -> int:
        """Return a document's place in the order of ids.

        :raises KeyError: if there is none of that id.
        """
        return self._ordinals[id_]

    def get(self, id_: str) -> Document:
        """Return a document.

        :raises KeyError: if there is none of that id.
        """
        return self.at(self.ordinal(id_))

    def title(self, ordinal: int) -> str:
        """Return a document's title without reading the whole of it."""
        start, end = self._offsets[ordinal : ordinal + 2]
        found = _TITLE.match(self._bytes(start, min(end, start + _HEAD)))
        return json.loads(found[1]) if found else self._at(ordinal).title

    def _at(self, ordinal: int) -> Document:
        start, end = self._offsets[ordinal : ordinal + 2]
        return _ADAPTER.validate_json(self._bytes(start, end))

    def _bytes(self, start: int, end: int) -> bytes:
        """Read a part of the file; unlike a mapping, one that was cut off can be told.

        :raises IndexDamaged: if the file ends before the part does.
        """
        found = os.pread(self._file, end - start, start)
        if len(found) != end - start:
            raise IndexDamaged(f"{DOCUMENTS_FILE} was cut off while it was read. Build it again: qa index --force")
        return found


class PassageTable:
    """Where each passage and its sentences stand, by ordinal."""

    def __init__(self, folder: Path) -> None:
        """Map the tables."""
        self.rows: NDArray[np.int64] = np.load(folder / PASSAGES_FILE, mmap_mode="r", allow_pickle=False).view(
            np.ndarray
        )
        self.sentences: NDArray[np.int64] = np.load(folder / SENTENCES_FILE, mmap_mode="r", allow_pickle=False).view(
            np.ndarray
        )

    def __len__(self) -> int:
        """Return the number of passages."""
        return len(self.rows) - 1

    def of_documents(self, documents: Sequence[int]) -> NDArray[np.int64]:
        """Return the ordinals of the passages of some documents."""
        return np.flatnonzero(np.isin(self.rows[:-1, DOCUMENT], documents))

    def tokens_of(self, ordinal: int) -> tuple[int, int]:
        """Return the half-open range of a passage's rows among the packed tokens."""
        first, after = self.rows[ordinal : ordinal + 2, FIRST_TOKEN]
        return int(first), int(after)

    def sentence_range(self, ordinal: int) -> tuple[int, int]:
        """Return the half-open range of a passage's rows among the sentences."""
        first, after = self.rows[ordinal : ordinal + 2, FIRST_SENTENCE]
        return int(first), int(after)

    def sentences_of(self, ordinal: int) -> NDArray[np.int64]:
        """Return a passage's sentences, shape (sentences, 4): start and end in the text, first and last-plus-one token."""
        sentences: NDArray[np.int64] = self.sentences[slice(*self.sentence_range(ordinal))]
        return sentences

    def around(self, ordinal: int, reach: int) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """Return the sentences of the at most ``reach`` passages before a passage and after it in its section."""
        same = [DOCUMENT, SECTION]
        low, high = max(0, ordinal - reach), min(len(self), ordinal + reach + 1)
        alike = (self.rows[low:high, same] == self.rows[ordinal, same]).all(axis=1)
        first, after = self.sentence_range(ordinal)
        start = int(self.rows[low + int(alike.argmax()), FIRST_SENTENCE])
        end = int(self.rows[high - int(alike[::-1].argmax()), FIRST_SENTENCE])
        return self._spans(start, first), self._spans(after, end)

    def _spans(self, first: int, after: int) -> tuple[Span, ...]:
        places = self.sentences[first:after, [SENTENCE_START, SENTENCE_END]].tolist()
        return tuple(Span(start=start, end=end) for start, end in places)

    def passage(self, ordinal: int, documents: DocumentStore) -> Passage:
        """Return a passage as a value."""
        row = self.rows[ordinal]
        document = documents.at(int(row[DOCUMENT]))
        span = Span(start=int(row[START]), end=int(row[END]))
        return Passage(document_id=document.id, span=span, section=document.sections[int(row[SECTION])].path)


def write_tables(
    passages: Sequence[tuple[int, ...]], sentences: Sequence[tuple[int, ...]], keys: Sequence[bytes], folder: Path
) -> None:
    """Write the passages (with the sentinel row), their sentences and the keys their embeddings are kept under."""
    np.save(folder / PASSAGES_FILE, np.array(passages, dtype=np.int64).reshape(-1, 6), allow_pickle=False)
    np.save(folder / SENTENCES_FILE, np.array(sentences, dtype=np.int64).reshape(-1, 4), allow_pickle=False)
    digests = np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, 32)
    np.save(folder / KEYS_FILE, digests, allow_pickle=False)
