"""Verbs over the same functions as HTTP. Answers go to stdout, everything else to stderr.

Exit codes: 0 done (a refusal too), 1 a fault, 2 wrong usage, 3 a gate failed. Heavy imports happen inside the verb.
"""

from __future__ import annotations

import itertools
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.errors import MissingExtra, QaError, QuestionError, SettingsError

if TYPE_CHECKING:
    from qa.evaluate.systems import System
    from qa.pipeline import Pipeline
    from qa.settings import Settings
    from qa.types import Corpus

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


@app.command()
def index(
    corpus: CorpusArgument = None,
    index: IndexOption = None,
    encoder: Annotated[
        str | None, typer.Option(help="A sentence-transformers model's folder.  [default: all-MiniLM-L6-v2]")
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
    settings = _settings(corpus=corpus, index=index, encoder=encoder, max_bytes=max_bytes, exclude=exclude)
    read = _read(settings)
    for rejected in read.rejected:
        _say(f"left out: {rejected.path}: {rejected.reason}. {rejected.remedy}")
    if dry_run:
        from qa.terminal import print_corpus

        print_corpus(read)
    else:
        _build(read, settings, folder=settings.index, force=force)
    if read.rejected and not skip_bad:
        _say(f"{len(read.rejected)} file(s) left out. Mend them, or accept that with --skip-bad.")
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
    index: IndexOption = None,
) -> None:
    """Answer one question with quotes, or refuse."""
    outcome = _pipeline(_settings(index=index)).ask(question, top=top, region=region)
    if json:
        from pydantic import TypeAdapter

        sys.stdout.write(TypeAdapter(type(outcome)).dump_json(outcome).decode() + "\n")
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
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Refuse every connection but those that clients open.")
    ] = False,
) -> None:
    """Serve the index over HTTP, with a page at / to ask from."""
    settings = _settings(index=index, host=host, port=port, origins=origins)
    if offline:
        from qa.offline import forbid_connections

        forbid_connections()
    pipeline = _pipeline(settings)
    from qa.server.run import run

    run(pipeline, settings, announce=_say)


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
        return Remote(url) if url else Local(_pipeline(_settings(index=index)))

    options = Options(out=out, top=top, split=split, baseline=baseline, gates=tuple(fail_under or ()))
    with progress_bar() as progress:
        report = evaluate(question_set, system, options, progress=progress, say=_say)
    print_evaluation(report, out)
    raise typer.Exit(0 if report.passed else 3)


@app.command()
def info(index: IndexOption = None) -> None:
    """Say what the index holds and what it was built from."""
    from pydantic import TypeAdapter

    from qa.index import Index

    found = Index(_folder(_settings(index=index))).info()
    sys.stdout.write(TypeAdapter(type(found)).dump_json(found, indent=2).decode() + "\n")


@app.command()
def verify(index: IndexOption = None) -> None:
    """Check every file and passage of the index.

    Files are compared with the manifest, passages with their documents.
    """
    from qa.index import Index
    from qa.verify import verify as verify_index

    opened = Index(_folder(_settings(index=index)))
    quotes = verify_index(opened)
    files = len(opened.manifest.files)
    sys.stdout.write(
        f"{opened.manifest.generation}: {files} files and {quotes} passages and sentences are as they were built.\n"
    )


@app.command()
def doctor(index: IndexOption = None) -> None:
    """Say what is installed, what is missing and what to do."""
    from qa.doctor import examine

    sound = True
    for finding in examine(_settings(index=index)):
        sys.stdout.write(f"{'ok  ' if finding.sound else 'MEND'}  {finding.subject}: {finding.detail}\n")
        sound = sound and finding.sound
    raise typer.Exit(0 if sound else 1)


def main() -> None:
    """Run the command line; a fault ends with 1 and one line that says what to do."""
    try:
        app()
    except (QuestionError, SettingsError) as error:
        _say(f"qa: {error}")
        sys.exit(2)
    except QaError as error:
        _say(f"qa: {error}")
        sys.exit(1)
    except ModuleNotFoundError as error:
        _say(f"qa: {MissingExtra(error.name or 'A package')}")
        sys.exit(1)
    except OSError as error:
        _say(
            f"qa: {error.filename or 'The system says'}: {error.strerror or error}. Check the path and its permissions."
        )
        sys.exit(1)


def _say(message: str) -> None:
    sys.stderr.write(message + "\n")


def _settings(**flags: object) -> Settings:
    from qa.settings import load, unknown

    for variable in unknown(os.environ):
        _say(f"{variable} is no setting of qa and is ignored; qa doctor lists those that are.")
    return load(**flags)


def _read(settings: Settings) -> Corpus:
    from qa.corpus import read_corpus
    from qa.terminal import progress_bar

    files = itertools.count(1)

    with progress_bar() as progress:

        def tell(_: Path) -> None:
            number = next(files)  # how many there are is known only when the last one was read
            progress("Reading documents", number, number)

        return read_corpus(settings.corpus, max_bytes=settings.max_bytes, exclude=settings.exclude, on_file=tell)


def _build(read: Corpus, settings: Settings, *, folder: Path, force: bool = False) -> None:
    from qa.index.build import build
    from qa.terminal import progress_bar

    with progress_bar() as progress:
        built = build(read, folder, model=settings.encoder, force=force, progress=progress)
    manifest = built.manifest
    counts = f"{len(manifest.documents)} documents, {manifest.passages} passages"
    reused = f", {built.reused} embeddings reused" if built.reused and built.fresh else ""
    _say(f"{folder}: {'built' if built.fresh else 'up to date'}: {counts}{reused} (generation {manifest.generation})")


def _folder(settings: Settings) -> Path:
    """Return the folder of the index: the user's, or that of the packaged corpus where the user has none."""
    from qa import packaged

    return packaged.index_folder() if packaged.stands_in(settings) else settings.index


def _served(settings: Settings) -> Path:
    """Return the folder of the index, and build the packaged corpus' where it stands in for the first time."""
    from qa import packaged

    folder = _folder(settings)
    if folder != settings.index and not packaged.is_built():
        _say(f"Neither an index nor documents here: indexing the corpus that comes with Citewell, once, into {folder}.")
        _build(_read(settings.model_copy(update={"corpus": packaged.corpus()})), settings, folder=folder)
    return folder


def _pipeline(settings: Settings) -> Pipeline:
    from qa.index import Index
    from qa.pipeline import Pipeline
    from qa.safety import SafetyGate
    from qa.scope import THRESHOLD

    opened = Index(_served(settings), threads=settings.threads)
    threshold = THRESHOLD if settings.threshold is None else settings.threshold
    return Pipeline(opened, SafetyGate.load(), threshold=threshold)


if __name__ == "__main__":
    main()
