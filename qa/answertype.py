"""A question and a passage -> whether the passage holds anything of the kind that the question asks for.

"How many mg" wants an amount, "who was" a name, "in what year" a year, and what is asked of children or of driving is
answered by what speaks of them: a passage on the very topic that holds none does not answer. The kinds are few and
their patterns generous, so that a passage which answers is hardly ever missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a kind of answer is asked for, and what it looks like."""

    asked: re.Pattern[str]
    answered: re.Pattern[str]


def _kind(asked: str, answered: str, *, cased: bool = False) -> Kind:
    flags = re.NOFLAG if cased else re.IGNORECASE
    return Kind(asked=re.compile(asked, re.IGNORECASE), answered=re.compile(answered, flags))


_AMOUNT = (
    r"\d[\d.,]*\s?(?:mg|milligram|microgram|mcg|µg|μg|g|gram|kg|ml|millilit|lit(?:er|re)|l|iu|unit|tablet|pill|capsule"
    r"|drop|teaspoon|tablespoon|cup|glass|mmol|percent|%)s?\b|\d\s?%"
    r"|\b(?:a|one|two|three|four|half an?|an) (?:\w+ )?(?:tablet|pill|capsule|drop|teaspoon|tablespoon|cup|glass|lit(?:er|re)|pint)s?\b"
    r"|\b(?:once|twice|times) (?:a|per|each) day\b"
)
_COMPARED = (
    r"\b(?:than|compared|comparison|versus|vs|unlike|whereas|superior|inferior|equally|no difference|differ\w*"
    r"|better|worse|best|worst|more|less|most|least|rather|instead|prefer\w*|first choice|as \w+ as)\b"
)
# The first kind that is asked for counts.
_KINDS = (
    _kind(
        r"\bhow (?:many|much) (?:mgs?|milligrams?|mcg|micrograms?|grams?|ml|lit(?:er|re)s?|tablets?|pills?|capsules?|drops|units|glasses|cups)\b"
        r"|\b(?:what|which|how (?:high|large|big|low)|usual|recommended|right|correct|maximum|maximal|starting|safe|daily)\b.{0,12}\bdos(?:e|es|age|ages)\b"
        r"|\bhow much \w+(?: \w+)? (?:should|can|could|do|does|may|must|to|is there|is|are) (?:\w+ ){0,3}(?:take|give|use|have|drink|eat|in)\b"
        r"|\bnormal (?:range|level|value)s?\b|\bin (?:mmol|mg|u)/d?l\b",
        _AMOUNT,
    ),
    _kind(
        r"\b(?:prices?|priced|costs?|how expensive|cheap(?:er|est)?|afford|insurance|insured|reimburse\w*|better value"
        r"|value for money|medicare|medicaid|pays? for)\b",
        r"[$€£]\s?\d|\b(?:dollar|euro|pound|price|cost|cheap|expensive|insur|medicare|medicaid)\w*|\b(?:fees?|pays|paid|payment)\b",
    ),
    _kind(
        r"\bwho (?:was|were|invented|discovered|first|coined|wrote|founded|developed|described|named|won|is the)\b"
        r"|\bnamed after\b",
        r"\b[A-Z][a-z]+ (?:[A-Z]\. )?[A-Z][a-z]+|\b(?:Dr|Mr|Mrs|Professor|President|King|Queen|Sir)\b",
        cased=True,
    ),
    _kind(
        r"\b(?:where|which language|what language)\b.{0,20}\b(?:name|word|term|phrase|expression)\b"
        r"|\b(?:name|word|term)\b.{0,30}\b(?:come from|originat\w+|mean originally|originally mean)\b|\betymolog\w+\b",
        r"\b(?:Latin|Greek|French|German|Arabic|named?|called|word|term|coined|origin\w*|meaning|means)\b",
    ),
    _kind(
        r"\bwhy\b.{0,40}\b(?:called|named|known as)\b",
        r"\b(?:because|comes? from|came from|origin\w*|deriv\w*|Latin|Greek|after|since|legend|slang|nickname\w*)\b",
    ),
    _kind(
        r"\bwhere (?:can|could|do|should|to)\b.{0,20}\b(?:buy|get|order|purchase|find)\b|\b(?:which|what|best) brand\b"
        r"|\bbrand of\b",
        r"\b(?:shop|store|pharmac|chemist|online|brand|supermarket|over[- ]the[- ]counter|prescription|sold|buy)\w*",
    ),
    _kind(
        r"\b(?:when (?:was|were|did)|what year|which year)\b",
        r"\b(?:1\d|20)\d\ds?\b|\b\d0s\b|\b\d+ (?:AD|BC|BCE|CE)\b|\b[Cc]entur|\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b",
        cased=True,
    ),
    _kind(
        r"\bnear (?:me|here|us)\b|\bnearest\b|\bopening hours\b|\b(?:phone|telephone) number\b|\baddress of\b"
        r"|\brecomm?end (?:me )?(?:a|an|some) (?:\w+ ){0,2}(?:doctor|clinic|hospital|specialist|surgeon|neurologist|dentist|therapist|lawyer|shop)\b",
        r"\d{3}|\b(?:street|road|avenue|open)\b",
    ),
    _kind(
        r"\bhow long\b|\bhow many (?:seconds|minutes|hours|days|weeks|months|years)\b",
        r"\b(?:second|minute|hour|day|week|month|year|night|moment|short|brief|long|soon|quick|perman|chronic|last|until"
        r"|temporar|gradual|slow|time)\w*",
    ),
    _kind(
        r"\bwhat (?:share|percentage|percent|proportion|fraction)\b|\bhow many (?:people|patients|men|women|children|adults|persons)\b",
        r"\d|\b(?:half|third|quarter|percent|most|majority|minority|one in|two|three|four|five|six|seven|eight|nine|ten"
        r"|hundred|thousand|million|few|nearly all|all|none)\b",
    ),
    _kind(
        r"\bhow many\b|\bhow common\b|\bhow often\b",
        r"\d|\b(?:half|third|quarter|percent|most|many|few|two|three|four|five|six|seven|eight|nine|ten|common|rare|often"
        r"|seldom|frequent|several|one|every|all|none|virtually|twice|once|daily|weekly|regular)\w*",
    ),
    _kind(
        r"\b(?:better|stronger|safer|gentler|weaker|worse|milder|faster|more \w+|less \w+) than\b"
        r"|\bwhich (?:one )?(?:is|works|of \w+ is)\b.{0,20}\b(?:better|best|stronger|safer|gentler|milder|faster|worse)\b",
        _COMPARED,
    ),
    _kind(
        r"\b(?:blood|lab|laboratory|urine) tests?\b",
        r"\b(?:test|level|sample|laborator|measur|screen|scan)\w*|\bcounts?\b",
    ),
    _kind(
        r"\bside[- ]?effects?\b|\badverse (?:effect|event|reaction)s?\b",
        r"\b(?:side[- ]?effect|adverse|unwanted|reaction|drows|sleepy|dizz|nausea|sick|dry mouth|headache|rash|may cause"
        r"|can cause|harm|risk|toxic|overdos|safe)\w*",
    ),
)
# Whom or what circumstance a question is about; each that it names counts.
_CIRCUMSTANCES = (
    _kind(
        r"\b(?:pregnan\w*|breast-?feed\w*|trimester)\b",
        r"pregnan|breast-?fe|trimester|lactati|\bnursing|unborn|fo?et(?:us|al)|\bmatern|\bmother",
    ),
    _kind(
        r"\b(?:child(?!'s pose)|children|kids?|toddlers?|bab(?:y(?! aspirin| oil)|ies)|infants?|newborns?|teen(?:age\w*|s)?)\b",
        r"child|\bkids?\b|toddler|\bbab(?:y|ies)|infant|newborn|\bteen|young|\bage[sd]?\b|\bborn\b|growing|pa?ediatric|school"
        r"|\bboys?\b|\bgirls?\b|\bfamil(?:y|ies)\b",
    ),
    _kind(
        r"\b(?:alcohol\w*|wine|beer|vodka|whisk(?:e?y|ies))\b",
        r"alcohol|\bwine|\bbeer|\bdrink(?:s|ers?|ing)?\b(?! (?:plenty|water|fluids|enough|more|a lot))|liquor|\bspirits\b",
    ),
    _kind(
        r"\b(?:dogs?|pupp(?:y|ies)|cats?(?! scans?)|kittens?|pets?(?! scans?))\b",
        r"\bdogs?\b|\bpupp|\bcats?\b|kitten|\bpets?\b|animal|\bvets?\b|veterinar",
    ),
    _kind(
        r"\b(?:can|may|could|should|safe|able|fit|allowed|legal|ok|okay)\b[^.?!]{0,20}\bdriv(?:e|ing)\b|\b(?:while|when|before) driving\b",
        r"\bdriv|machine|vehicle|\bcars?\b",
    ),
)


def asks(question: str) -> list[Kind]:
    """Return the kinds of answer that a question asks for.

    :param question: in English; others ask for no kind that is known here.
    """
    kind = next((kind for kind in _KINDS if kind.asked.search(question)), None)
    return [*([kind] if kind else []), *(each for each in _CIRCUMSTANCES if each.asked.search(question))]


def fits(text: str, kinds: Iterable[Kind]) -> bool:
    """Tell whether a text, as it is read, holds something of each kind."""
    return all(kind.answered.search(text) for kind in kinds)
