"""A host's source, read without importing it: whether it has a name, with which parameters and of which types.

A place is `file:name`, with `name` a function, a class, `Class.attribute` (a method, something assigned in its body or
to `self`), a variable or import of the module, `'text'` (a string in the file: an option, a flag, a route), or
`.attribute` (read or written somewhere in the file).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Use:
    """A name of the host that we use. `name`: as we write it. `places`: where a host has it; one is enough. `takes`:
    the parameters that are passed by position; `by_name`: by keyword. `called`: by us, so that no other parameter may
    be required; otherwise the host calls ours in its place. `family`: the only family of hosts that has it."""

    name: str
    places: tuple[str, ...]
    takes: tuple[str, ...] | None = None
    by_name: tuple[str, ...] = ()
    called: bool = True
    family: str = ""


class Source:
    """A host's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.family = "forge" if (folder / "modules_forge").is_dir() else "a1111"

    def problems(self, use: Use) -> list[str]:
        """What is wrong with a use, in words; nothing if the host has it as we use it."""
        if use.family not in ("", self.family):
            return []
        found = next((node for place in use.places for node in [self.at(place)] if node is not None), None)
        if found is None:
            return [f"{use.name}: is not at {' or '.join(use.places)}"]
        if use.takes is None:
            return []
        if not isinstance(found, FUNCTIONS):
            return [f"{use.name}: is no function"]
        return [f"{use.name}: {problem}" for problem in _misfits(found, use)]

    def tree(self, file: str) -> ast.Module | None:
        """A file, parsed, or `None`."""
        path = self.folder / file
        return _parsed(path) if path.is_file() else None

    def at(self, place: str) -> ast.AST | None:
        """The node at a place, a module's or class's name for it, or `None`."""
        file, _, name = place.partition(":")
        tree = self.tree(file)
        if tree is None:
            return None
        if name.startswith("'"):
            return _first(tree, lambda node: isinstance(node, ast.Constant) and node.value == name.strip("'"))
        if name.startswith("."):
            return _first(tree, lambda node: isinstance(node, ast.Attribute) and node.attr == name[1:])
        node: ast.AST | None = tree
        for part in name.split("."):
            node = _member(node, part) if node is not None else None
        return node

    def calls(self, place: str, callee: str) -> list[ast.Call]:
        """The calls of `callee` in the function at a place, as they are written there."""
        function = self.at(place)
        every = ast.walk(function) if function else ()
        return [node for node in every if isinstance(node, ast.Call) and ast.unparse(node.func) == callee]


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8-sig"))


def _first(tree: ast.AST, wanted: object) -> ast.AST | None:
    return next((node for node in ast.walk(tree) if wanted(node)), None)


def _member(owner: ast.AST, name: str) -> ast.AST | None:
    """What a module or class has under a name: defined, assigned, imported, or (a class) given to `self`."""
    for node in ast.walk(owner) if isinstance(owner, ast.ClassDef) else getattr(owner, "body", ()):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and node.name == name:
            return node
        if isinstance(node, ast.Import | ast.ImportFrom) and any((a.asname or a.name) == name for a in node.names):
            return node
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            for each in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(each, ast.Name) and each.id == name:
                    return node
                if isinstance(each, ast.Attribute) and ast.unparse(each) == f"self.{name}":
                    return node
    return None


def _misfits(function: ast.FunctionDef, use: Use) -> list[str]:
    given = function.args
    decorators = {ast.unparse(decorator) for decorator in function.decorator_list}
    names = [argument.arg for argument in [*given.posonlyargs, *given.args]]
    names = names[1:] if names[:1] == ["self"] and "staticmethod" not in decorators else names
    keywords = {*names, *(argument.arg for argument in given.kwonlyargs)}
    wanted = list(use.takes or ())
    problems = []
    if names[: len(wanted)] != wanted and not given.vararg:
        problems.append(f"takes {names}, where we give {wanted}")
    problems += [f"has no parameter {name}" for name in use.by_name if name not in keywords and not given.kwarg]
    if use.called:
        needed = names[: len(names) - len(given.defaults)]
        needed += [a.arg for a, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is None]
        problems += [f"needs {name}, which we do not give" for name in needed if name not in (*wanted, *use.by_name)]
    return problems


def types_at(source: Source, place: str) -> set[str]:
    """The types that a host declares at a place, or writes there; none where it does not say."""
    node = source.at(place)
    if node is None:
        return set()
    owner = place.rpartition(".")[0]
    if isinstance(node, FUNCTIONS):  # a property
        found = {each for name in _own_names(node) for each in types_at(source, f"{owner}.{name}")}
        return found | (types_in_annotation(node.returns) if node.returns else set())
    if isinstance(node, ast.AnnAssign):
        return types_in_annotation(node.annotation) | (_of_value(node.value) if node.value else set())
    if isinstance(node, ast.Assign):
        return _of_value(node.value)
    return _of_option(source, place) if isinstance(node, ast.Constant) else set()


def types_written(source: Source, file: str, target: str) -> set[str]:
    """The types of the values that a file writes to `target`, as far as they are built where they are written."""
    tree = source.tree(file)
    values = (
        node.value
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Assign) and any(ast.unparse(each) == target for each in node.targets)
    )
    return {found for value in values for found in _of_value(value)}


def keywords_of(source: Source, file: str, callee: str, **given: str) -> dict[str, object]:
    """The constants by keyword of the call of `callee` that has those `given`."""
    for node in ast.walk(source.tree(file) or ast.Module([], [])):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == callee:
            found = {each.arg: each.value.value for each in node.keywords if isinstance(each.value, ast.Constant)}
            if given.items() <= found.items():
                return {str(name): value for name, value in found.items()}
    return {}


def _own_names(function: ast.FunctionDef) -> Iterator[str]:
    """What a property hands on: `return self.name`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Attribute):
            above, _, name = ast.unparse(node.value).rpartition(".")
            if above == "self" and name != function.name:
                yield name


def types_in_annotation(node: ast.expr) -> set[str]:
    if isinstance(node, ast.BinOp):
        return types_in_annotation(node.left) | types_in_annotation(node.right)
    if isinstance(node, ast.Subscript):
        inside = ast.unparse(node.value).rpartition(".")[2]
        return types_in_annotation(node.slice) | {"NoneType"} if inside == "Optional" else {inside}
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return types_in_annotation(ast.parse(node.value, mode="eval").body)
    return {"NoneType" if ast.unparse(node) == "None" else ast.unparse(node).rpartition(".")[2]}


def _of_value(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant):
        return {type(node.value).__name__}
    if isinstance(node, ast.List | ast.Dict | ast.Tuple):
        return {type(node).__name__.lower()}
    if isinstance(node, ast.ListComp | ast.DictComp):
        return {type(node).__name__.lower().removesuffix("comp")}
    if isinstance(node, ast.BoolOp):
        return {found for value in node.values for found in _of_value(value)}
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        default = [each.value for each in node.keywords if each.arg == "default"]
        if name.endswith("field") and default:
            return _of_value(default[0])
        return {name} if name in ("list", "tuple", "dict", "str", "int", "float", "bool") else set()
    return set()


def _of_option(source: Source, place: str) -> set[str]:
    """An option's default, of the entry `"name": OptionInfo(default, ...)`."""
    file, _, name = place.partition(":")
    for node in ast.walk(source.tree(file) or ast.Module([], [])):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                named = isinstance(key, ast.Constant) and key.value == name.strip("'")
                if named and isinstance(value, ast.Call) and value.args:
                    return _of_value(value.args[0])
    return set()
