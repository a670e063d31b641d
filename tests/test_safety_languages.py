"""The safety texts speak the languages that have a file, and their plainest cries for help are heard."""

from __future__ import annotations

import re
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.safety import SafetyGate, accepted, contacts_for, message_for
from qa.safety.cries import cries
from qa.safety.examples import load_examples
from qa.safety.languages import choose, language, translated
from qa.safety.recipes import recipes
from qa.safety.rules import load_rows

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

GATE = SafetyGate.load()
ROWS = {row["id"]: row for row in load_rows()}
FLAGS = set(ROWS)
SPOKEN = Path(__file__).parent / "files" / "cries"
# Hindi and Urdu in Latin letters are one language; either answer is understood.
TOGETHER = ({"hi", "ur"},)


def lines(code: str, *, harmless: bool) -> list[str]:
    """Return what speakers of a language type: ``flag: a cry`` or ``- a question``."""
    files = sorted(SPOKEN.glob(f"*/{code}.txt"))
    every = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [line.removeprefix("- ") for line in every if line.startswith("- ") == harmless]


def test_a_cry_is_heard_within_one_sentence() -> None:
    """Its parts stand in one sentence, and what takes it out of play does so in its own sentence alone."""
    assert cries("me duele mucho el pecho") is not None
    assert cries("me duele mucho. el pecho") is None
    quiet = "en la novela dice: ya no quiero vivir."
    assert cries(quiet) is None
    assert cries(f"{quiet} ya no quiero vivir") is not None


@pytest.mark.parametrize("code", translated())
def test_a_language_is_complete(code: str) -> None:
    """Every flag has its title and action, every message its words, and no flag is cried that there is not."""
    spoken = language(code)
    assert set(spoken.flags) == FLAGS
    assert all(title and action and "{" not in action for title, action in spoken.flags.values())
    keys = {"call", "emergency", "crisis", "emergency_limits", "crisis_limits", "services", "generic"}
    assert spoken.texts.keys() == keys
    assert all(number in spoken.texts["generic"] for number in ("112", "911", "999", "000"))
    assert {flag for found in recipes(code).cries.values() for flag, _ in found} <= FLAGS


@pytest.mark.parametrize("code", translated())
def test_no_number_is_lost_in_translation(code: str) -> None:
    """A translated action has the numbers of the English one, and a message its parts."""
    for flag, (_, action) in language(code).flags.items():
        assert sorted(re.findall(r"\d+", action)) == sorted(re.findall(r"\d+", ROWS[flag]["action"])), flag


@pytest.mark.parametrize("code", translated())
def test_cries_are_heard_in_the_language_they_are_cried_in(code: str) -> None:
    """Of the cries that speakers of a language type, 95 of 100 raise their flag and are answered in that language."""
    rows = [line.split(": ", 1) for line in lines(code, harmless=False)]
    assert len(rows) >= 60
    right = {code}.union(*(group for group in TOGETHER if code in group))
    heard = [(flag, cries(text)) for flag, text in rows]
    found = [flag in found[1] and found[0] in right for flag, found in heard if found]
    assert sum(found) >= 0.95 * len(rows)


@pytest.mark.parametrize("code", translated())
def test_harmless_questions_are_no_cries(code: str) -> None:
    """Knowledge, history, denial, idiom and fiction raise at most one false alarm in twenty."""
    questions = lines(code, harmless=True)
    assert len(questions) >= 30
    assert sum(cries(question) is not None for question in questions) <= 0.05 * len(questions)


def test_english_is_no_cry_in_another_language() -> None:
    """The packaged English examples are left to the English rules, but for one in a thousand of a word or two."""
    found = [example.text for example in load_examples() if cries(example.text)]
    assert len(found) <= len(load_examples()) / 1_000, found


@pytest.mark.parametrize("code", ["en", *translated()])
def test_levels_are_the_same_in_every_language(code: str) -> None:
    """A wish to die is a crisis and so is harm by others, whatever language answers."""
    assert GATE.judge("i want to die", lang=code).safety.level == "crisis"
    assert GATE.judge("my husband beats me", lang=code).safety.level == "crisis"
    for line in [] if code == "en" else lines(code, harmless=False):
        flag, text = line.split(": ", 1)
        found = GATE.judge(text).safety
        if flag == "suicidal" and [each.id for each in found.flags] == ["suicidal"]:
            assert found.level == "crisis"


@pytest.mark.parametrize("code", translated())
def test_no_flood_takes_long(code: str) -> None:
    """8 000 characters of everything that a language's recipes name are read in 50 ms on an idle machine.

    The bound is four times that: other programs may share the processor.
    """
    named = [atom.strip(" ,\n") for found in recipes(code).atoms.values() for atom, _ in found]
    floods = [(mark.join(named) * 9)[:8_000] for mark in (" ", ", ", ". ")] + [
        (line + " ") * 400 for line in named[::1_000]
    ]
    cries(floods[0])
    for flood in floods:
        began = process_time()
        cries(flood[:8_000])
        assert process_time() - began < 0.2


@pytest.mark.parametrize(
    ("lang", "flag", "message"),
    [
        ("es", "heart-attack", "a mi padre le duele el pecho y suda mucho"),
        ("es", "suicidal", "ya no quiero vivir"),
        ("fr", "breathing", "je n'arrive plus à respirer"),
        ("fr", "unconscious", "mon père ne se réveille pas"),
        ("de", "stroke", "sein Mundwinkel hängt und er redet komisch"),
        ("de", "stroke", "sein mundwinkel haengt"),
        ("de", "stroke", "arm taub, gesicht haengt, schlaganfall"),
        ("fr", "unconscious", "il ne respire plus apres des contractions musculaires"),
        ("fr", "pregnancy-labour", "enceinte de 9 mois, contractions rapprochees"),
        ("de", "suicidal", "ich will nicht mehr leben"),
        ("pt", "newborn", "meu bebê não respira"),
        ("pt", "choking", "minha filha está engasgada"),
        ("zh", "unconscious", "我爸昏迷了"),
        ("zh", "suicidal", "我不想活了"),
        ("ru", "stroke", "у мамы перекосило лицо"),
        ("ru", "breathing", "он задыхается"),
        ("hi", "unconscious", "पिताजी बेहोश हो गए"),
        ("hi", "heart-attack", "papa ko seene me dard hai"),
        ("ar", "bleeding", "النزيف لا يتوقف"),
        ("ar", "suicidal", "لا أريد أن أعيش"),
    ],
)
def test_a_cry_is_heard_and_answered_in_its_language(lang: str, flag: str, message: str) -> None:
    """A plain cry raises its flag, and the words come in the language of the cry."""
    verdict = GATE.judge(message)
    assert verdict.lang == lang
    assert flag in {each.id for each in verdict.safety.flags}
    assert {each.rule_id for each in verdict.fired} >= {f"cry:{lang}"}
    title, action = language(lang).flags[flag]
    assert (title, action) in {(each.title, each.action) for each in verdict.safety.flags}
    assert action in message_for(verdict.safety, lang)


@pytest.mark.parametrize(
    "message",
    [
        "¿cuáles son los síntomas de un infarto?",
        "me muero de risa",
        "hace 5 años tuve un infarto, ¿puedo nadar?",
        "quels sont les signes d'un AVC ?",
        "j'ai des crampes au mollet la nuit",
        "was sind die Anzeichen eines Schlaganfalls?",
        "nachts habe ich Wadenkrämpfe",
        "o que é uma convulsão?",
        "tenho cãibras nas pernas à noite",
        "my bra is too tight and the air in here is bad",
        "What causes a stock market contraction?",
        "ion channels muscle contraction",
        "unconscious bias training at work, three hours sitting gave me a stiff back",
        "j'ai des contractions musculaires dans le mollet la nuit",
        "mon ordinateur ne répond plus",
        "mein Handy reagiert nicht mehr",
        "mi teléfono no responde",
        "wie lange kocht kochendes Wasser mit Nudeln?",
        "晚上小腿抽筋怎么办",
        "судороги в икрах ночью, что делать",
        "रात में पैर में ऐंठन",
        "تشنج في الساق ليلا",
    ],
)
def test_knowledge_and_cramps_are_no_cries(message: str) -> None:
    """Questions, history and idiom in other languages raise nothing, nor does English."""
    assert cries(message) is None


def test_a_cry_shows_the_language_to_answer_in() -> None:
    """The tag asked for comes first, then the language of a cry, then the accepted one, then English."""
    cry, english = "no puedo respirar", "crushing chest pain"
    assert GATE.judge(cry, lang="fr", accepted="en").lang == "fr"
    assert GATE.judge(cry, accepted="en").lang == "es"
    assert GATE.judge(english, accepted="de").lang == "de"
    assert GATE.judge(english, accepted="tlh").lang == "en"


def test_the_language_asked_for_comes_first() -> None:
    """The tag decides, whatever the message is written in; one that is not spoken leaves it to the message."""
    assert GATE.judge("meu pai não respira", lang="de-AT").lang == "de"
    assert GATE.judge("meu pai não respira", lang="tlh").lang == "pt"
    assert GATE.judge("crushing chest pain").lang == "en"
    in_german = GATE.judge("crushing chest pain", lang="de")
    assert in_german.safety.flags[0].title == language("de").flags["heart-attack"][0]
    assert (choose("DE"), choose("xx"), choose(None)) == ("de", None, None)


def test_the_header_names_the_best_language_that_is_spoken() -> None:
    """Accept-Language is read by its weights; one that is broken, foreign or refused names none."""
    assert accepted("tlh, fr;q=0.5, de;q=0.9") == "de"
    assert accepted("fr-CA") == "fr"
    assert accepted("en-GB,en;q=0.9,de;q=0.8") == "en"
    assert accepted("de;q=0, xx, ;;q=z") is None
    assert accepted("") is None


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("fr; q=0.9", "fr"),
        ("fr;\tq=0.9", "fr"),
        ("fr \t; \tQ=0.9\t,\tde", "de"),
        ("FR-ca ; Q=0.8, en;q=0.3", "fr"),
        ("de;q=0", None),
        ("de;q=0.000, fr;q=0.001", "fr"),
        ("*", "en"),
        ("*;q=0.5, de;q=0.4", "en"),
        ("de, *;q=0.5", "de"),
        ("en;q=0, *", None),
        ("en;q=0.1, fr;q=0.2, *", "fr"),
        ("de;q=1.1, fr;q=0.2", "fr"),
        ("de;q=nan, fr;q=0.2", "fr"),
        ("de;q=-1, fr;q=0.2", "fr"),
        ("de;q=0.1234, fr;q=0.01", "fr"),
        ("de;q= 0.9, fr;q=0.01", "fr"),
        ("de;level=1, fr;q=0.01", "fr"),
        ("de;q=1.000, fr", "de"),
        (", ,de,", "de"),
        ("d\u00e9, fr;q=0.1", "fr"),
    ],
)
def test_the_header_is_read_as_rfc_9110_says(header: str, code: str | None) -> None:
    """Spaces, tabs and case don't matter, 0 is a refusal, a star is English unless that is named, and no fault is fatal."""
    assert accepted(header) == code


BLANK = st.text(" \t", max_size=2)
RANGES = st.tuples(st.sampled_from(["de", "FR", "pt-BR", "tlh", "x1", "en-GB", "ja"]), st.integers(0, 1_000))


@given(st.lists(st.tuples(RANGES, BLANK, BLANK, BLANK, st.sampled_from("qQ")), max_size=8))
def test_the_best_weight_wins_however_it_is_written(parts: list[tuple[tuple[str, int], str, str, str, str]]) -> None:
    """Of the languages that are spoken and not refused the one of the greatest weight is taken, of equals the first."""
    header = ",".join(f"{a}{tag}{b};{c}{q}={weight / 1_000:.3f}{a}" for (tag, weight), a, b, c, q in parts)
    spoken = [(weight, choose(tag)) for (tag, weight), *_ in parts if weight and choose(tag)]
    best = max((weight for weight, _ in spoken), default=0)
    assert accepted(header) == next((code for weight, code in spoken if weight == best), None)


@given(st.text())
def test_no_header_is_too_odd(header: str) -> None:
    """Any text names a language that is spoken, or none."""
    assert accepted(header) in {None, "en", *translated()}


def test_the_service_speaks_the_language_asked_for(client: TestClient) -> None:
    """The request's own language comes first, a cry's before the browser's, and none decides whom to call."""
    cry = {"question": "no puedo respirar", "region": "GB"}
    in_spanish = client.post("/v1/ask", json=cry, headers={"Accept-Language": "en-US,en;q=0.9"}).json()
    assert in_spanish["refusal"]["message"].startswith(language("es").texts["emergency"])
    sent = {"question": "crushing chest pain", "region": "GB"}
    in_german = client.post("/v1/ask", json=sent, headers={"Accept-Language": "de-CH,en;q=0.5"}).json()
    assert in_german["refusal"]["message"].startswith(language("de").texts["emergency"])
    assert [contact["phone"] for contact in in_german["refusal"]["contacts"]] == ["999"]
    in_french = client.post("/v1/ask", json={**sent, "lang": "fr"}, headers={"Accept-Language": "de"}).json()
    assert in_french["safety"]["flags"][0]["title"] == language("fr").flags["heart-attack"][0]
    assert in_french["id"] != in_german["id"]


def test_a_language_never_chooses_whom_to_call() -> None:
    """The words for a number follow the language, the number follows the region alone."""
    for lang in ("en", *translated()):
        assert [contact.phone for contact in contacts_for("emergency", "GB", lang)] == ["999"]
        (generic,) = contacts_for("emergency", None, lang)
        assert generic.region is None
        assert "112" in generic.name
