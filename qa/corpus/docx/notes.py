"""The footnotes and endnotes of a Word document -> their numbers, and the entries they are in its bibliography."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from qa.corpus.docx.package import Story
from qa.corpus.docx.pieces import Inline
from qa.corpus.docx.styles import Styles
from qa.corpus.docx.tables import paragraphs_of
from qa.corpus.docx.xml import Element, W, is_deleted, is_on, short
from qa.corpus.references import entry
from qa.types import Reference

_KINDS = {"w:footnoteReference": "footnote", "w:endnoteReference": "endnote"}
Key = tuple[str, str]


def numbers_of_notes(body: Element, first: int) -> dict[Key, int]:
    """Count both kinds of notes together in the order of the text, those with a mark of their own last.

    :param body: the ``w:body``.
    :param first: the first number to give.
    """
    references = [element for element in body.iter(*(f"{W}{tag[2:]}" for tag in _KINDS)) if not is_deleted(element)]
    own_marks = [is_on(element.get(f"{W}customMarkFollows")) for element in references]
    numbers: dict[Key, int] = {}
    given = count(first)
    for wanted in (False, True):
        for element, own in zip(references, own_marks, strict=True):
            key = (_KINDS[short(element.tag)], element.get(f"{W}id", ""))
            if own is wanted and key not in numbers:
                numbers[key] = next(given)
    return numbers


def entries_of_notes(
    stories: Mapping[str, Story | None], numbers: Mapping[Key, int], styles: Styles
) -> list[Reference]:
    """Read the notes that are referred to.

    :param stories: the parts that hold them, by kind.
    :param numbers: what each is referred to by.
    :param styles: the document's.
    """
    found = []
    for kind, story in stories.items():
        if story is None:
            continue
        inline = Inline(styles, story.links, {})
        for note in story.root.iter(W + kind):
            number = numbers.get((kind, note.get(f"{W}id", "")))
            text = _text(note, inline, styles)
            if number is not None and text:
                found.append(entry(number, text))
    return found


def _text(note: Element, inline: Inline, styles: Styles) -> str:
    """Return what a note says, with the addresses of links that do not name them."""
    texts, addresses = [], []
    for paragraph in paragraphs_of(note):
        line = inline.read(paragraph, styles.shape(paragraph.find(f"{W}pPr")).style)
        texts.append(line.text)
        addresses += [piece.address for piece in line.pieces if piece.address.startswith("http")]
    text = " ".join(texts).strip()
    unnamed = dict.fromkeys(address for address in addresses if address not in text)
    return " ".join([text, *unnamed]) if text else ""
