"""The properties of a Word file -> what is known of the document: title, date, publisher, licence."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from qa.corpus.annotate import Facts
from qa.corpus.docx.package import Package
from qa.corpus.docx.xml import Element

# What programs write where nobody gave a title, and titles that are the name of a file.
_NO_TITLE = re.compile(
    r"(?:word |microsoft word |new |neues |nouveau )?(?:document|dokument|documento|untitled|unbenannt|ohne titel|sans titre|"
    r"sin título|template|vorlage|title|titel|titre|título)[\s_-]*\d*|(?:microsoft word|powerpoint presentation)\b.*|"
    r"\S+\.(?:docx?|dotx?|dotm|odt|rtf|indd|pdf|html?|txt)",
    re.IGNORECASE,
)
_VENDORS = re.compile(
    r"(?:microsoft|hewlett[- ]?packard|hp|dell|lenovo|acer|asus|toshiba|sony|samsung|apple|ibm|gateway|compaq|home|private|"
    r"personal|company|your company(?: name)?|company name|organi[sz]ation|unknown|none|n/?a|grizli777|.*repack.*|-+)"
    r"(?:[ ,]+(?:corp(?:oration)?|inc|company|computer|limited|ltd)\.?)*",
    re.IGNORECASE,
)
_LICENCES = frozenset(["rights", "licence", "license", "copyright"])
_LONGEST = 200
_TEMPLATE_YEAR = 2013
_WORD = re.compile(r"\w{3,}")


def facts_of(package: Package, facts: Facts, *, text: str, visible_title: str | None) -> Facts:
    """Add what the file's properties say.

    :param package: the file's parts.
    :param facts: what is known so far.
    :param text: the document's, as a title left over from another document shares no word with it.
    :param visible_title: the paragraph that is styled as the title.
    """
    title = _simple(_named(package.core, "title"))
    return replace(
        facts,
        title=facts.title or (title if title and _is_title(title, text) else visible_title),
        date=facts.date or _date(package.core),
        publisher=facts.publisher or _publisher(package.extended),
        licence=facts.licence or _licence(package.custom),
    )


def _simple(text: str | None) -> str | None:
    """Return a text on one line, or None where it is empty or far too long."""
    bare = " ".join((text or "").split())
    return bare if 0 < len(bare) <= _LONGEST else None


def _is_title(title: str, text: str) -> bool:
    if _NO_TITLE.fullmatch(title) or not any(character.isalpha() for character in title):
        return False
    words = _WORD.findall(title.casefold())
    folded = text.casefold()
    return not words or any(word in folded for word in words)


def _date(core: Element | None) -> str | None:
    """Return the day of the last change, but not that of python-docx's template."""
    stamps = [_named(core, name) for name in ("modified", "created")]
    day = next((day for stamp in stamps if (day := _day(stamp)) is not None), None)
    if day is None or ("python-docx" in (_named(core, "description") or "") and day.year == _TEMPLATE_YEAR):
        return None
    return str(day)


def _day(stamp: str | None) -> dt.date | None:
    """Return the day of a time stamp in UTC, or None where it is no whole date."""
    try:
        time = dt.datetime.fromisoformat((stamp or "").strip())
        return (time.astimezone(dt.UTC) if time.tzinfo else time).date()
    except (ValueError, OverflowError):
        return None


def _publisher(extended: Element | None) -> str | None:
    company = _simple(_named(extended, "Company"))
    return None if company is None or _VENDORS.fullmatch(company) else company


def _licence(custom: Element | None) -> str | None:
    for each in custom if custom is not None else ():
        if (each.get("name") or "").casefold() in _LICENCES and len(each):
            return _simple(each[0].text)
    return None


def _named(root: Element | None, name: str) -> str | None:
    found: Element | None = next(root.iter(f"{{*}}{name}"), None) if root is not None else None
    text: str | None = found.text if found is not None else None
    return text
