"""The README mentions every command, setting and endpoint, and what it tells people to type exists."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from qa.cli import app, main
from qa.settings import Settings

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from qa.pipeline import Pipeline

README = (Path(__file__).resolve().parent.parent / "README.md").read_text("utf-8")
COMMANDS = get_command(app).commands  # type: ignore[attr-defined]
FENCED = re.findall(r"^```\w*\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def command_lines() -> list[str]:
    """Return what the README tells people to type that starts with ``qa``, from its blocks and its text."""
    typed = [line.removeprefix("$ ").strip() for block in FENCED for line in block.replace("\\\n", " ").splitlines()]
    typed += re.findall(r"`(qa [^`]+)`", re.sub(r"^```.*?^```", "", README, flags=re.MULTILINE | re.DOTALL))
    return [re.split(r" (?:\||&&|>|#) ", line)[0] for line in typed if re.match(r"(?:\S*/bin/)?qa ", line)]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_in_the_readme(command: str) -> None:
    """Each verb of the command line is shown."""
    assert re.search(rf"\bqa {command}\b", README)


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_every_setting_is_in_the_readme(setting: str) -> None:
    """Each setting is named as its variable, from which its name in qa.toml follows."""
    assert re.search(rf"\bQA_{setting.upper()}\b", README)


def test_every_endpoint_is_in_the_readme(client: TestClient) -> None:
    """Each path that the OpenAPI describes is named, and so are its pages."""
    paths = [*client.get("/openapi.json").json()["paths"], "/docs", "/openapi.json"]
    missing = [path for path in paths if path.replace("{document_id}", "{id}") not in README and path not in README]
    assert missing == []


def test_every_command_line_in_the_readme_can_be_typed() -> None:
    """Each names a verb that exists and options that it takes."""
    lines = command_lines()
    assert lines
    faults = []
    for line in lines:
        words = shlex.split(line)[1:]
        command = COMMANDS.get(words[0])
        options = {option for each in command.params for option in each.opts} | {"--help"} if command else {"--help"}
        given = {word.split("=")[0] for word in words if word.startswith("-")}
        if (command is None and words != ["--help"]) or not given <= options:
            faults.append(line)
    assert faults == []


def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], line: str, *more: str) -> str:
    """Type a line of the README, and return what it prints on stdout."""
    monkeypatch.setattr(sys, "argv", ["qa", *shlex.split(line)[1:], *more])
    capfd.readouterr()
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capfd.readouterr()
    assert not ended.value.code, err
    return out


def test_the_first_example_prints_what_is_shown(
    default_pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The answer under the first question is the one that the default corpus gives; dots stand for what is left out."""
    asked = next(line for line in command_lines() if line.split()[1] == "ask")
    shown = next(block for block in FENCED if "[1]" in block)
    printed = " ".join(run(monkeypatch, capfd, asked, "--index", str(default_pipeline.index.path.parent)).split())
    at = 0
    for piece in re.split(r"…|\n", shown):
        words = " ".join(piece.split())
        at = printed.find(words, at)
        assert at >= 0, words
        at += len(words)


def test_the_commands_for_own_documents_run(
    toy_index: Path,
    toy_corpus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What the README tells a user to type over a folder of documents works as it stands there."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(toy_corpus, tmp_path / "my-documents")
    shutil.copytree(toy_index, tmp_path / "index")
    block = next(block for block in FENCED if "--dry-run" in block)
    typed = [line for line in command_lines() if line in block and " serve" not in line]
    assert [line.split()[1] for line in typed] == ["index", "index", "ask"]
    for line in typed:
        run(monkeypatch, capfd, line)


def test_the_request_shown_is_answered(client: TestClient) -> None:
    """The body of the curl example is a request that the service takes."""
    body = re.search(r"/v1/ask .*-d '([^']+)'", README)
    assert body
    assert client.post("/v1/ask", content=body[1], headers={"content-type": "application/json"}).status_code == 200
