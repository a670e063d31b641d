"""A level and a region in; whom to call out. Only numbers that were seen at a named source are in the data."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict, cast

from qa.safety.languages import ENGLISH, language
from qa.safety.rules import read_data
from qa.types import Contact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qa.types import SafetyLevel


class ContactRow(TypedDict):
    """A row of ``contacts.toml``. ``source`` is the page the number was seen on, ``checked`` the date it was put in."""

    regions: list[str]
    kind: Literal["emergency", "crisis", "poison", "generic"]
    name: str
    phone: NotRequired[str]
    url: NotRequired[str]
    source: str
    checked: str


_Table = tuple[tuple[str, Contact], ...]


def load_rows() -> list[ContactRow]:
    """Return the rows of the packaged file, in its order."""
    rows = cast("dict[str, list[ContactRow]]", tomllib.loads(read_data("contacts.toml")))
    return rows["contact"]


@cache
def _by_region() -> Mapping[str | None, _Table]:
    table: dict[str | None, list[tuple[str, Contact]]] = {}
    for row in load_rows():
        for region in row["regions"] or (None,):
            contact = Contact(name=row["name"], phone=row.get("phone"), url=row.get("url"), region=region)
            table.setdefault(region, []).append((row["kind"], contact))
    return {region: tuple(contacts) for region, contacts in table.items()}


def contacts_for(level: SafetyLevel, region: str | None, lang: str = ENGLISH) -> tuple[Contact, ...]:
    """Return whom to call in ``region`` (ISO 3166-1 alpha-2), the first to call first.

    Nobody for the level ``none``. For an emergency the emergency number, then further lines; for a crisis
    the crisis line, then the emergency number. The generic line stands in for an emergency number that is
    not known, so there is always one. ``lang`` chooses the words for it, never the number.
    """
    if level == "none":
        return ()
    table = _by_region()
    local = table.get(region.upper(), ()) if region is not None else ()
    generic = () if any(kind == "emergency" for kind, _ in local) else table[None]
    # The sort keeps the file's order within a kind.
    order = ("crisis", "emergency", "generic") if level == "crisis" else ("emergency", "generic", "poison")
    ranked = sorted((entry for entry in local + generic if entry[0] in order), key=lambda entry: order.index(entry[0]))
    return tuple(_named(kind, contact, lang) for kind, contact in ranked)


def _named(kind: str, contact: Contact, lang: str) -> Contact:
    names = {"emergency": "services", "generic": "generic"}
    if lang == ENGLISH or kind not in names:
        return contact
    return replace(contact, name=language(lang).texts[names[kind]])
