"""The safety gate sees live red flags in what people write, and leaves alone what only looks like one."""

from __future__ import annotations

import sys
import timeit
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import safety
from qa.safety import SafetyGate, contacts_for, message_for
from qa.safety.contacts import load_rows as load_contacts
from qa.safety.normalise import fold, split
from qa.safety.phrases import parse
from qa.safety.rules import load_rows
from qa.safety.tagger import Match, Tagger
from qa.types import Flag, Safety, SafetyLevel

if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Protocol

    from qa.safety.normalise import Words
    from qa.safety.phrases import Phrase
    from qa.safety.rules import FlagRow

    class TraceFunction(Protocol):
        """What :func:`sys.settrace` takes."""

        def __call__(self, frame: FrameType, event: str, arg: Any, /) -> TraceFunction | None: ...


GATE = SafetyGate.load()


ROWS = load_rows()


def ids(message: str) -> set[str]:
    return {flag.id for flag in GATE.check(message).flags}


# The rules alone miss these; the classifier finds them (test_safety_classifier.py).
KNOWN_MISSES = {
    "mum has a water infection and now shes breathing fast and not making sense",
    "how do i hide from my mum that im not eating",
}


@pytest.mark.parametrize("message", [text for row in ROWS for text in row["wordings"]])
def test_a_live_red_flag_is_seen(message: str) -> None:
    """Every wording in the reviewed file raises a flag, but for those that the rules are known to miss."""
    assert (GATE.check(message).level == "none") == (message in KNOWN_MISSES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_the_right_flag_is_seen(row: FlagRow) -> None:
    """All but one of a flag's wordings raise that flag, not only another."""
    assert sum(row["id"] not in ids(text) for text in row["wordings"]) <= 1


@pytest.mark.parametrize("message", [text for row in ROWS for text in row["near_misses"]])
def test_a_near_miss_is_left_alone(message: str) -> None:
    """No near miss in the reviewed file raises a flag."""
    assert GATE.explain(message) == ()


CLASSES = [
    "trapped nerve muscle spasm",
    "trapped nerve in my shoulder and my arm muscles twitch",
    "does vitamin K2 help night leg cramps?",
    "is it ok to take K2 for cramps with a blood thinner",
    "will I need blood or urine tests for my cramps",
    "they checked my blood and wee for sore muscles",
    "how do I cut off the heads of some fish",
    "cold water swim for 30 minutes and then cramp in my calf",
    "I worry about exposure to lead from the tap, the level was 30",
    "Whom can you call about suicidal thoughts or an overdose?",
]


@pytest.mark.parametrize("message", CLASSES)
def test_words_with_two_meanings_raise_nothing(message: str) -> None:
    """A trapped nerve is no crush, a vitamin no blood value, a blood test no blood in the urine."""
    assert GATE.explain(message) == ()


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("electrolyte-crisis", "lab says my k is 6.8"),
        ("electrolyte-crisis", "K 2.3 on the blood test and my heart is fluttering"),
        ("rhabdomyolysis", "blood in my urine and my thighs are swollen after squats"),
        ("bleeding", "the saw took two fingers off"),
        ("hypothermia", "he was in cold water for 30 minutes and is mumbling"),
    ],
)
def test_the_other_meaning_still_does(flag: str, message: str) -> None:
    """What those words also mean is still seen."""
    assert flag in ids(message)


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
    ("anaphylaxis", "my lil brother ate a peanut butter cookie and his lips r huge now and hes wheezing what do i do"),
    ("anaphylaxis", "just had shrimp, came out in welts all over and feel like im gonna pass out"),
    ("heart-attack", "is it heartburn or a heart attack, pressure in my chest for an hour going down my left arm"),
    ("heart-attack", "crushing feeling in chest cant catch my breath"),
    ("stroke", "woke up and my right arm wont move and i cant talk properly"),
    ("stroke", "sudden worst headache of my life, like being hit with a hammer"),
    ("seizure", "my gf is shaking all over, eyes rolled back, not responding"),
    ("seizure", "i think my dad is having a seizure right now"),
    ("overdose", "2yo got into grandmas heart pills idk how many"),
    ("overdose", "accidentally gave him 10ml of insulin instead of 10 units"),
    ("poisoning", "dog isnt the problem my kid ate the rat poison too"),
    ("heat-stroke", "he collapsed at mile 20 of the marathon, hot skin and talking nonsense"),
    ("heat-stroke", "football practise in full sun, my son threw up, got cramps and is now acting drunk"),
    ("meningitis", "splitting headache stiff neck fever and throwing up"),
    ("preeclampsia-eclampsia", "34 weeks pregnant bad headache and seeing flashing lights"),
    ("preeclampsia-eclampsia", "had my baby 4 days ago, bp 170/110 and blurry vision"),
    ("rigid-fever", "mixed tramadol with my ssri and now im shaking sweating and my heart is racing"),
    ("acute-limb-ischaemia", "my foot suddenly went white and cold and it really hurts"),
    ("acute-limb-ischaemia", "leg went cold n numb out of nowhere its turning purple toes"),
    ("compartment-syndrome", "son's cast is too tight, his fingers are blue and he screams when we move them"),
    ("tetanus", "jaw wont open and neck spasms after a dirty cut last week"),
    ("cauda-equina", "lower back pain, both legs weak and i wet myself without knowing"),
    ("cauda-equina", "my partner hurt his back lifting and now his bum and private parts are numb"),
    ("rhabdomyolysis", "peeing brown after a marathon and my legs are so weak i cant stand"),
    ("rhabdomyolysis", "my dad was on the floor for 12 hours after a fall and his urine is brown"),
    ("dvt-pe", "calf pain for days and now i cant breathe properly and coughing up blood"),
    ("electrolyte-crisis", "my hands are locked in a claw and face tingling since my thyroid was taken out"),
    ("electrolyte-crisis", "addisons, been vomiting all night and cant keep my steroids down"),
    ("infantile-spasms", "baby drops her head and pulls knees up again and again after naps"),
    ("dystonic-reaction", "took metoclopramide and now my neck is twisted and tongue wont go back in"),
    ("venom", "bit by a black widow, stomach is rock hard and cramps spreading"),
    ("anaphylaxis", "lips tingling and puffing up after a cashew, voice going funny"),
    ("heart-attack", "my mum says her chest is tight and she feels sick"),
    ("stroke", "grandpas left arm just dropped and hes mumbling"),
    ("seizure", "kid has fever and is shaking and not responding"),
    ("overdose", "drank a bottle of calpol my 3 year old did"),
    ("poisoning", "my mate drank antifreeze for a dare"),
    ("heat-stroke", "runner down at the race, boiling skin, doesnt know his name"),
    ("meningitis", "fever 40 and neck so stiff he cant look down"),
    ("rigid-fever", "my brother is on clozapine, hes rigid, sweating and confused"),
    ("acute-limb-ischaemia", "no feeling in foot, its cold and mottled"),
    ("tetanus", "jaw is clamped shut after i got a thorn in my thumb"),
    ("cauda-equina", "back pain and now both feet are numb and i havent peed all day"),
    ("dvt-pe", "left calf warm and fat since my flight"),
    ("electrolyte-crisis", "vomiting 4 days and now my muscles keep twitching and heart is fluttering"),
    ("infantile-spasms", "baby nods head again and again every time she wakes"),
    ("dystonic-reaction", "since the haldol shot his jaw is pulled to one side"),
    ("heart-attack", "my husband has chest pains and wont go to hospital, he says its trapped wind"),
    ("poisoning", "whole family has headaches and feels dizzy since the boiler came on and the co alarm is going"),
    ("meningitis", "newborn floppy, high pitched cry and the soft spot is bulging"),
    (
        "compartment-syndrome",
        "passed out drunk on my arm all night now its swollen tight as a drum and i cant feel my hand",
    ),
    ("rhabdomyolysis", "is dark tea coloured urine bad, cant bend my arms after 200 pushups"),
    ("infantile-spasms", "our 5mo has jerks in a row on waking and has stopped smiling"),
    ("poisoning", "kiddo licked slug pellets"),
]


@pytest.mark.parametrize(("flag", "message"), OWN_WORDINGS)
def test_other_wordings_raise_the_flag(flag: str, message: str) -> None:
    """A flag is seen in wordings that are not in the data: parents, carers, teenagers, text-speak."""
    assert flag in ids(message)


CRISES = [
    "im done. going to take all my pills tonight",
    "my best friend just texted me goodbye and that shes sorry for everything",
    "i keep thinking about jumping off the bridge",
    "wish i could go to sleep and never wake up",
    "everyone would be better off without me",
    "my daughter says she wants to hurt herself",
    "nothing left to live for, ive written the note",
    "my mate said hes gonna kill himself tonight",
    "i cant be here any more im so tired",
    "im planning my death",
    "ive been cutting my arms to cope",
    "what would happen if i took all my sleeping pills at once",
    "he left a suicide note",
    "i dont think i can keep myself safe",
    "i wont be here next week so it doesnt matter",
    "i think my sister is suicidal what do i do",
    "im going to overdose",
    "dont wanna live anymore tbh",
    "my boyfriend threatened to hang himself",
    "ready to go, said my goodbyes",
    "wanna cut so bad",
    "my kid wrote that he wishes he was never born",
    "i cant keep living like this",
    "whats the least painful way to go",
    "im scared my husband is going to do something stupid, he bought a gun and keeps saying we will be ok without him",
    "the urge to cut is so strong right now",
    "sat on the train tracks dont try stop me",
    "life is pointless and i want out",
    "my teen told her friend she wants to be dead",
    "nobody would even notice if i was gone",
    "i relapsed and started cutting again",
    "been feeling suicidal for days because of the pain",
    "i hope i dont wake up tomorrow",
    "by the time you read this ill be gone",
    "is 30 codeine enough to kill me",
    "he says hes got nothing to live for since mum died",
    "thinking of driving into a tree",
    "i tried to kill myself last night",
    "i cant do life any more",
    "i hate myself and want to disappear",
    "voices telling me to kill myself",
    "he took a knife and locked himself in the bathroom saying he wants to die",
    "i dont want to be alive any more",
    "my brother says he has a plan to kill himself",
    "how many tylenol would it take to end it",
    "i just want to die already",
    "shes locked in her room with a blade",
    "my dad keeps talking about ending his life",
    "i feel like theres no way out",
    "im not gonna make it through the night i want it over",
    "whats the point in living with this pain",
    "ive been googling ways to die",
    "he told me hes thought about how he would do it, suicide i mean",
    "ive decided to end things tonight",
    "i feel like hurting myself",
    "i dont see a reason to keep going",
    "i just want everything to stop, i want to be gone",
    "how do i tell my mum i want to die",
    "this is my last message, tell my kids i love them",
    "my son keeps saying he doesnt want to exist",
    "im not safe with myself tonight",
    "theres no point in being here",
    "my friend is self harming what should i do",
]


@pytest.mark.parametrize("message", CRISES)
def test_a_crisis_is_seen(message: str) -> None:
    """Intent, plans, means, urges, goodbyes and worries about others raise a crisis flag."""
    assert ids(message) & {"suicidal", "self-harm"}


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
    "magnesium deficiency cramps",
    "low calcium leg cramps",
    "low sodium cramp athletes",
    "hypokalemia leg cramps",
    "potassium low twitching",
    "calf cramp night",
    "night leg cramp remedy",
    "foot cramp swimming",
    "pregnancy leg cramps magnesium",
    "leg cramps statins",
    "statin muscle pain",
    "cramps diuretic potassium",
    "calve cramps running marathon salt",
    "I get cramp in both calves when I swim. What should I do before getting in the water?",
    "My thighs go numb when I sit on the toilet scrolling my phone. Is that normal?",
    "My bum goes numb on long bike rides. Which saddle would help?",
    "My legs ache when I walk and ease when I stop. Is this claudication?",
    "I've had peripheral artery disease for six years and my calves cramp when I walk. Which exercises help?",
    "My buttocks burn and go tingly after walking ten minutes, it goes when I sit down. It's been two years.",
    "I have spinal stenosis and my legs get tired when walking. Would cycling be better?",
    "Dad has sciatica and gets cramp in his calf at night. Any stretches?",
    "I sit at a desk all day and my back gets tight. What stretch helps?",
    "My toddler wakes with growing pains in her legs. Should I massage them?",
    "My son, 9, gets leg cramps after football. Does he need more salt?",
    "My daughter gets foot cramps in ballet class. Why?",
    "My baby kicks a lot when I have leg cramps, is that linked?",
    "I'm 30 weeks pregnant and get cramp in my calf every night. Can I take magnesium?",
    "I'm 22 weeks and my feet swell a bit by evening. Do compression socks help cramps?",
    "Is it safe to take magnesium while pregnant for leg cramps?",
    "I had a baby two months ago and still get leg cramps when breastfeeding at night.",
    "24 weeks pregnant and the midwife says my iron is low. Could that cause cramp?",
    "Can I take paracetamol for cramp when I'm pregnant?",
    "What is the best sleeping position at 35 weeks to avoid leg cramps?",
    "I take atorvastatin and my thighs ache a bit after walking. Should I mention it to my doctor?",
    "My water tablets give me cramp at night. Should I ask about potassium?",
    "I'm on furosemide and get leg cramps. Would bananas help?",
    "Does salbutamol cause hand cramps?",
    "I take amlodipine and my ankles are a bit puffy. Could that cause cramps?",
    "Started the pill last month and I get cramp in my feet. Is that a side effect?",
    "My doctor stopped my quinine. What else works for night cramps?",
    "How many magnesium tablets can I take a day?",
    "I've got MS and my legs stiffen at night. What helps spasticity?",
    "I'm on dialysis and get cramps during the session. Why does that happen?",
    "I have fibromyalgia and my muscles are sore all over every day. Would swimming help?",
    "My fingers lock up after knitting for hours. What stretches help?",
    "My jaw clicks when I chew and feels tight in the morning. Could I be grinding my teeth?",
    "My abs cramped up during sit ups. How do I stop it?",
    "My legs were like jelly after leg day, is more protein the answer?",
    "I get cramp in the last ten minutes of every match. What should I drink?",
    "I cramp up in cold water when I swim in the sea. How do I warm up?",
    "My toes go white and numb in winter, I've had Raynaud's since I was a teen. Does it cause cramp?",
    "My physio says my calf strain is grade 1. How long does it take?",
    "I stand all day as a waitress and my legs ache by night. What helps?",
    "My pee is bright yellow since I started vitamin B. Is that normal?",
    "can u get cramps from not drinkin enuf water",
    "why do i get cramps in my foot when i point my toes",
    "got cramp in my foot rn how do i make it stop",
    "my neck is stiff from sleeping funny, what stretch helps",
    "had flu last week, legs still ache",
    "I have a fever of 38 and my body aches. Is it flu?",
    "I get pins and needles in my fingers when I type. Carpal tunnel?",
    "My knee gives way going downstairs. Which exercises help?",
    "I pulled a muscle in my chest at the gym and it is sore to touch. How long will it take?",
    "My period cramps are really bad this month. Would a heat pad help?",
    "I'm dying for a coffee but does caffeine cause cramps?",
    "I could murder a curry, do spicy foods cause cramps",
    "How does suicide prevention training work?",
    "I gave up on stretching, does it even help night cramps?",
    "End of my life as a runner? Calf strain number three.",
    "I had enough of these cramps, what works fastest?",
    "I cut myself shaving and my calf cramps. Are they linked?",
    "I take all my pills in the morning, could that cause night cramps?",
    "What dose of ibuprofen is dangerous?",
    "Is there a plan for building up mileage without cramp?",
    "I used to self-harm years ago. Do scars make muscles tight?",
    "sodium potasium magnesium cramp diffrence",
    "calcium defficiency hand spasms",
    "pregnant hip cramps",
    "sciatica numb foot",
    "rhabdo symptoms squats",
    "tetanus jab sore arm",
    "spider bite itchy",
    "swollen ankles pregnancy normal",
    "metoclopramide side effects",
    "hand spasm typing",
    "My calf has felt a bit tight and sore since Sunday's run, is a massage gun ok?",
    "hamstring injury, muscles stiff, foam roller ok?",
    "seized up neck after driving",
    "My baby is 5 months old and I get calf cramps when feeding her at night",
    "Our son keeps dropping his head when he falls asleep in the car seat, he's four years old",
    "I don't want to go on statins, are there other options for cholesterol?",
    "I never want to run a marathon again",
    "I cut my toenails and my foot cramped",
    "I keep thinking about jumping back into training",
    "I'm ready to give up sugar to stop cramps",
    "The physio said goodbye and wished me luck",
    "Do they sell a jump rope for beginners?",
    "Driving into town makes my right calf cramp",
    "I would rather die than give up cycling lol",
    "He wants to be gone by six so quick stretch?",
    "How many bananas would it take to end the cramps?",
    "high potassium foods",
    "doctor says my magnesium is slightly low, would supplements stop my cramps?",
    "potassium supplement leg cramp dose",
    "Is cramp after the flu normal, my legs ache every night",
    "Is it normal for a newborn to jerk in her sleep?",
    "my feet go numb on the elliptical",
    "bottom gets sore and numb on my turbo trainer",
    "I wee a lot at night and get cramps",
    "sunburn on legs with cramp",
    "took my tablets with breakfast and got a cramp an hour later",
    "I take both my blood pressure tablets together at night. Do they cause cramps?",
    "what electrolyte powder is best for a toddler with a tummy bug",
    "eye twitch for two weeks stress",
    "my lips tingle after spicy food",
    "cramp under left breast when bending tying shoes",
    "hands cramp when cold",
    "my leg is blue from a bruise after football, arnica?",
    "my uncle has Parkinson's and his foot cramps at night",
    "How do I stop shaking after a heavy squat set?",
    "is my sore calf a strain or just cramp",
    "piriformis syndrome buttock pain sitting",
    "meds for spasticity after stroke rehab",
    "writer's cramp therapy near me",
    "hangover leg cramps",
    "what happens if I take all my vitamins at once a day",
    "I take every pill with food but still cramp",
    "my friend keeps saying she is fine without him",
    "I'd be happier without these cramps",
    "we would be ok without heating but my feet cramp",
    "everyone says goodbye to their knees after forty",
    "I messaged my coach goodbye and sorry, my calf cramp ended it",
    "life is pointless without running lol",
    "no point in stretching, is there?",
    "what is the point of magnesium",
    "any reason to keep taking quinine?",
    "I see no reason to go on a low salt diet",
    "want to be gone with this cramp",
    "I feel like cutting carbs to fix it",
    "urge to move my legs at night",
    "I cut the plaster off my arm and it itches",
    "I keep cutting my leg when shaving",
    "scared of doing something stupid to my knee when lifting",
    "Is it ok to jump into cold water after cramp",
    "I walk into town and my calf aches",
    "thinking about jumping into triathlon",
    "I got bitten by a mosquito and my leg itches",
    "my tablets are lined up for the week, which one causes cramps",
    "he gave away his running shoes after the cramp",
    "I trust myself around heavy weights",
    "I can't do squats any more",
    "I can't face another night of cramps",
    "not sleeping due to cramps, exhausted",
    "my grandma is 80 and gets hand cramps when sewing",
    "mum's ankle aches in the rain",
    "tight hamstring after deadlifts",
    "my trap muscle is in knots",
    "my calf popped and now has a bruise, can I run in a week?",
    "voice coach told me to relax my jaw",
    "i locked my knee and it hurts",
    "is there a plan to make ibuprofen cheaper",
    "we are planning my grandad's birthday, he has leg cramps",
    "My back is tight and I need to wee a lot since drinking more water",
    "Is twitching after exercise dangerous, I did legs yesterday",
    "are muscle relaxants addictive, I was given three days of them",
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
    """One crisis flag makes a crisis; flags stand in order, the most urgent first."""
    assert GATE.check("i want to die").level == "crisis"
    both = GATE.check("i want to die so i took 40 paracetamol")
    assert both.level == "crisis"
    assert [flag.id for flag in both.flags] == ["overdose", "suicidal"]
    assert GATE.judge("i want to die so i took 40 paracetamol").at_once
    assert not GATE.judge("i want to die").at_once
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


def lines_run(message: str) -> int:
    """Return how many lines of the gate run to read ``message``: its work, whatever the machine."""
    lines = 0

    def trace(frame: FrameType, event: str, _: object) -> TraceFunction | None:
        nonlocal lines
        if "safety" not in frame.f_code.co_filename:
            return None
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        GATE.explain(message)
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize(
    "flood",
    [
        *("cant cant my leg numb ", "cant ", "my ", "i took 5 ", "hand hand cant cant ", "not cant leg cold white "),
        *("what, ", "no, or ", "fine now. ", "in 2019, ", "and can ", "pain leg ", "a,", "1 ", "chest pain arm left "),
        *("ﷺ ", "bebe ", "pecho brazo ", "宝宝", "لسان "),
    ],
)
def test_a_flood_costs_little(flood: str) -> None:
    """No 8 000 characters of the same words cost more than a fixed amount of work for each character."""
    assert lines_run((flood * 8_000)[:8_000]) < 60 * 8_000


@pytest.mark.parametrize("letter", ["ﷺ", "㍿", "한", "ΐ", "a\u0301\u0316"])
def test_folding_makes_no_message_longer(letter: str) -> None:
    """A character that stands for eighteen makes no more of 8 000 than 8 000."""
    assert 0 < len(fold(letter * 8_000)) <= 8_000


def test_marks_in_any_order_cost_the_same() -> None:
    """Thousands of marks on one letter are not put in order one by one."""
    marks = "\u0316" * 4_000 + "\u0301" * 3_999
    sorted_, unsorted = (min(timeit.repeat(partial(fold, text), number=1)) for text in (f"a{marks}", f"a{marks[::-1]}"))
    assert unsorted < 10 * sorted_
    assert fold(f"a{marks[::-1]}") == "a"


def test_endless_words_are_not_kept() -> None:
    """The words whose spelling is remembered are words."""
    GATE.read("chset pian")
    kept = GATE._spell.cache_info().currsize
    assert GATE.read("x7y" * 20 + " " + "ab" * 2_000).texts[-1] == "ab" * 2_000
    assert GATE._spell.cache_info().currsize <= kept + 40


BUSY_WORDS = ["cant", "my", "leg", "numb", "hand", "no", "or", ",", ".", "5", "took", "what", "years ago", "fine now"]


@settings(deadline=None, max_examples=12)
@given(st.lists(st.sampled_from(BUSY_WORDS), min_size=1, max_size=60))
def test_no_mixture_of_words_costs_much(pattern: list[str]) -> None:
    """Neither do words that each begin many phrases, in any order."""
    assert lines_run(" ".join(pattern * 4_000)[:8_000]) < 60 * 8_000


SMALL = {
    "x": ["a ~ b", "a b", "b|c ~3 a|d", "not ~ a", "a b*", "#2..5 a"],
    "y": ["a", "c_d|b a", "a ~1 b ~1 c"],
}


def plain_end(words: Words, phrase: Phrase, at: int) -> int:
    """Return the end of the shortest match at word ``at``, 0 for none, by trying one word after another."""
    if not phrase:
        return at
    element, rest = phrase[0], phrase[1:]
    for start in range(at, min(at + element.gap + 1, len(words))):
        word = words.texts[start]
        if not element.gap:
            low, high = element.numbers or (1, 0)
            fits = (
                word in element.names
                or any(word.startswith(name[:-1]) for name in element.names if name[-1] == "*")
                or (word.isdigit() and low <= int(word) <= high)
            )
            return plain_end(words, rest, start + 1) if fits else 0
        if words.sentences[start] != words.sentences[at - 1]:
            return 0
        end = plain_end(words, rest, start)
        if end or word == "not":
            return end
    return 0


@given(st.lists(st.sampled_from(["a", "b", "c", "d", "not", "3", "9", "bb", ".", ","]), max_size=30))
def test_the_places_of_a_phrase_are_those_of_a_plain_reading(pieces: list[str]) -> None:
    """Testing all places at once finds a phrase at the same words as trying each word in turn."""
    words = split(" ".join(pieces), frozenset())
    plain = {
        Match(concept=concept, start=start, end=end)
        for concept, sources in SMALL.items()
        for source in sources
        for phrase in parse(source, SMALL)
        for start in range(len(words))
        if (end := plain_end(words, phrase, start))
    }
    assert set(Tagger(SMALL, ["x", "y"]).find(words)) == plain


def test_of_a_flood_the_first_and_the_last_places_are_kept() -> None:
    """A concept named at more places than may be kept loses those in the middle."""
    found = Tagger({"x": ["a"]}, ["x"]).find(split("a " * 9, frozenset()), most=4)
    assert [match.start for match in found] == [0, 1, 7, 8]


def test_every_rule_has_an_id_of_its_own() -> None:
    """Rule ids are unique within a flag, flag ids among flags, and every flag has something to do about it."""
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    for rules in GATE._flags:
        names = [rule.id for rule in rules.rules]
        assert names
        assert len(names) == len(set(names))
        assert rules.flag.title
        assert rules.flag.action


def test_every_contact_names_its_source() -> None:
    """Each row says where the number was seen and when it was put in; each but the generic has a number."""
    for row in load_contacts():
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
        words = message_for(Safety(level=level, flags=(flag, flag)))
        assert words.count(flag.action) == 1
        assert "nobody reads along" in words
    assert message_for(Safety(level="none", flags=())) == ""


def test_the_public_names() -> None:
    """The package exports what it says, and nothing is missing."""
    assert all(hasattr(safety, name) for name in safety.__all__)
