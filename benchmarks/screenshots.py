"""Pictures of the pages over the default corpus, for the README and docs/: needs Chromium and an index.

qa index && python benchmarks/screenshots.py index docs/
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

DESK, PHONE = (1280, 860), (390, 844)
QUESTION = "Does magnesium help night leg cramps?"
MOST_BYTES = 150_000
_COLOURS = 256


def main() -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, help="the index to serve")
    parser.add_argument("out", type=Path, help="the folder for the pictures")
    arguments = parser.parse_args()
    arguments.out.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with service(arguments.index) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        take(browser, address, arguments.out)
        browser.close()


def take(browser: Browser, address: str, out: Path) -> None:
    """Open the pages one after the other, and write what they look like."""
    asked = f"/?q={quote(QUESTION)}"
    with page(browser, DESK) as shown:
        shown.goto(address + asked)
        shown.locator("citewell-chat [part~=quote]").first.wait_for()
        place = shown.locator("citewell-chat a[href*='/documents/magnesium']").first.get_attribute("href") or ""
    cited = f"{place.removeprefix(address).partition('#')[0]}&q={quote(QUESTION)}#cited"
    pictures = {
        "page": ("/", DESK, "light"),
        "page-answer": (asked, DESK, "light"),
        "page-phone": ("/", PHONE, "light"),
        "page-phone-dark": (asked, PHONE, "dark"),
        "embed": ("/embed", DESK, "light"),
        "embed-phone-dark": ("/embed", PHONE, "dark"),
        "document": (cited, DESK, "light"),
        "document-phone-dark": (cited, PHONE, "dark"),
    }
    for name, (path, size, scheme) in pictures.items():
        with page(browser, size, scheme) as shown:
            shown.goto(address + path)
            if path == asked:
                shown.locator("citewell-chat [part~=quote]").first.wait_for()
            elif path == "/embed":
                converse(shown)
            shown.wait_for_timeout(600)  # for what moves to come to rest
            write(shown.screenshot(), out / f"{name}.png")


def converse(shown: Page) -> None:
    """Open the launcher and ask."""
    shown.locator("citewell-chat [part~=launcher]").click()
    shown.get_by_role("textbox").fill(QUESTION)
    shown.keyboard.press("Enter")
    shown.locator("citewell-chat [part~=quote]").first.wait_for()
    shown.mouse.move(0, 0)


@contextmanager
def page(browser: Browser, size: tuple[int, int], scheme: str = "light") -> Iterator[Page]:
    """Open a window without a past."""
    viewport = {"width": size[0], "height": size[1]}
    with browser.new_context(viewport=viewport, color_scheme=scheme) as context:  # type: ignore[arg-type]
        yield context.new_page()


def write(picture: bytes, path: Path) -> None:
    """Write a picture with a palette of its own.

    :raises SystemExit: if it is larger than a README should load.
    """
    image = Image.open(io.BytesIO(picture)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    image.save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{path} has {size} bytes; expected at most {MOST_BYTES}.")
    print(f"{path}: {size} bytes")


@contextmanager
def service(index: Path) -> Iterator[str]:
    """Serve an index on a free port, and return the address."""
    command = [sys.executable, "-m", "qa.cli", "serve", "--index", str(index), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:  # noqa: S603 - this program itself
        assert running.stderr
        address = next(word for line in running.stderr for word in line.split() if word.startswith("http://"))
        yield address
        running.terminate()


if __name__ == "__main__":
    main()
