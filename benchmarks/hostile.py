"""Ask the HTTP service what nobody should ask, and say what broke, what was slow and how much memory it kept.

    python benchmarks/hostile.py INDEX [--set FILE.jsonl ...] [--strings 10000] [--seed 7]

Sent are the rows of the sets, then generated strings (hostile_strings.py), then bodies and requests that are no
questions. Each response must be below 500, JSON of its media type, of the schema, quoted word for word, and never HTML.
Then the safety check alone reads 8 000 characters of the long ones; its slowest are timed again, in time of the
processor, beside the encoding of a question in the same run. Ends with 3 if anything broke. Interrupted while it asks, it
goes on with what it has asked so far.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from fastapi.testclient import TestClient
from hostile_strings import Hostile, hostile
from pydantic import TypeAdapter

from qa import server
from qa.encoders import Encoding
from qa.index import Index
from qa.pipeline import Pipeline
from qa.question import opening
from qa.safety import SafetyGate, stretches
from qa.safety.cries import cries
from qa.safety.normalise import MAX_CHARACTERS
from qa.types import Answer, Refusal, SafetySwitches, SearchResult, Span

OUTCOME: TypeAdapter[Answer | Refusal] = TypeAdapter(Answer | Refusal)
SEARCH = TypeAdapter(SearchResult)
JSON = {"content-type": "application/json"}
MOST_MILLISECONDS = 50
SLOWEST, ROUNDS = 12, 9
MOST_TIMED, STRIDE = 1_000, 250
BAD = (
    *(b"", b"null", b"[]", b"{}", b"5", b'"a"', b"{", b'{"question": "a', b"\xff\xfe", b'{"question": "\xff"}'),
    *(b"[" * 200_000, b'{"a":' * 40_000, b'{"question": ' + b"[" * 90_000 + b"]" * 90_000 + b"}", b"\xef\xbb\xbf{}"),
    *('{"question": "a cramp"}'.encode("utf-16"), b'{"question": 1e999}', b'{"question": NaN}', b"-" * 1_000),
    *(b'{"question": "a", "question": "b"}', b'{"question": "a", "top": 3, "top": 4}', b'{"question": {"$ne": 1}}'),
    *(b'{"question": "a", "top": ' + b"9" * 20_000 + b"}", b'{"question": "a", "top": -1}', b'{"__proto__": 1}'),
    *(b'{"question": "a", "filters": {"document_ids": [' + b'"x",' * 20_000 + b'"x"]}}', b"x" * 300_000, b"\0" * 9),
    *(b'{"question": "a", "lang": "' + b"a-" * 20_000 + b'a"}', b'{"question": "a", "region": "\\ud800\\ud800"}'),
    *(b'{"question": "a", "history": [' + b"{}," * 20_000 + b"{}]}", b"question=a", b"<question>a</question>"),
)
MEDIA_TYPES = ("", "text/plain", "text/html", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded", "\t", "a/" + "b" * 5_000)  # fmt: skip
METHODS = ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What broke, by what."""

    says: str
    by: str


class Service:
    """The real application in this process, and what must hold of whatever it says."""

    def __init__(self, index: Index) -> None:
        """Start it."""
        self._texts = {name: index.documents.get(name).text for name in index.manifest.documents}
        self.client = TestClient(
            server.create_app(server.Workers(server.Service(Pipeline(index, SafetyGate.load())))),
            "http://localhost",
            raise_server_exceptions=False,
        )
        self.statuses: Counter[str] = Counter()
        self.faults: list[Fault] = []

    def ask(self, path: str, text: str) -> None:
        """Ask one string, and check all that is said to it."""
        sent = json.dumps({"question": text}).encode()
        response = self.client.post(path, content=sent, headers=JSON)
        self._check(response, by=f"{path} {text[:80]!r} ({len(text)} characters)", expected=200)
        if response.status_code == 200 and path == "/v1/ask":  # noqa: PLR2004
            self._quoted(OUTCOME.validate_json(response.content), text)

    def misuse(self, method: str, path: str, content: bytes = b"", headers: dict[str, str] | None = None) -> None:
        """Send what is no question; only a problem may come back."""
        response = self.client.request(method, path, content=content, headers=headers or {})
        self._check(response, by=f"{method} {path[:80]} {headers} {content[:60]!r} ({len(content)} bytes)", expected=0)

    def _check(self, response: Any, *, by: str, expected: int) -> None:
        self.statuses[f"{response.status_code} {response.headers.get('content-type')}"] += 1
        for says in _faults(response, expected):
            self.faults.append(Fault(says=says, by=by))

    def _quoted(self, outcome: Answer | Refusal, text: str) -> None:
        for citation in outcome.passages:
            document = self._texts[citation.document.id]
            pieces = [(Span(start=quote.start, end=quote.end), quote.exact) for quote in citation.quotes]
            pieces.append((Span(start=citation.location.start, end=citation.location.end), citation.exact))
            if any(span.of(document) != exact for span, exact in pieces):
                self.faults.append(Fault(says="a quote is no slice of its document", by=text[:80]))


def _faults(response: Any, expected: int) -> Iterator[str]:
    """Yield what is wrong with a response.

    :param expected: the status besides the problems that may come.
    """
    status, media_type = response.status_code, response.headers.get("content-type", "")
    problem = media_type == "application/problem+json"
    if status != expected and not 400 <= status < 500:  # noqa: PLR2004
        yield f"status {status}"
    if media_type != ("application/json" if status == expected else "application/problem+json"):
        yield f"media type {media_type!r} with status {status}"
    if response.request.method == "HEAD":
        return
    try:
        body = json.loads(response.content.decode("utf-8"), parse_constant=_refuse)
    except ValueError as error:
        yield f"no JSON: {error}"
        return
    if problem and (set(body) != {"type", "title", "status", "detail"} or body["status"] != status):
        yield f"no problem: {sorted(body)}"
    if problem and len(body["detail"]) > 500:  # noqa: PLR2004
        yield f"a detail of {len(body['detail'])} characters"
    if not problem:
        adapter: TypeAdapter[Any] = OUTCOME if "status" in body else SEARCH
        if json.loads(adapter.dump_json(adapter.validate_python(body))) != body:
            yield "not of the schema"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def main() -> None:
    """Print every figure and every fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--set", type=Path, action="append", default=[], help="JSON lines with question, query or text")
    parser.add_argument("--strings", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    index = Index(arguments.index, threads=1)
    strings = list(hostile(arguments.strings, arguments.seed, arguments.set))
    random.Random(arguments.seed).shuffle(strings)
    service = Service(index)
    strings = strings[: _ask_all(service, strings)]
    _misuse_all(service, strings)
    for status, count in sorted(service.statuses.items()):
        print(f"{count:6} {status}")
    slow = _time_safety(index, strings)
    for fault in service.faults[:20]:
        print(f"FAULT {fault.says}: {fault.by}")
    print(f"{len(service.faults)} faults in {service.statuses.total()} responses")
    sys.exit(3 if service.faults or slow else 0)


def _ask_all(service: Service, strings: Sequence[Hostile]) -> int:
    """Ask each, print the memory kept meanwhile, and return how many were asked."""
    resident: list[int] = []
    asked = 0
    with suppress(KeyboardInterrupt):
        for each in strings:
            service.ask("/v1/ask", each.text)
            if asked % 8 == 0:
                service.ask("/v1/search", each.text)
            asked += 1
            if asked % STRIDE == 0:
                gc.collect()
                resident.append(_private())
                print(f"\r{asked} strings, {len(service.faults)} faults", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(f"{asked} strings asked; private memory (RssAnon) after each {STRIDE}, MB:", *resident)
    return asked


def _private() -> int:
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    return int(next(line for line in status if line.startswith("RssAnon")).split()[1]) // 1024


def _misuse_all(service: Service, strings: Sequence[Hostile]) -> None:
    good = b'{"question": "What is a cramp?"}'
    for path in ("/v1/ask", "/v1/search"):
        for body in BAD:
            service.misuse("POST", path, body, JSON)
        for media_type in MEDIA_TYPES:
            service.misuse("POST", path, good, {"content-type": media_type} if media_type else None)
        for method in METHODS:
            service.misuse(method, path, good, JSON)
    draw = random.Random(len(strings))
    for each in draw.sample(list(strings), min(500, len(strings))):
        name = each.text[:2_000].encode("utf-8", "surrogatepass")
        quoted = "".join(f"%{byte:02x}" for byte in name)
        service.misuse("GET", f"/v1/documents/{quoted or 'x'}x")
        service.misuse("GET", f"/v1/documents?offset={quoted}x")
        service.misuse("POST", "/v1/ask", _mutilated(draw, each.text), JSON)


def _mutilated(draw: random.Random, text: str) -> bytes:
    """Return a request as JSON with a field of the wrong type, a stray byte, or its end cut off."""
    body: dict[str, object] = {
        "question": text[:500],
        "top": draw.choice(["3", 3.5, None, [], -1, 99]),
        text[:40] + "x": 1,
    }
    raw = json.dumps(body).encode()
    return draw.choice((raw, raw[: len(raw) // 2], raw[:20] + b"\xc3" + raw[20:], raw + raw))


def _time_safety(index: Index, strings: Sequence[Hostile]) -> bool:
    """Print the slowest checks and what took their time; tell whether one is over the limit."""
    gate = SafetyGate.load().adapted(SafetySwitches(), index.classifier)
    encode = partial(index.encoder.encode_query, "why does my calf cramp at night in bed")
    gc.freeze()
    long = [each for each in strings if len(each.text) >= 1_000][:MOST_TIMED]  # noqa: PLR2004
    texts = {each.text[:MAX_CHARACTERS]: each.kind for each in long}
    said = {text: _said(index, text) for text in texts}

    def check(text: str) -> None:
        gate.weigh(text, stretches(*said[text], index.encoder.encode_query))

    once = sorted(((_milliseconds(partial(check, text)), text) for text in texts), reverse=True)
    middle = median(spent for spent, _ in once)
    print(f"Safety checks of {len(once)} strings of up to 8 000 characters: median {middle:.1f} ms of the processor")
    print(f"The {SLOWEST} slowest, the least of {ROUNDS} times, in ms of the processor; encoding ten words beside it:")
    rows = []
    for _, text in once[:SLOWEST]:
        parts: dict[str, Callable[[], object]] = {
            "check": partial(check, text),
            "encoding": encode,
            "words": partial(gate.read, text),
            "cries": partial(cries, text),
        }
        rounds = [{name: _milliseconds(part) for name, part in parts.items()} for _ in range(ROUNDS)]
        rows.append(({name: min(each[name] for each in rounds) for name in parts}, text))
    for spent, text in sorted(rows, key=lambda row: -row[0]["check"]):
        shares = ", ".join(f"{name} {spent[name]:.1f}" for name in ("words", "cries"))
        print(f"{spent['check']:6.1f} {spent['encoding']:5.1f} ({shares}) {texts[text]}: {text[:40]!r}")
    print(f"Median encoding there: {median(spent['encoding'] for spent, _ in rows):.1f} ms")
    return max(spent["check"] for spent, _ in rows) > MOST_MILLISECONDS


def _said(index: Index, text: str) -> tuple[Encoding, str]:
    """Return the vectors of a message's beginning, and what follows that."""
    beginning, rest = opening(text)
    return index.encoder.encode_query(beginning), rest


def _milliseconds(call: Callable[[], object]) -> float:
    """Return the time of the processor that a call took: what others do on the machine is hardly counted."""
    start = time.thread_time()
    call()
    return (time.thread_time() - start) * 1000


if __name__ == "__main__":
    main()
