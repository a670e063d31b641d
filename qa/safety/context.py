"""Matches in; those that are said of here and now out.

After ConText (Harkema et al. 2009, doi:10.1016/j.jbi.2009.05.002): a cue such as "no", "years ago", "what are the
signs of" or "fine now" takes the matches in its scope out of play; a scope ends where its clause does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qa.safety.normalise import Words
    from qa.safety.phrases import Match

CueKind = Literal[
    "pseudo", "idiom", "fiction", "knowledge", "asking", "hypothetical", "negated", "historical", "resolved",
    "personal", "opener", "filler", "list_or", "negation_end",
]  # fmt: skip

_NEGATION_REACH = 6
_LISTED_CLAUSE = 4
_AFTERTHOUGHT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """For each word, the kinds of cue whose scope it stands in."""

    dead: tuple[frozenset[str], ...]

    def live(self, match: Match, tolerated: frozenset[str]) -> bool:
        """Tell whether no word of ``match`` stands in the scope of a cue other than the ``tolerated`` kinds."""
        return not any(self.dead[at] - tolerated for at in range(match.start, match.end))


class _Reader:
    """Marks the scopes in one message. The methods read the words; ``mark`` alone writes."""

    def __init__(self, words: Words, cues: Sequence[Match], matches: Sequence[Match]) -> None:
        self.words = words
        self.dead: list[set[str]] = [set() for _ in words.texts]
        swallowed = {at for match in matches if match.end - match.start > 1 for at in range(match.start, match.end)}
        pseudo = {at for cue in cues if cue.concept in {"pseudo", "idiom"} for at in range(cue.start, cue.end)}
        # "not waking" is a concept of its own, so its "not" denies nothing.
        self.cues = [
            cue
            for cue in cues
            if not (cue.start in pseudo and cue.concept not in {"pseudo", "idiom", "personal", "fiction", "filler"})
            and not (cue.concept == "negated" and cue.start in swallowed)
        ]
        self.personal = {at for cue in self.cues if cue.concept == "personal" for at in range(cue.start, cue.end)}
        self.ends = {cue.start for cue in self.cues if cue.concept == "negation_end"}
        self.fillers = {cue.start for cue in self.cues if cue.concept == "filler"}
        self.listed = {cue.start for cue in self.cues if cue.concept == "list_or"}

    def mark(self, kind: str, places: Iterable[int]) -> None:
        for at in places:
            self.dead[at].add(kind)

    def clause(self, at: int) -> range:
        """Return the words of the clause that word ``at`` stands in."""
        clauses = self.words.clauses
        start, end = at, at + 1
        while start and clauses[start - 1] == clauses[at]:
            start -= 1
        while end < len(clauses) and clauses[end] == clauses[at]:
            end += 1
        return range(start, end)

    def is_personal(self, places: range) -> bool:
        return any(at in self.personal for at in places)

    def onward(self, end: int) -> int:
        """Return where a list that goes on after the clause ends: before the next clause about a person."""
        sentences = self.words.sentences
        while end < len(sentences) and sentences[end] == sentences[end - 1]:
            following = self.clause(end)
            if self.is_personal(following) or self.words.texts[end] in {"now", "but", "because", "however"}:
                break
            end = following.stop
        return end

    def read(self) -> None:
        for cue in self.cues:
            scope = _SCOPES.get(cue.concept)
            if scope is not None:
                self.mark(cue.concept, scope(self, cue))
        self._read_openers()

    def _read_openers(self) -> None:
        """Mark the clauses that open like a question and speak of nobody: "can statins cause dark urine"."""
        for cue in self.cues:
            clause = self.clause(cue.start)
            before = range(clause.start, cue.start)
            if cue.concept != "opener" or not self._may_ask(clause.start) or not self.fillers.issuperset(before):
                continue
            if not self.is_personal(clause):
                self.mark("knowledge", range(clause.start, self.onward(clause.stop)))

    def _may_ask(self, start: int) -> bool:
        # "He has a rash, is confused": within a statement, "is" opens no question.
        sentences = self.words.sentences
        return not start or sentences[start - 1] != sentences[start] or sentences[start] in self.words.questions

    def negated(self, cue: Match) -> range:
        end = cue.end
        while end < len(self.words) and end - cue.end < _NEGATION_REACH and not self._closes(end):
            end += 1
        return range(cue.end, end)

    def _closes(self, at: int) -> bool:
        if at in self.ends:
            return True
        if self.words.clauses[at] == self.words.clauses[at - 1]:
            return False
        # "no fever, rash or vomiting": the list goes on as long as its "or" is still to come.
        ahead = range(at, min(at + _LISTED_CLAUSE, len(self.words)))
        same = [place for place in ahead if self.words.sentences[place] == self.words.sentences[at - 1]]
        return not any(place in self.listed for place in same) or any(place in self.personal for place in same)

    def historical(self, cue: Match) -> range:
        clause = self.clause(cue.start)
        start = clause.start
        # "I had a fever, stiff neck and rash in 2019": the year goes with the whole list.
        while start and not self.is_personal(range(start, clause.stop)):
            if self.words.sentences[start - 1] != self.words.sentences[start] or self.words.texts[start] == "now":
                break
            start = self.clause(start - 1).start
        return range(start, clause.stop)

    def resolved(self, cue: Match) -> range:
        sentences = self.words.sentences
        start = cue.start
        while start and sentences[start - 1] == sentences[cue.start]:
            start -= 1
        if cue.start - start <= _AFTERTHOUGHT and start:
            # "It was awful. Fine now." speaks of the sentence before.
            before = sentences[start - 1]
            while start and sentences[start - 1] == before:
                start -= 1
        return range(start, cue.start)

    def knowledge(self, cue: Match) -> range:
        end = cue.end
        stop = self.clause(cue.start).stop
        while end < stop and end not in self.personal:
            end += 1
        return range(cue.start, self.onward(end) if end == stop else end)

    def ahead(self, cue: Match) -> range:
        return range(cue.start, self.onward(self.clause(cue.start).stop))

    def everything(self, cue: Match) -> range:
        return range(len(self.words) if cue.end else 0)

    def itself(self, cue: Match) -> range:
        return range(cue.start, cue.end)


_SCOPES = {
    "idiom": _Reader.itself,
    "fiction": _Reader.everything,
    "knowledge": _Reader.knowledge,
    "asking": _Reader.ahead,
    "hypothetical": _Reader.ahead,
    "negated": _Reader.negated,
    "historical": _Reader.historical,
    "resolved": _Reader.resolved,
}


def read(words: Words, cues: Sequence[Match], matches: Sequence[Match]) -> Context:
    """Work out the scope of every cue among ``words``."""
    reader = _Reader(words, cues, matches)
    reader.read()
    return Context(dead=tuple(frozenset(kinds) for kinds in reader.dead))
