"""The pieces of a paragraph -> the composer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from qa.corpus.composer import Composer
from qa.corpus.docx.pieces import Piece


def write(composer: Composer, pieces: Sequence[Piece], *, in_row: bool = False) -> None:
    """Write a paragraph's pieces into the open block.

    :param composer: takes them.
    :param pieces: in order.
    :param in_row: whether a table's row is open, so that a tab is no next cell.
    """
    raises = any(piece.kind == "text" and piece.text.strip() for piece in pieces)
    for kind, group in groupby(_marked(pieces), key=lambda piece: piece.kind):
        run = list(group)
        if kind == "raised" and raises:
            composer.raised("".join(piece.text for piece in run), link=any(_is_inner(piece) for piece in run))
        elif kind == "note":
            _notes(composer, run)
        else:
            for piece in run:
                _write(composer, piece, in_row=in_row)


def _marked(pieces: Sequence[Piece]) -> list[Piece]:
    """Give a note whose mark its author chose the text that follows it."""
    marked: list[Piece] = []
    for piece in pieces:
        last = marked[-1] if marked else None
        if last is not None and last.kind == "note" and not last.text and piece.text.strip():
            marked[-1] = Piece(kind="note", text=piece.text.strip(), number=last.number)
        else:
            marked.append(piece)
    return marked


def _is_inner(piece: Piece) -> bool:
    return piece.address.startswith("#")


def _notes(composer: Composer, run: Sequence[Piece]) -> None:
    """Write the marks of notes that follow each other, apart by commas as two numbers would read as one."""
    for place, piece in enumerate(run):
        if place:
            composer.marker(",", ())
        composer.marker(piece.text or str(piece.number), (piece.number,))


def _write(composer: Composer, piece: Piece, *, in_row: bool) -> None:
    match piece.kind:
        case "tab" if not in_row:
            composer.cell()
        case "tab":
            composer.write(" ")
        case "break":
            composer.line_break()
        case "hyphen":
            composer.markup(piece.text)
        case _:
            composer.write(piece.text)


def write_code(composer: Composer, pieces: Sequence[Piece]) -> None:
    """Write a paragraph of code, white space kept.

    :param composer: takes it.
    :param pieces: in order.
    """
    shown = {"break": "\n", "tab": "\t"}
    composer.verbatim("".join(shown.get(piece.kind, piece.text) for piece in pieces))
