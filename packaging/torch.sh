#!/bin/sh
# torch.sh VENV: install torch into the virtual environment VENV, at the version of requirements.lock, unless it is there.
# A build without CUDA, a tenth of the size, has the same version and a file of its own. pip asked for hashes would pass over
# one that lies in a local folder; asked for the version alone it prefers it. So the file is fetched first and compared then.
# TORCH_INDEX_URL may name an index of such builds; it is trusted where the lock has no hash of its file.
set -eu
here="$(dirname "$0")"
lock="$here/../requirements.lock"
pip="$1/bin/python -m pip --quiet --quiet --disable-pip-version-check --no-input"
version="$(sed -n 's/^torch==\([^ ]*\).*/\1/p' "$lock")"
installed="$("$1/bin/python" -c 'from importlib.metadata import distributions as d; print(*(x.version for x in d(name="torch")))')"
case "$installed" in "$version" | "$version+"*) exit 0 ;; esac
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
$pip download --no-deps --dest "$work" ${TORCH_INDEX_URL:+--index-url "$TORCH_INDEX_URL"} "torch==$version"
hash="$("$1/bin/python" -m pip hash "$work"/torch-* | sed -n 's/.*--hash=\(sha256:[0-9a-f]*\).*/\1/p')"
if ! sed -n '/^torch==/,/[^\\]$/p' "$lock" | grep -q "${hash:?}"; then
  [ -n "${TORCH_INDEX_URL:-}" ] || { echo "$(ls "$work") has $hash, which is not in requirements.lock" >&2; exit 1; }
  echo "$(ls "$work") is from $TORCH_INDEX_URL; requirements.lock has no hash to compare it with" >&2
fi
$pip install --no-deps "$work"/torch-*
