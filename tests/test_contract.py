"""Does a real host still have every name that we use? It is read, not imported.

PIXELS_HOST_SOURCE=/path/to/stable-diffusion-webui pytest tests/test_contract.py
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from stand_in.contract import CALLS, OWN_OPTIONS, USED, Source, Use

OURS = Path(__file__).parents[1] / "pixels_ext" / "webui"
FILES = sorted(path.stem for path in OURS.glob("*.py"))
FOLDER = os.environ.get("PIXELS_HOST_SOURCE")
WATCHED = {"p", "sampler", "denoiser", "predictor", "rng", "pp"}
"""Names under which our code holds the host's objects; what is read of those is in the table too."""


@pytest.fixture(scope="module")
def source() -> Source:
    if not FOLDER:
        pytest.skip("PIXELS_HOST_SOURCE does not say where a WebUI's folder is")
    folder = Path(FOLDER)
    assert (folder / "modules" / "processing.py").is_file(), f"{folder} is no WebUI's folder"
    return Source(folder)


@pytest.mark.parametrize("use", USED, ids=lambda use: f"{use.ours}-{use.name}")
def test_the_host_has_what_we_use(source: Source, use: Use) -> None:
    assert source.problems(use) == []


@pytest.mark.parametrize(("place", "callee", "count", "more"), CALLS, ids=lambda value: str(value))
def test_the_host_calls_what_we_put_in_its_place_as_we_expect(
    source: Source, place: str, callee: str, count: int, more: bool
) -> None:
    calls = source.calls(place, callee)
    assert calls, f"{callee} is not called in {place}"
    for call in calls:
        assert len(call.args) == count
        assert more or not call.keywords


def parsed(file: str) -> ast.Module:
    return ast.parse((OURS / f"{file}.py").read_text())


def host_imports(tree: ast.Module) -> Iterator[tuple[str, str, bool]]:
    """What is imported from the host: the name, how the table spells it, and whether it is a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "modules":
            for alias in node.names:
                if node.module == "modules":
                    yield alias.asname or alias.name, alias.name, True
                else:
                    short = node.module.rpartition(".")[2]
                    yield alias.asname or alias.name, f"{short}.{alias.name}", False
        assert not (isinstance(node, ast.Import) and any(a.name.startswith("modules") for a in node.names)), (
            "write it as `from modules import ...`, so that this test sees what is used"
        )


def used_names(file: str) -> set[str]:
    """Every name of the host that a file of ours uses, as the table spells it."""
    tree = parsed(file)
    imports = list(host_imports(tree))
    modules = {name for name, _, is_module in imports if is_module}
    found = {spelled for _, spelled, is_module in imports if not is_module}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        dotted = ast.unparse(node)
        root = dotted.partition(".")[0]
        held = dotted.removeprefix("self.").removeprefix("_")
        if root in modules or (root == "opts" and dotted.count(".") == 1):
            found.add(dotted)
        elif held.partition(".")[0] in WATCHED and "(" not in held and held.count(".") == 1:
            found.add(held)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "scripts.Script" for base in node.bases):
            found |= script_names(node)
    return found - OWN_OPTIONS


def script_names(script: ast.ClassDef) -> set[str]:
    """Hooks that a script class of ours implements, and what it takes from its base."""
    own = {node.name for node in script.body if isinstance(node, ast.FunctionDef)}
    names = {name for name in own if not name.startswith("_")}
    for node in ast.walk(script):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self" and node.attr not in own:
            names.add(node.attr)
    for node in script.body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {f"Script.{name}" for name in names}


def in_table(file: str) -> set[str]:
    return {use.name for use in USED if use.ours == file}


@pytest.mark.parametrize("file", FILES)
def test_the_table_has_every_name_that_we_use(file: str) -> None:
    known = in_table(file)
    # `shared.state` is had by what is read of it; an imported function also by its bare name.
    missing = {
        name
        for name in used_names(file)
        if name not in known
        and name.rpartition(".")[2] not in known
        and not any(other.startswith(f"{name}.") for other in known)
    }
    assert missing == set()


@pytest.mark.parametrize("file", FILES)
def test_the_table_has_nothing_that_we_no_longer_use(file: str) -> None:
    text = (OURS / f"{file}.py").read_text()
    stale = {name for name in in_table(file) if name.rpartition(".")[2].strip('"') not in text}
    assert stale == set()


def test_every_row_names_a_file_of_ours_once() -> None:
    rows = [(use.ours, use.name) for use in USED]
    assert len(rows) == len(set(rows))
    assert {ours for ours, _ in rows} <= set(FILES)


HOST = """
from elsewhere import imported
opts: "Options" = None

def flatten(img, bgcolor, more=1): ...
def changed(img, background, needed): ...
def keywords(a, *, b, c=2): ...

class Script:
    name, other = None, 1
    args_from: int = 0
    def __init__(self): self.given = self.deep.attribute
    def elem_id(self, item_id): "--api"
    def run(self):
        self.elem_id(1); self.elem_id("x", more=2)
"""


@pytest.fixture
def host(tmp_path: Path) -> Source:
    (tmp_path / "m.py").write_text(HOST)
    return Source(tmp_path)


@pytest.mark.parametrize(
    "place", ["opts", "imported", "Script.name", "Script.other", "Script.args_from", "Script.given", "'--api'", ".deep"]
)
def test_names_are_found_wherever_a_host_may_have_them(host: Source, place: str) -> None:
    assert host.problems(Use("x", "x", (f"m.py:{place}",))) == []


@pytest.mark.parametrize("place", ["flat", "Script.taken", "Script.given.x", "'--apis'", ".deeper", "Scripts.name"])
def test_names_that_are_gone_are_missed(host: Source, place: str) -> None:
    assert host.problems(Use("x", "x", (f"m.py:{place}", "gone.py:opts"))) != []


@pytest.mark.parametrize(
    ("place", "takes", "by_name", "problems"),
    [
        ("flatten", ("img", "bgcolor"), (), []),
        ("flatten", ("img",), ("bgcolor", "more"), []),
        ("flatten", ("img",), (), ["x: needs bgcolor, which we do not give"]),
        ("flatten", ("img", "bgcolor"), ("less",), ["x: has no parameter less"]),
        ("keywords", ("a",), ("b",), []),
        ("keywords", ("a",), (), ["x: needs b, which we do not give"]),
        ("Script.elem_id", ("item_id",), (), []),
        ("opts", (), (), ["x: is no function"]),
        (
            "changed",
            ("img", "bgcolor"),
            (),
            [
                "x: takes ['img', 'background', 'needed'], where we give ['img', 'bgcolor']",
                "x: needs background, which we do not give",
                "x: needs needed, which we do not give",
            ],
        ),
    ],
)
def test_parameters_that_changed_are_told(
    host: Source, place: str, takes: tuple[str, ...], by_name: tuple[str, ...], problems: list[str]
) -> None:
    assert host.problems(Use("x", "x", (f"m.py:{place}",), takes, by_name)) == problems


def test_what_only_the_other_family_has_is_not_asked_for(host: Source, tmp_path: Path) -> None:
    use = Use("x", "x", ("m.py:gone",), family="forge")
    assert host.problems(use) == []
    (tmp_path / "modules_forge").mkdir()
    assert Source(tmp_path).problems(use) != []


def test_calls_are_found_as_they_are_written(host: Source) -> None:
    calls = host.calls("m.py:Script.run", "self.elem_id")
    assert [(len(call.args), len(call.keywords)) for call in calls] == [(1, 0), (1, 1)]
