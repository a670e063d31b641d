"""``qa evaluate`` on the toy index: figures, files, gates, baselines, and a report that hostile text cannot break."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import ANSWERED, EMERGENCY, REFUSED, serving
from fastapi import FastAPI

from qa.cli import main
from qa.evaluate.plots import percent
from qa.evaluate.run import Options, evaluate
from qa.evaluate.systems import Local
from qa.pipeline import Pipeline
from qa.safety import SafetyGate

if TYPE_CHECKING:
    from collections.abc import Callable

OILED = "A bicycle chain should be oiled **every 200 kilometres**, and after each ride in the rain [1]."
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\" onclick='alert(3)' {{ 7 * 7 }} &amp; chain?"


def row(query_id: str, query: str, **fields: object) -> dict[str, object]:
    return {"query_id": query_id, "query": query, "expected_status": "refused", "category": "other"} | fields


def answered(query_id: str, query: str, text: str, **fields: object) -> dict[str, object]:
    gold = [{"text": text, "references": [1]}]
    return row(query_id, query, expected_status="answered", category="plain", gold=gold, tags=["oil"]) | fields


ROWS = [
    answered("a1", ANSWERED, OILED),
    answered("a2", REFUSED, OILED),
    row("r1", REFUSED, category="out_of_scope"),
    row("r2", ANSWERED),
    row("r3", "hello", category="not_a_question"),
    row("r4", "x" * 1001),
    row("e1", EMERGENCY, category="emergency", safety_label="emergency", region="GB"),
    row("e2", "What is a spoke?", category="emergency", safety_label="crisis"),
]

Command = tuple[int, str, str]


@pytest.fixture
def bare_qa(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Command]:
    """Return the command line, in an empty folder: it gives the exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Command:
        monkeypatch.setattr(sys, "argv", ["qa", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def qa(bare_qa: Callable[..., Command], pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Command]:
    """Return the command line over the pipeline that is open already: opening takes longer than asking."""
    monkeypatch.setattr("qa.cli.open_pipeline", lambda _: pipeline)
    return bare_qa


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), "utf-8")
    return path


@pytest.fixture(scope="module")
def toy_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the eight questions as a file."""
    return write(tmp_path_factory.mktemp("sets") / "set.jsonl", ROWS)


def run(path: Path, pipeline: Pipeline, out: Path, **options: object) -> Path:
    """Evaluate in this process and return the folder."""
    chosen = Options(**{"out": out, "top": 10} | options)  # type: ignore[arg-type]
    evaluate(path, lambda: Local(pipeline), chosen, progress=lambda *_: None, say=lambda _: None)
    return out


@pytest.fixture(scope="module")
def evaluated(toy_set: Path, pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of one evaluation of the toy set; read it only."""
    return run(toy_set, pipeline, tmp_path_factory.mktemp("evaluated") / "out")


def figures(folder: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = json.loads((folder / "report.json").read_text("utf-8"))["figures"]
    return found


# --- figures and files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "count", "of"),
    [
        ("success@1", 1, 2),
        ("quote_success@1", 1, 2),
        ("false_answer_rate", 1, 6),
        ("false_refusal_rate", 1, 2),
        ("emergency_recall", 1, 2),
        ("false_alarm_rate", 0, 6),
    ],
)
def test_the_real_service_is_counted(evaluated: Path, metric: str, count: int, of: int) -> None:
    """A question asked about something else is refused, one expected to be refused is answered, a crisis is missed."""
    found = figures(evaluated)[metric]
    assert (found["count"], found["of"]) == (count, of)


def test_every_quote_of_the_real_service_is_exact(evaluated: Path) -> None:
    """Each quote served is the slice of its document at its offsets."""
    found = figures(evaluated)["exact_quote_rate"]
    assert found["count"] == found["of"] > 0


def test_the_references_at_the_quote_are_those_of_the_gold(evaluated: Path) -> None:
    """The answer's sentence shows [1]; the refused question recalls none."""
    found = figures(evaluated)
    assert (found["citation_precision"]["value"], found["citation_recall"]["value"]) == (1, 0.5)


def test_an_evaluation_writes_its_files(evaluated: Path) -> None:
    """Nothing else lies there, nor beside it."""
    names = {"report.json", "report.html", "per_query.jsonl", "run", "qrels", "manifest.json", "latency.json"}
    assert {path.name for path in evaluated.iterdir()} == names
    assert [path.name for path in evaluated.parent.iterdir()] == ["out"]


def test_the_same_index_and_set_give_the_same_bytes(
    evaluated: Path, toy_set: Path, pipeline: Pipeline, tmp_path: Path
) -> None:
    """All but the latencies, and the page that shows them."""
    again = run(toy_set, pipeline, tmp_path / "again")
    for name in ("report.json", "per_query.jsonl", "run", "qrels", "manifest.json"):
        assert (again / name).read_bytes() == (evaluated / name).read_bytes(), name


def test_a_report_has_neither_times_nor_paths(evaluated: Path) -> None:
    """They would differ from run to run and from machine to machine."""
    text = (evaluated / "report.json").read_text("utf-8")
    assert not re.search(r"20\d\d-|_ms|seconds|/tmp|/home", text)


def test_the_manifest_says_what_was_asked_of_what(evaluated: Path, pipeline: Pipeline) -> None:
    """The set's hash, the index, and the options."""
    found = json.loads((evaluated / "manifest.json").read_text("utf-8"))
    assert found["generation"] == pipeline.index.manifest.generation
    assert (found["questions"], found["top"], found["split"], found["asked"]) == (8, 10, None, "in process")


def test_each_question_has_its_row(evaluated: Path) -> None:
    """In the set's order, with what went wrong."""
    rows = [json.loads(line) for line in (evaluated / "per_query.jsonl").read_text("utf-8").splitlines()]
    assert [(each["query_id"], each["given"], each["fault"]) for each in rows] == [
        ("a1", "answered", None),
        ("a2", "out_of_scope", "false_refusal"),
        ("r1", "out_of_scope", None),
        ("r2", "answered", "false_answer"),
        ("r3", "not_a_question", None),
        ("r4", "unusable", None),
        ("e1", "emergency", None),
        ("e2", rows[-1]["given"], "missed_emergency"),
    ]


def test_a_service_gives_the_same_report(
    qa: Callable[..., Command], evaluated: Path, toy_set: Path, server: str
) -> None:
    """Over HTTP the figures and the judged questions are the same bytes."""
    code, _, err = qa("evaluate", toy_set, "--url", server, "--out", "remote")
    assert (code, err) == (0, "")
    for name in ("report.json", "per_query.jsonl", "run", "qrels"):
        assert Path("remote", name).read_bytes() == (evaluated / name).read_bytes(), name


def test_the_command_prints_the_figures(bare_qa: Callable[..., Command], toy_set: Path, toy_index: Path) -> None:
    """A line a metric with its interval and counts, and where the report is; nothing on stderr."""
    code, out, err = bare_qa("evaluate", toy_set, "--index", toy_index)
    assert (code, err) == (0, "")
    assert re.search(r"^success@1 +0\.5000 +0\.0945 to 0\.9055 +1 of 2 *$", out, re.MULTILINE)
    assert out.endswith("Report: evaluation/report.html\n")


def test_gold_that_is_nowhere_is_told(qa: Callable[..., Command], tmp_path: Path) -> None:
    """A set that does not fit its corpus is named as such."""
    path = write(tmp_path / "set.jsonl", [answered("a1", ANSWERED, "Oil it with honey.")])
    code, _, err = qa("evaluate", path)
    assert code == 0
    assert "1 question(s) have gold that no passage of the index holds, and 1 of them no other: a1: gold 1: " in err


def test_questions_without_gold_are_judged_by_their_outcome(qa: Callable[..., Command], tmp_path: Path) -> None:
    """Whoever only knows which questions are to be answered is told so, and gets every figure that needs no more."""
    rows = [row("a1", ANSWERED, expected_status="answered"), row("a2", REFUSED, expected_status="answered"), ROWS[2]]
    code, _, err = qa("evaluate", write(tmp_path / "set.jsonl", rows), "--fail-under", "mrr=.5")
    assert code == 3
    assert "2 question(s) to be answered have no gold: whether they are answered is judged, not with what." in err
    assert "mrr cannot be judged: the set has no questions that have gold." in err
    found = figures(Path("evaluation"))
    assert (found["false_refusal_rate"]["count"], found["false_refusal_rate"]["of"]) == (1, 2)
    assert found.keys().isdisjoint({"success@1", "mrr", "answer_f1", "ece", "aurc"})


def test_fewer_passages_can_be_asked_for(toy_set: Path, pipeline: Pipeline, tmp_path: Path) -> None:
    """The ranking is that of the passages that are shown."""
    lines = (run(toy_set, pipeline, tmp_path / "out", top=1) / "run").read_text("utf-8").splitlines()
    assert [line.split()[0] for line in lines][:1] == ["a1"]
    assert {line.split()[3] for line in lines} == {"1"}


# --- gates ----------------------------------------------------------------------------------------


def test_gates_that_hold_end_with_0(qa: Callable[..., Command], toy_set: Path) -> None:
    """For an error's metric the value is the most allowed."""
    gates = ["--fail-under", "success@1=.5", "--fail-under", "false_answer_rate=.2"]
    code, _, err = qa("evaluate", toy_set, *gates)
    assert code == 0
    assert err == (
        "held: success@1 is 0.5000 (1 of 2 questions that have gold); wanted at least 0.5.\n"
        "held: false_answer_rate is 0.1667 (1 of 6 questions to be refused); wanted at most 0.2.\n"
    )


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ("emergency_recall=.97", "emergency_recall is 0.5000 (1 of 2 emergencies and crises); wanted at least 0.97."),
        ("false_refusal_rate=.1", "false_refusal_rate is 0.5000 (1 of 2 questions that have an answer); wanted"),
    ],
)
def test_a_gate_that_fails_ends_with_3(qa: Callable[..., Command], toy_set: Path, gate: str, says: str) -> None:
    """The report is written all the same, and the figure and its counts are told."""
    code, _, err = qa("evaluate", toy_set, "--fail-under", gate)
    assert code == 3
    assert err.startswith(f"FAILED: {says}")
    assert "Failed" in Path("evaluation", "report.html").read_text("utf-8")


def test_a_gate_without_rows_of_its_kind_fails(qa: Callable[..., Command], tmp_path: Path) -> None:
    """No emergency in the set is no proof that all are recognised."""
    path = write(tmp_path / "set.jsonl", [ROWS[2]])
    code, _, err = qa("evaluate", path, "--fail-under", "emergency_recall=.9")
    assert code == 3
    assert err == (
        "FAILED: emergency_recall cannot be judged: the set has no emergencies and crises. Add some, or drop the gate.\n"
    )


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ("mrrr=.9", "there is no metric 'mrrr'. The metrics are success@1, success@3, mrr,"),
        ("mrr=90", "expected a value from 0 to 1, such as mrr=.85."),
        ("mrr", "expected a value from 0 to 1, such as mrr=.85."),
        ("mrr=nan", "expected a value from 0 to 1, such as mrr=.85."),
    ],
)
def test_a_gate_that_cannot_be_understood_is_wrong_usage(
    qa: Callable[..., Command], toy_set: Path, gate: str, says: str
) -> None:
    """Nothing is asked, and the metrics are listed."""
    code, out, err = qa("evaluate", toy_set, "--fail-under", gate)
    assert (code, out) == (2, "")
    assert says in err


# --- faults ---------------------------------------------------------------------------------------


def test_a_folder_of_something_else_is_left_alone(qa: Callable[..., Command], toy_set: Path, tmp_path: Path) -> None:
    """It is named before anything is asked."""
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "evaluation" / "thesis.tex").write_text("years of work")
    code, out, err = qa("evaluate", toy_set)
    assert (code, out) == (1, "")
    assert (
        err == "qa: evaluation is there and is no evaluation, so it is left as it is. Name another folder with --out.\n"
    )
    assert [path.name for path in (tmp_path / "evaluation").iterdir()] == ["thesis.tex"]


def test_an_earlier_evaluation_is_replaced(toy_set: Path, pipeline: Pipeline, tmp_path: Path) -> None:
    """Nothing of it is left."""
    out = run(toy_set, pipeline, tmp_path / "out")
    (out / "note.txt").write_text("old")
    assert not (run(toy_set, pipeline, out) / "note.txt").exists()


def test_a_broken_set_is_a_fault(qa: Callable[..., Command], tmp_path: Path) -> None:
    """The line is named, and nothing is written."""
    path = write(tmp_path / "set.jsonl", [ROWS[0], {"query_id": "q"}])
    code, out, err = qa("evaluate", path)
    assert (code, out) == (1, "")
    assert f"{path}:2: query: Field required" in err
    assert not (tmp_path / "evaluation").exists()


def test_a_set_that_is_not_there_is_a_fault(qa: Callable[..., Command]) -> None:
    """The path is named."""
    assert qa("evaluate", "none.jsonl") == (
        1,
        "",
        "qa: none.jsonl: No such file or directory. Check the path and its permissions.\n",
    )


def test_a_service_and_an_index_exclude_each_other(qa: Callable[..., Command], toy_set: Path) -> None:
    """A service has its own index."""
    code, _, err = qa("evaluate", toy_set, "--url", "http://127.0.0.1:9", "--index", "index")
    assert (code, "--url and --index exclude each other" in err) == (2, True)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:9", "http://127.0.0.1:9 cannot be asked: "),
        ("file:///etc/passwd", "'file:///etc/passwd' is no address of a service; expected one such as http://"),
    ],
)
def test_a_service_that_cannot_be_asked_is_a_fault(
    qa: Callable[..., Command], toy_set: Path, url: str, says: str
) -> None:
    """The address is named."""
    code, _, err = qa("evaluate", toy_set, "--url", url)
    assert (code, says in err) == (1, True)


def test_another_service_is_a_fault(qa: Callable[..., Command], toy_set: Path) -> None:
    """What answers at the address is no Citewell: nothing there, or JSON of another shape."""
    app = FastAPI()
    with serving(app) as address:
        code, _, err = qa("evaluate", toy_set, "--url", address)
        assert (code, f"{address}/v1/index says 404: " in err) == (1, True)
        app.get("/v1/index")(lambda: {"generation": 1})
        code, _, err = qa("evaluate", toy_set, "--url", address)
    assert (code, "does not answer as Citewell does" in err) == (1, True)


def test_a_missing_package_names_the_extra(
    qa: Callable[..., Command], toy_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command that installs it is told."""
    find = importlib.util.find_spec
    monkeypatch.setattr("qa.evaluate.extra.find_spec", lambda name: None if name == "ir_measures" else find(name))
    assert qa("evaluate", toy_set) == (
        1,
        "",
        'qa: ir-measures is not installed; evaluating needs it: pip install "citewell[evaluate]"\n',
    )


# --- baselines ------------------------------------------------------------------------------------


def test_a_baseline_is_compared_question_by_question(
    bare_qa: Callable[..., Command], evaluated: Path, toy_set: Path, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that refuses everything is worse in one question and better in another."""
    strict = Pipeline(pipeline.index, SafetyGate.load(), threshold=1)
    monkeypatch.setattr("qa.cli.open_pipeline", lambda _: strict)
    code, out, _ = bare_qa("evaluate", toy_set, "--baseline", evaluated)
    assert code == 0
    assert re.search(r"^success@1 +0\.5000 +0\.0000 +0 +1 +1\.0000 *$", out, re.MULTILINE)
    assert f"worse: a1: right passage at 1, quoted -> no answer: {ANSWERED}" in out
    assert f"better: r2: answered -> no answer: {ANSWERED}" in out
    comparison = json.loads(Path("evaluation", "report.json").read_text("utf-8"))["comparison"]
    assert [test["metric"] for test in comparison["tests"]] == ["right outcome", "success@1", "mrr", "ndcg@10"]
    assert 'id="baseline"' in Path("evaluation", "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("rows", "options", "says"),
    [
        (ROWS[:3], {}, "is of another set: "),
        (ROWS, {"top": 3}, "is of another number of passages (--top): 10 there, 3 here."),
    ],
    ids=["set", "top"],
)
def test_only_the_same_questions_are_compared(
    evaluated: Path,
    pipeline: Pipeline,
    tmp_path: Path,
    rows: list[dict[str, object]],
    options: dict[str, int],
    says: str,
) -> None:
    """A baseline of other questions is refused."""
    path = write(tmp_path / "set.jsonl", rows)
    with pytest.raises(Exception, match=re.escape(says)):
        run(path, pipeline, tmp_path / "out", baseline=evaluated, **options)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("manifest.json", "{}", "is no evaluation"),
        ("per_query.jsonl", "{}\n", "is damaged or of another version"),
        ("manifest.json", '{"kind": "citewell evaluation", "format": 99}', "is damaged or of another version"),
    ],
    ids=["no evaluation", "damaged", "another format"],
)
def test_a_baseline_that_cannot_be_read_is_a_fault(
    toy_set: Path, pipeline: Pipeline, tmp_path: Path, name: str, content: str, says: str
) -> None:
    """What is wrong with the folder is told."""
    before = run(toy_set, pipeline, tmp_path / "before")
    (before / name).write_text(content)
    with pytest.raises(Exception, match=says):
        run(toy_set, pipeline, tmp_path / "out", baseline=before)


# --- the page -------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.marked: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if "mark" in self._open:
            self.marked.append(data)


@pytest.fixture(scope="module")
def page(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Page]:
    """Return the page of a set that is hostile in every field, as text and parsed."""
    rows = [
        *ROWS,
        row("h1", HOSTILE),
        row("<script>h2</script>", ANSWERED, category="<script>c</script>", tags=["<script>t</script>"]),
        answered("h3", REFUSED, HOSTILE),
    ]
    folder = tmp_path_factory.mktemp("page")
    text = (run(write(folder / "set.jsonl", rows), pipeline, folder / "out") / "report.html").read_text("utf-8")
    return text, Page(text)


def test_hostile_text_is_only_text(page: tuple[str, Page]) -> None:
    """A question, gold, category, tag or id that looks like markup makes no element and no attribute."""
    text, parsed = page
    assert parsed.tags.isdisjoint({"script", "img", "iframe", "object", "link"})
    assert not any(name.startswith("on") for name in parsed.attributes)
    assert HOSTILE in parsed.words
    assert "<script>" not in text


def test_a_template_in_a_question_is_not_run(page: tuple[str, Page]) -> None:
    """Braces stay braces."""
    assert any("{{ 7 * 7 }}" in words for words in page[1].words)


def test_the_page_needs_no_other_file(page: tuple[str, Page]) -> None:
    """No address is loaded from, and the page forbids it."""
    text, parsed = page
    assert parsed.attributes.isdisjoint({"src", "srcset", "action", "formaction", "ping"})
    assert not re.search(r"url\(|@import|https?://", text)
    assert "default-src 'none'" in text


def test_failures_come_before_the_plots_and_the_gravest_first(page: tuple[str, Page]) -> None:
    """A missed crisis goes before an answer that should not be."""
    text = page[0]
    places = [
        text.index(part) for part in ('is-missed_emergency"', 'is-false_answer"', 'is-false_refusal"', "<figure>")
    ]
    assert places == sorted(places)


def test_a_failure_shows_the_passages_with_the_quotes_marked(page: tuple[str, Page]) -> None:
    """The wrongly answered question shows what was quoted."""
    assert "A bicycle chain should be oiled every 200 kilometres, and after each ride in the rain." in {
        re.sub(r" ?\[1\]", "", marked) for marked in page[1].marked
    }


def test_a_false_refusal_shows_what_a_search_finds(page: tuple[str, Page]) -> None:
    """Why a question was refused is seen by the passages that were near; nothing else shows them."""
    text = page[0]
    refused = [part for part in text.split("<details ")[1:] if 'is-false_refusal"' in part]
    assert refused
    for part in refused:
        assert "Found by a search, but not shown:" in part
        assert part.count('<article class="passage') == 3
    assert text.count("Found by a search") == len(refused)


def test_each_plot_is_described_for_those_who_cannot_see_it(page: tuple[str, Page]) -> None:
    """Both drawings have a title and a description that their role refers to."""
    text = page[0]
    for name in ("risk", "reliability"):
        assert f'role="img" aria-labelledby="{name}-title {name}-text"' in text
        assert f'<title id="{name}-title">' in text
        assert f'<desc id="{name}-text">' in text


def test_a_set_without_a_single_answer_has_a_page_too(pipeline: Pipeline, tmp_path: Path) -> None:
    """There is nothing to plot then, and nothing failed."""
    path = write(tmp_path / "set.jsonl", [ROWS[2], ROWS[6]])
    text = (run(path, pipeline, tmp_path / "out") / "report.html").read_text("utf-8")
    assert "<figure>" not in text
    assert "None: every outcome was right" in text


@pytest.mark.parametrize(
    ("share", "expected"),
    [(1, "100"), (0.99999, "99.9"), (0.5, "50.0"), (0.00001, "0.1"), (0, "0")],
)
def test_only_all_is_100_percent(share: float, expected: str) -> None:
    """99 999 of 100 000 are not all, and one is not none."""
    assert percent(share) == f"{expected}\N{NO-BREAK SPACE}%"
