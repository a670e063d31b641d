"""How a sentence hangs together with the one before it, by the words it opens with. English only."""

from __future__ import annotations

import re

# It takes something back from the sentence before it, which must not be quoted without it.
_RESTRICTS = re.compile(
    r"(however|but|unless|except|although|though|yet|nevertheless|nonetheless|still|only|even so|on the other hand"
    r"|in contrast|conversely|otherwise|despite|that said|not|never|do not|don['’]t"
    r"|(this|that|these|those|it|they|he|she)\s+(does|do|did|should|must|can|could|is|are|was|were|will|would|may|has"
    r"|have)(n['’]t|\s+not|\s+never))\b",
    re.IGNORECASE,
)
# It cannot be understood without the sentence before it.
_DEPENDS = re.compile(
    r"(however|but|unless|except|yet|nevertheless|nonetheless|even so|on the other hand|in contrast|conversely"
    r"|otherwise|this|these|those|that|they|it|its|their|such|he|she|his|her|both|the latter|the former|instead"
    r"|therefore|thus|as a result|consequently|similarly|likewise|also|another|others)\b",
    re.IGNORECASE,
)
# Such a word turns the meaning also from the middle of a clause.
_TURNS = re.compile(r"[^.;:]{0,60}\b(nevertheless|nonetheless|however|though|instead)\b", re.IGNORECASE)


def depends(sentence: str) -> bool:
    """Tell whether a sentence cannot be understood without the one before it."""
    return bool(_DEPENDS.match(sentence) or _TURNS.match(sentence))


def restricts(sentence: str) -> bool:
    """Tell whether a sentence takes something back from the one before it."""
    return bool(_RESTRICTS.match(sentence) or _TURNS.match(sentence))
