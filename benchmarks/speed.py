"""Latency, throughput, cold start and private memory beside a bare FastAPI handler, in one run; build rate apart.

Both services listen on the loopback and are asked the same questions in turn, so that whatever else the machine does
falls on both. --build also encodes a sample of documents both ways and compares the whole build with that alone.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

from qa.index import Index, generation
from qa.index.dense import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
STARTING = 300.0


def main() -> None:
    """Measure and print ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, help="the index to serve")
    parser.add_argument("questions", type=Path, help="questions.jsonl")
    parser.add_argument("--count", type=int, default=2000, help="how many questions to ask each")
    parser.add_argument("--build", type=Path, help="a corpus to measure building with")
    parser.add_argument("--base", type=Path, required=True, help="the folder of the model to compare with")
    parser.add_argument("--documents", type=int, default=300, help="how many of its documents to take")
    arguments = parser.parse_args()
    with arguments.questions.open(encoding="utf-8") as lines:
        questions = [json.loads(line)["question"] for line in lines][: arguments.count]
    _serve(arguments.index, questions, arguments.base)
    if arguments.build:
        _build(arguments.build, arguments.documents, arguments.base)


def _serve(index: Path, questions: list[str], base: Path) -> None:
    opened = generation.current(index)
    size = sum(file.bytes for file in generation.read_manifest(opened).files.values())
    print(f"index: {size / 1e6:.0f} MB")
    ours = [sys.executable, "-m", "qa.cli", "serve", "--index", str(index), "--port"]
    bare = [sys.executable, str(HERE / "baseline.py"), str(opened / FILE), str(base)]
    starts: dict[str, list[float]] = {"citewell": [], "bare": []}
    for _ in range(3):
        for name, command in (("citewell", ours), ("bare", bare)):
            with _running(command, questions[0]) as (_process, _port, seconds):
                starts[name].append(seconds)
    _compare("cold start to first answer, s (median of 3)", starts)
    with _running(ours, questions[0]) as (us, our_port, _), _running(bare, questions[0]) as (them, bare_port, _):
        ports = {"citewell": our_port, "bare": bare_port}
        clients = {name: HTTPConnection("127.0.0.1", port) for name, port in ports.items()}
        kept: dict[str, list[float]] = {"citewell": [], "bare": []}
        new: dict[str, list[float]] = {"citewell": [], "bare": []}
        for question in questions:
            for name, client in clients.items():
                kept[name].append(_timed(client, question))
                new[name].append(_timed(HTTPConnection("127.0.0.1", ports[name]), question))
        for connection, times in (("kept", kept), ("new", new)):
            _compare(f"POST /v1/ask on a {connection} connection, ms, p50", times)
            for share in (0.95, 0.99):
                tail = {
                    name: [statistics.quantiles(values, n=100)[int(100 * share) - 1]] for name, values in times.items()
                }
                _compare(f"POST /v1/ask on a {connection} connection, ms, p{100 * share:.0f}", tail)
        _compare("private memory (RssAnon), MB", {"citewell": [_private(us.pid)], "bare": [_private(them.pid)]})
        rates = {"citewell": [_throughput(our_port, questions)], "bare": [_throughput(bare_port, questions)]}
        _compare("answers a second, 4 clients", rates)


def _compare(what: str, values: dict[str, list[float]]) -> None:
    ours, bare = statistics.median(values["citewell"]), statistics.median(values["bare"])
    print(f"{what}: citewell {ours:.2f}, bare {bare:.2f}, ratio {ours / bare:.2f}", flush=True)


@contextmanager
def _running(command: list[str], question: str) -> Iterator[tuple[subprocess.Popen[bytes], int, float]]:
    """Start a service and yield it, its port and the seconds to its first answer."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    started = time.perf_counter()
    process = subprocess.Popen([*command, str(port)], stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        while True:
            try:
                _ask(HTTPConnection("127.0.0.1", port), question)
                break
            except ConnectionRefusedError:
                if process.poll() is not None or time.perf_counter() - started > STARTING:
                    raise
                time.sleep(0.01)
        yield process, port, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait()


def _timed(client: HTTPConnection, question: str) -> float:
    """Return the milliseconds that an answer takes."""
    start = time.perf_counter()
    _ask(client, question)
    return 1000 * (time.perf_counter() - start)


def _ask(client: HTTPConnection, question: str) -> None:
    client.request("POST", "/v1/ask", json.dumps({"question": question}), {"content-type": "application/json"})
    response = client.getresponse()
    body = response.read()
    if response.status != 200:  # noqa: PLR2004
        raise RuntimeError(f"{response.status}: {body!r}")


def _private(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) / 1000


def _throughput(port: int, questions: list[str]) -> float:
    def ask(part: list[str]) -> None:
        client = HTTPConnection("127.0.0.1", port)
        for question in part:
            _ask(client, question)

    asked = questions[:400]
    started = time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, [asked[i::4] for i in range(4)]))
    return len(asked) / (time.perf_counter() - started)


def _build(path: Path, count: int, base: Path) -> None:
    """Compare a build, preparing the encoder apart, with encoding the same passages with SentenceTransformer."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - only this measurement needs torch

    from qa.corpus import read_corpus  # noqa: PLC0415
    from qa.index.build import build  # noqa: PLC0415
    from qa.passages import embedding_text  # noqa: PLC0415

    corpus = read_corpus(path)
    step = max(1, len(corpus.documents) // count)
    seed, sample = corpus.documents[:1], corpus.documents[1::step][:count]
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder)
        build(replace(corpus, documents=seed), index)  # puts the encoder there and trains its classifier, once
        started = time.perf_counter()
        built = build(replace(corpus, documents=sample), index)
        ours = time.perf_counter() - started
        opened = Index(index)
        texts = []
        for ordinal in range(len(opened.passages)):
            passage = opened.passages.passage(ordinal, opened.documents)
            document = opened.documents.get(passage.document_id)
            texts.append(embedding_text(document, passage, opened.encoder.count, window=opened.encoder.card.window))
    model = SentenceTransformer(str(base), device="cpu")
    model.encode(texts[:8])
    started = time.perf_counter()
    model.encode(texts, batch_size=32)
    bare = time.perf_counter() - started
    passages = built.manifest.passages
    print(
        f"build of {len(sample)} documents, {passages} passages: {ours:.1f} s ({passages / ours:.1f} passages/s); "
        f"SentenceTransformer.encode of the same passages: {bare:.1f} s, ratio {ours / bare:.2f}"
    )


if __name__ == "__main__":
    main()
