"""Corpus -> a new generation, or none if the one that serves is already its index."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from qa import models, prior
from qa.corpus import corpus_hash
from qa.encoders import OnnxEncoder
from qa.encoders.export import export as export_encoder
from qa.encoders.export import revision_of
from qa.errors import BadIndex, CorpusError
from qa.index import ENCODER_FOLDER, READER_FOLDER, Index, generation, lexical, store, tokens, trained
from qa.index.embed import Entry, Previous, entries_of, pool, write_embeddings
from qa.index.generation import FORMAT, Manifest
from qa.reader import export as reranker_export
from qa.safety import check_own_flags
from qa.safety.training import fingerprint
from qa.types import Calibration, Corpus, Progress

Calibrate = Callable[[Index, Progress], Calibration]


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The generation that serves now; ``reused`` counts passages whose embeddings an earlier one gave.

    ``superseded`` says that labels had calibrated the generation before, and that this one has yet to see them.
    """

    manifest: Manifest
    fresh: bool
    reused: int
    superseded: bool = False


def build(
    corpus: Corpus,
    folder: Path,
    *,
    model: str = models.PACKAGED,
    reranker: str = models.PACKAGED,
    calibrate: Calibrate | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Built:
    """Build the corpus' index in ``folder`` and let it serve.

    :param model: the packaged encoder's name, or the folder of a sentence-transformers model.
    :param reranker: the packaged reader's name, ``none``, or the folder or hub name of a CrossEncoder.
    :param calibrate: fits the scope gate to the index before it is published; without it the shipped calibration serves.
    :param force: build even if the generation that serves is the same.
    :param progress: called with the stage's name, what is done and the total.
    :raises CorpusError: if no document holds any text to quote, or a red flag of the corpus has a packaged one's id.
    :raises IndexBusy: if another build is running there.
    :raises EncoderError: if a model cannot be had, or what exports it is not installed.
    """
    check_own_flags(corpus.info.safety)
    tell = progress or (lambda _stage, _done, _total: None)
    revision = revision_of(model)
    reads = reranker_export.revision_of(reranker)
    content = generation.name_of(
        corpus_hash(corpus.documents),
        corpus.info,
        f"{revision} {reads}",
        fingerprint(revision),
        prior.fingerprint(reranker, refined=calibrate is not None),
    )
    with generation.workspace(folder) as unfinished:
        previous = _previous(folder)
        if previous is not None and previous.manifest.content == content and not force:
            return Built(manifest=previous.manifest, fresh=False, reused=previous.manifest.passages)
        _put_reader(reranker, reads, previous, unfinished / READER_FOLDER)
        encoder = _encoder(model, revision, previous, unfinished / ENCODER_FOLDER, tell)
        entries = _entries(corpus, encoder, tell)
        reused = write_embeddings(entries, encoder, previous, unfinished, tell)
        manifest = _write(corpus, entries, content, encoder, (reranker, reads), unfinished, tell)
        if calibrate is not None:
            fitted = calibrate(Index.unpublished(unfinished, manifest, encoder), tell)
            generation.write_calibration(unfinished, fitted)
            manifest = replace(manifest, calibration=fitted.source)
        generation.write_manifest(unfinished, replace(manifest, files=generation.record(unfinished)))
        generation.publish(unfinished, folder, content)
    labelled = previous is not None and previous.manifest.calibration == "questions"
    return Built(manifest=manifest, fresh=True, reused=reused, superseded=labelled)


def _entries(corpus: Corpus, encoder: OnnxEncoder, tell: Progress) -> list[Entry]:
    entries = list(entries_of(corpus, encoder, tell))
    if not entries:
        raise CorpusError("No document holds any text to quote, only headings, pictures or boilerplate. Add some text.")
    return entries


def _write(
    corpus: Corpus,
    entries: list[Entry],
    content: str,
    encoder: OnnxEncoder,
    reranker: tuple[str, str],
    folder: Path,
    tell: Progress,
) -> Manifest:
    """Write what is made of words and the shipped calibration, and return the manifest, files aside.

    :param reranker: its name and revision.
    """
    tell("Writing the index", 0, 1)
    lexical.write((entry.text for entry in entries), folder / lexical.FOLDER)
    store.write_documents(corpus.documents, folder)
    shipped = prior.prior_of(reranker[0]).calibration
    generation.write_calibration(folder, shipped)
    tell("Writing the index", 1, 1)
    return Manifest(
        format=FORMAT,
        generation=content,
        content=content,
        corpus_hash=corpus_hash(corpus.documents),
        corpus=corpus.info,
        documents={document.id: document.hash for document in corpus.documents},
        passages=len(entries),
        sentences=sum(len(entry.sentences) for entry in entries),
        tokens=len(tokens.TokenIndex(folder).packed),
        encoder=encoder.card.name,
        encoder_revision=encoder.card.revision,
        reranker=reranker[0],
        reranker_revision=reranker[1],
        calibration=shipped.source,
        files={},
    )


def _previous(folder: Path) -> Previous | None:
    """Return the generation that serves if it is whole: a damaged one is not built upon."""
    try:
        path = generation.current(folder)
        manifest = generation.read_manifest(path)
        generation.verify(path, manifest)
    except BadIndex:
        return None
    return Previous(path=path, manifest=manifest)


def _encoder(model: str, revision: str, previous: Previous | None, folder: Path, tell: Progress) -> OnnxEncoder:
    """Put the exported encoder and the classifier trained with it there: the previous generation's, if the same."""
    tell("Preparing the encoder", 0, 1)
    if previous is not None and previous.manifest.encoder_revision == revision:
        shutil.copytree(previous.path / ENCODER_FOLDER, folder)
    else:
        folder.mkdir()
        export_encoder(model, folder)
    encoder = OnnxEncoder(folder, threads=1)
    tell("Preparing the encoder", 1, 1)
    trained.train(encoder, folder, pool, tell)
    return encoder


def _put_reader(name: str, revision: str, previous: Previous | None, folder: Path) -> None:
    """Put the reader there: the previous generation's, if the same; none without a revision."""
    if not revision:
        return
    if previous is not None and previous.manifest.reranker_revision == revision:
        shutil.copytree(previous.path / READER_FOLDER, folder)
    else:
        folder.mkdir()
        reranker_export.export(name, folder)
