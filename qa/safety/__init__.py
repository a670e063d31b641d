"""A raw message in; red flags, whom to call and what to say out. Runs before anything is looked up."""

from qa.safety.contacts import contacts_for
from qa.safety.gate import SafetyGate
from qa.safety.languages import accepted
from qa.safety.messages import message_for
from qa.safety.own import check_own_flags
from qa.safety.stretches import Said, is_long, stretches
from qa.safety.verdict import Fired, Verdict

__all__ = [
    "Fired",
    "SafetyGate",
    "Said",
    "Verdict",
    "accepted",
    "check_own_flags",
    "contacts_for",
    "is_long",
    "message_for",
    "stretches",
]
