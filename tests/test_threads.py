"""Answering uses no more threads than those that ask."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# Threads of an OpenMP team live as long as the thread that called for them: all are there while those that asked wait.
COUNT = """
import os, sys, threading
import faiss
from pathlib import Path
from qa.index import Index
from qa.pipeline import Pipeline
from qa.safety import SafetyGate

ASKING = 4
pipeline = Pipeline(Index(Path(sys.argv[1]), threads=1), SafetyGate.load())
pipeline.ask("How often is a chain oiled?")
before = len(os.listdir("/proc/self/task"))
limits = []
asked, counted = threading.Barrier(ASKING + 1), threading.Barrier(ASKING + 1)

def ask():
    for question in ("How high is the saddle?", "What wears out a chain?"):
        pipeline.ask(question)
        pipeline.search(question, documents=[0, 1, 2])
    limits.append(faiss.omp_get_max_threads())
    asked.wait()
    counted.wait()

threads = [threading.Thread(target=ask) for _ in range(ASKING)]
for thread in threads:
    thread.start()
asked.wait()
print(len(os.listdir("/proc/self/task")) - before - ASKING, limits)
counted.wait()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads are counted in /proc")
def test_each_question_is_answered_in_the_thread_that_asks(toy_index: Path) -> None:
    """Four threads ask, each keeps faiss to itself, and none is added to them, though OpenMP may use four for each."""
    limits = {"OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    counted = subprocess.run(
        [sys.executable, "-c", COUNT, str(toy_index)],
        env=os.environ | limits,
        capture_output=True,
        text=True,
        check=True,
    )
    assert counted.stdout.strip() == "0 [1, 1, 1, 1]"
