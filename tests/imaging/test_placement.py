"""Placement, map shaping and compositing: what lies where."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
import torch
from conftest import noise_picture
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixels_ext.core.release import down_sample
from pixels_ext.edit.prepare import PreparedExemplar, composite
from pixels_ext.imaging import mask_ops
from pixels_ext.imaging.compositing import paste_over_source, protect_uncovered
from pixels_ext.imaging.images import resize_map
from pixels_ext.imaging.mask_ops import dilate, gaussian_blur, levels, limit, signed_distance
from pixels_ext.imaging.placement import place, place_map
from pixels_ext.imaging.restore_source import SourceRestorer, feather, restore_weight
from pixels_ext.imaging.shaping import apply_shaping
from pixels_ext.request import Placement, Shaping


def array(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, dtype=int)


def corners(width: int = 40, height: int = 20) -> Image.Image:
    """Red, green, blue and white quarters, so that every turn and flip shows."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[: height // 2, : width // 2] = (255, 0, 0)
    pixels[: height // 2, width // 2 :] = (0, 255, 0)
    pixels[height // 2 :, : width // 2] = (0, 0, 255)
    pixels[height // 2 :, width // 2 :] = (255, 255, 255)
    return Image.fromarray(pixels)


def quarter_colours(picture: Image.Image) -> list[tuple[int, ...]]:
    width, height = picture.size
    spots = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
    return [tuple(round(c / 255) for c in picture.getpixel((int(x * width), int(y * height)))[:3]) for x, y in spots]


RED, GREEN, BLUE, WHITE = (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)


def test_an_exemplar_of_the_canvas_s_size_is_left_as_it_is() -> None:
    picture = noise_picture(1, (48, 32))
    placed = place(picture, (48, 32), Placement())
    assert np.array_equal(array(placed.convert("RGB")), array(picture))
    assert placed.getchannel("A").getextrema() == (255, 255)


@pytest.mark.parametrize(
    ("fields", "colours"),
    [
        ({}, [RED, GREEN, BLUE, WHITE]),
        ({"flip": True}, [GREEN, RED, WHITE, BLUE]),
        ({"rotation": 180}, [WHITE, BLUE, GREEN, RED]),
        ({"fit": "stretch", "rotation": 90, "scale": 2}, [BLUE, RED, WHITE, GREEN]),
        ({"fit": "stretch", "rotation": -90, "scale": 2}, [GREEN, WHITE, RED, BLUE]),
        ({"flip": True, "rotation": 90, "scale": 2}, [WHITE, GREEN, BLUE, RED]),
    ],
)
def test_turns_are_clockwise_and_flips_come_first(fields: dict, colours: list) -> None:
    assert quarter_colours(place(corners(), (40, 20), Placement(**fields))) == colours


@pytest.mark.parametrize(
    ("fit", "covered"), [("cover", 1.0), ("contain", 0.5), ("stretch", 1.0), ("original", 40 * 20 / (100 * 100))]
)
def test_fits(fit: str, covered: float) -> None:
    alpha = np.asarray(place(corners(), (100, 100), Placement(fit=fit)).getchannel("A")) / 255
    assert alpha.mean() == pytest.approx(covered, abs=0.02)


def test_position_is_that_of_the_centre() -> None:
    placed = place(Image.new("RGB", (10, 10), "red"), (100, 50), Placement(fit="original", x=0.2, y=0.8))
    assert placed.getbbox() == (15, 35, 25, 45)


def test_shrinking_averages_all_pixels() -> None:
    stripes = np.zeros((512, 512, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    grey = array(place(Image.fromarray(stripes), (40, 40), Placement()).convert("L"))
    assert abs(grey - 127).max() <= 16


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (3, 2), (2500, 2500)])
@pytest.mark.parametrize("fit", ["cover", "contain", "stretch", "original"])
def test_any_size_can_be_placed(size: tuple[int, int], fit: str) -> None:
    assert place(Image.new("RGB", size, "red"), (64, 48), Placement(fit=fit)).size == (64, 48)


maps = st.integers(0, 999).map(lambda seed: np.random.default_rng(seed).random((12, 17), dtype=np.float32).round(1))


@given(maps, st.floats(0, 12))
def test_growing_darkens_and_shrinking_lightens(edit_map: np.ndarray, radius: float) -> None:
    assert (dilate(edit_map, radius) <= edit_map).all()
    assert (dilate(edit_map, -radius) >= edit_map).all()
    assert np.allclose(dilate(edit_map, -radius), 1 - dilate(1 - edit_map, radius))


def test_a_grown_dot_is_round() -> None:
    dot = np.ones((101, 101), dtype=np.float32)
    dot[50, 50] = 0
    rows, columns = np.nonzero(dilate(dot, 20) == 0)
    distance = np.hypot(rows - 50, columns - 50)
    assert 19 <= distance.max() <= 23
    octagon = 8 * (np.sqrt(2) - 1) * 20.5**2
    assert len(rows) == pytest.approx(octagon, rel=0.05)


@given(maps, st.floats(0, 6))
def test_blur_stays_between_the_extremes(edit_map: np.ndarray, sigma: float) -> None:
    result = gaussian_blur(edit_map, sigma)
    assert result.shape == edit_map.shape
    assert edit_map.min() - 1e-5 <= result.min()
    assert result.max() <= edit_map.max() + 1e-5


@pytest.mark.parametrize("sigma", [1, 3, 4.2, 10, 40])
def test_blur_is_a_gaussian_and_leaves_far_away_places_pure(sigma: float) -> None:
    edge = np.zeros((9, 401), dtype=np.float32)
    edge[:, 200:] = 1
    result = gaussian_blur(edge, sigma)[4]
    far = int(4 * sigma) + 2
    assert (result[: 200 - far] == 0).all()
    assert (result[200 + far :] == 1).all()
    distance = (np.arange(401) - 199.5) / sigma
    gaussian = np.array([0.5 * (1 + math.erf(each / math.sqrt(2))) for each in distance])
    assert np.abs(result - gaussian).max() < 0.02


@pytest.mark.parametrize("sigma", [4, 32])
@pytest.mark.parametrize("size", [(80, 80), (201, 157)])
def test_blur_looks_alike_from_both_sides_of_a_change_of_method(sigma: float, size: tuple[int, int]) -> None:
    """Up to the border, beyond which a map goes on as it is there."""
    edit_map = np.random.default_rng(0).random(size, dtype=np.float32).round()
    assert np.abs(gaussian_blur(edit_map, sigma) - gaussian_blur(edit_map, sigma + 0.01)).max() < 0.03


@given(st.integers(0, 99), st.integers(1, 20))
def test_the_signed_distance_is_the_distance_to_the_edge(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    inside = np.zeros((30, 40), dtype=bool)
    inside[rng.integers(0, 30, count), rng.integers(0, 40, count)] = True
    for which, sign in ((inside, -1), (~inside, 1)):  # outside: to the nearest inside, and the other way round
        others = np.argwhere(which)
        for row, column in np.argwhere(~which)[:: max(1, (~which).sum() // 40)]:
            exact = np.hypot(others[:, 0] - row, others[:, 1] - column).min() - 0.5
            found = signed_distance(inside)[row, column]
            assert found == pytest.approx(sign * exact, rel=0.03, abs=0.03)


@given(maps, st.floats(0.1, 10))
def test_gamma_keeps_the_ends_and_the_order(edit_map: np.ndarray, gamma: float) -> None:
    result = mask_ops.gamma(edit_map, gamma)
    assert (result[edit_map == 0] == 0).all()
    assert (result[edit_map == 1] == 1).all()
    assert (result >= edit_map - 1e-6).all() if gamma >= 1 else (result <= edit_map + 1e-6).all()


@given(maps, st.floats(0, 1))
def test_strength_lifts_the_black_end(edit_map: np.ndarray, strength: float) -> None:
    result = limit(edit_map, strength)
    assert result.min() >= 1 - strength - 1e-6
    assert (result[edit_map == 1] == 1).all()
    assert np.allclose(1 - result, strength * (1 - edit_map), atol=1e-6)


@given(maps)
def test_levels(edit_map: np.ndarray) -> None:
    result = levels(edit_map, 0.2, 0.8)
    assert (result[edit_map <= 0.2] == 0).all()
    assert (result[edit_map >= 0.8] == 1).all()
    assert np.array_equal(levels(edit_map, 0, 1), edit_map)
    nearly_one = levels(np.array([[0, 0.5, 0.51, 1]], np.float32), 0.5, 0.5 + 1e-12)
    assert nearly_one.tolist() == [[0, 0, 1, 1]]


def test_shaping_in_order() -> None:
    edit_map = np.full((100, 200), 0.97, dtype=np.float32)
    edit_map[40:60, 90:110] = 0.015  # a black of some JPEG
    plain = apply_shaping(edit_map, Shaping())
    assert plain[50, 100] == 0
    assert plain[0, 0] == pytest.approx(0.9896, abs=1e-3)
    assert apply_shaping(edit_map, Shaping(invert=True))[50, 100] == 1
    assert apply_shaping(edit_map, Shaping(grow=10))[32, 100] == 0  # 10 % of 100 pixels
    assert 0 < apply_shaping(edit_map, Shaping(blur=2))[41, 100] < 0.6
    assert np.array_equal(apply_shaping(edit_map, Shaping(black_point=0, white_point=1)), edit_map)


def test_where_the_exemplar_does_not_cover_the_source_stays() -> None:
    source, black = noise_picture(1, (40, 20)), np.zeros((20, 40), dtype=np.float32)
    placed = place(Image.new("RGB", (20, 20), "red"), (40, 20), Placement(fit="contain"))
    edit_map = protect_uncovered(black, placed)
    assert edit_map[:, :9].min() == 1
    assert edit_map[:, 11:29].max() == 0
    exemplar = PreparedExemplar(paste_over_source(source, placed), edit_map, "linear")
    surgical = composite(source, [exemplar], steps=10)
    assert np.array_equal(array(surgical)[:, :9], array(source)[:, :9])
    assert surgical.getpixel((20, 10)) == (255, 0, 0)


def test_kept_white_is_the_source_bit_by_bit_and_what_is_far_from_it_untouched() -> None:
    source, result = noise_picture(1, (200, 100)), noise_picture(2, (200, 100))
    release = np.ones((100, 200), dtype=np.float32)
    release[:, :80] = 0.5
    kept = array(SourceRestorer(source, release)(result))
    assert np.array_equal(kept[:, 90:], array(source)[:, 90:])
    assert np.array_equal(kept[:, :55], array(result)[:, :55])


def test_beside_kept_white_a_shift_of_colours_is_taken_back_and_fades_out() -> None:
    """As autoencoders shift them: the same everywhere. Without matching a rim of 12 greys would show."""
    source = noise_picture(1, (200, 100))
    shifted = Image.fromarray((array(source) // 2 + [70, 58, 58]).astype(np.uint8))
    source = Image.fromarray((array(source) // 2 + 58).astype(np.uint8))
    release = np.ones((100, 200), dtype=np.float32)
    release[:, :80] = 0.5
    off = (array(SourceRestorer(source, release)(shifted)) - array(source))[..., 0].mean(0)
    assert np.array_equal(off[80:], np.zeros(120))
    assert np.abs(off[:55] - 12).max() <= 0.5
    assert (np.diff(off) <= 0.5).all()
    assert np.abs(np.diff(off)).max() <= 2, "no edge that the eye would find"


def averaged(values: np.ndarray) -> np.ndarray:
    """Means within 5 % of the shorter side, as the formula of `SourceRestorer` has them."""
    height, width = values.shape[:2]
    small = [max(1, round(side * 3 / (0.05 * min(width, height)))) for side in (width, height)]
    means = cv2.GaussianBlur(cv2.resize(values, small, interpolation=cv2.INTER_AREA), (0, 0), 3.0)
    return cv2.resize(means, (width, height), interpolation=cv2.INTER_LINEAR)


def colors_matched(edited: np.ndarray, kept: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """`edited` `[H, W, 3]` moved by what it is off in the white that is near: the formula, word for word."""
    off = averaged(weight[..., None] * (kept - edited)) / np.maximum(averaged(weight), 1e-3)[..., None]
    near = np.minimum(1, 2 * averaged((weight > 0).astype(np.float32)))[..., None]
    return edited + near * off


@given(
    st.integers(0, 99),
    st.integers(40, 90),
    st.lists(st.tuples(*[st.integers(0, 80)] * 4), min_size=1, max_size=3),
    st.sampled_from([8, 16, 32]),
)
def test_keeping_white_adds_no_larger_step_than_the_difference_over_the_feather(
    seed: int, height: int, boxes: list[tuple[int, int, int, int]], cell: int
) -> None:
    """Whatever is painted: from one pixel to the next there is at most the larger one of the steps that source and edit
    have there, and their difference times what the weight may change, and the rounding."""
    source, result = (noise_picture(seed + each, (80, height)) for each in (0, 100))
    release = np.ones((height, 80), dtype=np.float32)
    for top, left, down, across in boxes:
        release[top : top + down, left : left + across] = 0
    weight, width = restore_weight(release, cell), feather(release.shape, cell)
    assert width >= cell, "so far an edit reaches into the white"
    depth = signed_distance(release >= 1)
    assert (weight[depth <= 0] == 0).all()
    assert (weight[depth >= width] == 1).all()
    own, kept = array(source), array(SourceRestorer(source, release, cell)(result))
    assert np.array_equal(kept[weight == 1], own[weight == 1])
    edited = colors_matched(array(result).astype(np.float32), own.astype(np.float32), weight)
    literal = (edited + (own - edited) * weight[..., None]).clip(0, 255)
    assert np.abs(kept - literal).max() <= 0.51, "rounded once"
    apart = np.abs(own - edited)
    for axis in (0, 1):
        assert np.abs(np.diff(weight, axis=axis)).max() <= 1.5 / width + 1e-6
        steeper = np.maximum(*(np.abs(np.diff(values, axis=axis)) for values in (own, edited)))
        one, next_one = (np.delete(apart, place, axis) for place in (-1, 0))
        added = np.maximum(one, next_one) * 1.5 / width
        assert (np.abs(np.diff(kept, axis=axis)) <= steeper + added + 1.01).all()


def test_where_nothing_is_shifted_keeping_white_shifts_nothing() -> None:
    source, result = noise_picture(1, (60, 50)), noise_picture(2, (60, 50))
    release = np.ones((50, 60), dtype=np.float32)
    release[:, :30] = 0
    half = array(result)
    half[:, 30:] = array(source)[:, 30:]
    alike = Image.fromarray(half.astype(np.uint8))
    assert np.array_equal(array(SourceRestorer(source, release)(alike)), half)
    nothing = np.zeros((50, 60), dtype=np.float32)
    assert np.array_equal(array(SourceRestorer(source, nothing)(result)), array(result))


@given(
    st.sampled_from(["cover", "contain", "stretch", "original"]),
    st.integers(-4, 4),
    st.booleans(),
    st.floats(0.2, 4),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_upright_lies_where_an_almost_upright_one_lies(
    fit: str, quarters: int, flip: bool, scale: float, x: float, y: float
) -> None:
    """What needs no turning is filtered once, in another way than what is turned; both lie on the same place."""
    smooth = noise_picture(3, (6, 5)).resize((90, 70), Image.Resampling.BICUBIC)
    turns = (quarters * 90, quarters * 90 + (0.001 if quarters < 4 else -0.001))  # 360 is the most to ask for
    upright, turned = (
        place(smooth, (64, 48), Placement(fit=fit, x=x, y=y, scale=scale, rotation=turn, flip=flip)) for turn in turns
    )
    covered = (array(upright)[..., 3] == 255) & (array(turned)[..., 3] == 255)
    edge = (array(upright)[..., 3] != array(turned)[..., 3]).sum()
    assert edge <= 2 * (64 + 48), "only pixels whose centres lie on the very edge"
    assert np.abs(array(upright) - array(turned))[covered].max(initial=0) <= 24


@pytest.mark.parametrize("shift", [0, 7, -5])
def test_moving_by_whole_pixels_changes_no_pixel(shift: int) -> None:
    picture = noise_picture(1, (48, 32))
    placed = array(place(picture, (48, 32), Placement(x=0.5 + shift / 48)).convert("RGBA"))
    here, there = (slice(max(0, by), 48 + min(0, by)) for by in (shift, -shift))
    assert np.array_equal(placed[:, here, :3], array(picture)[:, there])


@given(maps, st.integers(1, 12), st.integers(1, 17))
def test_a_map_s_mean_survives_the_way_down_to_the_latent(edit_map: np.ndarray, height: int, width: int) -> None:
    """By area: at any size where maps are resized, and for latents where the sides divide, as they do in every host."""
    small = down_sample(torch.from_numpy(edit_map)[None, None], (height, width))[0, 0].numpy()
    if edit_map.shape[0] % height == 0 and edit_map.shape[1] % width == 0:
        assert small.mean() == pytest.approx(edit_map.mean(), abs=1e-5)
    assert edit_map.min() - 1e-6 <= small.min() <= small.max() <= edit_map.max() + 1e-6
    averaged = resize_map(edit_map, (width, height))
    assert averaged.mean() == pytest.approx(edit_map.mean(), abs=1e-5)


def checkers(size: tuple[int, int], cell: int) -> Image.Image:
    columns, rows = (np.arange(side) // cell for side in size)
    return Image.fromarray((((columns[None] + rows[:, None]) % 2) * 255).astype(np.uint8))


@pytest.mark.parametrize("size", [(256, 192), (193, 257), (100, 300)])
@pytest.mark.parametrize("placement", [Placement(), Placement(fit="contain", x=0.6, y=0.4), Placement(rotation=30)])
def test_an_exemplar_s_map_lies_on_the_exemplar(size: tuple[int, int], placement: Placement) -> None:
    """A map that is drawn on the exemplar falls where the exemplar's own edges fall, at any size of either."""
    for own in ((128, 128), (512, 512), (509, 511)):
        picture = checkers(own, own[0] // 4)
        placed = place(picture, size, placement)
        edit_map = place_map(np.asarray(picture, dtype=np.float32) / 255, size, placement)
        covered = np.asarray(placed.getchannel("A")) == 255
        difference = np.abs(np.asarray(placed.convert("L"), dtype=np.float32) / 255 - edit_map)[covered]
        assert covered.mean() > 0.1
        assert difference.max() < 0.2, "the edges are a fifth of a pixel apart at most; 8 bits clip what overshoots"
        assert edit_map[np.asarray(placed.getchannel("A")) == 0].min(initial=1) == 1


def test_a_transparent_surrounding_does_not_bleed_into_the_subject() -> None:
    subject = Image.new("RGBA", (200, 200), (0, 255, 0, 0))
    subject.paste((255, 0, 0, 255), (60, 60, 140, 140))
    for placement in (Placement(scale=0.3), Placement(rotation=20), Placement(scale=1.7)):
        placed = np.asarray(place(subject, (150, 150), placement)).astype(int)
        seen = placed[..., 3] > 64
        assert placed[seen][:, 1].max() <= 8
        assert placed[seen][:, 0].min() >= 240


@pytest.mark.parametrize("rotation", [0, 17])
@pytest.mark.parametrize("own", [700, 330, 90])
def test_a_cut_out_s_edge_is_drawn_once(rotation: int, own: int) -> None:
    """Between exemplar and source no line of source lies inside the exemplar, as ringing of the alpha would make it."""
    subject = Image.new("RGBA", (own, own), (255, 0, 0, 0))
    subject.paste((255, 0, 0, 255), (own // 4, own // 4, own * 3 // 4, own * 3 // 4))
    placed = place(subject, (200, 200), Placement(rotation=rotation))
    edit_map = protect_uncovered(np.zeros((200, 200), dtype=np.float32), placed)
    row = edit_map[100]
    black = np.flatnonzero(row == 0)
    assert (row[black[0] : black[-1]] == 0).all()
    assert len(black) >= 90


@given(
    st.sampled_from(["cover", "contain", "stretch", "original"]),
    st.floats(0.2, 3),
    st.sampled_from([0.0, 90.0, -180.0, 13.5]),
    st.booleans(),
    st.integers(2, 60),
    st.integers(2, 60),
)
def test_opaque_and_almost_opaque_images_are_placed_alike(
    fit: str, scale: float, rotation: float, flip: bool, width: int, height: int
) -> None:
    """What is opaque is not premultiplied. One pixel that is a 255th transparent needs the other way, which rounds
    colors three times."""
    opaque = noise_picture(1, (width, height)).convert("RGBA")
    almost = opaque.copy()
    almost.putpixel((0, 0), (*almost.getpixel((0, 0))[:3], 254))
    placement = Placement(fit=fit, scale=scale, rotation=rotation, flip=flip)
    assert np.abs(array(place(opaque, (40, 30), placement)) - array(place(almost, (40, 30), placement))).max() <= 3
