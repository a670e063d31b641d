"""A generation is whole or it does not serve; the same corpus gives the same index, whatever was reused."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from qa.corpus import read_corpus, version
from qa.errors import BadIndex, CorpusError, IndexBusy, IndexDamaged, IndexMissing
from qa.index import Index, generation
from qa.index.build import build
from qa.index.generation import workspace
from qa.index.tokens import TokenIndex, fit_basis, pack
from qa.pipeline import Pipeline
from qa.safety import SafetyGate
from qa.verify import verify

CONTENT = ("dense.faiss", "tokens.i8", "passages.npy", "sentences.npy", "documents.jsonl", "keys.npy", "basis.npy")


def hashes(folder: Path) -> dict[str, str]:
    """Return the sha256 of the files that hold what was computed."""
    manifest = generation.read_manifest(generation.current(folder))
    return {name: manifest.files[name].sha256 for name in CONTENT}


@pytest.fixture
def index_folder(toy_index: Path, tmp_path: Path) -> Path:
    """Return a copy of the toy index that a test may spoil."""
    return Path(shutil.copytree(toy_index, tmp_path / "index"))


@pytest.fixture
def foreign_folder(toy_index: Path, tmp_path: Path) -> Path:
    """Return the folder of an index that has the encoder of the toy index, and none of its embeddings."""
    corpus = tmp_path / "foreign"
    corpus.mkdir()
    (corpus / "kites.md").write_text("# Kites\n\nA kite rises in the wind.\n", "utf-8")
    folder = Path(shutil.copytree(toy_index, tmp_path / "foreign-index"))
    assert build(read_corpus(corpus), folder).reused == 0
    return folder


def test_a_rebuild_is_the_same_index(toy_corpus: Path, toy_index: Path, index_folder: Path) -> None:
    """Building again, with every embedding reused, writes the same bytes under the same name."""
    built = build(read_corpus(toy_corpus), index_folder, force=True)
    assert built.fresh
    assert built.reused == built.manifest.passages
    assert hashes(index_folder) == hashes(toy_index)


def test_a_changed_document_is_embedded_alone(
    toy_corpus: Path, index_folder: Path, foreign_folder: Path, tmp_path: Path
) -> None:
    """Only the passages of what changed are embedded; the result is the same as without anything to reuse."""
    changed = Path(shutil.copytree(toy_corpus, tmp_path / "corpus"))
    (changed / "bell.md").write_text("# The bell\n\nRing the bell before you overtake anybody.\n", "utf-8")
    built = build(read_corpus(changed), index_folder)
    assert built.manifest.passages - built.reused == 1
    assert build(read_corpus(changed), foreign_folder).reused == 0
    assert hashes(index_folder) == hashes(foreign_folder)


def test_an_unchanged_corpus_is_not_built(toy_corpus: Path, index_folder: Path) -> None:
    """Building an index that is up to date changes nothing."""
    before = sorted((path, path.stat().st_mtime_ns) for path in index_folder.rglob("*") if path.name != ".lock")
    assert not build(read_corpus(toy_corpus), index_folder).fresh
    after = sorted((path, path.stat().st_mtime_ns) for path in index_folder.rglob("*") if path.name != ".lock")
    assert after == before


def test_a_corpus_info_of_its_own_is_a_generation_of_its_own(
    toy_corpus: Path, index_folder: Path, tmp_path: Path
) -> None:
    """A new scope statement is served, though no document changed and nothing is embedded again."""
    changed = Path(shutil.copytree(toy_corpus, tmp_path / "corpus"))
    toml = (changed / "corpus.toml").read_text("utf-8")
    (changed / "corpus.toml").write_text(toml.replace("Looking after a bicycle", "Caring for a bicycle"), "utf-8")
    built = build(read_corpus(changed), index_folder)
    assert built.fresh
    assert built.reused == built.manifest.passages
    assert Index(index_folder).info().scope.startswith("Caring")


@pytest.mark.parametrize("change", ["READER_VERSION", "_LIBRARIES"])
def test_a_reader_that_has_changed_makes_an_index_out_of_date(
    toy_corpus: Path, index_folder: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """What another reader or another library has read is read anew; the embeddings of equal texts are used again."""
    monkeypatch.setattr(
        version, change, {"READER_VERSION": version.READER_VERSION + 1, "_LIBRARIES": ("numpy",)}[change]
    )
    built = build(read_corpus(toy_corpus), index_folder)
    assert built.fresh
    assert built.reused == built.manifest.passages
    assert not build(read_corpus(toy_corpus), index_folder).fresh


def test_every_passage_is_a_slice(toy_index: Path) -> None:
    """The sweep over all passages and sentences finds nothing amiss and counts them all."""
    index = Index(toy_index)
    assert verify(index) == index.manifest.passages + index.manifest.sentences


def test_the_previous_generation_is_kept_and_older_ones_are_not(
    toy_corpus: Path, index_folder: Path, tmp_path: Path
) -> None:
    """After three different builds two generations are left: the one that serves and the one before it."""
    changed = Path(shutil.copytree(toy_corpus, tmp_path / "corpus"))
    names = [generation.current(index_folder).name]
    for number in range(2):
        (changed / f"note{number}.md").write_text(
            f"# Note {number}\n\nThis is note number {number} of the set.\n", "utf-8"
        )
        names.append(build(read_corpus(changed), index_folder).manifest.generation)
    assert generation.current(index_folder).name == names[-1]
    assert {path.name for path in index_folder.iterdir() if path.is_dir()} == set(names[1:])


def test_a_missing_index_names_the_command(tmp_path: Path) -> None:
    """Opening a folder without an index says how to build one."""
    with pytest.raises(IndexMissing, match="qa index"):
        Index(tmp_path)


def test_every_damaged_file_is_named(index_folder: Path) -> None:
    """One changed byte in any file, or a missing file, keeps the index from opening and names the file."""
    path = generation.current(index_folder)
    for name in generation.read_manifest(path).files:
        file = path / name
        whole = file.read_bytes()
        file.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        with pytest.raises(IndexDamaged, match=file.name):
            Index(index_folder)
        file.unlink()
        with pytest.raises(IndexDamaged, match=f"{file.name} is missing"):
            Index(index_folder)
        file.write_bytes(whole)
    assert Index(index_folder).info().documents == 5


def test_a_changed_manifest_is_an_error(index_folder: Path) -> None:
    """A manifest whose scope statement was edited by hand keeps the index from opening."""
    path = generation.current(index_folder) / "manifest.json"
    path.write_text(path.read_text("utf-8").replace("Looking after", "Looking for"), "utf-8")
    with pytest.raises(IndexDamaged, match=r"manifest\.json has changed"):
        Index(index_folder)


@pytest.mark.parametrize("content", [b"", b"not json", b"[]", b'{"format": 1}', b'{"format": 999}'])
def test_a_manifest_that_cannot_be_understood_is_an_error(tmp_path: Path, content: bytes) -> None:
    """A broken manifest, or one of another format, is an error that names the mending command."""
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(BadIndex, match="qa index"):
        generation.read_manifest(tmp_path)


@pytest.mark.parametrize("content", ["", "gone", "../index", "/"])
def test_a_current_that_names_nothing_is_an_error(index_folder: Path, content: str) -> None:
    """CURRENT must name a generation in the folder."""
    (index_folder / "CURRENT").write_text(content)
    with pytest.raises(IndexDamaged, match="CURRENT"):
        Index(index_folder)


def test_a_damaged_generation_is_built_anew(toy_corpus: Path, toy_index: Path, index_folder: Path) -> None:
    """A build repairs a damaged index and takes no embedding from it."""
    (generation.current(index_folder) / "tokens.i8").write_bytes(b"")
    built = build(read_corpus(toy_corpus), index_folder)
    assert built.fresh
    assert built.reused == 0
    assert hashes(index_folder) == hashes(toy_index)


def test_two_builds_at_once_are_refused(toy_corpus: Path, index_folder: Path) -> None:
    """The second build in a folder is told so, and the index still serves."""
    with workspace(index_folder), pytest.raises(IndexBusy, match="Another build"):
        build(read_corpus(toy_corpus), index_folder)
    assert Index(index_folder).info().documents == 5


def test_only_a_held_lock_means_another_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that cannot lock is told as such, and not as a build that nobody has started."""

    def refuse(number: int) -> Callable[..., None]:
        def flock(_file: object, _how: int) -> None:
            raise OSError(number, os.strerror(number))

        return flock

    for number in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES):
        monkeypatch.setattr(fcntl, "flock", refuse(number))
        with pytest.raises(IndexBusy, match="Another build"), workspace(tmp_path):
            pass
    for number in (errno.ENOLCK, errno.EBADF, errno.EINVAL, errno.ENOTSUP):
        monkeypatch.setattr(fcntl, "flock", refuse(number))
        with (
            pytest.raises(BadIndex, match=r"\.lock cannot be locked \(.+\)\. Name an --index") as raised,
            workspace(tmp_path),
        ):
            pass
        assert not isinstance(raised.value, IndexBusy)


def test_what_a_killed_build_left_is_removed_by_the_next(toy_corpus: Path, index_folder: Path, tmp_path: Path) -> None:
    """Unfinished generations go, and so do those whose removal was cut short, though they have no manifest any more."""
    (index_folder / ".building-1" / "encoder").mkdir(parents=True)
    changed = Path(shutil.copytree(toy_corpus, tmp_path / "corpus"))
    script = (
        "import os, shutil, sys\nfrom pathlib import Path\nfrom qa.corpus import read_corpus\n"
        "from qa.index.build import build\nimport qa.index.generation\n"
        "def rmtree(path, **_):\n"
        "    if (Path(path) / 'manifest.json').exists():\n"
        "        (Path(path) / 'manifest.json').unlink(); os.kill(os.getpid(), 9)\n"
        "qa.index.generation.shutil.rmtree = rmtree\n"
        "for number in range(3):\n"
        "    Path(sys.argv[1], 'new.md').write_text(f'# New\\n\\nThis is {number}.\\n')\n"
        "    build(read_corpus(Path(sys.argv[1])), Path(sys.argv[2]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, changed, index_folder], check=False, timeout=300)
    assert done.returncode == -signal.SIGKILL
    with workspace(index_folder):
        left = [path for path in index_folder.iterdir() if path.is_dir() and not path.name.startswith(".building-")]
        assert all((path / "manifest.json").is_file() for path in left)
        assert len(list(index_folder.glob(".building-*"))) == 1
    assert Index(index_folder).info().documents == 6


def test_a_killed_process_leaves_no_copy_for_good(index_folder: Path, tmp_path: Path) -> None:
    """The copy that a read-only index is searched in is removed by the next process that makes one, not while in use."""
    script = (
        "import sys, tempfile\nfrom pathlib import Path\nimport qa.index.lexical as lexical\n"
        "lexical._writable = lambda _: False\n"
        "held = lexical.LexicalIndex(Path(sys.argv[1]))\nprint('ready', flush=True)\nsys.stdin.read()\n"
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def copies() -> int:
        return len(list(scratch.glob("citewell-lexical-*/lexical/meta.json")))

    def opened() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, generation.current(index_folder) / "lexical"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(scratch)},
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    with opened() as killed, opened() as serving:
        assert copies() == 2
        killed.kill()
        killed.wait()
        with opened() as third:
            assert copies() == 2
            third.communicate("")
        assert copies() == 1
        serving.communicate("")
    assert list(scratch.glob("citewell-*")) == []


def test_a_read_only_index_serves(index_folder: Path) -> None:
    """An index whose folders cannot be written to is opened all the same."""
    folders = [index_folder, *(path for path in index_folder.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        index = Index(index_folder)
        assert index.lexical.search(index.lexical.terms("chain"), 1)[0].size == 1
    finally:
        for folder in folders:
            folder.chmod(0o755)


BUILD = """
import sys
from pathlib import Path
from qa.corpus import read_corpus
from qa.index.build import build
print("ready", flush=True)
build(read_corpus(Path(sys.argv[1])), Path(sys.argv[2]), force=True)
"""


def test_a_killed_build_leaves_the_old_generation_serving(
    toy_corpus: Path, index_folder: Path, foreign_folder: Path, tmp_path: Path
) -> None:
    """Builds killed at different moments change nothing that serves, and the next build succeeds."""
    changed = Path(shutil.copytree(toy_corpus, tmp_path / "corpus"))
    (changed / "bell.md").write_text("# The bell\n\nRing the bell before you overtake.\n", "utf-8")
    expected = build(read_corpus(changed), foreign_folder).manifest.generation
    for delay in (0.02, 0.1, 0.3):
        before = generation.current(index_folder).name
        process = subprocess.Popen(
            [sys.executable, "-c", BUILD, str(changed), str(index_folder)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert Index(index_folder).manifest.generation in {before, expected}
    assert build(read_corpus(changed), index_folder).manifest.generation == expected
    assert not list(index_folder.glob(".building-*"))


def test_packed_tokens_keep_their_directions() -> None:
    """Cosines between packed tokens are those of the projected states to within two hundredths."""
    states = np.random.default_rng(1).normal(size=(300, 384)).astype(np.float32)
    basis = fit_basis(states)
    projected = states @ basis
    projected /= np.linalg.norm(projected, axis=1, keepdims=True)
    packed = pack(states, basis).astype(np.float32) / 254
    assert np.abs(packed @ projected[:20].T - projected @ projected[:20].T).max() < 0.02


def test_maxsim_is_the_mean_of_the_best_matches(tmp_path: Path) -> None:
    """MaxSim equals its definition, for the passage and for each sentence."""
    rng = np.random.default_rng(2)
    states = rng.normal(size=(9, 384)).astype(np.float32)
    basis = fit_basis(rng.normal(size=(200, 384)).astype(np.float32))
    np.save(tmp_path / "basis.npy", basis)
    pack(states, basis).tofile(tmp_path / "tokens.i8")
    question = (states[[1, 6]] @ basis) / np.linalg.norm(states[[1, 6]] @ basis, axis=1, keepdims=True)
    index = TokenIndex(tmp_path)
    (found,) = index.maxsim(question, [(0, 9)], [np.array([[0, 4], [4, 9], [9, 9]])])
    similarity = index.packed.astype(np.float32) @ question.T / 254
    assert found.whole == pytest.approx(1.0, abs=0.02)
    assert found.sentences[0] == pytest.approx(similarity[:4].max(axis=0).mean(), abs=1e-6)
    assert found.sentences[1] == pytest.approx(similarity[4:].max(axis=0).mean(), abs=1e-6)
    assert found.sentences[2] == -1.0


def test_lexical_scores_follow_bm25(pipeline: Pipeline) -> None:
    """A rare term weighs more than a common one, and a passage without any of the terms is not found."""
    lexical = pipeline.index.lexical
    rare, common = lexical.idf(["gaug", "the"])
    assert rare > common > 0
    assert lexical.search(lexical.terms("zzzz"), 5)[0].size == 0


def test_the_manifest_lists_every_file(toy_index: Path) -> None:
    """No file of a generation is unknown to its manifest."""
    path = generation.current(toy_index)
    listed = set(json.loads((path / "manifest.json").read_text("utf-8"))["files"])
    found = {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file() and file.suffix != ".lock"}
    assert found - listed == {"manifest.json"}


def test_a_corpus_without_text_changes_nothing(index_folder: Path, tmp_path: Path) -> None:
    """Documents of headings and pictures alone are an error, and what served before still serves."""
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "a.md").write_text("# Only a heading\n\n## And another\n\n![](a.png)\n", "utf-8")
    before = generation.current(index_folder)
    with pytest.raises(CorpusError, match="No document holds any text"):
        build(read_corpus(empty), index_folder)
    assert generation.current(index_folder) == before


def test_foreign_folders_are_left_alone(toy_corpus: Path, index_folder: Path) -> None:
    """A build removes generations and nothing else from the folder it was given."""
    (index_folder / "my-thesis").mkdir()
    build(read_corpus(toy_corpus), index_folder, force=True)
    build(read_corpus(toy_corpus), index_folder, force=True)
    assert (index_folder / "my-thesis").is_dir()
    assert len([path for path in index_folder.iterdir() if (path / "manifest.json").is_file()]) == 2


def test_a_section_of_pictures_is_no_passage(index_folder: Path, tmp_path: Path) -> None:
    """A section without anything to read is never found, and asking for its heading does not fail."""
    corpus = tmp_path / "pictures"
    corpus.mkdir()
    (corpus / "gears.md").write_text("# Gears\n\nGears help uphill.\n\n## Gears chart\n\n![](gears.png)\n", "utf-8")
    (corpus / "bare.md").write_text("# Only a heading\n", "utf-8")
    build(read_corpus(corpus), index_folder)
    pipeline = Pipeline(Index(index_folder), SafetyGate.load(), threshold=0.0)
    assert [passage.section for passage in pipeline.search("gears chart").passages] == [("Gears",)]
    bare = pipeline.index.documents.ordinal("bare")
    assert pipeline.search("gears", documents=[bare]).passages == ()
