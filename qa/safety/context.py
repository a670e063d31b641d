"""Matches in; those that are said of here and now out.

After ConText (Harkema et al. 2009, doi:10.1016/j.jbi.2009.05.002): a cue such as "no", "years ago", "what are the
signs of" or "fine now" takes the matches in its scope out of play; a scope ends where its clause does.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, repeat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.safety.normalise import Words
    from qa.safety.tagger import Match


_NEGATION_REACH = 6
_LISTED_CLAUSE = 4
_AFTERTHOUGHT = 2
_LISTED_BEFORE = 60
_LOOKED_UP = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """For each word, the kinds of cue whose scope it stands in."""

    dead: tuple[frozenset[str], ...]

    def live(self, match: Match, tolerated: frozenset[str]) -> bool:
        """Tell whether no word of ``match`` stands in the scope of a cue other than the ``tolerated`` kinds."""
        return not any(self.dead[at] - tolerated for at in range(match.start, match.end))


class _Reader:
    """Marks the scopes in one message. The methods read the words; ``mark`` alone writes.

    Where clauses and sentences begin and end is worked out once, so that a scope costs the same in a long message.
    """

    def __init__(self, words: Words, cues: Sequence[Match], matches: Sequence[Match]) -> None:
        self.words = words
        self.clauses = _stretches(words.clauses)
        self.sentences = _stretches(words.sentences)
        self.marked: dict[str, list[tuple[int, int]]] = {}
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
        # How many words before each word speak of a person.
        self.persons_before = [0, *accumulate(at in self.personal for at in range(len(words)))]
        self.list_ends = self._list_ends()

    def _list_ends(self) -> list[int]:
        """Return for each word that begins a clause where a list ends that goes on up to it."""
        ends = list(range(len(self.words) + 1))
        for at in range(len(self.words) - 1, 0, -1):
            clause = self.clauses[at]
            if clause.start != at or self.sentences[at].start == at:
                continue
            stops = self.is_personal(clause) or self.words.texts[at] in {"now", "but", "because", "however"}
            if not stops:
                ends[at] = ends[clause.stop]
        return ends

    def mark(self, kind: str, places: range) -> None:
        if places:
            self.marked.setdefault(kind, []).append((places.start, places.stop))

    def dead(self) -> tuple[frozenset[str], ...]:
        """Return for each word the kinds that it is marked with."""
        kinds: list[set[str]] = [set() for _ in self.words.texts]
        for kind, scopes in self.marked.items():
            upto = 0
            for start, stop in sorted(scopes):
                for at in range(max(start, upto), stop):
                    kinds[at].add(kind)
                upto = max(upto, stop)
        return tuple(map(frozenset, kinds))

    def is_personal(self, places: range) -> bool:
        return self.persons_before[places.stop] > self.persons_before[places.start]

    def onward(self, end: int) -> int:
        """Return where a list that goes on after the clause ends: before the next clause about a person."""
        return self.list_ends[end]

    def read(self) -> None:
        for cue in self.cues:
            scope = _SCOPES.get(cue.concept)
            if scope is not None:
                self.mark(cue.concept, scope(self, cue))
        self._read_openers()

    def _read_openers(self) -> None:
        """Mark the clauses that open like a question and speak of nobody: "can statins cause dark urine"."""
        opened: set[int] = set()
        for cue in self.cues:
            clause = self.clauses[cue.start]
            # The first opener of a clause speaks for it; a later one could only stand behind more words.
            if cue.concept != "opener" or clause.start in opened:
                continue
            opened.add(clause.start)
            if not self._may_ask(clause.start) or not self.fillers.issuperset(range(clause.start, cue.start)):
                continue
            if not self.is_personal(clause) and not self._is_of_what_follows(cue, clause):
                self.mark("knowledge", range(clause.start, self.onward(clause.stop)))

    def _is_of_what_follows(self, cue: Match, clause: range) -> bool:
        # "Is dark urine bad, my arms are swollen": said of a person after all.
        opened_with = self.words.texts[cue.start]
        return opened_with in {"is", "are"} and self.is_personal(range(clause.stop, self.sentences[clause.start].stop))

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
        clause = self.clauses[cue.start]
        start = clause.start
        # "I had a fever, stiff neck and rash in 2019": the year goes with the whole list.
        while start and not self.is_personal(range(start, clause.stop)):
            if clause.start - start > _LISTED_BEFORE:
                break
            if self.words.sentences[start - 1] != self.words.sentences[start] or self.words.texts[start] == "now":
                break
            start = self.clauses[start - 1].start
        return range(start, clause.stop)

    def resolved(self, cue: Match) -> range:
        start = self.sentences[cue.start].start
        if cue.start - start <= _AFTERTHOUGHT and start:
            # "It was awful. Fine now." speaks of the sentence before.
            start = self.sentences[start - 1].start
        return range(start, cue.start)

    def knowledge(self, cue: Match) -> range:
        stop = self.clauses[cue.start].stop
        # The first word about a person, if one stands before the end of the clause.
        end = min(bisect_right(self.persons_before, self.persons_before[cue.end]) - 1, stop)
        return range(cue.start, self.onward(end) if end == stop else end)

    def lookup(self, cue: Match) -> range:
        sentence = self.sentences[cue.start]
        at_an_end = cue.start == sentence.start or cue.end == sentence.stop
        if not at_an_end or len(sentence) > _LOOKED_UP or self.is_personal(sentence):
            return range(0)
        return sentence

    def ahead(self, cue: Match) -> range:
        return range(cue.start, self.onward(self.clauses[cue.start].stop))

    def everything(self, cue: Match) -> range:
        return range(len(self.words) if cue.end else 0)

    def itself(self, cue: Match) -> range:
        return range(cue.start, cue.end)


def _stretches(numbers: Sequence[int]) -> list[range]:
    """Return for each word the stretch of words with the same number."""
    stretches: list[range] = []
    while len(stretches) < len(numbers):
        start = len(stretches)
        stop = bisect_right(numbers, numbers[start], lo=start)
        stretches.extend(repeat(range(start, stop), stop - start))
    return stretches


_SCOPES = {
    "idiom": _Reader.itself,
    "fiction": _Reader.everything,
    "knowledge": _Reader.knowledge,
    "lookup": _Reader.lookup,
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
    return Context(dead=reader.dead())
