"""The widget on pages of other people: another origin, a strict policy, React, Vue, twice, in a dialog, right to left."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import Watch, overflowing, packages
from conftest import ANSWERED, EMERGENCY, app_over, serving
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page
    from starlette.requests import Request

    from qa.pipeline import Pipeline

README = (Path(__file__).resolve().parent.parent / "README.md").read_text("utf-8")
PLAIN = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Elsewhere</title><body><main><h1>Elsewhere</h1>{}'
MODULES = {
    "react": "react/cjs/react.production.js",
    "react-dom": "react-dom/cjs/react-dom.production.js",
    "react-dom/client": "react-dom/cjs/react-dom-client.production.js",
    "scheduler": "scheduler/cjs/scheduler.production.js",
}
VUE = "vue/dist/vue.runtime.esm-browser.prod.js"


class Publisher:
    """Somebody else's web server: pages as they are given to it, each with its headers."""

    def __init__(self) -> None:
        self.address = ""
        self.pages: dict[str, tuple[str, dict[str, str]]] = {}
        self.app = Starlette(routes=[Route("/{path:path}", self._serve)])

    def _serve(self, request: Request) -> Response:
        path = request.path_params["path"]
        if path == "vue.js":
            return FileResponse(packages() / VUE, media_type="text/javascript")
        if path not in self.pages:
            return Response(status_code=204)
        content, headers = self.pages[path]
        return HTMLResponse(content, headers=headers)

    def publish(self, body: str, **headers: str) -> str:
        """Put a page up, and return its address."""
        path = f"page-{len(self.pages)}.html"
        self.pages[path] = (body, {name.replace("_", "-"): value for name, value in headers.items()})
        return f"{self.address}/{path}"


@pytest.fixture(scope="module")
def publisher() -> Iterator[Publisher]:
    publisher = Publisher()
    with serving(publisher.app) as publisher.address:  # type: ignore[arg-type]
        yield publisher


@pytest.fixture(scope="module")
def service(pipeline: Pipeline, publisher: Publisher) -> Iterator[str]:
    """Run the real service on a port of its own; the publisher's origin may ask it."""
    with serving(app_over(pipeline, origins=(publisher.address,))) as address:
        yield address


@pytest.fixture
def page(browser: Browser, service: str, publisher: Publisher) -> Iterator[Page]:
    """Open a page that must stay quiet and may load from the publisher and the service alone."""
    with browser.new_context(viewport={"width": 390, "height": 740}) as context:
        context.set_default_timeout(10_000)
        watch = Watch(context.new_page(), service, publisher.address)
        yield watch.page
        assert watch.complaints == []


def script(service: str) -> str:
    return f'<script src="{service}/widget.js" defer></script>'


def inline(service: str, more: str = "") -> str:
    return f'<citewell-chat endpoint="{service}" mode="inline" {more}></citewell-chat>'


def ask(chat: Locator, question: str = ANSWERED) -> None:
    """Ask, and wait for the quote with its citation."""
    field = chat.get_by_role("textbox")
    field.fill(question)
    field.press("Enter")
    expect(chat.locator("[part~=quote]").first).to_contain_text("every 200 kilometres")
    expect(chat.locator("[part~=citation]").first).to_have_text(re.compile("1"))


# --- another origin -------------------------------------------------------------------------------


def test_the_lines_of_the_readme_work_on_a_bare_page(page: Page, service: str, publisher: Publisher) -> None:
    """What the README tells a publisher to paste is all that a page of another origin needs."""
    pasted = next(
        block for block in re.findall(r"^```html\n(.*?)^```", README, re.MULTILINE | re.DOTALL) if "widget.js" in block
    )
    lines = pasted.strip().replace("https://qa.example.org", service)
    assert lines.count("\n") == 1
    page.goto(publisher.publish(lines))
    chat = page.locator("citewell-chat")
    chat.locator("[part~=launcher]").click()
    ask(chat)


def test_a_page_that_is_not_allowed_is_told_so(browser: Browser, pipeline: Pipeline, publisher: Publisher) -> None:
    """The widget loads and says that it cannot answer; nothing of the documents reaches the page."""
    with (
        serving(app_over(pipeline, origins=("https://www.example.org",))) as closed,
        browser.new_context() as context,
    ):
        page = context.new_page()
        page.goto(publisher.publish(PLAIN.format(script(closed) + inline(closed))))
        page.get_by_role("textbox").fill(ANSWERED)
        page.get_by_role("textbox").press("Enter")
        expect(page.locator("citewell-chat [part~=error]")).to_be_visible()
        assert "200 kilometres" not in page.evaluate("document.querySelector('citewell-chat').shadowRoot.textContent")
        read = page.evaluate(f"fetch('{closed}/v1/documents/chain').then(() => 'read', () => 'refused')")
        assert read == "refused"


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param("default-src 'none'; script-src {0}; connect-src {0}", id="as the README has it"),
        pytest.param(
            "default-src 'none'; script-src {0}; connect-src {0}; style-src 'none'; img-src 'none'; font-src 'none'; "
            "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
            id="whatever can be forbidden",
        ),
    ],
)
def test_a_strict_policy_is_kept(page: Page, service: str, publisher: Publisher, policy: str) -> None:
    """Under a policy that names the service for scripts and connections alone, all of it works and nothing is reported."""
    headers = {"content_security_policy": policy.format(service)}
    page.goto(publisher.publish(PLAIN.format(script(service) + inline(service, 'lang="de"')), **headers))
    chat = page.locator("citewell-chat")
    ask(chat)
    assert chat.evaluate("chat => getComputedStyle(chat.shadowRoot.querySelector('[part~=panel]')).display") != "inline"
    page.get_by_role("textbox").fill(EMERGENCY)
    page.get_by_role("textbox").press("Enter")
    expect(chat.get_by_role("alert").get_by_role("link").first).to_be_visible()


# --- frameworks -----------------------------------------------------------------------------------


def modules() -> str:
    """Return React's own files as one script: a module is run when it is first required."""
    sources = {name: (packages() / path).read_text("utf-8") for name, path in MODULES.items()}
    functions = ",".join(f"{json.dumps(name)}:(module,exports,require)=>{{{text}\n}}" for name, text in sources.items())
    return f"""const made = {{}}, sources = {{{functions}}};
function require(name) {{
  if (!made[name]) {{ made[name] = {{exports: {{}}}}; sources[name](made[name], made[name].exports, require); }}
  return made[name].exports;
}}"""


def test_react_renders_it(page: Page, service: str, publisher: Publisher) -> None:
    """In React 19 properties and events are props, a new prop reaches the element, and it survives being taken away."""
    app = f"""{modules()}
const {{createElement: h, useState, version}} = require("react");
window.heard = []; window.version = version;
function App() {{
  const [shown, show] = useState(true);
  const [placeholder, write] = useState("First");
  return h("main", null, h("button", {{onClick: () => show(!shown)}}, "Toggle"),
    h("button", {{onClick: () => write("Second")}}, "Rename"),
    shown && h("citewell-chat", {{endpoint: "{service}", mode: "inline", placeholder, suggestions: ["How?", "Why?"],
      "oncitewell-answer": (event) => heard.push(event.detail.status)}}));
}}
require("react-dom/client").createRoot(document.getElementById("root")).render(h(App));"""
    page.goto(
        publisher.publish(PLAIN.format(f'{script(service)}<div id="root"></div><script type="module">{app}</script>'))
    )
    assert page.evaluate("version").startswith("19.")
    chat = page.locator("citewell-chat")
    expect(chat.get_by_role("button", name="Why?")).to_be_visible()
    page.get_by_role("button", name="Rename").click()
    expect(chat.get_by_placeholder("Second")).to_be_visible()
    ask(chat)
    assert page.evaluate("heard") == ["answered"]
    toggle = page.get_by_role("button", name="Toggle")
    toggle.click()
    expect(chat).to_have_count(0)
    toggle.click()
    ask(chat)


def test_vue_renders_it(page: Page, service: str, publisher: Publisher) -> None:
    """In Vue 3 properties are set, events are heard, and a new value reaches the element."""
    packages()  # skips where there is no Vue
    app = f"""import {{createApp, h, ref, version}} from "./vue.js";
window.heard = []; window.version = version;
createApp({{setup() {{
  const placeholder = ref("First");
  return () => [h("button", {{onClick: () => {{ placeholder.value = "Second"; }}}}, "Rename"),
    h("citewell-chat", {{endpoint: "{service}", mode: "inline", placeholder: placeholder.value, suggestions: ["How?", "Why?"],
      "onCitewell-answer": (event) => heard.push(event.detail.status)}})];
}}}}).mount("#root");"""
    page.goto(
        publisher.publish(PLAIN.format(f'{script(service)}<div id="root"></div><script type="module">{app}</script>'))
    )
    chat = page.locator("citewell-chat")
    expect(chat.get_by_role("button", name="Why?")).to_be_visible()
    assert page.evaluate("version").startswith("3.")
    page.get_by_role("button", name="Rename").click()
    expect(chat.get_by_placeholder("Second")).to_be_visible()
    ask(chat)
    assert page.evaluate("heard") == ["answered"]


# --- other places ---------------------------------------------------------------------------------


def test_two_of_them_are_two_conversations(page: Page, service: str, publisher: Publisher) -> None:
    """Each answers for itself, also when the script is there twice."""
    both = inline(service, 'id="one"') + inline(service, 'id="two" top="1"')
    page.goto(publisher.publish(PLAIN.format(script(service) * 2 + both)))
    one, two = page.locator("#one"), page.locator("#two")
    ask(one)
    expect(two.locator("[part~=quote]")).to_have_count(0)
    ask(two)
    expect(one.locator("[part~=turn]")).to_have_count(1)


def test_it_works_inside_a_modal_dialog(page: Page, service: str, publisher: Publisher) -> None:
    """In a dialog, above everything else, it can be used, its own windows included, and Escape still closes the dialog."""
    body = f'<button id="open">Open</button><dialog aria-label="Help">{inline(service)}</dialog>{script(service)}'
    page.goto(publisher.publish(PLAIN.format(body)))
    page.evaluate("document.querySelector('dialog').showModal()")
    chat = page.locator("citewell-chat")
    ask(chat)
    assert chat.locator("[part~=input]").evaluate(
        "(field) => { const {x, y} = field.getBoundingClientRect(); return field.getRootNode().elementFromPoint(x + 9, y + 9) === field; }"
    )
    chat.get_by_role("textbox").focus()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[aria-label=Help]")).to_be_hidden()


def test_a_page_from_right_to_left_is_mirrored(page: Page, service: str, publisher: Publisher) -> None:
    """The button stands on the left, the panel opens within the window, and an English quote still reads left to right."""
    body = PLAIN.replace('lang="en"', 'lang="ar" dir="rtl"').format(
        f'{script(service)}<citewell-chat endpoint="{service}">'
    )
    page.goto(publisher.publish(body))
    chat = page.locator("citewell-chat")
    launcher = chat.locator("[part~=launcher]")
    box = launcher.bounding_box()
    assert box
    assert box["x"] < 100
    launcher.click()
    ask(chat)
    assert overflowing(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    starts = chat.locator("[part~=quote] p").first.evaluate(
        """quote => { const first = document.createRange(); first.setStart(quote.firstChild, 0); first.setEnd(quote.firstChild, 1);
          return first.getBoundingClientRect().left - quote.getBoundingClientRect().left; }"""
    )
    assert starts < 30
    assert chat.locator("[part~=composer]").evaluate("form => getComputedStyle(form).direction") == "rtl"
