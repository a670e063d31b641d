"""The default corpus: Markdown articles whose claims carry numbered references."""

import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
ARTICLES = sorted(p for p in CORPUS.glob("*.md") if p.name != "README.md")

FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
MARKER = re.compile(r"\[(\d+(?:, \d+)*)\](?!\()")
ALMOST_MARKER = re.compile(r"\[\s*\d[^\]]*\]")

each_article = pytest.mark.parametrize("path", ARTICLES, ids=lambda p: p.stem)


def read(path: Path) -> tuple[dict, str]:
    match = FRONT_MATTER.match(path.read_text(encoding="utf-8"))
    assert match, f"{path.name} has no front matter"
    return yaml.safe_load(match[1]), match[2]


def cited(body: str) -> list[int]:
    return [int(n) for group in MARKER.findall(body) for n in group.split(", ")]


def sections(body: str) -> list[tuple[str, str]]:
    """Each ``##`` heading with the text up to the next one, its subsections included."""
    parts = re.split(r"^## +(.+)$", body, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def words(text: str) -> int:
    text = re.sub(r"^#.*$", "", MARKER.sub("", text), flags=re.MULTILINE)
    return len(re.findall(r"\w[\w'’-]*", text))


def test_corpus_has_its_articles() -> None:
    """The default corpus consists of 30 articles, and its README names each of them."""
    readme = (CORPUS / "README.md").read_text(encoding="utf-8")
    assert len(ARTICLES) == 30
    assert [p.name for p in ARTICLES if f"`{p.name}`" not in readme] == []


def test_corpus_toml_describes_the_folder() -> None:
    """corpus.toml gives a name, a one-sentence scope, a disclaimer and a glossary, and sets no default region."""
    info = tomllib.loads((CORPUS / "corpus.toml").read_text(encoding="utf-8"))
    assert set(info) == {"name", "scope", "disclaimer", "glossary"}
    assert all(isinstance(v, str) and v.strip() == v != "" for k, v in info.items() if k != "glossary")
    assert len(re.findall(r"[.!?](?:\s|$)", info["scope"])) == 1


@each_article
def test_article_states_title_publisher_and_licence(path: Path) -> None:
    """Every article says in its front matter what it is called, who publishes it and under which licence."""
    meta, _ = read(path)
    for key in ("title", "publisher", "date", "licence"):
        assert str(meta.get(key) or "").strip(), f"{path.name}: no {key}"


@each_article
def test_every_marker_is_well_formed(path: Path) -> None:
    """Whatever looks like a reference marker is one: ascending numbers, comma and space between."""
    _, body = read(path)
    assert ALMOST_MARKER.findall(body) == [m[0] for m in MARKER.finditer(body)]
    for group in MARKER.findall(body):
        numbers = [int(n) for n in group.split(", ")]
        assert numbers == sorted(set(numbers)), f"{path.name}: [{group}]"


@each_article
def test_every_marker_resolves(path: Path) -> None:
    """Every number in the text names a reference in the front matter."""
    meta, body = read(path)
    listed = {r["number"] for r in meta["references"]}
    assert cited(body)
    assert set(cited(body)) <= listed


@each_article
def test_every_reference_is_cited(path: Path) -> None:
    """Every reference in the front matter is used in the text at least once."""
    meta, body = read(path)
    assert {r["number"] for r in meta["references"]} <= set(cited(body))


@each_article
def test_numbers_run_from_one_in_order_of_first_use(path: Path) -> None:
    """References are numbered from 1 without a gap, in the order in which the text first uses them."""
    meta, body = read(path)
    expected = list(range(1, len(meta["references"]) + 1))
    assert [r["number"] for r in meta["references"]] == expected
    assert list(dict.fromkeys(cited(body))) == expected


@each_article
def test_references_are_complete_and_distinct(path: Path) -> None:
    """Every reference has a title and only known keys with values, and none is listed twice."""
    meta, _ = read(path)
    seen = set()
    for ref in meta["references"]:
        assert set(ref) <= {"number", "title", "authors", "year", "source", "url"}
        assert all(v not in (None, "") for v in ref.values())
        assert isinstance(ref["title"], str)
        assert "year" not in ref or isinstance(ref["year"], int)
        key = tuple(str(ref.get(k)) for k in ("title", "authors", "year", "source", "url"))
        assert key not in seen, f"{path.name}: {ref['title']} is listed twice"
        seen.add(key)


@each_article
def test_every_url_is_well_formed(path: Path) -> None:
    """Every reference URL is an absolute http or https address without white space."""
    meta, _ = read(path)
    for ref in meta["references"]:
        if "url" not in ref:
            continue
        url = urlsplit(ref["url"])
        assert url.scheme in {"http", "https"}, ref["url"]
        assert re.fullmatch(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", url.netloc), ref["url"]
        assert not re.search(r"\s|…|\.\.\.", ref["url"]), ref["url"]


@each_article
def test_every_section_has_text(path: Path) -> None:
    """Every ``##`` section holds at least 15 words of text, headings and markers not counted."""
    _, body = read(path)
    found = sections(body)
    assert len(found) >= 3
    for heading, text in found:
        assert words(text) >= 15, f"{path.name}: {heading}"


@each_article
def test_headings_are_unique_and_never_skip_a_level(path: Path) -> None:
    """Headings start at ``##``, go no deeper than one level at a time, and none occurs twice."""
    _, body = read(path)
    headings = re.findall(r"^(#+) +(.+)$", body, flags=re.MULTILINE)
    assert len({text for _, text in headings}) == len(headings)
    level = 1
    for marks, text in headings:
        assert 2 <= len(marks) <= min(3, level + 1), f"{path.name}: {text}"
        level = len(marks)


def test_the_glossary_leads_to_the_documents_words() -> None:
    """Each meaning in the glossary is made of words that the articles use, and no term is one of its own words."""
    glossary = tomllib.loads((CORPUS / "corpus.toml").read_text(encoding="utf-8"))["glossary"]
    text = " ".join(read(path)[1] for path in ARTICLES).lower()
    for term, meaning in glossary.items():
        assert term.lower() not in meaning.lower().split(", ")
        for part in meaning.lower().split(", "):
            assert all(re.search(rf"\b{re.escape(word)}", text) for word in part.split()), f"{term}: {part}"


def test_no_heading_stands_in_two_articles() -> None:
    """Each heading of the corpus says something of its own."""
    headings = [h for path in ARTICLES for h in re.findall(r"^#+ +(.+)$", read(path)[1], flags=re.MULTILINE)]
    assert sorted({h for h in headings if headings.count(h) > 1}) == []
