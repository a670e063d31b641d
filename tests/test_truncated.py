"""A file of the index that is cut off under a running service gives an error, not a crash."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import ANSWERED, EMERGENCY

from qa.errors import IndexDamaged
from qa.index import Index
from qa.index.guard import Guard
from qa.pipeline import Pipeline
from qa.safety import SafetyGate

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def index_folder(toy_index: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(toy_index, tmp_path / "index"))


def generation(folder: Path) -> Path:
    return folder / (folder / "CURRENT").read_text("utf-8").split()[0]


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in generation(folder).rglob("*") if path.is_file() and path.suffix != ".lock")


class Service:
    """A running service, asked over one connection at a time."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self._port = port

    def request(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request(method, path, json.dumps(body) if body else None, {"content-type": "application/json"})
        response = connection.getresponse()
        raw = response.read()
        connection.close()
        return response.status, json.loads(raw) if "json" in response.headers["content-type"] else raw

    def ask(self, question: str) -> tuple[int, object]:
        return self.request("POST", "/v1/ask", {"question": question})


@contextmanager
def service(folder: Path) -> Iterator[Service]:
    command = [sys.executable, "-m", "qa.cli", "serve", "--index", str(folder), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        line = process.stderr.readline()
        assert "Citewell answers" in line, line
        yield Service(process, int(line.split(":")[2].split()[0]))
        process.terminate()


def test_no_file_that_is_cut_off_ends_the_service(index_folder: Path) -> None:
    """Each in turn, to nothing and to half: questions, searches, documents and pages get an answer or a problem."""
    with service(index_folder) as running:
        assert running.ask(ANSWERED)[0] == 200
        assert running.request("GET", "/readyz")[0] == 200
        refused = 0
        for path in files_of(index_folder):
            whole = path.read_bytes()
            for size in (0, len(whole) // 2):
                os.truncate(path, size)
                asked = [
                    running.ask(ANSWERED),
                    running.ask("How high should the saddle be?"),
                    running.request("POST", "/v1/search", {"question": f"brakes {path.name} {size}"}),
                    running.request("GET", "/v1/documents"),
                    running.request("GET", "/documents/brakes"),
                    running.request("GET", "/readyz"),
                ]
                emergency = running.ask(EMERGENCY)
                with path.open("r+b") as file:
                    file.write(whole)
                assert running.process.poll() is None, f"{path.name} cut to {size} ended the service"
                assert {status for status, _ in asked} <= {200, 503}, path.name
                assert emergency[0] == 200
                assert emergency[1]["refusal"]["contacts"]  # type: ignore[index]
                refused += asked[0][0] == 503
                for status, body in asked:
                    assert status == 200 or "build it again" in body["detail"]  # type: ignore[index]
                assert asked[-1][0] == asked[0][0]
        assert refused >= 10
        assert running.ask(ANSWERED)[0] == 200


def test_every_mapped_file_is_guarded(index_folder: Path) -> None:
    """What the process has mapped of the generation is just what the guard watches, or part of it."""
    index = Index(index_folder)
    Pipeline(index, SafetyGate.load()).ask(ANSWERED)
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("no /proc to see mappings in (Linux only)")
    folder = str(generation(index_folder))
    mapped = {line.split(maxsplit=5)[5].strip() for line in maps.read_text("utf-8").splitlines() if folder in line}
    assert len(mapped) >= 5
    for path in sorted(mapped):
        whole = Path(path).read_bytes()
        os.truncate(path, len(whole) - 1)
        with pytest.raises(IndexDamaged, match=Path(path).name):
            index.check()
        with Path(path).open("r+b") as file:
            file.write(whole)
        index.check()


def test_a_replaced_or_removed_file_does_no_harm(index_folder: Path) -> None:
    """A later build removes old generations under those who still serve them."""
    index = Index(index_folder)
    pipeline = Pipeline(index, SafetyGate.load())
    before = pipeline.ask(ANSWERED)
    shutil.rmtree(index_folder)
    index.check()
    after = pipeline.ask(ANSWERED)
    assert (after.id, after.status) == (before.id, before.status)


def test_the_guard_lets_go_of_its_files(tmp_path: Path) -> None:
    """An index that is not used any more holds none open."""
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    before = len(list(Path("/dev/fd").iterdir()))
    guard = Guard([path])
    assert len(list(Path("/dev/fd").iterdir())) == before + 1
    guard.check()
    del guard
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_file_that_grew_is_told_too(tmp_path: Path) -> None:
    """Whoever writes to an index that serves may have changed the rest of it as well."""
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    guard = Guard([path])
    path.write_bytes(b"abcd")
    with pytest.raises(IndexDamaged, match="4 bytes instead of 3"):
        guard.check()
