"""Two statements -> whether they claim opposite things of the same. English only, without any model.

Precision goes first: statements that differ in anything but the claim's sign (a group, a time, a dose, another part of
the topic) are taken to be about different things.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import prod

_NOT = " not "
_RESULT = r"\b(?:effect|benefit|influence|difference|use|reduction)\b"
# What says no is written as one word, so that negations can be counted.
_SAID = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"[‘’]", "'"),
        (r"(?<=\d),(?=\d{3})", ""),
        (r"\bnot (?:only|just)\b", " "),
        (r"\bonce (?=an?\b)", "1 time "), (r"\btwice (?=an?\b)", "2 time "),
        (r"\bwon't\b|\bcan't\b|\bcannot\b|n't\b", _NOT),
        (r"\b(?:no|not any|not) (?:better|worse|different|more effective) (?:than|from) (?:placebo|sham \w+|a dummy)\b", _NOT),
        (r"\b(?:better|more) (?:\w+ )?than (?:placebo|sham \w+)(?: did)?\b", " "),
        (r"\bthe same (?:\w+ )?with (\w+) as with placebo\b", r" not \1 "),
        (rf"\b(?:ha[sd]|have|of|made?|makes|found|finds?|shows?|showed) no (?:\w+ )?{_RESULT}(?: on| from| for| to| of| in)?", _NOT),
        (r"\b(?:there is |there was )?(?:no|little) (?:\w+ )?(?:evidence|proof|link|need)\b(?: that| for| of| between| to)?", _NOT),
        (r"\bnot been shown to\b|\bmyth that\b|\bunlikely\b(?: to| that)?|\bfail(?:s|ed)? to\b|\buseless\b", _NOT),
        (r"\bnothing to do with\b|\bno longer\b|\btoo dangerous to\b|\b(?:kept|keep|stay) out of\b|\bfree of\b", _NOT),
        (r"\b(?:no|never|hardly|barely|neither|nor|none|avoid(?:ed|s)?|prohibited|forbidden|banned|excluded)\b", _NOT),
    )
)  # fmt: skip
_TOKEN = re.compile(r"\d+(?:\.\d+)?|[a-z]+(?:-[a-z]+)*")
# Words that say the same of a thing with opposite signs.
_SIGNS = {
    word: (base, sign)
    for base, sign, words in (
        ("amount", 1, "increase increas raise rais more higher longer faster gain speed lengthen larger"),
        ("amount", -1, "decrease decreas reduce reduc lower less fewer shorter slower loss cut shorten delay rarer slow"),
        ("worth", 1, "safe harmless good well protect better improve heal relieve reliev ease benefit"),
        ("worth", -1, "unsafe harm harmful dangerous bad badly toxic poisonous damage ruin worse worsen hurt"),
        ("water", 1, "hydrate"), ("water", -1, "dehydrate"),
        ("energy", 1, "save"), ("energy", -1, "waste"),
    )
    for word in words.split()
}  # fmt: skip
# What a claim can be put in without changing what it is about.
_LITTLE_WORDS = (
    "a an the is are was were be been being do does did doing has have had it its they them their he she his her this that"
    " these those there who which what of in on at to for from by with as and or so than then into about any all"
    " should must may might can could will would need shall let allow permit recommend advise advisable require say said"
    " very really quite also just ever still such both make made making take taken taking get got give given put use used"
    " using work effect effective trial study studies large find found show shown evidence link cause thing way person"
    " people someone you your one keep kept way level noticeable noticeably good placebo big free not only own out up off"
    " become became go goes come"
)
_LITTLE = frozenset(_LITTLE_WORDS.split())
# Where one of two statements speaks of a part, a case or a degree, and the other does not, both can be true.
_PARTIAL = re.compile(
    r"\b(?:some|few|many|most|several|often|sometimes|usually|mostly|certain|other|others|another|if|when|unless|until|while"
    r"|after|before|during|alone|mainly|partly|always|too|except|without|over|under|between|up to|at least|at most|or more"
    r"|about|around|only|enough)\b"
)
_LIGHT = frozenset(["prevent", "stop", "trigger", "cover", "lik", "wear", "against", "s", "away", "need", "for"])
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_TIMES = {"second": 1, "minut": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2629800, "year": 31557600}
_APART = 1.2
_SHARED = 2
_THAN = re.compile(r"\bthan\b|\bas \w+ as\b")
_ENDINGS = (("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("e", ""))
_SHORTEST_STEM = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement taken apart.

    ``about`` holds the stems of what it speaks of, ``signs`` what it says of it by words that have an opposite,
    ``numbers`` its quantities, each with what it counts, ``partial`` what limits it, ``compared`` what it compares.
    """

    about: frozenset[str]
    negated: bool
    signs: dict[str, int]
    numbers: tuple[tuple[str, float], ...]
    partial: frozenset[str]
    compared: tuple[frozenset[str], frozenset[str]]


def opposed(left: str, right: str) -> bool:
    """Tell whether two statements contradict one another."""
    one, other = claim(left), claim(right)
    if one.partial != other.partial or not _alike(one.about, other.about):
        return False
    if one.numbers != other.numbers:
        return _differ(one, other)
    # What rises or falls counts only where both say so: "does not affect" denies "raises" as well as "lowers".
    bases = {base for claim_ in (one, other) for base in claim_.signs if base != "amount"}
    bases |= one.signs.keys() & other.signs.keys()
    swapped = _swapped(one, other)
    return swapped is not None and _sign(one, bases) * (-1 if swapped else 1) != _sign(other, bases)


def _swapped(one: Claim, other: Claim) -> bool | None:
    """Tell whether two comparisons put what they compare the other way round; None if only one is a comparison."""
    if any(one.compared) != any(other.compared):
        return None
    (left, right), (other_left, other_right) = one.compared, other.compared
    return bool((left & other_right) - (right | other_left)) and bool((right & other_left) - (left | other_right))


def _sign(claim_: Claim, bases: set[str]) -> int:
    return prod((claim_.signs.get(base, 1) for base in bases), start=-1 if claim_.negated else 1)


@lru_cache(maxsize=1024)
def claim(statement: str) -> Claim:
    """Take a statement apart."""
    text = statement.lower()
    for pattern, replacement in _SAID:
        text = pattern.sub(replacement, text)
    tokens = _TOKEN.findall(text)
    numbers = _numbers(tokens)
    units = {unit for unit, _ in numbers} | (_TIMES.keys() if any(unit == "time" for unit, _ in numbers) else set())
    signs: dict[str, int] = {}
    about = set()
    for token in tokens:
        stem = _stem(token)
        known = _STEM_SIGNS.get(stem)
        if known is not None:
            signs[known[0]] = signs.get(known[0], 1) * known[1]
        elif stem not in _STEMS and token not in _LITTLE and _number(token) is None and stem not in units:
            about.add(stem)
    return Claim(
        about=frozenset(about),
        negated=tokens.count("not") % 2 == 1,
        signs=signs,
        numbers=numbers,
        partial=frozenset(_PARTIAL.findall(text)),
        compared=_compared(text),
    )


def _compared(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the stems on either side of "than" or "as ... as"; two empty sets where nothing is compared."""
    found = _THAN.search(text)
    if found is None:
        return frozenset(), frozenset()
    sides = (text[: found.start()], text[found.end() :])
    left, right = (frozenset(_stem(token) for token in _TOKEN.findall(side)) - _STEMS for side in sides)
    return left, right


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two statements speak of the same: verbs that any claim can be put in aside."""
    shared = len(one & other)
    return shared >= min(_SHARED, len(one), len(other)) > 0 and one ^ other <= _LIGHT


def _differ(one: Claim, other: Claim) -> bool:
    """Tell whether each names one quantity of a kind, and these are clearly apart."""
    if len(one.numbers) != 1 or len(other.numbers) != 1 or one.negated or other.negated:
        return False
    (kind, low), (same, high) = one.numbers[0], other.numbers[0]
    return kind == same and max(low, high) >= _APART * min(low, high)


def _numbers(tokens: list[str]) -> tuple[tuple[str, float], ...]:
    """Return the quantities, times in seconds, each with the stem of the word after it."""
    found = []
    for place, token in enumerate(tokens):
        value = _number(token)
        if value is None:
            continue
        unit = _stem(tokens[place + 1]) if place + 1 < len(tokens) else ""
        found.append(("time", value * _TIMES[unit]) if unit in _TIMES else (unit, value))
    return tuple(found)


def _number(token: str) -> float | None:
    if token[0].isdigit():
        return float(token)
    return _WORDS.get(token)


def _stem(word: str) -> str:
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            bare = word[: len(word) - len(ending)] + instead
            return bare[:-1] if ending in ("ing", "ed") and bare[-1] == bare[-2] and bare[-1] not in "ls" else bare
    return word


# The same by stem: texts are compared by their stems.
_STEMS = frozenset(map(_stem, _LITTLE))
_STEM_SIGNS = {_stem(word): known for word, known in _SIGNS.items()}
