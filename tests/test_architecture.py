"""Imports point one way along the data, heavy libraries have one home, and nothing heavy serves."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "qa"
# Each part may import those before it, and itself.
ORDER = [
    "types", "errors", "machine", "legible", "scratch", "models", "settings", "question", "followup", "spelling", "glossary", "reading", "context", "discourse", "disagree", "answertype", "corpus", "passages", "encoders", "reader", "safety",
    "prior", "index", "retrieve", "rank", "scope", "lookup", "calibrate", "shown", "neighbours", "extract", "sides", "cite", "clock", "pipeline", "packaged", "verify", "offline", "server", "evaluate",
    "terminal", "doctor", "opening", "cli",
]  # fmt: skip
HOMES = {
    "faiss": {"index/dense.py"},
    "tantivy": {"index/lexical.py"},
    "onnxruntime": {"models/onnx.py"},
    "tokenizers": {"models/onnx.py"},
    "torch": {"encoders/export.py", "reader/export.py"},
    "sentence_transformers": {"encoders/export.py", "reader/export.py"},
    "transformers": {"models/files.py"},
    "huggingface_hub": {"reader/export.py"},
    "langchain_text_splitters": {"passages.py"},
    "sentencex": {"passages.py"},
    "uvicorn": {"server/run.py", "server/connections.py"},
    "lxml": {"corpus/html/tree.py", "corpus/epub.py", "corpus/docx/xml.py"},
    "docx": {"corpus/docx/package.py"},
    "pypdfium2": {"corpus/pdf/page.py"},
    "ir_measures": {"evaluate/ranking.py"},
    "jinja2": {"evaluate/page.py", "server/pages.py"},
    "scipy": {"evaluate/compare.py", "safety/training.py"},
    "rich": {"terminal.py"},
    "platformdirs": {"packaged.py"},
    "fastapi": {"server/app.py", "server/problems.py"},
}


def modules() -> list[str]:
    return sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def imports_of(module: str) -> set[str]:
    """Return every module that a file imports, also within functions, but not for type checkers alone."""
    tree = ast.parse((PACKAGE / module).read_text("utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    names: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("module", modules())
def test_imports_point_one_way(module: str) -> None:
    """A module imports nothing that comes after it on the data's way."""
    part = module.removesuffix(".py").split("/")[0]
    if part == "__init__":
        return
    for name in imports_of(module):
        if name.startswith("qa."):
            assert ORDER.index(name.split(".")[1]) <= ORDER.index(part), f"{module} imports {name}"


@pytest.mark.parametrize("library", sorted(HOMES))
def test_a_heavy_library_has_one_home(library: str) -> None:
    """Only the library's own module imports it."""
    found = {module for module in modules() if any(name.split(".")[0] == library for name in imports_of(module))}
    assert found <= HOMES[library]
    assert found


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        (
            "import qa.server.run, qa.pipeline",
            ["torch", "transformers", "sentence_transformers", "langchain_core", "onnx", "yaml"],
        ),
        ("import qa.cli", ["fastapi", "faiss", "numpy", "onnxruntime", "rich.console", "torch", "pydantic"]),
        ("import qa.terminal", ["ir_measures", "jinja2", "scipy"]),
    ],
    ids=["serving needs no torch", "help imports nothing heavy", "asking needs nothing of evaluating"],
)
def test_nothing_needless_is_imported(statement: str, unwanted: list[str]) -> None:
    """Serving imports nothing of the build extra, and the command line nothing heavy before a verb runs."""
    code = f"{statement}\nimport sys\nprint([name for name in {unwanted} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_module_says_what_goes_in_and_out() -> None:
    """Each module opens with a docstring."""
    bare = [module for module in modules() if not ast.get_docstring(ast.parse((PACKAGE / module).read_text("utf-8")))]
    assert bare == []


def test_no_module_outgrows_its_room() -> None:
    """No module is longer than 300 lines, no function longer than 50."""
    for module in modules():
        source = (PACKAGE / module).read_text("utf-8")
        assert source.count("\n") <= 300, module
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 50, f"{module}: {node.name}"
