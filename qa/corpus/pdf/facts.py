"""What a PDF says of itself, and the title on its first page -> the facts of the document."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from qa.corpus.annotate import Facts
from qa.corpus.pdf.outline import bare

_DATE = re.compile(r"(?:D:)?(?P<year>(?:19|20)\d\d)-?(?P<month>0[1-9]|1[0-2])-?(?P<day>0[1-9]|[12]\d|3[01])")
_NO_TITLE = re.compile(
    r"microsoft \w+ - .*|.*\.(?:docx?|pdf|tex|dvi|indd|qxd|odt|pptx?|xlsx?|rtf|html?|txt|ps|eps|cdr|fm|ai)|"
    r"untitled.*|unbenannt.*|document ?\d*|slide \d+|powerpoint.*|title|no title|print|[\W\d_]*|[\w-]{0,3}|"
    r"[\w-]*\d{3,}[\w.-]*|(?:https?|file)://.*|\(anonymous\)|[^\s]*[_/\\][^\s]*",
    re.IGNORECASE,
)
_XMP = re.compile(rb"<dc:publisher>.{0,200}?<rdf:li[^>]{0,200}>([^<]{1,200})</rdf:li>", re.DOTALL)
_LONGEST = 300


def facts_of(facts: Facts, *, metadata: dict[str, str], raw: bytes, title: str | None, first_page: str) -> Facts:
    """Add to what is known of a document.

    :param facts: what is known; it is kept.
    :param metadata: what the file says of itself.
    :param raw: the whole file, whose XMP packet may name a publisher.
    :param title: the one that stands on the page.
    :param first_page: the text of the first page.
    """
    given = " ".join(metadata.get("Title", "").split())
    sane = bool(given) and len(given) <= _LONGEST and _NO_TITLE.fullmatch(given) is None
    shown = sane and bool(bare(given)) and bare(given) in bare(first_page)
    return replace(
        facts,
        title=facts.title or (given if shown else title or (given if sane else None)),
        date=facts.date or _date(metadata.get("CreationDate", "")),
        publisher=facts.publisher or _publisher(raw),
    )


def _date(text: str) -> str | None:
    found = _DATE.match(text)
    return f"{found['year']}-{found['month']}-{found['day']}" if found else None


def _publisher(raw: bytes) -> str | None:
    """Return the publisher that an uncompressed XMP packet names."""
    found = _XMP.search(raw)
    return html.unescape(found[1].decode("utf-8", "replace")).strip() or None if found else None
