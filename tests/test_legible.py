"""Nothing that a document, a title or a file name holds is obeyed by a terminal."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ANSWERED, EMERGENCY, REFUSED
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.corpus import read_corpus
from qa.evaluate.comparison import Change, Comparison
from qa.evaluate.comparison import Test as Compared
from qa.evaluate.figures import rate
from qa.evaluate.report import Counts, Report
from qa.index.build import build
from qa.legible import LegibleFormatter, legible, legible_json, one_line
from qa.opening import say, tell, tell_json
from qa.terminal import print_corpus, print_evaluation, print_outcome

if TYPE_CHECKING:
    from qa.pipeline import Pipeline

OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ud800-\udfff]")
ATTACK = "\x1b]0;PWNED\x07\x1b[2J\r\x9b31m\x7f\u202egnp.exe\u2066[red]markup[/red]\udc80"
controls = st.sampled_from(
    [chr(code) for code in (*range(32), *range(127, 160), *range(0x2028, 0x202F), 0x2066, 0x206F)]
)
FILLER = "Grazing herds move with the rain, and the young stand within an hour of their birth. " * 20
hostile = st.text(st.one_of(controls, st.sampled_from("ab [/red]é漢\U0001f600"), st.characters()), max_size=40)


def poisoned(value: Any, text: str) -> Any:
    """Return a value of any depth in which each string is another."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(poisoned(each, text) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        made = {each.name: poisoned(getattr(value, each.name), text) for each in fields(value) if each.init}
        return replace(value, **made)
    return value


def report(text: str) -> Report:
    test = Compared(metric=text, before=0.1, now=0.2, better=1, worse=0, p_value=0.5, method=text, of=2)
    change = Change(query_id=text, query=text, before=text, now=text)
    return Report(
        format=1,
        name=text,
        counts=Counts(questions=1, answerable=1, to_be_refused=0, emergencies=0),
        figures={text: rate(1, 2)},
        categories={},
        tags={},
        confusion={},
        levels={},
        risk_coverage=(),
        reliability=(),
        faults={},
        lost={},
        gates=(),
        comparison=Comparison(generation=text, tests=(test,), better=(change,), worse=(change,)),
    )


# --- the functions --------------------------------------------------------------------------------


def test_controls_are_shown() -> None:
    """C0 and DEL as the pictures that Unicode has of them, others by their number; layout stays."""
    assert legible("a\x1b[2J\tb\r\nc\rd\n\x7f\x85\u202e\udc80") == "a␛[2J\tb\nc␍d\n␡<U+0085><U+202E><U+DC80>"
    assert one_line("a\nb\tc\x00") == "a␊b␉c␀"
    assert legible("Żółć, 漢字, عربي, 👩\u200d🔧, a\u00adb") == "Żółć, 漢字, عربي, 👩\u200d🔧, a\u00adb"


@given(hostile)
def test_nothing_is_left_that_is_obeyed(text: str) -> None:
    """Of any text, and what is legible already stays as it is."""
    for show in (legible, one_line):
        assert not OBEYED.search(show(text))
        assert show(show(text)) == show(text)
    assert "\n" not in one_line(text)


@given(hostile)
def test_json_keeps_its_value(text: str) -> None:
    """Strings are escaped and so the same; the layout stays."""
    written = json.dumps({"text": text, text: [text]}, ensure_ascii=False, indent=2)
    shown = legible_json(written)
    assert not OBEYED.search(shown)
    assert json.loads(shown) == json.loads(written)
    assert shown.count("\n") == written.count("\n")


def test_a_log_record_is_legible() -> None:
    """Its message and its traceback, which may quote a document, obey the same rule."""
    try:
        int(ATTACK)
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, __file__, 1, "%s", (ATTACK,), sys.exc_info())
    shown = LegibleFormatter().format(record)
    assert not OBEYED.search(shown)
    assert shown.count("PWNED") >= 2
    assert "Traceback (most recent call last):\n" in shown


# --- what is printed ------------------------------------------------------------------------------


def printed(capfd: pytest.CaptureFixture[str], show: Callable[[], object]) -> str:
    capfd.readouterr()
    show()
    out, err = capfd.readouterr()
    return out + err


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=hostile)
@pytest.mark.parametrize("asked", [ANSWERED, REFUSED, EMERGENCY], ids=["answer", "refusal", "emergency"])
def test_an_outcome_is_printed_harmlessly(
    pipeline: Pipeline, capfd: pytest.CaptureFixture[str], asked: str, text: str
) -> None:
    """Whichever of its texts holds a control, and markup is printed as it stands."""
    outcome = poisoned(pipeline.ask(asked), f"{text}[red]x[/red]")
    shown = printed(capfd, lambda: print_outcome(outcome))
    assert not OBEYED.search(shown)
    assert "[red]x" in shown


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=hostile)
def test_documents_and_figures_are_printed_harmlessly(
    toy_corpus: Path, capfd: pytest.CaptureFixture[str], text: str
) -> None:
    """What --dry-run and evaluate print."""
    corpus = poisoned(read_corpus(toy_corpus / "chain.md"), text)
    assert not OBEYED.search(printed(capfd, lambda: print_corpus(corpus)))
    assert not OBEYED.search(printed(capfd, lambda: print_evaluation(report(text), Path("a\x1b"))))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=hostile)
def test_a_line_is_one_line(capfd: pytest.CaptureFixture[str], text: str) -> None:
    """What the verbs say, on either stream, obeys nothing; on stdout it is one line."""
    assert printed(capfd, lambda: tell(text)).count("\n") == 1
    assert not OBEYED.search(printed(capfd, lambda: tell(text)))
    assert not OBEYED.search(printed(capfd, lambda: say(text)))
    assert not OBEYED.search(printed(capfd, lambda: tell_json(json.dumps(text))))


def test_the_verbs_print_hostile_files_harmlessly(kept_index: Path, tmp_path: Path) -> None:
    """Their names, titles and texts, read for real: what is left out, shown by --dry-run, indexed, asked and told."""
    folder = tmp_path / "docs"
    folder.mkdir()
    escaped = r"\e]0;PWNED\a\e[2J\x9b31m\u202E\x7f"
    text = "\x1b]0;PWNED\x07\x1b[2J\x9b31m\u202e\x7f"
    (folder / "good.md").write_text(
        f'---\ntitle: "Zebras {escaped}"\npublisher: "P {escaped}"\nurl: "https://example.org/{escaped}"\n'
        f'references: [{{number: 1, title: "R {escaped}"}}]\n---\n\n# Stripes {text}\n\n'
        f"Zebras have stripes {text} that keep biting flies away [1].\n\n{FILLER}",
        "utf-8",
    )
    index = Path(shutil.copytree(kept_index, tmp_path / "index"))
    build(read_corpus(folder), index)
    (folder / "bad\x1b[2J\nname.pdf").write_bytes(b"none")
    (folder / b"bad\xff.pdf".decode("utf-8", "surrogateescape")).write_bytes(b"none")
    lines = [
        ["index", str(folder), "--dry-run"],
        ["index", str(folder / "bad\x1b[2J\nname.pdf"), "--dry-run"],
        ["index", str(tmp_path / "none\x1b[2J"), "--dry-run"],
        ["info", "--index", str(tmp_path / "none\x1b[2J\n")],
        ["doctor", "--index", str(tmp_path / "none\x1b[2J\n")],
        ["ask", "Why do zebras have stripes?", "--index", str(index)],
        ["ask", "Why do zebras have stripes?", "--index", str(index), "--json"],
        ["info", "--index", str(index)],
    ]
    environment = {**os.environ, "FORCE_COLOR": "", "NO_COLOR": "1", "COLUMNS": "200"}
    everything = ""
    for line in lines:
        done = subprocess.run(
            [sys.executable, "-m", "qa.cli", *line], capture_output=True, env=environment, check=False, timeout=300
        )
        shown = (done.stdout + done.stderr).decode()
        everything += shown
        assert "Traceback" not in shown
        assert not OBEYED.search(shown), line
    assert "[1] Zebras ␛]0;PWNED␇␛[2J<U+009B>31m<U+202E>␡" in everything
    assert "left out: bad␛[2J␊name.pdf: " in everything
