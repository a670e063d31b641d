"""What the gate found in; the words for the person who asked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.safety.languages import ENGLISH, language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qa.types import Safety

_ENGLISH = {
    "emergency": "What you describe may be an emergency.",
    "crisis": "I am sorry that it is this hard right now. You do not have to carry it alone, and help is there today.",
    "emergency_limits": (
        "This service only looks up texts. It cannot judge how ill someone is and nobody reads along, "
        "so please do not wait for an answer here."
    ),
    "crisis_limits": "This service only looks up texts and nobody reads along, so please turn to a person now.",
}


def message_for(safety: Safety, lang: str = ENGLISH) -> str:
    """Return what to do first, each flag's action once, and that this service is no help in an emergency.

    Empty for the level ``none``.

    :param lang: the language in which the flags' actions are.
    """
    if safety.level == "none":
        return ""
    texts: Mapping[str, str] = _ENGLISH if lang == ENGLISH else language(lang).texts
    actions = list(dict.fromkeys(flag.action for flag in safety.flags))
    return " ".join([texts[safety.level], *actions, texts[f"{safety.level}_limits"]])
