"""A zip file is read within a budget, and what is wrong with one is said."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from qa.corpus import archive
from qa.corpus.archive import open_archive
from qa.errors import DocumentError


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return buffer.getvalue()


def unpacked(raw: bytes, name: str) -> bytes:
    return open_archive(raw, "a.epub", what="an EPUB").read(name)


def reason_of(raw: bytes, name: str = "") -> str:
    with pytest.raises(DocumentError) as caught:
        unpacked(raw, name)
    return caught.value.reason


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
def test_members_are_named_and_read(method: int) -> None:
    """Members are listed without folders and read whole."""
    opened = open_archive(packed({"a/": b"", "a/b.txt": b"oil" * 70_000}, method), "a.epub", what="an EPUB")
    assert opened.names() == {"a/b.txt"}
    assert opened.read("a/b.txt") == b"oil" * 70_000


@pytest.mark.parametrize("raw", [b"", b"no zip file", packed({"a": b"x" * 99})[:60]], ids=["empty", "text", "cut off"])
def test_what_is_no_zip_file_is_named(raw: bytes) -> None:
    """Bytes that are no zip file say what was expected."""
    assert reason_of(raw) == "it is not an EPUB, or it is damaged"


def test_a_missing_member_is_named() -> None:
    """A member that is not there is an error with its name."""
    assert reason_of(packed({"a": b"x"}), "b.xml") == "it lacks b.xml"


def test_a_damaged_member_is_named() -> None:
    """A member whose bytes were changed is an error with its name."""
    raw = packed({"a.txt": b"chain"}, zipfile.ZIP_STORED).replace(b"chain", b"chaim", 1)
    assert reason_of(raw, "a.txt") == "a.txt in it is damaged"


def test_an_encrypted_member_is_refused() -> None:
    """A member with the encryption flag is refused before anything is read."""
    raw = bytearray(packed({"a.txt": b"chain"}))
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    assert reason_of(bytes(raw)) == "it is encrypted"


def test_unusual_packing_is_refused() -> None:
    """Only the two methods that documents use are unpacked."""
    assert "unusual way" in reason_of(packed({"a.txt": b"chain"}, zipfile.ZIP_BZIP2))


def test_a_bomb_is_refused_by_its_ratio() -> None:
    """A large member packed to next to nothing is refused."""
    assert "unpacks to far more" in reason_of(packed({"a.txt": bytes(3_000_000)}))


def test_many_members_are_refused_by_their_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    """The members' declared sizes together have a limit."""
    monkeypatch.setattr(archive, "_MOST_BYTES", 100)
    assert "unpacks to far more" in reason_of(packed({"a": b"x" * 60, "b": b"y" * 60}))


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip file of countless members is refused before its directory is read."""
    monkeypatch.setattr(archive, "_MOST_MEMBERS", 3)
    assert reason_of(packed({str(number): b"" for number in range(4)})) == "it holds more than 3 files"


def test_reading_has_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read is counted, also when the same member is read again."""
    monkeypatch.setattr(archive, "_MOST_BYTES", 100)
    opened = open_archive(packed({"a": b"x" * 60}), "a.epub", what="an EPUB")
    opened.read("a")
    with pytest.raises(DocumentError, match="unpacks to far more"):
        opened.read("a")


def test_a_header_that_lies_gives_no_more_than_it_says() -> None:
    """A member that holds more than its header says is damaged, and is not unpacked to its end."""
    raw = bytearray(packed({"a.txt": b"x" * 500_000}))
    place = raw.index(b"PK\x01\x02") + 24
    raw[place : place + 4] = struct.pack("<I", 10)
    assert reason_of(bytes(raw), "a.txt") == "a.txt in it is damaged"
