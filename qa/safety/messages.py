"""What the gate found in; the words for the person who asked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.types import Safety

_EMERGENCY = "What you describe may be an emergency."
_CRISIS = "I am sorry that it is this hard right now. You do not have to carry it alone, and help is there today."
_LIMITS = {
    "emergency": (
        "This service only looks up texts. It cannot judge how ill someone is and nobody reads along, "
        "so please do not wait for an answer here."
    ),
    "crisis": "This service only looks up texts and nobody reads along, so please turn to a person now.",
}


def message_for(safety: Safety) -> str:
    """Return what to do first, each flag's action once, and that this service is no help in an emergency.

    Empty for the level ``none``.
    """
    if safety.level == "none":
        return ""
    opening = _CRISIS if safety.level == "crisis" else _EMERGENCY
    actions = list(dict.fromkeys(flag.action for flag in safety.flags))
    return " ".join([opening, *actions, _LIMITS[safety.level]])
