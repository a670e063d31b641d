"""The chat element's files: their size, types, words, and what their head promises; how the service serves them."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect
from widgethost import WIDGET, Widget

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

CODE = (WIDGET / "citewell-chat.js").read_text("utf-8")
HEAD, _, BODY = CODE.partition("(() => {")
WEB = Path(__file__).parent / "web"
TSC = WEB / "node_modules/typescript/bin/tsc"
NODE = Path(sysconfig.get_path("scripts")) / "node"


def after(label: str) -> list[str]:
    """Return the words of a paragraph of the head."""
    [paragraph] = re.findall(rf"^ \* {label}: (.*?)(?=^ \* \S|^ \*/)", HEAD, re.MULTILINE | re.DOTALL)
    return re.findall(r"[\w-]+", paragraph)


def test_it_is_small() -> None:
    """Compressed as a server does it, the element has at most 15 kB."""
    assert len(gzip.compress(CODE.encode(), 9, mtime=0)) <= 15_000


@pytest.mark.skipif(not TSC.exists(), reason="TypeScript is not installed: make install, or npm ci --prefix tests/web")
def test_its_types_are_sound() -> None:
    """TypeScript finds nothing, as strict as it can be."""
    done = subprocess.run([NODE, TSC, "--project", WEB], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_policy_has_nothing_to_forbid() -> None:
    """No markup is parsed, nothing evaluated, no style attribute set, no dependency imported."""
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "new Function",
        ".style",
        '"style"',
    ):
        assert forbidden not in BODY, forbidden
    assert re.findall(r"\bimport\(([^()]*)", BODY) == ["new URL"]
    assert not re.search(r"^\s*(?:import|export) ", BODY, re.MULTILINE)


def test_the_head_names_every_event_slot_and_property() -> None:
    """What can be heard, filled and set is written there, and nothing else."""
    events = {f"-{name}" for name in re.findall(r'#emit\((?:open \? )?"(\w+)"', BODY)} | {
        "-close",
        "-emergency",
        "-refusal",
        "-answer",
    }
    assert set(after("Events")) - {"citewell-ready", "cancelable"} == events - {"-ready"}
    assert set(after("Slots")) == set(re.findall(r'el\("slot", \{ name: "([\w-]+)"', BODY))
    properties = {name.removeprefix("--citewell") for name in re.findall(r"--citewell-[\w-]+", BODY)}
    assert {name.removeprefix("--citewell") for name in after("Custom properties")} == properties


def test_the_head_names_every_attribute_and_method() -> None:
    """Each observed or mirrored attribute and each public method is written there."""
    attributes = set(re.findall(r"[\w-]+", HEAD))
    observed = re.findall(r"observedAttributes = (\[.*?\]);", BODY)
    mirrored = re.findall(r"const MIRRORED = (\[.*?\]);", BODY)
    for name in json.loads(observed[0]) + json.loads(mirrored[0]):
        assert name.replace("K", "-k") in attributes, name
    methods = re.findall(
        r"^  (?:async )?(?!constructor|connected|disconnected|attribute)([a-zA-Z]+)\(.*\) \{", BODY, re.MULTILINE
    )
    assert set(after("Methods")) - {"question"} == set(methods)


def test_the_head_names_the_parts(browser: Browser, host: str) -> None:
    """Each part that is promised is there in some state."""
    page = browser.new_page()
    widget = Widget(page, host).embed('suggestions="chain?"')
    seen: set[str] = set()
    for question in ["chain", "list", "disagree", "outside", "chest", "status 500"]:
        widget.run("(chat, question) => chat.ask(question)", question)
        seen |= set(
            widget.run("chat => [...chat.shadowRoot.querySelectorAll('[part]')].flatMap(node => [...node.part])")
        )
    page.close()
    assert set(after("Parts")) - seen == set()


def test_every_language_has_every_word(browser: Browser, host: str) -> None:
    """With the same places to fill, and the emergency numbers that English has."""
    english = dict(re.findall(r'^  (\w+): "(.*)",$', CODE.split("const ENGLISH")[1].split("};")[0], re.MULTILINE))
    page = browser.new_page()
    page.goto(f"{host}/host?tag=x&head=")
    languages = page.evaluate("import('/widget-strings.js').then(module => module.default)")
    page.close()
    assert sorted(languages) == ["de", "es", "fr", "pt"]
    for language, words in languages.items():
        assert list(words) == list(english), language
        for name, text in words.items():
            assert sorted(re.findall(r"\{\w+\}|\d{3}", text)) == sorted(re.findall(r"\{\w+\}|\d{3}", english[name])), (
                language,
                name,
            )


def test_the_types_are_those_of_the_service(client: TestClient) -> None:
    """Each field that the widget reads of an answer, a refusal or a document is one that the service sends."""
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    types = dict(
        re.findall(r"  interface (\w+)[^{]*\{(.*?)\n?  ?\}\n", (WIDGET / "types.d.ts").read_text("utf-8"), re.DOTALL)
    )
    pairs = {
        "Answer": "Answer",
        "Refusal": "Refusal",
        "Passage": "Citation",
        "Contact": "Contact",
        "Reference": "Reference",
    }
    pairs |= {
        "SourceReference": "SourceReference",
        "Suggestion": "Suggestion",
        "Document": "Document",
        "Index": "IndexInfo",
    }
    for ours, theirs in pairs.items():
        flat = re.sub(r"\{[^{}]*\}", "", types[ours])
        fields = set(re.findall(r"(\w+)\??:", flat))
        assert fields, ours
        assert fields <= set(schemas[theirs]["properties"]), ours


@pytest.mark.parametrize("path", ["/widget.js", "/widget-strings.js"])
def test_any_page_may_load_the_files(client: TestClient, path: str) -> None:
    """From every origin, checked by their tag each time, and not sent again unchanged."""
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert response.headers["cache-control"].startswith("public, max-age=")
    again = client.get(path, headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", response.headers["etag"])
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    assert client.head(path).status_code == 200


def test_the_real_service_answers_the_element(browser: Browser, server: str) -> None:
    """An answer, what stands around it, a refusal and an emergency, as they are served."""
    page = browser.new_page()
    widget = Widget(page, server)
    tag = "<!doctype html><citewell-chat mode='inline' region='GB'></citewell-chat><script src='/widget.js' defer></script>"
    page.route("**/any-page", lambda route: route.fulfill(body=tag, content_type="text/html"))
    page.goto(f"{server}/any-page")
    widget.ask("How often should a bicycle chain be oiled?")
    expect(page.locator("mark").first).to_contain_text("A bicycle chain should be oiled every 200 kilometres")
    widget.card.get_by_role("button", name="Show more around it").click()
    expect(widget.card).to_contain_text("A worn chain shows itself in three ways:")
    widget.ask("Who was the first emperor of the Mongol empire?")
    expect(page.locator(".refusal")).to_contain_text("Looking after a bicycle")
    widget.ask("I have crushing chest pain and cannot breathe")
    expect(widget.alert.get_by_role("link", name="Call 999")).to_have_attribute("href", "tel:999")
    expect(page.get_by_role("heading", name="Bicycle care")).to_be_visible()
    page.close()
    assert widget.complaints == []
