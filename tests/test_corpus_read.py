"""Reading folders: what is a document, what is rejected and why, and what stays the same whatever is around."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from qa.corpus import corpus_hash, read_corpus, read_document
from qa.errors import CorpusError, DocumentError

SENTENCE = "A kettle boils faster with its lid on.\n"


def write(folder: Path, **files: str | bytes) -> Path:
    """Write files whose names have a dot for each double underscore and a slash for each triple one."""
    for name, content in files.items():
        path = folder / name.replace("___", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_reads_a_folder_with_its_subfolders_in_order_of_ids(tmp_path: Path) -> None:
    """Markdown, text and rows become documents; notes on the corpus, hidden and other files do not."""
    write(
        tmp_path,
        b__txt="B.\n" + SENTENCE,
        A__md="# A\n" + SENTENCE,
        sub___c__txt="C.\n" + SENTENCE,
        README__md="read me",
    )
    write(
        tmp_path,
        questions__jsonl="{}",
        __hidden__txt="hidden",
        picture__png=b"\x89PNG",
        rows__jsonl='{"id": "R:1", "text": "Row."}',
    )
    corpus = read_corpus(tmp_path)
    assert [document.id for document in corpus.documents] == ["a", "b", "r-1", "sub--c"]
    assert corpus.rejected == ()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("latin.txt", "caf\xe9 au lait".encode("latin-1"), "not UTF-8"),
        ("empty.txt", b" \n\t\n", "empty"),
        ("binary.txt", b"text\x00\x01\x02 more text", "binary"),
        ("elf.txt", b"\x7fELF\x02\x01\x01\x00\xff\xfe", "binary"),
        ("big.txt", b"word " * 400, "1,000"),
        ("twin.txt", SENTENCE.encode(), "a.txt"),
        ("paper.doc", b"\xd0\xcf\x11\xe0", ".doc is not read"),
        ("sheet.XLSX", b"PK", ".xlsx is not read"),
        ("open.md", b"---\ntitle: x\n\nBody.", "never closed"),
        ("broken.md", b"---\ntitle: a: b\n---\nBody.", "broken"),
        ("numberless.md", b"---\nreferences:\n- title: x\n---\nBody.", "no number"),
        ("bodyless.md", b"---\ntitle: x\n---\n", "nothing after"),
    ],
)
def test_a_bad_file_is_rejected_with_reason_and_remedy(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    """A file that cannot be read is listed with the reason and a remedy, and the rest is read."""
    (tmp_path / "a.txt").write_text(SENTENCE)
    (tmp_path / name).write_bytes(content)
    corpus = read_corpus(tmp_path, max_bytes=1000)
    assert [document.id for document in corpus.documents] == ["a"]
    (rejected,) = corpus.rejected
    assert rejected.path == name
    assert reason in rejected.reason
    assert len(rejected.remedy) > 10


def test_an_unreadable_file_is_rejected(tmp_path: Path) -> None:
    """A file without permission is rejected (the superuser may read anything)."""
    write(tmp_path, a__txt=SENTENCE, b__txt="B. " + SENTENCE)
    (tmp_path / "b.txt").chmod(0)
    if os.access(tmp_path / "b.txt", os.R_OK):
        pytest.skip("this user may read every file")
    assert "cannot be opened" in read_corpus(tmp_path).rejected[0].reason


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path: Path) -> None:
    """Neither a linked file nor a linked folder outside is read."""
    outside = write(tmp_path / "outside", private__txt="Private.")
    inside = write(tmp_path / "inside", a__txt=SENTENCE)
    (inside / "b.txt").symlink_to(outside / "private.txt")
    (inside / "more").symlink_to(outside)
    (inside / "gone.txt").symlink_to(inside / "nowhere.txt")
    corpus = read_corpus(inside)
    assert [document.id for document in corpus.documents] == ["a"]
    assert [entry.path for entry in corpus.rejected] == ["b.txt", "gone.txt", "more"]
    assert corpus.rejected[2].reason == "it is a link to a folder, which is not followed"


def test_nothing_to_read_is_an_error_that_lists_what_was_tried(tmp_path: Path) -> None:
    """A missing path and a folder without a readable document raise, and name what was rejected."""
    with pytest.raises(CorpusError, match="There is no"):
        read_corpus(tmp_path / "missing")
    write(tmp_path, a__txt="", b__odt="PK")
    with pytest.raises(CorpusError, match=r"(?s)No readable document.*a\.txt: it is empty.*b\.odt: \.odt is not read"):
        read_corpus(tmp_path)


def test_a_single_file_is_a_corpus(tmp_path: Path) -> None:
    """One file can be read by itself."""
    write(tmp_path, a__txt=SENTENCE, b__txt="B.")
    assert [document.id for document in read_corpus(tmp_path / "b.txt").documents] == ["b"]


def test_corpus_toml_says_what_the_corpus_is(tmp_path: Path) -> None:
    """What it gives is taken; what it leaves out follows from the folder and the titles."""
    write(tmp_path, a__md="# Kettles\n\nHot.", b__md="# Lids\n\nFlat.")
    info = read_corpus(tmp_path).info
    assert (info.name, info.scope, info.region) == (tmp_path.name, "Kettles; Lids.", None)
    write(tmp_path, corpus__toml='name = "Tea"\nscope = "All about tea."\nregion = "GB"\n')
    info = read_corpus(tmp_path).info
    assert (info.name, info.scope, info.region) == ("Tea", "All about tea.", "GB")


def test_ids_are_url_safe_stable_and_apart(tmp_path: Path) -> None:
    """Ids come from the paths: lower-case ASCII, subfolders joined, the same name told apart by the extension."""
    write(tmp_path, guide__md="# A\n\nOne.", guide__txt="Two.")
    for number, name in enumerate(["Éclair & Tea.txt", "茶.txt", "水.txt", "a b/c d.txt"]):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"Text {number}.")
    ids = [document.id for document in read_corpus(tmp_path).documents]
    assert {"guide", "guide-txt", "eclair-tea", "a-b--c-d"} < set(ids)
    assert len(set(ids)) == 6
    assert all(
        character.isascii() and (character.isalnum() or character in "-_.") for name in ids for character in name
    )
    assert ids == [document.id for document in read_corpus(tmp_path).documents]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_only_line_ends_and_the_byte_order_mark_are_changed(tmp_path: Path, encoding: str) -> None:
    """The text is what the file says: NFD, emoji and white space stay, and spans count its code points."""
    (tmp_path / "a.txt").write_bytes("Cafe\u0301  🫖\r\nHot\u00a0tea.\rMore.\r\n".encode(encoding))
    document = read_document(tmp_path / "a.txt", tmp_path)
    assert document.text == "Cafe\u0301  🫖\nHot\u00a0tea.\nMore.\n"
    assert [block.span.of(document.text) for block in document.blocks] == ["Cafe\u0301  🫖", "Hot\u00a0tea.", "More."]


def test_front_matter_says_what_is_known_and_is_not_text(tmp_path: Path) -> None:
    """Title, address, date and references come from the front matter; the text is the body after it."""
    write(
        tmp_path,
        a__md=(
            "---\ntitle: Kettles\nurl: https://k.example\npublisher: Tea Board\ndate: 2024-02-03\nlicence: CC0\n"
            "references:\n- {number: 2, title: Lids, authors: [Jo Doe, Al Roe], year: 1999, source: Tea J}\n---\n# Heat\n\nHot [2].\n"
        ),
    )
    document = read_document(tmp_path / "a.md", tmp_path)
    assert (document.title, document.url, document.publisher) == ("Kettles", "https://k.example", "Tea Board")
    assert (document.date, document.licence, document.text) == ("2024-02-03", "CC0", "# Heat\n\nHot [2].\n")
    (reference,) = document.references
    assert (reference.number, reference.authors, reference.year, reference.source) == (
        2,
        "Jo Doe, Al Roe",
        1999,
        "Tea J",
    )


def test_two_rules_are_no_front_matter(tmp_path: Path) -> None:
    """A text between two thematic breaks is text."""
    write(tmp_path, a__md="---\n\nKettles whistle.\n\n---\n\nLids do not.\n")
    assert read_document(tmp_path / "a.md", tmp_path).text.startswith("---\n\nKettles")


def test_the_title_heading_is_not_repeated_in_the_paths_below_it(tmp_path: Path) -> None:
    """The only outermost heading heads its own text; deeper paths start below it."""
    write(tmp_path, a__md="# Kettles\n\nHot.\n\n## Care\n\nRinse.\n\n### Scale\n\nScrub.\n")
    paths = [section.path for section in read_document(tmp_path / "a.md", tmp_path).sections]
    assert paths == [("Kettles",), ("Care",), ("Care", "Scale")]
    write(tmp_path, b__md="# Kettles\n\nHot.\n\n# Lids\n\n## Care\n\nRinse.\n")
    paths = [section.path for section in read_document(tmp_path / "b.md", tmp_path).sections]
    assert paths == [("Kettles",), ("Lids",), ("Lids", "Care")]


def test_rows_are_documents_and_bad_rows_are_rejected(tmp_path: Path) -> None:
    """A row needs a text and nothing more; its section heads its paths; a bad row is named by its line."""
    rows = [
        {"id": "K:1", "title": "Kettles", "section": "care", "text": "Rinse it.\nScale\nScrub it well.", "url": None},
        {"text": "Only text."},
        {"id": "K:1", "text": "The same id."},
        {"id": "empty", "text": " "},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join([*map(json.dumps, rows), "{broken"]) + "\n")
    corpus = read_corpus(path)
    assert [document.id for document in corpus.documents] == ["k-1", "k-1-2", "rows-2"]
    assert [section.path for section in corpus.documents[0].sections] == [("care",), ("care", "Scale")]
    assert [entry.path for entry in corpus.rejected] == ["rows.jsonl:4", "rows.jsonl:5"]


def test_the_corpus_hash_follows_every_byte(tmp_path: Path) -> None:
    """The hash is the same for the same files, and another one after any change."""
    write(tmp_path, a__txt=SENTENCE, b__txt="B.")
    before = corpus_hash(read_corpus(tmp_path).documents)
    assert before == corpus_hash(read_corpus(tmp_path).documents)
    write(tmp_path, b__txt="B!")
    assert corpus_hash(read_corpus(tmp_path).documents) != before


def test_another_format_is_refused_with_a_remedy(tmp_path: Path) -> None:
    """Reading one file of a format that is not read raises, and says how to convert it."""
    write(tmp_path, a__rtf="x")
    with pytest.raises(DocumentError, match=r"Save it as \.docx"):
        read_document(tmp_path / "a.rtf", tmp_path)


@pytest.mark.parametrize(
    ("exclude", "read"),
    [
        ((), ["a", "drafts--b", "drafts--deep--c", "old-a"]),
        (("drafts",), ["a", "old-a"]),
        (("drafts/deep/",), ["a", "drafts--b", "old-a"]),
        (("*.old.md", "c.md"), ["a", "drafts--b"]),
    ],
    ids=["nothing", "a folder", "a folder in a folder", "by name"],
)
def test_paths_are_left_out(tmp_path: Path, exclude: tuple[str, ...], read: list[str]) -> None:
    """A pattern leaves out the paths that it matches as a whole or by their last part, folders with all in them."""
    (tmp_path / "drafts" / "deep").mkdir(parents=True)
    for number, name in enumerate(["a.md", "drafts/b.md", "drafts/deep/c.md", "old-a.old.md"]):
        (tmp_path / name).write_text(f"# Text {number}\n\n{SENTENCE} {number}\n", "utf-8")
    assert [document.id.removesuffix(".old") for document in read_corpus(tmp_path, exclude=exclude).documents] == read


def test_the_same_text_in_another_format_is_another_document(tmp_path: Path) -> None:
    """Of two files of one format that say the same, one is left out; a page beside its Markdown stays."""
    write(tmp_path, a__md=SENTENCE, b__md=SENTENCE, c__txt=SENTENCE)
    corpus = read_corpus(tmp_path)
    assert [document.id for document in corpus.documents] == ["a", "c"]
    assert [(entry.path, entry.reason) for entry in corpus.rejected] == [("b.md", "it says the same as a.md")]
