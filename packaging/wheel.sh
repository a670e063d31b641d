#!/bin/sh
# wheel.sh OUT: build the wheel of the checkout into the folder OUT. Used by the Dockerfile and by rehearse.sh.
set -eu
cd "$(dirname "$0")/.."
"${PYTHON:-python3}" -m pip wheel --quiet --quiet --no-deps --wheel-dir "$1" .
