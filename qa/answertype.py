"""A question and a passage -> whether the passage holds anything of the kind that the question asks for.

"How many mg" wants an amount, "who was" a name, "in what year" a year: a passage on the very topic that holds none
does not answer. The kinds are few and their patterns generous, so that a passage which answers is hardly ever missed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """How a kind of answer is asked for, and what it looks like."""

    asked: re.Pattern[str]
    answered: re.Pattern[str]


def _kind(asked: str, answered: str, *, cased: bool = False) -> _Kind:
    flags = re.NOFLAG if cased else re.IGNORECASE
    return _Kind(asked=re.compile(asked, re.IGNORECASE), answered=re.compile(answered, flags))


_AMOUNT = (
    r"\d[\d.,]*\s?(?:mg|milligram|microgram|mcg|µg|μg|g|gram|kg|ml|millilit|lit(?:er|re)|l|iu|unit|tablet|pill|capsule"
    r"|drop|teaspoon|tablespoon|cup|glass)s?\b|\bdos(?:e|es|age)\b"
)
# The first kind that is asked for counts.
_KINDS = (
    _kind(
        r"\bhow (?:many|much) (?:mgs?|milligrams?|mcg|micrograms?|grams?|ml|tablets?|pills?|capsules?|drops|units)\b"
        r"|\bdos(?:e|es|age|ages)\b"
        r"|\bhow much \w+(?: \w+)? (?:should|can|could|do|may|must|to) (?:\w+ ){0,3}(?:take|give|use|have|drink|eat)\b",
        _AMOUNT,
    ),
    _kind(
        r"\b(?:prices?|priced|costs?|how expensive|cheap(?:er|est)?|afford|insurance|insured|reimburse\w*)\b",
        r"[$€£]|\b(?:dollar|euro|pound|price|cost|cheap|expensive|insur|fee|pay)\w*",
    ),
    _kind(
        r"\bwho (?:was|were|invented|discovered|first|coined|wrote|founded|developed|described|named|won|is the)\b"
        r"|\bnamed after\b",
        r"\b[A-Z][a-z]+ (?:[A-Z]\. )?[A-Z][a-z]+|\b(?:Dr|Mr|Mrs|Professor|President|King|Queen|Sir)\b",
        cased=True,
    ),
    _kind(
        r"\bwhere (?:can|could|do|should|to)\b.{0,20}\b(?:buy|get|order|purchase|find)\b|\b(?:which|what|best) brand\b"
        r"|\bbrand of\b",
        r"\b(?:shop|store|pharmac|chemist|online|brand|supermarket|over[- ]the[- ]counter|prescription|sold|buy)\w*",
    ),
    _kind(
        r"\b(?:when (?:was|were|did)|what year|which year)\b",
        r"\d|\bcentur|\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b",
    ),
    _kind(
        r"\bnear (?:me|here|us)\b|\bnearest\b|\bopening hours\b|\b(?:phone|telephone) number\b|\baddress of\b",
        r"\d{3}|\b(?:street|road|avenue|open)\b",
    ),
    _kind(
        r"\bhow long\b|\bhow many (?:seconds|minutes|hours|days|weeks|months|years)\b",
        r"\b(?:second|minute|hour|day|week|month|year|night|moment|short|brief|long|soon|quick|perman|chronic|last|until"
        r"|temporar|gradual|slow|time)\w*",
    ),
    _kind(
        r"\bhow many\b|\bwhat (?:share|percentage|proportion|fraction)\b|\bhow common\b|\bhow often\b",
        r"\d|\b(?:half|third|quarter|percent|most|many|few|two|three|four|five|six|seven|eight|nine|ten|common|rare|often"
        r"|seldom|frequent|several|one|every|all|none|virtually|twice|once|daily|weekly|regular)\w*",
    ),
)


def fits(question: str, text: str) -> bool:
    """Tell whether a text holds anything of the kind that a question asks for; true where no kind is known.

    :param question: in English; others ask for no kind that is known here.
    :param text: as it is read.
    """
    kind = next((kind for kind in _KINDS if kind.asked.search(question)), None)
    return kind is None or kind.answered.search(text) is not None
