"""Blocks and sections -> the stretches that are no part of what the document says: banners, navigation, disclaimers.

Nothing is deleted, and the rules would rather miss an advertisement than take a sentence away.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa.corpus.furniture import (
    furniture,
    glued_button,
    glued_end,
    is_button,
    is_labelled_disclaimer,
    is_menu_entry,
    sentence_kind,
)
from qa.corpus.layout import Draft, Heading, Layout, View, touches
from qa.types import Boilerplate, Span
from qa.types import BoilerplateKind as Kind

_DISCLAIMER_HEADING = re.compile(
    r"(?:(?:medical|legal|health|general|important|website|our)\s+)*disclaimers?(?:\s+(?:notice|statement|and .{1,40}|of .{1,40}))?"
    r"|(?:important\s+)?legal (?:notice|information|disclosure)s?|medical advice (?:notice|warning)|terms of use and disclaimer",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?:[.!?]|https?://\S+)[\"'”’)\]*_]*\s+(?=[\"'“‘(*_]*[A-Z0-9])")
_TRIGGERS = re.compile(
    r"newsletter|mailing list|e-?mail list|inbox|free trial|for free|our app|our free app|our community|premium|exclusive|"
    r"(?:weekly|daily|monthly) |^\W*th(?:is|e) (?:blog|post|article|page|story|content|video)|\bth(?:is|e) (?:blog |post |article )?"
    r"(?:post |article |page )?(?:was|is|contains|may|has)|advice|purposes? only|(?:information|education) only|no (?:responsibility|liability)|as is",
    re.IGNORECASE,
)
_PROMOTIONAL = re.compile(
    r"\b(?:free|newsletter|% off|app|powered|join|get|discover|unlock|subscribe|trial|account|customers?|offers?|deals?|sign up|exclusive|"
    r"members?|premium|search engine|platform|inbox|download|upgrade|save)\b",
    re.IGNORECASE,
)
_COOKIE_NOTICE = re.compile(
    r"\bcookies?\b.{0,200}\b(?:you (?:agree|consent|accept)|accept|got it|ok(?:ay)?|learn more)\b|"
    r"\b(?:this|our) (?:web)?site uses cookies\b|\bby (?:continuing|using|clicking|browsing)\b.{0,120}\bcookies\b",
    re.IGNORECASE | re.DOTALL,
)
_SHORTEST_REPEAT = 40
_LONGEST_PROMOTION = 260
_LONGEST_NOTICE = 400
_EDGE = 3


def find_boilerplate(text: str, layout: Layout, view: View, bibliography: Sequence[Span]) -> tuple[Boilerplate, ...]:
    """Mark what is never to be quoted, sorted and without overlap.

    :param text: the whole text.
    :param layout: what a parser found in it.
    :param view: the text as it is read.
    :param bibliography: the sections (heading and body) that list sources.
    """
    drafts = layout.drafts
    known = [entry.span for entry in layout.boilerplate]
    starts = [span.start for span in known]
    # What the file itself marks is settled, and says nothing of the blocks that look like it.
    readings = [
        "" if touches(draft.span, known, starts) else " ".join(view.read(draft.span).split()) for draft in drafts
    ]
    whole = _whole_blocks(text, drafts, readings)
    marked = [(entry.span, entry.kind) for entry in layout.boilerplate]
    marked += [(drafts[place].span, kind) for place, kind in whole.items()]
    for place, draft in enumerate(drafts):
        if place not in whole and draft.kind in ("paragraph", "item"):
            marked.extend(_within(text, draft.span))
    sections: list[tuple[Span, Kind]] = [(span, "navigation") for span in bibliography]
    sections += [(span, "disclaimer") for span in _disclaimer_sections(text, layout.headings)]
    return _resolve(text, marked, sections)


# --- whole blocks ---------------------------------------------------------------------------------


def _whole_blocks(text: str, drafts: Sequence[Draft], readings: Sequence[str]) -> dict[int, Kind]:
    """Name the kind of the blocks that are boilerplate from end to end."""
    found: dict[int, Kind] = {}
    notices: list[int] = []
    for place, (draft, reading) in enumerate(zip(drafts, readings, strict=True)):
        kind = furniture(reading) if draft.kind in ("paragraph", "heading") else None
        if kind is None and draft.kind == "paragraph" and is_labelled_disclaimer(reading):
            kind = "disclaimer"
        if kind is None and draft.kind == "paragraph" and _is_cookie_notice(reading, len(text)):
            notices.append(place)
        if kind is not None:
            found[place] = kind
    found.update(_not_about_cookies(text, readings, notices))
    found.update(_menus(drafts, readings))
    found.update(_beside_buttons(drafts, readings, found))
    found.update(_repeated(drafts, readings, found))
    return found


def _menus(drafts: Sequence[Draft], readings: Sequence[str]) -> dict[int, Kind]:
    """Find menu words that stand in a row."""
    entries = [
        draft.kind in ("paragraph", "item") and is_menu_entry(text)
        for draft, text in zip(drafts, readings, strict=True)
    ]
    padded = [False, *entries, False]
    return {
        place: "navigation" for place, entry in enumerate(entries) if entry and (padded[place] or padded[place + 2])
    }


def _is_cookie_notice(reading: str, length: int) -> bool:
    """Tell whether a block, in a text of a length, asks for consent to cookies."""
    if len(reading) > _LONGEST_NOTICE or "ookie" not in reading or len(reading) >= length / 2:
        return False
    return _COOKIE_NOTICE.search(reading) is not None


def _not_about_cookies(text: str, readings: Sequence[str], notices: Sequence[int]) -> dict[int, Kind]:
    """Keep the notices that hold nearly all that a text says of cookies: a text about them is content."""
    if not notices:
        return {}
    most = text.lower().count("cookie") - 2
    return {place: "navigation" for place in notices if readings[place].lower().count("cookie") >= most}


def _beside_buttons(drafts: Sequence[Draft], readings: Sequence[str], found: dict[int, Kind]) -> dict[int, Kind]:
    """Find the promotional lines directly next to a call to action."""
    beside: dict[int, Kind] = {}
    for place, reading in enumerate(readings):
        if not is_button(reading) and not glued_button(reading):
            continue
        for other in (place - 1, place + 1):
            if not 0 <= other < len(drafts) or other in found or drafts[other].kind != "paragraph":
                continue
            if _promotes(readings[other]) and (other < place or is_button(reading)):
                beside[other] = "promotion"
    return beside


def _promotes(reading: str) -> bool:
    """Tell whether a short line speaks to a customer."""
    if len(reading) > _LONGEST_PROMOTION:
        return False
    return len(_PROMOTIONAL.findall(reading)) >= 2 or (reading.isupper() and _PROMOTIONAL.search(reading) is not None)  # noqa: PLR2004


def _repeated(drafts: Sequence[Draft], readings: Sequence[str], found: dict[int, Kind]) -> dict[int, Kind]:
    """Find long lines that stand in the text more than once and frame it, stand by other boilerplate, or advertise.

    A sentence that a text merely says again, under another heading, is content.
    """
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, (draft, reading) in enumerate(zip(drafts, readings, strict=True)):
        if draft.kind == "paragraph" and len(reading) > _SHORTEST_REPEAT and not reading.endswith(":"):
            places[reading].append(place)
    repeated: dict[int, Kind] = {}
    for reading, same in places.items():
        if len(same) > 1:
            frames = same[0] < _EDGE and same[-1] >= len(drafts) - _EDGE and same[-1] - same[0] > _EDGE
            beside = any(other in found for place in same for other in (place - 1, place + 1))
            if frames or beside or _promotes(reading):
                repeated.update(dict.fromkeys(same, "promotion" if beside or _promotes(reading) else "navigation"))
    return repeated


# --- within a block -------------------------------------------------------------------------------


def _within(text: str, span: Span) -> Iterator[tuple[Span, Kind]]:
    """Find the sentences of a block that are boilerplate, and buttons that run into the text."""
    block = span.of(text)
    head = glued_button(block)
    tail = glued_end(block)
    if tail < len(block):
        yield Span(start=span.start + tail + _leading_space(block[tail:]), end=span.end), "promotion"
    if not head and not _TRIGGERS.search(block):
        return
    for number, (start, end) in enumerate(_sentences(block, head, tail)):
        kind = sentence_kind(block[start:end])
        first = number == 0 and head > 0
        if kind is not None:
            yield Span(start=span.start + (0 if first else start), end=span.start + end), kind
        elif first:
            yield Span(start=span.start, end=span.start + head), "promotion"


def _leading_space(text: str) -> int:
    return len(text) - len(text.lstrip())


def _sentences(block: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut at sentence ends, roughly: what follows a stop starts with a capital or a digit."""
    for stop in _SENTENCE_END.finditer(block, start, end):
        yield start, stop.end() - _trailing_space(stop.group())
        start = stop.end()
    if start < end:
        yield start, start + len(block[start:end].rstrip())


def _trailing_space(text: str) -> int:
    return len(text) - len(text.rstrip())


# --- sections -------------------------------------------------------------------------------------


def _disclaimer_sections(text: str, headings: Sequence[Heading]) -> Iterator[Span]:
    """Find the sections headed as disclaimers, with all that stands below their headings."""
    for number, heading in enumerate(headings):
        if _DISCLAIMER_HEADING.fullmatch(heading.title.strip()):
            later = (headings[place] for place in range(number + 1, len(headings)))
            following = (other.span.start for other in later if other.level <= heading.level)
            end = next(following, len(text))
            yield Span(start=heading.span.start, end=heading.span.start + len(text[heading.span.start : end].rstrip()))


def _resolve(
    text: str, marked: Sequence[tuple[Span, Kind]], sections: Sequence[tuple[Span, Kind]]
) -> tuple[Boilerplate, ...]:
    """Let what is marked by itself stand, and fill the marked sections around it."""
    kept: list[Boilerplate] = []
    for span, kind in sorted(marked, key=lambda entry: (entry[0].start, -entry[0].end)):
        if not kept or span.start >= kept[-1].span.end:
            kept.append(Boilerplate(span=span, kind=kind))
    starts = [entry.span.start for entry in kept]
    gone: set[int] = set()
    filled: list[Boilerplate] = []
    at = 0
    for span, kind in sorted(sections, key=lambda entry: entry[0].start):
        at = max(at, span.start)
        for place in range(max(0, bisect_left(starts, span.start) - 1), bisect_left(starts, span.end)):
            entry = kept[place]
            if entry.kind == kind:
                gone.update([place] if span.contains(entry.span) else [])
            elif entry.span.end > at and place not in gone:
                filled.extend(_stretch(text, at, entry.span.start, kind))
                at = max(at, entry.span.end)
        filled.extend(_stretch(text, at, span.end, kind))
        at = max(at, span.end)
    left = [entry for place, entry in enumerate(kept) if place not in gone]
    return tuple(sorted([*left, *filled], key=lambda entry: entry.span.start))


def joined(marked: Sequence[Boilerplate]) -> tuple[Boilerplate, ...]:
    """Join neighbouring stretches of one kind.

    :param marked: sorted, free of overlap.
    """
    joined: list[Boilerplate] = []
    for entry in marked:
        last = joined[-1] if joined else None
        if last is not None and last.kind == entry.kind and entry.span.start - last.span.end <= 2:  # noqa: PLR2004
            joined[-1] = replace(last, span=Span(start=last.span.start, end=entry.span.end))
        else:
            joined.append(entry)
    return tuple(joined)


def _stretch(text: str, start: int, end: int, kind: Kind) -> Iterator[Boilerplate]:
    """Mark ``start`` to ``end`` without the white space at its edges, unless nothing is left."""
    inner = text[start:end]
    if inner.strip():
        left = start + _leading_space(inner)
        yield Boilerplate(span=Span(start=left, end=start + len(inner.rstrip())), kind=kind)
