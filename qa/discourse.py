"""How a sentence hangs together with the ones beside it, by the words it opens with. English only."""

from __future__ import annotations

import re

_NEGATIVE = r"(?:not|never|no|no longer|only|hardly|barely|rarely|seldom|neither|nor|nothing|without|unless|except)"
_PRONOUN = r"(?:this|that|these|those|it|they|he|she|both|the same)"
_PROHIBITED = r"(?:do not|don't|must not|mustn't|should not|shouldn't|may not|cannot|can't|never|avoid|stop)"


def _opening(*wordings: str) -> re.Pattern[str]:
    """Compile what a sentence may open with, quotation marks, brackets and dashes aside."""
    return re.compile(rf"\W*(?:{'|'.join(wordings)})\b", re.IGNORECASE)


# It answers back to the sentence before it: neither of the two may be quoted alone.
_CONTRARY = _opening(
    r"however|but|unless|except(?:ing|ions?)?|yet|nevertheless|nonetheless|conversely|otherwise|whereas|actually",
    r"even (?:so|then|though)|on the other hand|on the contrary|(?:in|by) contrast|in (?:fact|reality|truth)",
    r"(?:that|this) (?:being )?said|having said (?:that|this)|(?:an|the|the only|one) exceptions?",
    r"(?:there (?:is|are) |with )(?:only )?(?:one|two|an|a few|some|these|the|the following) exceptions?",
    r"the (?:opposite|contrary|reverse)|excluded|exempt(?:ed)?",
    r"(?:neither|none|nor)(?! (?:the|a|an|is|are)\b)",
)
# It is no sentence of its own: "Not if it rains."
_FRAGMENT = _opening(
    r"(?:not|only|never|just not) (?:if|when|where|while|for|in|on|at|by|with|within|without|before|after|until|under)",
    r"not (?:always|so|all|every\w*|any\w*|more|less|unless|necessarily|quite|yet)",
    r"if (?:so|not)|(?:no|yes)(?=[.,!:;])|no (?:more|less|longer|later|earlier|sooner|other)",
    r"(?:at (?:least|most|best)|in moderation|within (?:limits|reason)|up to a point)(?! \d)",
)
# A condition without what it is a condition of.
_CONDITION = re.compile(
    r"\W*(?:if|when|where|until|because|provided|providing|(?:as|so) long as|on condition)\b[^,]{0,60}$", re.IGNORECASE
)
# It says of the one before it that it does not hold, or not always.
_ANAPHORIC = _opening(
    rf"{_PRONOUN}(?: [\w-]+){{0,3}} {_NEGATIVE}",
    rf"{_PRONOUN}(?: [\w-]+){{0,2}} \w+n't",
    rf"{_PRONOUN} (?:is|are|was|were|has been|have been|turned out to be|proved(?: to be)?) (?:an? |the )?(?:\w+ly )?"
    r"(?:myths?|wrong|false|untrue|incorrect|mistake|mistaken|error|misleading|outdated|disputed|unproven|unlikely"
    r"|nonsense|dangerous|harmful|forbidden|prohibited|illegal|doubtful)",
    r"(?:warning|caution|beware|be careful|take care)",
)
# It may take something back from the one before it, and can be understood without it.
_PREDICATE = _opening(r"although|though|still|only|despite|not|never|do not|don't")
# It forbids what the one before it names: "If you are pregnant, do not take it."
_FORBIDS = re.compile(
    rf"\W*(?:{_PROHIBITED}|(?:if|when|where|in|with|for|during|after|before|people|patients|anyone|those|children|women)"
    rf"\b[^.;:]{{0,80}}?\b{_PROHIBITED})(?: [\w-]+){{0,4}} (?:it|this|them|these|those|so|that)\b|\W*stop (?:if|when)\b",
    re.IGNORECASE,
)
# It names what the one before it says, and doubts, forbids or limits it: "Doctors advise against it."
_BACK = re.compile(r"\b(?:this|these|those|it|they|them|so|such|that(?= is| was|\W*$))\b", re.IGNORECASE)
_DOUBT = re.compile(
    r"\b(?:not|never|no|none|nobody|\w+n't|only|against|unless|except|unknown|unclear|uncertain|unproven|unlikely|lack\w*"
    r"|doubt\w*|disagree\w*|disput\w+|conflict\w*|withdrawn|wrong|false|myth|hardly|rarely|forb\w+|prohibit\w+)\b",
    re.IGNORECASE,
)
_WHOLLY = re.compile(r"\bthe (?:opposite|contrary|reverse)\b|\W*not every(?:one|body)\b", re.IGNORECASE)
# It cannot be understood without the one before it.
_REFERS = _opening(
    r"this|these|those|that|it|they|its|their|such|he|she|his|her|both|either|the (?:latter|former|same|opposite|reverse)",
    r"instead|therefore|thus|hence|as a result|consequently|similarly|likewise|also|another|others|then",
    r"(?:all|most|many|some|one|each|few|half) of (?:them|these|those)",
    r"(?:in|for|with|to|of|by|at|from|on|under|after|before|until|despite|without|unlike)"
    r" (?:this|that|these|those|such|them|it|him|her|both|either|neither)",
)
_WITHIN = re.compile(
    r"\b(?:in|under|for|with) (?:these|such|those|that|this) (?:cases?|situations?|circumstances|conditions?|people|patients)\b"
    r"|\b(?:can|may|must|should|will|is|are|do|does) then\b",
    re.IGNORECASE,
)
# Such a word turns the meaning also from the middle of a clause.
_TURNS = re.compile(r"[^.;:]{0,60}\b(?:nevertheless|nonetheless|however|though|instead)\b", re.IGNORECASE)
_BARE = _opening(
    "no|yes|not|never|only|rarely|seldom|hardly|sometimes|usually|often|maybe|perhaps|probably|possibly|partly"
)
_BARE_WORDS = 3
_ANNOUNCES = re.compile(r"[:：]$|\b(?:the following|as follows)\b[^.!?]*[.]?$", re.IGNORECASE)
_LABEL = re.compile(r"[^.:!?]{1,40}:")
_ENDED = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_ABBREVIATED = re.compile(r"\b(?:approx|dept|nos|tabs|\w{1,3})\.$", re.IGNORECASE)
_SOURCES = (
    r"(?:studies|trials?|research|researchers|experts?|scientists|sources|works|guidelines|guidance|reviews?|reviewers|views"
    r"|opinions|results|findings|evidence|authors|doctors|handbooks|textbooks)"
)
# Sources are said to contradict one another.
_CONFLICT = re.compile(
    rf"\b{_SOURCES}\b(?: [\w'-]+){{0,6}}? (?:(?:do |does |did )?(?:not|n't) agree|disagrees?|disagreed|conflicts?|conflicted"
    rf"|contradict\w*|(?:is|are|were|was) (?:mixed|divided|inconsistent|contradictory|conflicting|split))\b"
    rf"|\b(?:mixed|inconsistent|conflicting|contradictory|contrary) {_SOURCES}\b"
    rf"|\b(?:sources|views|opinions|guidelines|experts|authors) (?:differ|vary)\b"
    rf"|\b(?:some|one|a|most|many|older) {_SOURCES}\b[^.;]*\b(?:while|whereas|but) (?:others?|another|newer|{_SOURCES})\b",
    re.IGNORECASE,
)
_SIDES = re.compile(r"\b(?:while|whereas|but|others?|another|or)\b|, and\b|\b(?:inconsistent|mixed)\b", re.IGNORECASE)
# "A later review disagrees and …": with the sentence before it, not about what is named here.
_DISSENT = re.compile(
    rf"\W*(?!{_SOURCES} )[\w-]+ (?:[\w-]+ ){{0,4}}?disagrees?\b(?! (?:about|on|over|whether|how|as to)\b)",
    re.IGNORECASE,
)
_AGREEMENT = re.compile(r"\b(?:not|never|n't|no) (?:disagree|conflict|contradict|differ)", re.IGNORECASE)
_TURNING = re.compile(
    r"\b(?:not|never|no|avoid\w*|without|unless|except\w*|only|don'ts?|cannot|\w+n't|forbidden|prohibited|banned|myths?"
    r"|misconceptions?|contraindicat\w+|unsafe|mistakes?|exclu\w+)\b",
    re.IGNORECASE,
)


def depends(sentence: str) -> bool:
    """Tell whether a sentence cannot be understood without the one before it."""
    text = _straight(sentence)
    opens = (_CONTRARY, _FRAGMENT, _REFERS, _TURNS, _DISSENT)
    return any(pattern.match(text) for pattern in opens) or leans(text) or bool(_WITHIN.search(text))


def leans(sentence: str) -> bool:
    """Tell whether a sentence is no statement of its own, but a piece of one: "No.", "Not in winter.", "Avoid it."."""
    text = _straight(sentence)
    forbids = _FORBIDS.match(text) and re.match(rf"\W*{_PROHIBITED}", text, re.IGNORECASE)
    return is_bare(text) or bool(_FRAGMENT.match(text) or _CONDITION.match(text) or forbids)


def is_bare(sentence: str) -> bool:
    """Tell whether a sentence is only a yes, a no or the like."""
    return bool(_BARE.match(sentence)) and len(sentence.split()) <= _BARE_WORDS


def restricts(sentence: str) -> bool:
    """Tell whether a sentence takes something back from the one before it."""
    text = _straight(sentence)
    doubts = bool(_BACK.search(text) and _DOUBT.search(text)) or bool(_WHOLLY.search(text))
    return doubts or takes_back(text) or any(pattern.match(text) for pattern in (_PREDICATE, _FORBIDS))


def takes_back(sentence: str) -> bool:
    """Tell whether a sentence restricts what stands before it even from another paragraph."""
    text = _straight(sentence)
    return objects(text) or is_bare(text) or bool(_FRAGMENT.match(text) or _CONDITION.match(text))


def objects(sentence: str) -> bool:
    """Tell whether a sentence answers back to what stands before it even from another item of a list."""
    text = _straight(sentence)
    return any(pattern.match(text) for pattern in (_CONTRARY, _ANAPHORIC, _TURNS, _DISSENT))


def goes_on(before: str, sentence: str) -> bool:
    """Tell whether a sentence is the rest of the one before it, which was cut at an abbreviation or for its length."""
    start = next((character for character in sentence if character.isalnum()), "")
    abbreviated = _ABBREVIATED.search(before) and (start.islower() or start.isdigit())
    return bool(abbreviated) or not is_closed(before)


def is_closed(text: str) -> bool:
    """Tell whether a text ends like a sentence."""
    return bool(_ENDED.search(text))


def states_conflict(sentence: str) -> bool:
    """Tell whether a sentence says that sources contradict one another, or gives both their sides."""
    text = _straight(sentence)
    return bool(_CONFLICT.search(text)) and not _AGREEMENT.search(text)


def leaves_sides(sentence: str) -> bool:
    """Tell whether a sentence says that sources contradict one another and leaves it to the next ones to say how."""
    text = _straight(sentence)
    return states_conflict(text) and not _SIDES.search(text) and not _DISSENT.match(text)


def announces(sentence: str) -> bool:
    """Tell whether a sentence announces what comes after it."""
    return bool(_ANNOUNCES.search(sentence))


def label_of(paragraph: str) -> str:
    """Return what a paragraph opens with up to a colon, such as "Avoid:", or nothing."""
    found = _LABEL.match(_straight(paragraph))
    return found.group() if found else ""


def turns(words: str) -> bool:
    """Tell whether there is a "not" or the like in a heading or a sentence, which turns what it goes with."""
    return bool(_TURNING.search(_straight(words)))


def _straight(text: str) -> str:
    return text.replace("\u2019", "'").replace("*", "")
