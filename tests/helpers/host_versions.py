"""Tests with the package versions that WebUIs ship: `pytest --host-versions N`, in an environment of such versions.

Only the test modules run that import neither diffusers nor `pixels_ext.diffusers_host`, themselves or through what they
import of `tests/` and `tools/`. The run fails when fewer than N tests pass, or when one is skipped for a reason that
is not in `EXPECTED`: an environment in which little can run must not be green.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FOLDERS = TESTS, TESTS.parent / "tools"
ELSEWHERE = "panel", "real_host"
"""Folders whose tests need a browser or a running host."""
NOT_IN_HOSTS = "diffusers", "pixels_ext.diffusers_host", "pixels_ext.cli", "torchmetrics", "markdown_it", "playwright"
EXPECTED = "PIXELS_HOST_SOURCE", "'diffusers'", "knows no DepthAnything"
"""What the reason of a skip has in it where skipping is right: no host's source code, no diffusers, a model that is
younger than the host's transformers."""
SHIPPED = "torch", "numpy", "Pillow", "opencv-python-headless", "transformers", "diffusers", "pydantic"


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules that are imported when the file itself is: not in functions, not for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _for_type_checkers(node):
            yield from imported(node)


def _for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def runs_in_hosts(file: Path) -> bool:
    """Whether the file and what it imports of this folder do without `NOT_IN_HOSTS`."""
    seen, left = set(), {file}
    while left:
        seen |= left
        names = set().union(*map(_imported_by, left))
        if any(name == other or name.startswith(f"{other}.") for name in names for other in NOT_IN_HOSTS):
            return False
        left = {found for name in names for found in _files_of(name)} - seen
    return True


@cache
def _imported_by(file: Path) -> frozenset[str]:
    return frozenset(imported(ast.parse(file.read_text("utf-8"))))


def _files_of(module: str) -> list[Path]:
    places = [folder / module.replace(".", "/") for folder in FOLDERS]
    return [file for place in places for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()]


def versions() -> str:
    """What is installed of that which hosts ship."""
    return ", ".join(f"{name} {_version(name)}" for name in SHIPPED)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


class HostVersions:
    """Collects what faces hosts, and counts: a plugin of pytest."""

    def __init__(self, least: int) -> None:
        self.least, self.passed = least, 0
        self.unexpected: list[str] = []

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        outside = collection_path.is_dir() and collection_path.name in ELSEWHERE
        test = collection_path.suffix == ".py" and collection_path.name.startswith("test_")
        return True if outside or (test and not runs_in_hosts(collection_path)) else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed += report.passed and report.when == "call"
        if report.skipped and not hasattr(report, "wasxfail"):
            self._skipped(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self._skipped(report)

    def _skipped(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(expected in reason for expected in EXPECTED):
            self.unexpected.append(f"{report.nodeid}: {reason}")

    def faults(self) -> list[str]:
        """What keeps the run from being a success though every test that ran passed."""
        few = [f"{self.passed} tests passed, at least {self.least} should"] if self.passed < self.least else []
        return few + [f"skipped, though nothing says that it may be: {each}" for each in self.unexpected]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.faults() and not hasattr(session.config, "workerinput"):
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(f"{self.passed} tests with the versions of hosts passed with {versions()}")
        for fault in self.faults():
            terminalreporter.write_line(f"ERROR {fault}", red=True)
