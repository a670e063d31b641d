"""An HTML page -> a Document. With :mod:`qa.corpus.epub` the only home of HTML's rules."""

from __future__ import annotations

import re

from qa.corpus.annotate import Facts, annotate
from qa.corpus.composer import Composer
from qa.corpus.html.hide import hidden_of
from qa.corpus.html.meta import with_facts
from qa.corpus.html.notes import Page, find_notes
from qa.corpus.html.tree import Element, parse_html
from qa.corpus.html.walk import write_page
from qa.errors import DocumentError
from qa.types import Document

__all__ = ["read_html"]

_WAITING = re.compile(
    r"\W*(?:loading|please wait|one moment|just a moment|redirecting|(?:please )?(?:enable|turn on) javascript)\b.{0,80}",
    re.IGNORECASE,
)


def read_html(raw: bytes, facts: Facts, *, path: str, fallback_title: str) -> Document:
    """Read a page: what a reader of it sees, with navigation and adverts marked.

    :param raw: the whole file.
    :param facts: its id and hash.
    :param path: to name the file by in an error.
    :param fallback_title: the title where nothing else gives one.
    :raises DocumentError: when it cannot be read, or shows no text.
    """
    root = parse_html(raw, path)
    if root is None:
        raise DocumentError(path, "it is empty", "Write something into it, or delete it")
    if next(root.iter("frameset"), None) is not None:
        raise DocumentError(path, "it shows other pages in frames and holds no text", "Save the pages in its frames")
    composer = Composer()
    notes = find_notes([Page(root=root)])
    write_page(root, composer, hidden_of(root), notes)
    for reference in notes.references:
        composer.note(reference)
    text, layout = composer.finish()
    _check(root, text, path)
    known = with_facts(root, facts, [(heading.level, heading.title) for heading in layout.headings])
    return annotate(text, layout, known, fallback_title=fallback_title)


def _check(root: Element, text: str, path: str) -> None:
    """Refuse a page that shows nothing, or nothing before its scripts have run."""
    scripted = next(root.iter("script"), None) is not None
    if scripted and (not text.strip() or _WAITING.fullmatch(text.strip())):
        reason = "it holds no text of its own; its scripts fetch it"
        raise DocumentError(path, reason, "Open it in a browser and save the page as it is shown there")
    if not text.strip():
        raise DocumentError(path, "it holds no text", "Write something into it, or delete it")
