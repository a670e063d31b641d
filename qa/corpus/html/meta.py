"""A page's head and its structured data -> what it says of itself: title, address, publisher, date and licence."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urljoin, urlsplit

from qa.corpus.annotate import Facts
from qa.corpus.html.tree import Element, attribute, name_of, parents, plain

_DATE = re.compile(r"\s*((?:19|20)\d\d)(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?(?![\d/-])")
_SITE = re.compile(r"\s+[|·•»–—-]\s+|\s*::\s*|\s+\|\s*")
_LONGEST = 500
_MOST_NODES = 1000
_DATES = (
    "article:published_time",
    "citation_publication_date",
    "citation_date",
    "dcterms.date",
    "dc.date",
    "datepublished",
    "date",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The page's own statements, by their names in small letters."""

    metas: Mapping[str, str]
    nodes: Sequence[Mapping[object, object]]
    title: str

    def first(self, *names: str) -> str | None:
        """Return the first of the named statements that the page makes."""
        return next((self.metas[name] for name in names if name in self.metas), None)

    def node(self, *keys: str) -> str | None:
        """Return the first value of a key in the structured data, of an earlier key before that of a later one."""
        values = (_text(node.get(key)) for key in keys for node in self.nodes)
        return next((value for value in values if value), None)


def with_facts(root: Element, facts: Facts, headings: Sequence[tuple[int, str]]) -> Facts:
    """Add to what is known of a document what its page says.

    :param root: of the page.
    :param facts: what is known so far; it stays where it says something.
    :param headings: the level and the title of each that is shown.
    """
    head = _head(root)
    url = _url(root, head)
    publisher = head.first("og:site_name", "citation_publisher") or head.node("publisher")
    return replace(
        facts,
        title=facts.title or _title(head, headings, _sites(head, publisher, url)),
        url=facts.url or url,
        publisher=facts.publisher
        or publisher
        or head.first("dc.publisher", "dcterms.publisher", "author", "dc.creator"),
        date=facts.date or _date(root, head),
        licence=facts.licence or _licence(root, head),
    )


def _head(root: Element) -> _Head:
    metas: dict[str, str] = {}
    for meta in root.iter("meta"):
        content = _clean(meta.get("content"))
        for key in ("property", "name", "itemprop"):
            if content and (name := attribute(meta, key)):
                metas.setdefault(name, content)
    # A drawing's title is its own.
    titles = (title for title in root.iter("title") if not any(name_of(parent) == "svg" for parent in parents(title)))
    title = next(titles, None)
    return _Head(
        metas=metas, nodes=list(islice(_nodes(root), _MOST_NODES)), title=_content(title) if title is not None else ""
    )


def _clean(value: object) -> str:
    """Return a text on one line, and nothing for one that is no statement but a page."""
    text = " ".join(str(value or "").encode("utf-8", "ignore").decode().split())
    return text if len(text) <= _LONGEST else ""


def _content(element: Element) -> str:
    return _clean("".join(str(text) for text in element.itertext()))


# --- structured data ------------------------------------------------------------------------------


def _nodes(root: Element) -> Iterator[Mapping[object, object]]:
    """Walk through the outermost nodes of the page's JSON-LD; what is broken says nothing."""
    for script in root.iter("script"):
        if attribute(script, "type") != "application/ld+json":
            continue
        try:
            found: object = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for entry in found if isinstance(found, list) else [found]:
            if isinstance(entry, dict):
                yield entry
                graph = entry.get("@graph")
                yield from (node for node in graph if isinstance(node, dict)) if isinstance(graph, list) else ()


def _text(value: object) -> str | None:
    """Return a value of the structured data as a text: a thing by its name."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name")
    return _clean(value) or None if isinstance(value, str) else None


# --- single facts ---------------------------------------------------------------------------------


def _title(head: _Head, headings: Sequence[tuple[int, str]], sites: frozenset[str]) -> str | None:
    """Return the only first-level heading, else what the head says, without the name of the site."""
    top = [title for level, title in headings if level == 1 and title]
    titles = frozenset(plain(title) for _, title in headings)
    if len(top) == 1 and plain(top[0]) != site_in(head.title, titles):
        return top[0]
    said = head.first("citation_title", "og:title")
    return _without_site(said or head.title, sites, titles) or None


def _without_site(title: str, sites: frozenset[str], headings: frozenset[str]) -> str:
    """Cut the site's name off a title: the last part, where it is known or the rest is a heading."""
    for cut in reversed(list(_SITE.finditer(title))):
        before, after = title[: cut.start()], title[cut.end() :]
        if before and (plain(after) in sites or plain(before) in headings):
            return before
    return title


def site_in(title: str, headings: frozenset[str]) -> str:
    """Return the plain letters of a site's name: what follows a heading of the page in its title, or nothing.

    :param title: as the page's head has it.
    :param headings: of the page, as plain letters.
    """
    cuts = (cut for cut in _SITE.finditer(title) if plain(title[: cut.start()]) in headings)
    cut = next(cuts, None)
    return plain(title[cut.end() :]) if cut is not None else ""


def _sites(head: _Head, publisher: str | None, url: str | None) -> frozenset[str]:
    """Return the names of the site, in plain letters."""
    named = [publisher, head.first("application-name", "apple-mobile-web-app-title", "dc.publisher", "author")]
    host = (urlsplit(url).hostname or "").removeprefix("www.") if url else ""
    return frozenset(plain(name) for name in (*named, host, host.split(".")[0]) if name)


def _url(root: Element, head: _Head) -> str | None:
    """Return the page's own address, if it is a whole one."""
    base = next((str(element.get("href") or "") for element in root.iter("base")), "")
    links = (str(link.get("href") or "") for link in root.iter("link") if "canonical" in attribute(link, "rel").split())
    for href in [*links, head.first("og:url") or ""]:
        if (url := _absolute(base, href)) is not None:
            return url
    return None


def _absolute(base: str, href: str) -> str | None:
    """Resolve an address, and return it if it is one of the web."""
    try:
        url = urljoin(base.strip(), href.strip())
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return url if whole and href.strip() and len(url) <= _LONGEST and not re.search(r"[\s<>\"\x00-\x1f]", url) else None


def _date(root: Element, head: _Head) -> str | None:
    """Return the first date that the page gives for itself."""
    stamps = [head.metas[name] for name in _DATES if name in head.metas]
    stamps += [stamp for key in ("datePublished", "dateModified") if (stamp := head.node(key))]
    header = next((entry for article in root.iter("article", "main") for entry in article.iter("header")), None)
    if header is not None:
        stamps += [_clean(time.get("datetime")) for time in header.iter("time")]
    return next((date for stamp in stamps if (date := iso_date(stamp)) is not None), None)


def iso_date(stamp: str) -> str | None:
    """Return the date that a time stamp starts with, as far as it is given, or None where it is none.

    :param stamp: such as ``2024-03-01T10:00:00Z`` or ``2024/3``.
    """
    found = _DATE.match(stamp)
    if found is None:
        return None
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None
    return date.strftime("%Y-%m-%d")[: 10 if found[3] else 7 if found[2] else 4]


def _licence(root: Element, head: _Head) -> str | None:
    """Return the licence that the page links to: by its name, else by its address."""
    for link in root.iter("link", "a"):
        if "license" in attribute(link, "rel").split():
            named = _content(link) or _clean(link.get("title")) or _absolute("", str(link.get("href") or ""))
            if named:
                return named
    return head.first("dcterms.license", "dc.rights.license", "dc.license", "dcterms.rights", "dc.rights") or head.node(
        "license"
    )
