"""Nothing is told to anybody: no name is looked up, no connection opened, no identifier kept, by any verb."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

WATCH = Path(__file__).with_name("watching.py")
# ONNX Runtime 1.31 waits 9 seconds after it was imported before it calls home for the first time.
SECONDS = float(os.environ.get("WATCH_SECONDS", "18"))
# What a user's shell may hold for other programs: tracing that libraries of ours would take part in.
TRACING = {
    "LANGSMITH_TRACING": "true",
    "LANGCHAIN_TRACING_V2": "true",
    "LANGSMITH_API_KEY": "lsv2_pt_none",
    "LANGSMITH_ENDPOINT": "http://collector.example",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.example:4317",
    "ORT_DISABLE_TELEMETRY": "0",
}
# Runs a verb, then keeps its process until the watch ends: a library may wait before it calls home.
STAYING = """
import sys, time
from qa.cli import main
try: main()
except SystemExit as ended: assert not ended.code
print("done", flush=True)
time.sleep(1000)
"""
PASSED = {"PATH", "PYTHONPATH", "LANG", "TMPDIR", "OMP_NUM_THREADS"}
REPORTING = "import onnxruntime, time; print('done', flush=True); time.sleep(1000)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a command was seen to do."""

    names: list[str]
    ports: list[int]
    files: list[str]
    code: int
    output: str


def cannot_watch() -> str:
    """Return why no command can be watched here; nothing if one can."""
    if not shutil.which("unshare"):
        return "no unshare on the PATH (Linux only)"
    done = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"no namespaces of its own: {done.stderr.strip()}"


def watch(folder: Path, command: list[str], *, port: str = "", seconds: float = SECONDS) -> Seen:
    folder.mkdir()
    watching = ["unshare", "--net", "--mount", sys.executable, str(WATCH), str(folder), str(seconds), port]
    # ONNX Runtime keeps quiet where it finds itself in a CI job, by any of a dozen variables: none of them goes along.
    environment = {name: os.environ[name] for name in PASSED & os.environ.keys()} | TRACING
    done = subprocess.run(
        [*watching, *command], capture_output=True, text=True, env=environment, timeout=seconds + 300, check=False
    )
    assert done.returncode == 0, done.stderr
    return Seen(**json.loads(done.stdout))


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


@pytest.fixture(scope="module")
def watched(toy_index: Path, toy_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future]]:
    """Watch each verb, all at the same time."""
    reason = cannot_watch()
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("watched")
    built = Path(shutil.copytree(toy_index, folder / "built"))
    serve = [sys.executable, "-m", "qa.cli", "serve", "--index", str(toy_index)]
    ports = free_port(), free_port()
    commands = {
        "index": [sys.executable, "-c", STAYING, "index", str(toy_corpus), "--index", str(built), "--force"],
        "ask": [sys.executable, "-c", STAYING, "ask", "Why does a chain wear?", "--index", str(toy_index)],
        "serve": [*serve, "--port", ports[0]],
        "serve --offline": [*serve, "--port", ports[1], "--offline"],
    }
    asked = {"serve": ports[0], "serve --offline": ports[1]}
    with ThreadPoolExecutor(len(commands) + 1) as pool:
        found = {
            verb: pool.submit(watch, folder / verb.replace(" ", ""), command, port=asked.get(verb, ""))
            for verb, command in commands.items()
        }
        found["control"] = pool.submit(watch, folder / "control", [sys.executable, "-c", REPORTING])
        yield found


@pytest.mark.parametrize("verb", ["index", "ask", "serve", "serve --offline"])
def test_a_verb_contacts_nobody(verb: str, watched: dict[str, Future[Seen]]) -> None:
    """No name is looked up, no port connected to and no file of another program's written, whatever the environment says."""
    seen = watched[verb].result()
    assert "Traceback" not in seen.output
    assert "done" in seen.output or "Citewell answers" in seen.output
    assert (seen.names, seen.ports) == ([], [])
    assert [file for file in seen.files if "Microsoft" in file or "langsmith" in file] == []


def test_the_watch_sees_who_calls_home(watched: dict[str, Future[Seen]]) -> None:
    """The same library without the switch is seen: its file, its look-up and its connection."""
    seen = watched["control"].result()
    assert any("Microsoft" in file for file in seen.files)
    assert any(name.endswith(".microsoft.com") for name in seen.names)
    assert 443 in seen.ports


def test_the_switch_is_set_by_the_import_and_inherited() -> None:
    """A program that imports any part of the package, and its children, have the switch, whatever stood there before."""
    code = "import qa.types, subprocess, sys; subprocess.run(['sh', '-c', 'echo $ORT_DISABLE_TELEMETRY'], check=True)"
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "1"
