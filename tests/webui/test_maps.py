"""Maps that the WebUI itself has a part in: the inpaint mask, and models for depth and text."""

from __future__ import annotations

from dataclasses import replace
from importlib import reload
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_webui.host import Host
from fake_webui.images import array, furthest, ramp, request, smooth, uniform
from helpers.base64_images import as_text
from helpers.tiny_vision import save_clipseg, save_dpt
from PIL import Image, ImageOps

from pixels_ext.vision import MODEL_KINDS

pytest_plugins = ["fake_webui.fixtures"]

SOURCE, OTHER = smooth(1), smooth(2)
MASKED = {"type": "inpaint_mask"}
AREAS = [{"inpaint_full_res": False}, {"inpaint_full_res": True}]


def by(edit_map: Any, **fields: Any) -> dict[str, Any]:
    exact = {"black_point": 0, "white_point": 1}
    return request({"image": as_text(OTHER), "edit_map": edit_map, "shaping": exact}, **fields)


def painted() -> Image.Image:
    """A mask in grays: everywhere something is painted, and nowhere all."""
    return ImageOps.invert(ramp()).point(lambda value: min(max(value, 30), 225))


def box() -> Image.Image:
    """A mask of a box at the left."""
    mask = uniform(0)
    mask.paste(255, (8, 16, 32, 48))
    return mask


def test_the_mask_is_a_map_in_gray(host: Host) -> None:
    given = host.edit(SOURCE, by(as_text(ImageOps.invert(painted()))))
    masked = host.edit(SOURCE, by(MASKED), mask=painted(), inpaint_full_res=False)
    assert furthest(masked.image, given.image) == 0
    assert furthest(masked.image, host.img2img(SOURCE).image) > 5


def test_a_mask_by_its_transparency(host: Host) -> None:
    mask = Image.new("RGBA", SOURCE.size, (0, 0, 0, 0))
    mask.putalpha(painted())
    given = host.edit(SOURCE, by(as_text(ImageOps.invert(painted()))))
    masked = host.edit(SOURCE, by(MASKED), mask=mask, inpaint_full_res=False)
    assert furthest(masked.image, given.image) == 0


@pytest.mark.parametrize("mode", ["LA", "PA"])
def test_the_transparency_of_other_masks_is_nothing_to_the_hosts(host: Host, mode: str) -> None:
    mask = painted().convert("RGB")
    mask.putalpha(100)
    p = host.processing(SOURCE, image_mask=mask.convert(mode))
    assert p._own_mask().tobytes() == host.module("webui.inpaint_mask").read_inpaint_mask(p).tobytes()


def test_inpaint_not_masked_and_mask_blur_are_the_host_s(host: Host) -> None:
    fields = {"inpainting_mask_invert": 1, "mask_blur_x": 3, "mask_blur_y": 3}
    host_mask = host.processing(SOURCE, image_mask=painted(), **fields)._own_mask()
    own = host.module("webui.inpaint_mask").read_inpaint_mask(host.processing(SOURCE, image_mask=painted(), **fields))
    assert np.abs(np.asarray(own, int) - np.asarray(host_mask, int)).max() <= 8  # Pillow's blur beside OpenCV's
    masked = host.edit(SOURCE, by(MASKED), mask=painted(), inpaint_full_res=False, **fields)
    given = host.edit(SOURCE, by(as_text(ImageOps.invert(own))))
    assert furthest(masked.image, given.image) == 0
    assert "Mask mode: Inpaint not masked" in masked.infotexts[0]
    assert "Mask blur: 3" in masked.infotexts[0]


@pytest.mark.parametrize("area", AREAS)
def test_what_is_not_painted_stays_the_source_to_the_last_bit(host: Host, area: dict[str, Any]) -> None:
    edited = host.edit(SOURCE, by(MASKED), mask=box(), **area).image
    difference = np.abs(array(edited) - array(SOURCE)).max(axis=-1)
    # 8 pixels from the box on: so wide is the change-over of kept white in an image of this size
    assert difference[:, 40:].max() == 0
    assert difference[:8].max() == 0
    assert difference[20:44, 12:28].mean() > 3
    assert furthest(edited, host.img2img(SOURCE, mask=box(), **area).image) > 3


@pytest.mark.parametrize("area", AREAS)
def test_the_mask_in_a_second_map_bounds_the_first(host: Host, area: dict[str, Any]) -> None:
    data = by({"type": "linear"})
    data["exemplars"][0]["second_map"] = MASKED
    edited = host.edit(SOURCE, data, mask=box(), **area).image
    assert furthest(edited.crop((40, 0, 64, 64)), SOURCE.crop((40, 0, 64, 64))) == 0


def test_another_exemplar_is_not_held_back_by_the_mask(host: Host) -> None:
    data = by(MASKED)
    data["exemplars"].append({"image": as_text(smooth(3)), "edit_map": as_text(ramp().rotate(180))})
    edited = host.edit(SOURCE, data, mask=box(), inpaint_full_res=False).image
    assert furthest(edited.crop((48, 0, 64, 64)), SOURCE.crop((48, 0, 64, 64))) > 5


@pytest.mark.parametrize("fill", [0, 1, 2, 3])
def test_masked_content_has_no_say(host: Host, fill: int) -> None:
    usual = host.edit(SOURCE, by(MASKED), mask=box(), inpainting_fill=1).image
    assert furthest(host.edit(SOURCE, by(MASKED), mask=box(), inpainting_fill=fill).image, usual) == 0


def test_the_processing_object_gets_everything_back(host: Host) -> None:
    mask = box()
    given = {"inpainting_mask_invert": 1, "mask_blur_x": 2, "mask_blur_y": 5, "inpainting_fill": 0}
    p = host.processing(SOURCE, image_mask=mask, **given)
    values = list(p.script_args)
    ours = host.script("PIXELS")
    values[0], values[ours.args_from] = p.scripts.selectable_scripts.index(ours) + 1, by(MASKED)
    p.script_args = values
    p.scripts.run(p, *values)
    assert p.image_mask is mask
    assert {name: getattr(p, name) for name in given} == given


def test_a_host_whose_two_blurs_only_follow_one_gets_everything_back_too(host: Host) -> None:
    """Forge Neo: `mask_blur_x` and `mask_blur_y` are properties without a setter."""

    class Following:
        mask_blur = 3
        image_mask, inpainting_mask_invert, inpainting_fill = box(), 1, 0
        mask_blur_x = mask_blur_y = property(lambda self: self.mask_blur)

        def __init__(self) -> None:
            self.extra_generation_params: dict[str, Any] = {}

    p, mask = Following(), host.module("webui.inpaint_mask")
    before = {name: getattr(p, name) for name in mask._CHANGED}
    taken = mask.InpaintMaskOverride(p)
    taken.replace(p, np.ones((64, 64), dtype=np.float32))
    assert (p.mask_blur_x, p.mask_blur_y, p.inpainting_fill) == (0, 0, 1)
    assert p.extra_generation_params == {"Mask mode": "Inpaint not masked", "Mask blur": 3}
    taken.restore(p)
    assert {name: getattr(p, name) for name in mask._CHANGED} == before


@pytest.mark.parametrize("area", AREAS)
def test_plain_inpainting_afterwards_is_what_it_was(host: Host, area: dict[str, Any]) -> None:
    before = host.img2img(SOURCE, mask=box(), **area).image
    host.edit(SOURCE, by(MASKED), mask=box(), **area)
    assert furthest(host.img2img(SOURCE, mask=box(), **area).image, before) == 0


def test_under_a_script_that_makes_copies_the_mask_is_read_anew(host: Host) -> None:
    alone = [host.edit(SOURCE, by(MASKED, threshold=name), mask=box()).image for name in ("log", "cubic")]
    cells = host.xy(
        SOURCE, by(MASKED, run_under_scripts=True), "[PIXELS] Threshold", ["log", "cubic"], image_mask=box()
    )
    assert [furthest(*pair) for pair in zip(cells.images, alone, strict=True)] == [0, 0]


def test_one_mask_lies_over_sources_of_every_size(host: Host) -> None:
    """The hosts take it so, in a batch by API."""
    sources = [SOURCE, smooth(3, (96, 96))]
    fields = {"mask": box(), "inpaint_full_res": False}
    both = host.edit(sources, by(MASKED), batch_size=2, width=64, height=64, **fields)
    assert both.status == 200, both.detail
    for image, source in zip(both.images, sources, strict=True):
        usual = host.module("images").resize_image(0, source, 64, 64)
        difference = np.abs(array(image) - array(usual)).max(axis=-1)
        assert difference[:, 40:].max() == 0
        assert difference[20:44, 12:28].mean() > 3


def test_without_a_mask_it_is_refused(host: Host) -> None:
    answer = host.edit(SOURCE, by(MASKED))
    assert answer.status == 422
    assert answer.detail.startswith("PIXELS: exemplars[0].edit_map.type: 'inpaint_mask', but there is none (expe")


@pytest.mark.parametrize("edit_map", [{"type": "depth"}, {"type": "text", "prompt": "the sky"}])
def test_without_weights_the_sentence_names_the_folder(host: Host, edit_map: dict[str, Any]) -> None:
    answer = host.edit(SOURCE, by(edit_map))
    assert answer.status == 422
    assert answer.detail.startswith(f"PIXELS: exemplars[0].edit_map.type: {edit_map['type']!r}, but its model")
    assert str(Path("no-models") / "pixels") in answer.detail
    assert host.model.calls == []


@pytest.fixture
def with_weights(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    save_dpt(tmp_path / "pixels" / "dpt-hybrid-midas")
    save_clipseg(tmp_path / "pixels" / "clipseg-rd64-refined")
    monkeypatch.setattr(host.module("webui.vision_models"), "models_path", str(tmp_path))
    return host


@pytest.mark.parametrize(
    "edit_map",
    [{"type": "depth"}, {"type": "depth", "input": "exemplar"}, {"type": "text", "prompt": "the sky, the sea"}],
)
def test_models_are_asked_once_for_all_images_of_a_run_and_of_the_next(
    with_weights: Host, edit_map: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    host = with_weights
    loads: list[str] = []
    seeing = host.module("webui.vision_models").VisionModels
    real = seeing._load
    monkeypatch.setattr(seeing, "_load", lambda self, kind: (loads.append(kind), real(self, kind))[1])
    first = host.edit(SOURCE, by(edit_map, keep_white=True), batch_size=2, n_iter=2)
    assert first.status == 200
    assert len(first.images) == 4
    again = host.edit(SOURCE, by(edit_map, keep_white=True), batch_size=2, n_iter=2)
    assert furthest(first.images[0], again.images[0]) == 0
    assert loads == [edit_map["type"]]
    assert furthest(first.images[0], host.img2img(SOURCE).image) > 1


def test_another_model_in_the_settings_is_asked_anew(with_weights: Host) -> None:
    host = with_weights
    assert host.edit(SOURCE, by({"type": "depth"})).status == 200
    host.shared.opts.pixels_depth_model = "somebody/another"
    answer = host.edit(SOURCE, by({"type": "depth"}))
    assert answer.status == 422
    assert "'somebody/another'" in answer.detail


def test_the_parameters_tell_how_a_map_was_made_and_bring_it_back(host: Host) -> None:
    edit_map = {"type": "linear", "start_x": 0.25}
    text = host.edit(SOURCE, by(edit_map)).infotexts[0]
    assert "map from linear" in text
    assert 'edit_map\\":{\\"type\\":\\"linear\\",\\"start_x\\":0.25}' in text


def test_a_new_kind_of_vision_model_has_a_setting(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, options = host.module("webui.settings"), host.shared.opts
    kind = replace(MODEL_KINDS["depth"], name="normals", default="somebody/normals")
    try:
        with monkeypatch.context() as patch:
            patch.setitem(MODEL_KINDS, "normals", kind)
            reload(settings).register()
            assert options.data_labels.pop("pixels_normals_model").label == "Model for edit maps from normals"
            names = host.module("webui.vision_models").get_vision_models(None).locations.names
            assert names == {name: each.default for name, each in MODEL_KINDS.items()}
    finally:
        reload(settings)
