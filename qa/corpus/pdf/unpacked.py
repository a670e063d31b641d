"""The bytes of a PDF -> a refusal where pdfium would unpack them to far more than a document holds.

pdfium reads all forms of a page at once, and ends the process where memory ends. So what it would unpack is measured
first: how large the streams are, and how many forms each page shows, those within forms included. What is encrypted or
written in a way that no program writes stays unmeasured here.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from qa.errors import DocumentError

_MOST_BYTES = 100_000_000  # of one stream, images aside
_MOST_IN_ALL = 400_000_000
_MOST_LZW = 2_000_000  # packed; it may unpack to a thousand times as much
_MOST_FORMS = 20_000  # on one page; each takes pdfium about 34 kB
_MOST_STEPS = 1_000_000
_DEEPEST = 40  # pdfium shows no form deeper than that, though it may show a form within itself
_MOST_NAMES = 10_000
_CHUNK = 1 << 20
_PACKERS = frozenset([b"FlateDecode", b"Fl", b"LZWDecode", b"LZW", b"RunLengthDecode", b"RL"])

_OBJECT = re.compile(rb"(?<!\d)(\d{1,10})[\s\0]{1,20}\d{1,5}[\s\0]{1,20}obj\b")
_STREAM = re.compile(rb"stream\r?\n?|endobj")
_LENGTH = re.compile(rb"/Length\s{0,20}(\d{1,10})(?!\s{1,20}\d{1,5}\s{1,20}R)")
_FILTER = re.compile(rb"/Filter\s{0,20}(\[[^\]]{0,400}\]|/[^\s/<>\[\]()]{1,40})")
_NAME = re.compile(rb"/([^\s/<>\[\]()]{1,40})")
_KIND = re.compile(rb"/Subtype\s{0,20}/(\w{1,20})")
_PACKED_OBJECTS = re.compile(rb"/Type\s{0,20}/ObjStm\b")
_PAGE = re.compile(rb"/Type\s{0,20}/Page(?!\w)")
_REF = re.compile(rb"(\d{1,10})\s{1,20}\d{1,5}\s{1,20}R\b")
_NAMED_REF = re.compile(rb"/([^\s/<>\[\]()]{1,127})\s{0,20}(\d{1,10})\s{1,20}\d{1,5}\s{1,20}R\b")
_CALL = re.compile(rb"/([^\s/<>\[\]()]{1,127})\s{1,20}Do\b")
_REMEDY = "Print it to a new PDF from a viewer, or get the text from where it was published"

Forms = Mapping[bytes, int]


@dataclass(slots=True)
class _File:
    """The objects of a file by number: what each says, and how often its stream shows something by its name."""

    path: str
    texts: dict[int, bytes] = field(default_factory=dict)
    calls: dict[int, Counter[bytes]] = field(default_factory=dict)
    unpacked: int = 0


def check_unpacked(raw: bytes, path: str) -> None:
    """Measure what a file unpacks to.

    :param raw: the whole file.
    :param path: to name the file by in an error.
    :raises DocumentError: when a stream or a page unpacks to too much.
    """
    file = _File(path)
    until = 0
    for found in _OBJECT.finditer(raw):
        if found.start() >= until:
            until = _take(file, raw, int(found[1]), found.end())
    counter = _Counter(file)
    for number, text in file.texts.items():
        if _PAGE.search(text) and counter.on_page(number) > _MOST_FORMS:
            raise DocumentError(path, f"a page in it shows more than {_MOST_FORMS:,} forms within forms", _REMEDY)


# --- streams --------------------------------------------------------------------------------------


def _take(file: _File, raw: bytes, number: int, start: int) -> int:
    """Take up an object that starts at an offset, and return where it ends."""
    found = _STREAM.search(raw, start)
    if found is None or found[0] == b"endobj":
        end = found.start() if found else len(raw)
        file.texts[number] = raw[start:end]
        return end
    text = raw[start : found.start()]
    told = _LENGTH.search(text)
    end = found.end() + int(told[1]) if told else 0
    if not end or not raw[end : end + 20].lstrip().startswith(b"endstream"):
        end = raw.find(b"endstream", found.end())
        end = len(raw) if end < 0 else end
    file.texts[number] = text
    kind = _KIND.search(text)
    if kind is None or kind[1] != b"Image":
        _stream(file, number, text, memoryview(raw)[found.end() : end])
    return end


def _stream(file: _File, number: int, text: bytes, packed: memoryview) -> None:
    """Count what a stream unpacks to, and what it shows; or take up the objects that are packed into it."""
    calls: Counter[bytes] = Counter()
    kept: list[bytes] = []
    holds_objects = _PACKED_OBJECTS.search(text) is not None
    for piece in _pieces(file, text, packed):
        if holds_objects:
            kept.append(piece)
        else:
            for name in _CALL.findall(piece):
                calls[name if name in calls or len(calls) < _MOST_NAMES else b""] += 1
    if calls:
        file.calls[number] = calls
    if holds_objects:
        file.texts.update(_objects(text, b"".join(kept)))


def _pieces(file: _File, text: bytes, packed: memoryview) -> Iterator[bytes]:
    """Unpack a stream, a piece at a time."""
    found = _FILTER.search(text)
    filters = _NAME.findall(found[1]) if found else []
    packers = [name for name in filters if name in _PACKERS]
    if len(packers) > 1:
        raise DocumentError(file.path, "a stream in it is packed twice, and unpacks to any size", _REMEDY)
    if packers[:1] in ([b"LZWDecode"], [b"LZW"]) and len(packed) > _MOST_LZW:
        raise _too_large(file.path)
    source = _plain(packed, filters)
    pieces = _inflated(source) if packers[:1] in ([b"FlateDecode"], [b"Fl"]) else iter([bytes(source)])
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > _MOST_BYTES or file.unpacked + size > _MOST_IN_ALL:
            raise _too_large(file.path)
        yield piece
    file.unpacked += size


def _plain(packed: memoryview, filters: list[bytes]) -> bytes | memoryview:
    """Undo the filter that writes bytes as letters; what is broken counts as nothing."""
    try:
        if filters[:1] in ([b"ASCII85Decode"], [b"A85"]):
            return base64.a85decode(
                bytes(packed).strip().removeprefix(b"<~").removesuffix(b"~>"), ignorechars=b" \t\n\r\v\0\f"
            )
        if filters[:1] in ([b"ASCIIHexDecode"], [b"AHx"]):
            digits = b"".join(bytes(packed).partition(b">")[0].split())
            return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
    except ValueError:
        return b""
    return packed


def _inflated(source: bytes | memoryview) -> Iterator[bytes]:
    """Inflate as far as the stream is whole."""
    unpacker = zlib.decompressobj()
    left: bytes | memoryview = source
    try:
        while len(left) and not unpacker.eof:
            piece = unpacker.decompress(left, _CHUNK)
            left = unpacker.unconsumed_tail
            if piece:
                yield piece
    except zlib.error:
        return


def _too_large(path: str) -> DocumentError:
    return DocumentError(path, "a stream in it unpacks to far more than a document holds", _REMEDY)


def _objects(text: bytes, packed: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the objects that a stream holds: their numbers and places come first."""
    first = re.search(rb"/First\s{0,20}(\d{1,10})", text)
    start = int(first[1]) if first else 0
    numbers = [int(digits) for digits in packed[:start].split() if digits.isdigit() and len(digits) <= 10]  # noqa: PLR2004
    places = [*(start + place for place in numbers[1::2]), len(packed)]
    for number, place, end in zip(numbers[::2], places, places[1:], strict=False):
        yield number, packed[place:end]


# --- forms ----------------------------------------------------------------------------------------


class _Counter:
    """Counts the forms that a page shows."""

    def __init__(self, file: _File) -> None:
        self.file = file
        self.known: dict[tuple[int, int], int] = {}
        self.resources: dict[int, Forms] = {}
        self.steps = 0

    def on_page(self, number: int) -> int:
        """Return how many forms a page shows, as far as they matter."""
        contents = [at for at in _refs(self.file.texts[number], rb"/Contents") for at in self._streams(at)]
        forms = self._forms(number)
        return sum(self._shown(at, forms, 0) for at in contents)

    def _streams(self, number: int) -> list[int]:
        """Return the streams that a reference to a page's contents means: itself, or those of a list."""
        if number in self.file.calls:
            return [number]
        return [int(at) for at in _REF.findall(self.file.texts.get(number, b"")[:_CHUNK])]

    def _shown(self, number: int, forms: Forms, depth: int) -> int:
        """Return how many forms a stream shows."""
        if depth > _DEEPEST or number not in self.file.calls:
            return 0
        key = (number, depth)
        if key not in self.known:
            self.known[key] = self._sum(number, self._forms(number) or forms if depth else forms, depth)
        return self.known[key]

    def _sum(self, number: int, forms: Forms, depth: int) -> int:
        """Add up what a stream shows by name; one of too many names to tell apart may be the largest of all."""
        total = 0
        for name, times in self.file.calls[number].items():
            targets = [forms[name]] if name in forms else [] if name else list(forms.values())[:_MOST_NAMES]
            self.steps += 1 + len(targets)
            if self.steps > _MOST_STEPS or total > _MOST_FORMS:
                return _MOST_FORMS + 1
            total += times * max((self._one(at, forms, depth) for at in targets), default=0)
        return total

    def _one(self, number: int, forms: Forms, depth: int) -> int:
        """Count a form and those within; a picture is none."""
        kind = _KIND.search(self.file.texts.get(number, b""))
        return 1 + self._shown(number, forms, depth + 1) if kind and kind[1] == b"Form" else 0

    def _forms(self, number: int) -> Forms:
        """Return what a page or a form can show, by name: of its own resources, or those of the page tree above."""
        if number not in self.resources:
            self.resources[number] = {}
            self.resources[number] = self._named(number)
        return self.resources[number]

    def _named(self, number: int) -> Forms:
        texts, at = [], number
        for _ in range(_DEEPEST):
            text = self.file.texts.get(at, b"")
            if b"/Resources" in text:
                texts = [text, *(self.file.texts.get(ref, b"") for ref in _refs(text, rb"/Resources"))]
                break
            parents = _refs(text, rb"/Parent")
            if not parents:
                break
            at = parents[0]
        texts += [self.file.texts.get(ref, b"") for text in texts for ref in _refs(text, rb"/XObject")]
        return {name: int(ref) for text in texts for name, ref in _NAMED_REF.findall(text)}


def _refs(text: bytes, key: bytes) -> list[int]:
    """Return the objects that the value of a key refers to: one, or those of a list."""
    found = re.search(key + rb"\s{0,20}(\[[^\]]*\]|\d{1,10}\s{1,20}\d{1,5}\s{1,20}R)", text)
    return [int(at) for at in _REF.findall(found[1])] if found else []
