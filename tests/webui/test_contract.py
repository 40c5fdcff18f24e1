"""Does a real host still have everything that we use? Its source is read, not imported.

PIXELS_HOST_SOURCE=/path/to/stable-diffusion-webui pytest tests/webui/test_contract.py
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_webui.contract import (
    CALLS,
    CLASSES,
    DECLARING,
    ELSEWHERE,
    FAMILY,
    MODULES,
    OVERRIDDEN,
    PLACES,
    PROTOCOLS,
    UNDECLARED,
    WEBUI,
    WRITTEN,
    Attribute,
    attributes,
    hooks,
)
from fake_webui.host_source import Source, Use, keywords_of, types_at, types_written

FOLDER = os.environ.get("PIXELS_HOST_SOURCE")
ATTRIBUTES = attributes()
FILES = sorted(path for path in WEBUI.glob("*.py") if path != PROTOCOLS)
HOST_OBJECTS = {"denoiser", "model", "p", "pp", "predictor", "processed", "rng", "runner", "sampler", "state"}
"""Names under which our code holds objects of the host."""
OWN_ATTRIBUTES = {"__dict__", "__name__", "dynamic_args", "path"}
"""What `getattr` reads of objects that are not the host's, or of a module that is only looked up."""
USES = [attribute.use for attribute in ATTRIBUTES.values()] + list(hooks())
USES += [use for uses in MODULES.values() for use in uses]


@pytest.fixture(scope="module")
def source() -> Source:
    if not FOLDER:
        pytest.skip("PIXELS_HOST_SOURCE does not say where a WebUI's folder is")
    folder = Path(FOLDER)
    assert (folder / "modules" / "processing.py").is_file(), f"{folder} is not a WebUI's folder"
    return Source(folder)


@pytest.mark.parametrize("use", dict.fromkeys(USES), ids=lambda use: use.name)
def test_the_host_has_what_we_use(source: Source, use: Use) -> None:
    assert source.problems(use) == []


@pytest.mark.parametrize(("place", "callee", "count", "more"), CALLS, ids=lambda value: str(value))
def test_the_host_calls_our_replacements_with_the_arguments_that_we_expect(
    source: Source, place: str, callee: str, count: int, more: bool
) -> None:
    calls = source.calls(place, callee)
    assert calls, f"{callee} is not called in {place}"
    for call in calls:
        assert len(call.args) == count
        assert more or not call.keywords


def host_types(source: Source, name: str, use: Use) -> set[str]:
    found = {each for place in use.places for each in types_at(source, place)}
    return found | {each for file in WRITTEN.get(name, ()) for each in types_written(source, file, f"p.{name[11:]}")}


@pytest.mark.parametrize("name", [name for name, attribute in ATTRIBUTES.items() if attribute.types])
def test_the_host_declares_no_type_that_the_protocol_does_not(source: Source, name: str) -> None:
    attribute = ATTRIBUTES[name]
    if attribute.use.family not in ("", source.family):
        return
    found = host_types(source, name, attribute.use)
    if name.partition(".")[0] in DECLARING:
        assert bool(found) or name in UNDECLARED
    assert found <= accepted(attribute)


SAYS_NOTHING = {"Any", "object"}
EVERY_TYPE = {"NoneType", "str", "int", "float", "bool", "list", "tuple", "dict"}


def accepted(attribute: Attribute) -> set[str]:
    """The names of types that a host may declare. An integer is a float."""
    types = set(attribute.types)
    names = types | {each for name in types for each in CLASSES.get(name, ())} | SAYS_NOTHING
    return names | ({"int"} if "float" in types else set()) | (EVERY_TYPE if types & SAYS_NOTHING else set())


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


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def host_imports(tree: ast.Module) -> Iterator[tuple[str, str, bool]]:
    """What is imported from the host: the name, how `MODULES` writes it, and whether it is a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("modules", "backend"):
            for alias in node.names:
                if node.module in ("modules", "backend"):
                    yield alias.asname or alias.name, alias.name, True
                else:
                    short = node.module.rpartition(".")[2]
                    yield alias.asname or alias.name, f"{short}.{alias.name}", False
        assert not (isinstance(node, ast.Import) and any(a.name.startswith("modules") for a in node.names)), (
            "write it as `from modules import ...`, so that this test sees what is used"
        )


def used_names(tree: ast.Module) -> set[str]:
    """What a file of ours uses of the host's modules, as `MODULES` writes it."""
    imports = list(host_imports(tree))
    modules = {name for name, _, is_module in imports if is_module}
    found = {written for _, written, is_module in imports if not is_module}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            found.add(f"{node.value.id}.{node.attr}")
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_table_has_everything_that_we_use_of_the_host_s_modules(file: Path) -> None:
    assert used_names(parsed(file)) <= {use.name for use in MODULES.get(file.stem, ())}


@pytest.mark.parametrize("file", MODULES)
def test_the_table_has_nothing_that_we_no_longer_use(file: str) -> None:
    text = (WEBUI / f"{file}.py").read_text(encoding="utf-8")
    assert {use.name for use in MODULES[file] if use.name.rpartition(".")[2] not in text} == set()
    assert len(MODULES[file]) == len({use.name for use in MODULES[file]})


def test_the_tables_name_existing_protocols_and_attributes() -> None:
    protocols = {name.partition(".")[0] for name in ATTRIBUTES}
    assert set(PLACES) == protocols
    assert protocols >= DECLARING
    assert set(ATTRIBUTES) >= {*ELSEWHERE, *OVERRIDDEN, *UNDECLARED, *WRITTEN}
    assert set(FAMILY) <= protocols | set(ATTRIBUTES)


def test_every_attribute_of_a_protocol_is_used() -> None:
    used = set()
    for file in FILES:
        for node in ast.walk(parsed(file)):
            used |= {node.attr} if isinstance(node, ast.Attribute) else set()
            used |= {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()
            used |= {node.id} if isinstance(node, ast.Name) else set()
    assert {name for name in ATTRIBUTES if name.rpartition(".")[2] not in used | {"__init__"}} == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_objects_of_the_host_are_typed_so_that_mypy_knows_their_attributes(file: Path) -> None:
    assert list(untyped_objects(parsed(file))) == []


def untyped_objects(tree: ast.Module) -> Iterator[str]:
    """Parameters and expressions that hold an object of the host, but have no type."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            no_type = node.annotation is None or ast.unparse(node.annotation) == "Any"
            found = node.arg if node.arg in HOST_OBJECTS and no_type else ""
        else:
            found = ast.unparse(node) if isinstance(node, ast.Attribute | ast.Assign) else ""
            value = ast.unparse(node.value) if found else ""
            found = found if value in ("shared.state", "shared.opts") else ""
        if found:
            yield found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_names_in_getattr_are_in_a_protocol(file: Path) -> None:
    known = {name.rpartition(".")[2] for name in ATTRIBUTES} | OWN_ATTRIBUTES
    known |= {use.name.rpartition(".")[2] for use in MODULES.get(file.stem, ())}
    assert set(getattr_names(parsed(file))) <= known


def getattr_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "hasattr") and len(node.args) > 1:
            yield from [node.args[1].value] if isinstance(node.args[1], ast.Constant) else []


@pytest.mark.parametrize("script", ["PixelsScript", "PixelsCompanion"])
def test_what_our_scripts_take_from_their_base_is_in_the_protocol(script: str) -> None:
    """mypy cannot know: their base class is the host's."""
    (node,) = (n for n in parsed(WEBUI / "script.py").body if isinstance(n, ast.ClassDef) and n.name == script)
    own = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
    names = {target.id for each in node.body if isinstance(each, ast.Assign) for target in each.targets}
    names |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute) and ast.unparse(n.value) == "self"}
    public = {name for name in names - own if not name.startswith("_")}
    assert public <= {name.removeprefix("Script.") for name in ATTRIBUTES if name.startswith("Script.")}


PROTOCOL = """
class Sampler(Protocol):
    model_wrap_cfg: Late[CFGDenoiser]
    def launch_sampling(self, steps: int, func: Callable[[], Any]) -> Any: ...
class Processing(Protocol):
    sample: Callable[..., Tensor]
    paste_to: tuple[int, int, int, int] | None
    def comment(self, text: str, *, more: bool) -> None: ...
"""


def test_attributes_are_read_as_the_protocols_declare_them() -> None:
    found = attributes(ast.parse(PROTOCOL))
    common, processing = "modules/sd_samplers_common.py:Sampler", "modules/processing.py:StableDiffusionProcessing"
    assert found["Sampler.model_wrap_cfg"].types == {"CFGDenoiser", "NoneType"}
    launch = Use("Sampler.launch_sampling", (f"{common}.launch_sampling",), ("steps", "func"), called=False)
    assert found["Sampler.launch_sampling"] == Attribute(launch)
    assert found["Processing.paste_to"].types == {"tuple", "NoneType"}
    assert found["Processing.sample"].use.takes == ()
    comment = found["Processing.comment"].use
    assert (comment.takes, comment.by_name, comment.called) == (("text",), ("more",), True)
    assert comment.places == (f"{processing}Img2Img.comment", f"{processing}.comment")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("def f(p: Any): ...", ["p"]),
        ("def f(sampler): ...", ["sampler"]),
        ("def f(p: Processing, other: Any): ...", []),
        ("x = shared.state.job", ["shared.state.job"]),
        ("state = shared.state", ["state = shared.state"]),
        ("state: State = shared.state", []),
    ],
)
def test_untyped_objects_of_the_host_are_found(code: str, found: list[str]) -> None:
    assert list(untyped_objects(ast.parse(code))) == found


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
    assert host.problems(Use("x", (f"m.py:{place}",))) == []


@pytest.mark.parametrize("place", ["flat", "Script.taken", "Script.given.x", "'--apis'", ".deeper", "Scripts.name"])
def test_names_that_are_gone_are_missed(host: Source, place: str) -> None:
    assert host.problems(Use("x", (f"m.py:{place}", "gone.py:opts"))) != []


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
    assert host.problems(Use("x", (f"m.py:{place}",), takes, by_name)) == problems


def test_what_only_the_other_family_has_is_not_asked_for(host: Source, tmp_path: Path) -> None:
    use = Use("x", ("m.py:gone",), family="forge")
    assert host.problems(use) == []
    (tmp_path / "modules_forge").mkdir()
    assert Source(tmp_path).problems(use) != []


def test_calls_are_found_as_they_are_written(host: Source) -> None:
    calls = host.calls("m.py:Script.run", "self.elem_id")
    assert [(len(call.args), len(call.keywords)) for call in calls] == [(1, 0), (1, 1)]
