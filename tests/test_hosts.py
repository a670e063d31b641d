"""Which hosts are answered to: a page that binds its own name to the service's address reads and asks nothing."""

from __future__ import annotations

import shutil
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from conftest import ANSWERED, CHROMIUM_ARGS, LOCAL, app_over, serving
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from qa.server.hosts import exposed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page
    from starlette.types import ASGIApp

    from qa.pipeline import Pipeline

EVIL = "evil.test"
PATHS = ["/", "/docs", "/documents", "/documents/chain", "/widget.js", "/page.css", "/openapi.json"]
PATHS += ["/v1/documents", "/v1/documents/chain", "/v1/index", "/healthz", "/readyz", "/nope"]


def status(app: ASGIApp, host: str, path: str = "/healthz") -> int:
    return TestClient(app, LOCAL).get(path, headers={"host": host}).status_code


@pytest.fixture(scope="module")
def app(pipeline: Pipeline) -> ASGIApp:
    return app_over(pipeline)


@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_host_is_refused_at_every_path(app: ASGIApp, path: str) -> None:
    """The problem is 421 and says what to set; nothing of a page or document is in it, and HEAD is no way round."""
    client = TestClient(app, LOCAL)
    refused = client.get(path, headers={"host": f"{EVIL}:8000", "accept": "text/html"})
    assert refused.status_code == 421
    assert refused.headers["content-type"] == "application/problem+json"
    assert f"QA_HOSTS={EVIL}" in refused.json()["detail"]
    assert client.head(path, headers={"host": EVIL}).status_code == 421


def test_a_foreign_host_cannot_ask(app: ASGIApp) -> None:
    """Neither a question nor a verdict is taken, whatever the browser says of the page's origin."""
    client = TestClient(app, LOCAL)
    headers = {"host": EVIL, "origin": f"http://{EVIL}", "sec-fetch-site": "same-origin"}
    for path in ("/v1/ask", "/v1/search", "/v1/feedback"):
        assert client.post(path, json={"question": ANSWERED}, headers=headers).status_code == 421


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8000", "localhost.", "127.0.0.1:8000", "127.8.9.1", "[::1]:8000", "[0:0:0:0:0:0:0:1]"],
)
def test_the_loopback_is_answered_to(app: ASGIApp, host: str) -> None:
    """Its names and addresses are, in any form, with or without a port."""
    assert status(app, host) == 200


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("192.168.1.5", id="an address that is not listened on"),
        pytest.param("[2001:db8::1]", id="another of IPv6"),
        pytest.param("localhost.evil.test", id="a name that starts like the loopback"),
        pytest.param("127.0.0.1.evil.test", id="a name that starts like an address"),
        pytest.param("evillocalhost", id="a name that ends like the loopback"),
        pytest.param("localhost..", id="two dots"),
        pytest.param("127.1", id="an address as no browser sends it"),
        pytest.param("0.0.0.0", id="every address"),
    ],
)
def test_what_only_looks_like_the_loopback_is_refused(app: ASGIApp, host: str) -> None:
    """Only whole names and addresses count."""
    assert status(app, host) == 421


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "evil.test@localhost",
        "localhost/evil.test",
        "localhost evil.test",
        "[::1",
        "::1",
        "[localhost]",
        "[::1]x",
        "localhost:8000:1",
        "localhost:x",
        "höst",
        "[127.0.0.1]",
    ],
)
def test_what_names_no_host_is_a_problem(app: ASGIApp, host: str) -> None:
    """A header that no browser sends is 400."""
    refused = TestClient(app, LOCAL).get("/healthz", headers=[(b"host", host.encode("latin-1"))])
    assert refused.status_code == 400
    assert "header Host" in refused.json()["detail"]


def test_the_host_stands_in_one_header_alone(app: ASGIApp) -> None:
    """Two are 400, even if both are allowed, and what a proxy may add does not count."""
    client = TestClient(app, LOCAL)
    assert client.get("/healthz", headers=[("host", "localhost"), ("host", "localhost")]).status_code == 400
    assert client.get("/healthz", headers=[("host", EVIL), ("host", "localhost")]).status_code == 400
    forwarded = {"x-forwarded-host": "localhost", "forwarded": "host=localhost"}
    assert client.get("/healthz", headers={"host": EVIL, **forwarded}).status_code == 421
    assert client.get("/healthz", headers={"host": "localhost", "x-forwarded-host": EVIL}).status_code == 200


@pytest.mark.parametrize(
    ("allowed", "answered", "refused"),
    [
        pytest.param(
            "qa.example.org", ["qa.example.org", "QA.example.org.:443"], ["example.org", "a.qa.example.org"], id="name"
        ),
        pytest.param(
            "*.example.org", ["a.example.org", "a.b.example.org"], ["example.org", "aexample.org"], id="all below"
        ),
        pytest.param("*", [EVIL, "192.168.1.5", "[::2]"], [], id="any"),
        pytest.param("192.168.1.5", ["192.168.1.5:8000"], ["192.168.1.6"], id="address"),
    ],
)
def test_more_hosts_can_be_allowed(pipeline: Pipeline, allowed: str, answered: list[str], refused: list[str]) -> None:
    """Those that the setting names are answered to as the loopback is."""
    app = app_over(pipeline, hosts=(allowed,))
    assert {status(app, host) for host in [*answered, "localhost"]} == {200}
    assert {status(app, host) for host in refused} <= {421}


@pytest.mark.parametrize(
    ("bound", "answered", "refused"),
    [
        pytest.param("192.168.1.5", ["192.168.1.5:8000"], ["192.168.1.6"], id="one address"),
        pytest.param("fd00::5", ["[fd00::5]:8000", "[FD00:0::5]"], ["[fd00::6]"], id="one of IPv6"),
        pytest.param("nas.lan", ["NAS.lan:8000"], ["192.168.1.5"], id="a name"),
        pytest.param("0.0.0.0", ["192.168.1.5", "0.0.0.0:8000", "[fd00::5]"], ["nas.lan", EVIL], id="every address"),
        pytest.param("::", ["192.168.1.5", "[fd00::5]"], ["nas.lan"], id="every address of IPv6"),
        pytest.param("", ["192.168.1.5"], ["nas.lan", "192.168.1.5.evil.test"], id="none named"),
    ],
)
def test_the_address_listened_on_is_answered_to(
    pipeline: Pipeline, bound: str, answered: list[str], refused: list[str]
) -> None:
    """Of a service that listens on every address each is, since no name can stand for an address in the header."""
    app = app_over(pipeline, bound=bound)
    assert {status(app, host) for host in [*answered, "127.0.0.1"]} == {200}
    assert {status(app, host) for host in refused} == {421}


@pytest.mark.parametrize(
    ("bound", "open_to_others"),
    [
        ("127.0.0.1", False),
        ("127.0.0.2", False),
        ("::1", False),
        ("localhost", False),
        ("0.0.0.0", True),
        ("::", True),
        ("", True),
        ("192.168.1.5", True),
        ("nas.lan", True),
    ],
)
def test_what_others_can_reach_is_known(bound: str, *, open_to_others: bool) -> None:
    """Only the loopback is for this machine alone."""
    assert exposed(bound) == open_to_others


@pytest.mark.parametrize("path", ["/v1/documents", "/", "/qa/v1/documents"])
def test_a_mounted_app_refuses_too(app: ASGIApp, path: str) -> None:
    """A prefix before the path changes nothing."""
    mounted = Starlette(routes=[Mount("/qa", app), Mount("/", app)])
    assert status(mounted, EVIL, path) == 421
    assert status(mounted, "localhost", path) == 200


@pytest.mark.parametrize(
    "first",
    [
        pytest.param("GET http://evil.test/v1/documents HTTP/1.1", id="whole address"),
        pytest.param("GET http://localhost/v1/documents HTTP/1.1", id="whole address of this host"),
        pytest.param("OPTIONS * HTTP/1.1", id="asterisk"),
        pytest.param("CONNECT evil.test:80 HTTP/1.1", id="authority"),
    ],
)
def test_a_target_that_is_no_path_is_refused(server: str, first: str) -> None:
    """A host in the first line would count more than the header, so that form is not taken at all."""
    assert b" 400 " in exchange(server, f"{first}\r\nHost: localhost\r\nConnection: close\r\n\r\n").split(b"\r\n")[0]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        pytest.param("", b"400", id="none"),
        pytest.param("Host: localhost\r\nHost: localhost\r\n", b"400", id="two"),
        pytest.param("Host: localhost\r\n evil.test\r\n", b"400", id="folded"),
        pytest.param("Host: evil.test\r\n", b"421", id="foreign"),
        pytest.param("Host: localhost\r\n", b"200", id="own"),
    ],
)
def test_the_real_server_checks_the_header(server: str, headers: str, code: bytes) -> None:
    """Over a connection the same holds, for HTTP/1.1 and for HTTP/1.0."""
    for version in ("1.1", "1.0"):
        said = exchange(server, f"GET /v1/index HTTP/{version}\r\n{headers}Connection: close\r\n\r\n")
        assert said.split(b" ", 2)[1] == code
        assert (b"Bicycle care" in said) == (code == b"200")


def exchange(server: str, request: str) -> bytes:
    """Send a request as it stands and return all that comes back until the connection is closed."""
    address = urlsplit(server)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=30) as connection:
        connection.sendall(request.encode("latin-1"))
        return b"".join(iter(lambda: connection.recv(65_536), b""))


# --- in a browser ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def deceived(browser: Browser) -> Iterator[Browser]:
    """Start a browser for which the attacker's name leads to this machine."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    # This Chromium also asks the visitor before a page reaches the loopback; not every browser does.
    asking = "LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"
    args = [*CHROMIUM_ARGS, f"--host-resolver-rules=MAP {EVIL} 127.0.0.1", f"--disable-features={asking}"]
    with browser.browser_type.launch(executable_path=path, args=args) as launched:
        yield launched


FETCHED = """async ([path, question]) => {
  const init = question && {method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify({question})};
  const response = await fetch(path, init || {});
  return [response.status, await response.text()];
}"""


def attack(page: Page, server: str) -> list[tuple[int, str]]:
    """Return what a page of the attacker's reads after its name was bound to the service's address."""
    own = f"http://{EVIL}:{urlsplit(server).port}"
    page.route("**/attack", lambda route: route.fulfill(content_type="text/html", body="<title>attack</title>"))
    page.goto(f"{own}/attack")
    tried = [["/v1/documents", None], ["/", None], ["/documents/chain", None], ["/v1/ask", ANSWERED]]
    return [tuple(page.evaluate(FETCHED, each)) for each in tried]


def test_a_page_on_a_rebound_name_reads_and_asks_nothing(deceived: Browser, server: str) -> None:
    """In Chromium each try is 421 and holds nothing of the documents, and so is opening a page by that name."""
    page = deceived.new_page()
    for code, text in attack(page, server):
        assert code == 421
        assert "chain" not in text.lower()
    opened = page.goto(f"http://{EVIL}:{urlsplit(server).port}/")
    assert opened
    assert opened.status == 421
    opened = page.goto(server.replace("127.0.0.1", "localhost"))
    assert opened
    assert opened.ok


def test_the_attack_works_where_any_host_is_answered_to(deceived: Browser, pipeline: Pipeline) -> None:
    """With the check off, the same page reads all of it: the test above tests something."""
    with serving(app_over(pipeline, hosts=("*",))) as server:
        for code, text in attack(deceived.new_page(), server):
            assert code == 200
            assert "chain" in text.lower()
