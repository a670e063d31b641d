"""An HTML file's bytes -> its element tree, parsed as browsers do, and what every walk over the tree needs."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from itertools import islice
from urllib.parse import unquote

from lxml import etree

from qa.errors import DocumentError

Element = etree._Element  # noqa: SLF001 -- lxml gives its type no other name

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# Their contents are never running text: code, drawings, or what stands in for something that a browser can show.
SILENT = frozenset([
    "script", "style", "template", "head", "title", "meta", "link", "base", "svg", "iframe", "noscript", "noframes",
    "noembed", "object", "applet", "audio", "video", "canvas", "select", "datalist", "textarea", "input", "img",
    "annotation", "annotation-xml", "option", "optgroup", "rp", "frameset",
])  # fmt: skip
BLOCKS = frozenset([
    "html", "body", "p", "div", "section", "article", "main", "header", "footer", "nav", "aside", "address",
    "blockquote", "center", "figure", "figcaption", "fieldset", "legend", "form", "hr", "details", "summary",
    "dialog", "hgroup", "search", "ul", "ol", "menu", "dir", "li", "dl", "dt", "dd", "pre", "listing", "xmp",
    "plaintext", "table", "caption", "colgroup", "thead", "tbody", "tfoot", "tr", "td", "th", "h1", "h2", "h3", "h4",
    "h5", "h6",
])  # fmt: skip
PREFORMATTED = frozenset({"pre", "listing", "xmp", "plaintext"})

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)|^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)""",
    re.IGNORECASE,
)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
# By the names that the encoding standard gives them (https://encoding.spec.whatwg.org/#names-and-labels).
_ALIASES = {
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "cp949": "cp949",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "shift_jis": "cp932",
    "tis-620": "cp874",
    "utf-16": "utf-8",
    "utf-16-be": "utf-8",
    "utf-16-le": "utf-8",
}
_LABELS = {
    "windows-874": "cp874",
    "dos-874": "cp874",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac-roman",
    "x-sjis": "cp932",
}
_CODECS = re.compile(
    r"utf-(?:8|16.*)|ascii|cp\d+|iso8859-\d+|koi8-.|mac-\w+|big5.*|gb.*|euc_..|shift_jis|iso2022_jp|tis-620"
)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEAD = 4096  # browsers look at 1024 bytes, and again at what the parser meets later
_FOREIGN = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")
_MOST_CONTROLS = 0.01
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# The parser does not know that these are empty, and would put all that follows into them.
_EMPTY = re.compile(r"</?(?:wbr|source|track|embed|keygen|bgsound|spacer)\b[^<>]*>", re.IGNORECASE)
# Comments and code are matched so that nothing in them is taken for a tag. No quantifier gives back what it took.
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\b|\Z)"
    r"|(?P<name><[a-z][^\s/>]*+)(?P<rest>(?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+)(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_VALUE = re.compile(r"=\s*+(?:\"[^\"]*+\"|'[^']*+')")
_MOST_ATTRIBUTES = 500  # the parser needs time in the square of their number
_MOST_NODES = 20  # of what may be a reference mark
_MOST_LETTERS = 500


def parse_html(raw: bytes, path: str) -> Element | None:
    """Decode and parse a page; comments and processing instructions are left out.

    :param raw: the whole file.
    :param path: to name the file by in an error.
    :returns: its root, or None where it holds nothing at all.
    :raises DocumentError: when it is no text, or is nested too deep.
    """
    text = _TAG.sub(_with_few_attributes, _EMPTY.sub("", decode_html(raw, path)))
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True, collect_ids=False
    )
    root = etree.fromstring(text.encode(), parser) if text.strip() else None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise DocumentError(
            path, "its elements are nested thousands deep", "Open it in a browser and save its text as a .txt file"
        )
    if root is not None:
        _part_definitions(root)
    return root


def _with_few_attributes(found: re.Match[str]) -> str:
    """Return a tag without its attributes where it has absurdly many; they hold no text."""
    rest = found["rest"]
    if (
        not rest
        or len(rest) < 2 * _MOST_ATTRIBUTES
        or len(re.split(r"[\s/]+", _VALUE.sub(" ", rest))) < _MOST_ATTRIBUTES
    ):
        return found[0]
    return f"{found['name']}>"


def _part_definitions(root: Element) -> None:
    """Put definitions side by side that the parser took for parts of one another, as their end tags are left out."""
    for inner in list(root.iter("dd")):
        outer = inner.getparent()
        if outer is not None and name_of(outer) == "dd":
            for element in (inner, *inner.itersiblings()):
                outer.addnext(element)
                outer = element


def decode_html(raw: bytes, path: str) -> str:
    """Decode by the byte order mark, the encoding that the page declares, UTF-8 or Windows-1252, in this order.

    :param raw: the whole file.
    :param path: to name the file by in an error.
    :raises DocumentError: when the bytes are no text.
    """
    text = raw.decode(_encoding(raw), "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    controls = text.count("\x00") > 0 or len(_CONTROLS.findall(text)) > _MOST_CONTROLS * len(text)
    if raw.startswith(_FOREIGN) or controls:
        reason = "it holds binary data under an HTML file's name"
        raise DocumentError(path, reason, "Give it its proper extension, or save the page from a browser again")
    return text


def _encoding(raw: bytes) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return encoding
    found = _DECLARED.search(_COMMENT.sub(b"", raw[:_HEAD]))
    declared = _known((found[1] or found[2]).decode("ascii", "replace")) if found else None
    if declared is not None:
        return declared
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _known(label: str) -> str | None:
    """Return Python's name for the encoding that browsers take a label for, or None where it is none for text."""
    try:
        codec = codecs.lookup(_LABELS.get(label.lower(), label)).name
    except (LookupError, ValueError):
        return None
    return _ALIASES.get(codec, codec) if _CODECS.fullmatch(codec) else None


# --- elements -------------------------------------------------------------------------------------


def name_of(element: Element) -> str:
    """Return an element's name without a namespace, or nothing for what is no element."""
    tag = element.tag
    return tag.rpartition(":")[2].lower() if isinstance(tag, str) else ""


def attribute(element: Element, key: str) -> str:
    """Return an attribute's value in small letters, without white space around it, or nothing."""
    value = element.get(key)
    return str(value).strip().lower() if value else ""


def tokens_of(element: Element) -> list[str]:
    """Return what an element says of its part in the page: its role and its type in an EPUB."""
    return [*attribute(element, "role").split(), *attribute(element, "epub:type").split()]


def parents(element: Element) -> Iterator[Element]:
    """Walk from an element to the root, itself left out."""
    parent = element.getparent()
    while parent is not None:
        yield parent
        parent = parent.getparent()


def visit(root: Element, enter: Callable[[Element], bool], leave: Callable[[Element], None]) -> None:
    """Walk a tree in its order, without recursion.

    :param root: of the tree.
    :param enter: called with each element as it opens; tells whether to go into it.
    :param leave: called with each element as it closes.
    """
    todo = [(True, root)]
    while todo:
        opens, element = todo.pop()
        if not opens:
            leave(element)
            continue
        todo.append((False, element))
        if enter(element):
            todo.extend((True, child) for child in reversed(element))


def short_text(element: Element) -> str | None:
    """Return the text of an element that is short and has only a few others in it, else None."""
    nodes = list(islice(element.iter(), _MOST_NODES + 1))
    if len(nodes) > _MOST_NODES:
        return None
    text = "".join(str(text) for text in element.itertext())
    return text if len(text) <= _MOST_LETTERS else None


def plain(text: str) -> str:
    """Return the letters and digits of a text, to compare titles by."""
    return "".join(character for character in text.casefold() if character.isalnum())


def fragment_of(href: str) -> str:
    """Return the part of an address after its number sign, decoded, or nothing."""
    return unquote(href.partition("#")[2])


def heading_level(element: Element) -> int:
    """Return the level of a heading, or 0 for what is none."""
    name = name_of(element)
    if name in HEADINGS:
        return int(name[1])
    if attribute(element, "role") != "heading":
        return 0
    level = attribute(element, "aria-level")
    return int(level) if level in {"1", "2", "3", "4", "5", "6"} else 2
