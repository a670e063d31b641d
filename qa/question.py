"""A raw message -> a question that can be looked up, or the error that says why not."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

from qa.errors import QuestionError

MAX_CHARACTERS = 1_000
# A lone surrogate is half a character: an escape such as \ud83d that was cut off, or a byte that is no UTF-8.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_APOSTROPHES = str.maketrans("\u2018\u2019\u201b\u02bc\uff07\u201c\u201d", "'''''\"\"")
_PLEASANTRY = re.compile(
    r"(hi|hello|hey|hiya|good (morning|afternoon|evening|night)|thanks?|thank you|thx|ty|cheers|bye|goodbye|see you"
    r"|ok|okay|yes|no|great|cool|nice|test|testing|who are you|how are you|what'?s up|lol|sorry|please)"
    r"(\W+(there|all|everyone|you|so much|very much|a lot|again|for (your|the) help|today|doing))*\W*",
    re.IGNORECASE,
)
# Where sentences end; a sentence keeps its question mark.
_SENTENCE = re.compile(r"[^.!?:;\n]+\??")
# An order to the machine rather than a question. It opens a sentence that is no question: "what if you are no longer able
# to sleep?" and "which muscles act as a brace?" order nothing. A scope gate refuses most of what this misses.
_STEERING = re.compile(
    r"\W*(?:(?:please|now|then|and|but|so|just|instead|ok(?:ay)?|hello|hi|hey)\b\W*)*(?:"
    r"(?:ignore|forget|disregard|override|bypass)\b[^.?!\n]{0,40}\b(?:instructions?|rules?|quotes?|quoting|documents?"
    r"|sources?|prompts?|guidelines?|restrictions?|filters?|above|previous(?! (?:question|message|one)\b)|everything)\b"
    r"|(?:pretend|act|role-?play|behave|speak|talk|respond|answer|reply)\s+"
    r"(?:to be|that you|you(?:'re| are)|as (?:if|though|an?|my)|like an?)\b"
    r"|(?:reply|respond|answer|speak)\s+(?:only|just|always)\b"
    r"|(?:make up|invent|fabricate)\s"
    r"|(?:repeat|print|reveal|show|output|display|translate)\b[^.?!\n]{0,30}\b(?:(?:the|your|system|hidden) prompt"
    r"|your (?:\w+ )?(?:instructions|rules)|(?:words|text) above)\b"
    r"|you (?:must|will|shall) (?:now |only |always )?(?:say|reply|answer|respond|act|obey|output)\b"
    r"|(?:write|compose|generate)\s+(?:me\s+)?(?:an?|some)\s(?:\w+\s){0,4}?(?:poems?|poetry|songs?|lyrics|rap|rhymes?"
    r"|limericks?|haikus?|stor(?:y|ies)|tales?|jokes?|speech|essay|letter|e-?mail|script|code|program|blog|post|tweet"
    r"|review|prescription)\b"
    r"|from now on,? (?:you|reply|answer|respond|act|speak|talk)\b"
    r"|you are (?:now|no longer) (?:an?|in|the|my|free|bound|limited|allowed|under|called)\b"
    r"|(?:the|my|these|your|all) instructions above\b"
    r"|.{0,200}\b(?:system prompt|developer mode|jailbreak)\b"
    r")",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")


def check(message: str) -> str:
    """Return the question, trimmed.

    :raises QuestionError: if it is empty, over 1 000 characters as it is or normalised, or holds control characters or
        lone surrogates.
    """
    question = message.strip()
    if not question:
        raise QuestionError("The question is empty; expected 1 to 1000 characters.")
    _check_length(len(question), "")
    _check_length(len(normalise(question)), " once its compound characters are written out")
    forbidden = _FORBIDDEN.search(question)
    if forbidden:
        kind = "half of a character" if _SURROGATE.match(forbidden.group()) else "a control character"
        name = f"U+{ord(forbidden.group()):04X}"
        raise QuestionError(f"The question holds {kind}, {name}, at {forbidden.start()}. Remove it.")
    return question


def opening(message: str) -> tuple[str, str]:
    """Split a message into its beginning, at most 1 000 characters in the form that is encoded, and all that follows.

    Normalising can make a text 18 times as long: the beginning is what fits. What follows it is as it was typed.
    """
    stripped = message.strip()

    def matched(count: int) -> str:
        return normalise(printable(stripped[:count]))

    fits = MAX_CHARACTERS
    if len(matched(fits)) > MAX_CHARACTERS:
        fits = bisect_right(range(fits), MAX_CHARACTERS, key=lambda count: len(matched(count))) - 1
    return matched(fits), stripped[fits:]


def _check_length(length: int, form: str) -> None:
    if length > MAX_CHARACTERS:
        raise QuestionError(
            f"The question has {length} characters{form}; expected at most {MAX_CHARACTERS}. Shorten it."
        )


def printable(text: str) -> str:
    """Return the text as it can be sent and printed: halves of characters become U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def normalise(question: str) -> str:
    """Return the question as it is matched: compatibility forms folded, straight quotes, nothing invisible."""
    folded = unicodedata.normalize("NFKC", question).translate(_APOSTROPHES)
    return _INVISIBLE.sub("", folded)


def visible(question: str) -> str:
    """Return the normalised question.

    :raises QuestionError: if nothing in it can be seen.
    """
    if all(unicodedata.category(character)[0] in "MCZ" for character in question):
        raise QuestionError("The question holds nothing that can be seen; expected 1 to 1000 characters.")
    return question


def is_question(question: str) -> bool:
    """Tell whether there is anything to look up: no greeting, no thanks, at least one word."""
    return bool(_WORD.search(question)) and not _PLEASANTRY.fullmatch(question.strip())


def steers(question: str) -> bool:
    """Tell whether a sentence of an English message orders the machine about instead of asking."""
    sentences = _SENTENCE.findall(question)
    return any(_STEERING.match(sentence) for sentence in sentences if not sentence.endswith("?"))
