"""A Word document whose headings have no style -> the paragraphs that are headings by their looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qa.corpus.docx.pieces import Inline, Line
from qa.corpus.docx.styles import Shape, Styles
from qa.corpus.docx.tables import paragraphs_of
from qa.corpus.docx.xml import Element, W, integer, value
from qa.corpus.headings import could_head
from qa.corpus.lines import lines_of

_LONGEST_RUN = 2
_LEVEL = 2
_LARGE = 32  # half-points


def heads_by_looks(body: Element, styles: Styles) -> dict[Element, int]:
    """Find the short paragraphs, bold from end to end, that head what follows, and their levels.

    The first paragraph of all is the title, level 1, where it is centred or large. Others are headings, level 2, only
    where no heading has a style.

    :param body: the ``w:body``.
    :param styles: the document's.
    """
    shapes = [styles.shape(each.find(f"{W}pPr")) for each in paragraphs_of(body) if _has_text(each)]
    titled = any(shape.is_title for shape in shapes)
    styled = any(shape.level and not shape.is_title for shape in shapes)
    found = {} if styled else dict.fromkeys(_bold(_paragraphs(body, styles)), _LEVEL)
    first, shape, line = next(_paragraphs(body, styles), (body, None, None))
    if shape and line and not titled and not shape.level and _is_bold_line(line) and _stands_out(first):
        found[first] = 1
    return found


def _has_text(paragraph: Element) -> bool:
    return any(each.text for each in paragraph.iter(f"{W}t"))


def _paragraphs(body: Element, styles: Styles) -> Iterator[tuple[Element, Shape, Line]]:
    """Walk through the paragraphs that hold text, those of tables and lists too."""
    inline = Inline(styles, {}, {})
    for element in paragraphs_of(body):
        shape = styles.shape(element.find(f"{W}pPr"))
        line = inline.read(element, shape.style)
        if line.text:
            yield element, shape, line


def _bold(paragraphs: Iterable[tuple[Element, Shape, Line]]) -> list[Element]:
    """Find the bold lines that another paragraph follows; more in a row than two are no headings."""
    run: list[Element] = []
    found: list[Element] = []
    for element, shape, line in paragraphs:
        if shape.numbering is None and not line.is_listing and not _in_table(element) and _is_bold_line(line):
            run.append(element)
            continue
        if len(run) <= _LONGEST_RUN:
            found += run
        run = []
    return found


def _is_bold_line(line: Line) -> bool:
    words = [piece for piece in line.pieces if piece.kind == "text" and piece.text.strip()]
    return bool(words) and all(piece.bold for piece in words) and could_head(lines_of(line.text)[0])


def _stands_out(element: Element) -> bool:
    sizes = (integer(value(run.find(f"{W}rPr"), "sz")) or 0 for run in element.iter(f"{W}r"))
    return value(element.find(f"{W}pPr"), "jc") == "center" or min(sizes, default=0) >= _LARGE


def _in_table(element: Element) -> bool:
    return any(above.tag == f"{W}tc" for above in element.iterancestors())
