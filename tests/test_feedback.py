"""Verdicts on answers: kept a line each in the file that the setting names, and refused without one."""

from __future__ import annotations

import fcntl
import json
import os
import re
import resource
import socket
import stat
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import ANSWERED, LOCAL, app_over
from fastapi.testclient import TestClient
from hypothesis import assume, given
from hypothesis import strategies as st

from qa.errors import SettingsError
from qa.server import FeedbackFile
from qa.server.requests import FeedbackRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qa.pipeline import Pipeline

ID = "ans_0123456789abcdef01234567"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "feedback.jsonl"


@pytest.fixture
def client(pipeline: Pipeline, file: Path) -> TestClient:
    """Return a client of a service that keeps feedback."""
    return TestClient(app_over(pipeline, feedback=FeedbackFile(file)), LOCAL)


def test_a_verdict_is_one_line(client: TestClient, file: Path) -> None:
    """Each has the time, the id, the verdict and the comment if there was one; the question is nowhere."""
    answer = client.post("/v1/ask", json={"question": ANSWERED}).json()
    given = [
        {"id": answer["id"], "verdict": "helpful"},
        {"id": ID, "verdict": "not_helpful", "comment": "Zu kurz:\nné 🚲"},
    ]
    for verdict in given:
        response = client.post("/v1/feedback", json=verdict)
        assert (response.status_code, response.content) == (204, b"")
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    times = [datetime.fromisoformat(line.pop("time")) for line in lines]
    assert lines == given
    assert all(0 <= (datetime.now(UTC) - time).total_seconds() < 60 for time in times)
    assert ANSWERED not in file.read_text("utf-8")


def test_lines_of_many_readers_stay_whole(client: TestClient, file: Path) -> None:
    """Verdicts given at once are all kept, none torn or mixed with another."""
    comments = [chr(ord("a") + at % 26) * 900 + str(at) for at in range(60)]

    def give(comment: str) -> int:
        id_ = f"ans_{comments.index(comment):024x}"
        return client.post("/v1/feedback", json={"id": id_, "verdict": "helpful", "comment": comment}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(give, comments)) == {204}
    kept = [json.loads(line)["comment"] for line in file.read_text("utf-8").splitlines()]
    assert sorted(kept) == sorted(comments)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": ID},
        {"id": "ans_1", "verdict": "helpful"},
        {"id": ID, "verdict": "good"},
        {"id": ID, "verdict": True},
        {"id": ID, "verdict": "helpful", "comment": "x" * 1001},
        {"id": ID, "verdict": "helpful", "question": ANSWERED},
    ],
    ids=["nothing", "no verdict", "no id", "another verdict", "wrong type", "long comment", "a question"],
)
def test_what_is_no_verdict_is_a_problem(client: TestClient, file: Path, body: dict[str, object]) -> None:
    """Nothing of it is kept."""
    assert client.post("/v1/feedback", json=body).status_code == 422
    assert file.read_bytes() == b""


def test_a_service_that_keeps_none_says_so(pipeline: Pipeline) -> None:
    """A verdict is not taken and dropped: it is 404, with the setting that would keep it."""
    response = TestClient(app_over(pipeline), LOCAL).post("/v1/feedback", json={"id": ID, "verdict": "helpful"})
    assert response.status_code == 404
    assert "QA_FEEDBACK" in response.json()["detail"]


# --- what kind of file ----------------------------------------------------------------------------


def test_a_file_that_cannot_be_written_to_is_told_at_the_start(tmp_path: Path) -> None:
    """A folder that does not exist is an error of the setting, before anybody gives a verdict."""
    with pytest.raises(SettingsError, match=r"QA_FEEDBACK names .*none/f\.jsonl"):
        FeedbackFile(tmp_path / "none" / "f.jsonl")


def make(kind: str, path: Path) -> Path:
    """Make something that is no ordinary file, and return where it can be reached."""
    if kind == "device":
        return Path(os.devnull)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    else:
        if kind == "link to a file":
            path.with_name("elsewhere").touch()
        path.symlink_to(path.with_name("elsewhere"))
    return path


KINDS = ["pipe", "folder", "device", "socket", "link to a file", "link to nothing"]


@pytest.mark.parametrize(
    ("kind", "suffix"), [*((kind, "") for kind in KINDS), *((kind, ".lock") for kind in KINDS if kind != "device")]
)
def test_only_an_ordinary_file_is_written_to(tmp_path: Path, kind: str, suffix: str) -> None:
    """Anything else, for the file or its lock, is an error of the setting at the start; no pipe is waited for."""
    made = make(kind, tmp_path / f"f{suffix}")
    with pytest.raises(SettingsError, match=r"which cannot be used: .*Name an ordinary file"):
        FeedbackFile(made.with_name(made.name.removesuffix(".lock")))
    assert not (tmp_path / "elsewhere").exists() or (tmp_path / "elsewhere").read_bytes() == b""
    assert kind != "link to nothing" or not (tmp_path / "elsewhere").exists()


def test_a_link_that_takes_the_files_place_is_not_followed(client: TestClient, file: Path, tmp_path: Path) -> None:
    """What the file was at the start is checked again with each verdict."""
    client = TestClient(client.app, LOCAL, raise_server_exceptions=False)
    other = tmp_path / "other"
    other.write_bytes(b"mine")
    file.unlink()
    file.symlink_to(other)
    assert client.post("/v1/feedback", json={"id": ID, "verdict": "helpful"}).status_code == 500
    assert other.read_bytes() == b"mine"


def test_a_file_is_made_for_its_owner_alone(file: Path) -> None:
    """It and its lock can be read by nobody else; one that can be stays as it is, and a warning says so."""
    before = os.umask(0)
    try:
        assert FeedbackFile(file).warning is None
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (file, Path(f"{file}.lock"))} == {0o600}
    file.chmod(0o640)
    warning = FeedbackFile(file).warning
    assert warning
    assert f"chmod 600 {file}" in warning
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


# --- how much -------------------------------------------------------------------------------------


def request_of(number: int, comment: str = "c") -> FeedbackRequest:
    return FeedbackRequest(id=f"ans_{number:024x}", verdict="helpful", comment=comment)


def kept_in(folder: Path) -> dict[str, list[int]]:
    """Return which numbers each file holds, by its ending."""
    files = sorted(path for path in folder.iterdir() if path.suffix != ".lock")
    lines = {path.name: path.read_text("utf-8").splitlines() for path in files}
    return {
        name.removeprefix("feedback.jsonl"): [int(json.loads(line)["id"][4:], 16) for line in each]
        for name, each in lines.items()
    }


def test_full_files_are_kept_up_to_a_number(file: Path) -> None:
    """A file that would grow over its size is renamed; the newest full ones stay, with the mode that the file had."""
    feedback = FeedbackFile(file, most_bytes=500, kept=2)
    file.chmod(0o640)
    for number in range(20):
        feedback.add(request_of(number, "x" * 100), str(number))
        assert file.stat().st_size <= 500
    assert kept_in(file.parent) == {"": [18, 19], ".1": [16, 17], ".2": [14, 15]}
    assert {stat.S_IMODE(path.stat().st_mode) for path in file.parent.glob("feedback.jsonl*[0-9l]")} == {0o640}


def test_a_verdict_over_the_size_is_kept_alone(file: Path) -> None:
    """No file is renamed for being empty, so one verdict always has a place."""
    feedback = FeedbackFile(file, most_bytes=10, kept=1)
    for number in range(3):
        feedback.add(request_of(number))
    assert kept_in(file.parent) == {"": [2], ".1": [1]}


ADDING = """
import sys
from pathlib import Path
from qa.server.feedback import FeedbackFile
from qa.server.requests import FeedbackRequest
feedback = FeedbackFile(Path(sys.argv[1]), most_bytes=2_000, kept=100)
for number in range(100):
    id_ = f"ans_{int(sys.argv[2]) * 100 + number:024x}"
    feedback.add(FeedbackRequest(id=id_, verdict="helpful", comment="c" * 50), str(number))
"""


def test_processes_that_write_at_once_lose_no_verdict(file: Path) -> None:
    """While each of three processes renames the file under the others, every line stays whole and is kept once."""
    writers = [subprocess.Popen([sys.executable, "-c", ADDING, str(file), str(at)]) for at in range(3)]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    kept = kept_in(file.parent)
    assert sorted(number for numbers in kept.values() for number in numbers) == list(range(300))
    assert len(kept) > 10


def test_a_verdict_waits_for_those_that_write(file: Path) -> None:
    """While another process holds the lock nothing is written, and after that the verdict is."""
    feedback = FeedbackFile(file)
    with ThreadPoolExecutor(1) as pool:
        with Path(f"{file}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            given = pool.submit(feedback.add, request_of(1))
            with pytest.raises(TimeoutError):
                given.result(0.5)
            assert file.read_bytes() == b""
        given.result(60)
    assert kept_in(file.parent) == {"": [1]}


def test_a_full_disk_tears_no_line(client: TestClient, file: Path) -> None:
    """What did not fit is taken back, so that the next line starts on its own, and the reader is told."""
    client = TestClient(client.app, LOCAL, raise_server_exceptions=False)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    for more in (0, 40):
        with_room = file.stat().st_size + more
        resource.setrlimit(resource.RLIMIT_FSIZE, (with_room, limit[1]))
        try:
            status = client.post("/v1/feedback", json={"id": ID, "verdict": "helpful"}).status_code
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        assert status == 500
        assert client.post("/v1/feedback", json={"id": ID, "verdict": "helpful"}).status_code == 204
    assert [json.loads(line)["id"] for line in file.read_text("utf-8").splitlines()] == [ID, ID]


@given(comment=st.text(max_size=60) | st.text("\x0b\x0c\x1c\x1d\x1e\x7f\x85\x9b\u2028\u2029\r\n\ufeff", max_size=9))
def test_a_verdict_is_one_line_for_any_reader(tmp_path_factory: pytest.TempPathFactory, comment: str) -> None:
    """Whatever ends a line for some reader, and whatever a terminal obeys, is escaped, and read back as it was."""
    assume(not any("\ud800" <= character <= "\udfff" for character in comment))
    file = tmp_path_factory.mktemp("lines") / "f.jsonl"
    feedback = FeedbackFile(file)
    for number in range(2):
        feedback.add(request_of(number, comment))
    text = file.read_text("utf-8")
    assert (
        len(text.splitlines())
        == text.count("\n")
        == len(re.split("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029\n\r]", text)) - 1
        == 2
    )
    assert not any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in text.replace("\n", ""))
    assert [json.loads(line)["comment"] for line in text.splitlines()] == [comment] * 2


# --- how often ------------------------------------------------------------------------------------


def verdicts(client: TestClient, ids: Iterable[str]) -> list[int]:
    return [client.post("/v1/feedback", json={"id": id_, "verdict": "helpful"}).status_code for id_ in ids]


def test_too_many_verdicts_on_an_answer_are_refused(client: TestClient, file: Path) -> None:
    """The sixth at once is 429 and says when to try again; another answer is not concerned."""
    assert verdicts(client, [ID] * 6) == [204] * 5 + [429]
    refused = client.post("/v1/feedback", json={"id": ID, "verdict": "helpful"})
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 12
    assert "on this answer" in refused.json()["detail"]
    assert verdicts(client, [f"ans_{1:024x}"]) == [204]
    assert len(file.read_text("utf-8").splitlines()) == 6


def test_too_many_verdicts_from_an_address_are_refused(pipeline: Pipeline, file: Path) -> None:
    """The sixty-first at once is 429; another address is not concerned, and none is written down."""
    app = app_over(pipeline, feedback=FeedbackFile(file))
    one, other = (TestClient(app, LOCAL, client=(address, 1)) for address in ("203.0.113.7", "203.0.113.8"))
    statuses = verdicts(one, (f"ans_{number:024x}" for number in range(61)))
    assert statuses == [204] * 60 + [429]
    assert "from your address" in one.post("/v1/feedback", json={"id": ID, "verdict": "helpful"}).json()["detail"]
    assert verdicts(other, [ID]) == [204]
    assert "203.0.113" not in file.read_text("utf-8")


def test_a_subscriber_of_ipv6_is_one_address(pipeline: Pipeline, file: Path) -> None:
    """Who has 64 bits of addresses has one allowance."""
    app = app_over(pipeline, feedback=FeedbackFile(file, limits=(5, 2)))
    addresses = ["2001:db8::1", "2001:db8::2:1", "2001:db8::3", "2001:db8:0:1::1", "nowhere"]
    clients = [TestClient(app, LOCAL, client=(address, 1)) for address in addresses]
    statuses = [verdicts(client, [f"ans_{at:024x}"])[0] for at, client in enumerate(clients)]
    assert statuses == [204, 204, 429, 204, 204]
