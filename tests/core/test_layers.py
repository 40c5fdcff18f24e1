"""Every module of pixels_ext imports only from its own layer and those below, and only the top ones import a host."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "pixels_ext"

# From the bottom up. `fields` checks images and the request's classes in `imaging` are made of fields, so the two share
# a layer; that no two modules import each other is tested below.
LAYERS = [
    {"__init__", "errors"},
    {"core"},
    {"imaging", "fields"},
    {"maps"},
    {"vision"},
    {"request"},
    {"edit"},
    {"webui", "diffusers_host", "demo"},
    {"cli", "__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}

# Libraries that belong to one part of the package, and the parts that may import them.
ALLOWED_IN = {
    "modules": {"webui"},
    "modules_forge": {"webui"},
    "backend": {"webui"},
    "gradio": {"webui"},
    "fastapi": {"webui"},
    "diffusers": {"diffusers_host", "cli"},
    "accelerate": {"diffusers_host", "cli"},
    "transformers": {"vision", "diffusers_host", "cli"},
}


def read_modules(folder: Path) -> dict[str, str]:
    """Dotted name below `folder` to source text; a package goes by its own name."""
    found = {}
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder).with_suffix("").parts
        if parts[-1] == "__init__" and len(parts) > 1:
            parts = parts[:-1]
        found[".".join(parts)] = file.read_text(encoding="utf-8")
    return found


def imported(name: str, source: str, modules: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """Absolute names of what a module imports, and whether that happens when the module itself is imported (not in a
    function, not for type checkers alone)."""
    tree = ast.parse(source)
    lazy = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        for child in ast.walk(node)
    }
    is_package = any(other.startswith(f"{name}.") for other in modules)
    here = ["pixels_ext", *name.split(".")] if is_package else ["pixels_ext", *name.split(".")[:-1]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(here[: len(here) - node.level + 1]) if node.level else ""
            base = ".".join(filter(None, (start, node.module)))
            targets = [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            first = node.args[0] if node.args else None
            targets = [first.value] if isinstance(first, ast.Constant) and isinstance(first.value, str) else []
        else:
            continue
        yield from ((target, id(node) not in lazy) for target in targets)


def own_module(target: str, modules: Mapping[str, str]) -> str | None:
    """The module of this package that an imported name is, or lies in; `None` for other packages."""
    if target.split(".")[0] != "pixels_ext":
        return None
    parts = target.split(".")[1:]
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in modules), "__init__")


def violations(modules: Mapping[str, str]) -> list[str]:
    """What the modules import that they may not, one sentence each."""
    found = []
    for name, source in modules.items():
        part = name.split(".")[0]
        for target, _ in imported(name, source, modules):
            library = target.split(".")[0]
            if library in ALLOWED_IN and part not in ALLOWED_IN[library]:
                found.append(f"{name} imports {target}")
            module = own_module(target, modules)
            if module is None or name == "__init__":  # the package itself imports its names on first use
                continue
            other = module.split(".")[0]
            hosts_apart = part != other and {part, other} == {"webui", "diffusers_host"}
            if RANK[other] > RANK[part] or hosts_apart:
                found.append(f"{name} imports {target}")
    return found


def import_cycle(modules: Mapping[str, str]) -> list[str]:
    """Modules that import each other in a circle when they are imported; empty if there is none."""
    graph = {
        name: {
            module
            for target, at_import in imported(name, source, modules)
            if at_import and (module := own_module(target, modules)) not in (None, name, "__init__")
        }
        for name, source in modules.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_every_part_of_the_package_has_a_layer() -> None:
    assert {name.split(".")[0] for name in read_modules(PACKAGE)} == set(RANK)


def test_no_layer_imports_upward_or_a_host_that_is_not_its_own() -> None:
    assert violations(read_modules(PACKAGE)) == []


def test_no_modules_import_each_other() -> None:
    assert import_cycle(read_modules(PACKAGE)) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("core.release", "from pixels_ext.imaging.images import as_rgba"),
        ("imaging.shaping", "from pixels_ext.request import Shaping"),
        ("imaging.shaping", "from ..request import Shaping"),
        ("imaging.shaping", "from .. import request"),
        ("vision", "import pixels_ext.request.summary"),
        ("maps.linear", "def f():\n    from pixels_ext.edit import prepare"),
        ("request.paths", "from pixels_ext import edit"),
        ("edit.prepare", "from pixels_ext.webui.canvas import SourceCanvas"),
        ("webui.canvas", "from pixels_ext.diffusers_host.canvas import Padding"),
        ("diffusers_host.editor", "import pixels_ext.cli.main"),
        ("core.surgery", "import diffusers"),
        ("maps.linear", "from modules import shared"),
        ("imaging.images", "import modules.shared"),
        ("edit.prepare", "import gradio as gr"),
        ("request.json_form", "from importlib import import_module\nimport_module('diffusers')"),
        ("cli.main", "from modules.shared import opts"),
        ("core.release", "import transformers"),
    ],
)
def test_a_planted_import_is_found(module: str, line: str) -> None:
    modules = read_modules(PACKAGE)
    planted = {**modules, module: f"{modules[module]}\n{line}\n"}
    new = [text for text in violations(planted) if text not in violations(modules)]
    assert new
    assert all(text.startswith(f"{module} imports ") for text in new)


def test_a_planted_circle_is_found() -> None:
    modules = read_modules(PACKAGE)
    line = "from pixels_ext.imaging.placement import place"
    planted = {**modules, "fields": f"{modules['fields']}\n{line}\n"}
    assert {"fields", "imaging.placement"} <= set(import_cycle(planted))
