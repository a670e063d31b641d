"""The flags that fired in; what a person is told, in order and in their language, out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.safety.languages import ENGLISH, language
from qa.types import Safety, SafetyLevel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from qa.safety.rules import FlagRules, Rule


class Raised:
    """The flags that are switched on, with their rules, the most urgent first."""

    def __init__(self, flags: Sequence[FlagRules]) -> None:
        """File the rules under the concepts of their rarest group, so that few of them are tried on a message."""
        self._flags = {rules.flag.id: rules for rules in flags}
        self.order = {flag_id: place for place, flag_id in enumerate(self._flags)}
        self._filed: dict[str, list[tuple[str, Rule]]] = {}
        for rules in flags:
            for rule in rules.rules:
                for concept in min(rule.groups, key=len):
                    self._filed.setdefault(concept, []).append((rules.flag.id, rule))

    def candidates(self, present: AbstractSet[str]) -> Iterator[tuple[str, Rule]]:
        """Yield the rules that may fire where these concepts are named, each once, in the order of the flags."""
        tried: dict[tuple[str, str], tuple[str, Rule]] = {}
        for concept in sorted(present):
            for flag_id, rule in self._filed.get(concept, ()):
                if not any(present.isdisjoint(group) for group in rule.groups):
                    tried[flag_id, rule.id] = (flag_id, rule)
        yield from tried.values()

    def is_crisis(self, flag_id: str) -> bool:
        """Tell whether a flag is one of a crisis."""
        return self._flags[flag_id].level == "crisis"

    def safety(self, flag_ids: AbstractSet[str], lang: str) -> Safety:
        """Return the level and the flags, of which there is at least one, in the language ``lang``.

        One crisis among them makes it a crisis: what must be done at once is said by the flags all the same.
        """
        matched = [self._flags[flag_id] for flag_id in sorted(flag_ids, key=self.order.__getitem__)]
        level: SafetyLevel = "crisis" if any(self.is_crisis(rules.flag.id) for rules in matched) else "emergency"
        flags = [rules.flag for rules in matched]
        return Safety(level=level, flags=tuple(flags if lang == ENGLISH else map(language(lang).say, flags)))
