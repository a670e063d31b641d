"""A raw message in; the red flags that it shows, with the rules that saw them, out.

The first stage of every question: it knows nothing of the index, and always gives the same answer.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qa.safety import context
from qa.safety.normalise import split
from qa.safety.phrases import Tagger
from qa.safety.rules import load_flags, load_phrases, read_data
from qa.safety.spelling import Speller
from qa.types import Safety, SafetyLevel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa.safety.context import Context
    from qa.safety.normalise import Words
    from qa.safety.phrases import Match
    from qa.safety.rules import FlagRules, Rule

_LONG_KEY = 8
# No honest message names one concept at more places; of a flood, the first and the last half are read.
_MOST_PLACES = 200
_NONE = Safety(level="none", flags=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A rule that fired and the words that made it, one stretch for each of its groups."""

    flag_id: str
    rule_id: str
    evidence: tuple[str, ...]


class SafetyGate:
    """The compiled rules. One gate serves any number of threads: checking changes nothing in it."""

    def __init__(
        self,
        flags: tuple[FlagRules, ...],
        lexicon: Mapping[str, Sequence[str]],
        cues: Mapping[str, Sequence[str]],
        real_words: frozenset[str],
        misspellings: dict[str, str],
    ) -> None:
        """Compile; use :meth:`load` for the packaged rules."""
        self._flags = flags
        used = {c for flag in flags for rule in flag.rules for c in rule.unless.union(*rule.groups)}
        self._concepts = Tagger(lexicon, sorted(used))
        self._cues = Tagger({**lexicon, **cues}, [kind for kind in cues if kind != "breaks"])
        self._breaks = frozenset(cues["breaks"])
        known = self._concepts.words | self._cues.words | real_words
        stems = self._concepts.stems + self._cues.stems
        # Short words have too many neighbours; those worth the risk are named in the lexicon.
        keys = {word for word in self._concepts.words if len(word) >= _LONG_KEY} | set(lexicon["spelling_keys"])
        self._speller = Speller(keys, known, stems, misspellings)

    @classmethod
    def load(cls) -> SafetyGate:
        """Load and compile the packaged rules.

        :raises QaError: when the data files contradict one another.
        """
        lexicon = load_phrases("lexicon.toml")
        cues = load_phrases("cues.toml")
        pairs = load_phrases("spelling.toml")["misspellings"]
        fixed = dict(pair.split("=", 1) for pair in pairs)
        real_words = frozenset(read_data("real_words.txt").split())
        return cls(load_flags(lexicon), lexicon, cues, real_words, fixed)

    def check(self, message: str) -> Safety:
        """Return the red flags in the first 8 000 characters of ``message``, the most urgent first."""
        fired = {found.flag_id for found in self.explain(message)}
        if not fired:
            return _NONE
        matched = [rules for rules in self._flags if rules.flag.id in fired]
        level: SafetyLevel = "crisis" if all(rules.level == "crisis" for rules in matched) else "emergency"
        return Safety(level=level, flags=tuple(rules.flag for rules in matched))

    def explain(self, message: str) -> tuple[Fired, ...]:
        """Return every rule that fires on ``message``, in the order of the flags, and what made it fire."""
        words = split(message, self._breaks)
        spelt = {word: self._speller.correct(word) for word in set(words.texts)}
        words = replace(words, texts=tuple(spelt[word] for word in words.texts))
        matches = self._concepts.find(words, _MOST_PLACES)
        if not matches:
            return ()
        reading = context.read(words, self._cues.find(words), matches)
        live = _Live(words, matches, reading)
        return tuple(
            Fired(flag_id=rules.flag.id, rule_id=rule.id, evidence=evidence)
            for rules in self._flags
            for rule in rules.rules
            if (evidence := live.evidence(rule))
        )


class _Live:
    """The matches of one message, by concept, asked rule by rule."""

    def __init__(self, words: Words, matches: Sequence[Match], reading: Context) -> None:
        self._words = words
        self._reading = reading
        self._by_concept: dict[str, list[Match]] = {}
        for match in matches:
            self._by_concept.setdefault(match.concept, []).append(match)
        self._known: dict[tuple[frozenset[str], frozenset[str]], list[Match]] = {}

    def evidence(self, rule: Rule) -> tuple[str, ...]:
        """Return the words that satisfy each group of ``rule``, or nothing when one group is not satisfied."""
        present = self._by_concept.keys()
        if any(present.isdisjoint(group) for group in rule.groups):
            return ()
        if not present.isdisjoint(rule.unless) and self._matches(rule.unless, rule.even_if):
            return ()
        found = [self._matches(group, rule.even_if) for group in rule.groups]
        if not all(found):
            return ()
        for first in found[0]:
            chosen = [first]
            for matches in found[1:]:
                near = _nearest(first, matches)
                if abs(near.start - first.start) > rule.within:
                    break
                chosen.append(near)
            else:
                return tuple(" ".join(self._words.texts[match.start : match.end]) for match in chosen)
        return ()

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
