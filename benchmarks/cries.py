"""How many cries for help are heard in each language, and how many harmless questions raise an alarm.

    python benchmarks/cries.py [FOLDER ...]

A folder holds a file for each language (``es.txt``), a line for each message: ``flag: a cry`` or ``- a question``.
Without one, those of the tests are read; the recipes were mended after each of the three was measured.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from qa.safety.cries import cries

SETS = Path(__file__).parent.parent / "tests" / "files" / "cries"


def main() -> None:
    """Print a line for each language, and one for all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=sorted(SETS.iterdir()))
    for folder in parser.parse_args().folders:
        every = [measured(file) for file in sorted(folder.glob("*.txt"))]
        for name, counts in [*every, ("all", tuple(map(sum, zip(*(counts for _, counts in every), strict=True))))]:
            heard, flagged, cried, alarms, questions = counts
            print(
                f"{folder.name} {name}: heard {heard} of {cried}, {flagged} with their flag; "
                f"false alarms {alarms} of {questions}"
            )


def measured(file: Path) -> tuple[str, tuple[int, ...]]:
    """Return the language and what was counted in its file."""
    lines = file.read_text(encoding="utf-8").splitlines()
    questions = [line[2:] for line in lines if line.startswith("- ")]
    rows = [line.split(": ", 1) for line in lines if not line.startswith("- ")]
    found = [(flag, cries(text)) for flag, text in rows]
    heard = sum(each is not None for _, each in found)
    flagged = sum(each is not None and flag in each[1] for flag, each in found)
    alarms = sum(cries(question) is not None for question in questions)
    return file.stem, (heard, flagged, len(rows), alarms, len(questions))


if __name__ == "__main__":
    main()
