"""The bytes of a Word file -> its parts. The only home of python-docx.

python-docx opens every part that any relationship names, and gives up at the first that is missing or odd. So it gets
a zip made anew: of the XML alone, checked, and of the relationships that are read.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath
from typing import Any

import docx
from docx.opc.part import Part

from qa.corpus.archive import Archive, open_archive
from qa.corpus.docx.xml import Element, parse, serialise
from qa.errors import DocumentError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DTD = re.compile(rb"<!DOCTYPE|<\0!\0D\0O\0C\0|\0<\0!\0D\0O\0C", re.IGNORECASE)
_TYPES = "[Content_Types].xml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_READ = frozenset(
    [
        "officeDocument",
        "core-properties",
        "extended-properties",
        "custom-properties",
        "hyperlink",
        "styles",
        "numbering",
        "footnotes",
        "endnotes",
    ]
)
_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
# A template and a document with macros hold the same text under another type.
_OTHER_MAIN = re.compile(
    rb"application/vnd\.(?:ms-word\.(?:document|template)\.macroEnabled(?:Template)?|openxmlformats-officedocument\."
    rb"wordprocessingml\.template)\.main\+xml"
)
_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAME = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_RENAMED = {b"extendedProperties": b"extended-properties", b"customProperties": b"custom-properties"}
_REMEDY = "Open it in Word or LibreOffice and save it as .docx again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A part that holds text, and the addresses that its links name by id."""

    root: Element
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The parts of a Word file that are read; None where it has no such part."""

    body: Element
    links: Mapping[str, str]
    styles: Element | None
    numbering: Element | None
    footnotes: Story | None
    endnotes: Story | None
    core: Element | None
    extended: Element | None
    custom: Element | None


def open_package(raw: bytes, path: str) -> Package:
    """Open a Word file from memory.

    :param raw: the whole file.
    :param path: to name the file by in an error.
    :raises DocumentError: when it is protected, damaged, or no Word file.
    """
    if raw.startswith(_OLE):
        reason = "it is protected with a password, or an old .doc under a new name"
        raise DocumentError(path, reason, "Open it in Word or LibreOffice and save it as .docx without a password")
    lean = _lean(open_archive(raw, path, what="a Word document (.docx)"), path)
    try:
        document = docx.Document(io.BytesIO(lean))
        return _parts(document)
    except (KeyError, ValueError, AttributeError, TypeError, SyntaxError) as error:
        reason = (
            "it is no Word document" if "not a Word file" in str(error) else "it is damaged, or lacks its main part"
        )
        raise DocumentError(path, reason, _REMEDY) from error


def _parts(document: Any) -> Package:
    """Collect the parts that are read."""
    part = document.part
    if document.element.body is None:
        raise ValueError("it has no body")
    package = part.package
    related = {name: _related(part, _RELATIONS + name) for name in ("styles", "numbering", "footnotes", "endnotes")}
    named = {name: _related(package, f"{_RELATIONS}{name}-properties") for name in ("extended", "custom")}
    return Package(
        body=document.element.body,
        links=_links(part),
        styles=_root(related["styles"]),
        numbering=_root(related["numbering"]),
        footnotes=_story(related["footnotes"]),
        endnotes=_story(related["endnotes"]),
        core=_root(_related(package, _CORE)),
        extended=_root(named["extended"]),
        custom=_root(named["custom"]),
    )


def _related(source: Any, kind: str) -> Part | None:
    """Return the part that a relationship of a kind leads to."""
    return next((each.target_part for each in source.rels.values() if each.reltype == kind), None)


def _links(part: Part) -> dict[str, str]:
    return {id_: relation.target_ref for id_, relation in part.rels.items() if relation.is_external}


def _root(part: Any) -> Element | None:
    if part is None:
        return None
    root: Element = part.element if hasattr(part, "element") else parse(part.blob)
    return root


def _story(part: Part | None) -> Story | None:
    root = _root(part)
    return None if part is None or root is None else Story(root=root, links=_links(part))


# --- the zip made anew ----------------------------------------------------------------------------


def _lean(archive: Archive, path: str) -> bytes:
    """Copy the XML of a package, without relationships that lead nowhere or to what is not read."""
    names = frozenset(name for name in archive.names() if name.endswith((".xml", ".rels")))
    if _TYPES not in names:
        raise DocumentError(path, "it is no Word document", _REMEDY)
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as target:
        for name in sorted(names):
            target.writestr(name, _checked(name, archive.read(name), names, path))
    return copy.getvalue()


def _checked(name: str, part: bytes, names: frozenset[str], path: str) -> bytes:
    """Return a part as python-docx understands it."""
    if _DTD.search(part):
        raise DocumentError(path, f"{name} in it declares entities, which no Word document does", _REMEDY)
    if _STRICT in part:
        part = _transitional(part)
    if name == _TYPES:
        return _OTHER_MAIN.sub(_MAIN, part)
    if name.endswith(".rels"):
        try:
            return _relations(name, part, names)
        except ValueError as error:
            raise DocumentError(path, f"{name} in it is damaged", _REMEDY) from error
    return part


def _transitional(part: bytes) -> bytes:
    """Translate the names of the strict variety of the format to the usual ones."""
    for strict, usual in _RENAMED.items():
        part = part.replace(strict, usual)
    return _STRICT_NAME.sub(rb"http://schemas.openxmlformats.org/\1/2006/", part)


def _relations(name: str, part: bytes, names: frozenset[str]) -> bytes:
    """Drop the relationships that lead to a part that is not there or not read."""
    root = parse(part)
    folder = dirname(dirname(name))
    for relation in list(root):
        if not _is_kept(relation, folder, names):
            root.remove(relation)
    return serialise(root)


def _is_kept(relation: Element, folder: str, names: frozenset[str]) -> bool:
    target = relation.get("Target")
    if target is None or relation.get("Type", "").rpartition("/")[2] not in _READ:
        return False
    return relation.get("TargetMode") == "External" or normpath(join("/", folder, target)).lstrip("/") in names
