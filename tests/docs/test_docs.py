"""The pages: every link leads somewhere, what is made is up to date, and whatever one is told to type runs.

Commands run with the demo model where they name none, else with tiny models of random weights; with small images of
the names that the page uses, and fewer steps. Links to the outside are checked in their form only: CI has no way out.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from fake_webui.host import Host
from helpers.images import gray_map, noise_image
from helpers.lora_files import save_lora
from helpers.original_layout import single_file
from helpers.tiny_models import MODELS
from helpers.tiny_sd1 import random_pipeline
from helpers.tiny_vision import save_clipseg, save_dpt
from pages.__main__ import DOCS, TEXTS
from pages.api_text import REFUSED
from pages.field_strips import FOLDER, STRIPS, WITHOUT, file_name, request_at
from pages.fields_text import key_of
from pages.markdown_pages import ROOT, Block, Page, pages
from pages.shell_commands import commands
from PIL import Image
from safetensors.torch import save_file

from pixels_ext.cli.main import main
from pixels_ext.fields import fields_of
from pixels_ext.maps import MAP_TYPES
from pixels_ext.request import EditRequest, Exemplar, Placement, Shaping, from_json
from pixels_ext.request.summary import compact_json

pytest_plugins = ["fake_webui.fixtures"]

PAGES = pages()
README = PAGES[0]
IMAGES = (".jpg", ".png", ".svg")
OUTSIDE = re.compile(r"(https://[a-z0-9-]+(\.[a-z0-9-]+)+(/[\w./#-]*)?|http://127\.0\.0\.1:\d+.*|mailto:\S+)")

# --- links and images


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_link_leads_somewhere(page: Page) -> None:
    for link in page.links:
        if "://" in link or link.startswith("mailto:"):
            assert OUTSIDE.fullmatch(link), link
            continue
        name, _, anchor = link.partition("#")
        target = (page.path.parent / name).resolve() if name else page.path
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in Page(target).anchors, link


def test_every_page_and_image_can_be_reached_from_the_readme() -> None:
    seen, waiting = set[Path](), [README.path]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        if path.suffix == ".md":
            inside = (link.partition("#")[0] for link in Page(path).links if "://" not in link)
            waiting += [(path.parent / link).resolve() for link in inside if link]
    assert {page.path for page in PAGES} <= seen
    assert {path for path in DOCS.rglob("*") if path.suffix in IMAGES} <= seen


def test_files_that_are_named_exist() -> None:
    for page in PAGES:
        for name in re.findall(r"(?<![\w/])(?:tests|pixels_ext|javascript)/[\w/.]+\.(?:py|mjs|md|csv)", page.text):
            assert (ROOT / name).exists(), f"{page.name}: {name}"


# --- what is made


@pytest.mark.parametrize("name", list(TEXTS))
def test_what_is_made_is_up_to_date(name: str) -> None:
    now = (DOCS / name).read_text(encoding="utf-8")
    assert TEXTS[name](now) == now, "run python tasks.py pages"


def test_every_field_is_shown_or_it_is_said_why_not() -> None:
    tables = [(EditRequest, (), ""), (Exemplar, (), ""), (Placement, ("placement",), ""), (Shaping, ("shaping",), "")]
    tables += [(source, ("edit_map",), source.map_type) for source in MAP_TYPES]
    keys = [key_of(model, (*path, name), source) for model, path, source in tables for name, _ in fields_of(model)]
    assert len(keys) == len(set(keys))
    assert sorted([*STRIPS, *WITHOUT]) == sorted(keys)
    assert {path.stem for path in (DOCS / FOLDER).iterdir()} == {file_name(key) for key in STRIPS}


def test_strips_show_what_can_be_asked_for() -> None:
    for strip in STRIPS.values():
        assert len({compact_json(request_at(strip, value)) for value in strip.values}) == len(strip.values)
        assert len(strip.labels) == len(strip.values)


# --- what one is told to type


ONE = ("--source", "meadow.jpg", "--exemplar", "evening.jpg", "--map", "sky.png", "-o", "out.png")
INSTEAD: dict[str, tuple[str, ...]] = {
    "...": ONE,
    "stabilityai/stable-diffusion-xl-base-1.0": ("path/to/sdxl-folder",),
    "stabilityai/stable-diffusion-xl-refiner-1.0": ("path/to/sdxl-refiner",),
    "kandinsky-community/kandinsky-2-2-decoder": ("path/to/kandinsky",),
    "--offload": (),  # refused on a CPU, as is the word behind it
    "model": (),
}
"""What stands in the commands, and what is run in its place."""
QUICK = ("--steps", "4", "--size", "128", "--quiet")
OF_OTHERS = {"--api", "--api-auth", "--gradio-auth", "--no-half-vae", "--nowebui", "--renoised"}
"""Flags of the WebUI, and of commands in `tests/`."""
ABOUT_OTHER_COMMANDS = {"docs/cost.md", "docs/table1.md"}
COMMANDS = [(page, block, argv) for page in PAGES for block, argv in commands(page)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the images and models of which the pages speak."""
    made = tmp_path_factory.mktemp("reader")
    for seed, name in enumerate(("meadow.jpg", "evening.jpg", "snow.png", "source.jpg", "exemplar.jpg")):
        noise_image(seed).save(made / name)
    for seed, name in enumerate(("sky.png", "map.png")):
        gray_map(seed + 1).save(made / name)
    (made / "pixels_ext").symlink_to(ROOT / "pixels_ext")
    random_pipeline().save_pretrained(made / "path" / "to" / "model")
    return made


@pytest.fixture(scope="module")
def with_models(folder: Path) -> Path:
    """The same with a model of every kind that `docs/models.md` names, and two that see."""
    models = folder / "path" / "to"
    pipelines = {name: MODELS[name]() for name in ("SDXL base", "SDXL refiner", "Kandinsky 2.2", "Flux.1 dev")}
    pipelines["SDXL base"].save_pretrained(models / "sdxl-folder")
    save_file(single_file(pipelines["SDXL base"], "sdxl"), folder / "sdxl.safetensors")
    save_lora("SDXL base", folder / "style.safetensors", 1)
    save_lora("SDXL base", folder / "light.safetensors", 2)
    pipelines["SDXL refiner"].save_pretrained(models / "sdxl-refiner")
    pipelines["Kandinsky 2.2"].save_pretrained(models / "kandinsky")
    pipelines["Kandinsky 2.2"].prior_pipe.save_pretrained(models / "prior")
    pipelines["Kandinsky 2.2"].decoder_pipe.save_pretrained(models / "decoder")
    for name in ("flux", "flux-folder"):
        pipelines["Flux.1 dev"].save_pretrained(models / name)
    save_file(pipelines["Flux.1 dev"].transformer.state_dict(), folder / "flux-transformer.safetensors")
    save_dpt(folder / "models" / "Intel" / "dpt-hybrid-midas")
    save_clipseg(folder / "models" / "CIDAS" / "clipseg-rd64-refined")
    return folder


def test_there_are_commands_on_many_pages() -> None:
    assert len({page.name for page, _, _ in COMMANDS}) >= 5
    assert len(COMMANDS) >= 20


@pytest.mark.parametrize(
    ("block", "argv"),
    [(block, argv) for _, block, argv in COMMANDS],
    ids=[f"{page.name}:{block.line}" for page, block, _ in COMMANDS],
)
def test_every_command_runs(block: Block, argv: list[str], with_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(with_models)
    told = [part for word in argv for part in INSTEAD.get(word, (word,))]
    out = Path(told[told.index("-o") + 1])
    assert not out.exists(), "what goes in would be overwritten"
    assert main([*told, *QUICK]) == 0
    written = [out, out.with_stem(f"{out.stem}-1")]
    assert any(file.exists() for file in written)
    for file in written:
        file.unlink(missing_ok=True)


def test_the_two_commands_are_there_and_come_early() -> None:
    assert re.findall(r"^    (make \w+)", README.text, re.MULTILINE)[:2] == ["make demo", "make test"]
    tasks = subprocess.run([sys.executable, "tasks.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in PAGES:
        for block in page.blocks():
            for command, task in re.findall(r"^\s*(make|python3 tasks\.py) (\w+)", block.text, re.MULTILINE):
                assert task in (makefile if command == "make" else tasks.stdout), f"{page.name}: {command} {task}"


def test_every_flag_that_is_named_exists(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["edit", "--help"])
    known = set(re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out)) | OF_OTHERS
    for page in (page for page in PAGES if page is README or page.path.parent == DOCS):
        if page.name in ABOUT_OTHER_COMMANDS:
            continue
        ours = (code for code in page.codes if not code.startswith(("tests/", "PYTHONPATH=tests")))
        named = {flag for code in ours for flag in re.findall(r"(?:^|(?<= ))--[a-z](?:[a-z-]*[a-z])?(?![a-z-])", code)}
        assert named <= known, page.name


# --- requests and Python


def _objects() -> Iterator[tuple[str, Any]]:
    """Every JSON object with which a block begins, or that stands in a sentence: where, and what it says."""
    for page in PAGES:
        for block in page.blocks():
            if block.language in ("", "json") and block.text.startswith("{"):
                yield f"{page.name}:{block.line}", json.JSONDecoder().raw_decode(block.text)[0]
        for code in page.codes:
            if code.startswith('{"type"'):
                yield f"{page.name}: {code}", {"image": "...", "edit_map": json.loads(code)}


OBJECTS = list(_objects())


@pytest.mark.parametrize("told", [told for _, told in OBJECTS], ids=[name for name, _ in OBJECTS])
def test_every_request_is_a_good_one(told: dict[str, Any]) -> None:
    request = told.get("request", told)
    request = {"exemplars": [request]} if "image" in request else request
    assert from_json(request, lambda _: Image.new("L", (8, 8))).exemplars


def test_refusals_have_one_mistake_each() -> None:
    assert len({json.dumps(request) for request in REFUSED}) == len(REFUSED)


def test_the_readme_s_request_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    [request] = [told for name, told in OBJECTS if name.startswith("README.md:")]
    Path("request.json").write_text(json.dumps(request))
    arguments = ("edit", "--source", "meadow.jpg", "--request", "request.json", "--model", "path/to/model")
    assert main([*arguments, *QUICK, "-o", "by-request.png"]) == 0
    assert Path("by-request.png").exists()


def block_of(page: str, language: str) -> str:
    [found] = [block.text for block in Page(ROOT / page).blocks() if block.language == language]
    return found


def test_the_readme_s_python_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    code = block_of("README.md", "python")
    assert len(code.strip().splitlines()) <= 12
    exec(compile(code, "README.md", "exec"), {})
    assert Image.open("edit.png").size == (64, 64)


def test_no_other_page_has_python() -> None:
    """Else it would have to be run here."""
    assert {page.name for page in PAGES for block in page.blocks() if block.language == "python"} == {
        "README.md",
        "docs/api.md",
    }


# --- the API, on the fake WebUI


@pytest.fixture
def served(host: Host) -> Iterator[tuple[str, list[Any]]]:
    """The address at which the fake WebUI answers `POST /sdapi/v1/img2img`, and its answers."""
    answers: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/sdapi/v1/img2img"
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = host.api.img2img(body)
            answers.append(answer)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            """Nothing in the test's output."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", answers
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("language", ["python", "bash"])
def test_the_api_calls_run(
    language: str, served: tuple[str, list[Any]], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if language == "bash" and not shutil.which("curl"):
        pytest.skip("curl is not there")
    code, (address, answers) = block_of("docs/api.md", language), served
    assert "http://127.0.0.1:7860" in code
    told = code.replace("http://127.0.0.1:7860", address)
    command = [sys.executable, "-c", told] if language == "python" else ["bash", "-e", "-c", told]
    for name in ("source.jpg", "exemplar.jpg", "map.png"):  # of the size that the payload says
        Image.open(folder / name).resize((512, 384)).save(folder / name)
    monkeypatch.setenv("no_proxy", "*")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr[-2000:]
    [answer] = answers
    assert "1 exemplar" in answer["info"]
    if language == "python":
        assert Image.open(folder / "edit.png").size == (512, 384)
    else:
        assert json.loads((folder / "answer.json").read_text()) == answer


def test_the_page_names_the_routes_that_there_are(host: Host) -> None:
    host.serve()
    ours = {(method, route.path) for route in host.app.routes for method in getattr(route, "methods", ())}
    told = set(re.findall(r"^\| `(GET|POST) (/pixels/\S+)` \|", Page(DOCS / "api.md").text, re.MULTILINE))
    assert told == {(method, path) for method, path in ours if path.startswith("/pixels/")}
