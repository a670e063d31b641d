"""A message and the questions asked before it -> the question in full, where it leans on them.

"And at night?" after "What causes cramps during exercise?" asks what causes cramps at night. Only words tell, and only
English ones; a question that names what it is about is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qa.question import is_question, opening

# How many of the earlier questions are read.
TURNS = 3
# A question with more telling words than this names its topic, whatever it points back to.
_MOST_TELLING, _MOST_AFTER_OPENING = 3, 2
# Words that look like "or" or "her" are pronouns in English only if so many of their neighbours are English.
_ENGLISH = 0.4
_LONGEST_TOPIC = 200
_LONGEST_VERB = 12

# They say nothing of what a question is about.
_FUNCTION = frozenset(
    """
    a about after again against ago all along also although always am an and another any anybody anyone anything are
    aren't as at away be because been before being between both but by can can't cannot come comes could couldn't did
    didn't do does doesn't doing don't done down during each either else enough even ever every everyone exactly few
    first for from get gets getting give given gives go goes going got had has hasn't have haven't having he he's her
    here hers him his how how's i i'd i'll i'm i've if in instead into is isn't it it'd it'll it's its just know least
    let like likely ll long look lot make makes many may maybe me might mine more most much must my myself need needs
    neither never next no none nor not nothing now of off often ok okay old on once one ones only or other others
    otherwise our out over own people people's perhaps person please possible possibly put quite rather really right s
    same say says second see seem seems shall she she's should shouldn't since so some somebody someone something
    sometimes soon still such sure t take taken takes taking tell than thank thanks that that'll that's the their
    theirs them then there there's these they they're they've thing things think this those though through till to
    together too true two under until up upon us use used uses using usually ve very via want was wasn't way ways we
    well were weren't what what's whatever when when's where where's whether which while who who's whoever whom whose
    why why's will with within without won't would wouldn't yes yet you you're your yours
    """.split()  # noqa: SIM905 - so many words read better without quotes
)
# What can be asked of any topic: "what are the side effects?" is about something named before.
_ASPECTS = frozenset(
    """
    addictive advice advised age alternative alternatives approved avoid bad begin begins benefit benefits best better
    brings call careful cause caused causes chance chances common complication complications condition conditions
    contain contains cost costs curable cure cured danger dangerous dangers day days difference different diagnosed
    diagnosis dosage dose doses drawback drawbacks drug drugs early effect effective effects evidence example examples
    experts explain fast fatal feel find finds food foods found frequent frequently good happen happens harm harmful
    harms help helped helpful helping helps high hour hours hurt hurts kind kinds last lasts late later lead leads
    less limit limits low mean means medication medications medicine medicines minute minutes month months myth name
    named names normal notice option options order permanent point points prevent prevented prevention problem
    problems proof proper prove proven proves quick quickly rare reason reasons recognise recognize recommended
    remedies remedy research risk risks risky safe safely safer scientists seconds serious seriously severe severity
    show shows side sign signs sort sorts source sources start started starts stop stopped stopping stops studies
    study suitable symptom symptoms test tested tests therapies therapy time times treat treatable treated treatment
    treatments trial trials type types typical unsafe useful warning week weeks work worked working works worry worse
    worst worth wrong year years
    """.split()  # noqa: SIM905
)
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_OPENING = re.compile(
    r"(?:(?:ok(?:ay)?|well|thanks?|thank you|hm+|oh|right|yes|no|sure|i see|great)\b[\s,.!]*)*"
    r"(?P<words>(?:(?:and|but|or|so|then|also|what about|how about|what if|what of)\b[\s,]*)+)",
    re.IGNORECASE,
)
_NAMES_ALONE = re.compile(r"\b(?:about|if|of)[\s,]*$", re.IGNORECASE)
_CLAUSE = re.compile(
    r"(?:(?:at|by|for|from|in|of|on|since|to|under|with) )?(?:what|which|who|whom|whose|when|where|why|how|is|are|was"
    r"|were|do|does|did|can|could|should|would|will|may|might|must|has|have|had)\b",
    re.IGNORECASE,
)
_DEFINITION = re.compile(r"(?:what(?:'s| is| are| was)|who (?:is|was)) (?:an? |the )?[\w-]+", re.IGNORECASE)
_TOLD = re.compile(
    r"(?:(?:and|but|so|then|also|now|plus|still|suddenly|today)\b[\s,]*)*"
    r"(?:i|i'm|i've|he|he's|she|she's|it|it's|they|they're|we|you|my|his|her|our|their|the|this|that|that's)\b(?!.*\?)",
    re.IGNORECASE | re.DOTALL,
)
_CLOSING = re.compile(
    r"(?:(?:and |but )?(?:that(?:'s| is| was) (?:very |so )?(?:it|all|good|great|fine|ok(?:ay)?|right|true|helpful|useful)"
    r"|got it|never ?mind|not (?:really|now)|ok(?:ay)?|thanks?|thank you|true|right|sure|i see|no more|nothing(?: else)?"
    r"|good|fine)\b\W*)+$",
    re.IGNORECASE,
)
# The service itself is asked.
_YOU = re.compile(r"\b(?:are|were|do|did|have|made) you\b|\byour\b", re.IGNORECASE)
_PERSONAL = re.compile(r"\b(?:i|i'm|i've|me|my|mine|we|our|he|she|him|his|hers?)\b", re.IGNORECASE)
_BACK = re.compile(
    r"\b(?:its?|it's|they|they're|them|theirs?|he|she|him|his|hers?|ones|mine"
    r"|one(?=\W*$|\s+(?:is|are|has|does|do|helps?|works?|hurts?|should|would|can)\b)"
    r"|(?:this|that)(?!\s+(?:week|month|year|morning|evening|time|site|page|service)\b)|that's|those|these"
    r"|the (?:former|latter|others?|two|same(?! as\b)))\b(?! own\b)",
    re.IGNORECASE,
)
# Elsewhere "that" opens a clause: "a pill that stops a cramp".
_BEFORE_THAT = re.compile(
    r"\b(?:is|are|was|were|isn't|wasn't|does|doesn't|do|did|can|could|will|would|should|of|for|with|about|against|to"
    r"|from|on|at|by|in|after|before|than|why|how|what|and|or|like|take|get|notice|mean|explain|brings?|causes?|helps?|stops?|treat|prevent"
    r"|recogni[sz]e)\s+$",
    re.IGNORECASE,
)
# "Is it safe to …", "it takes long to …": what "it" stands for follows.
_AHEAD = re.compile(
    r"\bit takes?\b.*\b(?:to|for|till|until)\s+\w"
    r"|\b(?:it(?:'s| is| was| does| will| would be)|(?:is|was|does|will|would|can|could) it(?: be)?|makes? it)"
    r"\s+(?:(?:really|ever|still|also|even|help|take|an?)\s+)*[\w-]+(?:\s+(?:for|of)\s+[\w\s]{1,30}?)?"
    r"\s+(?:to|that|if|when|whether)\s+\w",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(
    r"[,.;:!?()]|\b(?:and|or|but|so|what|which|who|where|why|how|when|while|if|because|since|after|before|until"
    r"|though|although)\b"
    r"|\b(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have|had)\s*$",
    re.IGNORECASE,
)
# "And at night?" puts another time or setting in place of the one named before, "and for back pain?" another purpose.
_SETTING = r"(?:at|in|during|on|after|before|while|without)\s+(?!(?:my|the|your|his|her|an?|how|what|which)\b)"
_PURPOSE = r"(?:for|against)\s+(?!(?:how|what|which|whom?)\b)"
_SLOTS = tuple(
    (
        re.compile(rf"(?P<part>{kind}[\w '-]+)\W*", re.IGNORECASE),
        re.compile(rf"\b{kind}[\w '-]+[\s.?!]*$", re.IGNORECASE),
    )
    for kind in (_SETTING, _PURPOSE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What the earlier questions make of a message.

    :param full: the question in full, or None where it stands by itself.
    :param told: what it and those that it goes on from tell together, to be weighed for red flags besides the message;
        None where it goes on from none. A question on another topic ("what about magnesium?") goes on from none.
    """

    full: str | None = None
    told: str | None = None


_ALONE = Turn()


def read(message: str, history: Sequence[str]) -> Turn:
    """Return what the last three earlier questions make of a message.

    :param history: the conversation's earlier questions as they were typed, the oldest first.
    """
    beginning, rest = opening(message)
    if not history or rest:
        return _ALONE
    question = _legible(beginning)
    leans, reports = depends(question), _reports(question)
    earlier = [asked for asked in (_legible(opening(each)[0]) for each in history[-TURNS:]) if is_question(asked)]
    if not earlier or not (leans or reports):
        return _ALONE
    full = told = None
    if leans:
        sentences = [sentence for asked in earlier for sentence in _SENTENCE.split(asked) if is_question(sentence)]
        full = _full([*_since(sentences, _names), question])
    if reports or not telling(question) or points_back(question) or _PERSONAL.search(question):
        story = _since(earlier, lambda asked: _names(asked) and not (reports and _reports(asked)))
        told = " ".join(map(_closed, [*story, question]))
    return Turn(full=full, told=told)


def _since(parts: Sequence[str], begins: Callable[[str], bool]) -> Sequence[str]:
    """Return the parts from the last that begins a topic, all if none does."""
    return parts[max((place for place, part in enumerate(parts) if begins(part)), default=0) :]


def _names(text: str) -> bool:
    return bool(telling(text)) and not depends(text)


def _reports(message: str) -> bool:
    """Tell whether an English message tells how somebody is rather than asks."""
    return bool(_TOLD.match(message)) and not _CLOSING.match(message) and _is_english(message, telling(message))


def telling(text: str) -> list[str]:
    """Return the words that say what a text is about, in lower case."""
    return [word for word in _words(text) if word not in _FUNCTION and word not in _ASPECTS and not word.isdigit()]


def places(words: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Return where the words stand in a text, half-open."""
    return [word.span() for word in _WORD.finditer(text) if word.group().lower() in words]


def depends(question: str) -> bool:
    """Tell whether an English question names no topic, goes on from another, or points back to one."""
    own = telling(question)
    if not is_question(question) or len(own) > _MOST_TELLING or _CLOSING.match(question):
        return False
    if _opens(question, own):
        return True
    if _TOLD.match(question):
        return False
    if not own:
        return points_back(question) or not _YOU.search(question)
    return _is_english(question, own) and points_back(question)


def _opens(question: str, own: list[str]) -> bool:
    """Tell whether a question goes on from another: "and at night?", "what about children?"."""
    opening = _OPENING.match(question)
    if opening is None or len(own) > _MOST_AFTER_OPENING:
        return False
    rest = question[opening.end() :]
    if _NAMES_ALONE.search(opening["words"]):
        return True
    if _CLAUSE.match(rest):
        return len(own) <= 1 and not (own and _DEFINITION.match(rest))
    return opening["words"].lower().startswith(("and", "but")) or _is_english(question, own)


def points_back(question: str) -> bool:
    """Tell whether a pronoun stands for something that the question doesn't name before it."""
    ahead = _AHEAD.search(question)
    ends = [word.end() for word in _WORD.finditer(question) if telling(word.group())]
    for found in _BACK.finditer(question):
        at = found.start()
        if ahead and ahead.start() <= at < ahead.end():
            continue
        if (
            found.group().lower() == "that"
            and at
            and not _BEFORE_THAT.search(question[max(0, at - _LONGEST_VERB) : at])
        ):
            continue
        named = [end for end in ends if end <= at]
        if named and (
            _BOUNDARY.search(question[named[0] : at]) or (len(named) > 1 and _WORD.search(question, found.end()))
        ):
            continue
        return True
    return False


def _is_english(question: str, own: list[str]) -> bool:
    return len(own) <= (1 - _ENGLISH) * len(_words(question))


def _full(parts: Sequence[str]) -> str | None:
    """Carry what was asked on from part to part; None where no part before the last names a topic."""
    asked = ""
    for part in parts:
        asked = (_replaced(asked, part) or _about(asked, part)) if asked else part
    return asked if asked != parts[-1] else None


def _replaced(asked: str, part: str) -> str | None:
    """Return what was asked with a setting or a purpose in place of its own, if the part is no more than that."""
    opening = _OPENING.match(part)
    rest = part[opening.end() :] if opening else part
    for named, like in _SLOTS:
        fragment = named.fullmatch(rest)
        kept = like.sub("", asked).rstrip(" ?.!")
        if fragment and telling(kept) and not asked.endswith(")"):
            return f"{kept} {fragment['part']}?"
    return None


def _about(asked: str, part: str) -> str:
    """Return a part with what was asked before it in brackets, as far as it names a topic."""
    topic = ", ".join(filter(None, map(_topic, _SENTENCE.split(asked))))
    return f"{part} ({topic})" if topic else part


def _topic(sentence: str) -> str:
    """Return the stretch of a sentence from its first telling word to its last, with the aspects on either side."""
    words = list(_WORD.finditer(sentence))
    told = [place for place, word in enumerate(words) if telling(word.group())]
    if not told:
        return ""
    first, last = told[0], told[-1]
    while first > 0 and words[first - 1].group().lower() in _ASPECTS:
        first -= 1
    while last + 1 < len(words) and words[last + 1].group().lower() in _ASPECTS:
        last += 1
    topic = sentence[words[first].start() : words[last].end()]
    return topic if len(topic) <= _LONGEST_TOPIC else topic[:_LONGEST_TOPIC].rsplit(None, 1)[0]


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def _legible(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
