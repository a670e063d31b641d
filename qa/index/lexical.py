"""Passage texts -> BM25 scores. The only home of tantivy."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from qa.errors import BadIndex
from qa.scratch import Scratch

FOLDER = "lexical"
_FIELD, _WORDS, _ORDINAL = "text", "words", "ordinal"
_ANALYZER, _PLAIN = "citewell", "citewell_plain"
_WRITER_BYTES = 64_000_000
# Words that say how something is asked, not what about.
_FUNCTION_WORDS = """
a about an and any are as at be been by can could did do does done for from get had has have he her here him his how i if in
into is it its many may me might more most much my no nor not of off on or our out over she should so some such than that the
their them then there these they this those to under up us very was we were what when where which while who whom whose why
will with would you your
"""


def write(texts: Iterable[str], folder: Path) -> None:
    """Index the texts in order; a text's ordinal is its place in that order.

    One writer thread and one commit give one segment whose document numbers are the ordinals, and ties that
    always fall in the same order.
    """
    folder.mkdir()
    try:
        _write(texts, folder)
    except ValueError as error:  # whatever goes wrong in tantivy is a ValueError
        raise BadIndex(f"The lexical index cannot be written to {folder}: {error}. Is the disk full?") from error


def _write(texts: Iterable[str], folder: Path) -> None:
    index = tantivy.Index(_schema(), path=str(folder))
    index.register_tokenizer(_ANALYZER, _analyzer())
    index.register_tokenizer(_PLAIN, _plain())
    writer = index.writer(_WRITER_BYTES, num_threads=1)
    for ordinal, text in enumerate(texts):
        writer.add_document(tantivy.Document(ordinal=ordinal, text=text, words=text))
    writer.commit()
    writer.wait_merging_threads()


class LexicalIndex:
    """BM25 over the passages' context and reading text."""

    def __init__(self, folder: Path) -> None:
        """Open the index; where its folder cannot be written to, a temporary copy of it."""
        self._copy: Scratch | None = None
        if not _writable(folder):
            # tantivy insists on a lock file beside its segments.
            self._copy = Scratch("citewell-lexical-")
            folder = Path(shutil.copytree(folder, self._copy.path / FOLDER))
        index = tantivy.Index.open(str(folder))
        self._analyzer = _analyzer()
        index.register_tokenizer(_ANALYZER, self._analyzer)
        index.register_tokenizer(_PLAIN, _plain())
        self._schema = index.schema
        self._searcher = index.searcher()
        self._function_terms = frozenset(self.terms(_FUNCTION_WORDS))

    def terms(self, text: str) -> list[str]:
        """Return the distinct terms of a text as the index knows them, in order of first use."""
        return list(dict.fromkeys(self._analyzer.analyze(text)))

    def content(self, terms: list[str]) -> list[str]:
        """Return those of the terms that say what a text is about: no articles, pronouns, auxiliaries or question words."""
        return [term for term in terms if term not in self._function_terms]

    def has_term_of(self, word: str) -> bool:
        """Tell whether some passage holds the word in any of its forms."""
        return any(self._searcher.doc_freq(_FIELD, term) for term in self.terms(word))

    def word_frequency(self, word: str) -> int:
        """Return how many passages hold a lower-case word in just this form."""
        return int(self._searcher.doc_freq(_WORDS, word))

    def idf(self, terms: list[str]) -> NDArray[np.float64]:
        """Return each term's BM25 inverse document frequency, ``ln(1 + (N - n + 0.5) / (n + 0.5))``."""
        total = self._searcher.num_docs
        frequencies = np.array([self._searcher.doc_freq(_FIELD, term) for term in terms], dtype=np.float64)
        return np.log1p((total - frequencies + 0.5) / (frequencies + 0.5))

    def search(
        self, terms: list[str], k: int, *, among: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the ordinals and BM25 scores of the ``k`` best passages, best first.

        :param among: look only at these passages; the scores are those of the whole index.
        """
        query = self._any_of(terms)
        if among is not None:
            # One clause a passage would cost ten times as much.
            listed = tantivy.Query.term_set_query(self._schema, _ORDINAL, among.tolist())
            allowed = tantivy.Query.const_score_query(listed, 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, allowed)])
        hits = self._searcher.search(query, limit=k, count=False).hits
        addresses = [address for _, address in hits]
        ordinals = np.array(self._searcher.fast_field_values(_ORDINAL, addresses), dtype=np.int64)
        return ordinals, np.array([score for score, _ in hits], dtype=np.float64)

    def _any_of(self, terms: Iterable[str]) -> tantivy.Query:
        each = (tantivy.Query.term_query(self._schema, _FIELD, term, "freq") for term in terms)
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in each])


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field(_ORDINAL, fast=True, indexed=True)
    builder.add_text_field(_FIELD, tokenizer_name=_ANALYZER, index_option="freq")
    builder.add_text_field(_WORDS, tokenizer_name=_PLAIN, index_option="basic")
    return builder.build()


def _analyzer() -> tantivy.TextAnalyzer:
    return _plain_builder().filter(tantivy.Filter.ascii_fold()).filter(tantivy.Filter.stemmer("english")).build()


def _plain() -> tantivy.TextAnalyzer:
    return _plain_builder().build()


def _plain_builder() -> tantivy.TextAnalyzerBuilder:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    return builder.filter(tantivy.Filter.remove_long(60)).filter(tantivy.Filter.lowercase())


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
