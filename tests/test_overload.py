"""Overload: a bounded queue, bounded connections, deadlines, and a stop that leaves nobody without an answer."""

from __future__ import annotations

import gzip
import http.client
import json
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, Response

from qa.server import Service, Workers
from qa.server.connections import Bounds, most_connections
from qa.server.problems import install
from qa.server.run import Server, listen
from qa.server.workers import RefuseEarly

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.requests import Request

    from qa.pipeline import Pipeline

PATIENCE = 30.0
REQUEST = b"POST /v1/ask HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}"
HEALTH = b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n"
UNREAD = 16_000_000


@dataclass
class Work:
    """An app whose work goes on until it is let go, and what has been done of it."""

    threads: int = 2
    queue: int = 3
    bounds: Bounds = field(default_factory=lambda: Bounds(most=100))
    grace: float = PATIENCE
    length: int = 1
    go: threading.Event = field(default_factory=threading.Event)
    done: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        pipeline = cast("Pipeline", SimpleNamespace(index=SimpleNamespace(path=SimpleNamespace(name="one"))))
        self.workers = Workers(Service(pipeline), threads=self.threads, queue=self.queue)
        self.app = FastAPI()
        self.app.add_middleware(RefuseEarly, workers=self.workers)
        self.app.add_route("/v1/ask", self.work, methods=["POST"])
        self.app.add_route("/health", health)
        self.app.add_route("/large", large)
        install(self.app)

    async def work(self, request: Request) -> Response:
        return await self.workers.run(request, self._work)

    def _work(self, _: Pipeline) -> Response:
        assert self.go.wait(PATIENCE)
        self.done.append(time.monotonic())
        return PlainTextResponse("done" * self.length)

    @contextmanager
    def serving(self) -> Iterator[Running]:
        """Serve in a thread; let all work go in the end."""
        server = Server(self.app, self.workers, self.bounds, grace=self.grace)
        with listen("127.0.0.1", 0) as listener:
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
            thread.start()
            wait_until(lambda: server.started)
            try:
                yield Running(port=listener.getsockname()[1], server=server, thread=thread)
            finally:
                self.go.set()
                server.should_exit = True
                thread.join(PATIENCE)
                assert not thread.is_alive()


async def health(_: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


async def large(_: Request) -> PlainTextResponse:
    return PlainTextResponse("x" * UNREAD)


@dataclass(frozen=True)
class Running:
    """A server in a thread."""

    port: int
    server: Server
    thread: threading.Thread

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def ask(self, request: bytes = REQUEST) -> tuple[int, dict[str, str]]:
        """Send a request on a connection of its own; return the status and the headers."""
        with self.connect() as client:
            client.sendall(request)
            return answer(client)


def answer(client: socket.socket) -> tuple[int, dict[str, str]]:
    response = http.client.HTTPResponse(client)
    response.begin()
    response.read()
    return response.status, {name.lower(): value for name, value in response.getheaders()}


def wait_until(holds: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.01)


def is_closed(client: socket.socket) -> bool:
    """Read what is left, and tell whether the server hung up."""
    try:
        while client.recv(65_536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


# --- the queue ------------------------------------------------------------------------------------


def test_what_does_not_fit_the_queue_gets_503() -> None:
    """Two requests are in work and three wait; the others are refused, as problems that say when to try again."""
    work = Work()
    with work.serving() as running, ThreadPoolExecutor(12) as pool:
        first = [pool.submit(running.ask) for _ in range(5)]
        wait_until(lambda: work.workers.full)
        refused = list(pool.map(lambda _: running.ask(), range(7)))
        assert {status for status, _ in refused} == {503}
        assert {headers["retry-after"] for _, headers in refused} == {"1"}
        assert {headers["content-type"] for _, headers in refused} == {"application/problem+json"}
        work.go.set()
        assert Counter(each.result()[0] for each in first) == {200: 5}
        assert running.ask()[0] == 200
    assert len(work.done) == 6


def test_health_is_answered_while_all_threads_work() -> None:
    """A check of health waits for nothing that questions wait for."""
    work = Work(threads=1, queue=50)
    with work.serving() as running, ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(running.connect()).sendall(REQUEST)
        assert running.ask(HEALTH)[0] == 200
        assert work.done == []


def test_a_large_response_is_compressed_beside_the_event_loop() -> None:
    """It arrives whole, by whichever coding the client takes, and the middleware that compresses finds it done."""
    work = Work(length=100_000)
    work.app.add_middleware(GZipMiddleware)
    work.go.set()
    with work.serving() as running, running.connect() as client:
        for coding in ("identity", "gzip"):
            client.sendall(
                REQUEST.replace(b"content-length", b"accept-encoding: %s\r\ncontent-length" % coding.encode())
            )
            response = http.client.HTTPResponse(client)
            response.begin()
            body = response.read()
            assert response.getheader("content-encoding", "identity") == coding
            assert response.getheader("vary") == "Accept-Encoding"
            assert (gzip.decompress(body) if coding == "gzip" else body) == b"done" * 100_000


def test_work_whose_client_has_left_is_dropped() -> None:
    """Of three that wait, the two whose clients hang up are never worked on."""
    work = Work(threads=1)
    with work.serving() as running, running.connect() as first, running.connect() as last:
        first.sendall(REQUEST)
        gone = [running.connect() for _ in range(2)]
        for client in gone:
            client.sendall(REQUEST)
        last.sendall(REQUEST)
        wait_until(lambda: work.workers.full)
        for client in gone:
            client.close()
        wait_until(lambda: len(running.server.server_state.connections) == 2)
        work.go.set()
        assert [answer(first)[0], answer(last)[0]] == [200, 200]
    assert len(work.done) == 2


def test_a_slow_client_takes_nobodys_turn() -> None:
    """A request that has not arrived whole does not count."""
    work = Work(threads=1, queue=0)
    work.go.set()
    with work.serving() as running, running.connect() as slow:
        slow.sendall(REQUEST[:-1])
        assert running.ask()[0] == 200
        slow.sendall(REQUEST[-1:])
        assert answer(slow)[0] == 200


# --- connections ----------------------------------------------------------------------------------


def test_a_connection_that_asks_nothing_is_closed() -> None:
    """Silence, and bytes that begin no request, end at the deadline; so does a connection after its answer."""
    work = Work(bounds=Bounds(most=100, sending=0.3))
    with work.serving() as running, running.connect() as silent, running.connect() as trickling:
        trickling.sendall(b"\r\n")
        assert is_closed(silent)
        assert is_closed(trickling)


@pytest.mark.parametrize("part", [REQUEST[:20], REQUEST[:-1]], ids=["header", "body"])
def test_a_request_that_never_ends_gets_408(part: bytes) -> None:
    """The deadline is for the whole request, however its parts arrive."""
    work = Work(bounds=Bounds(most=100, sending=0.5))
    work.go.set()
    with work.serving() as running, running.connect() as slow, running.connect() as healthy:
        slow.sendall(part)
        healthy.sendall(HEALTH)
        assert answer(healthy)[0] == 200
        status, headers = answer(slow)
        assert (status, headers["content-type"], headers["connection"]) == (408, "application/problem+json", "close")
        assert is_closed(slow)
    assert work.done == []


def test_work_takes_as_long_as_it_takes() -> None:
    """Deadlines are the client's: a request in work is not cut off by them."""
    work = Work(bounds=Bounds(most=100, sending=0.2))
    with work.serving() as running, running.connect() as client:
        client.sendall(REQUEST)
        time.sleep(0.6)
        work.go.set()
        assert answer(client)[0] == 200


def test_a_client_that_reads_nothing_is_closed() -> None:
    """What waits to be sent is let go at the deadline."""
    work = Work(bounds=Bounds(most=100, reading=0.3))
    with work.serving() as running, running.connect() as client:
        client.sendall(b"GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n")
        wait_until(lambda: running.server.server_state.connections)
        wait_until(lambda: not running.server.server_state.connections)


def test_silent_connections_make_room_for_others(caplog: pytest.LogCaptureFixture) -> None:
    """Beyond the limit those are closed that have waited longest, and a request is answered; the log says it once."""
    work = Work(bounds=Bounds(most=10))
    with work.serving() as running, ExitStack() as stack:
        silent = [stack.enter_context(running.connect()) for _ in range(60)]
        assert [running.ask(HEALTH)[0] for _ in range(20)] == [200] * 20
        wait_until(lambda: len(running.server.server_state.connections) <= 10)
        assert is_closed(silent[0])
    assert len([each for each in caplog.messages if "Connections are closed" in each]) <= 1


def test_beyond_the_limit_a_newcomer_is_refused_if_all_others_are_in_work() -> None:
    """Nobody who has asked is hung up on."""
    work = Work(threads=1, queue=20, bounds=Bounds(most=5))
    with work.serving() as running, ExitStack() as stack:
        asking = [stack.enter_context(running.connect()) for _ in range(5)]
        for client in asking:
            client.sendall(REQUEST)
        wait_until(lambda: len(running.server.server_state.tasks) == 5)
        with running.connect() as newcomer:
            assert answer(newcomer)[0] == 503
        work.go.set()
        assert [answer(client)[0] for client in asking] == [200] * 5


def test_the_limit_is_below_that_of_descriptors() -> None:
    """However few descriptors a process may open, connections leave some."""
    code = "from qa.server.connections import most_connections; print(most_connections())"
    for soft in (64, 256, 1_024, 20_000):

        def lower(limit: int = soft) -> None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, preexec_fn=lower
        )
        assert soft / 8 <= int(done.stdout) <= soft * 0.99
    assert most_connections() > 0


def test_a_response_waits_for_no_acknowledgement() -> None:
    """TCP_NODELAY is set on the listener, and on what is accepted from it."""
    work = Work()
    with work.serving() as running, running.connect() as client:
        client.sendall(HEALTH)
        assert answer(client)[0] == 200
        (connection,) = running.server.server_state.connections
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_what_is_no_http_gets_a_problem() -> None:
    """A client that speaks something else is told so."""
    with Work().serving() as running:
        status, headers = running.ask(b"EHLO example.org\r\n\r\n")
        assert (status, headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("part", [b"x: y\r\n", b"x" * 50], ids=["many", "long"])
def test_endless_headers_are_refused(part: bytes) -> None:
    """Headers are not collected without bound."""
    with Work().serving() as running, running.connect() as client:
        with suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(b"GET /health HTTP/1.1\r\nx-")
            for _ in range(200):
                client.sendall(part * 100)
        assert is_closed(client)
        assert running.ask(HEALTH)[0] == 200


def test_a_request_behind_another_has_a_deadline_too() -> None:
    """A request whose body never comes is refused although the one before it, in the same packet, was answered."""
    work = Work(bounds=Bounds(most=100, sending=0.3))
    with work.serving() as running, running.connect() as client:
        client.sendall(HEALTH + REQUEST[:-1])
        assert answer(client)[0] == 200
        assert is_closed(client)


def test_blank_lines_during_work_are_nobodys_turn() -> None:
    """Old clients send them behind a body: the request is answered, however long it takes."""
    work = Work(bounds=Bounds(most=100, sending=0.2))
    with work.serving() as running, running.connect() as client:
        client.sendall(REQUEST)
        wait_until(lambda: running.server.server_state.tasks)
        client.sendall(b"\r\n")
        time.sleep(0.5)
        work.go.set()
        assert answer(client)[0] == 200


def test_what_follows_a_request_takes_no_answer_away(caplog: pytest.LogCaptureFixture) -> None:
    """Bytes beyond the length named are dropped, the request is answered, and no traceback is logged."""
    work = Work()
    with work.serving() as running, running.connect() as client:
        client.sendall(REQUEST)
        wait_until(lambda: running.server.server_state.tasks)
        client.sendall(b"and more\r\n\r\n")
        work.go.set()
        status, headers = answer(client)
        assert (status, headers["connection"]) == (200, "close")
        assert is_closed(client)
    assert not any(record.exc_info for record in caplog.records)


def test_a_client_that_sends_without_reading_is_closed() -> None:
    """Requests that wait behind one another on a connection have a bound."""
    work = Work()
    with work.serving() as running, running.connect() as client:
        with suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(REQUEST + HEALTH * 1_000)
        assert is_closed(client)
        assert running.ask(HEALTH)[0] == 200


def test_a_client_that_reads_slowly_gets_all() -> None:
    """The deadline is for reading something, not for reading the whole."""
    work = Work(bounds=Bounds(most=100, reading=1.5))
    with work.serving() as running, running.connect() as client:
        client.sendall(b"GET /large HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        received = 0
        while part := client.recv(400_000):
            received += len(part)
            time.sleep(0.1)
        assert received > UNREAD


def test_headers_behind_a_body_are_refused() -> None:
    """Trailers would be collected without bound."""
    with Work().serving() as running:
        head = b"POST /health HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: y\r\n\r\n"
        assert running.ask(head)[0] == 400


# --- stopping -------------------------------------------------------------------------------------


def test_a_stop_answers_what_has_arrived() -> None:
    """Those in work and those that wait are answered, if they are in time."""
    work = Work(threads=1, queue=10)
    with work.serving() as running, ExitStack() as stack:
        asking = [stack.enter_context(running.connect()) for _ in range(8)]
        for client in asking:
            client.sendall(REQUEST)
        wait_until(lambda: len(running.server.server_state.tasks) == 8)
        running.server.should_exit = True
        work.go.set()
        assert [answer(client)[0] for client in asking] == [200] * 8
        running.thread.join(PATIENCE)
        assert not running.thread.is_alive()


def test_a_stop_refuses_what_is_not_in_time() -> None:
    """When the grace ends, what is in work is finished and what waits gets 503; what has not arrived whole gets it at once."""
    work = Work(threads=1, queue=10, grace=0.3)
    with work.serving() as running, ExitStack() as stack:
        asking = [stack.enter_context(running.connect()) for _ in range(5)]
        for client in asking:
            client.sendall(REQUEST)
        wait_until(lambda: len(running.server.server_state.tasks) == 5)
        partial = stack.enter_context(running.connect())
        partial.sendall(REQUEST[:-1])
        wait_until(lambda: len(running.server.server_state.tasks) == 6)
        running.server.should_exit = True
        assert answer(partial)[0] == 503
        assert Counter(answer(client)[0] for client in asking[1:]) == {503: 4}
        work.go.set()
        assert answer(asking[0])[0] == 200
    assert len(work.done) == 1


def test_a_stop_right_after_a_refusal_answers_the_others() -> None:
    """A connection that was refused a moment ago does not keep the rest from being answered."""
    work = Work()
    with work.serving() as running, running.connect() as foreign, running.connect() as client:
        client.sendall(REQUEST)
        wait_until(lambda: running.server.server_state.tasks)
        foreign.sendall(b"GET \x16\x03\x01\r\n\r\n")
        assert answer(foreign)[0] == 400
        running.server.should_exit = True
        time.sleep(0.5)
        work.go.set()
        assert answer(client)[0] == 200


def test_stopping_a_loaded_service_loses_no_request(toy_index: Path) -> None:
    """Whatever 200 clients have sent when the signal comes is answered or refused, and the process ends with 0."""
    command = [sys.executable, "-c", "import qa.cli; qa.cli.main()", "serve", "--index", str(toy_index), "--port", "0"]
    for number in (signal.SIGTERM, signal.SIGHUP):
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            assert process.stderr is not None
            port = int(process.stderr.readline().split("http://")[1].split()[0].rpartition(":")[2])
            running = Running(port=port, server=cast("Server", None), thread=threading.current_thread())
            body = json.dumps({"question": "How often should a bicycle chain be oiled?"}).encode()
            head = b"POST /v1/ask HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
            with ExitStack() as stack:
                clients = [stack.enter_context(running.connect()) for _ in range(200)]
                for client in clients:
                    client.sendall(head % len(body) + body)
                assert answer(clients[0])[0] == 200
                process.send_signal(number)
                statuses = Counter(answer(client)[0] for client in clients[1:])
            assert statuses.keys() <= {200, 503}
            assert process.wait(PATIENCE) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()
            process.communicate()
