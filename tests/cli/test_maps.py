"""Maps on the command line: flags for every way of making one, and the sheets that show them all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.command_line import pixels
from helpers.tiny_vision import save_clipseg, save_dpt
from PIL import Image

from pixels_ext import demo
from pixels_ext.cli import maps
from pixels_ext.cli.main import main
from pixels_ext.maps import MAP_TYPES


def requested(edit: Callable[..., int], request: dict[str, Any], *arguments: str) -> np.ndarray:
    Path("request.json").write_text(json.dumps(request))
    assert edit("--request", "request.json", "-o", "requested.png", *arguments) == 0
    return pixels("requested.png")


CASES: list[tuple[tuple[str, ...], dict[str, Any]]] = [
    (("--map-type", "linear"), {"edit_map": {"type": "linear"}}),
    (
        ("--map-type", "linear", "--map-start-x", "0.1", "--map-end-y", "1"),
        {"edit_map": {"type": "linear", "start_x": 0.1, "end_y": 1}},
    ),
    (
        ("--map-type", "brightness", "--map-input", "exemplar", "--map-equalize", "--map-posterize", "3"),
        {"edit_map": {"type": "brightness", "input": "exemplar", "equalize": True, "posterize": 3}},
    ),
    (
        ("--map-type", "shape", "--map-image", "m.png", "--map-feather", "10"),
        {"edit_map": {"type": "shape", "image": "m.png", "feather": 10}},
    ),
    (
        ("--map", "m.png", "--second-map-type", "radial", "--second-map-outer", "0.9", "--combine", "soft_union"),
        {"edit_map": "m.png", "second_map": {"type": "radial", "outer": 0.9}, "combine": "soft_union"},
    ),
    (
        ("--map", "m.png", "--second-map", "n.png", "--second-blur", "5", "--map-limit", "0.5", "--blur", "1"),
        {
            "edit_map": "m.png",
            "second_map": "n.png",
            "second_shaping": {"blur": 5},
            "shaping": {"limit": 0.5, "blur": 1},
        },
    ),
]


@pytest.mark.parametrize(("flags", "fields"), CASES, ids=[" ".join(flags)[:50] for flags, _ in CASES])
def test_flags_say_what_a_request_says(
    edit: Callable[..., int], flags: tuple[str, ...], fields: dict[str, Any]
) -> None:
    assert edit("--exemplar", "b.webp", *flags, "-o", "out.png") == 0
    wanted = requested(edit, {"exemplars": [{"image": "b.webp", **fields}]})
    assert np.array_equal(pixels("out.png"), wanted)
    assert edit("--exemplar", "b.webp", "--map", "m.png", "-o", "plain.png") == 0
    assert not np.array_equal(pixels("out.png"), pixels("plain.png"))


def test_white_means_edit_is_one_switch(edit: Callable[..., int]) -> None:
    assert edit("--exemplar", "b.webp", "--map", "m.png", "--white-means", "exemplar", "-o", "out.png") == 0
    assert edit("--exemplar", "b.webp", "--map", "m.png", "--invert", "-o", "inverted.png") == 0
    assert np.array_equal(pixels("out.png"), pixels("inverted.png"))


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ("--map", "m.png", "--map-start-x", "1"),
            "--map-start-x is given together with a map image (expected only one",
        ),
        (("--map-start-x", "1"), "--map-type is missing (expected one of: image, inpaint_mask,"),
        (("--map-type", "lines"), "--map-type is 'lines' (expected one of: image,"),
        (
            ("--map-type", "linear", "--map-inner", "1"),
            "--map-inner does not belong to --map-type 'linear' (expected one of: --map-start-x,",
        ),
        (("--map-type", "inpaint_mask"), "--map-type is 'inpaint_mask', but there is none"),
        (("--map-type", "depth", "--vision-models", "here"), "--map-type is 'depth', but its model"),
    ],
)
def test_what_cannot_be_made_gets_one_sentence(
    edit: Callable[..., int], flags: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edit("--exemplar", "b.webp", *flags, "-o", "out.png") == 2
    assert capsys.readouterr().err.startswith(f"pixels_ext: {message}")
    assert not Path("out.png").exists()


def test_models_from_a_folder(edit: Callable[..., int]) -> None:
    save_dpt(Path("here") / "dpt-hybrid-midas")
    save_clipseg(Path("here") / "clipseg-rd64-refined")
    for name, more in (("depth", ()), ("text", ("--map-prompt", "the sky"))):
        flags = ("--exemplar", "b.webp", "--map-type", name, *more, "--vision-models", "here")
        assert edit(*flags, "-o", f"{name}.png") == 0
        assert Image.open(f"{name}.png").size == (64, 64)


def test_in_iterative_mode_maps_are_made_from_the_source_and_not_from_a_result(edit: Callable[..., int]) -> None:
    """The second exemplar's map of the source's brightness is the same as in a single pass."""
    Image.fromarray(np.tile(np.linspace(0, 255, 64, dtype=np.uint8), (64, 1))).convert("RGB").save("a.jpg", quality=95)
    fields = {"image": "b.webp", "edit_map": {"type": "brightness"}}
    white = {"image": "b.webp", "edit_map": {"type": "radial", "center_x": 0.2}}
    both = requested(edit, {"exemplars": [white, fields], "mode": "iterative"}, "--timeline", "made.png")
    given = Image.open("a.jpg").convert("L")
    given.save("grey.png")
    same = requested(edit, {"exemplars": [white, {**fields, "edit_map": "grey.png"}], "mode": "iterative"})
    assert np.array_equal(both, same)


def test_the_sheets_have_a_row_for_every_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(maps, "PAIRS", maps.PAIRS[:1])
    monkeypatch.setattr(maps, "SIZE", 64)
    assert main(["maps", "--out", str(tmp_path)]) == 0
    [file] = capsys.readouterr().out.split()
    assert Image.open(file).height == len(MAP_TYPES) * (64 * 3 // 4 + 32)
    assert all((demo.IMAGES / name).exists() for pair in maps.PAIRS for name in (pair.source, pair.exemplar))
