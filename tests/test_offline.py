"""What ``--offline`` refuses, tried in processes of their own: the hook cannot be taken back."""

from __future__ import annotations

import subprocess
import sys

import pytest

PREPARE = """
import asyncio, http.client, socket, urllib.request
from qa.offline import ConnectionForbidden, forbid_connections
listener = socket.create_server(("127.0.0.1", 0))
address = listener.getsockname()
udp = socket.socket(type=socket.SOCK_DGRAM)
"""


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PREPARE + code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("attempt", "named"),
    [
        pytest.param("socket.create_connection(address)", "127.0.0.1", id="connect"),
        pytest.param("socket.socket().connect_ex(address)", "127.0.0.1", id="connect_ex"),
        pytest.param("socket.socket(socket.AF_UNIX).connect('/nowhere')", "/nowhere", id="local socket"),
        pytest.param("udp.sendto(b'x', address)", "127.0.0.1", id="sendto"),
        pytest.param("udp.sendmsg([b'x'], [], 0, address)", "127.0.0.1", id="sendmsg"),
        pytest.param("socket.getaddrinfo('host.invalid', 80)", "host.invalid", id="getaddrinfo"),
        pytest.param("socket.gethostbyname('host.invalid')", "host.invalid", id="gethostbyname"),
        pytest.param("socket.gethostbyname_ex('host.invalid')", "host.invalid", id="gethostbyname_ex"),
        pytest.param("socket.gethostbyaddr('192.0.2.1')", "192.0.2.1", id="gethostbyaddr"),
        pytest.param("socket.getnameinfo(('192.0.2.1', 80), 0)", "192.0.2.1", id="getnameinfo"),
        pytest.param("urllib.request.urlopen('http://127.0.0.1:9/')", "127.0.0.1", id="urllib"),
        pytest.param(
            "http.client.HTTPSConnection('host.invalid').request('GET', '/')", "host.invalid", id="http.client"
        ),
        pytest.param("asyncio.run(asyncio.open_connection(*address))", "127.0.0.1", id="asyncio"),
    ],
)
def test_every_way_out_is_refused_and_named(attempt: str, named: str) -> None:
    """An attempt fails with an error that names the way and the target."""
    code = f"forbid_connections()\ntry: {attempt}\nexcept ConnectionForbidden as error: print(error)"
    assert named in run(code)
    assert run(code).endswith("was refused: the service runs with --offline.")


def test_without_the_hook_the_same_attempt_succeeds() -> None:
    """It is the hook that refuses, not the machine."""
    assert run("socket.create_connection(address).close(); print('connected')") == "connected"


def test_a_client_is_answered_by_every_means() -> None:
    """Whoever connects gets an answer, also by the scattered write that asyncio uses."""
    code = """
client = socket.create_connection(address)
forbid_connections()
with listener.accept()[0] as peer:
    peer.sendall(b"one ")
    peer.sendmsg([b"two ", b"three"])
print(client.makefile().read())
"""
    assert run(code) == "one two three"


def test_an_error_that_is_swallowed_as_no_network_is_not_this_one() -> None:
    """A library that falls back when it is offline still sees the refusal: it is no OSError."""
    code = """
forbid_connections()
try:
    try: socket.create_connection(address)
    except OSError: print("swallowed")
except ConnectionForbidden: print("told")
"""
    assert run(code) == "told"
