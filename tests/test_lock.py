"""requirements.lock holds every package that the project asks for, at one version, with the hashes of its files."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ENTRY = re.compile(
    r"^([A-Za-z0-9._-]+)==([^\s;]+)(?: ;[^\\\n]*)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)
ENTRIES = {found[1].lower(): found[3] for found in ENTRY.finditer(LOCK)}


def asked_for() -> set[str]:
    """Return the names of what pyproject.toml asks for, anywhere."""
    project = PROJECT["project"]
    lists = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *PROJECT["dependency-groups"].values(),
    ]
    lists.append(PROJECT["build-system"]["requires"])
    texts = [text for each in lists for text in each if isinstance(text, str)]
    return {re.sub(r"[._]", "-", re.split(r"[^A-Za-z0-9._-]", text)[0]).lower() for text in texts}


def test_every_entry_has_its_version_and_hashes() -> None:
    """Nothing else stands in the file: no comment, no option, no address, and no package twice."""
    assert ENTRY.sub("", LOCK) == ""
    assert len(ENTRIES) == len(ENTRY.findall(LOCK))
    assert all("--hash=sha256:" in hashes for hashes in ENTRIES.values())


def test_everything_that_is_asked_for_is_locked() -> None:
    """Dependencies, extras, groups, and what builds the wheel."""
    assert asked_for() - ENTRIES.keys() == set()
    assert {"numpy", "torch", "pip", "hatchling"} <= asked_for()


@pytest.mark.parametrize("library", ["fastapi", "torch", "onnxruntime", "langchain-core"])
def test_a_package_of_wheels_has_a_hash_for_each_platform(library: str) -> None:
    """Compiled packages have more files than one; pure ones have a wheel and a source archive."""
    least = {"torch": 12, "onnxruntime": 12}.get(library, 2)
    assert ENTRIES[library].count("--hash") >= least


def test_what_is_needed_is_printed_for_pip() -> None:
    """The list that pip is given holds the dependencies and those of the extras, word for word."""
    command = [sys.executable, str(ROOT / "packaging" / "needed.py"), "build"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    project = PROJECT["project"]
    assert printed == [*project["dependencies"], *project["optional-dependencies"]["build"]]


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "packaging").glob("*.sh")))
def test_every_installation_checks_hashes(script: str) -> None:
    """Whatever installs from an index demands hashes, but for torch, whose file is compared by hand, and what writes the lock."""
    lines = (ROOT / "packaging" / script).read_text("utf-8").replace("\\\n", "").splitlines()
    installing = [
        line for line in lines if re.search(r"\binstall (?!\.sh)", line) and "pip" in line and not line.startswith("#")
    ]
    allowed = {"torch.sh": '"$work"/torch-*', "lock.sh": "install uv"}.get(script, "--require-hashes")
    assert [line for line in installing if "--require-hashes" not in line and allowed not in line] == []
    made = [line for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if "pip install" in line]
    assert len(made) == 2
    assert all("--require-hashes" in line or "--no-deps --editable ." in line for line in made)
