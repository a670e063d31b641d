"""The packaged data files in; flags with their rules, the lexicon and the cues out."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, TypedDict, cast

from qa.errors import QaError
from qa.types import Flag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DEFAULT_WINDOW = 40


class _RuleRow(TypedDict, total=False):
    id: str
    all: list[str]
    unless: list[str]
    within: int
    even_if: list[str]


class _FlagRow(TypedDict):
    id: str
    title: str
    level: Literal["emergency", "crisis"]
    action: str
    rules: list[_RuleRow]


class _FlagFile(TypedDict):
    flag: list[_FlagRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule fires when each of its groups is named, live, within ``within`` words of the first group's place.

    ``groups`` and ``unless`` hold names of concepts; ``even_if`` the kinds of cue that do not take a match
    out of play for this rule.
    """

    id: str
    groups: tuple[frozenset[str], ...]
    unless: frozenset[str]
    within: int
    even_if: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRules:
    """A red flag, whether it is a crisis or an emergency, and its rules."""

    flag: Flag
    level: Literal["emergency", "crisis"]
    rules: tuple[Rule, ...]


def read_data(name: str) -> str:
    """Return the text of a packaged data file."""
    return files("qa.safety").joinpath("data", name).read_text(encoding="utf-8")


def load_phrases(name: str) -> Mapping[str, Sequence[str]]:
    """Load a file of concepts: each a table with its phrases under ``phrases``, separated by semicolons or lines."""
    tables = cast("dict[str, str]", tomllib.loads(read_data(name)))
    return {
        concept: [phrase for line in text.splitlines() for part in line.split(";") if (phrase := part.strip())]
        for concept, text in tables.items()
    }


def load_flags(lexicon: Mapping[str, Sequence[str]]) -> tuple[FlagRules, ...]:
    """Load the red flags, the most urgent first.

    :raises QaError: when a rule names a concept that ``lexicon`` lacks.
    """
    rows = cast("_FlagFile", tomllib.loads(read_data("red_flags.toml")))["flag"]
    return tuple(
        FlagRules(
            flag=Flag(id=row["id"], title=row["title"], action=row["action"]),
            level=row["level"],
            rules=tuple(_rule(rule, lexicon) for rule in row["rules"]),
        )
        for row in rows
    )


def _rule(row: _RuleRow, lexicon: Mapping[str, Sequence[str]]) -> Rule:
    groups = tuple(frozenset(group.split("|")) for group in row["all"])
    unless = frozenset(row.get("unless", ()))
    for concept in sorted(unless.union(*groups)):
        if concept not in lexicon:
            message = f"Rule {row['id']} names the concept {concept!r}, which qa/safety/data/lexicon.toml lacks."
            raise QaError(message)
    return Rule(
        id=row["id"],
        groups=groups,
        unless=unless,
        within=row.get("within", _DEFAULT_WINDOW),
        even_if=frozenset(row.get("even_if", ())),
    )
