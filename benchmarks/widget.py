"""The chat element in Chromium: how long an answer takes from its arrival to its paint, and how 500 turns scroll.

    python benchmarks/widget.py [--answers 100] [--turns 500]

Answers of three passages are handed to the element by its own ``fetch``, so that no network and no service counts. Wall
time is what a visitor waits, the frame it waits for apart; CPU time is what the page's main thread works, and stays the
same on a busy machine.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

import qa

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

WIDGET = Path(qa.__path__[0]) / "widget/citewell-chat.js"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Bench</title>
<citewell-chat mode="inline" endpoint="https://bench.example"></citewell-chat><script src="/widget.js"></script>"""
SENTENCE = "A sentence of a leaflet, about as long as they are, that says what helps and what does not. "
FAKE = """(body) => { const chat = document.querySelector('citewell-chat');
  window.framed = () => new Promise((done) => requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel();
    port1.onmessage = done; port2.postMessage(0); }));
  chat.fetch = async (url) => ({ ok: true, status: 200, headers: new Headers(), json: async () => {
    await new Promise((done) => { window.arrive = done; }); return url.endsWith('/v1/ask') ? structuredClone(body) : {}; } }); }"""
BEGIN = (
    """async (question) => { window.asked = document.querySelector('citewell-chat').ask(question); await framed(); }"""
)
ARRIVE = """async () => { const arrived = performance.now(); arrive(); await asked;
  document.querySelector('citewell-chat').shadowRoot.querySelector('.log').getBoundingClientRect();
  const shown = performance.now(); await framed();
  return [shown - arrived, performance.now() - arrived]; }"""
SCROLL = """async () => { const log = document.querySelector('citewell-chat').shadowRoot.querySelector('.log');
  const frames = []; let last = await new Promise(requestAnimationFrame);
  for (let frame = 0; frame < 120; frame++) {
    log.scrollTop -= 100;
    const now = await new Promise(requestAnimationFrame); frames.push(now - last); last = now; }
  return frames; }"""


def answer() -> dict[str, Any]:
    """Return an answer of three passages of 900 characters, with references."""
    text = SENTENCE * 10
    reference = {
        "number": 1,
        "title": "A trial",
        "authors": "Vale J",
        "year": 2012,
        "source": "J",
        "url": "https://example.org",
    }
    passage = {
        "text": text,
        "highlights": [{"start": 0, "end": len(SENTENCE) - 1}],
        "quotes": [{"role": "answer", "start": 0, "end": len(SENTENCE) - 1, "exact": SENTENCE.strip()}],
        "location": {"start": 0, "end": len(text)},
        "section": ["What helps"],
        "page": None,
        "document": {
            "id": "leaflet",
            "title": "A leaflet",
            "url": "https://example.org",
            "publisher": "Board",
            "licence": "CC0",
        },
        "source_references": [{"marker": "[1]", "numbers": [1], "start": 80, "end": 83, "resolved": [reference]}],
    }
    confidence = {"level": "HIGH", "probability": 0.9}
    passages = [passage | {"citation": number} for number in (1, 2, 3)]
    return {
        "id": "ans_1",
        "status": "answered",
        "confidence": confidence,
        "passages": passages,
        "sources_disagree": False,
    }


def spent(metrics: CDPSession) -> float:
    """Return the milliseconds of CPU that the main thread has worked so far."""
    values = metrics.send("Performance.getMetrics")["metrics"]
    return 1000.0 * float(next(each["value"] for each in values if each["name"] == "TaskDuration"))


def measure(page: Page, metrics: CDPSession, answers: int, label: str) -> None:
    """Ask so many times and print median and 95th percentile of what each took."""
    rows = []
    for number in range(answers):
        page.evaluate(BEGIN, f"question {number}")
        before = spent(metrics)
        shown, framed = page.evaluate(ARRIVE)
        rows.append((shown, spent(metrics) - before, framed))
    names = ("script, style and layout", "CPU, paint included", "wall until the next frame is drawn")
    for name, column in zip(names, zip(*rows, strict=True), strict=True):
        p95 = quantiles(column, n=20)[18]
        print(f"{label}: {name}: median {median(column):.1f} ms, p95 {p95:.1f} ms ({answers} answers)")


def main() -> None:
    """Measure in an empty conversation, then in a long one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=100, help="answers to time in each conversation")
    parser.add_argument("--turns", type=int, default=500, help="turns of the long conversation")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 480, "height": 800}, reduced_motion="reduce")
        page.route("**/*", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
        page.route("**/widget.js", lambda route: route.fulfill(path=WIDGET, content_type="text/javascript"))
        page.goto("https://bench.example/")
        page.evaluate(FAKE, answer())
        metrics = page.context.new_cdp_session(page)
        metrics.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.evaluate(BEGIN, "warming up")
        page.evaluate(ARRIVE)
        page.evaluate("document.querySelector('citewell-chat').clear()")
        measure(page, metrics, options.answers, "short")
        for turn in range(options.turns - options.answers):
            page.evaluate(BEGIN, f"turn {turn}")
            page.evaluate(ARRIVE)
        measure(page, metrics, options.answers, f"after {options.turns} turns")
        before = spent(metrics)
        frames = page.evaluate(SCROLL)
        print(
            f"scrolling up, 100 pixels a frame: CPU {(spent(metrics) - before) / len(frames):.1f} ms a frame, wall median {median(frames):.1f} ms, p95 {quantiles(frames, n=20)[18]:.1f} ms ({len(frames)} frames)"
        )
        browser.close()


if __name__ == "__main__":
    main()
