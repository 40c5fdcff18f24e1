"""Exemplars that are kept (`hold`, `lay_up_to`, `seam_width`, `limit`) in the fake WebUI, for every sampler."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from fake_webui.host import Host
from fake_webui.images import BLACK, CASES, array, exemplar, furthest, ramp, request, smooth, uniform
from helpers.base64_images import as_text
from PIL import Image

pytest_plugins = ["fake_webui.fixtures"]

SOURCE, EXEMPLAR = smooth(1), smooth(2)
LEFT = Image.new("L", (64, 64), 255)
LEFT.paste(0, (0, 0, 32, 64))
COMPOSITE = SOURCE.copy()
COMPOSITE.paste(EXEMPLAR.crop((0, 0, 32, 64)), (0, 0))


def noised(host: Host, sampler: str, image: Image.Image, level: float) -> torch.Tensor:
    """`image`, noised to `level` by the factors of the host's own sampler with the noise of seed 1."""
    common, rng = host.module("sd_samplers_common"), host.module("rng")
    pixels = torch.from_numpy(array(image)).permute(2, 0, 1)[None].float() / 255
    latent = common.images_tensor_to_samples(pixels, 0, host.model)
    noise = rng.ImageRNG(latent.shape[1:], [1]).next()
    signal, scale = host.module("sd_samplers").create_sampler(sampler, host.model).scales(level)
    return signal * latent + scale * noise


@pytest.mark.parametrize(
    ("edit_map", "kept"), [(uniform(BLACK), EXEMPLAR), (LEFT, COMPOSITE)], ids=["black", "black and white"]
)
@pytest.mark.parametrize(("kind", "sampler"), CASES)
def test_what_is_held_to_the_end_is_given_to_the_model_at_every_call(
    host: Host, kind: str, sampler: str, edit_map: Image.Image, kept: Image.Image
) -> None:
    host.load_model(kind)
    host.edit(SOURCE, request(exemplar(EXEMPLAR, edit_map, hold=1, seam_width=0)), sampler_name=sampler)
    calls = list(host.model.calls)
    assert len(calls) >= 3
    for x, level in calls:
        torch.testing.assert_close(x, noised(host, sampler, kept, level), atol=1e-5, rtol=1e-5)
    host.edit(SOURCE, request(exemplar(EXEMPLAR, edit_map)), sampler_name=sampler)
    x, level = host.model.calls[-1]
    assert (x - noised(host, sampler, kept, level)).abs().max() > 1e-2


@pytest.mark.parametrize("substep_release", [False, True])
@pytest.mark.parametrize("mode", ["single-pass", "iterative"])
def test_hold_0_is_the_paper_whatever_the_seam_width(host: Host, mode: str, substep_release: bool) -> None:
    def image(**fields: Any) -> Image.Image:
        both = (exemplar(EXEMPLAR, ramp(), **fields), exemplar(smooth(3), ramp().rotate(180), **fields))
        return host.edit(SOURCE, request(*both, mode=mode, substep_release=substep_release)).image

    plain = image()
    assert furthest(image(hold=0, seam_width=25, lay_up_to=0), plain) == 0
    assert furthest(image(hold=1), plain) > 2
    assert furthest(image(lay_up_to=0.5), plain) > 2


def test_lay_up_to_places_the_exemplar_under_grays(host: Host) -> None:
    gray = uniform(80)
    plain = host.img2img(EXEMPLAR).image
    assert furthest(host.edit(SOURCE, request(exemplar(EXEMPLAR, gray, lay_up_to=0.5))).image, plain) <= 1
    answer = host.edit(SOURCE, request(exemplar(EXEMPLAR, gray)))
    assert furthest(answer.image, plain) > 2
    assert any("lay_up_to" in comment for comment in answer.comments)


def test_a_limit_keeps_the_exemplar_and_at_0_nothing_is_regenerated(host: Host) -> None:
    given = request(exemplar(EXEMPLAR, LEFT, shaping={"limit": 0}))
    answer = host.edit(SOURCE, given, sampler_name="Euler")
    for x, level in host.model.calls:
        torch.testing.assert_close(x, noised(host, "Euler", COMPOSITE, level), atol=1e-5, rtol=1e-5)
    assert not answer.comments


@pytest.mark.parametrize("fields", [{"hold": 1, "seam_width": 0}, {"shaping": {"limit": 0}}], ids=["hold", "limit"])
def test_white_is_the_source_s_alone_where_an_exemplar_is_locked_to_the_end(host: Host, fields: dict[str, Any]) -> None:
    def image(keep_white: bool) -> np.ndarray:
        given = request(exemplar(EXEMPLAR, LEFT, **fields), keep_white=keep_white)
        return array(host.edit(SOURCE, given).image)

    kept, usual = image(True), image(False)
    assert np.array_equal(kept[:, 48:], array(SOURCE)[:, 48:])
    assert np.abs(kept[:, :16] - usual[:, :16]).max() <= 4  # but for the shift of colors next to the white
    assert np.abs(kept[:, :16] - array(SOURCE)[:, :16]).max() > 8


def test_an_exemplar_that_is_locked_to_the_end_is_inside_of_the_inpaint_mask_that_its_map_claims(host: Host) -> None:
    painted = Image.new("L", (64, 64), 0)
    painted.paste(255, (0, 0, 32, 64))
    given = {"exemplars": [{"image": as_text(EXEMPLAR), "edit_map": {"type": "inpaint_mask"}}]}

    def image(**fields: Any) -> np.ndarray:
        exemplars = [{**given["exemplars"][0], **fields}]
        return array(host.edit(SOURCE, {"exemplars": exemplars}, mask=painted).image)

    held = image(hold=1, seam_width=0)
    assert (
        np.abs(held[:, :24] - array(EXEMPLAR)[:, :24]).mean() < np.abs(held[:, :24] - array(SOURCE)[:, :24]).mean() / 2
    )


@pytest.mark.parametrize("size", [(64, 64), (96, 64)])
def test_only_masked_and_held(host: Host, size: tuple[int, int]) -> None:
    """The crop is all that the model sees: its border is no seam."""
    mask = Image.new("L", (64, 64), 0)
    mask.paste(255, (8, 8, 40, 40))
    given = request(exemplar(EXEMPLAR, uniform(BLACK), hold=1, seam_width=50))
    inpainting = {"mask": mask, "inpaint_full_res": True, "inpaint_full_res_padding": 0}
    host.edit(SOURCE, given, sampler_name="Euler", width=size[0], height=size[1], **inpainting)
    first, last = host.model.calls[0][0], host.model.calls[-1][0]
    assert last.std() < first.std()
    free = request(exemplar(EXEMPLAR, uniform(BLACK)))
    host.edit(SOURCE, free, sampler_name="Euler", width=size[0], height=size[1], **inpainting)
    assert (host.model.calls[-1][0] - last).abs().max() > 1e-2


def test_the_suggested_strength_of_a_held_exemplar_is_that_of_what_stays_free(host: Host) -> None:
    suggest = host.module("webui.suggest_strength").suggest_strength

    def numbers(**fields: Any) -> dict[str, Any]:
        return suggest(
            {
                "request": request(exemplar(EXEMPLAR, LEFT, **fields)),
                "source": as_text(SOURCE),
                "width": 64,
                "height": 64,
            }
        )

    free, half = numbers(), numbers(hold=0.5, seam_width=0)
    assert half["dof"] == pytest.approx(free["dof"] / 2)
    assert half["squared_distance"] == pytest.approx(free["squared_distance"] / 2)
    with pytest.raises(Exception, match="every pixel is locked to the end"):
        numbers(hold=1, seam_width=0)


def test_the_parameters_say_that_an_exemplar_is_kept(host: Host) -> None:
    given = request(exemplar(EXEMPLAR, LEFT, hold=0.7, lay_up_to=0.5, seam_width=3))
    [parameters] = host.edit(SOURCE, given).infotexts
    assert "exemplar kept" in parameters
    for name in ("hold", "lay_up_to", "seam_width"):
        assert name in parameters
