#!/bin/sh
# wheel.sh OUT: build the wheel of the checkout into the folder OUT. Used by the Dockerfile and by rehearse.sh.
set -eu
cd "$(dirname "$0")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
sh packaging/venv.sh "$work"
pip="$work/bin/python -m pip --quiet --quiet --disable-pip-version-check --no-input"
$pip install --require-hashes --constraint requirements.lock --group package
$pip wheel --no-build-isolation --no-deps --wheel-dir "$1" .
