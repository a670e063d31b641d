#!/bin/sh
# rehearse.sh [FOLDER]: take the steps of the Dockerfile and of docker-compose.yml without an engine, in FOLDER (a new
# temporary one if none is named), and ask what was installed. Ends with 0 only if all of it answers.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
work="${1:-$(mktemp -d)}"
server=
# start FOLDER COMMAND...: run a service in a folder until it names its port.
start() {
  folder="$1"
  shift
  : >"$work/log"
  (cd "$folder" && exec $clean "$@" 2>"$work/log") &
  server=$!
  port=
  for _ in $(seq 1800); do
    port="$(sed -n 's/.*http:\/\/127.0.0.1:\([0-9]*\).*/\1/p' "$work/log")"
    [ -z "$port" ] || return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.5
  done
  fail "the service did not start: $(cat "$work/log")"
}
stop() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
  server=
}
finish() {
  stop
  if [ $# -eq 0 ]; then chmod -R u+w "$work"; rm -rf "$work"; fi
}
trap 'finish "$@"' EXIT
say() { printf '%s\n' "$*" >&2; }
fail() { say "rehearse: $*"; exit 1; }
export PYTHON="${PYTHON:-python3}"
mkdir -p "$work/empty" "$work/home" "$work/tmp" "$work/data"
say "1. The wheel"
sh "$here/wheel.sh" "$work/dist"
say "2. The image that serves: without torch"
sh "$here/install.sh" "$work/api" "$work/dist"
if "$work/api/bin/python" -c 'import torch' 2>/dev/null; then fail "torch is in the image that serves"; fi
size="$(du -sk "$work/api" | cut -f1)"
say "   $((size / 1024)) MB"
[ "$size" -lt 409600 ] || fail "the base install has $((size / 1024)) MB; the limit is 400"
say "3. The image that builds: without torch too"
sh "$here/install.sh" "$work/index-image" "$work/dist" build
if "$work/index-image/bin/python" -c 'import torch' 2>/dev/null; then fail "torch is in the image that builds"; fi

# As non-root where that can be arranged: for root, a folder that it may not write to does not exist.
drop="setpriv --reuid=10001 --regid=10001 --clear-groups"
if [ "$(id -u)" = 0 ] && chmod 755 "$work" && $drop env "$work/api/bin/qa" --help >/dev/null 2>&1; then
  chown 10001 "$work/empty" "$work/home" "$work/tmp" "$work/data"
else
  drop=
  if [ "$(id -u)" = 0 ]; then say "   as root, since no other user may run $PYTHON"; fi
fi
clean="$drop env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME=$work/home TMPDIR=$work/tmp"
say "4. In an empty folder: the packaged corpus is indexed once, and served"
start "$work/empty" "$work/index-image/bin/qa" serve --port 0
grep -q "indexing the corpus that comes with Citewell" "$work/log" || fail "it was not said that the corpus is indexed"
stop
answer="$(cd "$work/empty" && $clean "$work/index-image/bin/qa" ask "Does magnesium help night leg cramps?" --top 1 2>&1)"
case "$answer" in *"indexing the corpus"*) fail "the packaged corpus was indexed twice" ;; esac
printf '%s\n' "$answer" | grep -q '^\[1\] Magnesium' || fail "no answer from the packaged corpus: $answer"

say "5. The index service, then the API on a read-only index"
$clean "$work/index-image/bin/qa" index "$here/../corpus" --index "$work/data/index"
chmod -R a-w "$work/data"
start "$work/empty" "$work/api/bin/qa" serve --index "$work/data/index" --port 0 --offline
"$work/api/bin/python" - "$port" <<'PYTHON'
import json, sys, urllib.request

base = f"http://127.0.0.1:{sys.argv[1]}"
assert urllib.request.urlopen(f"{base}/readyz", timeout=5).status == 200
body = json.dumps({"question": "Which muscle relaxants are used for painful spasm?"}).encode()
request = urllib.request.Request(f"{base}/v1/ask", body, {"content-type": "application/json"})
answer = json.load(urllib.request.urlopen(request, timeout=10))
assert answer["status"] == "answered", answer
assert "cyclobenzaprine" in answer["answer"], answer["answer"]
PYTHON
say "The image's steps work: installed, indexed, served and asked."
