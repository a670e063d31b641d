"""Verdicts on answers: kept a line each in the file that the setting names, and refused without one."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest
from conftest import ANSWERED, app_over
from fastapi.testclient import TestClient

from qa.errors import SettingsError
from qa.server import FeedbackFile

if TYPE_CHECKING:
    from qa.pipeline import Pipeline

ID = "ans_0123456789abcdef01234567"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "feedback.jsonl"


@pytest.fixture
def client(pipeline: Pipeline, file: Path) -> TestClient:
    """Return a client of a service that keeps feedback."""
    return TestClient(app_over(pipeline, feedback=FeedbackFile(file)))


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
        return client.post("/v1/feedback", json={"id": ID, "verdict": "helpful", "comment": comment}).status_code

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
    response = TestClient(app_over(pipeline)).post("/v1/feedback", json={"id": ID, "verdict": "helpful"})
    assert response.status_code == 404
    assert "QA_FEEDBACK" in response.json()["detail"]


def test_a_file_that_cannot_be_written_to_is_told_at_the_start(tmp_path: Path) -> None:
    """A folder that does not exist is an error of the setting, before anybody gives a verdict."""
    with pytest.raises(SettingsError, match=r"QA_FEEDBACK names .*none/f\.jsonl"):
        FeedbackFile(tmp_path / "none" / "f.jsonl")


def test_a_full_disk_tears_no_line(client: TestClient, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What did not fit is taken back, so that the next line starts on its own, and the reader is told."""
    opened = Path.open

    class Full:
        """A file that takes half of a line."""

        def __init__(self, file: object) -> None:
            self.file = file

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()  # type: ignore[attr-defined]

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

        def write(self, line: bytes) -> int:
            return self.file.write(line[: len(line) // 2])  # type: ignore[attr-defined, no-any-return]

    client = TestClient(client.app, raise_server_exceptions=False)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", lambda path, *args, **kwargs: Full(opened(path, *args, **kwargs)))
        assert client.post("/v1/feedback", json={"id": ID, "verdict": "helpful"}).status_code == 500
    assert client.post("/v1/feedback", json={"id": ID, "verdict": "helpful"}).status_code == 204
    assert [json.loads(line)["id"] for line in file.read_text("utf-8").splitlines()] == [ID]
