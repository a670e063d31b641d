"""Load a service with more and more clients: throughput, latency, status codes, health and memory at each level.

Each client keeps a connection and asks one question after another. A client that gets 503 waits as long as Retry-After
says, unless --impatient is given. Another process asks /healthz 20 times a second at the same time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count, islice
from multiprocessing.connection import Connection
from pathlib import Path

_HEALTH_EVERY = 0.05
_PERCENTILES = (0.5, 0.99)


@dataclass(slots=True, kw_only=True)
class Seen:
    """What the clients of one level saw: seconds by status, and how many connections failed."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, status: str, seconds: float) -> None:
        """Count one response."""
        self.seconds.setdefault(status, []).append(seconds)


def main() -> None:
    """Run each level and print a row of figures for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, help="the index to serve")
    parser.add_argument("questions", type=Path, help="questions.jsonl")
    parser.add_argument("--clients", default="1,8,64,256,512", help="the levels, between commas")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each level lasts")
    parser.add_argument("--impatient", action="store_true", help="ask again at once after a 503")
    arguments = parser.parse_args()
    with arguments.questions.open(encoding="utf-8") as lines:
        questions = [json.loads(line)["question"] for line in lines]
    with _served(arguments.index) as (process, port):
        print("clients  answers/s   p50 ms   p99 ms  health p99 ms  private MB  statuses", flush=True)
        for clients in map(int, arguments.clients.split(",")):
            _level(port, process.pid, questions, clients, arguments.seconds, patient=not arguments.impatient)


def _level(port: int, pid: int, questions: Sequence[str], clients: int, seconds: float, *, patient: bool) -> None:
    ours, theirs = multiprocessing.Pipe(duplex=False)
    prober = multiprocessing.Process(target=_probe, args=(port, seconds, theirs))
    prober.start()
    seen = asyncio.run(_load(port, questions, clients, seconds, patient=patient))
    health = ours.recv()
    prober.join()
    answered = seen.seconds.get("200", [])
    p50, p99 = (1000 * _percentile(answered, share) for share in _PERCENTILES)
    statuses = {status: len(each) for status, each in sorted(seen.seconds.items())} | dict(seen.failures)
    print(
        f"{clients:7}  {len(answered) / seconds:9.1f}  {p50:7.0f}  {p99:7.0f}  {1000 * _percentile(health, 0.99):13.1f}"
        f"  {_private(pid):10.0f}  {statuses}",
        flush=True,
    )


async def _load(port: int, questions: Sequence[str], clients: int, seconds: float, *, patient: bool) -> Seen:
    seen = Seen()
    end = time.monotonic() + seconds
    turn = count()
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(_client(port, questions, turn, end, seen, patient=patient))
    return seen


async def _client(
    port: int, questions: Sequence[str], turn: Iterator[int], end: float, seen: Seen, *, patient: bool
) -> None:
    while time.monotonic() < end:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while time.monotonic() < end:
                body = json.dumps({"question": questions[next(turn) % len(questions)]}).encode()
                started = time.perf_counter()
                writer.write(
                    b"POST /v1/ask HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
                    b"content-length: %d\r\n\r\n%s" % (len(body), body)
                )
                status, wait = await asyncio.wait_for(_response(reader), timeout=120)
                seen.add(status, time.perf_counter() - started)
                if patient and wait:
                    await asyncio.sleep(min(wait, max(0.0, end - time.monotonic())))
            writer.close()
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            seen.failures[type(error).__name__] += 1


async def _response(reader: asyncio.StreamReader) -> tuple[str, float]:
    """Read a response whole; return its status and what Retry-After says, in seconds."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
    await reader.readexactly(int(headers.get("content-length", "0")))
    return head[0].split()[1], float(headers.get("retry-after", "0"))


def _probe(port: int, seconds: float, result: Connection) -> None:
    """Ask /healthz on a connection of its own, and send how long each answer took."""
    client = HTTPConnection("127.0.0.1", port, timeout=60)
    spent: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        started = time.perf_counter()
        client.request("GET", "/healthz")
        client.getresponse().read()
        spent.append(time.perf_counter() - started)
        time.sleep(_HEALTH_EVERY)
    result.send(spent)


def _percentile(seconds: Sequence[float], share: float) -> float:
    if len(seconds) < 2:  # noqa: PLR2004 - statistics needs two
        return max(seconds, default=float("nan"))
    return statistics.quantiles(seconds, n=100)[int(100 * share) - 1]


@contextmanager
def _served(index: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [sys.executable, "-m", "qa.cli", "serve", "--index", str(index), "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stderr is not None
    try:
        address = next(line for line in islice(process.stderr, 20) if "http://" in line)
        yield process, int(address.split("http://")[1].split()[0].rpartition(":")[2])
    finally:
        process.terminate()
        process.wait()


def _private(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("RssAnon")).split()[1]) / 1000


if __name__ == "__main__":
    main()
