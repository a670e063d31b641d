#!/bin/sh
# lock.sh [OPTION...]: write requirements.lock anew: everything that the project, its extras and its groups need, each
# at one version, with the sha256 of every file that is published of it. Versions stay as they are where they still fit;
# options go to uv: --upgrade takes the newest of all, --upgrade-package NAME of one. What only Windows or a browser needs is
# left out.
set -eu
cd "$(dirname "$0")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
pip="$work/venv/bin/python -m pip --quiet --quiet --disable-pip-version-check"
$pip install uv
cp requirements.lock "$work/lock"
"$work/venv/bin/uv" pip compile pyproject.toml --extra build --extra models --extra evaluate --group check --group bench --group package \
  --no-emit-package colorama --no-emit-package httpx2-jsfetch --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --native-tls --quiet \
  "$@" --output-file "$work/lock" >/dev/null
# An index of builds without CUDA has files of its own under the same version; the one that pip would take here is listed too.
torch="$(sed -n 's/^torch==\([^ ]*\).*/\1/p' "$work/lock")"
$pip download --no-deps --dest "$work/torch" "torch==$torch"
hash="$("$work/venv/bin/python" -m pip hash "$work"/torch/* | sed -n 's/.*\(--hash=sha256:[0-9a-f]*\).*/\1/p')"
grep -q -e "${hash:?}" "$work/lock" || sed -i.old "s|^torch==.*|&\n    $hash \\\\|" "$work/lock"
cp "$work/lock" requirements.lock
