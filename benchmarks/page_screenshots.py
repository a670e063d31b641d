"""Take the pages' pictures for ``docs/``, over a service that runs with the default corpus.

    qa serve &
    python benchmarks/page_screenshots.py [--url http://127.0.0.1:8000] [--out docs]

Each picture is reduced to a palette, so that none is over 150 kB. Fonts are those of the machine.
"""

from __future__ import annotations

import argparse
import io
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

MOST_BYTES = 150_000
DESK, PHONE = (1280, 860), (390, 844)
QUESTION = "Does magnesium help night leg cramps?"
HOME, ASKED, EMBED = "/", f"/#q={quote(QUESTION)}", "/embed"


def main() -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the service")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="the folder for the pictures")
    options = parser.parse_args()
    options.out.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        )
        cited = place_cited(browser, options.url)
        shots = {
            "page": (HOME, DESK, "light"),
            "page-answer": (ASKED, DESK, "light"),
            "page-phone": (HOME, PHONE, "light"),
            "page-dark": (ASKED, PHONE, "dark"),
            "embed": (EMBED, DESK, "light"),
            "embed-dark": (EMBED, PHONE, "dark"),
            "document": (cited, DESK, "light"),
            "document-dark": (cited, PHONE, "dark"),
        }
        for name, (path, size, scheme) in shots.items():
            with opened(browser, options.url + path, size, scheme) as page:
                save(page.screenshot(), options.out / f"{name}.png")
        browser.close()


@contextmanager
def opened(browser: Browser, url: str, size: tuple[int, int], scheme: str = "light") -> Iterator[Page]:
    """Open a page in a browser without a past, and wait until it stands still."""
    with browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=2 if size == PHONE else 1.5,
        reduced_motion="reduce",
    ) as context:
        page = context.new_page()
        page.goto(url)
        if url.endswith(EMBED):
            page.locator(".launcher").click()
            page.get_by_role("textbox").fill(QUESTION)
            page.keyboard.press("Enter")
        if url.endswith((EMBED, ASKED)):
            page.locator(".quote").first.wait_for()
        page.wait_for_timeout(500)
        yield page


def place_cited(browser: Browser, url: str) -> str:
    """Return the path of the document that the answer quotes first, at its quote."""
    with opened(browser, url + ASKED, DESK) as page:
        link = page.locator("citewell-chat a[href*='/documents/']").first.get_attribute("href") or ""
    return f"{link.removeprefix(url).partition('#')[0]}#cited"


def save(picture: bytes, path: Path) -> None:
    """Write a picture in as many colours as its size allows."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (256, 128, 64, 32):
        file = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() <= MOST_BYTES:
            break
    path.write_bytes(file.getvalue())
    print(f"{path} {file.tell()} bytes, {colours} colours")


if __name__ == "__main__":
    main()
