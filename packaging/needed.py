"""Print what pyproject.toml asks for, a requirement a line: the dependencies, and those of each extra that is named."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path


def main() -> None:
    """Print the requirements."""
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))["project"]
    extras = (project["optional-dependencies"][extra] for extra in sys.argv[1:])
    sys.stdout.writelines(f"{requirement}\n" for each in (project["dependencies"], *extras) for requirement in each)


if __name__ == "__main__":
    main()
