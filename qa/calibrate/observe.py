"""A question -> the evidence that an index has for it, as the pipeline sees it."""

from __future__ import annotations

from collections.abc import Sequence

from qa import scope
from qa.index import Index
from qa.lookup import Asked
from qa.question import MAX_CHARACTERS, is_question, normalise
from qa.rank import rank


def observe(question: str, index: Index, *, documents: Sequence[int] = ()) -> tuple[float, ...] | None:
    """Return the evidence for a question, or None where nothing can be looked up.

    :param documents: look only in the documents of these ordinals; in all if empty.
    """
    matched = normalise(question.strip()[:MAX_CHARACTERS])
    if not is_question(matched):
        return None
    asked = Asked.of(matched, index)
    hits = rank(asked.text, asked.encoding, index, scope.HITS, documents=documents)
    return scope.evidence(asked.text, hits, index) if hits else None
