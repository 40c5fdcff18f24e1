"""Tests stand alone: what several share is in `tests/helpers`, a module of their folder, or a fixture of a conftest."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from helpers.host_versions import TESTS

FILES = sorted([*TESTS.rglob("*.py"), *(TESTS.parent / "tools").rglob("*.py")])


def imported_tests(text: str) -> set[str]:
    """The modules named `test_*` or `conftest` that a Python file imports, anywhere in it."""
    modules = set[str]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules |= {f"{node.module or ''}.{alias.name}" for alias in node.names}
    parts = {module: module.split(".") for module in modules}
    return {module for module, names in parts.items() if any(n == "conftest" or n.startswith("test_") for n in names)}


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(TESTS.parent)) for file in FILES])
def test_no_file_imports_a_test_or_a_conftest(file: Path) -> None:
    assert imported_tests(file.read_text("utf-8")) == set()


@pytest.mark.parametrize(
    "text", ["import conftest", "from a import test_b", "def f():\n from a.test_b import c", "from .conftest import x"]
)
def test_such_imports_are_found(text: str) -> None:
    assert imported_tests(text)
