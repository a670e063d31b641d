"""The matches of one message and what its cues make of them in; the words that satisfy a rule out."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from qa.safety.context import Context
    from qa.safety.normalise import Words
    from qa.safety.rules import Rule
    from qa.safety.tagger import Match


class Live:
    """The matches of one message, by concept."""

    def __init__(self, words: Words, matches: Sequence[Match], reading: Context) -> None:
        self._words = words
        self._reading = reading
        self._by_concept: dict[str, list[Match]] = {}
        for match in matches:
            self._by_concept.setdefault(match.concept, []).append(match)
        self._known: dict[tuple[frozenset[str], frozenset[str]], list[Match]] = {}

    @property
    def present(self) -> AbstractSet[str]:
        """The concepts that are named at all."""
        return self._by_concept.keys()

    def evidence(self, rule: Rule) -> tuple[str, ...]:
        """Return the words that satisfy each group of ``rule``, or nothing when one group is not satisfied."""
        present = self._by_concept.keys()
        if any(present.isdisjoint(group) for group in rule.groups):
            return ()
        stops = [] if present.isdisjoint(rule.unless) else self._matches(rule.unless, rule.even_if)
        if stops and not rule.sure:
            return ()
        found = [self._matches(group, rule.even_if) for group in rule.groups]
        if not all(found):
            return ()
        for first in found[0]:
            if any(self._beside(first, stop, rule.within) for stop in stops):
                continue
            chosen = [first]
            for matches in found[1:]:
                near = _nearest(first, matches)
                if abs(near.start - first.start) > rule.within:
                    break
                chosen.append(near)
            else:
                return tuple(" ".join(self._words.texts[match.start : match.end]) for match in chosen)
        return ()

    def _beside(self, one: Match, other: Match, within: int) -> bool:
        sentences = self._words.sentences
        return abs(other.start - one.start) <= within and sentences[one.start] == sentences[other.start]

    def _matches(self, group: frozenset[str], tolerated: frozenset[str]) -> list[Match]:
        known = self._known.get((group, tolerated))
        if known is None:
            found = [match for concept in group for match in self._by_concept.get(concept, ())]
            # Sets have no order of their own; the evidence must be the same in every run.
            known = sorted(
                (match for match in found if self._reading.live(match, tolerated)),
                key=lambda match: (match.start, match.end, match.concept),
            )
            self._known[group, tolerated] = known
        return known


def _nearest(to: Match, matches: Sequence[Match]) -> Match:
    """Return the match nearest to ``to``; ``matches`` are sorted by start."""
    at = bisect_left(matches, to.start, key=lambda match: match.start)
    return min(matches[max(at - 1, 0) : at + 1], key=lambda match: abs(match.start - to.start))
