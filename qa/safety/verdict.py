"""What the safety gate says of a message."""

from __future__ import annotations

from dataclasses import dataclass

from qa.types import Safety


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """What raised a flag and the words that did, for a rule one stretch for each of its groups.

    ``rule_id`` is a rule's name, ``cry:`` with a language, ``own`` for a corpus' own flag, or ``classifier:`` with the
    flag; ``probability`` is the classifier's, and 1 for whatever matched word for word. The classifier cannot take back
    what is ``sure``.
    """

    flag_id: str
    rule_id: str
    evidence: tuple[str, ...]
    probability: float = 1.0
    sure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The flags of a message in the language ``lang``, and what raised them.

    ``at_once`` tells that a flag other than those of crises is among them: the emergency number comes first.
    """

    safety: Safety
    lang: str
    fired: tuple[Fired, ...]
    at_once: bool = False
