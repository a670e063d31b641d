"""The safety texts speak the languages that have a file, and their plainest cries for help are heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qa.safety import SafetyGate, accepted, contacts_for, message_for
from qa.safety.languages import choose, cries, language, translated
from qa.safety.rules import load_rows

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

GATE = SafetyGate.load()
FLAGS = {row["id"] for row in load_rows()}


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
    assert {flag for flag, _ in spoken.cries} <= FLAGS


@pytest.mark.parametrize(
    ("lang", "flag", "message"),
    [
        ("es", "heart-attack", "a mi padre le duele el pecho y suda mucho"),
        ("es", "suicidal", "ya no quiero vivir"),
        ("fr", "breathing", "je n'arrive plus à respirer"),
        ("fr", "unconscious", "mon père ne se réveille pas"),
        ("de", "stroke", "sein Mundwinkel hängt und er redet komisch"),
        ("de", "stroke", "sein mundwinkel haengt"),
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


def test_the_service_speaks_the_language_asked_for(client: TestClient) -> None:
    """The request's own language comes before the browser's, and neither decides whom to call."""
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
