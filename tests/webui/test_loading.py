"""How the extension is loaded, and what it adds to a host: scripts, settings, routes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from fake_webui.host import EXTENSION, Host, importable
from fake_webui.images import smooth, some_request

from pixels_ext import __version__

pytest_plugins = ["fake_webui.fixtures"]

TESTS = Path(__file__).parents[1]

LOADING = """
import importlib, json, sys
# As in a host: the extension is not installed, and its folder is in sys.path only while its script is loaded.
sys.meta_path = [finder for finder in sys.meta_path if "editable" not in repr(finder).lower()]
sys.path = [folder for folder in sys.path if folder not in ("", EXTENSION)] + [TESTS]
import fake_webui.host as fake_webui
import torch, numpy, PIL.Image, PIL.ImageOps
with fake_webui.importable():
    for name in ("api.api", "scripts", "script_callbacks", "infotext_utils"):
        importlib.import_module(f"modules.{name}")
    before = set(sys.modules)
    host = fake_webui.Host(__import__("pathlib").Path(EXTENSION))
    added = sorted(set(sys.modules) - before)
    tops = sorted({name.partition(".")[0] for name in added} - {name.partition(".")[0] for name in before})
    from fake_webui.images import smooth, some_request
    host.fresh()
    answer = host.edit(smooth(1), some_request(count=2, mode="iterative", keep_white=True))
    errors = [message for message, _ in host.errors.reported]
    paths = [folder for folder in sys.path if EXTENSION in folder and "tests" not in folder and ".venv" not in folder]
print(json.dumps({"added": added, "tops": tops, "status": answer.status, "errors": errors, "paths": paths,
                  "home": sys.modules["pixels_ext"].__file__}))
"""


def load_in_a_process_of_its_own(extension: Path) -> dict:
    code = f"EXTENSION, TESTS = {str(extension)!r}, {str(TESTS)!r}\n{LOADING}"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/", check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_loading_takes_nothing_in_that_is_heavy(tmp_path: Path) -> None:
    """Under another name and through a link, as people keep their extensions."""
    link = tmp_path / "my pixels (1)"
    link.symlink_to(EXTENSION, target_is_directory=True)
    found = load_in_a_process_of_its_own(link)
    assert not [name for name in found["added"] if name.partition(".")[0] in ("diffusers", "transformers", "scipy")]
    assert not [name for name in found["added"] if name.startswith("pixels_ext.diffusers_host")]
    ours = [name for name in found["added"] if name.startswith("pixels_ext")]
    packages = {name.rpartition(".")[0] for name in ours}
    assert 20 <= len(set(ours) - packages) <= 65
    assert set(found["tops"]) - sys.stdlib_module_names <= {"pixels_ext", "cv2"}, (
        "every host has loaded the rest already"
    )
    assert found["status"] == 200
    assert found["errors"] == []
    assert found["paths"] == []
    assert found["home"].startswith(str(link))


def test_the_process_knows_nothing_of_the_fake_webui_afterwards() -> None:
    """Otherwise another test would find a gradio that is none."""
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in ("modules", "gradio")}
    path = list(sys.path)
    with importable():
        Host()
        assert "fake_webui" in sys.modules["modules"].__file__
    after = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in ("modules", "gradio")}
    assert after == before
    assert sys.path == path


def test_the_script_is_in_img2img_alone(host: Host) -> None:
    assert "PIXELS" in host.scripts.scripts_img2img.titles
    assert "PIXELS" not in host.scripts.scripts_txt2img.titles
    assert not [s for s in host.scripts.scripts_txt2img.scripts if "Pixels" in type(s).__name__]


def test_by_name_the_api_finds_the_companion_among_always_on_scripts_and_the_script_in_the_dropdown(
    host: Host,
) -> None:
    runner = host.scripts.scripts_img2img
    first = next(script for script in runner.scripts if script.title().lower() == "pixels")
    assert type(first).__name__ == "PixelsCompanion"
    assert first.alwayson
    assert type(host.script("PIXELS")).__name__ == "PixelsScript"


def test_each_script_has_one_argument_whose_start_value_is_no_request(host: Host) -> None:
    arguments = host.module("api.api").default_script_args(host.scripts.scripts_img2img)
    for alwayson in (False, True):
        script = host.script("PIXELS", alwayson=alwayson)
        assert script.args_to == script.args_from + 1
        assert arguments[script.args_from] == ""
    labels = [host.scripts.scripts_img2img.inputs[host.script("PIXELS", alwayson=a).args_from].label for a in (0, 1)]
    assert all("PIXELS request" in label for label in labels)
    assert not [c for c in host.scripts.scripts_img2img.inputs if getattr(c, "do_not_save_to_config", None) is False]


def test_the_hosts_do_not_write_the_request_into_their_configuration(host: Host) -> None:
    for alwayson in (False, True):
        box = host.scripts.scripts_img2img.inputs[host.script("PIXELS", alwayson=alwayson).args_from]
        assert box.do_not_save_to_config is True


def test_the_setting_is_on_a_page_of_its_own_and_off(host: Host) -> None:
    info = host.shared.opts.data_labels["pixels_save_inputs"]
    assert info.default is False
    assert info.section == ("pixels", "PIXELS")
    assert "Save the exemplars" in info.label


def routes(host: Host) -> dict[str, object]:
    return {route.path: route for route in host.app.routes if route.path.startswith("/pixels")}


def test_schema_and_version_are_served_where_the_host_serves_its_api(host: Host) -> None:
    host.serve()
    found = routes(host)
    assert sorted(found) == ["/pixels/v1/schema", "/pixels/v1/strength", "/pixels/v1/version"]
    assert found["/pixels/v1/schema"].methods == ["GET"]
    schema = found["/pixels/v1/schema"].endpoint()
    assert json.loads(json.dumps(schema))["properties"]["exemplars"]["type"] == "array"
    assert found["/pixels/v1/version"].endpoint() == {"version": __version__}


@pytest.mark.parametrize(("api", "nowebui"), [(False, False), (True, False), (False, True), (True, True)])
def test_routes_are_there_exactly_where_the_host_s_are(host: Host, api: bool, nowebui: bool) -> None:
    host.shared.cmd_opts.api, host.shared.cmd_opts.nowebui = api, nowebui
    host.serve()
    assert bool(routes(host)) == (api or nowebui) == bool(host.app.routes)


@pytest.mark.parametrize("auth", [None, "me:secret"])
def test_routes_are_as_protected_as_the_host_s(host: Host, auth: str | None) -> None:
    host.shared.cmd_opts.api_auth = auth
    host.serve()
    own = next(route for route in host.app.routes if route.path == "/sdapi/v1/options")
    assert bool(own.dependencies) == bool(auth)
    assert all(route.dependencies == own.dependencies for route in routes(host).values())


def test_an_edit_after_a_reload_is_the_one_before(host: Host) -> None:
    before = host.edit(smooth(1), some_request()).image
    host.start()
    host.fresh()
    assert host.edit(smooth(1), some_request()).image.tobytes() == before.tobytes()


def page(text: str) -> str:
    return f"snow\nSteps: 4, Sampler: Euler, Seed: 1{text}"


REQUEST = ', PIXELS request: "{\\"exemplars\\":[]}"'


@pytest.mark.parametrize(
    ("text", "in_txt2img", "in_img2img"),
    [
        ("", "None", "None"),
        (", Script: X/Y/Z plot", "X/Y/Z plot", "X/Y/Z plot"),
        (f", Script: PIXELS{REQUEST}", "None", "PIXELS"),
        (f"{REQUEST}", "None", "PIXELS"),
        (f", Script: X/Y/Z plot{REQUEST}", "X/Y/Z plot", "X/Y/Z plot"),
        (", Script: PIXELS, PIXELS request: nothing", "None", "None"),
    ],
)
def test_a_result_that_is_sent_chooses_a_script_only_where_there_is_one(
    host: Host, text: str, in_txt2img: str, in_img2img: str
) -> None:
    assert host.paste(page(text), "txt2img")["Script"] == in_txt2img
    assert host.paste(page(text), "img2img")["Script"] == in_img2img


class AlmostAnAxis:
    def __init__(self, label: str) -> None:
        self.label = label


class Unhappy(ModuleType):
    def __getattr__(self, name: str) -> object:
        raise OSError(name)


def foreign(**names: object) -> ModuleType:
    module = ModuleType("somebody_s_script")
    vars(module).update(names)
    return module


NO_PLOTS = [
    foreign(axis_options={"a": 1}, AxisOption=AlmostAnAxis),
    foreign(axis_options=("a",), AxisOption=AlmostAnAxis),
    foreign(axis_options=None, AxisOption=None),
    foreign(axis_options=3, AxisOption="x"),
    foreign(axis_options=[None, 3, "x", {"label": 1}]),
    foreign(axis_options=[], AxisOption=3),
    None,
    3,
]
UNLIKE = [
    foreign(axis_options=[None, 3, AlmostAnAxis("a")], AxisOption=AlmostAnAxis),
    foreign(axis_options=[], AxisOption=AlmostAnAxis, AxisOptionImg2Img=None),
    Unhappy("unhappy"),
]


@pytest.fixture
def reloaded(host: Host) -> Iterator[Host]:
    """As after another start, and again one afterwards."""
    yield host
    host.module("webui.messages").warn_once.cache_clear()
    host.start()
    host.fresh()


@pytest.mark.parametrize("number", range(len(NO_PLOTS) + len(UNLIKE)))
def test_no_script_of_somebody_else_s_keeps_the_webui_from_starting(
    reloaded: Host, number: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    host, module = reloaded, [*NO_PLOTS, *UNLIKE][number]
    load = host.scripts.load_scripts

    def load_with_theirs(files: object) -> None:
        load(files)
        theirs = host.scripts.ScriptClassData(type("Theirs", (host.scripts.Script,), {}), "theirs.py", "", module)
        monkeypatch.setattr(theirs.script_class, "show", lambda self, is_img2img: False)
        host.scripts.scripts_data.insert(0, theirs)

    before = repr(vars(module).get("axis_options")) if isinstance(module, ModuleType) else ""
    monkeypatch.setattr(host.scripts, "load_scripts", load_with_theirs)
    host.start()
    labels = [option.label for option in host.script("X/Y/Z plot").options]
    assert sum(label.startswith("[PIXELS] ") for label in labels) > 30
    assert before == (repr(vars(module).get("axis_options")) if isinstance(module, ModuleType) else "")
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == (number >= len(NO_PLOTS))
    for sentence in messages:
        assert sentence.startswith("PIXELS: axes for X/Y/Z plot cannot be added")
        assert sentence.endswith("Everything else works.")
    host.fresh()
    assert host.edit(smooth(1), some_request()).image


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("shared", "opts.add_option"),
        ("shared", "OptionInfo"),
        ("script_callbacks", "add_callback"),
        ("script_callbacks", "callback_map"),
        ("scripts", "scripts_data"),
    ],
)
def test_what_a_host_no_longer_has_costs_that_alone(
    reloaded: Host, module: str, name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is registered at the start, and whichever part of the host refuses it: edits go on."""
    host = reloaded
    *above, last = f"{module}.{name}".split(".")[1:]
    owner = host.module(module)
    for each in above:
        owner = getattr(owner, each)

    def refuses(*args: object, **named: object) -> None:
        raise TypeError("not any more")

    class Refuses(dict):
        def __getitem__(self, key: object) -> None:
            raise KeyError(key)

    kept = getattr(owner, last)
    replacement = refuses if callable(kept) else Refuses() if isinstance(kept, dict) else None
    started = {
        "opts.add_option": host.module("webui.settings").register,
        "OptionInfo": host.module("webui.settings").register,
        "add_callback": host.module("webui.api_routes").register,
        "callback_map": host.module("webui.api_routes").register,
        "scripts_data": host.module("webui.xyz_axes").add_axes,
    }[name]
    with monkeypatch.context() as patched:
        if name == "opts.add_option":
            patched.setattr(type(owner), last, refuses)
        else:
            patched.setattr(owner, last, replacement)
        if name == "callback_map":
            patched.setattr(host.callbacks, "on_app_started", lambda function: kept["callbacks_app_started"].append(0))
        started()
    assert all(record.getMessage().endswith("Everything else works.") for record in caplog.records)
    assert len(caplog.records) == {"opts.add_option": 6, "OptionInfo": 6, "scripts_data": 1}.get(name, 0)
    assert host.edit(smooth(1), some_request()).image


def test_settings_that_could_not_be_added_are_at_their_defaults(host: Host) -> None:
    for name in [name for name in host.shared.opts.data if name.startswith("pixels_")]:
        del host.shared.opts.data[name]
    assert host.edit(smooth(1), some_request()).image


def test_a_panel_that_cannot_be_made_is_a_text_box(
    reloaded: Host, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The hosts' API asks for it outside of any `try`."""

    def broken() -> str:
        raise OSError("no such folder")

    monkeypatch.setattr(reloaded.module("webui.panel"), "_version", broken)
    reloaded.start()
    reloaded.fresh()
    box = reloaded.scripts.scripts_img2img.inputs[reloaded.script("PIXELS").args_from]
    assert "PIXELS request" in box.label
    assert [r.getMessage()[:32] for r in caplog.records] == ["PIXELS: the panel cannot be made"]
    assert reloaded.edit(smooth(1), some_request()).image
