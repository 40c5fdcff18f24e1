"""Does a real host still have every name that we use? It is read, not imported.

PIXELS_HOST_SOURCE=/path/to/stable-diffusion-webui pytest tests/webui/test_contract.py
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_webui.contract import CALLS, OWN_OPTIONS, USED, Source, Use
from fake_webui.contract_types import TYPES, UNTOLD, WRITTEN, keywords_of, types_at, types_written

OURS = Path(__file__).parents[2] / "pixels_ext" / "webui"
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


def read_uses() -> dict[str, Use]:
    """What we read as a value: no function, and nothing of one family alone."""
    held = ("p.", "pp.", "Script.", "opts.", "shared.state.")
    return {use.name: use for use in USED if use.takes is None and use.name.startswith(held) and not use.family}


def test_of_everything_that_we_read_the_types_are_known() -> None:
    assert set(read_uses()) == set(TYPES) | UNTOLD


@pytest.mark.parametrize("name", TYPES)
def test_it_is_of_the_types_that_we_expect(source: Source, name: str) -> None:
    found = {each for place in read_uses()[name].places for each in types_at(source, place)}
    found |= {each for file in WRITTEN.get(name, ()) for each in types_written(source, file, name)}
    assert found or name in UNTOLD
    assert found <= TYPES[name]


def test_the_first_argument_is_a_number_from_the_page_and_a_title_from_an_infotext(source: Source) -> None:
    """As `webui/activation.py` expects: the API's `infotext` takes over what the field makes of a text, and makes it of
    the type that the dropdown's own value has."""
    found = keywords_of(source, "modules/scripts.py", "gr.Dropdown", label="Script")
    assert found["type"] == "index"
    assert found["value"] == "None"
    assert source.at("modules/api/api.py:.apply_infotext") is not None
    assert source.at("modules/api/api.py:'infotext'") is not None


def test_what_the_caller_overrides_comes_after_our_first_hook(source: Source) -> None:
    """As `webui/settings.py` expects."""
    place = "modules/processing.py:process_images"

    def line(*callees: str) -> int:
        return min(call.lineno for callee in callees for call in source.calls(place, callee))

    assert line("p.scripts.before_process") < line("opts.set", "set_config") < line("process_images_inner")


def test_scripts_are_shown_outside_of_any_try(source: Source) -> None:
    """Why `axes.add` never raises."""
    assert source.calls("modules/scripts.py:ScriptRunner.initialize_scripts", "script.show")


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
            names |= set() if node.attr.startswith("_") else {node.attr}
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


TYPED = """
class P:
    scripts_value: scripts.ScriptRunner = field(default=None, init=False)
    args_value: "list" = None
    paste_to: tuple | None = field(default=None, init=False)
    other: Optional[dict[str, int]] = 3
    rate = 0.5
    def __init__(self): self.given = self.given or {}
    @property
    def scripts(self): return self.scripts_value
    @property
    def size(self) -> int: return 3
options = {"place": OptionInfo("", "Place"), "many": OptionInfo([1], "Many"), "made": OptionInfo(f(), "Made")}
p.args = tuple(args)
p.args = args
gr.Dropdown(label="Other", type="value"); gr.Dropdown(label="Script", type="index", choices=[1])
"""


@pytest.mark.parametrize(
    ("place", "types"),
    [
        ("P.scripts", {"ScriptRunner", "NoneType"}),
        ("P.args_value", {"list", "NoneType"}),
        ("P.paste_to", {"tuple", "NoneType"}),
        ("P.other", {"dict", "NoneType", "int"}),
        ("P.rate", {"float"}),
        ("P.given", {"dict"}),
        ("P.size", {"int"}),
        ("P.gone", set()),
        ("'place'", {"str"}),
        ("'many'", {"list"}),
        ("'made'", set()),
    ],
)
def test_types_are_read_as_they_are_written(tmp_path: Path, place: str, types: set[str]) -> None:
    (tmp_path / "typed.py").write_text(TYPED)
    source = Source(tmp_path)
    assert types_at(source, f"typed.py:{place}") == types
    assert types_written(source, "typed.py", "p.args") == {"tuple"}
    assert keywords_of(source, "typed.py", "gr.Dropdown", label="Script") == {"label": "Script", "type": "index"}


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
