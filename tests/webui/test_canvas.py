"""Maps and exemplars on the host's canvas: resize modes, "Only masked", odd sizes, and white that is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from fake_webui.host import Host
from fake_webui.images import (
    BLACK,
    WHITE,
    array,
    exemplar,
    furthest,
    ramp,
    request,
    smooth,
    some_request,
    uniform,
)
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

pytest_plugins = ["fake_webui.fixtures"]

SIZES = [
    ((64, 64), (64, 64)),
    ((100, 70), (64, 64)),
    ((70, 100), (96, 64)),
    ((51, 37), (56, 72)),
    ((99, 131), (64, 80)),
]
"""Sizes of source and generation."""


def mask_of(size: tuple[int, int]) -> Image.Image:
    """An inpaint mask over the middle third."""
    mask = uniform(BLACK, size)
    mask.paste(WHITE, (size[0] // 3, size[1] // 3, size[0] * 2 // 3, size[1] * 2 // 3))
    return mask


def half_white(size: tuple[int, int]) -> Image.Image:
    """Black at the left, white at the right."""
    edit_map = uniform(BLACK, size)
    edit_map.paste(WHITE, (size[0] // 2, 0, *size))
    return edit_map


def as_generated(host: Host, source: Image.Image, mode: int, size: tuple[int, int]) -> Image.Image:
    """The source as the host resizes it before encoding."""
    return host.module("images").resize_image(0 if mode == 3 else mode, source, *size)


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
@pytest.mark.parametrize(("own", "size"), SIZES)
def test_a_black_map_is_the_exemplar_placed_on_the_source_s_canvas(
    host: Host, own: tuple[int, int], size: tuple[int, int], mode: int
) -> None:
    settings = {"width": size[0], "height": size[1], "resize_mode": mode}
    source, other = smooth(1, own), smooth(2, own)
    plain = host.img2img(other, **settings).image
    assert furthest(host.edit(source, request(exemplar(other, uniform(BLACK, own))), **settings).image, plain) <= 1


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
@pytest.mark.parametrize(("own", "size"), SIZES)
def test_kept_white_is_the_resized_source_to_the_last_bit(
    host: Host, own: tuple[int, int], size: tuple[int, int], mode: int
) -> None:
    settings = {"width": size[0], "height": size[1], "resize_mode": mode}
    source = smooth(1, own)
    kept = host.edit(source, request(exemplar(smooth(2, own), uniform(WHITE, own)), keep_white=True), **settings)
    inner = (4, 4, size[0] - 4, size[1] - 4)
    assert furthest(kept.image.crop(inner), as_generated(host, source, mode, size).crop(inner)) == 0
    assert kept.image.size == size


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
@pytest.mark.parametrize(("own", "size"), SIZES)
def test_white_is_kept_only_where_the_map_is_white(
    host: Host, own: tuple[int, int], size: tuple[int, int], mode: int
) -> None:
    settings = {"width": size[0], "height": size[1], "resize_mode": mode}
    source, parts = smooth(1, own), exemplar(smooth(2, own), half_white(own))
    kept = host.edit(source, request(parts, keep_white=True), **settings).image
    without = host.edit(source, request(parts), **settings).image
    middle = size[0] // 2
    end = middle - 4 - min(size) // 4  # so far colors are matched
    right, left = (middle + 8, 0, *size), (0, 0, end, size[1])
    if mode == 1:  # the cut keeps the middle where it is, also of images with an odd width, to one pixel
        right, left = (middle + 10, 0, *size), (0, 0, end - 1, size[1])
    assert furthest(kept.crop(right), as_generated(host, source, mode, size).crop(right)) == 0
    assert furthest(kept.crop(left), without.crop(left)) == 0
    assert furthest(without.crop(right), as_generated(host, source, mode, size).crop(right)) > 0


@pytest.mark.parametrize("kind", ["exploding", "flow"])
def test_latents_with_frames_are_upscaled_as_the_host_upscales_them(host: Host, kind: str) -> None:
    host.load_model(kind, channels=16, frames=True)
    fields = {"resize_mode": 3, "width": 128, "height": 96}
    black = request(exemplar(smooth(2), uniform(BLACK)))
    assert furthest(host.edit(smooth(1), black, **fields).image, host.img2img(smooth(2), **fields).image) <= 1


@pytest.mark.parametrize(("own", "size"), SIZES)
@pytest.mark.parametrize("padding", [0, 12])
def test_only_masked_crops_maps_and_exemplars_with_the_source(
    host: Host, own: tuple[int, int], size: tuple[int, int], padding: int
) -> None:
    settings: dict[str, Any] = {"width": size[0], "height": size[1], "mask": mask_of(own)}
    settings["inpaint_full_res_padding"] = padding
    source, other = smooth(1, own), smooth(2, own)
    # What comes out is part source; what the model is given first is the exemplar's crop alone.
    assert host.img2img(other, **settings).status == 200
    plain, _ = host.model.calls[0]
    edit = host.edit(source, request(exemplar(other, uniform(BLACK, own))), **settings).image
    torch.testing.assert_close(host.model.calls[0][0], plain, atol=1e-5, rtol=1e-5)
    assert edit.size == own
    assert host.edit(source, request(exemplar(other, uniform(WHITE, own))), **settings).status == 200
    assert (host.model.calls[0][0] - plain).abs().max() > 0.05


@pytest.mark.parametrize(("own", "size"), SIZES)
def test_only_masked_with_a_full_mask_is_a_black_map_again(
    host: Host, own: tuple[int, int], size: tuple[int, int]
) -> None:
    settings = {"width": size[0], "height": size[1], "mask": uniform(WHITE, own)}
    plain = host.img2img(smooth(2, own), **settings).image
    given = request(exemplar(smooth(2, own), uniform(BLACK, own)))
    assert furthest(host.edit(smooth(1, own), given, **settings).image, plain) <= 1


@pytest.mark.parametrize(("own", "size"), SIZES)
def test_only_masked_keeps_white_in_the_pasted_back_image(
    host: Host, own: tuple[int, int], size: tuple[int, int]
) -> None:
    settings = {"width": size[0], "height": size[1], "mask": uniform(WHITE, own), "inpaint_full_res_padding": 0}
    source = smooth(1, own)
    kept = host.edit(source, request(exemplar(smooth(2, own), half_white(own)), keep_white=True), **settings).image
    right = (own[0] // 2 + 8, 0, *own)
    assert kept.size == own
    assert furthest(kept.crop(right), source.crop(right)) == 0
    assert furthest(kept, source) > 8


def test_a_blank_mask_after_another_one_cuts_nothing(host: Host) -> None:
    """As in the Batch tab with a folder of masks, where one processing object makes all images."""
    source = smooth(1, (96, 96))
    p = host.processing(source, image_mask=mask_of(source.size), width=64, height=64)
    given = some_request((96, 96), keep_white=True)
    host.script("PIXELS").run(p, given)
    p.image_mask = uniform(BLACK, source.size)
    (image,) = host.script("PIXELS").run(p, given).images
    assert furthest(image, host.edit(source, given, width=64, height=64).image) == 0


def test_the_crop_moves_the_map_too(host: Host) -> None:
    """A map that is black in one corner of the mask's box alone."""
    own = (128, 128)
    mask = uniform(BLACK, own)
    mask.paste(WHITE, (64, 64, 128, 128))
    edit_map = uniform(WHITE, own)
    edit_map.paste(BLACK, (64, 64, 96, 96))
    settings = {"width": 64, "height": 64, "mask": mask, "inpaint_full_res_padding": 0}
    source, white = smooth(1, own), uniform(WHITE, own)
    edit = host.edit(source, request(exemplar(smooth(2, own), edit_map)), **settings).image
    white_edit = host.edit(source, request(exemplar(smooth(2, own), white)), **settings).image
    change = np.abs(array(edit) - array(white_edit)).max(axis=2)
    assert change[64:96, 64:96].mean() > 8
    assert change[104:, 104:].mean() < change[64:96, 64:96].mean() / 4
    assert change[:64].max() == change[:, :64].max() == 0


def test_transparent_sources_lie_on_the_background_that_the_host_gives_them(host: Host) -> None:
    source = smooth(1).convert("RGBA")
    source.putalpha(ramp())
    host.shared.opts.img2img_background_color = "#204080"
    flat = host.module("images").flatten(source, "#204080")
    given = request(exemplar(smooth(2), uniform(WHITE)), keep_white=True)
    inner = (4, 4, 60, 60)
    assert furthest(host.edit(source, given).image.crop(inner), flat.crop(inner)) == 0


def test_maps_of_another_size_with_the_source_s_aspect_are_resized(host: Host) -> None:
    source = smooth(1, (64, 48))
    large, own = (host.edit(source, request(exemplar(smooth(2), ramp(size)))).image for size in ((256, 192), (64, 48)))
    assert furthest(large, own) <= 8


@pytest.mark.parametrize("factor", [4, 8])
def test_white_is_kept_where_the_autoencoder_leaves_out_the_last_pixels(host: Host, factor: int) -> None:
    """By API the sides may be any number: the hosts then give what fills whole latent pixels."""
    host.load_model(factor=factor)
    source, size = smooth(1, (64, 48)), (75, 53)
    given = request(exemplar(smooth(2), uniform(WHITE, source.size)), keep_white=True)
    answer = host.edit(source, given, width=size[0], height=size[1])
    made = tuple(side // factor * factor for side in size)
    assert answer.image.size == made
    assert not any("White was not kept" in comment for comment in answer.comments)
    assert furthest(answer.image, host.module("images").resize_image(0, source, *size).crop((0, 0, *made))) == 0


def test_white_that_cannot_be_kept_is_said_in_a_comment(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another script enlarged the finished image before it came to ours."""
    detailer = host.script("Detailer", alwayson=True)
    monkeypatch.setattr(
        type(detailer),
        "postprocess_image",
        lambda self, p, pp, *args: setattr(pp, "image", pp.image.resize((128, 128))),
    )
    answer = host.edit(smooth(1), some_request(keep_white=True))
    assert answer.image.size == (128, 128)
    assert "PIXELS: White was not kept, because another extension changed the size of the image." in answer.comments


sides = st.integers(1, 90)


@st.composite
def routes(draw: st.DrawFn) -> tuple[tuple[int, int], tuple[int, int, int, int] | None, int, tuple[int, int], int]:
    """Source, crop, resize mode, size of the generation, and a seed for what is in the map."""
    width, height = draw(sides), draw(sides)
    crop = None
    if draw(st.booleans()):
        left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        crop = left, top, draw(st.integers(1, width - left)), draw(st.integers(1, height - top))
    return (width, height), crop, draw(st.sampled_from([0, 1, 2])), (draw(sides), draw(sides)), draw(st.integers(0, 99))


def resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """By area where it shrinks, calculated as differences of a running sum; by Pillow where it grows."""
    values = np.asarray(image, dtype=np.float64)
    for axis, wanted in ((0, size[1]), (1, size[0])):
        own = values.shape[axis]
        if wanted < own:
            lines = np.moveaxis(values, axis, -1)
            sums = np.concatenate([np.zeros((*lines.shape[:-1], 1)), lines.cumsum(axis=-1)], axis=-1)
            edges = np.linspace(0, own, wanted + 1)
            at_edges = np.stack([np.interp(edges, np.arange(own + 1), line) for line in sums.reshape(-1, own + 1)])
            averaged = np.diff(at_edges, axis=-1) * wanted / own
            values = np.moveaxis(averaged.reshape(*lines.shape[:-1], wanted), -1, axis)
    return Image.fromarray(np.ascontiguousarray(values, dtype=np.float32)).resize(size, Image.Resampling.BILINEAR)


def host_resize(values: np.ndarray, mode: int, target: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A float image as the hosts resize it: as a whole, then pasted into the middle. And which pixels that covered."""
    image = Image.fromarray(values)
    width, height = target
    size = target
    if mode:
        wider = width / height > image.width / image.height
        by_width = (width, image.height * width // image.width)
        by_height = (image.width * height // image.height, height)
        size = by_width if wider == (mode == 1) else by_height
    canvas = Image.new("F", target, -1.0)
    canvas.paste(resized(image, size), (width // 2 - size[0] // 2, height // 2 - size[1] // 2))
    found = np.asarray(canvas)
    return found, found >= 0


@given(case=routes())
def test_a_map_takes_the_image_s_way_through_crop_and_resize(started_host: Host, case: Any) -> None:
    (width, height), crop, mode, target, seed = case
    if crop:
        left, top, across, down = crop
        mode = 2
    else:
        left, top, across, down = 0, 0, width, height
    if mode and (not target[0] * down // across or not target[1] * across // down):
        return  # so thin that the hosts themselves would end in an error
    module = started_host.module("webui.resize_crop")
    coarse = np.random.default_rng(seed).random((3, 3), dtype=np.float32)
    values = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BILINEAR))
    got = module.ResizeCrop((width, height), crop, case[2], target).apply(values)
    assert got.shape == target[::-1]
    assert (got.min(), got.max()) >= (0, 0)
    cut = np.ascontiguousarray(values[top : top + down, left : left + across])
    wanted, placed = host_resize(cut, mode, target)
    assert np.abs(got - wanted)[placed].max() < 1e-4
    if placed.any() and mode == 2:  # beyond, the border is repeated: nothing new appears
        assert got.min() >= got[placed].min()
        assert got.max() <= got[placed].max()


@given(size=st.tuples(sides, sides), target=st.tuples(sides, sides))
def test_latent_upscale_leaves_the_map_as_it_is(
    started_host: Host, size: tuple[int, int], target: tuple[int, int]
) -> None:
    values = np.zeros(size[::-1], dtype=np.float32)
    resize_crop = started_host.module("webui.resize_crop").ResizeCrop(size, None, 3, target)
    assert resize_crop.apply(values) is values
