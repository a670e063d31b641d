"""What holds for every response, whatever the path: its headers, HEAD, and one reading of where a request ends."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from conftest import ANSWERED, LOCAL, app_over
from fastapi.testclient import TestClient

if TYPE_CHECKING:
    from qa.pipeline import Pipeline

JSON = {"content-type": "application/json"}
PRIVATE = {"x-content-type-options": "nosniff", "cache-control": "no-store", "referrer-policy": "no-referrer"}
PAGES = ["/", "/docs", "/embed", "/documents", "/documents/chain", "/documents/none"]
ASSETS = ["/page.css", "/page.js", "/docs.js", "/embed.css", "/widget.js", "/widget-strings.js"]
BODIES = {
    "/v1/ask": {"question": ANSWERED},
    "/v1/search": {"question": ANSWERED},
    "/v1/feedback": {"id": "ans_0123456789abcdef01234567", "verdict": "helpful"},
}
# What goes wrong in each way there is.
WRONG: list[Any] = [
    pytest.param("GET", "/nope", {}, 404, id="no such address"),
    pytest.param("GET", "/v1/documents/nope", {}, 404, id="no such document"),
    pytest.param("GET", "/documents/nope", {}, 404, id="no such page, for a program"),
    pytest.param("GET", "/v1/documents/", {}, 307, id="redirected"),
    pytest.param("PUT", "/v1/ask", {}, 405, id="wrong method"),
    pytest.param("POST", "/v1/ask", {"content": b"x" * 300_000, "headers": JSON}, 413, id="too large"),
    pytest.param("POST", "/v1/ask", {"content": b"{}"}, 415, id="no JSON"),
    pytest.param("GET", "/v1/index", {"headers": {"host": "evil.test"}}, 421, id="foreign host"),
    pytest.param("POST", "/v1/ask", {"content": b"{}", "headers": JSON}, 422, id="no question"),
    pytest.param("GET", "/v1/documents?limit=0", {}, 422, id="wrong page"),
    pytest.param("POST", "/v1/ask", {"content": b"\xff", "headers": JSON}, 400, id="no UTF-8"),
    pytest.param(
        "POST", "/v1/ask", {"content": b"{}", "headers": {"origin": "http://evil.test"}}, 403, id="foreign page"
    ),
    pytest.param("OPTIONS", "/v1/ask", {"headers": {"origin": "http://evil.test"}}, 403, id="foreign preflight"),
]


def addresses(client: TestClient) -> list[tuple[str, str]]:
    """Return each method and path of the schema, and that of the schema itself."""
    paths = client.get("/openapi.json").json()["paths"]
    found = [
        (method.upper(), path.replace("{document_id}", "chain")) for path, each in paths.items() for method in each
    ]
    return [*found, ("GET", "/openapi.json")]


def said(response: Any) -> dict[str, str | None]:
    return {name: response.headers.get(name) for name in PRIVATE}


def test_every_json_response_is_kept_nowhere(client: TestClient) -> None:
    """Each address of the schema gives its JSON with the three headers, compressed or not."""
    for method, path in addresses(client):
        for coding in ("identity", "gzip"):
            response = client.request(method, path, json=BODIES.get(path), headers={"accept-encoding": coding})
            assert response.status_code == (404 if path == "/v1/feedback" else 200), path
            assert said(response) == PRIVATE, path
            assert response.json()


@pytest.mark.parametrize(
    ("method", "path", "request_"), [each.values[:3] for each in WRONG], ids=[str(each.id) for each in WRONG]
)
def test_every_error_is_kept_nowhere(client: TestClient, method: str, path: str, request_: Any) -> None:
    """Whatever goes wrong, the response has the three headers."""
    response = client.request(method, path, follow_redirects=False, **request_)
    expected = next(each.values[3] for each in WRONG if each.values[:3] == (method, path, request_))
    assert response.status_code == expected
    assert said(response) == PRIVATE


def test_a_fault_is_kept_nowhere(pipeline: Pipeline) -> None:
    """The response of an unforeseen error has the three headers too, though it passes no middleware."""
    app = app_over(pipeline)

    @app.get("/fault")
    def fault() -> None:
        raise RuntimeError

    response = TestClient(app, LOCAL, raise_server_exceptions=False).get("/fault")
    assert response.status_code == 500
    assert said(response) == PRIVATE


@pytest.mark.parametrize("path", [*PAGES, *ASSETS])
def test_pages_and_assets_are_kept_as_they_say(client: TestClient, path: str) -> None:
    """What is public is asked for again or kept for minutes, and never sniffed."""
    response = client.get(path, headers={"accept": "text/html"})
    assert response.headers["cache-control"] == (
        "public, max-age=600, stale-while-revalidate=86400" if path in ASSETS else "no-cache"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["etag"]


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_head_is_get_without_a_body(client: TestClient, coding: str) -> None:
    """Wherever GET works HEAD does, with the same headers; the length is that of the body left out."""
    taken = [path for method, path in addresses(client) if method == "GET"]
    for path in [*taken, *PAGES, *ASSETS, "/nope", "/v1/documents/nope", "/v1/documents?limit=0"]:
        got, head = (client.request(method, path, headers={"accept-encoding": coding}) for method in ("GET", "HEAD"))
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert dict(head.headers) == dict(got.headers), path
        assert coding == "gzip" or int(head.headers["content-length"]) == len(got.content), path


def test_head_is_refused_where_get_is(client: TestClient) -> None:
    """An address that only takes POST does not take HEAD."""
    response = client.head("/v1/ask")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


# --- over a real connection -----------------------------------------------------------------------

HIDDEN = "GET /v1/index HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = f"0\r\n\r\n{HIDDEN}"


def talk(server: str, *pieces: str) -> bytes:
    """Send a request as it stands, in one piece or more, and return what comes back until the server closes."""
    address = urlsplit(server)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(BrokenPipeError, ConnectionResetError):  # the server may answer and hang up before all was sent
            for piece in pieces:
                connection.sendall(piece.encode("latin-1"))
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def posted(headers: str, body: str, target: str = "/v1/ask") -> str:
    return f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}\r\n{body}"


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(posted(f"Content-Length: {len(CHUNKED)}\r\nTransfer-Encoding: chunked\r\n", CHUNKED), id="length, then chunks"),
        pytest.param(posted(f"Transfer-Encoding: chunked\r\nContent-Length: {len(CHUNKED)}\r\n", CHUNKED), id="chunks, then length"),
        pytest.param(posted(f"Content-Length: {len(CHUNKED)}\r\nTransfer-Encoding:\r\n chunked\r\n", CHUNKED), id="folded chunks"),
        pytest.param(posted(f"Content-Length: {len(CHUNKED)}\r\nTransfer-Encoding: x\r\n", CHUNKED), id="unknown coding"),
        pytest.param(posted(f"Content-Length: {len(CHUNKED)}\r\nTransfer-Encoding : chunked\r\n", CHUNKED), id="blank before the colon"),
        pytest.param(posted(f"Content-Length: {len(HIDDEN)}\r\nContent-Length: 0\r\n", HIDDEN), id="two lengths"),
        pytest.param(posted(f"Content-Length: 0\r\nContent-Length: {len(HIDDEN)}\r\n", HIDDEN), id="two lengths, turned"),
        pytest.param(posted(f"Content-Length: 0, {len(HIDDEN)}\r\n", HIDDEN), id="two lengths in one header"),
        pytest.param(posted(f"Content-Length: {len(HIDDEN)}\r\n 0\r\n", HIDDEN), id="folded length"),
        pytest.param(posted("Content-Length: +0\r\n", HIDDEN), id="signed length"),
        pytest.param(posted("Content-Length: 0x0\r\n", HIDDEN), id="hexadecimal length"),
        pytest.param(posted(" Content-Length: 0\r\n", HIDDEN), id="folded from the header before"),
        pytest.param(
            posted(f"Origin: http://evil.test\r\nContent-Length: {len(CHUNKED)}\r\nTransfer-Encoding: chunked\r\n", CHUNKED),
            id="from a foreign page",
        ),
        pytest.param(
            posted(f"Content-Length: {len(CHUNKED)}\r\nTransfer-Encoding: chunked\r\n", CHUNKED, "/nope"), id="to no address"
        ),
    ],
)  # fmt: skip
def test_a_request_of_doubtful_length_hides_no_other(server: str, request_: str) -> None:
    """It is a client's fault and the connection is closed, so that what stands behind it is never answered."""
    answer = talk(server, request_)
    assert answer.split(b" ", 2)[1] in {b"400", b"415", b"422", b"501"}
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"corpus_hash" not in answer


def test_two_lengths_are_a_problem(server: str) -> None:
    """Length and chunks together are refused with 400, in JSON, and with the close that follows."""
    answer = talk(server, posted("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"connection: close" in head.lower()
    assert "one length" in json.loads(body)["detail"]


@pytest.mark.parametrize("blank", [" ", "\t"], ids=["space", "tab"])
@pytest.mark.parametrize("end", ["\r\n", "\n"], ids=["CRLF", "LF"])
def test_a_header_over_two_lines_is_refused(server: str, blank: str, end: str) -> None:
    """It is 400 in the first request of a connection and in the next, however its lines end, and in pieces too.

    A request before it in the same piece is answered, and the connection is closed without a word on the second.
    """
    folded = posted(f"X-One: a\r\n{blank}b\r\nContent-Length: 2\r\n", "{}").replace("\r\n", end)
    plain = posted("Content-Length: 2\r\n", "{}")
    for pieces, status in (([folded], b"400"), (folded, b"400"), ([plain + folded], b"422")):
        assert [part[:3] for part in talk(server, *pieces).split(b"HTTP/1.1 ")[1:]] == [status], pieces
    with socket.create_connection((str(urlsplit(server).hostname), int(urlsplit(server).port or 0)), 30) as connection:
        connection.sendall(plain.encode())
        assert b" 422 " in connection.recv(65_536)
        connection.sendall(folded.encode())
        assert b" 400 " in connection.recv(65_536)


def test_lines_of_a_body_may_start_with_blanks(server: str) -> None:
    """Only headers are looked at: JSON over several lines is a body like any other."""
    body = '{\r\n  "question":\r\n\t"How often should a bicycle chain be oiled?"\r\n}'
    request = posted(f"Content-Length: {len(body)}\r\n", body)
    answer = talk(server, request * 2 + HIDDEN.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200"] * 3
