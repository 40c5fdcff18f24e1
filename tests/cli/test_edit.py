"""The command line: what it writes, and one sentence for everything that is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.command_line import EXEMPLAR, MAP, ONE, OUT, pixels
from PIL import Image

from pixels_ext.cli.main import main
from pixels_ext.imaging.images import image_to_data_url

ROWS = np.arange(64)


def test_a_whole_edit(edit: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    code = edit(
        *ONE,
        *("--exemplar", "c.png", "--map", "n.png", "--exemplar-threshold", "cubic", "--fit", "contain", "--flip"),
        *("--threshold", "log", "--strength", "0.8", "--sampler", "DPM++ 2M Karras", "--prompt", "snow, by night"),
        *(
            "--negative-prompt",
            "fog",
            "--guidance-scale",
            "4",
            "--seed",
            "7",
            "--composite",
            "c1.png",
            "--timeline",
            "t.png",
        ),
    )
    assert code == 0
    assert capsys.readouterr().out.splitlines() == ["out.png", "c1.png", "t.png"]
    out = Image.open("out.png")
    assert out.size == (64, 64)
    assert Image.open("c1.png").size == (64, 64)
    assert Image.open("t.png").width > 3 * 64
    lines = out.text["parameters"].splitlines()
    assert lines[0] == "snow, by night"
    assert lines[1] == "Negative prompt: fog"
    assert lines[2].startswith(
        "Steps: 4, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 4, Seed: 7, Size: 64x64, Model: "
    )
    told = json.loads(json.loads(lines[2].split("PIXELS request: ")[1].split(", PIXELS source")[0]))
    assert told["threshold"] == "log"
    assert told["exemplars"][1]["threshold"] == "cubic"
    assert told["exemplars"][1]["placement"] == {"fit": "contain", "flip": True}


def test_the_same_edit_from_flags_and_from_a_request_file(edit: Callable[..., int]) -> None:
    fields = {"threshold": "log", "mode": "iterative"}
    placement = {"fit": "stretch", "x": 0.4, "rotation": 30}
    by_name = [{"image": "b.webp", "edit_map": "m.png", "placement": placement, "shaping": {"blur": 2}}]
    by_value = [{**by_name[0], "image": image_to_data_url(Image.open("b.webp"))}]
    Path("names.json").write_text(json.dumps({"exemplars": by_name, **fields}))
    Path("values.json").write_text(json.dumps({"exemplars": by_value, **fields}))
    flags = ("--fit", "stretch", "--position-x", "0.4", "--rotation", "30", "--blur", "2", "--threshold", "log")
    assert edit(*ONE, *flags, "--mode", "iterative") == 0
    assert edit("--request", "names.json", "-o", "names.png") == 0
    assert edit("--request", "values.json", "-o", "values.png") == 0
    assert np.array_equal(pixels("out.png"), pixels("names.png"))
    assert np.array_equal(pixels("out.png"), pixels("values.png"))


def test_a_request_file_may_begin_as_windows_editors_begin_it(edit: Callable[..., int]) -> None:
    request = json.dumps({"exemplars": [{"image": "b.webp", "edit_map": "m.png"}]})
    Path("r.json").write_text(request, encoding="utf-8-sig")
    assert edit("--request", "r.json", "-o", "out.png") == 0


def test_flags_overrule_the_request_file(edit: Callable[..., int]) -> None:
    Path("r.json").write_text(json.dumps({"exemplars": [{"image": "b.webp", "edit_map": "m.png"}], "threshold": "log"}))
    assert edit("--request", "r.json", "--threshold", "cubic", "-o", "out.png") == 0
    assert "cubic" in Image.open("out.png").text["parameters"]


def test_the_same_seed_is_the_same_image(edit: Callable[..., int]) -> None:
    for name, seed in (("1.png", "5"), ("2.png", "5"), ("3.png", "6")):
        assert edit(*ONE[:-1], name, "--seed", seed) == 0
    assert np.array_equal(pixels("1.png"), pixels("2.png"))
    assert not np.array_equal(pixels("1.png"), pixels("3.png"))


@pytest.mark.parametrize("arguments", [("--strength", "1"), ("--strength", "1", "--steps", "1")])
def test_the_edges_of_strength_and_steps_work(edit: Callable[..., int], arguments: tuple[str, ...]) -> None:
    assert edit(*ONE, *arguments) == 0


def spoil(name: str, content: bytes) -> None:
    Path(name).write_bytes(content)


def nothing() -> None:
    pass


def other_maps() -> None:
    Image.new("L", (64, 100)).save("tall.png")
    np.save("x.npy", np.zeros(3))
    values = np.full((64, 64), np.nan, dtype=np.float32)
    Image.fromarray(values).save("nan.tiff")
    spoil("empty.png", b"")
    spoil("cut.png", Path("m.png").read_bytes()[:-40])
    spoil("text.json", b"{")
    spoil("list.json", b"[1]")
    spoil("unknown.json", b'{"exemplars": [], "strength": 1}')
    spoil("model.safetensors", b"no weights")
    spoil("deep.json", b"[" * 100_000)
    spoil("latin.json", '{"mode": "ä"}'.encode("latin-1"))
    Image.new("RGB", (3, 3)).save("small.png")
    Path("folder").mkdir()


BAD: list[tuple[tuple[str, ...], int, str]] = [
    (OUT, 2, "--exemplar is missing (expected an image file for each exemplar, 1 to 32 of them)."),
    (
        (*EXEMPLAR, *OUT),
        2,
        "--map or --map-type is missing (expected an image file, or a map type: image, ",
    ),
    (
        (*EXEMPLAR, *MAP, "--exemplar", "c.png", *OUT),
        2,
        "--map or --map-type of exemplar 2 (c.png) is missing (expected an image file, or",
    ),
    ((*MAP, *EXEMPLAR, *OUT), 2, "--map comes before any --exemplar"),
    ((*EXEMPLAR, *MAP, *MAP, *OUT), 2, "--map is given twice for one exemplar"),
    ((*EXEMPLAR, "--map", "tall.png", *OUT), 2, "--map is 64x100, which has another aspect ratio than the source"),
    (
        (*EXEMPLAR, "--map", "nan.tiff", *OUT),
        2,
        "--map is a float image with values outside 0 to 1 or NaN",
    ),
    ((*EXEMPLAR, "--map", "empty.png", *OUT), 2, "--map cannot be read: "),
    ((*EXEMPLAR, "--map", "cut.png", *OUT), 2, "--map cannot be read: "),
    ((*EXEMPLAR, "--map", "x.npy", *OUT), 2, "--map cannot be read: "),
    ((*EXEMPLAR, "--map", "folder", *OUT), 2, "--map cannot be read: "),
    ((*EXEMPLAR, "--map", "none.png", *OUT), 2, "--map names "),
    (("--exemplar", "none.png", *MAP, *OUT), 2, "--exemplar names "),
    (("--exemplar", "", *MAP, *OUT), 2, "--exemplar cannot be read: "),
    ((*ONE, "--source", "none.jpg"), 2, "--source names 'none.jpg', which does not exist"),
    (
        (*ONE, "--source", "small.png"),
        2,
        "--source is 3x3 (expected sides from 64 to 4096 pixels, or another --size for the edit).",
    ),
    ((*ONE, "--source", "empty.png"), 2, "--source cannot be read"),
    ((*ONE, "--size", "64x"), 2, "--size is '64x' (expected a longer side like 512"),
    ((*ONE, "--size", "-64"), 2, "--size is '-64' (expected a longer side like 512"),
    ((*ONE, "--size", "0"), 2, "--size is '0' (expected a longer side like 512"),
    ((*ONE, "--size", "64x128"), 2, "--size is 64x128, which has another aspect"),
    ((*ONE, "--threshold", "liner"), 2, "--threshold is 'liner' (expected one of: linear,"),
    ((*ONE, "--mode", "both"), 2, "--mode is 'both' (expected one of: single-pass, iterative)."),
    ((*ONE, "--scale", "0"), 2, "--scale is 0 (expected a number from 0.01 to 20)."),
    ((*ONE, "--scale", "big"), 2, "--scale is 'big' (expected a number"),
    ((*ONE, "--position-x", "nan"), 2, "--position-x is nan (expected a number"),
    ((*ONE, "--blur", "inf"), 2, "--blur is inf (expected a number"),
    ((*ONE, "--black-point", "1"), 2, "--white-point is 0.98 (expected a number above --black-point (1)"),
    ((*ONE, "--strength", "0"), 2, "--strength is 0 (expected a number from 0.01 to 1)."),
    ((*ONE, "--strength", "1.5"), 2, "--strength is 1.5 (expected"),
    ((*ONE, "--strength", "nan"), 2, "--strength is nan (expected"),
    ((*ONE, "--steps", "0"), 2, "--steps is 0 (expected a whole number from 1 to 1000)."),
    ((*ONE, "--steps", "1"), 2, "--steps is 1, which at --strength 0.6 runs no step"),
    ((*ONE, "--steps", "2.5"), 2, "--steps is 2.5 (expected a whole number"),
    ((*ONE, "--steps", "many"), 2, "--steps is 'many' (expected a whole number"),
    ((*ONE, "--guidance-scale", "-1"), 2, "--guidance-scale is -1 (expected a number from 0 to 100)."),
    ((*ONE, "--seed", "-2"), 2, "--seed is -2 (expected a whole number from 0"),
    ((*ONE, "--seed", "9" * 30), 2, "--seed is 999"),
    ((*ONE, "--sampler", "Eulerr"), 2, "--sampler is 'Eulerr' (expected one of: Euler,"),
    ((*ONE, "--sampler", "DDIM", "--schedule", "karras"), 2, "--schedule is 'karras', which the sampler DDIM does not"),
    ((*ONE, "--schedule", "fast"), 2, "--schedule is 'fast' (expected one of: automatic,"),
    ((*ONE, "--columns", "0"), 2, "--columns is 0 (expected a whole number from 1"),
    (
        (*EXEMPLAR, *MAP, "-o", "out.gif"),
        2,
        "--out is 'out.gif' (expected a file name that ends in .png, like edit.png).",
    ),
    ((*EXEMPLAR, *MAP, "-o", "no/out.png"), 2, "--out is 'no/out.png', which cannot be written: No such file"),
    (
        (*ONE, "--composite", "c.jpg"),
        2,
        "--composite is 'c.jpg' (expected a file name that ends in .png, like edit.png).",
    ),
    ((*ONE, "--request", "r.json"), 2, "--exemplar is given together with --request"),
    (("--request", "none.json", *OUT), 2, "--request 'none.json' cannot be read: "),
    (("--request", "text.json", *OUT), 2, "--request 'text.json' cannot be read: "),
    (("--request", "latin.json", *OUT), 2, "--request 'latin.json' cannot be read: "),
    (("--request", "deep.json", *OUT), 2, "--request 'deep.json' cannot be read: "),
    (("--request", "list.json", *OUT), 2, "--request 'list.json' is [1] (expected an object with the fields exemplars"),
    (
        ("--request", "unknown.json", *OUT),
        2,
        "strength in 'unknown.json' is an unknown field (expected one of: exemplars,",
    ),
    ((*ONE, "--prompt", "snow " * 90), 2, "--prompt has 90 tokens (expected at most 75 for this model)."),
    ((*ONE, "--negative-prompt", "snow " * 90), 2, "--negative-prompt has 90 tokens (expected at most 75"),
    ((*ONE, "--precision", "fp16", "--device", "cpu"), 2, "--precision is 'fp16' on a CPU"),
    ((*ONE, "--model", "no/such/model"), 1, "--model 'no/such/model' cannot be loaded: "),
    ((*ONE, "--model", "folder"), 1, "--model 'folder' cannot be loaded: there is no model_index.json in it"),
    ((*ONE, "--model", "none.safetensors"), 1, "--model 'none.safetensors' cannot be loaded: there is no such file"),
    ((*ONE, "--model", "model.safetensors"), 1, "--model 'model.safetensors' cannot be loaded: "),
]


@pytest.mark.parametrize(("arguments", "code", "message"), BAD, ids=[message[:60] for _, _, message in BAD])
def test_bad_input_gets_one_clear_sentence(
    edit: Callable[..., int], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, message: str
) -> None:
    other_maps()
    assert edit(*arguments) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    [line] = printed.err.splitlines()
    assert line.startswith(f"pixels_ext: {message}")
    assert line.endswith(".")
    assert len(line) < 420
    assert not Path("out.png").exists()


@pytest.mark.parametrize("arguments", [(), ("edit",), ("edit", "--zoom", "3"), ("edit", "--device", "tpu")])
def test_what_argparse_refuses_ends_with_2(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2


def test_an_interrupt_ends_with_130(
    edit: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pixels_ext.diffusers_host.editor.Editor.edit_batch", interrupt)
    assert edit(*ONE) == 130
    assert "interrupted" in capsys.readouterr().err


def test_too_little_memory_is_said(
    edit: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def exhaust(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("pixels_ext.diffusers_host.editor.Editor.edit_batch", exhaust)
    assert edit(*ONE) == 1
    assert "try a smaller --size" in capsys.readouterr().err


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["required"] == ["exemplars"]


def test_as_a_process_it_says_nothing_but_what_a_user_needs(model: Path, work: Path) -> None:
    command = [sys.executable, "-m", "pixels_ext", "edit", "--source", "a.jpg", *ONE, "--quiet", "--model", str(model)]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False, env=here)
    assert (done.returncode, done.stdout, done.stderr) == (0, "out.png\n", "")
