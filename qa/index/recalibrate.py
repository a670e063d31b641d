"""The generation that serves and a calibration -> a generation of the same content under that calibration."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import astuple, replace
from pathlib import Path

from qa.index import generation
from qa.index.generation import Manifest
from qa.types import Calibration


def recalibrate(folder: Path, calibration: Calibration) -> Manifest:
    """Let the index in ``folder`` serve under another calibration, and return its manifest.

    The files are shared with the generation before where the file system can, and copied where it cannot.

    :raises IndexMissing: if no build has finished there.
    :raises IndexBusy: if a build is running there.
    """
    with generation.workspace(folder) as unfinished:
        served = generation.current(folder)
        before = generation.read_manifest(served)
        for path in before.files:
            if path != generation.CALIBRATION_FILE:
                (unfinished / path).parent.mkdir(parents=True, exist_ok=True)
                _share(served / path, unfinished / path)
        generation.write_calibration(unfinished, calibration)
        name = hashlib.sha256(f"{before.content} {astuple(calibration)}".encode()).hexdigest()[: len(before.content)]
        manifest = replace(before, generation=name, calibration=calibration.source, files=generation.record(unfinished))
        generation.write_manifest(unfinished, manifest)
        generation.publish(unfinished, folder, name)
    return manifest


def _share(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
