"""Paths and ids -> URL-safe document ids, stable and without collisions."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import replace
from pathlib import PurePosixPath

from qa.types import Document

_UNSAFE = re.compile(r"[^a-z0-9_.]+")
_DIGEST = 8
_LONGEST = 150


def slug(name: str) -> str:
    """Turn a name to lower-case ASCII letters, digits, ``-``, ``_`` and ``.``.

    Letters without a plain ASCII form are dropped, and a digest of the name keeps such slugs apart.

    :param name: an id, or one part of a path.
    """
    plain = unicodedata.normalize("NFKD", name).replace("ß", "ss")
    bare = "".join(character for character in plain if not unicodedata.combining(character)).lower()
    safe = _UNSAFE.sub("-", bare).strip("-.")
    lost = any(character.isalnum() and not character.isascii() for character in bare)
    if safe and not lost and len(safe) <= _LONGEST:
        return safe
    digest = hashlib.sha256(unicodedata.normalize("NFC", name).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return f"{safe[:_LONGEST].strip('-.')}-{digest}".strip("-.")


def path_slug(path: PurePosixPath) -> str:
    """Turn a path within the corpus to an id: its parts joined by ``--``, without the extension.

    :param path: relative to the corpus.
    """
    return "--".join(slug(part) for part in (*path.parts[:-1], path.stem))


def unique(wanted: str, extension: str, taken: set[str]) -> str:
    """Return ``wanted``, or where it is taken, the same with the extension or a number, and note it as taken.

    :param wanted: a slug.
    :param extension: what tells ``guide.md`` from ``guide.txt``; may be empty.
    :param taken: the ids given so far; changed.
    """
    candidate = wanted
    if candidate in taken and extension:
        candidate = f"{wanted}-{extension}"
    base, number = candidate, 2
    while candidate in taken:
        candidate = f"{base}-{number}"
        number += 1
    taken.add(candidate)
    return candidate


def with_own_id(document: Document, extension: str, taken: set[str]) -> Document:
    """Return the document under the id that it asks for, or where that is taken, under another one.

    :param extension: as for ``unique``.
    :param taken: the ids given so far; changed.
    """
    given = unique(document.id, extension, taken)
    return document if given == document.id else replace(document, id=given)


def prettified(name: str) -> str:
    """Turn a file's stem to a title: ``leg_cramps-at-night`` reads "Leg cramps at night".

    :param name: a file name without its extension.
    """
    words = " ".join(re.sub(r"[_\s-]+", " ", name).split())
    return words[:1].upper() + words[1:] if words else name
