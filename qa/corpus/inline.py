"""The source of a Markdown block -> which of its code points are read, exactly.

markdown-it's inline tokens have no offsets. But each of its inline rules consumes a stretch of the source, so the
parser itself is watched: what a rule takes, and what of that is text, is known at the moment it fires.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType
from mdit_py_plugins.footnote import footnote_plugin

Stretch = tuple[int, int]

_MAX_NESTING = 100
# Each bracket that is never closed is parsed again at every depth.
_MAX_NESTING_IN_LINE = 10
_LONGEST_LABEL = 1000
_LONGEST_PENDING = 1000
_SPECIAL = "*_~[]<`&\\"
_MOST_SPECIAL = 20_000  # in one block; each takes about a kilobyte
_AMP = "&amp;"
_TOKENS = False  # a rule's second argument is "silent": look ahead without making tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link: all of it, its label, and where it leads."""

    whole: Stretch
    label: Stretch
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inline:
    """What of a block's source is read: sorted stretches, and the constructs that others ask for."""

    kept: tuple[Stretch, ...]
    code: tuple[Stretch, ...]
    links: tuple[Link, ...]
    notes: tuple[tuple[Stretch, str], ...]


@dataclass(slots=True)
class _Watch:
    """What the rules consumed so far. ``delimiters`` are read only if no emphasis takes them up in the end."""

    kept: list[Stretch] = field(default_factory=list)
    code: list[Stretch] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    notes: list[tuple[Stretch, str]] = field(default_factory=list)
    delimiters: list[tuple[Token, Stretch]] = field(default_factory=list)
    nested: Stretch = (0, 0)
    tokens: int = 0


class _WatchedState(StateInline):
    """An inline state that carries its watch, so that nested parses (an image's description) stay apart."""

    def __init__(self, source: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> None:
        super().__init__(source, md, env, tokens)
        self.watch = _Watch()


class WatchedInline(ParserInline):
    """markdown-it's inline parser, reporting what each rule consumes."""

    def scan(self, source: str, md: MarkdownIt, env: EnvType) -> Inline:
        """Parse a block's source and return what of it is read.

        A block that holds far more marks than any text is not parsed: all of it is read as it stands.

        :param source: the content of an ``inline`` token.
        :param md: the parser this belongs to.
        :param env: the document's link definitions and footnotes.
        """
        if sum(map(source.count, _SPECIAL)) > _MOST_SPECIAL:
            return Inline(kept=((0, len(source)),), code=(), links=(), notes=())
        md.options["maxNesting"] = _MAX_NESTING_IN_LINE
        state = _WatchedState(source, md, env, [])
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        watch = state.watch
        literal = [stretch for token, stretch in watch.delimiters if token.content]
        kept = sorted(stretch for stretch in (*watch.kept, *literal) if stretch[0] < stretch[1])
        return Inline(kept=tuple(kept), code=tuple(watch.code), links=tuple(watch.links), notes=tuple(watch.notes))

    def tokenize(self, state: StateInline) -> None:
        """Run the rules over ``state`` as the parent does, and report to its watch."""
        if not isinstance(state, _WatchedState):
            super().tokenize(state)
            return
        rules = list(zip(self.ruler.get_active_rules(), self.ruler.getRules(""), strict=True))
        begin, end = state.pos, state.posMax
        while state.pos < end:
            at, state.watch.tokens = state.pos, len(state.tokens)
            fired = next((name for name, rule in rules if rule(state, _TOKENS)), None) if _shallow(state) else None
            if fired is None:
                state.pending += state.src[at]
                state.pos = at + 1
                _keep_sign(state.watch.kept, at)
            else:
                _REPORTS.get(fired, _whole)(state, at)
            if len(state.pending) > _LONGEST_PENDING and state.pending[-1] != " ":
                state.pushPending()  # each further character would copy it
        if state.pending:
            state.pushPending()
        state.watch.nested = (begin, end)


def _keep_sign(kept: list[Stretch], at: int) -> None:
    """Keep a single sign, together with what is kept right before it."""
    start = kept.pop()[0] if kept and kept[-1][1] == at else at
    kept.append((start, at + 1))


def _shallow(state: StateInline) -> bool:
    return state.level < int(state.md.options["maxNesting"])


def _whole(state: _WatchedState, at: int) -> None:
    state.watch.kept.append((at, state.pos))


def _nothing(state: _WatchedState, at: int) -> None:
    """Read nothing of an image or an HTML tag."""


def _escape(state: _WatchedState, at: int) -> None:
    """Drop the backslash, unless it escapes nothing and is itself the text."""
    literal = len(state.tokens[-1].content) > 1
    state.watch.kept.append((at if literal else at + 1, state.pos))


def _backticks(state: _WatchedState, at: int) -> None:
    if len(state.tokens) == state.watch.tokens:
        _whole(state, at)
        return
    ticks = len(state.tokens[-1].markup)
    inner = (at + ticks, state.pos - ticks)
    state.watch.kept.append(inner)
    state.watch.code.append(inner)


def _delimiters(state: _WatchedState, at: int) -> None:
    """Note each ``*``, ``_`` or ``~~`` with its token: emphasis empties the tokens it takes up."""
    end = state.pos
    for token in reversed(state.tokens):
        start = end - len(token.content)
        state.watch.delimiters.append((token, (start, end)))
        end = start
        if start <= at:
            break


def _link(state: _WatchedState, at: int) -> None:
    href = next((token.attrGet("href") for token in reversed(state.tokens) if token.type == "link_open"), "")
    state.watch.links.append(Link(whole=(at, state.pos), label=state.watch.nested, href=str(href or "")))


def _autolink(state: _WatchedState, at: int) -> None:
    state.watch.kept.append((at + 1, state.pos - 1))


def _entity(state: _WatchedState, at: int) -> None:
    """Read ``&amp;`` as ``&``; the other entities have no code point of their own to keep."""
    is_amp = state.src[at : state.pos] == _AMP
    state.watch.kept.append((at, at + 1 if is_amp else state.pos))


def _note(state: _WatchedState, at: int) -> None:
    whole = (at, state.pos)
    state.watch.kept.append(whole)
    state.watch.notes.append((whole, state.src[at + 2 : state.pos - 1]))


_REPORTS: dict[str, Callable[[_WatchedState, int], None]] = {
    "escape": _escape,
    "backticks": _backticks,
    "emphasis": _delimiters,
    "strikethrough": _delimiters,
    "link": _link,
    "image": _nothing,
    "autolink": _autolink,
    "html_inline": _nothing,
    "entity": _entity,
    "footnote_ref": _note,
}


def _footnote_ref(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """Try the rule only where the bracket closes within a label's length, as it looks for that up to the block's end."""

    def bounded(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 -- markdown-it's signature
        return state.src.find("]", state.pos, state.pos + _LONGEST_LABEL) >= 0 and rule(state, silent)

    return bounded


def parser() -> tuple[MarkdownIt, WatchedInline]:
    """Make a CommonMark parser with tables, strikethrough and footnotes that leaves the inline parsing to ``scan``."""
    md = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING})
    inline = WatchedInline()
    md.inline = inline
    md.configure("commonmark", {"maxNesting": _MAX_NESTING})
    md.use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=True)
    md.enable(["table", "strikethrough"])
    inline.ruler.at(
        "footnote_ref", _footnote_ref(inline.ruler.getRules("")[inline.ruler.get_active_rules().index("footnote_ref")])
    )
    # Joining the fragments of text would refill the tokens that emphasis has emptied.
    inline.ruler2.disable("fragments_join")
    md.core.ruler.disable(["inline", "text_join"])
    return md, inline
