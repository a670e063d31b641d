"""Check the red flags that a corpus adds against those that come with the program."""

from __future__ import annotations

from qa.errors import CorpusError
from qa.safety.rules import load_rows
from qa.types import SafetySwitches


def check_own_flags(switches: SafetySwitches) -> None:
    """Refuse a flag of a corpus' own that takes the id of a packaged one, whose text would be shown in its place.

    :raises CorpusError: naming the id.
    """
    packaged = {row["id"] for row in load_rows()}
    for flag in switches.own:
        if flag.id in packaged:
            raise CorpusError(
                f'corpus.toml: the id "{flag.id}" of a "safety.flag" is that of a red flag that comes with Citewell, '
                f'whose text would be shown instead. Choose another id, such as "own-{flag.id}".'
            )
