"""An element tree -> the composer, block by block: what a reader of the page sees, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from qa.corpus.composer import Composer
from qa.corpus.html.inline import Role, Run, has_text, write_runs
from qa.corpus.html.lists import BULLET, bullet_of, label_of, ordinals_of
from qa.corpus.html.marks import formula_sign, is_permalink, leads_to_place, raised_classes, raised_text
from qa.corpus.html.notes import Notes
from qa.corpus.html.rows import OpenRow
from qa.corpus.html.tables import Row, rows_of
from qa.corpus.html.tree import (
    BLOCKS,
    PREFORMATTED,
    SILENT,
    Element,
    heading_level,
    name_of,
    parents,
    short_text,
    visit,
)
from qa.corpus.layout import BlockKind
from qa.types import BoilerplateKind

_CODE = frozenset({"code", "kbd", "samp", "tt", "var"})
_LISTS = frozenset({"ul", "ol", "menu", "dir"})


def write_page(
    root: Element,
    composer: Composer,
    hidden: Mapping[Element, BoilerplateKind],
    notes: Notes,
    raised: frozenset[str] = frozenset(),
) -> None:
    """Write a page.

    :param root: of the page.
    :param composer: to write to.
    :param hidden: the elements to mark as boilerplate.
    :param notes: the reference marks, and where the notes stand.
    :param raised: the classes that the style sheets which come with the page raise.
    """
    css = "\n".join(style.text or "" for style in root.iter("style"))
    marked: dict[Element, BoilerplateKind] = {**dict.fromkeys(notes.blocks, "navigation"), **hidden}
    walk = _Walk(composer=composer, hidden=marked, notes=notes, raised=raised | raised_classes(css))
    visit(root, walk.enter, walk.leave)
    walk.flush()


@dataclass(slots=True, kw_only=True)
class _Walk:
    """Where the walk is: the running text since the last block's end, and what it stands in."""

    composer: Composer
    hidden: Mapping[Element, BoilerplateKind]
    notes: Notes
    raised: frozenset[str]
    runs: list[Run] = field(default_factory=list)
    frames: list[ExitStack] = field(default_factory=list)
    kind: BlockKind = "paragraph"
    level: int = 0
    flat: int = 0  # within a heading, a cell or code: a block's end does not end the block that is written
    unread: int = 0
    code: int = 0
    verbatim: bool = False
    row: OpenRow = field(default_factory=OpenRow)
    bullets: dict[Element, str] = field(default_factory=dict)
    labels: set[Element] = field(default_factory=set)
    rows: dict[Element, Row] = field(default_factory=dict)
    terms: list[ExitStack] = field(default_factory=list)

    def enter(self, element: Element) -> bool:
        """Take up an element and the text at its start; tell whether to go into it."""
        frame = ExitStack()
        self.frames.append(frame)
        name = name_of(element)
        if not name or name in SILENT or element in self.labels:
            return False
        if element in self.hidden:
            self.hide(element, name, frame)
        if name in BLOCKS or heading_level(element):
            self.block(element, name, frame)
        elif not self.inline(element, name, frame):
            return False
        self.text(element.text)
        return True

    def leave(self, element: Element) -> None:
        """End what the element opened, and take up the text after it."""
        self.frames.pop().close()
        if len(self.frames):
            self.text(element.tail)

    # --- text -------------------------------------------------------------------------------------

    def text(self, text: str | None) -> None:
        """Take up running text as it stands here."""
        if text:
            role: Role = "unread" if self.unread else "verbatim" if self.verbatim else "code" if self.code else "text"
            self.runs.append(Run(text=text, role=role))

    def inline(self, element: Element, name: str, frame: ExitStack) -> bool:
        """Take up an element within a line; tell whether its contents are still to be read."""
        plain = not self.unread and not self.verbatim
        if name == "br":
            self.line_break()
        elif name == "rt" or (self.kind == "heading" and is_permalink(element, name)):
            self.unread += 1
            frame.callback(self._read_on)
        elif name in _CODE:
            self.code += 1
            frame.callback(self._end_code)
        elif name == "q" and plain:
            self.text("“")
            frame.callback(self.text, "”")
        elif plain and element in self.notes.marks:
            role: Role = "mark" if next(element.iter("sup"), None) is None else "raised"
            self.runs.append(Run(text=short_text(element) or "", role=role, link=True))
            return False
        elif plain and (raised := raised_text(element, name, self.raised)) is not None:
            self.runs.append(Run(text=raised, role="raised", link=leads_to_place(element)))
            return False
        elif plain and (sign := formula_sign(element)):
            self.text(sign)
        return True

    def line_break(self) -> None:
        """Break the line; two in a row end the paragraph."""
        if self.verbatim:
            self.runs.append(Run(text="\n", role="verbatim"))
            return
        written = next((run for run in reversed(self.runs) if run.role != "text" or run.text.strip()), None)
        if written is not None and written.role == "break" and not self.flat:
            self.flush()
        else:
            self.runs.append(Run(text="\n", role="break"))

    def flush(self) -> None:
        """Write the running text since the last block's end."""
        runs, self.runs = self.runs, []
        if self.row.row is not None:
            self.row.take(runs)
        elif has_text(runs):
            self.composer.block(self.kind, level=self.level)
            write_runs(runs, self.composer, heading=self.kind == "heading")
        elif unread := " ".join("".join(run.text for run in runs).split()):
            with self.composer.hidden("navigation"):
                self.composer.write(unread)

    def _read_on(self) -> None:
        self.unread -= 1

    def _end_code(self) -> None:
        self.code -= 1

    # --- blocks -----------------------------------------------------------------------------------

    def hide(self, element: Element, name: str, frame: ExitStack) -> None:
        """Mark what an element holds: within a line as not read, else as boilerplate."""
        within_line = name not in BLOCKS and next(element.iter(*BLOCKS), None) is None
        if self.flat or within_line:
            self.unread += 1
            frame.callback(self._read_on)
        else:
            self.flush()
            frame.enter_context(self.composer.hidden(self.hidden[element]))
            frame.callback(self.flush)

    def block(self, element: Element, name: str, frame: ExitStack) -> None:
        """Take up a block: what was open ends, and what it opens ends with it."""
        if self.flat and not (self.row.row is not None and name in ("td", "th", "tr")):
            self.flat_block(name, frame)
            return
        self.flush()
        if level := heading_level(element):
            quoted = any(name_of(parent) == "blockquote" for parent in parents(element))
            self.become("paragraph" if quoted else "heading", level, frame)
        elif name in PREFORMATTED:
            self.become("code", 0, frame)
            self.verbatim = True
        else:
            self.open(element, name, frame)
        frame.callback(self.flush)

    def open(self, element: Element, name: str, frame: ExitStack) -> None:
        """Open what holds other blocks."""
        match name:
            case "ul" | "ol" | "menu" | "dir":
                self.open_list(element, name, frame)
            case "li":
                self.open_item(element, frame)
            case "dl":
                self.open_terms(frame)
            case "dt" if self.terms:
                self.open_term()
            case "dd" if self.terms:
                frame.enter_context(self.composer.list())
                frame.enter_context(self.composer.item(""))
            case "table":
                self.open_table(element, frame)
            case "tr" if element in self.rows:
                self.open_row(element, frame)
            case "td" | "th" if self.row.row is not None:
                self.row.cell(element)

    def flat_block(self, name: str, frame: ExitStack) -> None:
        """Take up a block where only its line can end: in a heading, a cell or code."""
        self.line_end()
        if name == "li":
            self.runs.append(Run(text=f"{BULLET} ", role="unread"))
        frame.callback(self.line_end)

    def line_end(self) -> None:
        """End the line unless it has just been ended."""
        if self.runs and not self.runs[-1].text.endswith("\n"):
            self.runs.append(Run(text="\n", role="verbatim" if self.verbatim else "break"))

    def become(self, kind: BlockKind, level: int, frame: ExitStack) -> None:
        """Let the text be a block of a kind until the frame ends."""
        frame.callback(self._restore, self.kind, self.level, self.verbatim)
        self.kind, self.level = kind, level
        self.flat += 1

    def _restore(self, kind: BlockKind, level: int, verbatim: bool) -> None:  # noqa: FBT001
        self.kind, self.level, self.verbatim = kind, level, verbatim
        self.flat -= 1

    # --- lists ------------------------------------------------------------------------------------

    def open_list(self, element: Element, name: str, frame: ExitStack) -> None:
        """Open a list and say what stands before each of its items."""
        if name == "ol":
            numbers = ordinals_of(element)
            self.bullets.update({item: bullet_of(element, number) for item, number in numbers.items()})
        frame.enter_context(self.composer.list())

    def open_item(self, element: Element, frame: ExitStack) -> None:
        """Open an item of a list; one that stands alone is a list by itself."""
        parent = element.getparent()
        if parent is None or name_of(parent) not in _LISTS:
            frame.enter_context(self.composer.list())
        bullet, label = self.bullets.pop(element, BULLET), label_of(element)
        if label is not None:
            bullet = (short_text(label) or bullet).strip()
            self.labels.add(label)
        frame.enter_context(self.composer.item(bullet))

    def open_terms(self, frame: ExitStack) -> None:
        """Open a list of terms and their definitions."""
        frame.enter_context(self.composer.list())
        self.terms.append(ExitStack())
        frame.callback(self.close_terms)

    def close_terms(self) -> None:
        """End the last term of a list, and the list."""
        self.terms.pop().close()

    def open_term(self) -> None:
        """Open a term: an item that stays open for its definitions."""
        self.terms[-1].close()
        self.terms[-1].enter_context(self.composer.item(""))

    # --- tables -----------------------------------------------------------------------------------

    def open_table(self, element: Element, frame: ExitStack) -> None:
        """Open a table of data; one that lays out the page is nothing but its cells' blocks."""
        rows = rows_of(element)
        if rows is not None:
            self.rows.update(rows)
            frame.callback(self.close_table)

    def close_table(self) -> None:
        """End a table."""
        self.composer.table_end()
        self.row.end_table()

    def open_row(self, element: Element, frame: ExitStack) -> None:
        """Open a row of a table of data."""
        self.row.start(self.rows.pop(element))
        self.flat += 1
        frame.callback(self.close_row)

    def close_row(self) -> None:
        """End a row."""
        self.row.write(self.composer)
        self.flat -= 1
