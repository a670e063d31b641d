#!/bin/sh
# venv.sh VENV: make the virtual environment VENV, or keep the one that is there, with the pip of requirements.lock: an
# older one cannot take hashes from a constraint file.
set -eu
here="$(dirname "$0")"
"${PYTHON:-python3}" -m venv "$1"
sed -n '/^pip==/,/[^\\]$/p' "$here/../requirements.lock" >"$1/pip.txt"
"$1/bin/python" -m pip --quiet --disable-pip-version-check --no-input install --require-hashes --no-deps --requirement "$1/pip.txt"
