#!/bin/sh
# install.sh VENV WHEELS [EXTRA]: install the wheel in the folder WHEELS, with an extra if one is named, into the new
# virtual environment VENV, at the versions of requirements.lock. Used by the Dockerfile and by rehearse.sh.
# TORCH_INDEX_URL may name an index of CPU-only builds of torch, which are a tenth of the size of the others.
set -eu
lock="$(dirname "$0")/../requirements.lock"
rm -rf "$1"
"${PYTHON:-python3}" -m venv "$1"
pip="$1/bin/python -m pip --quiet --quiet --disable-pip-version-check --no-input"
if [ "${3:-}" = build ] && [ -n "${TORCH_INDEX_URL:-}" ]; then
  $pip install --no-cache-dir --constraint "$lock" --index-url "$TORCH_INDEX_URL" torch
fi
wheel="$(ls "$2"/citewell-*.whl)"
$pip install --no-cache-dir --constraint "$lock" --no-compile "$wheel${3:+[$3]}"
