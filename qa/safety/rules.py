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
    all: list[str]
    unless: list[str]
    within: int
    even_if: list[str]
    sure: bool


class FlagRow(TypedDict):
    """A row of ``red_flags.toml``: what a person is told, how people say it, and what must not be taken for it."""

    id: str
    title: str
    level: Literal["emergency", "crisis"]
    action: str
    wordings: list[str]
    near_misses: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule fires when each of its groups is named, live, within ``within`` words of the first group's place.

    ``groups`` and ``unless`` hold names of concepts; ``even_if`` the kinds of cue that do not take a match
    out of play for this rule. The classifier cannot take back a ``sure`` rule, and only what stands within ``within``
    words in the same sentence stops one.
    """

    id: str
    groups: tuple[frozenset[str], ...]
    unless: frozenset[str]
    within: int
    even_if: frozenset[str]
    sure: bool = False


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


def load_lexicon() -> Mapping[str, Sequence[str]]:
    """Load the concepts that the rules name."""
    return {**load_phrases("lexicon.toml"), **load_phrases("general.toml")}


def load_rows() -> list[FlagRow]:
    """Return the rows of the reviewed file, the most urgent flag first."""
    return cast("dict[str, list[FlagRow]]", tomllib.loads(read_data("red_flags.toml")))["flag"]


def load_flags(lexicon: Mapping[str, Sequence[str]]) -> tuple[FlagRules, ...]:
    """Load the red flags with their rules, the most urgent first.

    :raises QaError: when a rule names a concept that ``lexicon`` lacks, or a flag has no rule.
    """
    rules = cast("dict[str, dict[str, _RuleRow]]", tomllib.loads(read_data("rules.toml")))
    rows = load_rows()
    if rules.keys() != {row["id"] for row in rows}:
        odd = sorted(rules.keys() ^ {row["id"] for row in rows})
        raise QaError(f"red_flags.toml and rules.toml in qa/safety/data differ on the flags {', '.join(odd)}.")
    return tuple(
        FlagRules(
            flag=Flag(id=row["id"], title=row["title"], action=row["action"]),
            level=row["level"],
            rules=tuple(_rule(name, rule, lexicon) for name, rule in rules[row["id"]].items()),
        )
        for row in rows
    )


def _rule(name: str, row: _RuleRow, lexicon: Mapping[str, Sequence[str]]) -> Rule:
    groups = tuple(frozenset(group.split("|")) for group in row["all"])
    unless = frozenset(row.get("unless", ()))
    for concept in sorted(unless.union(*groups)):
        if concept not in lexicon:
            raise QaError(f"Rule {name} names the concept {concept!r}, which the lexicon in qa/safety/data lacks.")
    return Rule(
        id=name,
        groups=groups,
        unless=unless,
        within=row.get("within", _DEFAULT_WINDOW),
        even_if=frozenset(row.get("even_if", ())),
        sure=row.get("sure", False),
    )
