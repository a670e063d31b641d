"""Run a command where every name resolves and every connection is answered, and say what the command tried.

Run by root, in network and mount namespaces of its own (``unshare --net --mount``):
``watching.py FOLDER SECONDS ASK COMMAND...``. FOLDER becomes the command's home. The command is ended SECONDS after it
printed that it is done or answers; if ASK is not empty, it is a service's port that is asked one question. Prints JSON: the names that were looked up, the
ports that were connected to, and the files that appeared in the home.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 1, 64
PORTS = (80, 443, 4317, 4318)


def raise_loopback() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP | IFF_RUNNING))


def resolve_here(folder: Path) -> None:
    """Make 127.0.0.1 the name server, for this mount namespace alone."""
    for name, text in (("resolv.conf", "nameserver 127.0.0.1\n"), ("nsswitch.conf", "hosts: files dns\n")):
        (folder / name).write_text(text, "utf-8")
        subprocess.run(["mount", "--bind", folder / name, Path("/etc", name).resolve()], check=True)


def answer_names(seen: list[str]) -> None:
    """Answer each query for an address with 127.0.0.1, and any other with no record."""
    server = socket.socket(type=socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def serve() -> None:
        while True:
            query, client = server.recvfrom(4096)
            labels, at = [], 12
            while query[at]:
                labels.append(query[at + 1 : at + 1 + query[at]].decode())
                at += 1 + query[at]
            question = query[12 : at + 5]
            seen.append(".".join(labels))
            found = question[-4:-2] == b"\0\1"
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if found else b""
            head = query[:2] + b"\x81\x80\0\1" + (b"\0\1" if found else b"\0\0") + b"\0\0\0\0"
            server.sendto(head + question + answer, client)

    threading.Thread(target=serve, daemon=True).start()


def accept(port: int, seen: list[int]) -> None:
    listener = socket.create_server(("127.0.0.1", port))

    def serve() -> None:
        while True:
            listener.accept()[0].close()
            seen.append(port)

    threading.Thread(target=serve, daemon=True).start()


def await_work(process: subprocess.Popen[bytes], output: Path) -> None:
    """Wait until the command's work is done, however busy the machine, or the command has ended."""
    deadline = time.monotonic() + 240
    while process.poll() is None and time.monotonic() < deadline:
        if re.search(rb"done|Citewell answers", output.read_bytes()):
            return
        time.sleep(0.1)


def ask(port: str) -> None:
    body = json.dumps({"question": "How often should a bicycle chain be oiled?"}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/ask", body, {"content-type": "application/json"})
    for _ in range(600):
        with suppress(OSError), urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - a loopback address
            assert json.load(response)["status"] == "answered"
            return
        time.sleep(0.1)
    raise TimeoutError("the service did not answer")


def main() -> None:
    folder, seconds, port, command = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3], sys.argv[4:]
    names: list[str] = []
    ports: list[int] = []
    raise_loopback()
    resolve_here(folder)
    answer_names(names)
    for each in PORTS:
        accept(each, ports)
    home = folder / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    await_work(process, folder / "output")
    if port:
        ask(port)
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
    files = sorted(path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file())
    output_text = (folder / "output").read_text("utf-8", "replace")[-2000:]
    found = {"names": sorted(set(names)), "ports": sorted(set(ports)), "files": files, "code": code}
    print(json.dumps({**found, "output": output_text}))  # noqa: T201 - its result


if __name__ == "__main__":
    main()
