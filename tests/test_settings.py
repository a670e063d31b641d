"""Settings: flag over environment over qa.toml over default, and nothing misunderstood in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.errors import SettingsError
from qa.settings import Settings, load, unknown


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, where qa.toml is looked for."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_source_goes_before_the_next(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flag goes before the environment, that before qa.toml, that before the default."""
    assert load().port == 8000
    (folder / "qa.toml").write_text("port = 1\n")
    assert load().port == 1
    monkeypatch.setenv("QA_PORT", "2")
    assert load().port == 2
    assert load(port=3).port == 3
    assert load(port=None).port == 2


def test_every_setting_is_read_from_the_environment_and_from_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each one can be set either way, under the same name."""
    values = {
        "corpus": "c",
        "index": "i",
        "encoder": "e",
        "reranker": "r",
        "max_bytes": 5,
        "read_seconds": 8.5,
        "read_memory": 9,
        "exclude": ["a", "*.old.md"],
        "host": "::1",
        "port": 6,
        "hosts": ["qa.example.org", "*.example.org", "::1"],
        "origins": ["https://a.example", "http://localhost:3000"],
        "feedback": "f.jsonl",
        "concurrency": 10,
        "queue": 11,
        "connections": 12,
        "grace": 13.5,
        "threads": 7,
        "threshold": 0.5,
    }
    assert values.keys() == Settings.model_fields.keys()
    (folder / "qa.toml").write_text("".join(f"{name} = {value!r}\n" for name, value in values.items()))
    expected = {**values, "corpus": Path("c"), "index": Path("i"), "exclude": ("a", "*.old.md")}
    expected |= {"hosts": ("qa.example.org", "*.example.org", "::1")}
    expected |= {"origins": ("https://a.example", "http://localhost:3000"), "feedback": Path("f.jsonl")}
    assert load().model_dump() == expected
    (folder / "qa.toml").unlink()
    for name, value in values.items():
        monkeypatch.setenv(f"QA_{name.upper()}", ", ".join(value) if isinstance(value, list) else str(value))
    assert load().model_dump() == expected


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that a compose file leaves empty gives the default, not the current folder."""
    monkeypatch.setenv("QA_INDEX", "")
    monkeypatch.setenv("QA_PORT", "")
    assert (load().index, load().port) == (Path("index"), 8000)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        pytest.param("prot = 1\n", "prot", id="unknown key"),
        pytest.param("[server]\nport = 1\n", "server", id="table"),
        pytest.param("port = 'eight'\n", "port", id="no number"),
        pytest.param("port = 65536\n", "port", id="too large"),
        pytest.param("threshold = 1.5\n", "threshold", id="no probability"),
        pytest.param("origins = ['www.example.org']\n", "'www.example.org' is no origin", id="no origin"),
        pytest.param("max_bytes = 0\n", "max_bytes", id="nothing readable"),
        pytest.param("port = \n", "qa.toml cannot be read", id="no TOML"),
        pytest.param("port = 'k\xf6'\n".encode("latin-1"), "qa.toml cannot be read", id="no UTF-8"),
    ],
)
def test_a_faulty_file_is_an_error_that_names_the_fault(folder: Path, content: str | bytes, named: str) -> None:
    """What cannot be understood is named, with the settings there are."""
    (folder / "qa.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SettingsError, match=named) as raised:
        load()
    assert "cannot be read" in named or "read_memory, exclude, host, port" in str(raised.value)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        pytest.param("https://www.example.org", "https://www.example.org", id="as browsers send it"),
        pytest.param("HTTPS://Www.Example.org:443", "https://www.example.org", id="capitals and the usual port"),
        pytest.param("http://localhost:3000", "http://localhost:3000", id="a port"),
        pytest.param("http://[::1]:80", "http://[::1]", id="an address of IPv6"),
        pytest.param("*", "*", id="any"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(monkeypatch: pytest.MonkeyPatch, typed: str, sent: str) -> None:
    """What compares equal to a browser's header is kept, however it was typed."""
    monkeypatch.setenv("QA_ORIGINS", f" {typed} , https://b.example")
    assert load().origins == (sent, "https://b.example")


@pytest.mark.parametrize(
    "typed",
    [
        "www.example.org",
        "https://www.example.org/",
        "https://www.example.org/page",
        "https://",
        "ftp://www.example.org",
        "https://*.example.org",
        "https://user@www.example.org",
        "https://www.example.org:port",
        "https://www.example.org?",
        "https://bücher.example",
        "null",
    ],
)
def test_what_is_no_origin_is_an_error(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    """A value that no browser ever sends is refused, with an example of one that is."""
    monkeypatch.setenv("QA_ORIGINS", typed)
    with pytest.raises(SettingsError, match="is no origin; expected scheme://host"):
        load()


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        pytest.param("QA.Example.org.", "qa.example.org", id="capitals and the dot of the root"),
        pytest.param("*.example.org", "*.example.org", id="all below a name"),
        pytest.param("[0:0::1]", "::1", id="an address of IPv6"),
        pytest.param("192.168.1.5", "192.168.1.5", id="an address of IPv4"),
        pytest.param("*", "*", id="any"),
    ],
)
def test_a_host_is_kept_as_it_is_compared(monkeypatch: pytest.MonkeyPatch, typed: str, compared: str) -> None:
    """Each is kept in one form, however it was typed."""
    monkeypatch.setenv("QA_HOSTS", f" {typed} , b.example")
    assert load().hosts == (compared, "b.example")


@pytest.mark.parametrize(
    "typed",
    [
        "https://qa.example.org",
        "qa.example.org:8000",
        "qa.example.org/path",
        "qa.*.org",
        "*example.org",
        "bücher.example",
        "*.[::1]",
        "[1:2]",
        ".",
        "-",
        "user@a.example",
    ],
)
def test_what_is_no_host_is_an_error(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    """A value that no request can name is refused, with an example of one that it can."""
    monkeypatch.setenv("QA_HOSTS", typed)
    with pytest.raises(SettingsError, match="is no host; expected a name or an address without scheme"):
        load()


def test_a_faulty_variable_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the wrong kind is named."""
    monkeypatch.setenv("QA_PORT", "eight")
    with pytest.raises(SettingsError, match="port: Input should be a valid integer"):
        load()


def test_variables_that_only_look_like_settings_are_told() -> None:
    """Misspelt ones are found; those of other programs, empty ones and real ones in any case are not."""
    environment = {"QA_PROT": "1", "qa_port": "2", "QA_INDEX": "i", "QA_EMPTY": "", "QAFOO": "1", "HOME": "/"}
    assert unknown(environment) == ["QA_PROT"]


def test_every_setting_is_described() -> None:
    """Each has a sentence that says what it is."""
    described = {name: field.description or "" for name, field in Settings.model_fields.items()}
    assert [name for name, text in described.items() if not text.endswith(".")] == []
