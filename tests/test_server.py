"""The HTTP contract: every field of every body, and a problem+json for whatever else is sent."""

from __future__ import annotations

import http.client
import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote as escaped
from urllib.parse import unquote, urlsplit

import pytest
from conftest import ANSWERED, EMERGENCY, REFUSED
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from qa.server.problems import MAX_BODY_BYTES
from qa.types import Answer, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient
    from starlette.types import ASGIApp


Json = dict[str, Any]
JSON = {"content-type": "application/json"}
BODY = {"id", "status", "question", "answer", "confidence", "passages", "sources_disagree", "refusal"}
BODY |= {"safety", "disclaimer", "index", "timings_ms", "resolved_question"}
PASSAGE = {"citation", "rank", "score", "text", "highlights", "exact", "location", "quotes", "document", "section"}
PASSAGE |= {"page", "source_references"}


def ask(client: TestClient, question: str = ANSWERED, **more: object) -> Json:
    response = client.post("/v1/ask", json={"question": question, **more})
    assert response.status_code == 200, response.text
    return cast("Json", response.json())


def without_timings(body: Json) -> Json:
    return {name: value for name, value in body.items() if name != "timings_ms"}


def assert_problem(response: Any, status: int) -> str:
    """Check a problem and return its detail."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail"}
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert body["title"]
    return cast("str", body["detail"])


# --- an answer ------------------------------------------------------------------------------------


def test_an_answer_has_every_field_of_the_contract(client: TestClient) -> None:
    """An answered body has exactly the fields of the contract, at every depth."""
    body = ask(client)
    assert set(body) == BODY
    assert (body["status"], body["question"], body["refusal"]) == ("answered", ANSWERED, None)
    assert body["id"].startswith("ans_")
    assert body["sources_disagree"] is False
    assert body["safety"] == {"level": "none", "flags": []}
    assert body["disclaimer"] == "A mechanic knows better."
    assert set(body["confidence"]) == {"level", "probability"}
    assert body["confidence"]["level"] in {"VERY_HIGH", "HIGH", "MEDIUM", "LOW"}
    assert 0 <= body["confidence"]["probability"] <= 1
    assert set(body["index"]) == {"generation", "corpus_hash"}
    assert set(body["timings_ms"]) == {"safety", "encode", "retrieve", "extract", "total"}
    assert 0 < body["timings_ms"]["encode"] < body["timings_ms"]["total"]
    first = body["passages"][0]
    assert set(first) == PASSAGE
    assert set(first["location"]) == {"start", "end", "unit"}
    assert first["location"]["unit"] == "unicode_code_point"
    assert set(first["quotes"][0]) == {"role", "start", "end", "exact", "prefix", "suffix"}
    assert set(first["highlights"][0]) == {"start", "end"}
    assert first["document"] == {
        "id": "chain",
        "title": "The chain",
        "url": "https://example.org/chain",
        "publisher": "Example Cycling Board",
        "licence": "CC BY 4.0",
    }
    assert first["section"] == ["Oiling"]
    assert "A bicycle chain should be oiled every 200 kilometres" in body["answer"]


QUESTIONS = [
    pytest.param(ANSWERED, id="markup"),
    pytest.param("How do I see that a chain is worn?", id="list with a lead-in"),
    pytest.param("How high should the saddle be?", id="flattened markers"),
    pytest.param("What does it mean when a tyre loses air overnight?", id="emoji and carriage returns"),
    pytest.param("How should I store the bicycle in winter?", id="subfolder"),
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_everything_quoted_is_a_slice_of_the_document_served(client: TestClient, question: str) -> None:
    """Passages, quotes, their surroundings and the markers are slices of the text at /v1/documents/{id}."""
    body = ask(client, question, top=10)
    assert body["passages"]
    for passage in body["passages"]:
        text = client.get(f"/v1/documents/{passage['document']['id']}").json()["text"]
        place = passage["location"]
        assert passage["exact"] == text[place["start"] : place["end"]]
        assert [quote["role"] for quote in passage["quotes"]].count("answer") == 1
        for quote in passage["quotes"]:
            assert quote["exact"] == text[quote["start"] : quote["end"]] != ""
            assert quote["prefix"] == text[max(0, quote["start"] - 32) : quote["start"]]
            assert quote["suffix"] == text[quote["end"] : quote["end"] + 32]
        for reference in passage["source_references"]:
            assert reference["marker"] == text[reference["start"] : reference["end"]]
            assert place["start"] <= reference["start"] < reference["end"] <= place["end"]
            assert len(reference["resolved"]) == len(reference["numbers"]) > 0


@pytest.mark.parametrize("question", QUESTIONS)
def test_highlights_are_the_quotes_within_the_passage_text(client: TestClient, question: str) -> None:
    """What a highlight cuts out of the reading text is read aloud in the answer, and lies within the text."""
    body = ask(client, question, top=10)
    spoken = " ".join(body["answer"].split())
    for passage in body["passages"]:
        assert len(passage["highlights"]) == len(passage["quotes"])
        for highlight in passage["highlights"]:
            assert 0 <= highlight["start"] < highlight["end"] <= len(passage["text"])
            shown = passage["text"][highlight["start"] : highlight["end"]]
            assert " ".join(shown.split()) in spoken


def test_citation_numbers_are_contiguous_in_the_list_and_in_the_answer(client: TestClient) -> None:
    """Numbers run from 1 without a gap, ranks with them, and the answer names each once, in order."""
    body = ask(client, "When are chains and brake pads worn?", top=10)
    numbers = [passage["citation"] for passage in body["passages"]]
    assert len(numbers) > 1
    assert numbers == [passage["rank"] for passage in body["passages"]] == list(range(1, len(numbers) + 1))
    places = [body["answer"].index(f"[{number}]") for number in numbers]
    assert places == sorted(places)
    assert body["answer"].endswith(f"[{numbers[-1]}]")


def test_the_sources_own_references_are_resolved_or_null(client: TestClient) -> None:
    """A number of the bibliography brings its entry, any other null, one for each number and in their order."""
    passages = ask(client, "How do I see that a chain is worn?")["passages"]
    worn = next(passage for passage in passages if passage["section"] == ["Signs of wear"])
    pair, missing = worn["source_references"]
    assert (pair["marker"], pair["numbers"]) == ("[1, 2]", [1, 2])
    assert [entry["title"] for entry in pair["resolved"]] == ["Wear of roller chains", "Dirt and oil"]
    assert pair["resolved"][0] == {
        "number": 1,
        "title": "Wear of roller chains",
        "authors": "Vale J",
        "year": 2012,
        "source": "J Cycling",
        "url": "https://example.org/wear",
    }
    assert (missing["marker"], missing["resolved"]) == ("[3]", [None])


@pytest.mark.parametrize("top", [1, 2, 10])
def test_top_is_the_most_passages_shown(client: TestClient, top: int) -> None:
    """No more passages than asked for come back, and fewer only when there are no more."""
    assert len(ask(client, top=top)["passages"]) <= top
    found = client.post("/v1/search", json={"question": ANSWERED, "top": top}).json()["passages"]
    total = client.get("/v1/index").json()["passages"]
    assert len(found) == min(top, total)


def test_a_filter_keeps_other_documents_out(client: TestClient) -> None:
    """Only passages of the documents named come back, and the answer has another id than without the filter."""
    filters = {"document_ids": ["saddle", "brakes"]}
    question = "How high should the saddle be?"
    filtered = ask(client, question, top=10, filters=filters)
    assert {passage["document"]["id"] for passage in filtered["passages"]} <= {"saddle", "brakes"}
    assert filtered["passages"][0]["document"]["id"] == "saddle"
    assert filtered["id"] != ask(client, question, top=10)["id"]
    found = client.post("/v1/search", json={"question": ANSWERED, "top": 10, "filters": filters}).json()
    assert {passage["document"]["id"] for passage in found["passages"]} == {"saddle", "brakes"}
    assert ask(client, question, filters={"document_ids": []})["id"] == ask(client, question)["id"]


def test_the_same_question_has_the_same_body(client: TestClient) -> None:
    """Asking again changes nothing but the timings, the id included."""
    assert without_timings(ask(client)) == without_timings(ask(client))


# --- a refusal ------------------------------------------------------------------------------------


def test_a_refusal_has_every_field_of_the_contract(client: TestClient) -> None:
    """A refused body has the fields of an answer, empty, and says why, what there is and what is near."""
    body = ask(client, REFUSED)
    assert set(body) == BODY
    assert (body["status"], body["answer"], body["confidence"], body["passages"]) == ("refused", None, None, [])
    refusal = body["refusal"]
    assert set(refusal) == {"reason", "message", "contacts", "suggestions"}
    assert refusal["reason"] == "out_of_scope"
    assert "Looking after a bicycle" in refusal["message"]
    assert refusal["contacts"] == []
    assert all(set(each) == {"title", "section", "document_id"} for each in refusal["suggestions"])
    known = {each["id"] for each in client.get("/v1/documents").json()["documents"]}
    assert {each["document_id"] for each in refusal["suggestions"]} <= known


def test_a_greeting_is_not_a_question(client: TestClient) -> None:
    """Nothing is looked up for a greeting."""
    body = ask(client, "hello!")
    assert body["refusal"]["reason"] == "not_a_question"
    assert body["timings_ms"]["encode"] == 0


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(EMERGENCY, id="plain"),
        pytest.param(f"{EMERGENCY}. " + "Please tell me what to do. " * 80, id="over a thousand characters"),
        pytest.param(f"  {EMERGENCY}\x07", id="control character"),
    ],
)
def test_an_emergency_is_recognised_before_the_form_is_judged(client: TestClient, question: str) -> None:
    """However it is typed, an emergency is a 200 that says what to do and whom to call, and quotes nothing."""
    body = ask(client, question)
    assert (body["status"], body["passages"], body["answer"]) == ("refused", [], None)
    assert body["refusal"]["reason"] == body["safety"]["level"] == "emergency"
    assert body["question"] == question
    assert all(set(flag) == {"id", "title", "action"} for flag in body["safety"]["flags"])
    assert body["safety"]["flags"]
    assert all(flag["action"] in body["refusal"]["message"] for flag in body["safety"]["flags"])
    assert body["timings_ms"]["retrieve"] == 0


def test_an_emergency_cut_off_within_an_emoji_is_recognised(client: TestClient) -> None:
    """Half an emoji at the end of an emergency is shown as U+FFFD and hinders nothing."""
    body = client.post("/v1/ask", content=f'{{"question": "{EMERGENCY} \\ud83d"}}', headers=JSON).json()
    assert body["refusal"]["reason"] == "emergency"
    assert body["question"] == f"{EMERGENCY} \ufffd"


def test_contacts_follow_the_region(client: TestClient) -> None:
    """The region asked for goes before the corpus' own; one without numbers gets the line that holds anywhere."""
    phones = {
        region: ask(client, EMERGENCY, region=region)["refusal"]["contacts"] for region in ["US", "GB", None, "AQ"]
    }
    assert {contact["region"] for contact in phones["US"]} == {"US"}
    assert phones["US"][0]["phone"] == "911"
    assert phones["GB"] == phones[None]
    assert {contact["region"] for contact in phones["GB"]} == {"GB"}
    assert [contact["region"] for contact in phones["AQ"]] == [None]
    assert all(
        set(contact) == {"name", "phone", "url", "region"} for contacts in phones.values() for contact in contacts
    )


# --- the other endpoints --------------------------------------------------------------------------


def test_search_ranks_without_a_gate(client: TestClient) -> None:
    """Even what would be refused finds its nearest passages, best first and without citation numbers."""
    body = client.post("/v1/search", json={"question": REFUSED, "top": 5}).json()
    assert set(body) == {"question", "passages", "index"}
    assert all(set(passage) == PASSAGE - {"citation"} for passage in body["passages"])
    assert [passage["rank"] for passage in body["passages"]] == [1, 2, 3, 4, 5]
    scores = [passage["score"] for passage in body["passages"]]
    assert scores == sorted(scores, reverse=True)


def test_documents_are_listed_in_pages(client: TestClient) -> None:
    """Pages follow one another in the order of the ids, and one beyond the end is empty."""
    ids = ["brakes", "chain", "saddle", "tyres", "winter--storing"]
    whole = client.get("/v1/documents").json()
    assert (whole["total"], whole["offset"], [each["id"] for each in whole["documents"]]) == (5, 0, ids)
    page = client.get("/v1/documents", params={"offset": 1, "limit": 2}).json()
    assert (page["total"], page["offset"], [each["id"] for each in page["documents"]]) == (5, 1, ids[1:3])
    assert client.get("/v1/documents", params={"offset": 10**30}).json()["documents"] == []


@pytest.mark.parametrize("query", ["offset=-1", "limit=0", "limit=1001", "offset=x", "limit=1.5", "page=2", "offset="])
def test_a_wrong_page_is_a_problem(client: TestClient, query: str) -> None:
    """A page out of bounds, no number, or a parameter that does not exist is 422 and named."""
    assert query.split("=", maxsplit=1)[0] in assert_problem(client.get(f"/v1/documents?{query}"), 422)


def test_a_document_is_served_with_its_annotation(client: TestClient) -> None:
    """Sections, blocks, boilerplate, markup, markers and references lie within the text and in order."""
    for each in client.get("/v1/documents").json()["documents"]:
        document = client.get(f"/v1/documents/{each['id']}").json()
        assert {name: document[name] for name in each} == each
        spans = [section["span"] for section in document["sections"]]
        assert spans == sorted(spans, key=lambda span: span["start"])
        assert all(0 <= span["start"] <= span["end"] <= len(document["text"]) for span in spans)
    saddle = client.get("/v1/documents/saddle").json()
    hidden = [saddle["text"][each["span"]["start"] : each["span"]["end"]] for each in saddle["boilerplate"]]
    assert any("newsletter" in text for text in hidden)


def test_the_index_describes_itself(client: TestClient) -> None:
    """/v1/index says what was built from what, under the same name as every answer."""
    info = client.get("/v1/index").json()
    assert (info["name"], info["documents"], info["region"]) == ("Bicycle care", 5, "GB")
    assert info["passages"] > 5
    assert info["encoder"] == info["reranker"] == "citewell"
    assert {"generation": info["generation"], "corpus_hash": info["corpus_hash"]} == ask(client)["index"]


def test_the_process_reports_itself(client: TestClient) -> None:
    """Alive and ready are plain 200s."""
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}


@pytest.mark.parametrize("path", ["/", "/docs", "/embed", "/documents", "/documents/chain"])
def test_pages_come_from_here_alone(client: TestClient, path: str) -> None:
    """Each page forbids scripts, styles and requests of other hosts, names none, and answers HEAD like GET."""
    page = client.get(path)
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]* (?:src|href)="([^"]+)"', page.text)
    assert all(re.match("/[^/]|data:", address) for address in loaded)
    head = client.head(path)
    assert (head.status_code, head.headers["content-length"]) == (200, page.headers["content-length"])


# --- what does not fit ----------------------------------------------------------------------------

BAD_BODIES = [
    pytest.param(b"", 422, "Field required", id="nothing"),
    pytest.param(b"How often?", 422, "no JSON", id="not JSON"),
    pytest.param(b'{"question": "cut', 422, "no JSON", id="cut off"),
    pytest.param(b"null", 422, "dictionary", id="null"),
    pytest.param(b"[]", 422, "dictionary", id="list"),
    pytest.param(b"{}", 422, "body.question", id="no question"),
    pytest.param(b'{"question": null}', 422, "body.question", id="null question"),
    pytest.param(b'{"question": 5}', 422, "body.question", id="number for question"),
    pytest.param(b'{"question": ["a chain"]}', 422, "body.question", id="list for question"),
    pytest.param(b'{"question": ""}', 422, "empty", id="empty"),
    pytest.param(b'{"question": " \\n\\t\\u00a0 "}', 422, "empty", id="blank"),
    pytest.param(b'{"question": "a chain \\u0000?"}', 422, "U+0000", id="NUL"),
    pytest.param(b'{"question": "a chain \\u009b?"}', 422, "U+009B", id="C1 control"),
    pytest.param(b'{"question": "a chain \\ud800?"}', 422, "U+D800", id="lone surrogate"),
    pytest.param(b'{"question": "' + b"x" * 1001 + b'"}', 422, "1001 characters", id="too long"),
    pytest.param(b'{"question": "a chain", "question": "a tyre"}', 422, "'question' twice", id="field twice"),
    pytest.param(
        b'{"question": "a", "filters": {"\\ud800": 1, "\\ud800": 2}}', 422, "twice", id="surrogate field twice"
    ),
    pytest.param(b'{"question": "a chain", "top": "3"}', 422, "body.top", id="top as text"),
    pytest.param(b'{"question": "a chain", "top": 3.0}', 422, "body.top", id="top as fraction"),
    pytest.param(b'{"question": "a chain", "top": true}', 422, "body.top", id="top as truth"),
    pytest.param(b'{"question": "a chain", "top": null}', 422, "body.top", id="top as null"),
    pytest.param(b'{"question": "a chain", "top": NaN}', 422, "body.top", id="NaN"),
    pytest.param(b'{"question": "a chain", "top": 1e400}', 422, "body.top", id="infinite"),
    pytest.param(b'{"question": "a chain", "top": 0}', 422, "body.top", id="top under 1"),
    pytest.param(b'{"question": "a chain", "top": 11}', 422, "body.top", id="top over 10"),
    pytest.param(b'{"question": "a chain", "top": 1' + b"0" * 99 + b"}", 422, "body.top", id="huge top"),
    pytest.param(b'{"question": "a chain", "region": "gb"}', 422, "body.region", id="small region"),
    pytest.param(b'{"question": "a chain", "region": "GB\\n"}', 422, "body.region", id="region and line break"),
    pytest.param(b'{"question": "a chain", "lang": "e n"}', 422, "body.lang", id="no language"),
    pytest.param(b'{"lang": "a' + b"-a" * 18 + b'", "question": "a chain"}', 422, "body.lang", id="endless language"),
    pytest.param(b'{"question": "a chain", "history": "before"}', 422, "body.history", id="history as text"),
    pytest.param(b'{"question": "a chain", "history": [1]}', 422, "body.history.0", id="history of numbers"),
    pytest.param(b'{"question": "a chain", "history": [""]}', 422, "body.history.0", id="empty history"),
    pytest.param(b'{"question": "a chain", "history": ["a"' + b', "a"' * 20 + b"]}", 422, "at most 20", id="21 before"),
    pytest.param(b'{"question": "a chain", "filters": []}', 422, "body.filters", id="filters as list"),
    pytest.param(b'{"question": "a chain", "filters": {"id": 1}}', 422, "body.filters.id", id="unknown filter"),
    pytest.param(b'{"question": "a chain", "filters": {"document_ids": ["?"]}}', 422, "'?'", id="unknown document"),
    pytest.param(
        b'{"question": "a chain", "filters": {"document_ids": ["\\udc00"]}}', 422, "document", id="surrogate id"
    ),
    pytest.param(b'{"question": "a chain", "Top": 3}', 422, "body.Top", id="unknown field"),
    pytest.param(b'{"question": "a chain", "\\ud800": 3}', 422, "unicode", id="surrogate field"),
    pytest.param(b'{"question": "a chain", "' + b"k" * 200_000 + b'": 3}', 422, "body.kkk", id="huge field name"),
    pytest.param('{"question": "a chain"}'.encode("utf-16"), 400, "UTF-8", id="UTF-16"),
    pytest.param(
        b'{"question": "a chain", "filters": {"document_ids": ["' + b"x" * 900 + b'"]}}', 422, "'xxx", id="endless id"
    ),
    pytest.param(b'{"question": "\xff\xfe"}', 400, "UTF-8", id="invalid UTF-8"),
    pytest.param(b"[" * 100_000, 400, "nesting", id="100 000 brackets"),
    pytest.param(b'{"question": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400, "nesting", id="deep question"),
    pytest.param(b'{"question": "a chain", "top": ' + b"9" * 5_000 + b"}", 400, "numbers", id="5 000 digits"),
    pytest.param(b'{"question": "' + b"x" * 2_000_000 + b'"}', 413, str(MAX_BODY_BYTES), id="two megabytes"),
]


@pytest.mark.parametrize(("body", "status", "names"), BAD_BODIES)
def test_a_bad_body_is_a_problem_that_names_the_fault(client: TestClient, body: bytes, status: int, names: str) -> None:
    """Whatever does not fit is refused with 4xx, a short detail and the place of the fault."""
    detail = assert_problem(client.post("/v1/ask", content=body, headers=JSON), status)
    assert names in detail
    assert len(detail) < 500


def test_a_thousand_unknown_fields_are_summed_up(client: TestClient) -> None:
    """The detail stays short however much is wrong."""
    detail = assert_problem(client.post("/v1/ask", json={str(number): 0 for number in range(1000)}), 422)
    assert "and 996 more faults" in detail
    assert len(detail) < 500


@pytest.mark.parametrize(
    "sent", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_another_content_type_is_415(client: TestClient, sent: str) -> None:
    """A body that is not declared as JSON is refused, with the header to send."""
    content = json.dumps({"question": ANSWERED}).encode()
    response = client.post("/v1/ask", content=content, headers={"content-type": sent} if sent else {})
    assert "Content-Type: application/json" in assert_problem(response, 415)


@pytest.mark.parametrize("sent", ["application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json"])
def test_json_by_any_name_is_read(client: TestClient, sent: str) -> None:
    """Parameters, capitals and the +json suffix do not matter."""
    content = json.dumps({"question": ANSWERED}).encode()
    assert client.post("/v1/ask", content=content, headers={"content-type": sent}).json()["status"] == "answered"


def test_every_optional_field_is_accepted(client: TestClient) -> None:
    """The whole request of the contract is answered, with a long history and any well-formed language."""
    more: Json = {"top": 3, "region": "GB", "history": ["before", "b" * 9999] * 10, "filters": {"document_ids": []}}
    for lang in ("en", "zh-Hant-TW", "de-DE-u-co-phonebk", None):
        assert ask(client, lang=lang, **more)["status"] == "answered"


def test_a_follow_up_is_answered_with_its_history(client: TestClient) -> None:
    """What cannot be understood by itself is looked up with what was asked before, and the response says how."""
    body = ask(client, "And how often?", history=["Should a bicycle chain be oiled?"])
    assert body["resolved_question"] == "And how often? (bicycle chain be oiled)"
    assert body["question"] == "And how often?"
    assert body["passages"][0]["document"]["id"] == "chain"
    assert ask(client)["resolved_question"] is None


@pytest.mark.parametrize(
    "question", ["x" * 1000, "  " + "x" * 1000 + "\n", "\ufdfa" * 55, "🚲" * 1000, "a\u0301" * 500]
)
def test_a_thousand_characters_are_a_question(client: TestClient, question: str) -> None:
    """The limit counts code points after trimming, and none of a thousand of them is too many to look up."""
    assert ask(client, question)["question"] == question.strip()


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/ask", {"POST"}),
        ("PUT", "/v1/search", {"POST"}),
        ("DELETE", "/v1/documents/chain", {"GET", "HEAD"}),
        ("POST", "/healthz", {"GET", "HEAD"}),
        ("POST", "/", {"GET", "HEAD"}),
    ],
)
def test_a_wrong_method_is_405_with_those_allowed(
    client: TestClient, method: str, path: str, allowed: set[str]
) -> None:
    """The header Allow names what the path takes."""
    response = client.request(method, path)
    assert_problem(response, 405)
    assert set(response.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/v1",
        "/v1/documents/nope",
        "/v1/documents/%00",
        "/v1/documents/%ed%a0%80",
        "/v1/documents/..%2f..%2fetc",
        "/v1/documents/a%2fb",
        pytest.param("/v1/documents/" + "x" * 20_000, id="long"),
        pytest.param("/v1/documents/" + "%f1%9b%97%a3" * 200, id="unassigned characters"),
        "/page.css/x",
        "/%00",
    ],
)
def test_an_unknown_path_is_404(client: TestClient, path: str) -> None:
    """What is not there is a problem, whatever the path is made of."""
    assert 0 < len(assert_problem(client.get(path), 404)) < 200


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NEARLY = st.fixed_dictionaries(
    {"question": st.text(max_size=40) | ANY_JSON},
    optional={
        "top": st.integers(-2, 12) | ANY_JSON,
        "region": st.sampled_from(["GB", "ZZ", "gb", ""]) | ANY_JSON,
        "lang": st.sampled_from(["en", "x-y"]) | ANY_JSON,
        "history": st.lists(st.text(max_size=9), max_size=2) | ANY_JSON,
        "filters": st.fixed_dictionaries({"document_ids": st.lists(st.sampled_from(["chain", "?"]), max_size=2)})
        | ANY_JSON,
        "more": ANY_JSON,
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=NEARLY | ANY_JSON, endpoint=st.sampled_from(["ask", "search"]))
def test_no_json_body_makes_the_service_fail(client: TestClient, body: object, endpoint: str) -> None:
    """Any JSON is answered, refused or a problem: never a 5xx, and always a body of the schema."""
    response = client.post(f"/v1/{endpoint}", content=json.dumps(body), headers=JSON)
    if response.status_code == 200:
        assert isinstance(body, dict)
        assert response.json()["question"]
    else:
        assert assert_problem(response, 422)


# --- over a real connection -----------------------------------------------------------------------


def connect(server: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(server).netloc, timeout=30)


def post(server: str, question: str) -> Json:
    connection = connect(server)
    connection.request("POST", "/v1/ask", json.dumps({"question": question}), JSON)
    response = connection.getresponse()
    body = json.loads(response.read())
    connection.close()
    assert response.status == 200
    return cast("Json", body)


def test_a_chunked_body_over_the_limit_is_413(server: str) -> None:
    """A body whose length is not declared is counted as it comes."""

    def endless() -> Iterator[bytes]:
        yield b'{"question": "'
        for _ in range(200):
            yield b"x" * 10_000

    connection = connect(server)
    with suppress(BrokenPipeError, ConnectionResetError):  # the server may answer and hang up before all was sent
        connection.request("POST", "/v1/ask", endless(), JSON, encode_chunked=True)
    response = connection.getresponse()
    assert response.status == 413
    assert str(MAX_BODY_BYTES) in json.loads(response.read())["detail"]
    connection.close()


@pytest.mark.parametrize("length", ["-1", "9" * 5_000, "1e3", "99999999"])
def test_a_false_content_length_is_a_clients_fault(server: str, length: str) -> None:
    """A length that is no number or over the limit is 4xx, and the next connection is served."""
    connection = connect(server)
    connection.putrequest("POST", "/v1/ask")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", length)
    connection.endheaders()
    assert 400 <= connection.getresponse().status < 500
    connection.close()
    assert post(server, ANSWERED)["status"] == "answered"


@pytest.mark.parametrize(
    ("length", "status"),
    [("-1", 400), ("1e3", 400), ("9" * 5_000, 413), ("0" * 5_000, 422)],
    ids=["-1", "1e3", "nines", "zeros"],
)
def test_a_false_content_length_that_a_proxy_lets_through_is_a_problem(
    client: TestClient, length: str, status: int
) -> None:
    """The service does not rely on the server before it to have checked the length."""
    response = client.post("/v1/ask", content=b"{}", headers={**JSON, "content-length": length})
    assert "body" in assert_problem(response, status)


def test_questions_at_once_have_the_bodies_of_questions_in_turn(server: str) -> None:
    """Thirty-two questions in as many threads give what they give one after another."""
    words = ["oil the chain", "pump the tyres", "set the saddle", "clean the brakes", "store it in winter", EMERGENCY]
    questions = [f"{words[number % len(words)]} {number}" for number in range(32)]
    in_turn = [without_timings(post(server, question)) for question in questions]
    with ThreadPoolExecutor(32) as pool:
        at_once = [without_timings(body) for body in pool.map(lambda question: post(server, question), questions)]
    assert at_once == in_turn


# --- OpenAPI --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def openapi(client: TestClient) -> Json:
    return cast("Json", client.get("/openapi.json").json())


KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def faults(value: Any, schema: Json, schemas: Json, place: str = "body") -> list[str]:
    """Return where a value departs from a schema, among the keywords that the OpenAPI here uses."""
    if "$ref" in schema:
        return faults(value, schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, place)
    if "anyOf" in schema:
        tried = [faults(value, each, schemas, place) for each in schema["anyOf"]]
        return [] if [] in tried else [fault for each in tried for fault in each]
    kind = schema["type"]
    if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return [f"{place} is no {kind}"]
    if value not in schema.get("enum", [schema.get("const", value)]):
        return [f"{place} has no value of the schema"]
    found: list[str] = []
    if isinstance(value, list):
        found += [f"{place} is too long"] if len(value) > schema.get("maxItems", len(value)) else []
        for at, each in enumerate(value) if "items" in schema else ():
            found += faults(each, schema["items"], schemas, f"{place}.{at}")
    if isinstance(value, dict):
        found += [f"{place}.{name} is missing" for name in schema["required"] if name not in value]
        for name, each in value.items():
            described = schema["properties"].get(name)
            found += (
                faults(each, described, schemas, f"{place}.{name}") if described else [f"{place}.{name} is unknown"]
            )
    return found


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        pytest.param("POST", "/v1/ask", {"question": "How do I see that a chain is worn?"}, id="answered"),
        pytest.param("POST", "/v1/ask", {"question": REFUSED}, id="refused"),
        pytest.param("POST", "/v1/ask", {"question": EMERGENCY}, id="emergency"),
        pytest.param("POST", "/v1/search", {"question": ANSWERED}, id="search"),
        pytest.param("GET", "/v1/documents", None, id="documents"),
        pytest.param("GET", "/v1/documents/chain", None, id="document"),
        pytest.param("GET", "/v1/documents/nope", None, id="problem"),
        pytest.param("GET", "/v1/index", None, id="index"),
    ],
)
def test_openapi_describes_real_bodies(
    client: TestClient, openapi: Json, method: str, path: str, body: Json | None
) -> None:
    """Each field served is described and each one described as required is served."""
    response = client.request(method, path, json=body)
    described = path if path in openapi["paths"] else "/v1/documents/{document_id}"
    responses = openapi["paths"][described][method.lower()]["responses"]
    content = responses["200" if response.status_code == 200 else "4XX"]["content"]
    schema = content[response.headers["content-type"]]["schema"]
    schemas = openapi["components"]["schemas"]
    assert faults(response.json(), schema, schemas) == []
    assert faults({**response.json(), "more": 1}, schema, schemas) != []
    assert faults({**response.json(), next(iter(response.json())): [1.5]}, schema, schemas) != []
    for name in response.json():
        assert faults({key: value for key, value in response.json().items() if key != name}, schema, schemas) != []


def test_a_body_is_the_dataclass(client: TestClient) -> None:
    """What HTTP serves is read back as the package's own value, without loss."""
    outcome: TypeAdapter[Answer | Refusal] = TypeAdapter(Answer | Refusal)
    for question, kind in ((ANSWERED, Answer), (REFUSED, Refusal), (EMERGENCY, Refusal)):
        content = client.post("/v1/ask", json={"question": question}).content
        assert type(outcome.validate_json(content)) is kind
        assert outcome.dump_json(outcome.validate_json(content)) == content


def test_openapi_lists_every_endpoint_and_no_page(openapi: Json) -> None:
    """The paths described are those of the contract, each with a sentence on what it does."""
    paths = {
        "/v1/ask",
        "/v1/feedback",
        "/v1/search",
        "/v1/documents",
        "/v1/documents/{document_id}",
        "/v1/index",
        "/healthz",
        "/readyz",
    }
    assert set(openapi["paths"]) == paths
    operations = [operation for path in openapi["paths"].values() for operation in path.values()]
    assert all(operation["description"].endswith(".") for operation in operations)
    assert "HTTPValidationError" not in json.dumps(openapi)


# --- whatever is in an address --------------------------------------------------------------------

ODD = st.text(max_size=30) | st.sampled_from(
    ["chain", "..", ".", "%2e%2e", "%", "%zz", "%ff", "%00", "%ed%a0%80", "\x00", "a/b", "a;b", "a?b", "a#b", "\\", "\u202e", "١", "9" * 400, "-1", "1e9", "0x1", "true", "", " ", "+", "&", "=", "[]", "{{7*7}}", "<script>", "x" * 3000]
)  # fmt: skip
NAMES = st.sampled_from(["start", "end", "quote", "q", "find", "page", "offset", "limit", "more"]) | st.text(max_size=5)
FORMS = [
    "/v1/documents",
    "/v1/documents/{}",
    "/documents",
    "/documents/{}",
    "/documents/chain",
    "/",
    "/v1/index",
    "/{}",
]
FORMS += ["/v1/{}", "/docs", "/embed", "/openapi.json", "/healthz", "/{}/v1/documents"]


def typed(text: str, *, raw: bool) -> str:
    """Return a text as a client may send it: encoded, or as it stands where the first line of a request can hold it."""
    usable = raw and text.isascii() and text.isprintable() and not set(text) & set(" #?")
    return text if usable else escaped(text, safe="", errors="surrogatepass")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.sampled_from(FORMS),
    id_=ODD,
    query=st.lists(st.tuples(NAMES, ODD), max_size=6),
    raw=st.booleans(),
    page=st.booleans(),
    method=st.sampled_from(["GET", "GET", "HEAD", "POST", "OPTIONS", "DELETE"]),
)
def test_no_address_makes_the_service_fail(
    client: TestClient, *, form: str, id_: str, query: list[tuple[str, str]], raw: bool, page: bool, method: str
) -> None:
    """Any id and any query gives a page, JSON, a redirect or a problem: never a 5xx."""
    path = form.replace("{}", typed(id_, raw=raw))
    said = "&".join(f"{typed(name, raw=raw)}={typed(value, raw=raw)}" for name, value in query)
    scope = {**SCOPE, "method": method, "path": unquote(path), "raw_path": path.encode(), "query_string": said.encode()}
    scope["headers"] = [(b"host", b"localhost"), *([(b"accept", b"text/html")] if page else [])]
    assert client.portal is not None
    status = client.portal.call(status_of, client.app, scope)
    assert 200 <= status < 500


SCOPE: Json = {"type": "http", "http_version": "1.1", "scheme": "http", "root_path": "", "server": ("localhost", 80)}
SCOPE |= {"client": ("127.0.0.1", 1), "asgi": {"version": "3.0"}}


async def status_of(app: ASGIApp, scope: Json) -> int:
    """Ask an app as a server does, with the bytes of the address as they came."""
    started: list[int] = []

    async def receive() -> Json:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.append(message["status"])

    try:
        await app(scope, receive, send)
    except Exception:  # the fault is raised again once it is answered
        assert started == [500]
        raise
    return started[0]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/documents?" + "&".join(f"page={number}" for number in range(5_000)), id="pages"),
        pytest.param("/documents/chain?" + "&".join("start=1&end=9&quote=the" for _ in range(1_500)), id="places"),
        pytest.param("/v1/documents?" + "&".join("limit=1&offset=0" for _ in range(2_000)), id="limits"),
        pytest.param("/documents?find=" + "a+" * 20_000, id="words"),
    ],
)
def test_a_flood_in_an_address_is_answered(client: TestClient, path: str) -> None:
    """However often a query repeats itself, the answer is a page or a problem."""
    assert client.get(path).status_code in {200, 422}
