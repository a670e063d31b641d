"""Verbs over the same functions as HTTP. Answers go to stdout, everything else to stderr.

Exit codes: 0 done (a refusal too), 1 a fault, 2 wrong usage, 3 a gate failed. Heavy imports happen inside the verb.
"""

from __future__ import annotations

import codecs
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.errors import MissingExtra, QaError, QuestionError, SettingsError
from qa.legible import one_line, print_anything
from qa.opening import (
    build_index,
    index_folder,
    load_settings,
    open_pipeline,
    read_documents,
    reopen_pipeline,
    say,
    tell,
    tell_json,
)

if TYPE_CHECKING:
    from qa.evaluate.systems import System

app = typer.Typer(
    name="qa",
    help="Answers that are quotes: index a folder of documents, then ask it, or serve it over HTTP.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # markup would swallow "[default: index]"
    epilog="Every setting can also stand in qa.toml or the environment (QA_INDEX, QA_PORT, ...); a flag goes first.",
)

IndexOption = Annotated[Path | None, typer.Option("--index", help="The folder of the built index.  [default: index]")]
CorpusArgument = Annotated[
    Path | None, typer.Argument(help="The folder or file with the documents.  [default: corpus]", show_default=False)
]


def _region(code: str | None) -> str | None:
    if code is not None and not re.fullmatch("[A-Za-z]{2}", code):
        raise typer.BadParameter(f"{code!r} is no ISO 3166-1 alpha-2 code; expected two letters, such as GB.")
    return code.upper() if code else None


def _lang(tag: str | None) -> str | None:
    if tag is not None and not re.fullmatch("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", tag):
        raise typer.BadParameter(f"{tag!r} is no BCP 47 tag; expected a language, such as de or pt-BR.")
    return tag


@app.command()
def index(
    corpus: CorpusArgument = None,
    index: IndexOption = None,
    encoder: Annotated[
        str | None, typer.Option(help="A sentence-transformers model's folder.  [default: citewell]")
    ] = None,
    reranker: Annotated[
        str | None,
        typer.Option(help="none, or a CrossEncoder's folder or hub name.  [default: citewell]"),
    ] = None,
    max_bytes: Annotated[
        int | None, typer.Option(help="The largest document that is read.  [default: 50000000]")
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(help="A pattern of paths that are not read, such as drafts or '*.old.md'; may be repeated."),
    ] = None,
    *,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="End with 0 although files were left out.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what is marked in each document; build nothing.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Build even if the index is up to date.")] = False,
) -> None:
    """Read documents and build their index.

    What has not changed is not embedded again.
    """
    models = {"encoder": encoder, "reranker": reranker}
    settings = load_settings(corpus=corpus, index=index, max_bytes=max_bytes, exclude=exclude, **models)
    read = read_documents(settings)
    for rejected in read.rejected:
        say(one_line(f"left out: {rejected.path}: {rejected.reason}. {rejected.remedy}"))
    if dry_run:
        from qa.terminal import print_corpus

        print_corpus(read)
    else:
        build_index(read, settings, folder=settings.index, force=force)
    if read.rejected and not skip_bad:
        say(f"{len(read.rejected)} file(s) left out. Mend them, or accept that with --skip-bad.")
        raise typer.Exit(1)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotation marks.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="Print the same JSON body as POST /v1/ask.")] = False,
    top: Annotated[int, typer.Option(min=1, max=10, help="The most passages to show.")] = 3,
    region: Annotated[
        str | None,
        typer.Option(callback=_region, help="ISO 3166-1 alpha-2, such as GB, for whom to call in an emergency."),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option(
            callback=_lang,
            help="BCP 47, such as de, for the words in an emergency.  [default: the question's language]",
        ),
    ] = None,
    index: IndexOption = None,
) -> None:
    """Answer one question with quotes, or refuse."""
    outcome = open_pipeline(load_settings(index=index)).ask(question, top=top, region=region, lang=lang)
    if json:
        _print_json(outcome)
    else:
        from qa.terminal import print_outcome

        print_outcome(outcome)


@app.command()
def serve(
    index: IndexOption = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.  [default: 127.0.0.1]")] = None,
    port: Annotated[
        int | None, typer.Option(help="The port to listen on; 0 takes a free one.  [default: 8000]")
    ] = None,
    origins: Annotated[list[str] | None, typer.Option(help="An origin whose pages may ask; may be repeated.")] = None,
    hosts: Annotated[
        list[str] | None, typer.Option(help="A host that is answered to, besides the loopback; may be repeated.")
    ] = None,
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Make every connection and look-up that Python code tries fail.")
    ] = False,
) -> None:
    """Serve the index over HTTP, with a page at / to ask from."""
    settings = load_settings(index=index, host=host, port=port, origins=origins, hosts=hosts)
    if offline:
        from qa.offline import forbid_connections

        forbid_connections()
    from qa.server.run import run

    # Nothing here keeps the pipeline: it is closed when another generation serves.
    run(open_pipeline(settings), settings, reopen=lambda folder: reopen_pipeline(folder, settings), announce=say)


@app.command()
def evaluate(
    question_set: Annotated[Path, typer.Argument(metavar="SET", help="The questions, as JSONL or CSV.")],
    index: IndexOption = None,
    url: Annotated[str | None, typer.Option(help="Ask the service at this address instead of an index.")] = None,
    out: Annotated[Path, typer.Option(help="The folder for the report and its data.")] = Path("evaluation"),
    baseline: Annotated[Path | None, typer.Option(help="An earlier --out to compare with.")] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(metavar="METRIC=VALUE", help="End with 3 if a metric is worse than this; may be repeated."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, max=10, help="How many passages to ask for and rank.")] = 10,
    split: Annotated[str | None, typer.Option(help="Ask only the questions of this split of the set.")] = None,
) -> None:
    """Measure how a set of questions is answered, and write a report."""
    if url and index:
        raise typer.BadParameter("--url and --index exclude each other: a service has its own index.")
    from qa.evaluate.extra import require_extra

    require_extra()
    from qa.evaluate.run import Options, evaluate
    from qa.evaluate.systems import Local, Remote
    from qa.terminal import print_evaluation, progress_bar

    def system() -> System:
        return Remote(url) if url else Local(open_pipeline(load_settings(index=index)))

    options = Options(out=out, top=top, split=split, baseline=baseline, gates=tuple(fail_under or ()))
    with progress_bar() as progress:
        report = evaluate(question_set, system, options, progress=progress, say=say)
    print_evaluation(report, out)
    raise typer.Exit(0 if report.passed else 3)


@app.command()
def calibrate(
    question_set: Annotated[Path, typer.Argument(metavar="SET", help="Labelled questions, as JSONL or CSV.")],
    index: IndexOption = None,
    max_false_answers: Annotated[
        float, typer.Option(min=0, max=1, help="The largest share of the questions to refuse that may be answered.")
    ] = 0.05,
    split: Annotated[str | None, typer.Option(help="Take only the questions of this split of the set.")] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would cost; change nothing.")] = False,
) -> None:
    """Fit the scope gate to labelled questions.

    The index then refuses by them, and qa index keeps that until the documents change.
    """
    from qa.calibrate import Labelled, by_labels
    from qa.evaluate.reading import read_set
    from qa.index import Index
    from qa.index.recalibrate import recalibrate
    from qa.terminal import print_calibrated, progress_bar

    folder = index_folder(load_settings(index=index))
    read = read_set(question_set, split=split)
    asked = [each for each in read.questions if each.safety_label == "none"]
    labelled = [Labelled(question=each.query, answerable=each.expected_status == "answered") for each in asked]
    with progress_bar() as progress:
        found = by_labels(
            Index(folder), labelled, max_false_answers=max_false_answers, name=read.sha256, progress=progress
        )
    print_calibrated(found, left_out=len(read.questions) - len(asked))
    if not dry_run:
        say(f"{folder}: calibrated (generation {recalibrate(folder, found.calibration).generation})")


@app.command()
def info(index: IndexOption = None) -> None:
    """Say what the index holds and what it was built from."""
    from qa.index import Index

    _print_json(Index(index_folder(load_settings(index=index))).info(), indent=2)


@app.command()
def verify(index: IndexOption = None) -> None:
    """Check every file and passage of the index.

    Files are compared with the manifest, passages with their documents.
    """
    from qa.index import Index
    from qa.verify import verify as verify_index

    opened = Index(index_folder(load_settings(index=index)))
    quotes = verify_index(opened)
    files = len(opened.manifest.files)
    tell(f"{opened.manifest.generation}: {files} files and {quotes} passages and sentences are as they were built.")


@app.command()
def doctor(index: IndexOption = None) -> None:
    """Say what is installed, what is missing and what to do."""
    from qa.doctor import examine

    sound = True
    for finding in examine(load_settings(index=index)):
        tell(f"{'ok  ' if finding.sound else 'MEND'}  {finding.subject}: {finding.detail}")
        sound = sound and finding.sound
    raise typer.Exit(0 if sound else 1)


def _print_json(value: object, *, indent: int | None = None) -> None:
    """Print a value of this package as JSON, with JSON's own escapes unless the output is in UTF-8."""
    from pydantic import TypeAdapter

    escaped = codecs.lookup(sys.stdout.encoding or "ascii").name != "utf-8"
    written = TypeAdapter(type(value)).dump_json(value, indent=indent, ensure_ascii=escaped)
    tell_json(written.decode())


def main() -> None:
    """Run the command line; a fault ends with 1 and one line that says what to do."""
    print_anything()
    try:
        app()
    except (QuestionError, SettingsError) as error:
        say(f"qa: {error}")
        sys.exit(2)
    except QaError as error:
        say(f"qa: {error}")
        sys.exit(1)
    except ModuleNotFoundError as error:
        say(f"qa: {MissingExtra(error.name or 'A package')}")
        sys.exit(1)
    except OSError as error:
        say(
            f"qa: {error.filename or 'The system says'}: {error.strerror or error}. Check the path and its permissions."
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
