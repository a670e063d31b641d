"""Files are read in processes of their own: whatever one does to its reader, the others are read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import misbehaving
import pytest

from qa.corpus import Limits, read_corpus
from qa.corpus.pool import read_contained
from qa.corpus.read import tasks_of
from qa.corpus.task import Fault, Task
from qa.errors import CorpusError
from qa.types import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.corpus.task import Outcome

HERE = Path(__file__).parent
LIMITS = Limits(seconds=2, memory=300_000_000, workers=2)
# A second of processor time, and so ten on the clock, for those that only wait.
SHORT = Limits(seconds=1, memory=100_000_000, workers=2)


def write(folder: Path, *names: str) -> Path:
    """Write Markdown files of different texts."""
    for name in names:
        (folder / name).write_text(f"# About {name}\n\nThis is what {name} says.\n", "utf-8")
    return folder


def contained(folder: Path, limits: Limits = LIMITS) -> dict[str, Sequence[Outcome]]:
    """Read a folder by the misbehaving reader; return what came of each file."""
    tasks = tasks_of(folder)
    found = read_contained(tasks, limits, read=misbehaving.read)
    return {task.name: outcomes for task, outcomes in zip(tasks, found, strict=True)}


def gone(process: int) -> bool:
    """Tell whether a process has ended, or does so within a generous while."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("misdeed", "kind", "detail"),
    [
        ("abort", "died", "SIGABRT"),
        ("segfault", "died", "SIGSEGV"),
        ("kill", "died", "SIGKILL, perhaps for want of memory"),
        ("exit", "died", "exit status 0"),
        ("lie", "died", "what it said could not be understood"),
        ("loop", "time", "1 seconds of processor time"),
        ("deaf", "time", "10 seconds"),
        ("sleep", "time", "10 seconds"),
        ("bomb", "memory", "100,000,000 bytes of memory"),
        ("creep", "memory", "100,000,000 bytes of memory"),
        ("unheard", "failed", "Odd"),
    ],
)
def test_only_the_file_that_ends_its_process_is_lost(tmp_path: Path, misdeed: str, kind: str, detail: str) -> None:
    """A crash, a kill, a loop, a wait, too much memory, a lie, an exception that cannot be told: one file is left out."""
    found = contained(write(tmp_path, "a.md", "b.md", f"{misdeed}.md", "x.md", "y.md", "z.md"), SHORT)
    assert list(found) == sorted(found)
    (fault,) = found.pop(f"{misdeed}.md")
    assert isinstance(fault, Fault)
    assert (fault.name, fault.kind) == (f"{misdeed}.md", kind)
    assert detail in fault.detail
    assert [type(outcome) for outcomes in found.values() for outcome in outcomes] == [Document] * 5


def test_a_folder_of_nothing_but_bad_files_ends(tmp_path: Path) -> None:
    """Each of them is named, whatever became of the processes before it."""
    names = [f"{misdeed}.md" for misdeed in ("abort", "kill", "segfault", "exit", "bomb", "unheard", "lie")]
    found = contained(write(tmp_path, *names))
    assert {type(outcome) for outcomes in found.values() for outcome in outcomes} == {Fault}
    assert len(found) == len(names)


def test_contained_or_not_the_same_is_read() -> None:
    """Documents, their order, and what is left out and why do not depend on how many processes read."""
    for folder in (HERE.parent / "corpus", HERE / "files"):
        assert read_corpus(folder, limits=Limits(workers=3)) == read_corpus(folder)


def test_rows_are_contained_with_the_ids_they_would_have(tmp_path: Path) -> None:
    """Rows read elsewhere have their own ids, told apart from those of other files; bad rows are named."""
    (tmp_path / "a.jsonl").write_text('{"id": "k", "text": "One."}\n{"id": "k", "text": "Two."}\n[]\n')
    (tmp_path / "b.jsonl").write_text('{"id": "k", "text": "Three."}\n{"id": "caf\\ud83d", "text": "\\ud83d Four."}\n')
    here, there = read_corpus(tmp_path), read_corpus(tmp_path, limits=LIMITS)
    assert here == there
    assert [document.id for document in there.documents] == ["caf", "k", "k-2", "k-3"]
    assert [entry.path for entry in there.rejected] == ["a.jsonl:3"]


def test_a_process_that_has_grown_gives_way(tmp_path: Path) -> None:
    """A file finds nearly the whole of its memory, whatever those before it took; others share a process."""
    write(tmp_path, "a.md", "b.md", "keep.md", "x.md")
    contained(tmp_path, Limits(memory=800_000_000, workers=1))
    process = {path.stem: path.read_text() for path in tmp_path.glob("*.pid")}
    assert process["a"] == process["b"] == process["keep"] != process["x"]


def test_names_that_are_not_utf_8_are_read(tmp_path: Path) -> None:
    """A name of any bytes is a document, and is told as it is where it is left out."""
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("Without a heading.\n")
    (tmp_path / os.fsdecode(b"bad\xe9\x1b.txt")).write_bytes(b"\xff\xfe\xfd")
    found = read_corpus(tmp_path, limits=LIMITS)
    assert found == read_corpus(tmp_path)
    assert [document.title for document in found.documents] == ["Caf?"]
    assert [os.fsencode(entry.path) for entry in found.rejected] == [b"bad\xe9\x1b.txt"]


def test_a_pipe_is_no_document(tmp_path: Path) -> None:
    """A link to a pipe is refused rather than waited for."""
    write(tmp_path, "a.md")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "b.md").symlink_to(tmp_path / "pipe")
    assert [entry.reason for entry in read_corpus(tmp_path).rejected] == ["it is no regular file"]


def test_progress_tells_how_many_files_there_are(tmp_path: Path) -> None:
    """Each step says how many files were read, of how many."""
    write(tmp_path, "a.md", "b.md", "c.md")
    for limits in (None, LIMITS):
        steps: list[tuple[str, int, int]] = []
        read_corpus(tmp_path, limits=limits, progress=lambda *step: steps.append(step))  # noqa: B023 - called at once
        assert steps[-1] == ("Reading documents", 3, 3)
        assert {total for _, _, total in steps} == {3}
        assert [done for _, done, _ in steps] == sorted(done for _, done, _ in steps)


def test_a_large_file_has_more_time(tmp_path: Path) -> None:
    """Every 5 MB have the time of the limit, up to the largest file that is read; a row has it once."""
    limits = Limits(seconds=10)

    def seconds(size: int, name: str = "a.md") -> float:
        kind = "rows" if name.endswith("jsonl") else "document"
        return Task(root=tmp_path, name=name, kind=kind, size=size, max_bytes=20_000_000).seconds(limits)  # type: ignore[arg-type]

    assert [seconds(1), seconds(12_000_000), seconds(10**12)] == [10, 30, 50]
    assert seconds(12_000_000, "a.jsonl") == 10


PROGRAM = """
import sys
from pathlib import Path
import misbehaving
from qa.corpus import Limits
from qa.corpus.pool import read_contained
from qa.corpus.read import tasks_of
read_contained(tasks_of(Path(sys.argv[1])), Limits(seconds=1000, workers=2), read=misbehaving.read)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process that reads ends with its file")
def test_no_process_outlives_the_program(tmp_path: Path, how: signal.Signals) -> None:
    """However the program ends, the processes that read for it end too, in the middle of a file, and say nothing."""
    (write(tmp_path, "loop.md", "sleep.md") / "loop.md").write_text("x" * 600_000)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, tmp_path],
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
        text=True,
    )
    noted = [tmp_path / "loop.pid", tmp_path / "sleep.pid"]
    deadline = time.monotonic() + 60
    while not all(path.exists() and path.read_text() for path in noted) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(program.pid, how)
    _, err = program.communicate(timeout=60)
    assert all(gone(int(path.read_text())) for path in noted)
    assert err.count("Traceback") == (1 if how == signal.SIGINT else 0)


def test_processes_hold_nothing_of_the_program(tmp_path: Path) -> None:
    """No socket, file or pipe of the program is open in a process but the one that leads to it."""
    script = (
        "import os, socket, sys\n"
        "listener = socket.create_server(('127.0.0.1', 0)); os.set_inheritable(listener.fileno(), True)\n"
        "from pathlib import Path\nimport spying\nfrom qa.corpus import Limits\n"
        "from qa.corpus.pool import read_contained\nfrom qa.corpus.read import tasks_of\n"
        "read_contained(tasks_of(Path(sys.argv[1])), Limits(workers=1), read=spying.read)\n"
    )
    spying = "import os\ndef read(task):\n    task.path.with_suffix('.open').write_text(' '.join(os.listdir('/dev/fd')))\n    return []\n"
    (tmp_path / "spying.py").write_text(spying)
    folder = tmp_path / "folder"
    folder.mkdir()
    write(folder, "a.md")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    subprocess.run([sys.executable, "-c", script, folder], env=environment, check=True, timeout=120)
    # The three standard ones, the pipe, and the folder that is being listed.
    assert len((folder / "a.open").read_text().split()) <= 5


def test_a_missing_library_is_no_files_fault(tmp_path: Path) -> None:
    """Where a library that reads is not installed, that is said once, and no file is blamed."""
    with pytest.raises(ModuleNotFoundError) as raised:
        contained(write(tmp_path, "a.md", "lacking.md", "z.md"))
    assert raised.value.name == "no_such_library"


# --- corpus.toml ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"name = ", "it is not TOML"),
        (b"\xff\xfe\xfd", "UTF-8|binary"),
        (b"region = 'Britain'", "not an ISO 3166-1"),
        (b"glossary = 3", 'its "glossary" is not a table'),
        (b"[safety]\nflag = 3", "not a list of tables"),
        (b"regoin = 'GB'", 'an unknown key "regoin"'),
        (b"a = " + b"[" * 100_000, "it is not TOML"),
        (b"#" * 3_000, "the limit is 2,000"),
    ],
)
@pytest.mark.parametrize("limits", [None, LIMITS], ids=["here", "contained"])
def test_a_corpus_toml_that_cannot_be_understood_stops_the_build(
    tmp_path: Path, content: bytes, reason: str, limits: Limits | None
) -> None:
    """The file, the reason and the remedy are told: an index without its flags and numbers would go unnoticed."""
    write(tmp_path, "a.md")
    (tmp_path / "corpus.toml").write_bytes(content)
    with pytest.raises(CorpusError, match=rf"(?s)corpus\.toml: .*({reason}).*\. .+ Nothing was built\."):
        read_corpus(tmp_path, max_bytes=2_000 if len(content) < 90_000 else 200_000, limits=limits)


@pytest.mark.parametrize("shape", ["folder", "dangling link"])
def test_a_corpus_toml_that_is_no_file_stops_the_build(tmp_path: Path, shape: str) -> None:
    """What bears the name and cannot be read is not taken for an absent one."""
    write(tmp_path, "a.md")
    if shape == "folder":
        (tmp_path / "corpus.toml").mkdir()
    else:
        (tmp_path / "corpus.toml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match=r"corpus\.toml: it (is a folder|cannot be opened)"):
        read_corpus(tmp_path)
