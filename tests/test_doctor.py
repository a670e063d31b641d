"""What the doctor finds: a sound installation, and each thing that can be missing."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from qa.doctor import Finding, examine
from qa.settings import load


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with no corpus, no index and no qa.toml."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def findings(**flags: object) -> dict[str, Finding]:
    return {finding.subject: finding for finding in examine(load(**flags))}


def test_a_whole_installation_is_sound(toy_index: Path, toy_corpus: Path) -> None:
    """Interpreter, packages with their versions, corpus, encoder and index are told, none of them amiss."""
    found = findings(index=toy_index, corpus=toy_corpus)
    assert [finding for finding in found.values() if not finding.sound] == []
    assert found["tantivy"].detail == version("tantivy")
    assert found["langchain-text-splitters"].detail == version("langchain-text-splitters")
    assert found["corpus"].detail == str(toy_corpus)
    assert found["encoder"].detail.startswith("citewell, revision ")
    assert found["reranker"].detail.startswith("citewell, revision ")
    assert "5 documents" in found["index"].detail


def test_a_missing_index_is_amiss_and_a_missing_corpus_is_not() -> None:
    """Serving needs the index alone; the way to each is told."""
    found = findings(index=Path("none"))
    assert (found["index"].sound, found["index"].detail) == (False, "No index in none. Build it with: qa index")
    assert found["corpus"].sound
    assert "corpus does not exist" in found["corpus"].detail


def test_an_index_that_cannot_be_opened_is_amiss(folder: Path) -> None:
    """A file in its place is told as the system tells it."""
    (folder / "index").write_text("")
    found = findings(index=Path("index"))
    assert not found["index"].sound
    assert "NotADirectoryError" in found["index"].detail


def test_an_unknown_encoder_is_told() -> None:
    """Only building needs the encoder."""
    found = findings(encoder="nobody/has-this")
    assert found["encoder"].sound
    assert 'The encoder is set to "nobody/has-this"' in found["encoder"].detail


def test_a_misspelt_variable_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names that exist are listed beside it."""
    monkeypatch.setenv("QA_TRESHOLD", "0.3")
    assert "QA_THRESHOLD" in findings()["QA_TRESHOLD"].detail
