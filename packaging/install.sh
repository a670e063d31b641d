#!/bin/sh
# install.sh VENV WHEELS [EXTRAS]: install the wheel in the folder WHEELS, with extras if some are named, into the new
# virtual environment VENV, at the versions and with the hashes of requirements.lock. Used by the Dockerfile and by
# rehearse.sh. TORCH_INDEX_URL may name an index of CPU-only builds of torch, which are a tenth of the size of the others.
set -eu
here="$(dirname "$0")"
lock="$here/../requirements.lock"
rm -rf "$1"
sh "$here/venv.sh" "$1"
pip="$1/bin/python -m pip --quiet --quiet --disable-pip-version-check --no-input"
case "${3:-}" in *models*) sh "$here/torch.sh" "$1" ;; esac
wheel="$(cd "$2" && pwd)/$(cd "$2" && ls citewell-*.whl)"
hash="$("$1/bin/python" -m pip hash "$wheel" | sed -n 's/.*\(--hash=sha256:[0-9a-f]*\).*/\1/p')"
echo "citewell${3:+[$3]} @ file://$wheel ${hash:?}" >"$1/citewell.txt"
$pip install --no-cache-dir --no-compile --require-hashes --constraint "$lock" --requirement "$1/citewell.txt"
