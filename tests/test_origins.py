"""Who may ask from a page: the service's own origin, those that the setting names, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import ANSWERED, app_over
from fastapi.testclient import TestClient

if TYPE_CHECKING:
    from qa.pipeline import Pipeline

ALLOWED, FOREIGN = "https://www.example.org", "https://elsewhere.example"
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "content-type,authorization"}


@pytest.fixture(scope="module")
def client(pipeline: Pipeline) -> TestClient:
    """Return a client of a service that one other origin may ask."""
    return TestClient(app_over(pipeline, origins=(ALLOWED, "http://localhost:3000")))


def shared(headers: object) -> list[str]:
    return [name for name in dict(headers) if name.startswith("access-control")]  # type: ignore[call-overload]


def test_an_allowed_page_may_ask(client: TestClient) -> None:
    """The preflight names the origin, the methods and the headers, and the answer may be read; no cookie counts."""
    preflight = client.options("/v1/ask", headers={"origin": ALLOWED, **PREFLIGHT})
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == ALLOWED
    assert {"GET", "POST"} == set(preflight.headers["access-control-allow-methods"].split(", "))
    allowed = preflight.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("content-type", "authorization", "accept-language"))
    answer = client.post("/v1/ask", json={"question": ANSWERED}, headers={"origin": ALLOWED})
    assert answer.json()["status"] == "answered"
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in {*preflight.headers, *answer.headers}


def test_a_problem_can_be_read_by_an_allowed_page(client: TestClient) -> None:
    """What is wrong with a request is told to the page as well, a body over the limit included."""
    for content in (b"{}", b'"' + b"x" * 300_000 + b'"'):
        problem = client.post(
            "/v1/ask", content=content, headers={"origin": ALLOWED, "content-type": "application/json"}
        )
        assert problem.status_code in {413, 422}
        assert problem.headers["access-control-allow-origin"] == ALLOWED


@pytest.mark.parametrize("origin", [FOREIGN, f"{ALLOWED}:8443", ALLOWED.replace("https", "http"), "null", ""])
def test_a_foreign_page_is_refused(client: TestClient, origin: str) -> None:
    """What it posts is 403 with the setting's name, and nothing it reads carries a permission."""
    for response in (
        client.post("/v1/ask", json={"question": ANSWERED}, headers={"origin": origin}),
        client.options("/v1/ask", headers={"origin": origin, **PREFLIGHT}),
    ):
        assert response.status_code == 403
        assert response.headers["content-type"] == "application/problem+json"
        assert f"QA_ORIGINS={origin}" in response.json()["detail"]
        assert not shared(response.headers)
    read = client.get("/v1/index", headers={"origin": origin})
    assert read.status_code == 200
    assert not shared(read.headers)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"origin": "http://testserver"}, id="same host"),
        pytest.param({"origin": "https://testserver"}, id="behind a proxy that ends TLS"),
        pytest.param({"origin": "https://ask.example", "sec-fetch-site": "same-origin"}, id="behind one that renames"),
        pytest.param({}, id="a program"),
    ],
)
def test_the_services_own_page_and_programs_need_no_permission(client: TestClient, headers: dict[str, str]) -> None:
    """Its page asks as ever, and so does what is no page at all."""
    answer = client.post("/v1/ask", json={"question": ANSWERED}, headers=headers)
    assert answer.json()["status"] == "answered"


def test_a_star_lets_any_page_ask(pipeline: Pipeline) -> None:
    """Then the permission is for anybody, and still without cookies."""
    client = TestClient(app_over(pipeline, origins=("*",)))
    answer = client.post("/v1/ask", json={"question": ANSWERED}, headers={"origin": FOREIGN})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/widget.js", "/widget-strings.js"])
def test_any_page_may_load_the_widget(client: TestClient, path: str) -> None:
    """The widget's files are scripts for pages of any origin; a page that has one already is told so."""
    script = client.get(path, headers={"origin": FOREIGN})
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["access-control-allow-origin"] == "*"
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    again = client.get(path, headers={"if-none-match": script.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
