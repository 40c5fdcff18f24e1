"""What Table 1 is made of: draws that follow from a seed, and its scores, against their definitions written out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import torch
import transformers
from demo_model.drawing.landscapes import scene
from demo_model.scenes import HELD_OUT_SEED
from helpers.images import noise_image
from helpers.tiny_metric_models import FEATURES, LooksLikeInception, save_clip, save_inception
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from table1.clip_i import ClipI
from table1.drawn_maps import drawn_map
from table1.fid import Frechet, Inception
from table1.keyed_random import Draws
from table1.pairs import pairs
from table1.regions import cut_out, edited_box, edited_share

from pixels_ext.diffusers_host.model_error import ModelError

SIDE = 64
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def metric_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both."""
    folder = tmp_path_factory.mktemp("metric_models")
    save_clip(folder / "clip")
    save_inception(folder / "inception.pt")
    return folder


# The draws


def test_draws_are_the_same_for_ever() -> None:
    draws = Draws(3, "map", 7)
    assert [draws.number(), draws.number(10, 20)] == [float.fromhex("0x1.7d2e3c7aa0c92p-1"), 11.29370355111229]


@given(st.sets(st.text(min_size=1), min_size=2, max_size=8), st.integers(0, 99), st.randoms())
def test_pairs(names: set[str], seed: int, any_order: Any) -> None:
    given = sorted(names)
    endless = pairs(given, seed)
    whole_round = [next(endless) for _ in range(len(names) // 2)]
    used = [name for pair in whole_round for name in pair]
    assert len(set(used)) == len(used)
    assert set(used) <= names
    any_order.shuffle(given)
    assert next(pairs(given, seed)) == whole_round[0]
    for _ in range(2 * len(names)):
        source, exemplar = next(endless)
        assert source != exemplar


def test_pairs_follow_from_the_seed() -> None:
    names = [f"{number:08}.JPEG" for number in range(400)]
    firsts = {seed: [next(drawn) for _ in range(100)] for seed in (0, 1) if (drawn := pairs(names, seed))}
    assert len(set(firsts[0]) & set(firsts[1])) < 5
    assert len({name for pair in firsts[0] for name in pair}) == 200


def test_drawn_maps() -> None:
    drawn = [drawn_map(0, index, SIDE) for index in range(60)]
    assert {kind for kind, _ in drawn} == {"gradient", "border", "oval", "blob"}
    for index, (kind, gray) in enumerate(drawn):
        assert (gray.mode, gray.size) == ("L", (SIDE, SIDE))
        assert 0.1 <= edited_share(gray) <= 0.9, (index, kind)
        again = drawn_map(0, index, SIDE)
        assert (kind, gray.tobytes()) == (again[0], again[1].tobytes())
    assert len({gray.tobytes() for _, gray in drawn}) == 60
    assert drawn_map(1, 0, SIDE)[1].tobytes() != drawn[0][1].tobytes()
    # The same map at every size.
    large = drawn_map(0, 0, 4 * SIDE)[1].resize((SIDE, SIDE), Image.Resampling.BOX)
    assert np.abs(np.asarray(large, int) - np.asarray(drawn[0][1], int)).mean() < 6


# The scores


def test_the_edited_region() -> None:
    gray = np.full((40, 60), 255, np.uint8)
    gray[10:20, 5:50] = 128
    gray[12:18, 8:30] = 127
    edit_map = Image.fromarray(gray)
    assert edited_box(edit_map) == (8, 12, 30, 18)
    assert edited_share(edit_map) == 6 * 22 / 2400
    assert cut_out(edit_map, (8, 12, 30, 18)).size == (22, 22)
    assert cut_out(edit_map, (8, 12, 14, 18)).tobytes() == bytes([127]) * 36
    with pytest.raises(ValueError, match="edits nothing"):
        edited_box(Image.new("L", (4, 4), 128))


def test_clip_i(metric_models: Path) -> None:
    clip = ClipI(str(metric_models / "clip"), CPU)
    one, other = (scene(HELD_OUT_SEED + 50 + k, 80, 50).picture for k in range(2))
    one, other = Image.fromarray(one), Image.fromarray(other).transpose(Image.Transpose.ROTATE_90)
    assert clip.between(one, one) == pytest.approx(100, abs=1e-4)
    assert clip.between(one, other) == clip.between(other, one)
    model = transformers.CLIPVisionModelWithProjection.from_pretrained(metric_models / "clip").eval()
    processor = transformers.CLIPImageProcessor.from_pretrained(metric_models / "clip")

    def embedded(image: Image.Image) -> np.ndarray:
        return model(**processor(image, return_tensors="pt")).image_embeds[0].detach().double().numpy()

    a, b = embedded(one), embedded(other)
    cosine = a @ b / np.sqrt((a @ a) * (b @ b))
    assert cosine < 0.99
    assert clip.between(one, other) == pytest.approx(max(0, 100 * cosine), abs=1e-3)


def test_a_clip_with_holes_is_refused(metric_models: Path, tmp_path: Path) -> None:
    model = transformers.CLIPModel.from_pretrained(metric_models / "clip")
    whole = {name: value for name, value in model.state_dict().items() if name != "visual_projection.weight"}
    model.save_pretrained(tmp_path, state_dict=whole)
    transformers.CLIPImageProcessor.from_pretrained(metric_models / "clip").save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"has no visual_projection.weight \(expected a whole CLIP"):
        ClipI(str(tmp_path), CPU)


def frechet_of(real: np.ndarray, judged: np.ndarray) -> float:
    frechet = Frechet(real.shape[1])
    for values, is_real in ((real, True), (judged, False)):
        for few in np.array_split(values, 3):
            frechet.add(torch.from_numpy(few), real=is_real)
    return frechet.distance()


@pytest.mark.parametrize("count", [40, 9])
def test_fid(count: int) -> None:
    """Also with fewer images than features."""
    draw = np.random.default_rng(count)
    real = draw.normal(size=(count, 12)) @ draw.normal(size=(12, 12)) + 3
    judged = draw.gamma(2, size=(count + 5, 12)) @ draw.normal(size=(12, 12))
    (mu_1, mu_2), (s_1, s_2) = (
        [f(each) for each in (real, judged)] for f in (lambda x: x.mean(0), lambda x: np.cov(x.T))
    )
    root = scipy.linalg.sqrtm(s_1 @ s_2).real
    expected = ((mu_1 - mu_2) ** 2).sum() + np.trace(s_1 + s_2 - 2 * root)
    assert frechet_of(real, judged) == pytest.approx(expected, rel=1e-4)
    assert frechet_of(real, real) == pytest.approx(0, abs=1e-4)
    assert frechet_of(real, real + 2) == pytest.approx(12 * 4, rel=1e-4)


def test_what_inception_is_shown(metric_models: Path) -> None:
    inception = Inception(str(metric_models / "inception.pt"), CPU)
    assert inception.width == FEATURES
    image = noise_image(3, (299, 299))
    pixels = torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None].float()
    layers = LooksLikeInception().layers
    with torch.no_grad():
        expected = layers((pixels - 128) / 128).flatten(1)
    assert torch.allclose(inception.features(image), expected, atol=1e-6)
    # Not rounded on the way, and averaged where it shrinks: a fine chequerboard is gray.
    board = Image.fromarray((np.indices((1196, 1196)).sum(0) % 2 * 255).astype(np.uint8)).convert("RGB")
    with torch.no_grad():
        gray = layers(torch.full((1, 3, 299, 299), 127.5) / 128 - 1).flatten(1)
    assert torch.allclose(inception.features(board), gray, atol=1e-3)
