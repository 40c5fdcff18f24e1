"""Table 1 end to end, on a few drawn scenes, with random weights: SDXL's, CLIP's and something like Inception's."""

from __future__ import annotations

import csv
import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from demo_model.drawing.landscapes import scene
from demo_model.scenes import HELD_OUT_SEED
from fake_webui.host import Host
from helpers.images import gray_map, noise_image
from helpers.tiny_metric_models import FEATURES, save_clip, save_inception
from helpers.tiny_models import sdxl
from PIL import Image
from table1.__main__ import main
from table1.clip_i import ClipI
from table1.diffusers_edits import InProcess
from table1.fid import Frechet, Inception
from table1.flags import parser
from table1.plan import Plan
from table1.regions import cut_out, edited_box
from table1.report import PAPER
from table1.scores import pasted
from table1.store import written
from table1.webui_edits import WebUI

from pixels_ext.cli import main as cli
from pixels_ext.diffusers_host import Settings
from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.errors import RequestError

pytest_plugins = ["fake_webui.fixtures"]

COUNT, SIDE = 4, 64
CPU = torch.device("cpu")
Command = Callable[..., int]


@pytest.fixture(scope="module")
def given_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images in folders of classes as ImageNet has them, and the three models."""
    folder = tmp_path_factory.mktemp("table1")
    for number in range(2 * COUNT):
        of_class = folder / "images" / f"n{number % 3:08}"
        of_class.mkdir(parents=True, exist_ok=True)
        image = scene(HELD_OUT_SEED + number, 96, 72).picture
        Image.fromarray(image).save(of_class / f"ILSVRC2012_val_{number:08}.JPEG")
    sdxl().save_pretrained(folder / "sdxl")
    save_clip(folder / "clip")
    save_inception(folder / "inception.pt")
    return folder


@pytest.fixture
def run(given_files: Path, tmp_path: Path) -> Command:
    """The command with everything that is given, and further flags, of which the last ones count."""

    def run(*flags: object, out: str = "out", backend: tuple[object, ...] = ("--model", given_files / "sdxl")) -> int:
        given = ("--images", given_files / "images", "--out", tmp_path / out, "--count", COUNT, *backend)
        sampling = ("--size", SIDE, "--steps", 5, "--strength", 0.8, "--device", "cpu")
        scores = ("--clip", given_files / "clip", "--inception", given_files / "inception.pt")
        return main([str(word) for word in (*given, *sampling, *scores, *flags)])

    return run


def edits_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "edits").iterdir())}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seeds of all edits that a model made."""
    seeds: list[int] = []
    edit = InProcess.edit

    def counted(self: InProcess, source: Image.Image, request: Any, settings: Settings) -> Any:
        seeds.append(settings.seed)
        return edit(self, source, request, settings)

    monkeypatch.setattr(InProcess, "edit", counted)
    return seeds


def stop_at(monkeypatch: pytest.MonkeyPatch, seed: int, error: BaseException) -> None:
    edit = InProcess.edit

    def stopping(self: InProcess, source: Image.Image, request: Any, settings: Settings) -> Any:
        if settings.seed == seed:
            raise error
        return edit(self, source, request, settings)

    monkeypatch.setattr(InProcess, "edit", stopping)


def test_a_whole_run(run: Command, given_files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    files = [tmp_path / "out" / name for name in ("table1.md", "scores.csv", "first.png")]
    assert capsys.readouterr().out.split() == list(map(str, files))
    table = files[0].read_text("utf-8")
    with files[1].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["index"] for row in rows] == list("0123")
    means = [np.mean([float(row[name]) for row in rows]) for name in ("whole", "region")]
    plan = Plan(given_files / "images", 0, SIDE)
    frechet, inception = Frechet(FEATURES), Inception(str(given_files / "inception.pt"), CPU)
    for name in plan.names:
        frechet.add(inception.features(plan.square(name)), real=True)
    for path in (tmp_path / "out" / "edits").iterdir():
        frechet.add(inception.features(Image.open(path)), real=False)
    assert "| **PIXELS, this run** | {:.2f} | {:.2f} | {:.3f} | ".format(*means, frechet.distance()) in table
    clip = ClipI(str(given_files / "clip"), CPU)
    inputs = plan.inputs(next(plan.edits(1)))
    region, merely_pasted = edited_box(inputs.edit_map), pasted(inputs, 4)
    for result, column in ((Image.open(tmp_path / "out/edits/00000.png"), ""), (merely_pasted, "pasted_")):
        likeness = clip.between(cut_out(result, region), inputs.exemplar)
        assert float(rows[0][f"{column}whole"]) == pytest.approx(likeness, abs=1e-3)
    for method, clip_i, fid in PAPER:
        source = "the paper" if method == "PIXELS" else "the paper; not run here"
        assert f"| {method} | {clip_i:.2f} | | {fid:.3f} | {source} |" in table
    assert "The paper judged 3000 edits, this run 4." in table
    assert "FID says little at all" in table
    assert "This Inception has 16 features, not 2048: it is a stand-in, and its FID means nothing." in table
    assert f"| FID's reference | {2 * COUNT} images: the sources and exemplars, each once |" in table
    assert Image.open(files[2]).height > COUNT * 256


def test_an_edit_is_the_command_lines(run: Command, given_files: Path, tmp_path: Path) -> None:
    assert run("--no-scores") == 0
    plan = Plan(given_files / "images", 0, SIDE)
    edit = list(plan.edits(COUNT))[2]
    inputs = plan.inputs(edit)
    images = {"source": inputs.source, "exemplar": inputs.exemplar, "map": inputs.edit_map}
    for name, image in images.items():
        image.save(tmp_path / f"{name}.png")
    words = [word for name in images for word in (f"--{name}", str(tmp_path / f"{name}.png"))]
    words += ["--black-point", "0", "--white-point", "1", "--steps", "5", "--strength", "0.8", "--sampler", "Euler"]
    words += ["--seed", str(edit.seed), "--model", str(given_files / "sdxl"), "--device", "cpu", "--quiet"]
    assert cli.main(["edit", *words, "-o", str(tmp_path / "edit.png")]) == 0
    theirs, ours = (Image.open(tmp_path / name) for name in ("edit.png", "out/edits/00002.png"))
    assert np.array_equal(np.asarray(theirs), np.asarray(ours))
    # The map's grays came by another file, whose hash is another.
    assert theirs.text["parameters"].partition(", PIXELS:")[0] == ours.text["parameters"].partition(", PIXELS:")[0]
    assert json.loads(ours.text["pixels_table1"]) == vars(edit)


@pytest.mark.parametrize("code", [130, 1])
def test_what_was_stopped_goes_on_as_if_it_was_not(
    run: Command, tmp_path: Path, made: list[int], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--no-scores", out="whole") == 0
    made.clear()
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, 2, KeyboardInterrupt() if code == 130 else ModelError("model", "is gone", "here"))
        assert run("--no-scores") == code
    assert "goes on" in (said := capsys.readouterr().err.splitlines()[-1]) or "edit 2: model: gone" in said
    assert list(edits_in(tmp_path / "out")) == ["00000.png", "00001.png"]
    assert run("--no-scores") == 0
    assert made == [0, 1, 2, 3]
    assert edits_in(tmp_path / "out") == edits_in(tmp_path / "whole")
    assert run("--no-scores") == 0
    assert made == [0, 1, 2, 3]


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    def half(file: Any) -> None:
        file.write(b"half a pic")
        raise MemoryError

    with pytest.raises(MemoryError):
        written(tmp_path / "00000.png", half)
    assert not (tmp_path / "00000.png").exists()
    written(tmp_path / "00000.png", lambda file: file.write(b"a picture"))
    assert [path.name for path in tmp_path.iterdir()] == ["00000.png"]


def test_more_edits_can_be_asked_for_later(run: Command, tmp_path: Path, made: list[int]) -> None:
    assert run("--no-scores", "--count", 2) == 0
    first = edits_in(tmp_path / "out")
    assert run("--no-scores") == 0
    assert made == [0, 1, 2, 3]
    assert first.items() <= edits_in(tmp_path / "out").items()


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--strength", 0.6), "strength: 0.6, but the edits in {out!r} were begun with 0.8 (expected the same"),
        (("--seed", 1), "seed: 1, but the edits in {out!r} were begun with 0 (expected the same again"),
        (("--negative-prompt", "blur"), "negative_prompt: 'blur', but the edits in {out!r} were begun with ''"),
        (("--images", "OTHERS"), "images: '3 files, "),
        (("--maps", "OTHERS"), "maps: '3 files, "),
        (("--model", "OTHERS"), "model: '"),
    ],
)
def test_other_settings_are_refused(
    run: Command, tmp_path: Path, made: list[int], flags: Any, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, others = tmp_path / "out", tmp_path / "others"
    others.mkdir()
    for number in range(3):
        noise_image(number).save(others / f"{number}.png")
    assert run("--no-scores", "--count", 2) == 0
    before, there = len(made), (out / "run.json").read_bytes()
    capsys.readouterr()
    assert run("--no-scores", *(others if word == "OTHERS" else word for word in flags)) == 2
    [said] = capsys.readouterr().err.strip().splitlines()
    assert said.startswith("table1: " + sentence.format(out=str(out)))
    assert said.endswith(" (expected the same again, or another --out).")
    assert len(made) == before
    assert (out / "run.json").read_bytes() == there


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (("--webui", "http://127.0.0.1:9"), 2, "model: given beside --webui (expected either --model or --webui)."),
        (("--images", "{tmp}"), 2, "out: lies in --images, whose images its own would join (expected another"),
        (("--count", 1), 2, "count: 1 (expected at least 2)."),
        (("--steps", 1), 2, "steps: 1, which at strength 0.8 runs no step"),
        (("--images", "{tmp}/none"), 2, "which is no folder (expected a folder of images)."),
        (("--maps", "{tmp}/empty"), 2, "in which there is no image (expected a folder of images)."),
        (("--reference", "{tmp}/none"), 2, "reference: "),
        (("--out", "{tmp}/.."), 2, "which has files but no run.json (expected an empty folder"),
        (("--out", "{tmp}/a file"), 2, "out: '{tmp}/a file', which cannot be created: File exists (expected a folder"),
        (("--out", "/proc/x"), 2, "out: '/proc/x', which cannot be created: No such file"),
        (("--clip", "{tmp}"), 1, "clip: '{tmp}' cannot be loaded: "),
        (("--inception", "{tmp}/none"), 1, "inception: '{tmp}/none' cannot be used: "),
        (("--model", "{tmp}"), 1, "edit 0: model: '{tmp}' cannot be loaded: there is no model_index.json in it"),
    ],
)
def test_what_cannot_be_used_is_refused(
    run: Command, tmp_path: Path, flags: Any, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "empty").mkdir()
    flags = [word.format(tmp=tmp_path) if isinstance(word, str) else word for word in flags]
    assert run(*flags) == code
    assert said.format(tmp=tmp_path) in capsys.readouterr().err
    assert not list((tmp_path / "out").rglob("*.png"))


def test_maps_and_reference_of_ones_own(run: Command, tmp_path: Path) -> None:
    for folder, images in (("maps", [gray_map(1, (90, 60))]), ("real", [noise_image(n) for n in range(5)])):
        (tmp_path / folder).mkdir()
        for number, image in enumerate(images):
            image.save(tmp_path / folder / f"{number}.png")
    assert run("--maps", tmp_path / "maps", "--reference", tmp_path / "real") == 0
    table = (tmp_path / "out" / "table1.md").read_text("utf-8")
    assert f"| FID's reference | 5 images: {tmp_path / 'real'} |" in table
    assert "| maps | 1 files, " in table
    Image.new("L", (8, 8), 200).save(tmp_path / "maps" / "0.png")
    with pytest.raises(RequestError, match="maps: '0.png', which is nowhere darker than middle gray"):
        Plan(tmp_path / "real", 0, SIDE, tmp_path / "maps").inputs(next(Plan(tmp_path / "real", 0, SIDE).edits(1)))


# The WebUI's backend: real HTTP in front of the fake WebUI, in which the real extension runs.


@pytest.fixture
def served(host: Host) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Address of the fake WebUI's API, and the bodies that it was sent."""
    bodies: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/sdapi/v1/options"
            self.answer(200, {**host.shared.opts.data, "sd_model_checkpoint": "sdxl.safetensors [0123456789]"})

        def do_POST(self) -> None:
            assert self.path == "/sdapi/v1/img2img"
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bodies.append(body)
            unknown = ("override_settings", "override_settings_restore_afterwards")  # to the fake WebUI
            host.model.forget()
            self.answer(*host.api.img2img({name: value for name, value in body.items() if name not in unknown}))

        def answer(self, status: int, body: Any) -> None:
            text = json.dumps(body, default=str).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Nothing: the server is quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", bodies
    server.shutdown()
    thread.join()
    server.server_close()


def test_by_a_webui(
    run: Command, given_files: Path, tmp_path: Path, host: Host, served: tuple[str, list[dict[str, Any]]]
) -> None:
    address, bodies = served
    assert run("--no-scores", "--count", 3, backend=("--webui", address)) == 0
    assert run(backend=("--webui", address)) == 0
    assert [body["seed"] for body in bodies] == [0, 1, 2, 3]
    assert json.loads((tmp_path / "out" / "run.json").read_text())["model"] == "sdxl.safetensors [0123456789]"
    assert {body["override_settings"]["sd_model_checkpoint"] for body in bodies} == {"sdxl.safetensors [0123456789]"}
    plan = Plan(given_files / "images", 0, SIDE)
    edit = list(plan.edits(COUNT))[1]
    inputs = plan.inputs(edit)
    request = WebUI(address).payload(inputs.source, inputs.request(), Settings())["script_args"][0]
    sampling = {"sampler_name": "Euler", "steps": 5, "denoising_strength": 0.8, "cfg_scale": 5.0, "seed": edit.seed}
    direct = host.edit(inputs.source, request, **sampling)
    kept = Image.open(tmp_path / "out" / "edits" / "00001.png")
    assert np.array_equal(np.asarray(kept), np.asarray(direct.image))
    assert kept.text["parameters"] == direct.infotexts[0]
    assert "PIXELS" in kept.text["parameters"]


def test_a_webui_that_refuses(
    run: Command,
    tmp_path: Path,
    served: tuple[str, list[dict[str, Any]]],
    host: Host,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, bodies = served
    assert run("--no-scores", "--sampler", "LCM", backend=("--webui", address)) == 1
    said = capsys.readouterr().err
    assert " answered /sdapi/v1/img2img with HTTP " in said
    host.errors.reported.clear()
    assert run("--no-scores", out="other", backend=("--webui", "http://127.0.0.1:9")) == 1
    assert "webui: 'http://127.0.0.1:9', which cannot be asked: " in capsys.readouterr().err
    assert len(bodies) == 1
    assert not list((tmp_path / "out" / "edits").iterdir())


def test_the_page_about_it() -> None:
    page = (Path(__file__).parents[2] / "docs" / "table1.md").read_text("utf-8")
    flags = set(re.findall(r"(--[a-z][a-z-]*)", page)) - {"--help", "--api", "--api-auth"}
    assert len(flags) > 12
    assert flags <= set(re.findall(r"--[a-z][a-z-]*", parser().format_help()))
    for method, clip_i, fid in PAPER:
        assert f"| {method} | {clip_i:.2f} | {fid:.3f} |" in page
