"""Only addresses of the web and of mailboxes are kept, whatever format they are read from."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from test_docx import package
from test_epub import book

from qa.corpus import read_corpus
from qa.types import Document, Reference
from qa.types.addresses import web_address

GOOD = ["https://example.org/a?b=c#d", "HTTP://Example.org", "mailto:desk@example.org", "https://de.example.org/Öl"]
BAD = [
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "java\x00script:alert(1)",
    "javascript&colon;alert(1)",
    "&#106;avascript:alert(1)",
    "javascript://example.org/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://example.org/1",
    "ftp://example.org/a",
    "//example.org/a",
    "/a",
    "a.html",
    "#a",
    "https:example.org",
    "https:///a",
    "https:\\\\example.org",
    "https://example.org/a b",
    "https://example.org/\u202egpj.exe",
    "https://exam\u200bple.org/",
    "https://example.org/\x1b[2J",
    'https://example.org/"onclick=',
    "https://[a",
    "mailto:",
    "mailto:@",
    f"https://example.org/{'a' * 2_000}",
]


@pytest.mark.parametrize("address", GOOD)
def test_an_address_of_the_web_is_kept(address: str) -> None:
    """It stays as it was written, but for white space around it."""
    assert web_address(f" {address}\n") == address


@pytest.mark.parametrize("address", ["", " ", *BAD], ids=repr)
def test_any_other_is_none(address: str) -> None:
    """Whatever runs something, reads a file, is disguised or has no host."""
    assert web_address(address) is None
    assert Reference(number=1, title="A", url=address).url is None
    assert Document(id="a", title="A", text="", hash="", url=address).url is None


@given(st.text())
def test_what_is_kept_starts_with_its_scheme(text: str) -> None:
    """No text at all turns into an address that a browser reads as another scheme."""
    for candidate in (text, f"https://{text}", f"mailto:{text}"):
        found = web_address(candidate)
        assert found is None or found.lower().startswith(("http://", "https://", "mailto:"))
        assert found is None or not any(
            character.isspace() or unicodedata.category(character) == "Cc" for character in found
        )


def front(address: str) -> str:
    quoted = json.dumps(address)
    return f"---\ntitle: A\nurl: {quoted}\nreferences:\n  - {{number: 1, title: B, url: {quoted}}}\n---\n\n# A\n\nOil it [1].\n"


def markup(address: str) -> str:
    shown = "".join(f"&#{ord(character)};" for character in address)
    return (
        f'<html><head><link rel="canonical" href="{shown}"><meta property="og:url" content="{shown}"></head><body><h1>A</h1>'
        f'<p>Oil it [1].</p><h2>References</h2><ol><li><a href="{shown}">B</a></li></ol></body></html>'
    )


def word(address: str) -> bytes:
    shown = "".join(f"&#{ord(character)};" for character in address)
    link = '<w:p><w:r><w:t>1. </w:t></w:r><w:hyperlink r:id="l"><w:r><w:t>B by C. 2020.</w:t></w:r></w:hyperlink></w:p>'
    heading = '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>References</w:t></w:r></w:p>'
    return package(f"<w:p><w:r><w:t>Oil it [1].</w:t></w:r></w:p>{heading}{link}", links={"l": shown})


def volume(address: str) -> bytes:
    shown = "".join(f"&#{ord(character)};" for character in address)
    metadata = f"<dc:title>A</dc:title><dc:identifier>{shown}</dc:identifier><dc:source>{shown}</dc:source>"
    return book({"a.xhtml": f'<h1>A</h1><p>Oil it.</p><p><a href="{shown}">B</a></p>'}, metadata=metadata)


WRITERS = {
    "a.md": front,
    "a.txt": lambda address: f"A\n\nOil it [1].\n\nReferences\n\n1. B. {address}\n",
    "a.html": markup,
    "a.jsonl": lambda address: json.dumps({"title": "A", "text": "Oil it.", "url": address}),
    "a.docx": word,
    "a.epub": volume,
}
# XML cannot hold the others at all, and a text with NUL is none.
PLAIN = [
    address for address in BAD if not any(ord(character) < ord("\t") or character == "\x1b" for character in address)
]


@pytest.mark.parametrize("name", WRITERS)
def test_no_format_lets_one_through(name: str, tmp_path: Path) -> None:
    """The document and its references have no address where the file names another kind of one."""
    for address in PLAIN if name in {"a.txt", "a.docx", "a.epub"} else BAD:
        written = WRITERS[name](address)
        (tmp_path / name).write_bytes(written if isinstance(written, bytes) else written.encode())
        read = read_corpus(tmp_path)
        assert read.rejected == ()
        for document in read.documents:
            found = [document.url, *(reference.url for reference in document.references)]
            assert [url for url in found if url is not None and url.strip() == address.strip()] == []
            assert [url for url in found if url != web_address(url)] == []


@pytest.mark.parametrize("name", ["a.md", "a.html", "a.jsonl", "a.epub"])
def test_every_format_keeps_a_good_one(name: str, tmp_path: Path) -> None:
    """The files above do name the address of their document."""
    written = WRITERS[name](GOOD[0])
    (tmp_path / name).write_bytes(written if isinstance(written, bytes) else written.encode())
    (document,) = read_corpus(tmp_path).documents
    assert document.url == GOOD[0]


def test_an_index_made_elsewhere_brings_none() -> None:
    """What is read from a stored document is judged again."""
    adapter = TypeAdapter(Document)
    reference = Reference(number=1, title="B", url=GOOD[0])
    stored = adapter.dump_json(Document(id="a", title="A", text="", hash="", url=GOOD[0], references=(reference,)))
    read = adapter.validate_json(stored.replace(GOOD[0].encode(), b"javascript:alert(1)"))
    assert (read.url, read.references) == (None, (replace(reference, url=None),))
