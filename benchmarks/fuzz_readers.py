"""Damage real files in many ways and read each in a process of its own: no file may do more than be left out.

Counts how the files end: read, refused with a reason, failed with an exception that no reader should raise, died, timed
out, over the limit of memory. Each exception is printed with the number of files it was raised for, and those files are
kept in --out. Ends with 1 if the program itself fails, or a limit was overrun by more than a margin.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import resource
import shutil
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from qa.corpus.formats import READERS
from qa.corpus.pool import read_contained
from qa.corpus.read import tasks_of
from qa.corpus.task import Fault, Limits, Outcome, Task
from qa.types import Rejected

ZIPPED = {".docx", ".epub"}
LARGEST = 2_000_000
BATCH = 40
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
# What readers trip over: limits of numbers, references to nothing, deep nesting, odd characters.
SPICES = [
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"-1",
    b"0",
    b"99999999999999999999",
    b"1e309",
    b"NaN",
    b"&#x110000;",
    b"&#xD800;",
    b"<" * 2_000,
    b"<div>" * 3_000,
    b"(" * 3_000,
    b"[" * 3_000,
    b">" * 2_000,
    b"\n---\n",
    b"/Kids [1 0 R]",
    b"0 0 R",
    b"\xe2\x80\xae\xcc\x81\xf0\x9f\xa7\x91",
]
LIMITS = Limits(seconds=10, memory=500_000_000)
# Files that keep to the limit have so long together; one that does not has ten times its limit on the clock.
_BATCH_SECONDS = 120.0
_CLOCK = 10
_MARGIN_BYTES = 250_000_000


def main() -> None:
    """Mutate and read until the time is over; print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=Path, nargs="+", required=True, help="folders of whole files to damage")
    parser.add_argument("--seconds", type=float, default=60, help="how long to go on")
    parser.add_argument("--seed", type=int, default=0, help="what the damage is drawn from")
    parser.add_argument("--out", type=Path, default=Path("fuzzed"), help="where files with unexpected ends are kept")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    sys.exit(1 if fuzz(arguments.files, arguments.seconds, random.Random(arguments.seed), arguments.out) else 0)


def fuzz(folders: Iterable[Path], seconds: float, rng: random.Random, out: Path) -> int:
    """Return the number of limits that were overrun."""
    seeds = list(whole_files(folders))
    ends: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    overrun, deadline = 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        with tempfile.TemporaryDirectory() as name:
            for number in range(BATCH):
                suffix, raw = rng.choice(seeds)
                file = "corpus.toml" if suffix == ".toml" else f"{number:03}{suffix}"
                (Path(name) / file).write_bytes(damaged(raw, suffix, rng))
            started, tasks = time.monotonic(), tasks_of(Path(name))
            found = read_contained(tasks, LIMITS)
            late = [task for task, said in zip(tasks, found, strict=True) if fault_of(said) == "time"]
            most = _BATCH_SECONDS + sum(_CLOCK * task.seconds(LIMITS) for task in late)
            overrun += time.monotonic() - started > most
            for task, said in zip(tasks, found, strict=True):
                note(task, said, ends, faults, out)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    overrun += peak > LIMITS.memory + _MARGIN_BYTES
    report(ends, faults)
    print(f"limits overrun: {overrun}; the most memory of a process: {peak:,} bytes")
    return overrun


def fault_of(said: Iterable[Outcome]) -> str | None:
    """Return the kind of fault that a file ended with, or None."""
    return next((outcome.kind for outcome in said if isinstance(outcome, Fault)), None)


def whole_files(folders: Iterable[Path]) -> Iterable[tuple[str, bytes]]:
    """Yield the suffix and the content of each file that some reader is for."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            suffix = path.suffix.lower()
            if path.is_file() and suffix in {*READERS, ".jsonl", ".toml"} and path.stat().st_size <= LARGEST:
                yield suffix, path.read_bytes()


def note(task: Task, outcomes: list[Outcome], ends: Counter[str], faults: Counter[str], out: Path) -> None:
    """Count how a file ended, and keep it if no file should."""
    bad = [outcome for outcome in outcomes if isinstance(outcome, Fault)]
    if not bad:
        ends["refused" if all(isinstance(each, Rejected) for each in outcomes) else "read"] += 1
        return
    ends[bad[0].kind] += 1
    said = f"{task.path.suffix} {bad[0].kind}: {re.sub('[0-9]+', '#', bad[0].detail)}"
    faults[said] += 1
    if faults[said] <= 3:  # noqa: PLR2004 - examples
        out.mkdir(parents=True, exist_ok=True)
        label = re.sub(r"\W+", "-", said)[:60].strip("-")
        shutil.copyfile(task.path, out / f"{label}-{faults[said]}{task.path.suffix}")


def report(ends: Counter[str], faults: Counter[str]) -> None:
    """Print how the files ended, and each fault with the number of files."""
    names = ("read", "refused", "failed", "died", "time", "memory")
    print(f"{ends.total()} files: {', '.join(f'{ends[name]} {name}' for name in names)}")
    for said, number in faults.most_common():
        print(f"{number:5}  {said}")


def damaged(raw: bytes, suffix: str, rng: random.Random) -> bytes:
    """Return a file with one to four things wrong with it."""
    for _ in range(rng.randint(1, 4)):
        if suffix in ZIPPED and rng.random() < 0.8:  # noqa: PLR2004 - a flipped bit in an archive is found at once
            raw = rezipped(raw, rng)
        elif suffix == ".pdf" and rng.random() < 0.5:  # noqa: PLR2004
            raw = restreamed(raw, rng)
        else:
            raw = rng.choice(MUTATIONS)(raw, rng)
    return raw[: 2 * LARGEST]


def rezipped(raw: bytes, rng: random.Random) -> bytes:
    """Damage a member of an archive, or give it another's content, and pack it again."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        return flipped(raw, rng)
    if not members:
        return raw
    name = rng.choice(sorted(members))
    other = rng.choice(sorted(members.values()))
    members[name] = other if rng.random() < 0.1 else rng.choice(MUTATIONS)(members[name], rng)  # noqa: PLR2004
    if rng.random() < 0.05:  # noqa: PLR2004
        del members[name]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return packed.getvalue()


def restreamed(raw: bytes, rng: random.Random) -> bytes:
    """Damage what a stream of a PDF holds, and deflate it again."""
    streams = list(STREAM.finditer(raw))
    if not streams:
        return flipped(raw, rng)
    stream = rng.choice(streams)
    try:
        content = zlib.decompress(stream[1])
    except zlib.error:
        return raw[: stream.start(1)] + rng.choice(MUTATIONS)(stream[1], rng) + raw[stream.end(1) :]
    packed = zlib.compress(rng.choice(MUTATIONS)(content, rng))
    return raw[: stream.start(1)] + packed + raw[stream.end(1) :]


def flipped(raw: bytes, rng: random.Random) -> bytes:
    """Change some bytes."""
    changed = bytearray(raw)
    for _ in range(rng.randint(1, 30) if raw else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(raw: bytes, rng: random.Random) -> bytes:
    """Lose the end."""
    return raw[: rng.randrange(len(raw) + 1)]


def holed(raw: bytes, rng: random.Random) -> bytes:
    """Lose a piece."""
    start, end = piece(raw, rng)
    return raw[:start] + raw[end:]


def doubled(raw: bytes, rng: random.Random) -> bytes:
    """Say a piece many times."""
    start, end = piece(raw, rng)
    times = min(rng.choice([2, 20, 500]), 1 + LARGEST // max(1, end - start))
    return raw[:end] + raw[start:end] * times + raw[end:]


def moved(raw: bytes, rng: random.Random) -> bytes:
    """Put a piece elsewhere."""
    start, end = piece(raw, rng)
    rest = raw[:start] + raw[end:]
    at = rng.randrange(len(rest) + 1)
    return rest[:at] + raw[start:end] + rest[at:]


def spiced(raw: bytes, rng: random.Random) -> bytes:
    """Put in what readers trip over."""
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + rng.choice(SPICES) + raw[at:]


def renumbered(raw: bytes, rng: random.Random) -> bytes:
    """Replace a number or a quoted value by another one."""
    places = [found.span() for found in re.finditer(rb'(?<=")[^"<>\n]{0,80}(?=")|\d+', raw)]
    if not places:
        return spiced(raw, rng)
    start, end = rng.choice(places)
    return raw[:start] + rng.choice(SPICES) + raw[end:]


def piece(raw: bytes, rng: random.Random) -> tuple[int, int]:
    """Draw the half-open range of a piece."""
    start = rng.randrange(len(raw) + 1)
    return start, min(len(raw), start + rng.choice([1, 10, 100, 1_000, 20_000]))


MUTATIONS: list[Callable[[bytes, random.Random], bytes]] = [flipped, cut, holed, doubled, moved, spiced, renumbered]


if __name__ == "__main__":
    main()
