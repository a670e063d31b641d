"""A raw message in; the red flags that it shows, with the rules that saw them, out.

The first stage of every question: it knows nothing of the index, and always gives the same answer.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from qa.safety import context
from qa.safety.classifier import probability
from qa.safety.cries import cries
from qa.safety.languages import ENGLISH, choose, translated
from qa.safety.live import Live
from qa.safety.normalise import MAX_CHARACTERS, split
from qa.safety.raised import Raised
from qa.safety.recipes import recipes
from qa.safety.rules import FlagRules, Rule, load_flags, load_lexicon, load_phrases, read_data
from qa.safety.spelling import Speller
from qa.safety.tagger import Tagger
from qa.safety.verdict import Fired, Verdict
from qa.types import Flag, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qa.safety.classifier import Classifier
    from qa.safety.normalise import Words
    from qa.safety.stretches import Said, Stretch
    from qa.types import OwnFlag, SafetySwitches

_LONG_KEY = 8
_LONGEST_WORD = 40
# No honest message names one concept at more places; of a flood, the first and the last half are read.
_MOST_PLACES = 200
CRY, OWN = "cry:", "own"
# A message with such a share of the cue file's English words cries for help in no other language: to look in ten of
# them costs as much as all the rules.
_ENGLISH_SHARE = 0.25
# The least probability at which a rule is believed; those of crises are written to be taken at their word.
BELIEVED, CRISIS_BELIEVED = 0.3, 0.2
# What one sentence of many says must be plainer than what the whole message says, unless a rule fired too.
_ALONE = 0.7


_QUIET = Verdict(safety=Safety(level="none", flags=()), lang=ENGLISH, fired=())


class SafetyGate:
    """The compiled rules. One gate serves any number of threads: checking changes nothing in it."""

    def __init__(
        self,
        flags: tuple[FlagRules, ...],
        lexicon: Mapping[str, Sequence[str]],
        cues: Mapping[str, Sequence[str]],
        real_words: frozenset[str],
        misspellings: dict[str, str],
    ) -> None:
        """Compile; use :meth:`load` for the packaged rules."""
        self._flags = flags
        self._raised = Raised(flags)
        used = {c for flag in flags for rule in flag.rules for c in rule.unless.union(*rule.groups)}
        self._concepts = Tagger(lexicon, sorted(used))
        self._cues = Tagger({**lexicon, **cues}, [kind for kind in cues if kind not in {"breaks", "english"}])
        self._breaks = frozenset(cues["breaks"])
        self._english = frozenset(cues["english"])
        known = self._concepts.words | self._cues.words | real_words
        stems = self._concepts.stems + self._cues.stems
        # Short words have too many neighbours; those worth the risk are named in the lexicon.
        keys = {word for word in self._concepts.words if len(word) >= _LONG_KEY} | set(lexicon["spelling_keys"])
        self._spell = lru_cache(maxsize=1 << 14)(Speller(keys, known, stems, misspellings).correct)
        # The classifier reads what the rules have just read.
        self._mended = lru_cache(maxsize=64)(self._mend)
        self._own = Tagger({}, [])
        self._classifier: Classifier | None = None

    @classmethod
    def load(cls) -> SafetyGate:
        """Load and compile the packaged rules.

        :raises QaError: when the data files contradict one another.
        """
        for code in translated():
            recipes(code)  # read now, so that the first question does not wait for it
        lexicon = load_lexicon()
        cues = load_phrases("cues.toml")
        pairs = load_phrases("spelling.toml")["misspellings"]
        fixed = dict(pair.split("=", 1) for pair in pairs)
        real_words = frozenset(read_data("real_words.txt").split())
        return cls(load_flags(lexicon), lexicon, cues, real_words, fixed)

    def adapted(self, switches: SafetySwitches, classifier: Classifier | None = None) -> SafetyGate:
        """Return a gate for one corpus: the flags that it leaves on and its own, and what was trained with its index."""
        gate = copy(self)
        on = {"emergency": switches.flags, "crisis": switches.crisis}
        own = {f"own {flag.id}": [self._plain(text) for text in flag.wordings] for flag in switches.own}
        gate._raised = Raised([*map(_own, switches.own), *(rules for rules in self._flags if on[rules.level])])  # noqa: SLF001
        gate._own = Tagger(own, sorted(own))  # noqa: SLF001
        gate._classifier = classifier  # noqa: SLF001
        return gate

    def _plain(self, text: str) -> str:
        return " ".join(split(text, self._breaks).texts)

    def check(self, message: str) -> Safety:
        """Return the red flags that the rules see in the first 8 000 characters, the most urgent first."""
        return self.judge(message).safety

    def judge(self, message: str, *, lang: str | None = None, accepted: str | None = None) -> Verdict:
        """Return the red flags that the rules see and what raised them.

        :param lang: a BCP 47 tag to answer in; else the language of a cry for help: who cries shows what they read.
        :param accepted: the language where neither of them is known; else English.
        """
        return self._verdict(self.explain(message), lang, accepted)

    def weigh(self, message: str, said: Said, *, lang: str | None = None, accepted: str | None = None) -> Verdict:
        """Return what the rules see in a message and what the classifier makes of it.

        The classifier finds what the rules missed, and takes back a rule that fired on what is quite harmless as a whole.
        It cannot take back a sure rule, such as those of a plain overdose, a cry in another language or a corpus' own flag.

        :param said: the message; see :func:`qa.safety.stretches.stretches`.
        """
        alarming = self._most_alarming(said.parts, self._classifier) if self._classifier else None
        if self._classifier is None or alarming is None:
            return self.judge(message, lang=lang, accepted=accepted)
        fired = self.explain(message)
        if not any(_stands(each) for each in fired):
            found = self._found(*alarming, self._classifier)
            believed = self._believed(fired, alarming[0], found, whole=len(said.parts) == 1)
            fired = believed or self._still(fired, said, self._classifier)
        return self._verdict(fired, lang, accepted)

    def _still(self, fired: tuple[Fired, ...], said: Said, classifier: Classifier) -> tuple[Fired, ...]:
        """Return which of the rules that the message as a whole does not bear out are to be believed all the same.

        All are if one sentence by itself bears them out: it may be lost among others. So are those that fired in what the
        classifier has not read, and those that are sure.
        """
        alarming = self._most_alarming(said.sentences, classifier, alone=0) if fired else None
        if alarming and (believed := self._believed(fired, alarming[0], None, whole=False)):
            return believed
        unread = (
            {(each.flag_id, each.rule_id) for each in self.explain(said.unread)} if said.unread and fired else set()
        )
        return tuple(each for each in fired if each.sure or (each.flag_id, each.rule_id) in unread)

    def _believed(
        self, fired: tuple[Fired, ...], probable: float, found: Fired | None, *, whole: bool
    ) -> tuple[Fired, ...]:
        """Return what is raised where these rules fired and the classifier holds so much probable.

        :param found: the flag that the classifier raises by itself.
        :param whole: whether that is of the whole message rather than of one sentence.
        """
        if not fired:
            return (found,) if found else ()
        crisis = any(self.is_crisis(each.flag_id) for each in fired)
        if probable < (CRISIS_BELIEVED if crisis else BELIEVED):
            return ()
        # Who took too many tablets may have meant to. One sentence of many is too little to say so.
        adds = found is not None and whole and not crisis and self.is_crisis(found.flag_id)
        return (*fired, found) if found and adds else fired

    def _most_alarming(
        self, said: Sequence[Stretch], classifier: Classifier, *, alone: float = _ALONE
    ) -> tuple[float, Stretch] | None:
        """Return the most alarming of the stretches that have words, and the probability that it tells of an emergency.

        :param alone: by how much the log odds of any but the first are lowered.
        """
        read = [(number, stretch, self.read(stretch.text).texts) for number, stretch in enumerate(said)]
        weighed = [
            (classifier.log_odds(words, stretch.vector) - (alone if number else 0), stretch)
            for number, stretch, words in read
            if words
        ]
        if not weighed:
            return None
        log_odds, stretch = max(weighed, key=lambda each: each[0])
        return probability(log_odds), stretch

    def _found(self, probable: float, stretch: Stretch, classifier: Classifier) -> Fired | None:
        """Return the flag that the classifier raises by itself, if it does."""
        if probable < classifier.threshold:
            return None
        flag_id = classifier.flag(self.read(stretch.text).texts, stretch.vector)
        if flag_id not in self._raised.order:
            return None
        rule_id = f"classifier:{flag_id}"
        return Fired(flag_id=flag_id, rule_id=rule_id, evidence=(stretch.text,), probability=probable)

    def explain(self, message: str) -> tuple[Fired, ...]:
        """Return every rule and cry that raises a flag on ``message``, in the order of the flags, and its words."""
        order = self._raised.order
        fired = (*self._by_rules(self.read(message)), *self._cried(message))
        return tuple(sorted(fired, key=lambda each: order[each.flag_id]))

    def _cried(self, message: str) -> tuple[Fired, ...]:
        """Return the flags that a message in another language cries for, those of them that are switched on."""
        heard = None if self._is_english(self.read(message).texts) else cries(message)
        code, flags = heard or ("", {})
        raised = sorted(flags.keys() & self._raised.order.keys(), key=self._raised.order.__getitem__)
        return tuple(Fired(flag_id=flag, rule_id=f"{CRY}{code}", evidence=(flags[flag],)) for flag in raised)

    def _verdict(self, fired: tuple[Fired, ...], lang: str | None, accepted: str | None) -> Verdict:
        if not fired:
            return _QUIET
        cry = next((each.rule_id for each in fired if each.rule_id.startswith(CRY)), "")
        spoken = choose(lang) or cry.removeprefix(CRY) or choose(accepted) or ENGLISH
        flag_ids = {each.flag_id for each in fired}
        return Verdict(
            safety=self._raised.safety(flag_ids, spoken),
            lang=spoken,
            fired=fired,
            at_once=not all(map(self.is_crisis, flag_ids)),
        )

    def _is_english(self, words: Sequence[str]) -> bool:
        return sum(word in self._english for word in words) > _ENGLISH_SHARE * len(words)

    def is_crisis(self, flag_id: str) -> bool:
        """Tell whether a flag is one of a crisis."""
        return self._raised.is_crisis(flag_id)

    def read(self, message: str) -> Words:
        """Return the words of ``message`` as the rules and the classifier read them: folded, their slips mended."""
        return self._mended(message[:MAX_CHARACTERS])

    def _mend(self, message: str) -> Words:
        words = split(message, self._breaks)
        # What is longer than any word is no slip, and must not fill the memory of those that are.
        mended = (word if len(word) > _LONGEST_WORD else self._spell(word) for word in words.texts)
        return replace(words, texts=tuple(mended))

    def _by_rules(self, words: Words) -> Iterator[Fired]:
        own = self._own.find(words, _MOST_PLACES) if self._own.words else []
        matches = [*self._concepts.find(words, _MOST_PLACES), *own]
        if not matches:
            return
        live = Live(words, matches, context.read(words, self._cues.find(words), matches))
        for flag_id, rule in self._raised.candidates(live.present):
            evidence = live.evidence(rule)
            if evidence:
                yield Fired(flag_id=flag_id, rule_id=rule.id, evidence=evidence, sure=rule.sure)


def _stands(fired: Fired) -> bool:
    return fired.rule_id == OWN or fired.rule_id.startswith(CRY)


def _own(flag: OwnFlag) -> FlagRules:
    said = Rule(id=OWN, groups=(frozenset([f"own {flag.id}"]),), unless=frozenset(), within=0, even_if=frozenset())
    return FlagRules(flag=Flag(id=flag.id, title=flag.title, action=flag.action), level="emergency", rules=(said,))
