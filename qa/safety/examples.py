"""The packaged examples: messages and the flag that each shows, for training and for regression tests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TypedDict, cast

from qa.safety.rules import load_rows, read_data

NO_FLAG = "none"


class _Row(TypedDict):
    flag: str
    family: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A message and its flag, ``none`` for a harmless one; the wordings of one family vary one case."""

    flag: str
    family: str
    text: str


@cache
def load_examples() -> tuple[Example, ...]:
    """Return the wordings and near misses of ``red_flags.toml``, then those of ``examples.jsonl``, without repeats."""
    examples = [
        Example(flag=flag, family=f"{row['id']}/{flag}/{number}", text=text)
        for row in load_rows()
        for flag, texts in ((row["id"], row["wordings"]), (NO_FLAG, row["near_misses"]))
        for number, text in enumerate(texts)
    ]
    for line in read_data("examples.jsonl").splitlines():
        row = cast("_Row", json.loads(line))
        examples.append(Example(flag=row["flag"], family=row["family"], text=row["text"]))
    return tuple({example.text: example for example in examples}.values())
