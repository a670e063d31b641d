"""Documents in an index: listed without being parsed, served as they were written, kept up to a weight."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import LOCAL, app_over
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from qa.index.recent import Recent
from qa.index.store import DocumentStore, write_documents
from qa.types import Document, Span

if TYPE_CHECKING:
    from pathlib import Path

    from qa.pipeline import Pipeline

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


def written(folder: Path, *documents: Document) -> DocumentStore:
    write_documents(documents, folder)
    return DocumentStore(folder, tuple(document.id for document in documents))


@given(
    title=TEXT,
    url=st.none() | TEXT | st.text("ab", min_size=1, max_size=99).map("https://{}.example".format),
    text=TEXT,
    long=st.integers(0, 4_000),
)
def test_what_is_listed_is_the_documents_own(
    tmp_path_factory: pytest.TempPathFactory, title: str, url: str | None, text: str, long: int
) -> None:
    """Whatever stands in the fields, also where they or the text are cut within a character, they are read as written."""
    document = Document(id="a", title=title + "é" * long, url=url, text=text * 60, hash="h", licence="🚲" * (long // 8))
    documents = written(tmp_path_factory.mktemp("store"), document)
    listed = documents.listed(0)
    assert (listed.id, listed.title, listed.url) == ("a", document.title, document.url)
    assert (listed.publisher, listed.licence, listed.date) == (None, document.licence, None)
    assert documents.title(0) == document.title
    assert documents.at(0) == document


def test_a_document_is_served_as_it_was_written(pipeline: Pipeline) -> None:
    """Its JSON is that of the value, byte for byte."""
    documents = pipeline.index.documents
    for ordinal, document in enumerate(documents):
        assert documents.json(ordinal) == TypeAdapter(Document).dump_json(document)
        assert json.loads(documents.json(ordinal))["id"] == documents.ids[ordinal]


def test_documents_are_listed_without_being_parsed(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists, their pages and a document's JSON parse no document."""
    parsed: list[int] = []
    monkeypatch.setattr(pipeline.index.documents, "at", parsed.append)
    client = TestClient(app_over(pipeline), LOCAL)
    assert len(client.get("/v1/documents?limit=1000").json()["documents"]) == 5
    assert client.get("/v1/documents/chain").json()["title"] == "The chain"
    assert "2024-05-01" in client.get("/documents").text
    assert client.get("/documents?find=chain").text.count("<strong") == 1
    assert parsed == []


def test_a_flood_of_words_to_find_is_cut(client: TestClient) -> None:
    """Of what is looked for in titles, as many characters count as the page lets a visitor type."""
    assert "The chain" in client.get("/documents", params={"find": "chain " * 34 + "nothing"}).text
    assert "The chain" not in client.get("/documents", params={"find": "chain nothing"}).text


def test_documents_are_kept_up_to_a_weight(tmp_path: Path) -> None:
    """However many large documents are asked for, few are kept; the latest is, even if it is over the weight by itself."""
    blocks = Document(
        id="a", title="t", text="x" * 3_000_000, hash="h", markup=tuple(Span(start=at, end=at + 1) for at in range(9))
    )
    ids = "abcdefghijklmnop"
    documents = written(tmp_path, *(Document(id=id_, title="t", text=blocks.text, hash="h") for id_ in ids))
    for id_ in ids:
        assert documents.get(id_) is documents.get(id_)
        assert documents.at.weight <= 64_000_000
    assert len(documents.at) == 7
    huge = written(tmp_path, Document(id="a", title="t", text="x" * 30_000_000, hash="h"))
    assert huge.get("a") is huge.get("a")
    assert huge.at.weight > 64_000_000


def test_what_was_used_last_is_kept() -> None:
    """The value that was asked for longest ago goes first, and is made again when it is asked for."""
    made: list[int] = []

    def make(ordinal: int) -> str:
        made.append(ordinal)
        return str(ordinal)

    recent = Recent(make, lambda _, __: 10, 30)
    assert [recent(ordinal) for ordinal in (1, 2, 3, 1, 4, 1, 2)] == ["1", "2", "3", "1", "4", "1", "2"]
    assert made == [1, 2, 3, 4, 2]
    assert (len(recent), recent.weight) == (3, 30)


def test_threads_share_what_is_kept() -> None:
    """The weight is that of what is kept, however many threads ask for the same at once."""
    recent = Recent(lambda ordinal: str(ordinal) * 100, lambda _, value: len(value), 5_000)
    with ThreadPoolExecutor(8) as pool:
        wanted = [number % 70 for number in range(5_000)]
        assert list(pool.map(recent, wanted)) == [str(number) * 100 for number in wanted]
    assert recent.weight == sum(value[1] for value in recent._kept.values()) <= 5_000


def test_a_filter_is_one_clause_however_many_it_names(pipeline: Pipeline) -> None:
    """Scores and order are those of the whole index without the others, for any choice of passages."""
    lexical = pipeline.index.lexical
    terms = lexical.terms("chain tyre saddle brake winter bicycle")
    ordinals, scores = lexical.search(terms, 100)
    for among in ([0], [1, 3, 5], range(len(pipeline.index.passages)), [2, 9_999_999], []):
        chosen = np.array(among, dtype=np.int64)
        found, kept = lexical.search(terms, 100, among=chosen)
        expected = np.isin(ordinals, chosen)
        assert found.tolist() == ordinals[expected].tolist()
        assert kept == pytest.approx(scores[expected])


def test_a_filter_of_thousands_of_documents_is_answered(pipeline: Pipeline) -> None:
    """A document named ten thousand times over counts once, and an unknown one among them is named."""
    client = TestClient(app_over(pipeline), LOCAL)
    ids = ["saddle", "chain", "brakes"] * 3_400
    for path in ("/v1/ask", "/v1/search"):
        once, often = (
            client.post(
                path, json={"question": "How high should the saddle be?", "filters": {"document_ids": each}}
            ).json()
            for each in (ids[:3], ids)
        )
        assert often["passages"] == once["passages"] != []
    unknown = client.post("/v1/search", json={"question": "saddle?", "filters": {"document_ids": [*ids, "nope"]}})
    assert (unknown.status_code, "'nope'" in unknown.json()["detail"]) == (422, True)
