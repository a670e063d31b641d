"""Passages -> an index on disk -> hits. The only package that reads or writes an index folder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from qa.encoders import OnnxEncoder
from qa.glossary import Glossary
from qa.index import generation, trained
from qa.index.dense import FILE as DENSE_FILE
from qa.index.dense import DenseIndex
from qa.index.generation import Manifest
from qa.index.guard import Guard
from qa.index.lexical import FOLDER as LEXICAL_FOLDER
from qa.index.lexical import LexicalIndex
from qa.index.recent import Recent
from qa.index.sentences import SentenceIndex
from qa.index.store import DocumentStore, PassageTable
from qa.index.tokens import TokenIndex
from qa.reader import Reader
from qa.reading import Reading, read
from qa.types import IndexInfo

ENCODER_FOLDER, READER_FOLDER = "encoder", "reader"
# What a reading takes in bytes: its values, and for each character its share of the text and of the run map.
_READING, _EXPANSION, _MOST_KEPT = 1_000, 24, 8_000_000

__all__ = ["Index", "Manifest"]


class Index:
    """A generation, opened to be searched. Safe to share between threads; never written to."""

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        """Open the generation that serves in ``folder``.

        :param threads: how many threads one question's encoding may use; 0 leaves it to the runtime.
        :raises IndexMissing: if there is none.
        :raises IndexDamaged: if any file differs from the manifest.
        """
        path = generation.current(folder)
        manifest = generation.read_manifest(path)
        # These are the longest parts of a cold start, and none holds the interpreter.
        with ThreadPoolExecutor() as pool:
            verified = pool.submit(generation.verify, path, manifest)
            encoder = pool.submit(OnnxEncoder, path / ENCODER_FOLDER, threads=threads)
            reader = pool.submit(_reader, path)
            verified.result()
            self._open(path, manifest, encoder.result(), reader.result())

    @classmethod
    def unpublished(cls, path: Path, manifest: Manifest, encoder: OnnxEncoder) -> Index:
        """Open a generation that is still being built."""
        index = cls.__new__(cls)
        index._open(path, manifest, encoder, _reader(path))  # noqa: SLF001 - its own
        return index

    def _open(self, path: Path, manifest: Manifest, encoder: OnnxEncoder, reader: Reader | None) -> None:
        self._guard = Guard(each for each in path.rglob("*") if _is_read_later(each))
        self.path = path
        self.manifest = manifest
        self.encoder = encoder
        self.reader = reader
        self.glossary = Glossary(manifest.corpus.glossary)
        self.calibration = generation.read_calibration(path)
        self.classifier = trained.load(path / ENCODER_FOLDER)
        self.documents = DocumentStore(path, tuple(manifest.documents))
        self.passages = PassageTable(path)
        self.dense = DenseIndex(path / DENSE_FILE)
        self.lexical = LexicalIndex(path / LEXICAL_FOLDER)
        self.tokens = TokenIndex(path)
        self.sentences = SentenceIndex(path, encoder.card.dimensions)
        self._read = Recent(
            self._read_passage, lambda _, reading: _READING + _EXPANSION * len(reading.text), _MOST_KEPT
        )

    def check(self) -> None:
        """Make sure that no file was cut off since the index was opened; ask this before each use, it costs .1 ms.

        :raises IndexDamaged: naming the file.
        """
        self._guard.check()

    def read(self, ordinal: int) -> Reading:
        """Return a passage's reading text; the latest are kept, since a question reads each hit more than once."""
        return self._read(ordinal)

    def _read_passage(self, ordinal: int) -> Reading:
        passage = self.passages.passage(ordinal, self.documents)
        return read(self.documents.get(passage.document_id), passage.span)

    def info(self) -> IndexInfo:
        """Say what the index holds and what it was built from."""
        manifest = self.manifest
        return IndexInfo(
            generation=manifest.generation,
            corpus_hash=manifest.corpus_hash,
            format=manifest.format,
            name=manifest.corpus.name,
            scope=manifest.corpus.scope,
            disclaimer=manifest.corpus.disclaimer,
            region=manifest.corpus.region,
            documents=len(manifest.documents),
            passages=manifest.passages,
            sentences=manifest.sentences,
            encoder=manifest.encoder,
            encoder_revision=manifest.encoder_revision,
            reranker=manifest.reranker,
            reranker_revision=manifest.reranker_revision,
            calibration=self.calibration,
            bytes=sum(file.bytes for file in manifest.files.values()),
        )


def _reader(generation: Path) -> Reader | None:
    """Return a generation's reader, None if it was built without one."""
    folder = generation / READER_FOLDER
    return Reader(folder) if folder.is_dir() else None


def _is_read_later(path: Path) -> bool:
    """Tell whether a file of a generation is read while it serves, not only when it is opened."""
    return (
        path.is_file()
        and path.parent.name not in {ENCODER_FOLDER, READER_FOLDER}
        and path.suffix not in {".json", ".lock"}
    )
