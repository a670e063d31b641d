"""The safety gate sees live red flags in what people write, and leaves alone what only looks like one."""

from __future__ import annotations

import json
from typing import TypedDict, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import safety
from qa.safety import SafetyGate, contacts_for, message_for
from qa.safety.contacts import load_rows
from qa.safety.rules import read_data
from qa.types import Flag, Safety, SafetyLevel

GATE = SafetyGate.load()


class Row(TypedDict):
    """A row of the packaged examples."""

    id: str
    positive: list[str]
    near_miss: list[str]
    known_misses: list[str]


ROWS = [cast("Row", json.loads(line)) for line in read_data("examples.jsonl").splitlines()]


def ids(message: str) -> set[str]:
    return {flag.id for flag in GATE.check(message).flags}


@pytest.mark.parametrize("message", [text for row in ROWS for text in row["positive"]])
def test_a_live_red_flag_is_seen(message: str) -> None:
    """Every positive wording in the data raises a flag."""
    assert GATE.check(message).level != "none"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_the_right_flag_is_seen(row: Row) -> None:
    """At least nine in ten of a flag's own wordings raise that flag, not only another."""
    seen = sum(row["id"] in ids(text) for text in row["positive"])
    assert seen >= 0.9 * len(row["positive"])


@pytest.mark.parametrize("message", [text for row in ROWS for text in row["near_miss"]])
def test_a_near_miss_is_left_alone(message: str) -> None:
    """No near miss in the data raises a flag."""
    assert GATE.explain(message) == ()


@pytest.mark.parametrize("message", [text for row in ROWS for text in row["known_misses"]])
def test_known_misses_are_still_missed(message: str) -> None:
    """What the rules are known to miss is listed as such; a rule that mends one moves it to the positives."""
    assert GATE.check(message).level == "none"


OWN_WORDINGS = [
    ("heart-attack", "cant breath and chets is tight like a belt, left arm tingling"),
    ("heart-attack", "my granddad is clutching his chest and dripping with sweat"),
    ("heart-attack", "tightness across my ribs and chest going up into my jaw, came on mowing the lawn"),
    ("stroke", "gran's mouth is hanging on the left and she can't get her words out"),
    ("stroke", "half my vision vanished suddenly"),
    ("seizure", "help she's convulsing and won't come round"),
    ("overdose", "my mate took too many xanax and cant be woken"),
    ("overdose", "gave my baby ten times the dose of calpol"),
    ("suicidal", "hav been thinkin bout suiside all week"),
    ("suicidal", "i just dont want to be here anymore"),
    ("meningitis", "daughter 8 temperature of 40 and she cant move her neck"),
    ("meningitis", "my flatmate has a temp of 39.5, is confused and has a purple rash"),
    ("cauda-equina", "since my back went i cant feel when i need to wee"),
    ("rhabdomyolysis", "urine the colour of coca cola two days after a spin class"),
    ("dvt-pe", "one calf is bigger than the other and really tender"),
    ("heat-stroke", "left the baby in the car, she's limp and boiling"),
    ("anaphylaxis", "my tongue is getting bigger after eating cashews"),
    ("dystonic-reaction", "ever since the stemetil my head keeps pulling to one side"),
    ("poisoning", "toddler bit into a dishwasher tablet"),
    ("venom", "redback got me on the finger, now sweating and my tummy is cramping"),
    ("preeclampsia-eclampsia", "37 weeks, sparkly lights in my vision and my head is pounding"),
    ("acute-limb-ischaemia", "can't feel a pulse in my foot and it's gone pale"),
    ("compartment-syndrome", "fractured my forearm, cast is tight and fingers are tingling and white"),
    ("tetanus", "cut my hand in the garden last week and now i can barely open my mouth"),
    ("infantile-spasms", "our 7 month old does these little head nods over and over when she wakes up"),
    ("rigid-fever", "on sertraline and took molly, can't stop shaking, boiling hot and agitated"),
    ("electrolyte-crisis", "doctor rang to say my potassium is 2.1"),
]


@pytest.mark.parametrize(("flag", "message"), OWN_WORDINGS)
def test_other_wordings_raise_the_flag(flag: str, message: str) -> None:
    """A flag is seen in wordings that are not in the data: parents, carers, teenagers, text-speak."""
    assert flag in ids(message)


QUIET = [
    "what are the symptoms of meningitis",
    "what does a heart attack feel like",
    "can dehydration cause dark urine?",
    "had a seizure when i was 12, can i swim?",
    "my grandad had a stroke in 2015, is swimming safe for him",
    "no chest pain, just sore calves",
    "no fever, rash or stiff neck, only a headache",
    "my urine is not brown",
    "if my leg turned cold and white what would that mean?",
    "in my novel the hero is bitten by a snake, what would happen?",
    "leg day was murder, my quads are killing me",
    "the gym session nearly gave me a heart attack lol",
    "i was dehydrated and my pee was dark but it's clear now",
    "chest muscles sore after bench press yesterday",
    "took 2 ibuprofen for my cramps, can i take more",
    "i'm 26 weeks pregnant and my calves cramp at night",
    "my thigh has been twitching for two days",
    "cramp in my hamstring woke me up at 4am",
    "could low potassium cause my leg cramps",
    "chess and checking the weather",
]


@pytest.mark.parametrize("message", QUIET)
def test_everyday_questions_raise_nothing(message: str) -> None:
    """Knowledge, history, negation, hypothesis, fiction, idiom and everyday cramps are left alone."""
    assert GATE.explain(message) == ()


@pytest.mark.parametrize(
    "written",
    [
        "I can't breathe and my chest is tight",
        "I can’t breathe and my chest is tight",
        "i cant breathe n my chest is tight",
        "I CAN NOT BREATHE AND MY CHEST IS TIGHT",
        "i cant breath, chets is tiight",
        "Ｉ can't breathe and my ｃｈｅｓｔ is tight",
        "I can't brea\u200bthe and my che\u00adst is tight",
        "i can't breeeeathe and my chesttttt is tight",
        "i can't breathe\n\nmy chest\nis tight",
    ],
    ids=["plain", "curly", "no-apostrophe", "capitals", "typos", "full-width", "invisible", "stretched", "lines"],
)
def test_the_way_it_is_written_does_not_matter(written: str) -> None:
    """Apostrophes, case, width, invisible characters, stretched letters, slips and line breaks change nothing."""
    assert "heart-attack" in ids(written)


@pytest.mark.parametrize(
    ("quiet", "live"),
    [
        ("I had a heart attack in 2019.", "I had a heart attack in 2019, now my chest is tight and my arm is numb"),
        ("what are the signs of a stroke?", "what are the signs of a stroke? my mum's face is drooping"),
        ("these cramps are killing me", "these cramps are killing me and I want to kill myself"),
        ("no chest pain, arm is fine", "no fever but my chest is crushing and my jaw hurts"),
        ("my stiff neck and fever went away", "my rash went away but now I have a stiff neck and fever"),
    ],
)
def test_a_near_miss_does_not_hide_a_live_flag(quiet: str, live: str) -> None:
    """A message that holds both a near miss and a live flag is an emergency."""
    assert GATE.explain(quiet) == ()
    assert GATE.check(live).level != "none"


def test_what_has_passed_counts_for_a_stroke_only_where_it_must() -> None:
    """A resolved stroke sign is an emergency still; a resolved stiff neck is not."""
    assert "stroke" in ids("my face drooped and i couldnt talk for ten minutes, fine now")
    assert ids("i had a stiff neck and a fever, all gone now") == set()


def test_levels_and_order() -> None:
    """Only a crisis flag makes a crisis; any other flag makes an emergency, the most urgent first."""
    assert GATE.check("i want to die").level == "crisis"
    both = GATE.check("i want to die so i took 40 paracetamol")
    assert both.level == "emergency"
    assert [flag.id for flag in both.flags] == ["overdose", "suicidal"]
    assert GATE.check("how do I stretch my calves?") == Safety(level="none", flags=())


def test_only_the_first_characters_are_read() -> None:
    """What stands after the first 8 000 characters is not read."""
    flag = " my face is drooping"
    assert GATE.check("x" * 7_900 + flag).level == "emergency"
    assert GATE.check("x" * 8_000 + flag).level == "none"


def test_a_match_can_be_explained() -> None:
    """Each rule that fired is named with the words that made it."""
    (fired, *_) = GATE.explain("my wife's face has dropped")
    assert (fired.flag_id, fired.rule_id, fired.evidence) == ("stroke", "face-droop", ("face has dropped",))


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.text(), st.lists(st.sampled_from([*QUIET, "no", "if", "²", "½", "years ago", "①"])).map(" ".join)))
def test_any_text_gets_the_same_answer_twice(message: str) -> None:
    """Checking raises on no text, is deterministic, and has flags exactly when there is a level."""
    found = GATE.check(message)
    assert found == GATE.check(message)
    assert (found.level == "none") == (found.flags == ())


def test_every_rule_has_an_id_of_its_own() -> None:
    """Rule ids are unique within a flag, and the flags of rules and examples are the same."""
    flags = [rules.flag.id for rules in GATE._flags]
    assert sorted(flags) == sorted(row["id"] for row in ROWS)
    for rules in GATE._flags:
        names = [rule.id for rule in rules.rules]
        assert len(names) == len(set(names))


def test_every_contact_names_its_source() -> None:
    """Each row says where the number was seen and when it was put in; each but the generic has a number."""
    for row in load_rows():
        assert row["source"]
        assert row["checked"].count("-") == 2
        assert ("phone" in row) == (row["kind"] != "generic")


@pytest.mark.parametrize("level", ["emergency", "crisis"])
@pytest.mark.parametrize("region", [None, "GB", "gb", "IE", "US", "CA", "AU", "FR", "SE", "NO", "CH", "NZ", "ZZ", ""])
def test_there_is_always_somebody_to_call(level: SafetyLevel, region: str | None) -> None:
    """Contacts are never empty, and a region without a seen emergency number has the generic line."""
    contacts = contacts_for(level, region)
    assert contacts
    known = {"GB": "999", "IE": "112", "US": "911", "AU": "000", "FR": "112", "SE": "112"}.get((region or "").upper())
    phones = {contact.phone for contact in contacts}
    if known:
        assert known in phones
    else:
        assert any("112 in Europe" in contact.name and contact.region is None for contact in contacts)


def test_who_comes_first() -> None:
    """The emergency number comes first in an emergency, the crisis line in a crisis; nobody where nothing is wrong."""
    assert [contact.phone for contact in contacts_for("emergency", "US")] == ["911", "1-800-222-1222"]
    assert [contact.phone for contact in contacts_for("crisis", "GB")] == ["116 123", "999"]
    assert contacts_for("none", "GB") == ()


def test_the_message_says_what_to_do() -> None:
    """The words hold each action and say that nobody answers here; without a flag there are none."""
    flag = Flag(id="x", title="X", action="Call the emergency number now.")
    for level in ("emergency", "crisis"):
        words = message_for(Safety(level=cast("SafetyLevel", level), flags=(flag, flag)))
        assert words.count(flag.action) == 1
        assert "nobody reads along" in words
    assert message_for(Safety(level="none", flags=())) == ""


def test_the_public_names() -> None:
    """The package exports what it says, and nothing is missing."""
    assert all(hasattr(safety, name) for name in safety.__all__)
