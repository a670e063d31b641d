"""A message in; the language in which it cries for help most plainly, and the flags it raises, out."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING

from qa.safety.languages import translated
from qa.safety.recipes import plain, read_alike, recipes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qa.safety.recipes import Phrase, Recipes

# No honest message says one thing more often; of a flood, the beginning and the end are read.
_MOST_PLACES = 8
_LONG = 1_000
# Words that show that a message is in English, which has rules of its own.
_ENGLISH_WORDS = (
    *("the", "my", "is", "what", "have", "and", "of", "to", "you", "it", "with", "can", "are", "was", "for"),
    *("when", "does", "how", "your", "if", "i", "am", "not", "he", "she", "his", "her", "this", "that", "why"),
    *("which", "should", "would", "been", "has", "had", "chest", "pain", "heart", "attack", "stroke", "snake"),
    *("bite", "lips", "blue", "tight", "pregnant", "bleeding", "blood", "overdose", "overdosed", "suicide"),
    *("suicidal", "electrocuted", "convulsed", "gasping", "like", "at", "they", "we", "from"),
    *("since", "night", "day", "days", "week", "weeks", "hours", "work", "back", "neck", "stiff"),
    *("legs", "cramp", "cramps", "spasm", "spasms", "calf"),
)
_ENGLISH = tuple(f" {word} " for word in _ENGLISH_WORDS)

Place = tuple[int, int]


def cries(message: str) -> tuple[str, dict[str, str]] | None:
    """Return the language in which ``message`` cries for help and the flags it raises; None if in none.

    Of languages alike ("bebé", "bebê") it is the one of which there is most in the message; that one also tells what is
    no cry. Where nothing but plain letters is written, there must be as much of it as of English.
    """
    text = plain(message)
    # A long message in plain letters shows its language by its words.
    english = max(sum(word in text for word in _ENGLISH), len(text) > _LONG) if text.isascii() else 0
    best: tuple[tuple[int, int], str, dict[str, str]] = ((-1, 0), "", {})
    for code in translated():
        typical = sum(word in text for word in recipes(code).typical)
        if typical < english:
            continue
        live, silent = heard(text, code)
        weight = (typical, sum(map(len, (silent | live).values())))
        if (live or silent) and weight > best[0]:
            best = (weight, code, live)
    return best[1:] if best[2] else None


def heard(text: str, code: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the flags that ``plain`` text cries for in a language, and those that it names but does not, with its words."""
    read = recipes(code)
    said = _Said(read_alike(text, read.alike), read)
    live: dict[str, str] = {}
    silent: dict[str, str] = {}
    silence: _Silence | None = None
    for flag, phrase in said.phrases():
        for start, end in () if flag in live else said.places(phrase):
            silence = silence or _Silence(said, read)
            silenced = silence.over(start, end)
            (silent if silenced else live)[flag] = " ".join(said.text[start:end].split())
            if not silenced:
                break
    return live, silent


class _Said:
    """What a text says of one language's recipes."""

    def __init__(self, text: str, read: Recipes) -> None:
        self.text = text
        self._cries = read.cries
        self._found = {part: _some(places) for part, places in _find(text, read).items()}

    def phrases(self) -> Iterator[tuple[str, Phrase]]:
        """Yield the phrases whose first part is there, each with the flag that it raises."""
        for part in sorted(self._cries.keys() & self._found.keys()):
            yield from self._cries[part]

    def part(self, part: int) -> list[Place]:
        """Return where any of the ways to say a part stands, the first and the last of too many."""
        return self._found.get(part, [])

    def places(self, phrase: Phrase) -> Iterator[Place]:
        """Yield where the parts stand in their order in one sentence, each soon after the one before."""
        for _, part in phrase:
            if part not in self._found:
                return
        for start, end in self._found[phrase[0][1]]:
            reached = {end}
            for gap, part in phrase[1:]:
                reached = {far for at in reached for far in self._after(part, at, gap)}
            if reached:
                yield start, min(reached)

    def _after(self, part: int, at: int, gap: int) -> Iterator[int]:
        places = self._found[part]
        stop = self.text.find("\n", at, at + gap)
        last = at + gap if stop < 0 else stop
        # Words share the space between them.
        first = at - 1 if self.text[at - 1] == " " else at
        for start, end in places[bisect_left(places, (first, 0)) :]:
            if start > last:
                break
            yield end


class _Silence:
    """Where a message says that what it names is not happening now."""

    def __init__(self, said: _Said, read: Recipes) -> None:
        sentences = [place.start() for place in re.finditer("\n", said.text)]
        self._sentences = sorted(sentences + [start for start, _ in said.part(read.breaks)])
        self._clauses = sorted(self._sentences + [place.start() for place in re.finditer(",", said.text)])
        self._quiet = sorted(start for phrase in read.quiet for start, _ in said.places(phrase))
        self._denied = sorted(start for phrase in read.denied for start, _ in said.places(phrase))

    def over(self, start: int, end: int) -> bool:
        """Tell whether what is said from ``start`` to ``end`` is silenced."""
        quiet = _any_around(self._quiet, self._sentences, start, end)
        return quiet or _any_around(self._denied, self._clauses, start, end)


def _find(text: str, read: Recipes) -> Mapping[int, list[Place]]:
    found: defaultdict[int, list[Place]] = defaultdict(list)
    for edge in read.starts.finditer(text):
        at = edge.start()
        for width in read.widths:
            for atom, parts in read.atoms.get(text[at : at + width], ()):
                if text.startswith(atom, at):
                    for part in parts:
                        found[part].append((at, at + len(atom)))
    return found


def _some(places: list[Place]) -> list[Place]:
    return places if len(places) <= 2 * _MOST_PLACES else places[:_MOST_PLACES] + places[-_MOST_PLACES:]


def _any_around(cues: Sequence[int], bounds: Sequence[int], start: int, end: int) -> bool:
    """Tell whether a cue stands within the bounds around ``start`` to ``end``."""
    before, after = bisect_left(bounds, start + 1), bisect_left(bounds, end - 1)
    first = bounds[before - 1] if before else 0
    last = bounds[after] if after < len(bounds) else None
    at = bisect_left(cues, first)
    return at < len(cues) and (last is None or cues[at] < last)
