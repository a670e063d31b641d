"""Kill builds at random moments: the old generation must still serve, and the next build must succeed."""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from qa.corpus import read_corpus
from qa.index import Index
from qa.index.build import build
from qa.pipeline import Pipeline
from qa.safety import SafetyGate


def main() -> None:
    """Build once, then kill further builds of a changed corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="a folder of documents; it is copied, not changed")
    parser.add_argument("--times", type=int, default=20, help="how many builds to kill")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        corpus, index = Path(shutil.copytree(arguments.corpus, Path(scratch) / "corpus")), Path(scratch) / "index"
        build(read_corpus(corpus), index)
        started = time.monotonic()
        _build(corpus, index).wait()
        length = time.monotonic() - started
        killed = sum(_kill(corpus, index, number, length) for number in range(arguments.times))
        print(f"{killed} of {arguments.times} builds were killed, at moments spread over {length:.1f} s")
        (corpus / "after.md").write_text("# After\n\nThis was written after the kills.\n", "utf-8")
        _build(corpus, index).wait()
        assert Index(index).manifest.documents.keys() >= {"after"}
        print("The next build succeeded; left in the folder:", sorted(path.name for path in index.iterdir()))


def _build(corpus: Path, index: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "qa.cli", "index", str(corpus), "--index", str(index), "--force"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603


def _kill(corpus: Path, index: Path, number: int, length: float) -> bool:
    (corpus / "changing.md").write_text(
        f"# Changing\n\nThis is version {number} of a document that changes.\n", "utf-8"
    )
    process = _build(corpus, index)
    time.sleep(random.Random(number).uniform(0, length))
    running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    pipeline = Pipeline(Index(index), SafetyGate.load(), threshold=0.0)
    assert pipeline.search("a document").passages
    return running


if __name__ == "__main__":
    main()
