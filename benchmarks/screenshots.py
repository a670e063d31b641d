"""Take the widget's pictures for ``docs/``, over a service that runs with the default corpus.

    qa serve &
    python benchmarks/screenshots.py [--url http://127.0.0.1:8000] [--out docs] [NAME...]

Each picture is reduced to a palette, so that none is over 150 kB. Fonts are those of the machine.
"""

from __future__ import annotations

import argparse
import io
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 150_000
QUESTION = "How can I stop a leg cramp at night?"
WIDGET = """<citewell-chat suggestions="How can I stop a leg cramp at night?|Does magnesium help?|When should I see a doctor?"
  region="GB"></citewell-chat>"""
# A page of some publisher, with a type and colours of its own.
PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sleeping well</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
  :root {{ color-scheme: light dark; }}
  body {{ margin: 0; background: light-dark(#e9edf2, #0c1016); color: light-dark(#2a3442, #b9c3d0); font: 17px/1.65 Inter, system-ui, sans-serif; }}
  nav {{ padding: 18px 40px; background: light-dark(#fff, #121821); font-weight: 600; }}
  article {{ max-width: 400px; padding: 32px 40px; }}
  h1 {{ margin: 0 0 12px; font-size: 34px; line-height: 1.2; letter-spacing: -.02em; text-wrap: balance; }}
</style></head><body><nav>The Quiet Night</nav><article><h1>What wakes us up, and what lets us sleep on</h1>
<p>Few things end a good night as surely as a leg that cramps. It is over within minutes, and yet many lie awake for an hour.</p>
<p>We have read what is known about it, so that you can ask: what helps in the moment, what keeps it away, and when it is
wise to see somebody.</p><p>Every answer is quoted from articles that name their sources. Where they are silent, so are we.</p>
<p>Start with what worries you. You need no special words, and nothing is kept once you close this page.</p>
<p>If it is urgent, do not ask here: call for help.</p>
</article>{WIDGET}<script src="/widget.js" defer></script></body></html>"""


def ask(page: Page, question: str = QUESTION) -> None:
    """Ask, and wait until the answer stands still."""
    page.evaluate("question => document.querySelector('citewell-chat').ask(question)", question)
    page.wait_for_timeout(500)


def answer(page: Page) -> None:
    """Show an answer."""
    ask(page)
    expect(page.locator(".card").first).to_be_visible()


def source(page: Page) -> None:
    """Follow a citation to its card."""
    answer(page)
    page.locator(".citation").first.click()
    page.locator(".log").evaluate(
        "log => { log.scrollTop = log.querySelector('.card').getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop - 60; }"
    )


def references(page: Page) -> None:
    """Open the source's own references."""
    source(page)
    page.get_by_role("button", name="References").first.click()


def failing(page: Page) -> None:
    """Ask a service that fails."""
    page.route("**/v1/ask", lambda route: route.fulfill(status=503))
    ask(page, "Does magnesium help?")


SHOTS: dict[str, Callable[[Page], None]] = {
    "launcher": lambda page: page.wait_for_timeout(300),
    "open": lambda page: page.locator(".launcher").click(),
    "answer": answer,
    "source": source,
    "references": references,
    "refusal": lambda page: ask(page, "Who won the world cup?"),
    "emergency": lambda page: ask(page, "My father has crushing chest pain"),
    "error": failing,
    "phone": source,
    "dark": answer,
}


def shoot(browser: Browser, url: str, name: str, out: Path) -> None:
    """Take one picture in a browser without a past."""
    phone = name == "phone"
    context = browser.new_context(
        viewport={"width": 390, "height": 844} if phone else {"width": 940, "height": 780},
        color_scheme="dark" if name == "dark" else "light",
        device_scale_factor=2 if phone else 1.5,
        reduced_motion="reduce",
        has_touch=phone,
        is_mobile=phone,
    )
    page = context.new_page()
    page.route("**/screenshots.html", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto(f"{url}/screenshots.html")
    page.wait_for_function("!!customElements.get('citewell-chat')")
    SHOTS[name](page)
    page.wait_for_timeout(400)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for colours in (256, 128, 64):
        file = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() <= MOST_BYTES:
            break
    (out / f"widget-{name}.png").write_bytes(file.getvalue())
    print(f"{out}/widget-{name}.png {file.tell()} bytes, {colours} colours")
    context.close()


def main() -> None:
    """Take the pictures that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(SHOTS)}; all without any")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the service")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="the folder for the pictures")
    options = parser.parse_args()
    options.out.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        )
        for name in options.names or SHOTS:
            shoot(browser, options.url, name, options.out)
        browser.close()


if __name__ == "__main__":
    main()
