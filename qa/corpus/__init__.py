"""Files -> Documents: what a file says, untouched, with everything that must not be read aloud marked by spans."""

from qa.corpus.jsonl import read_jsonl
from qa.corpus.read import corpus_hash, read_corpus, read_document

__all__ = ["corpus_hash", "read_corpus", "read_document", "read_jsonl"]
