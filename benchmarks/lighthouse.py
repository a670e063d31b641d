"""Lighthouse's scores of a running service's pages and what their first load weighs: needs Chromium, Node and npx.

qa serve --port 8000 &
python benchmarks/lighthouse.py http://127.0.0.1:8000 / /embed /documents/magnesium
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess

LIGHTHOUSE = "lighthouse@12"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PASSED = 0.9
FLAGS = "--headless=new --no-sandbox --disable-gpu"


def main() -> None:
    """Print the scores, 0 to 100, of each page on a phone and on a desk, and every audit that is not passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="where the service is, such as http://127.0.0.1:8000")
    parser.add_argument("paths", nargs="+", help="the pages to judge")
    arguments = parser.parse_args()
    for path in arguments.paths:
        for device in ("mobile", "desktop"):
            report = judged(f"{arguments.address}{path}", device)
            scores = [f"{name} {100 * report['categories'][name]['score']:.0f}" for name in CATEGORIES]
            weight = report["audits"]["total-byte-weight"]["numericValue"] / 1000
            print(f"{path} on {device}: {', '.join(scores)}; {weight:.1f} kB")
            for audit in failed(report):
                print(f"    {audit}")


def judged(url: str, device: str) -> dict[str, dict[str, dict[str, float]]]:
    """Run Lighthouse on a page and return its report.

    :raises SystemExit: with what it says, if it fails.
    """
    command = ["npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    command += [f"--only-categories={','.join(CATEGORIES)}"]
    if device == "desktop":
        command.append("--preset=desktop")
    chrome = shutil.which("chromium") or shutil.which("google-chrome") or ""
    done = subprocess.run(  # noqa: S603 - the command is this script's own
        command, capture_output=True, check=False, text=True, env={**os.environ, "CHROME_PATH": chrome}
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    report: dict[str, dict[str, dict[str, float]]] = json.loads(done.stdout)
    return report


def failed(report: dict[str, dict[str, dict[str, float]]]) -> list[str]:
    """Return the audits with a score under 0.9, the worst first."""
    scored = {name: audit["score"] for name, audit in report["audits"].items() if audit.get("score") is not None}
    return [f"{score:.2f} {name}" for name, score in sorted(scored.items(), key=lambda each: each[1]) if score < PASSED]


if __name__ == "__main__":
    main()
