"""The command line: each verb on the toy corpus, its exit codes, and what goes to which stream."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import pytest
from conftest import ANSWERED, EMERGENCY, REFUSED

from qa.calibrate import by_corpus
from qa.cli import main
from qa.corpus import read_corpus
from qa.errors import CorpusError
from qa.index import Index
from qa.index.build import build
from qa.server import FeedbackFile
from qa.server.run import warnings
from qa.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

FILES = Path(__file__).parent / "files"


class Qa:
    """Runs a command in an empty folder, in this process: loading the libraries once is enough."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capfd = capfd

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        """Return the exit code, stdout and stderr."""
        self._monkeypatch.setattr(sys, "argv", ["qa", *map(str, arguments)])
        self._capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capfd.readouterr()
        return int(ended.value.code or 0), out, err


@pytest.fixture
def qa(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Qa:
    """Return the command line, in a folder without corpus, index and qa.toml, for a user without data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("qa.packaged.user_data_path", lambda *_, **__: tmp_path / "user-data")
    return Qa(monkeypatch, capfd)


@pytest.fixture
def own_index(toy_index: Path, toy_corpus: Path, tmp_path: Path) -> Path:
    """Return a copy of the toy index, calibrated as the command does it, that may be changed."""
    folder = shutil.copytree(toy_index, tmp_path / "own-index")
    build(read_corpus(toy_corpus), folder, calibrate=by_corpus)
    return folder


@pytest.fixture
def own_corpus(toy_corpus: Path, tmp_path: Path) -> Path:
    """Return a copy of the toy corpus that may be changed."""
    return shutil.copytree(toy_corpus, tmp_path / "own-corpus")


# --- help and usage -------------------------------------------------------------------------------


def test_help_lists_every_command(qa: Qa) -> None:
    """Each command stands in the help with what it does."""
    code, out, _ = qa("--help")
    assert code == 0
    found = dict(re.findall(r"^  (\w+) {2,}(\S.*)$", out, re.MULTILINE))
    assert found.keys() == {"index", "ask", "serve", "evaluate", "calibrate", "info", "verify", "doctor"}
    assert all(text.endswith(".") and not text.endswith("...") for text in found.values())


def test_help_loads_no_heavy_library() -> None:
    """The help comes from typer alone."""
    code = (
        "import sys, qa.cli\n"
        "try: qa.cli.app(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'pydantic', 'fastapi', 'faiss', 'torch', 'rich', 'yaml'} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("command", ["index", "ask", "serve", "info", "verify", "doctor"])
def test_every_command_explains_its_options(qa: Qa, command: str) -> None:
    """Each option has a text, and a default that comes from the settings is told."""
    code, out, _ = qa(command, "--help")
    assert code == 0
    assert "--index <path>" in out
    assert "[default: index]" in out
    assert not re.search(r"^  --[\w-]+(?: <[^>]+>)?\s*$\n  --", out, re.MULTILINE)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="nothing"),
        pytest.param(["nope"], id="unknown command"),
        pytest.param(["ask"], id="no question"),
        pytest.param(["ask", "a chain", "--nope"], id="unknown option"),
        pytest.param(["ask", "a chain", "--top", "11"], id="top over 10"),
        pytest.param(["ask", "a chain", "--region", "Britain"], id="no region"),
        pytest.param(["serve", "--port", "99999"], id="no port"),
        pytest.param(["serve", "--port", "x"], id="no number"),
        pytest.param(["index", "a", "b"], id="two corpora"),
    ],
)
def test_wrong_usage_ends_with_2(qa: Qa, arguments: list[str]) -> None:
    """What cannot be understood is explained on stderr."""
    code, out, err = qa(*arguments)
    assert (code, out) == (2, "")
    assert err


# --- index ----------------------------------------------------------------------------------------


def test_a_corpus_is_indexed_once(qa: Qa, own_corpus: Path, own_index: Path) -> None:
    """An index that is up to date is left alone, one of a changed corpus is built anew, and a forced one anyway."""
    code, out, err = qa("index", own_corpus, "--index", own_index)
    assert (code, out) == (0, "")
    assert "up to date: 5 documents" in err
    code, _, err = qa("index", own_corpus, "--index", own_index, "--force")
    assert code == 0
    assert re.search(r"built: 5 documents, \d+ passages, \d+ embeddings reused", err)
    before = Index(own_index).manifest.generation
    (own_corpus / "bell.txt").write_text("The bell\n\nRing the bell of the bicycle before you overtake.\n")
    code, _, err = qa("index", own_corpus, "--index", own_index)
    assert code == 0
    assert "built: 6 documents" in err
    assert Index(own_index).manifest.generation != before
    assert "Ring the bell" in qa("ask", "When should the bell of the bicycle be rung?", "--index", own_index)[1]


def test_a_dry_run_shows_what_is_marked_and_builds_nothing(qa: Qa, toy_corpus: Path, tmp_path: Path) -> None:
    """Headings, boilerplate and reference markers of each document are printed."""
    code, out, err = qa("index", toy_corpus, "--dry-run")
    assert (code, err) == (0, "")
    assert "saddle: The saddle" in out
    assert "# How high should the saddle be?" in out
    assert "left out (promotion): Subscribe to our newsletter" in out
    assert "3 reference markers, numbers 1, 2, 3; 2 references listed" in out
    assert not (tmp_path / "index").exists()


def test_a_file_that_cannot_be_read_is_told_and_left_out(qa: Qa, own_corpus: Path) -> None:
    """The path, the reason and the remedy stand on stderr, and the exit code says so unless that is accepted."""
    (own_corpus / "manual.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    (own_corpus / "broken.txt").write_bytes(b"Ch\xe2\xeene\n")
    code, _, err = qa("index", own_corpus, "--dry-run")
    assert code == 1
    assert "left out: manual.doc: .doc is not read. Save it as .docx" in err
    assert "left out: broken.txt: it is not UTF-8 (at byte 2). Save it as UTF-8" in err
    assert "2 file(s) left out. Mend them, or accept that with --skip-bad." in err
    assert qa("index", own_corpus, "--dry-run", "--skip-bad")[0] == 0


def test_files_that_no_reader_foresaw_do_not_end_the_build(qa: Qa, tmp_path: Path) -> None:
    """Real files whose metadata once ended the build are read or named, and the one beside them is read."""
    folder = Path(shutil.copytree(FILES / "contained", tmp_path / "documents"))
    (folder / "good.md").write_text("# Good\n\nThis one is good.\n")
    code, out, err = qa("index", folder, "--dry-run", "--skip-bad")
    assert (code, "good: Good" in out, "Traceback" in err) == (0, True, False)
    assert (
        len(re.findall("^metadata", out, re.MULTILINE)) + len(re.findall("^left out: metadata", err, re.MULTILINE)) == 2
    )


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("QA_READ_SECONDS", "1", r"more than [\d.]+ seconds( of processor time)?\. Split it, or raise QA_READ_SECONDS"),
        ("QA_READ_MEMORY", "20000000", r"more than 20,000,000 bytes of memory\. Split it, or raise QA_READ_MEMORY"),
    ],
)
def test_a_file_beyond_a_limit_is_left_out(
    qa: Qa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, reason: str
) -> None:
    """The setting to raise is named, the exit code says so, and the other file is read."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "large.md").write_text("".join(f"## Part {n}\n\nPart *{n}* of [many](x).\n\n" for n in range(100_000)))
    (folder / "small.txt").write_text("Small\n\nThis one is small.\n")
    monkeypatch.setenv(setting, value)
    code, out, err = qa("index", folder, "--dry-run")
    assert (code, "small: Small" in out) == (1, True)
    assert re.search(f"^left out: large.md: reading it took {reason}", err, re.MULTILINE)


def test_an_own_flag_under_a_packaged_id_stops_the_build(qa: Qa, own_corpus: Path) -> None:
    """The packaged flag's text would be shown in its place; the id is named, also by a dry run."""
    flag = '[[safety.flag]]\nid = "{}"\ntitle = "Own"\naction = "Do this."\nwordings = ["own words"]\n'
    with (own_corpus / "corpus.toml").open("a") as file:
        file.write(flag.format("own-flag") + flag.format("heart-attack"))
    for arguments in (["--dry-run"], ["--index", "new"]):
        code, _, err = qa("index", own_corpus, *arguments)
        assert code == 1
        assert err.startswith('qa: corpus.toml: the id "heart-attack" of a "safety.flag"')
    with pytest.raises(CorpusError, match="heart-attack"):
        build(read_corpus(own_corpus), Path("new"))


def test_a_broken_corpus_toml_stops_the_build(qa: Qa, own_corpus: Path) -> None:
    """Nothing is shown or built without what the file says, whether bad files are skipped or not."""
    (own_corpus / "corpus.toml").write_text("region = GB\n")
    for arguments in (["--dry-run"], ["--skip-bad", "--index", "new"]):
        code, out, err = qa("index", own_corpus, *arguments)
        assert (code, out) == (1, "")
        assert re.match(r"qa: \S+corpus\.toml: it is not TOML .* Write it as: .* Nothing was built\.\n", err)
    assert not Path("new").exists()


def test_a_corpus_that_is_not_there_is_a_fault(qa: Qa) -> None:
    """The message names the path and says what was expected."""
    code, out, err = qa("index", "nowhere")
    assert (code, out) == (1, "")
    assert err.startswith("qa: There is no nowhere. Expected a folder of documents")


def test_a_folder_that_cannot_be_written_to_is_a_fault(qa: Qa, toy_corpus: Path, tmp_path: Path) -> None:
    """An index path that is a file ends with one line, not with a traceback."""
    (tmp_path / "taken").write_text("")
    code, _, err = qa("index", toy_corpus, "--index", "taken")
    assert code == 1
    assert err == "qa: taken: File exists. Check the path and its permissions.\n"


# --- ask ------------------------------------------------------------------------------------------


def test_an_answer_is_printed_with_its_sources(qa: Qa, toy_index: Path) -> None:
    """The answer comes first, then each source with its place and its own references, all on stdout."""
    code, out, err = qa("ask", ANSWERED, "--index", toy_index)
    assert (code, err) == (0, "")
    assert out.startswith("A bicycle chain should be oiled every 200 kilometres")
    assert "\n[1] The chain > Oiling\n" in out
    assert re.search(r"^ +chain, characters \d+-\d+$", out, re.MULTILINE)
    assert "source's reference [1]: Vale J. Wear of roller chains. J Cycling. 2012" in out
    assert "A mechanic knows better." in out


def test_a_refusal_ends_with_0(qa: Qa, toy_index: Path) -> None:
    """A refusal is an outcome: it says what there is instead, on stdout."""
    code, out, err = qa("ask", REFUSED, "--index", toy_index)
    assert (code, err) == (0, "")
    assert "not covered here" in out
    assert "Near to your question:" in out


def test_an_emergency_says_whom_to_call(qa: Qa, toy_index: Path) -> None:
    """The number of the region asked for is printed; the region may be written small."""
    code, out, _ = qa("ask", EMERGENCY, "--index", toy_index, "--region", "us")
    assert code == 0
    assert re.search(r"^    .*: 911", out, re.MULTILINE)
    assert "Recognised: " in out


@pytest.mark.parametrize("question", [ANSWERED, REFUSED, EMERGENCY, "hello"])
def test_json_is_the_body_of_http(qa: Qa, toy_index: Path, client: TestClient, question: str) -> None:
    """The same bytes come out of both, but for the timings."""
    code, out, err = qa("ask", question, "--json", "--index", toy_index, "--top", 2, "--region", "GB")
    assert (code, err) == (0, "")
    sent = client.post("/v1/ask", json={"question": question, "top": 2, "region": "GB"}).text
    assert re.sub(r'"timings_ms":\{[^}]*\}', "", out.strip()) == re.sub(r'"timings_ms":\{[^}]*\}', "", sent)


@pytest.mark.parametrize(
    ("question", "names"),
    [(" ", "empty"), ("x" * 1001, "1001 characters"), ("a\x07 chain", "U+0007"), ("a\udcff chain", "U+DCFF")],
    ids=["blank", "long", "control", "no UTF-8"],
)
def test_a_question_of_wrong_form_is_wrong_usage(qa: Qa, toy_index: Path, question: str, names: str) -> None:
    """The fault is named on stderr."""
    code, out, err = qa("ask", question, "--index", toy_index)
    assert (code, out) == (2, "")
    assert err.startswith("qa: The question")
    assert names in err


def test_an_emergency_that_is_no_utf_8_is_still_printed(qa: Qa, toy_index: Path) -> None:
    """A byte that the terminal could not decode does not keep the numbers back."""
    code, out, _ = qa("ask", f"{EMERGENCY} \udcff", "--index", toy_index, "--json")
    assert code == 0
    assert json.loads(out)["question"] == f"{EMERGENCY} \ufffd"


@pytest.mark.parametrize(
    "command", [["ask", "a chain?"], ["serve"], ["info"], ["verify"]], ids=lambda command: command[0]
)
def test_no_index_names_the_command_that_builds_one(qa: Qa, command: list[str]) -> None:
    """Without an index the fault says how to get one."""
    assert qa(*command, "--index", "none") == (1, "", "qa: No index in none. Build it with: qa index\n")


# --- info, verify, doctor -------------------------------------------------------------------------


def test_info_is_the_body_of_http(qa: Qa, toy_index: Path, client: TestClient) -> None:
    """The index describes itself alike in both."""
    code, out, err = qa("info", "--index", toy_index)
    assert (code, err) == (0, "")
    assert json.loads(out) == client.get("/v1/index").json()


def test_a_whole_index_is_verified(qa: Qa, toy_index: Path) -> None:
    """What was checked is counted."""
    code, out, err = qa("verify", "--index", toy_index)
    assert (code, err) == (0, "")
    assert re.search(r"^\w{16}: \d+ files and \d+ passages and sentences are as they were built\.$", out)


def test_a_flipped_byte_in_any_file_is_found(qa: Qa, own_index: Path) -> None:
    """The file that changed is named, with the command that mends it; so is one that is missing or cut off."""
    generation = Index(own_index).path
    files = sorted(path for path in generation.rglob("*") if path.is_file() and path.suffix != ".lock")
    assert len(files) > 10
    for path in files:
        content = path.read_bytes()
        for damaged in (bytes([content[0] ^ 1]) + content[1:], content[: len(content) // 2]):
            path.write_bytes(damaged)
            code, out, err = qa("verify", "--index", own_index)
            assert (code, out) == (1, ""), path.name
            assert path.name in err
            assert "qa index" in err
        path.write_bytes(content)
    assert qa("verify", "--index", own_index)[0] == 0
    files[0].unlink()
    code, _, err = qa("verify", "--index", own_index)
    assert (code, files[0].name in err) == (1, True)


def test_doctor_finds_an_index(qa: Qa, toy_index: Path) -> None:
    """Everything installed is listed on stdout, and the exit code says that serving works."""
    code, out, err = qa("doctor", "--index", toy_index)
    assert (code, err) == (0, "")
    assert re.search(r"^ok    fastapi: \d", out, re.MULTILINE)
    assert re.search(r"^ok    index: .*, 5 documents, \d+ passages$", out, re.MULTILINE)
    code, out, _ = qa("doctor", "--index", "none")
    assert code == 1
    assert "MEND  index: No index in none. Build it with: qa index" in out


def test_in_an_empty_folder_the_packaged_corpus_is_served(
    qa: Qa, own_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is indexed once, which is said, and from then on what is asked there is answered from it."""
    monkeypatch.setattr("qa.packaged.corpus", lambda: own_corpus)
    assert "ok    index: none yet" in qa("doctor")[1]
    code, out, err = qa("ask", ANSWERED)
    assert (code, "[1] The chain > Oiling" in out) == (0, True)
    assert err.startswith(
        "Neither an index nor documents here: indexing the corpus that comes with Citewell, once, into"
    )
    code, out, err = qa("ask", ANSWERED)
    assert (code, err, "[1] The chain > Oiling" in out) == (0, "", True)
    assert json.loads(qa("info")[1])["documents"] == 5


def test_the_packaged_corpus_does_not_stand_in_for_the_users(qa: Qa, tmp_path: Path) -> None:
    """Where documents lie in the folder, a missing index is a fault."""
    (tmp_path / "corpus").mkdir()
    assert qa("ask", ANSWERED)[2] == "qa: No index in index. Build it with: qa index\n"


# --- settings -------------------------------------------------------------------------------------


def test_settings_reach_the_commands(qa: Qa, toy_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is found by flag before environment before qa.toml."""
    (tmp_path / "qa.toml").write_text('index = "from-file"\n')
    assert "No index in from-file." in qa("info")[2]
    monkeypatch.setenv("QA_INDEX", "from-environment")
    assert "No index in from-environment." in qa("info")[2]
    assert qa("info", "--index", toy_index)[0] == 0


def test_a_faulty_setting_is_wrong_usage(qa: Qa, tmp_path: Path) -> None:
    """A key of qa.toml that does not exist is named, with those that do."""
    (tmp_path / "qa.toml").write_text("prot = 1\n")
    code, out, err = qa("info")
    assert (code, out) == (2, "")
    assert "prot: Extra inputs are not permitted. The settings are corpus, index" in err


def test_a_variable_that_only_looks_like_a_setting_is_told(
    qa: Qa, toy_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be another program's, so the command goes on."""
    monkeypatch.setenv("QA_PROT", "1")
    code, out, err = qa("info", "--index", toy_index)
    assert (code, json.loads(out)["documents"]) == (0, 5)
    assert err == "QA_PROT is no setting of qa and is ignored; qa doctor lists those that are.\n"
    assert "QA_PROT: is ignored: it is none of QA_CORPUS" in qa("doctor", "--index", toy_index)[1]


def test_a_threshold_of_one_refuses_everything(qa: Qa, toy_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The threshold is a setting that reaches the pipeline."""
    monkeypatch.setenv("QA_THRESHOLD", "1")
    assert json.loads(qa("ask", ANSWERED, "--json", "--index", toy_index)[1])["refusal"]["reason"] == "no_answer"


# --- serve ----------------------------------------------------------------------------------------


# Tries for ten seconds to connect to a port where nobody listens, until that fails in another way.
ATTEMPT = """
import socket, threading, time
from qa.cli import main

def attempt():
    for _ in range(500):
        try: socket.create_connection(("127.0.0.1", 9))
        except OSError: time.sleep(0.02)
        except Exception as refusal: return print(type(refusal).__name__, flush=True)
    print("allowed", flush=True)

threading.Thread(target=attempt, daemon=True).start()
main()
"""


@contextmanager
def serving(
    index: Path, *flags: str, code: str = "import qa.cli; qa.cli.main()"
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run ``qa serve`` in a process of its own and yield it with its address."""
    command = [sys.executable, "-c", code, "serve", "--index", str(index), "--port", "0", *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"Citewell answers on (http://\S+) ", line)
        assert found, line
        yield process, found.group(1)
    finally:
        process.kill()
        process.communicate()


def post(address: str, question: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("POST", "/v1/ask", json.dumps({"question": question}), {"content-type": "application/json"})
    body = json.loads(connection.getresponse().read())
    connection.close()
    return cast("dict[str, Any]", body)


@pytest.mark.parametrize(
    ("flags", "number"), [(["--offline"], signal.SIGTERM), ([], signal.SIGINT)], ids=["offline", "online"]
)
def test_serve_answers_until_it_is_stopped(toy_index: Path, flags: list[str], number: signal.Signals) -> None:
    """The address is printed, a question answered, either signal ends it with 0, and no question is written down."""
    with serving(toy_index, *flags) as (process, address):
        assert post(address, ANSWERED)["status"] == "answered"
        assert post(address, EMERGENCY)["refusal"]["reason"] == "emergency"
        assert post(address, ANSWERED * 50)["status"] == 422
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")


def test_an_offline_service_answers_and_connects_to_nobody(toy_index: Path) -> None:
    """A connection that code of the process itself tries is refused, and clients are answered all the same."""
    with serving(toy_index, "--offline", code=ATTEMPT) as (process, address):
        assert process.stdout is not None
        assert process.stdout.readline() == "ConnectionForbidden\n"
        assert post(address, ANSWERED)["status"] == "answered"


def test_serve_knows_who_may_ask_and_where_feedback_goes(
    toy_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Origins come from flags, the file of verdicts from the environment."""
    monkeypatch.setenv("QA_FEEDBACK", str(tmp_path / "feedback.jsonl"))
    with serving(toy_index, "--origins", "https://a.example", "--origins", "https://b.example") as (_, address):
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        verdict = json.dumps({"id": f"ans_{'0' * 24}", "verdict": "helpful"})
        statuses = []
        for origin in ("https://a.example", "https://b.example", "https://c.example"):
            headers = {"content-type": "application/json", "origin": origin}
            connection.request("POST", "/v1/feedback", verdict, headers)
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        connection.close()
    assert statuses == [204, 204, 403]
    assert (tmp_path / "feedback.jsonl").read_text("utf-8").count("\n") == 2


def test_serve_knows_which_hosts_it_answers_to(toy_index: Path) -> None:
    """They come from flags, besides the loopback; another is refused."""
    with serving(toy_index, "--hosts", "qa.example.org", "--hosts", "*.example.net") as (_, address):
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        statuses = []
        for host in ("qa.example.org", "a.example.net", "localhost", "c.example"):
            connection.request("GET", "/v1/index", headers={"host": host})
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        connection.close()
    assert statuses == [200, 200, 200, 421]


def test_what_is_open_to_others_is_said_at_the_start(tmp_path: Path) -> None:
    """An address that others can reach, any origin, any host and a file that others can read are warned of."""
    file = tmp_path / "feedback.jsonl"
    file.touch(0o644)
    open_to_all = Settings(host="0.0.0.0", origins=("*",), hosts=("*",))
    said = " ".join(warnings(open_to_all, FeedbackFile(file)))
    assert all(part in said for part in ("Whoever reaches 0.0.0.0", "origins is *", "hosts is *", "chmod 600"))
    file.chmod(0o600)
    assert list(warnings(Settings(), FeedbackFile(file))) == []


def test_a_connection_that_stays_open_does_not_keep_serve_from_stopping(toy_index: Path) -> None:
    """Idle clients are hung up on."""
    with serving(toy_index) as (process, address):
        host, port = urlsplit(address).netloc.split(":")
        with socket.create_connection((host, int(port))) as idle:
            idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert idle.recv(4096).startswith(b"HTTP/1.1 200")
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


def test_a_port_in_use_is_a_fault(qa: Qa, toy_index: Path) -> None:
    """The message names the address and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = qa("serve", "--index", toy_index, "--port", port)
    assert (code, out) == (1, "")
    assert f"Cannot listen on 127.0.0.1:{port}: " in err
    assert err.endswith("Name another with --host or --port; --port 0 takes a free one.\n")


def test_an_address_of_another_machine_is_a_fault(qa: Qa, toy_index: Path) -> None:
    """An address that is not this machine's ends with a message, not with a traceback."""
    code, _, err = qa("serve", "--index", toy_index, "--host", "192.0.2.1", "--port", "0")
    assert (code, err.startswith("qa: Cannot listen on 192.0.2.1:0: ")) == (1, True)


def test_the_command_is_installed() -> None:
    """``qa`` stands beside the interpreter."""
    command = Path(sys.executable).with_name("qa")
    done = subprocess.run([command, "--help"], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("Usage: qa ")


# --- any encoding ---------------------------------------------------------------------------------


def in_ascii(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command whose output takes nothing but ASCII."""
    command = [sys.executable, "-m", "qa.cli", *map(str, arguments)]
    return subprocess.run(
        command, env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True, text=True, check=False
    )


def test_an_answer_is_printed_in_any_encoding(toy_index: Path, client: TestClient) -> None:
    """What the encoding lacks is written as an escape; JSON stays JSON."""
    question = "What do narrow racing tyres need?"
    printed = in_ascii("ask", question, "--index", toy_index)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert "Cafe\\u0301 des Cyclistes" in printed.stdout
    served = client.post("/v1/ask", json={"question": question}).json()
    told = json.loads(in_ascii("ask", question, "--json", "--index", toy_index).stdout)
    assert told["answer"] == served["answer"]
    assert "\u0301" in told["answer"]


def test_what_an_index_holds_is_printed_in_any_encoding(own_corpus: Path, own_index: Path) -> None:
    """A corpus may have any name."""
    toml = own_corpus / "corpus.toml"
    toml.write_text(toml.read_text("utf-8").replace("Bicycle care", "Fahrr\u00e4der \U0001f6b2"), "utf-8")
    build(read_corpus(own_corpus), own_index)
    printed = in_ascii("info", "--index", own_index)
    assert json.loads(printed.stdout)["name"] == "Fahrr\u00e4der \U0001f6b2"
    checked = in_ascii("index", own_corpus, "--index", own_index, "--dry-run")
    assert (checked.returncode, "Traceback" in checked.stderr) == (0, False)


def test_an_error_is_printed_in_any_encoding(tmp_path: Path) -> None:
    """A path that the encoding lacks is named by its escapes."""
    failed = in_ascii("ask", "Why?", "--index", tmp_path / "caf\u00e9 \u4e2d")
    assert failed.returncode == 1
    assert "caf\\xe9 \\u4e2d" in failed.stderr
    assert "Traceback" not in failed.stderr
