"""Files -> Documents: what a file says, untouched, with everything that must not be read aloud marked by spans."""

from qa.corpus.file import read_document
from qa.corpus.read import corpus_hash, read_corpus
from qa.corpus.task import Limits

__all__ = ["Limits", "corpus_hash", "read_corpus", "read_document"]
