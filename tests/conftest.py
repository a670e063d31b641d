"""What the tests share: a toy corpus about bicycles, its index (built once), the pipeline and a running server."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from fastapi.testclient import TestClient
from hypothesis import settings
from playwright.sync_api import sync_playwright

from qa.calibrate import by_corpus
from qa.corpus import read_corpus
from qa.index import Index
from qa.index.build import build
from qa.pipeline import Pipeline
from qa.safety import SafetyGate, Said, stretches
from qa.server import Service, Workers, create_app
from qa.server.connections import BoundedProtocol, Bounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from playwright.sync_api import Browser, BrowserContext
    from widgethost import Widget

# Machines are shared, so no example has a deadline; CI draws the same examples each time.
settings.register_profile("citewell", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("citewell")

# Answered and refused whatever the calibration: the one is nearly word for word in the corpus, the other foreign to it.
ANSWERED = "How often should a bicycle chain be oiled?"
REFUSED = "Who was the first emperor of the Mongol empire?"
EMERGENCY = "I have crushing chest pain and cannot breathe"

# A host that a service answers to; the one that TestClient asks by default is not.
LOCAL = "http://localhost"

KEPT_INDEX = Path(__file__).resolve().parent / ".kept-index"

CHROMIUM_ARGS = ["--no-first-run", "--no-sandbox", "--disable-gpu", "--disable-sync"]
CHROMIUM_ARGS += ["--disable-background-networking", "--disable-component-update"]

CORPUS_TOML = """\
name = "Bicycle care"
scope = "Looking after a bicycle: chain, tyres, saddle, brakes and winter storage."
disclaimer = "A mechanic knows better."
region = "GB"
"""

CHAIN = """\
---
title: The chain
url: https://example.org/chain
publisher: Example Cycling Board
date: 2024-05-01
licence: CC BY 4.0
references:
  - {number: 1, title: Wear of roller chains, authors: Vale J, year: 2012, source: J Cycling, url: "https://example.org/wear"}
  - {number: 2, title: Dirt and oil}
---

A bicycle chain turns the push of the pedals into motion.

## Oiling

A bicycle chain should be oiled **every 200 kilometres**, and after each ride in the rain [1]. Wipe off what drips.

## Signs of wear

A worn chain shows itself in three ways:

- the gears slip under load [1, 2]
- the links rattle, unless they are freshly oiled
- a chain gauge drops in all the way [3]

Replace a worn chain before it ruins the sprockets.
"""

SADDLE = """\
The saddle

Sign in
Subscribe to our newsletter

How high should the saddle be?
A saddle that is too low strains the knees1. A saddle that is too high makes the hips rock from side to side1 2.
The knee should stay slightly bent at the lowest point of the pedal2. Numb hands come from a saddle that tips forward3.

Sore skin
Padded shorts keep the skin from chafing2 3. Do not wear anything beneath them1. Wash them after every ride3.
"""

TYRES = """\
---
title: Tyres and tubes
publisher: Example Cycling Board
---

# Tyres

Pump the tyres of a city bicycle to 4 bar 🚲. Narrow racing tyres need 7 bar, says the Cafe\u0301 des Cyclistes.

A tyre that loses air overnight has a slow puncture 🫧! Hold the tube under water and look for bubbles.

A tyre that loses air overnight has a slow puncture 🫧! Patch it once it is dry.
"""

BRAKES = """\
Brakes

Brake pads are worn when the grooves in the rubber are gone. Squealing brakes usually need cleaning with alcohol.
Never put oil on a brake disc, because an oily disc does not stop the bicycle.
"""

STORING = """\
# Storing a bicycle in winter

Hang the bicycle up in a dry cellar and take out the battery of the lamp. Salt from the winter roads must be washed off
before the bicycle is stored.
"""


def write_toy_corpus(folder: Path) -> Path:
    """Write the five documents, one of them with carriage returns and one in a subfolder."""
    (folder / "winter").mkdir(parents=True)
    texts = {"corpus.toml": CORPUS_TOML, "chain.md": CHAIN, "saddle.txt": SADDLE, "brakes.txt": BRAKES}
    texts |= {"winter/storing.md": STORING, "tyres.md": TYRES.replace("\n", "\r\n")}
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    return folder


@pytest.fixture(scope="session", autouse=True)
def bare_environment() -> Iterator[None]:
    """Take away the developer's own QA_* settings."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.upper().startswith("QA_")}
    yield
    os.environ.update(kept)


@pytest.fixture(scope="session")
def toy_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the toy corpus; write to a copy of it only."""
    return write_toy_corpus(tmp_path_factory.mktemp("toy") / "corpus")


@pytest.fixture(scope="session")
def kept_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an index that is kept between runs, so that its encoder is not exported and trained again.

    Building compares fingerprints: an encoder that this program would make otherwise is made anew.
    """
    corpus = tmp_path_factory.mktemp("kept") / "note.md"
    corpus.write_text("# A note\n\nThis index lends its encoder to those that the tests build.\n", "utf-8")
    build(read_corpus(corpus), KEPT_INDEX)
    return KEPT_INDEX


@pytest.fixture(scope="session")
def toy_index(toy_corpus: Path, kept_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the toy corpus' index; write to a copy of it only."""
    folder = Path(shutil.copytree(kept_index, tmp_path_factory.mktemp("toy") / "index"))
    build(read_corpus(toy_corpus), folder)
    return folder


@pytest.fixture(scope="session")
def pipeline(toy_index: Path) -> Pipeline:
    """Return the real pipeline over the toy index."""
    return Pipeline(Index(toy_index, threads=1), SafetyGate.load())


def said_of(pipeline: Pipeline, beginning: str, rest: str = "") -> Said:
    """Return what the safety gate weighs of a message."""
    encode = pipeline.index.encoder.encode_query
    return stretches(encode(beginning), rest, encode)


@pytest.fixture(scope="session")
def default_pipeline(toy_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """Return the default corpus' pipeline; the toy index lends its encoder."""
    folder = Path(shutil.copytree(toy_index, tmp_path_factory.mktemp("default") / "index"))
    build(read_corpus(Path(__file__).resolve().parent.parent / "corpus"), folder, calibrate=by_corpus)
    return Pipeline(Index(folder, threads=1), SafetyGate.load())


@pytest.fixture(scope="session")
def client(pipeline: Pipeline) -> Iterator[TestClient]:
    """Return a client that shows a fault of the service as the 500 that a user would get."""
    with TestClient(app_over(pipeline), LOCAL, raise_server_exceptions=False) as started:
        yield started


@pytest.fixture(scope="session")
def server(pipeline: Pipeline) -> Iterator[str]:
    """Return the address of the real service, listening."""
    with serving(app_over(pipeline)) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the chromium of the system; where there is one, a failure to start is a failure."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.skip("no chromium and no google-chrome on the PATH")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def host() -> Iterator[str]:
    """Return the address of a page that embeds the chat element, with a service of canned values behind it."""
    from widgethost import create_host  # noqa: PLC0415 - it imports this module

    with serving(create_host()) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Give each test a browser without a past, at the size of a small laptop."""
    with browser.new_context(viewport={"width": 1000, "height": 800}) as fresh:
        fresh.set_default_timeout(20_000)
        yield fresh


@pytest.fixture
def widget(context: BrowserContext, host: str) -> Iterator[Widget]:
    """Return the chat element on a page with a strict policy, and demand in the end that it was quiet."""
    from widgethost import Widget  # noqa: PLC0415 - it imports this module

    driven = Widget(context.new_page(), host)
    yield driven
    assert driven.complaints == []


def app_over(pipeline: Pipeline, **options: Any) -> FastAPI:
    """Return the service's app over a pipeline."""
    return create_app(Workers(Service(pipeline)), **options)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Run an app in a thread, on a free port of the loopback, and yield its address."""
    bounds = Bounds(most=1_000)
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_level="warning", lifespan="off", ws="none", http=partial(BoundedProtocol, bounds=bounds)
        )
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        assert server.started
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)
