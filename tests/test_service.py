"""The pipeline that serves: leased by requests, swapped between them, closed when the last request ends."""

from __future__ import annotations

import gc
import http.client
import json
import re
import shutil
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import ANSWERED, LOCAL
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import Response

from qa.corpus import read_corpus
from qa.index import Index, generation
from qa.index.build import build
from qa.pipeline import Pipeline
from qa.safety import SafetyGate
from qa.server import Service, Workers, create_app
from qa.server.service import Watch
from qa.types import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

BELL_TEXT = "# The bell\n\nA bicycle bell is rung twice before overtaking anybody.\n"


@pytest.fixture
def folder(toy_index: Path, tmp_path: Path) -> Path:
    """Return a copy of the toy index that may be built in."""
    return Path(shutil.copytree(toy_index, tmp_path / "index"))


@pytest.fixture
def corpus(toy_corpus: Path, tmp_path: Path) -> Path:
    """Return a copy of the toy corpus with one document more."""
    copied = Path(shutil.copytree(toy_corpus, tmp_path / "corpus"))
    (copied / "bell.md").write_text(BELL_TEXT, "utf-8")
    return copied


def opened(folder: Path) -> Pipeline:
    return Pipeline(Index(folder, threads=1), SafetyGate.load(), threshold=0.0)


def mapped(folder: Path, name: str) -> bool:
    """Tell whether this process maps a file of a generation."""
    return f"{folder / name}/" in Path("/proc/self/maps").read_text("utf-8")


def documents(pipeline: Pipeline) -> int:
    return pipeline.index.info().documents


def test_a_lease_sees_one_generation(folder: Path, corpus: Path) -> None:
    """What has a pipeline keeps it; what comes after a swap has the new one. The old one is closed with its last lease."""
    said: list[str] = []
    service = Service(opened(folder), announce=said.append)
    old = generation.current(folder).name
    with service.lease() as first:
        build(read_corpus(corpus), folder)
        service.swap(opened(folder))
        with service.lease() as second:
            assert (documents(first), documents(second)) == (5, 6)
            assert isinstance(first.ask(ANSWERED), Answer)
        index = weakref.ref(first.index)
        assert not any("closed" in line for line in said)
        del first, second
        assert index() is not None
    new = generation.current(folder).name
    assert said == [f"Generation {new} serves now, {old} no longer.", f"Generation {old} is closed."]
    assert index() is None
    if sys.platform == "linux":
        assert (mapped(folder, old), mapped(folder, new)) == (False, True)


def test_an_idle_pipeline_is_closed_at_once(folder: Path) -> None:
    """Where no request is under way, nothing keeps the old pipeline."""
    service = Service(opened(folder))
    with service.lease() as pipeline:
        index = weakref.ref(pipeline.index)
    del pipeline
    service.swap(opened(folder))
    gc.collect()
    assert index() is None


def test_every_request_of_a_swapped_service_is_answered(folder: Path, corpus: Path) -> None:
    """Clients that ask while generations change get answers of one generation each."""
    service = Service(opened(folder))
    build(read_corpus(corpus), folder)
    statuses, seen, stop = set[int](), set[str](), threading.Event()
    with TestClient(create_app(Workers(service)), LOCAL) as client:

        def ask() -> None:
            while not stop.is_set():
                response = client.post("/v1/ask", json={"question": ANSWERED})
                statuses.add(response.status_code)
                seen.add(response.json()["index"]["generation"])

        askers = [threading.Thread(target=ask) for _ in range(3)]
        for each in askers:
            each.start()
        for _ in range(5):
            service.swap(opened(folder))
        stop.set()
        for each in askers:
            each.join()
        assert client.get("/v1/index").json()["documents"] == 6
    assert statuses == {200}
    assert seen <= {path.name.partition(".")[0] for path in folder.iterdir()}


def test_pages_show_the_generation_that_serves(folder: Path, corpus: Path) -> None:
    """Titles, counts and examples follow a swap."""
    service = Service(opened(folder))
    with TestClient(create_app(Workers(service)), LOCAL) as client:
        assert "5 documents" in client.get("/").text
        assert client.get("/documents/bell").status_code == 404
        assert "The bell" not in client.get("/documents?find=bell").text
        build(read_corpus(corpus), folder)
        service.swap(opened(folder))
        assert "6 documents" in client.get("/").text
        assert client.get("/documents/bell").status_code == 200
        assert "The bell" in client.get("/documents?find=bell").text


def test_a_generation_that_cannot_be_opened_changes_nothing(folder: Path, corpus: Path) -> None:
    """The old one serves on, the fault is told once, and the next build is swapped in."""
    said: list[str] = []
    service = Service(opened(folder))
    watch = Watch(service, folder, lambda: opened(folder), said.append)
    watch.look()
    assert said == []
    build(read_corpus(corpus), folder)
    damaged = generation.current(folder) / "documents.jsonl"
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-1])
    for _ in range(3):
        watch.look()
    (told,) = said
    assert told.startswith("The index that is open serves on: ")
    assert "documents.jsonl has" in told
    with service.lease() as pipeline:
        assert documents(pipeline) == 5
    damaged.write_bytes(whole)
    build(read_corpus(corpus), folder, force=True)
    watch.look()
    with service.lease() as pipeline:
        assert documents(pipeline) == 6


def test_a_passing_fault_does_not_end_the_watch(folder: Path, corpus: Path) -> None:
    """Whatever goes wrong while a generation is opened, the next look tries again."""
    said: list[str] = []
    faults = [OSError(24, "Too many open files"), ValueError("odd")]

    opens = 0

    def reopen() -> Pipeline:
        nonlocal opens
        opens += 1
        if faults:
            raise faults.pop(0)
        return opened(folder)

    service = Service(opened(folder))
    watch = Watch(service, folder, reopen, said.append)
    build(read_corpus(corpus), folder)
    for _ in range(4):
        watch.look()
    assert opens == 3  # two that failed and one that is kept
    assert [line.partition(": ")[2] for line in said] == ["OSError: [Errno 24] Too many open files", "ValueError: odd"]
    with service.lease() as pipeline:
        assert documents(pipeline) == 6


def test_a_replaced_pipeline_is_freed_by_the_request_that_ends_last(folder: Path) -> None:
    """Work that runs while its pipeline is replaced leaves nothing of it behind."""
    service = Service(opened(folder))
    with service.lease() as pipeline:
        index = weakref.ref(pipeline.index)
    del pipeline
    workers = Workers(service)

    def work(_: Pipeline) -> Response:
        service.swap(opened(folder))
        return Response("done")

    gc.disable()
    try:
        workers._respond(Request({"type": "http", "headers": []}), work)
        assert index() is None
    finally:
        gc.enable()


@pytest.fixture
def process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run ``qa serve`` and yield the process and its port."""
    command = [sys.executable, "-c", "import qa.cli; qa.cli.main()", "serve", "--index", str(folder), "--port", "0"]
    started = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert started.stderr is not None
    found = re.search(r"http://127\.0\.0\.1:(\d+) ", started.stderr.readline())
    assert found
    yield started, int(found[1])
    started.kill()
    started.communicate()


def test_a_running_server_takes_up_a_build(
    process: tuple[subprocess.Popen[str], int], folder: Path, corpus: Path
) -> None:
    """It says so in its log, closes the old generation and answers from the new one."""
    running, port = process
    old = generation.current(folder).name
    build(read_corpus(corpus), folder)
    new = generation.current(folder).name
    assert running.stderr is not None
    assert running.stderr.readline() == f"Generation {new} serves now, {old} no longer.\n"
    assert running.stderr.readline() == f"Generation {old} is closed.\n"
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.request("GET", "/v1/index")
    assert json.loads(client.getresponse().read())["documents"] == 6
    if sys.platform == "linux":
        assert f"{folder / old}/" not in Path(f"/proc/{running.pid}/maps").read_text("utf-8")
    client.close()
