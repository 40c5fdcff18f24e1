"""Every way of making a map: what it makes, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from helpers.images import noise_image
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from pixels_ext.edit.prepare import check_maps, prepare_exemplar
from pixels_ext.errors import RequestError
from pixels_ext.fields import REQUIRED, fields_of
from pixels_ext.imaging.mask_ops import COMBINATIONS, Map
from pixels_ext.maps import MAP_TYPES, MapProviders, NoVisionModels
from pixels_ext.maps.brightness import BrightnessMap
from pixels_ext.maps.depth import DepthMap
from pixels_ext.maps.difference import DifferenceMap
from pixels_ext.maps.image import ImageMap
from pixels_ext.maps.inpaint_mask import InpaintMaskMap
from pixels_ext.maps.linear import LinearMap
from pixels_ext.maps.map_spec import MapSpec
from pixels_ext.maps.radial import RadialMap
from pixels_ext.maps.shape import ShapeMap
from pixels_ext.maps.text import TextMap
from pixels_ext.maps.transparency import TransparencyMap
from pixels_ext.request import EditRequest, Exemplar, Placement, Shaping

WIDTH, HEIGHT = 96, 64
EXACT = Shaping(black_point=0, white_point=1)
OPAQUE = noise_image(2, (WIDTH, HEIGHT))


class Told:
    """A vision that says what it is told: depth rises from left to right, "left" means the left half."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def check(self, kind: str) -> None:
        self.asked.append(kind)

    def ask(self, kind: str, image: Image.Image, phrases: Sequence[str] = ()) -> np.ndarray:
        if kind == "depth":
            self.asked.append(image.size)
            return np.tile(np.linspace(0, 1, 24, dtype=np.float32), (16, 1))
        self.asked.append((image.size, tuple(phrases)))
        answer = np.zeros((len(phrases), 16, 24), dtype=np.float32)
        for i, phrase in enumerate(phrases):
            answer[i, :, slice(0, 12) if phrase == "left" else slice(12, 24)] = 0.3
        return answer


def made(
    edit_map: MapSpec | Image.Image,
    *,
    exemplar: Image.Image = OPAQUE,
    source: Image.Image | None = None,
    means: MapProviders | None = None,
    white_means: str = "source",
    **fields: Any,
) -> Map:
    """The map over a source, as an edit uses it, with nothing of it clipped."""
    source = source or noise_image(1, (WIDTH, HEIGHT))
    fields = {"shaping": EXACT, "second_shaping": EXACT, **fields}
    request = EditRequest(exemplars=(Exemplar(image=exemplar, edit_map=edit_map, **fields),), white_means=white_means)
    means = means or MapProviders(vision=Told())
    check_maps(request, source.size, means)
    return prepare_exemplar(request, 0, source, source, means).edit_map


def gray(value: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    return Image.new("L", size, value)


def disc(radius: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """A black disc on white."""
    image = gray(255, size)
    middle = size[0] / 2, size[1] / 2
    ImageDraw.Draw(image).ellipse([middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius], 0)
    return image


def transparent_around(radius: int) -> Image.Image:
    image = OPAQUE.convert("RGBA")
    image.putalpha(disc(radius).point(lambda value: 255 - value))
    return image


ANY: dict[str, MapSpec] = {
    "image": ImageMap(image=disc(20)),
    "inpaint_mask": InpaintMaskMap(),
    "transparency": TransparencyMap(),
    "shape": ShapeMap(image=disc(20)),
    "linear": LinearMap(),
    "radial": RadialMap(),
    "brightness": BrightnessMap(),
    "difference": DifferenceMap(),
    "depth": DepthMap(),
    "text": TextMap(prompt="left"),
}
MASK = MapProviders(inpaint_mask=disc(20).point(lambda value: 255 - value), vision=Told())


def test_the_table_has_every_source_once_and_each_is_tried_here() -> None:
    assert [model.map_type for model in MAP_TYPES] == list(ANY)
    for model in MAP_TYPES:
        assert model.title
        assert model.about.endswith((".", ")."))


@pytest.mark.parametrize("name", ANY)
@pytest.mark.parametrize("size", [(96, 64), (33, 22), (151, 100)])
def test_every_map_is_gray_on_the_canvas_and_the_same_twice(name: str, size: tuple[int, int]) -> None:
    first, second = (
        made(ANY[name], source=noise_image(1, size), means=MASK, exemplar=transparent_around(20)) for _ in range(2)
    )
    assert first.dtype == np.float32
    assert first.shape == size[::-1]
    assert 0 <= first.min() < first.max() <= 1
    assert np.array_equal(first, second)


@pytest.mark.parametrize("name", ANY)
def test_no_source_changes_its_images(name: str) -> None:
    source, exemplar = noise_image(1, (WIDTH, HEIGHT)), transparent_around(20)
    before = source.tobytes(), exemplar.tobytes()
    made(ANY[name], source=source, exemplar=exemplar, means=MASK)
    assert (source.tobytes(), exemplar.tobytes()) == before


def test_a_bare_picture_is_the_picture_source() -> None:
    assert np.array_equal(made(disc(20)), made(ImageMap(image=disc(20))))


def test_the_alpha_channel_of_a_map() -> None:
    drawn = Image.new("RGBA", (WIDTH, HEIGHT), (255, 255, 255, 0))
    ImageDraw.Draw(drawn).rectangle([0, 0, 47, 63], (255, 255, 255, 255))
    edit_map = made(ImageMap(image=drawn, channel="alpha"))
    assert edit_map[:, :48].max() == 0
    assert edit_map[:, 48:].min() == 1


def test_the_exemplar_s_transparency_is_its_map() -> None:
    edit_map = made(TransparencyMap(), exemplar=transparent_around(20))
    assert edit_map[32, 48] == 0
    assert edit_map[2, 2] == 1


def test_what_is_painted_is_edited_in_gray() -> None:
    mask = gray(0)
    mask.paste(128, (0, 0, 48, 64))
    edit_map = made(InpaintMaskMap(), means=MapProviders(inpaint_mask=mask))
    assert np.allclose(edit_map[:, :48], 1 - 128 / 255)
    assert edit_map[:, 48:].min() == 1


@pytest.mark.parametrize("edit_map", [InpaintMaskMap(), ShapeMap(shape_of="inpaint_mask")])
def test_without_a_mask_the_sentence_says_where_to_paint_one(edit_map: MapSpec) -> None:
    with pytest.raises(RequestError, match=r"exemplars\[0\].edit_map.type: 'inpaint_mask', but there is none \(exp"):
        made(edit_map, means=MapProviders())


def test_the_inpainting_convention_turns_pictures_round_and_nothing_else() -> None:
    assert np.allclose(made(disc(20), white_means="exemplar"), 1 - made(disc(20)))
    assert np.allclose(made(ImageMap(image=disc(20)), white_means="exemplar"), 1 - made(disc(20)))
    for name in set(ANY) - {"image", "shape"}:
        assert np.array_equal(made(ANY[name], means=MASK, white_means="exemplar"), made(ANY[name], means=MASK))
    kept, turned = made(ShapeMap(image=disc(20))), made(ShapeMap(image=disc(20)), white_means="exemplar")
    assert np.allclose(turned, 1 - kept, atol=0.02)


def test_a_transparent_place_keeps_the_source_in_both_conventions() -> None:
    nothing = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    assert made(nothing).min() == made(nothing, white_means="exemplar").min() == 1


@pytest.mark.parametrize("offset", [-10, 0, 15])
def test_a_shape_is_moved_outwards_and_soft_on_either_side_of_its_edge(offset: float) -> None:
    size = 256, 256
    edit_map = made(ShapeMap(image=disc(60, size), offset=offset, feather=5), source=noise_image(1, size))
    row, edge = edit_map[128], 128 + 60 + offset * 2.56
    width = 5 * 2.56
    columns = np.arange(256) + 0.5
    right = columns > 128
    assert row[right & (columns < edge - width - 2)].max() == 0
    assert row[right & (columns > edge + width + 2)].min() == 1
    assert np.interp(edge, columns[right], row[right]) == pytest.approx(0.5, abs=0.06)
    assert (np.diff(row[right]) >= -1e-6).all()


def test_a_shape_without_feather_is_sharp_and_one_without_an_edge_is_all_or_nothing() -> None:
    assert np.isin(made(ShapeMap(image=disc(20), feather=0)).round(3), (0, 0.5, 1)).mean() > 0.95
    assert made(ShapeMap(image=gray(0))).max() == 0
    assert made(ShapeMap(image=gray(255))).min() == 1


def test_the_exemplar_s_outline_is_a_shape() -> None:
    edit_map = made(ShapeMap(shape_of="exemplar", feather=0), exemplar=transparent_around(20))
    assert edit_map[32, 48] == 0
    assert edit_map[2, 2] == 1


def test_linear_from_point_to_point() -> None:
    columns = (np.arange(WIDTH) + 0.5) / WIDTH
    assert np.allclose(made(LinearMap(start_x=0, end_x=1))[10], columns, atol=1e-6)
    across = made(LinearMap(start_x=0.25, end_x=0.75))
    assert np.allclose(across[5], ((columns - 0.25) / 0.5).clip(0, 1), atol=1e-5)
    upwards = made(LinearMap(start_x=0.5, start_y=1, end_x=0.5, end_y=0))
    assert np.allclose(upwards[:, 7], 1 - (np.arange(HEIGHT) + 0.5) / HEIGHT, atol=1e-5)
    assert np.allclose(made(LinearMap(start_x=1, end_x=0)), 1 - made(LinearMap(start_x=0, end_x=1)), atol=1e-6)


@given(*[st.floats(-1, 2) for _ in range(4)])
def test_a_gradient_is_black_at_its_start_and_white_at_its_end(x0: float, y0: float, x1: float, y1: float) -> None:
    if abs(x1 - x0) + abs(y1 - y0) < 0.05:
        return
    edit_map = made(LinearMap(start_x=x0, start_y=y0, end_x=x1, end_y=y1), source=noise_image(1, (40, 40)))
    for x, y, value in ((x0, y0, 0), (x1, y1, 1)):
        if 0 <= x < 1 and 0 <= y < 1:
            one_pixel = 1 / (40 * np.hypot(x1 - x0, y1 - y0))
            assert edit_map[int(y * 40), int(x * 40)] == pytest.approx(value, abs=one_pixel + 1e-5)


@pytest.mark.parametrize("size", [(96, 64), (65, 65)])
@pytest.mark.parametrize(
    "edit_map",
    [
        LinearMap(start_x=0, start_y=0, end_x=1e-200, end_y=0),
        LinearMap(start_x=0.5, start_y=0, end_x=0.5, end_y=1e-30),
        RadialMap(inner=0, outer=1e-300),
        RadialMap(inner=1e-30, outer=1e-20),
    ],
)
def test_a_fade_too_short_for_single_precision_is_an_edge(edit_map: MapSpec, size: tuple[int, int]) -> None:
    """An odd side has a pixel whose centre is the circle's."""
    with np.errstate(all="raise", under="ignore"):
        values = made(edit_map, source=noise_image(1, size))
    assert set(np.unique(values)) <= {0, 1}


def test_radial_from_radius_to_radius_of_the_shorter_side() -> None:
    edit_map = made(RadialMap(inner=0.125, outer=0.375))
    distance = np.abs(np.arange(WIDTH) + 0.5 - 48) / HEIGHT
    assert np.allclose(edit_map[31:33].mean(axis=0), ((distance - 0.125) / 0.25).clip(0, 1), atol=0.01)
    assert made(RadialMap(center_x=0, center_y=0, inner=0.1, outer=0.2))[0, 0] == 0


def test_brightness_through_its_curve() -> None:
    ramp = Image.fromarray(np.tile(np.linspace(100, 150, WIDTH).astype(np.uint8), (HEIGHT, 1))).convert("RGB")
    assert np.allclose(made(BrightnessMap(), source=ramp) * 255, np.asarray(ramp.convert("L")), atol=1e-3)
    spread = made(BrightnessMap(equalize=True), source=ramp)
    assert spread.min() == 0
    assert spread.max() == 1
    for count in (2, 3, 8):
        few = made(BrightnessMap(equalize=True, posterize=count), source=ramp)
        assert np.allclose(np.unique(few), np.linspace(0, 1, count))
    of_exemplar = made(BrightnessMap(input="exemplar"), exemplar=Image.new("RGB", (10, 10), (255, 255, 255)))
    assert of_exemplar.min() == 1


def test_difference_is_where_they_differ() -> None:
    source = noise_image(1, (WIDTH, HEIGHT))
    assert made(DifferenceMap(), source=source, exemplar=source).min() == 1
    half = source.copy()
    half.paste((255, 255, 255), (0, 0, 48, 64))
    dark = Image.new("RGB", (WIDTH, HEIGHT), (0, 0, 0))
    white = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    assert made(DifferenceMap(), source=dark, exemplar=white).max() == 0
    edit_map = made(DifferenceMap(max_difference=10, smoothing=0), source=source, exemplar=half)
    assert edit_map[:, 48:].min() == 1
    assert edit_map[:, :48].mean() < 0.1
    # CIELAB: from black to white are 100, from black to middle gray (119) 50
    middle = made(
        DifferenceMap(max_difference=100), source=dark, exemplar=Image.new("RGB", (WIDTH, HEIGHT), (119, 119, 119))
    )
    assert np.allclose(middle, 0.5, atol=0.01)


def test_depth_keeps_what_is_near() -> None:
    edit_map = made(DepthMap())
    assert edit_map[:, 0].max() < 0.03
    assert edit_map[:, -1].min() > 0.97
    assert (np.diff(edit_map[5]) >= 0).all()


def test_words_become_the_exemplar() -> None:
    edit_map = made(TextMap(prompt="left", confidence=0.3))
    assert edit_map[:, :44].max() == 0
    assert edit_map[:, 52:].min() == 1
    assert np.allclose(made(TextMap(prompt="left", confidence=0.6))[:, :44], 0.5)
    assert made(TextMap(prompt="left, right", confidence=0.3)).max() == 0


def test_phrases_are_split_at_commas_and_lines_and_named_once() -> None:
    assert TextMap(prompt=" the  sky,sea\nthe sky ,").phrases == ("the sky", "sea")


@pytest.mark.parametrize(
    "edit_map", [DepthMap(input="exemplar"), TextMap(prompt="left", input="exemplar", confidence=0.3)]
)
def test_of_the_exemplar_the_whole_picture_is_looked_at_and_its_map_is_placed_with_it(edit_map: MapSpec) -> None:
    vision = Told()
    exemplar = noise_image(3, (48, 32))
    placement = Placement(fit="original", x=0.75, y=0.5)
    placed = made(edit_map, exemplar=exemplar, placement=placement, means=MapProviders(vision=vision))
    looked_at = [
        asked if isinstance(edit_map, DepthMap) else asked[0] for asked in vision.asked if isinstance(asked, tuple)
    ]
    assert looked_at == [(48, 32)]
    assert placed[:, :47].min() == 1, "the source stays where the exemplar is not"
    assert placed[:15].min() == 1
    assert placed[30, 50] < 0.1
    assert placed[30, 94] > 0.9


def test_models_are_asked_after_only_where_a_map_needs_one() -> None:
    vision = Told()
    for name in set(ANY) - {"depth", "text", "inpaint_mask"}:
        made(ANY[name], means=MapProviders(vision=vision))
    assert vision.asked == []
    assert {name for name, each in ANY.items() if each.needs_model} == {"depth", "text"}
    with pytest.raises(RequestError, match=r"^exemplars\[0\]\.edit_map\.type: 'depth', which needs a model that"):
        made(DepthMap(), means=MapProviders(vision=NoVisionModels()))


@pytest.mark.parametrize("how", COMBINATIONS)
def test_two_maps_are_combined_after_the_shaping_of_each(how: str) -> None:
    first, second = made(LinearMap()), made(LinearMap(start_y=0, end_y=1))
    expected = COMBINATIONS[how](first, second)
    assert np.allclose(made(LinearMap(), second_map=LinearMap(start_y=0, end_y=1), combine=how), expected)
    inverted = made(
        LinearMap(),
        second_map=LinearMap(start_y=0, end_y=1),
        combine=how,
        shaping=Shaping(black_point=0, white_point=1, invert=True),
    )
    assert np.allclose(inverted, COMBINATIONS[how](1 - first, second), atol=1e-6)


unit = st.floats(0, 1, width=32)


@given(unit, unit)
def test_combining_is_what_its_names_say(a: float, b: float) -> None:
    x, y = np.float32([[a]]), np.float32([[b]])
    both = {how: float(combine(x, y)[0, 0]) for how, combine in COMBINATIONS.items()}
    assert both["union"] == min(x, y)
    assert both["intersect"] == max(x, y)
    assert both["soft_union"] - 1e-6 <= both["union"] <= both["intersect"] <= both["soft_intersect"] + 1e-6
    for how, combine in COMBINATIONS.items():
        assert combine(x, y) == combine(y, x)
        keeps_all, edits_all = combine(x, np.float32([[1]])), combine(x, np.float32([[0]]))
        if how in ("intersect", "soft_intersect"):
            assert keeps_all == 1
            assert edits_all == pytest.approx(a, abs=1e-6)
        else:
            assert keeps_all == x
            assert edits_all == 0


def test_the_sky_but_fading_to_the_left_is_one_request() -> None:
    edit_map = made(
        TextMap(prompt="left", confidence=0.3), second_map=LinearMap(start_x=0.5, end_x=0), combine="intersect"
    )
    assert edit_map[:, 52:].min() == 1
    assert edit_map[5, 44] < 0.15
    assert edit_map[5, 2] > 0.9


@pytest.mark.parametrize(
    "image", [gray(0, (50, 50)), ImageMap(image=gray(0, (50, 50))), ShapeMap(image=gray(0, (50, 50)))]
)
@pytest.mark.parametrize("field", ["edit_map", "second_map"])
def test_an_image_of_another_aspect_is_refused_by_its_path(image: Any, field: str) -> None:
    path = field if isinstance(image, Image.Image) else rf"{field}\.image"
    with pytest.raises(RequestError, match=rf"^exemplars\[0\]\.{path}: 50x50, which has another aspect"):
        made(image) if field == "edit_map" else made(LinearMap(), second_map=image)


def test_every_field_of_every_source_has_words_for_people() -> None:
    for model in MAP_TYPES:
        for name, field in fields_of(model):
            assert field.label, (model, name)
            assert field.help.endswith((".", "?")), (model, name)
            assert field.default is not REQUIRED or name in ("image", "prompt"), (model, name)
