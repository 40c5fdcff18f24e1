"""Invariants of an edit in the fake WebUI, for every shape of sampler and kind of model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from fake_webui.host import Host, global_randomness
from fake_webui.images import (
    BLACK,
    CASES,
    SAMPLERS,
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
from PIL import Image

from pixels_ext.core.schedule import Schedule

pytest_plugins = ["fake_webui.fixtures"]

SOURCE, EXEMPLAR = smooth(1), smooth(2)
SHAPES = [
    {"channels": 16, "factor": 4},
    {"channels": 3, "factor": 1},
    {"channels": 16, "factor": 8, "frames": True},
]


def sampler_of(host: Host, name: str) -> Any:
    return host.module("sd_samplers").create_sampler(name, host.model)


def expected_input(host: Host, sampler: str, source: Image.Image, level: float) -> torch.Tensor:
    """The source, noised to `level` by the factors of the host's own sampler with the noise of seed 1."""
    common, rng = host.module("sd_samplers_common"), host.module("rng")
    pixels = torch.from_numpy(array(source)).permute(2, 0, 1)[None].float() / 255
    latent = common.images_tensor_to_samples(pixels, 0, host.model)
    noise = rng.ImageRNG(latent.shape[1:], [1]).next()
    signal, scale = sampler_of(host, sampler).scales(level)
    return signal * latent + scale * noise


@pytest.mark.parametrize(("kind", "sampler"), CASES)
def test_a_black_map_is_plain_img2img_of_the_exemplar(host: Host, kind: str, sampler: str) -> None:
    host.load_model(kind)
    plain = host.img2img(EXEMPLAR, sampler_name=sampler).image
    edit = host.edit(SOURCE, request(exemplar(EXEMPLAR, uniform(BLACK))), sampler_name=sampler).image
    assert furthest(edit, plain) <= 1
    assert furthest(host.img2img(SOURCE, sampler_name=sampler).image, plain) > 8


@pytest.mark.parametrize(("kind", "sampler"), CASES)
def test_under_a_white_map_the_model_is_always_given_the_noised_source(host: Host, kind: str, sampler: str) -> None:
    host.load_model(kind)
    host.edit(SOURCE, request(exemplar(EXEMPLAR, uniform(WHITE))), sampler_name=sampler)
    calls = list(host.model.calls)
    assert len(calls) >= 3
    for x, level in calls:
        torch.testing.assert_close(x, expected_input(host, sampler, SOURCE, level), atol=1e-5, rtol=1e-5)
    host.img2img(SOURCE, sampler_name=sampler)  # and plain img2img does something else
    x, level = host.model.calls[-1]
    assert (x - expected_input(host, sampler, SOURCE, level)).abs().max() > 1e-2


@pytest.mark.parametrize("sampler", ["Euler", "DPM++ 2M"])
@pytest.mark.parametrize("shape", SHAPES, ids=["16 channels, factor 4", "pixels", "frames"])
@pytest.mark.parametrize("kind", ["exploding", "flow"])
def test_latents_of_other_shapes_obey_too(host: Host, kind: str, shape: dict[str, Any], sampler: str) -> None:
    host.load_model(kind, **shape)
    plain = host.img2img(EXEMPLAR, sampler_name=sampler).image
    edit = host.edit(SOURCE, request(exemplar(EXEMPLAR, uniform(BLACK))), sampler_name=sampler).image
    assert furthest(edit, plain) <= 1
    host.edit(SOURCE, request(exemplar(EXEMPLAR, uniform(WHITE))), sampler_name=sampler)
    for x, level in list(host.model.calls):
        torch.testing.assert_close(x, expected_input(host, sampler, SOURCE, level), atol=1e-5, rtol=1e-5)


SCHEDULES = {
    "ends above zero": lambda n: torch.linspace(12, 0.5, n + 1),
    "is longer than its steps": lambda n: torch.cat([torch.linspace(12, 0.1, n + 3), torch.zeros(1)]),
    "says a level twice": lambda n: torch.cat([torch.linspace(12, 0.1, n - 1), torch.tensor([0.1, 0.0])]),
}


@pytest.mark.parametrize("gray", [40, 90, 128, 200, 250])
@pytest.mark.parametrize(
    ("sampler", "schedule"),
    [("Euler", None), ("Euler a", None), ("DPM++ 2M", None), ("DDIM", None)] + [("Euler", name) for name in SCHEDULES],
)
def test_a_gray_is_locked_for_exactly_its_part_of_the_steps(
    host: Host, monkeypatch: pytest.MonkeyPatch, sampler: str, schedule: str | None, gray: int
) -> None:
    """Algorithm 1 with the linear threshold, to the step: locked at step i of N while the map is above i / N."""
    if schedule:
        wrap = host.module("sd_models").ModelWrap
        monkeypatch.setattr(wrap, "get_sigmas", lambda self, n: SCHEDULES[schedule](n))
    exact = {"black_point": 0, "white_point": 1}
    given = request(exemplar(EXEMPLAR, uniform(gray), shaping=exact))
    assert host.edit(SOURCE, given, sampler_name=sampler, steps=11).status == 200
    calls = list(host.model.calls)
    levels = list(dict.fromkeys(level for _, level in calls))
    for x, level in calls:
        locked = (x - expected_input(host, sampler, SOURCE, level)).abs().max() < 1e-5
        assert locked == (gray / 255 > levels.index(level) / len(levels))


@pytest.mark.parametrize("sampler", ["Euler", "Heun", "DPM++ 2M"])
@pytest.mark.parametrize("schedule", list(SCHEDULES))
def test_a_schedule_that_is_not_as_usual_obeys(
    host: Host, monkeypatch: pytest.MonkeyPatch, schedule: str, sampler: str
) -> None:
    wrap = host.module("sd_models").ModelWrap
    monkeypatch.setattr(wrap, "get_sigmas", lambda self, n: SCHEDULES[schedule](n))
    settings = {"sampler_name": sampler, "denoising_strength": 0.6, "steps": 8}
    plain = host.img2img(EXEMPLAR, **settings).image
    assert furthest(host.edit(SOURCE, request(exemplar(EXEMPLAR, uniform(BLACK))), **settings).image, plain) <= 1
    host.edit(SOURCE, request(exemplar(EXEMPLAR, uniform(WHITE))), **settings)
    begins = [call for call in host.model.calls if sampler != "Heun" or call[1] > 0.51]  # the last may look ahead
    for x, level in begins:
        torch.testing.assert_close(x, expected_input(host, sampler, SOURCE, level), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("strength", [0.0, 0.01, 0.2, 0.5, 1.0])
@pytest.mark.parametrize(
    ("kind", "sampler"), [("exploding", "Euler"), ("flow", "Euler"), ("exploding", "DDIM"), ("exploding", "UniPC")]
)
def test_every_denoising_strength_obeys(host: Host, kind: str, sampler: str, strength: float) -> None:
    host.load_model(kind)
    settings = {"sampler_name": sampler, "denoising_strength": strength}
    plain = host.img2img(EXEMPLAR, **settings).image
    assert furthest(host.edit(SOURCE, request(exemplar(EXEMPLAR, uniform(BLACK))), **settings).image, plain) <= 1
    host.edit(SOURCE, request(exemplar(EXEMPLAR, uniform(WHITE))), **settings)
    for x, level in list(host.model.calls):
        torch.testing.assert_close(x, expected_input(host, sampler, SOURCE, level), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("kind", "sampler"), CASES)
def test_each_latent_pixel_is_locked_until_its_release_and_never_again(host: Host, kind: str, sampler: str) -> None:
    host.load_model(kind)
    host.edit(SOURCE, some_request(), sampler_name=sampler, steps=12)
    calls = list(host.model.calls)
    locked = [
        ((x - expected_input(host, sampler, SOURCE, level)).abs().amax(dim=(0, 1)) < 1e-5).float().mean(dim=0)
        for x, level in calls
    ]
    columns = torch.stack(locked).numpy()  # call, column of the latent: the map is a ramp from left to right
    assert (np.diff(columns, axis=0) <= 0).all()
    assert (columns[:, 0] == 0).all()
    assert (columns[:, -1] == 1).all()
    assert (np.diff(columns, axis=1) >= 0).all()
    releases = (columns == 1).sum(axis=0)
    assert len(set(releases[1:-1])) >= 3


def test_when_the_sampler_raises_the_noise_again_released_pixels_stay_released(host: Host) -> None:
    host.edit(SOURCE, some_request(), sampler_name="Restart", steps=12)
    levels = [level for _, level in host.model.calls]
    rises = [i for i in range(1, len(levels)) if levels[i] > levels[i - 1]]
    assert rises
    x, level = host.model.calls[rises[0]]
    assert level == levels[4]  # so much noise that by the level alone half of the latent pixels would be locked
    unlocked = (x - expected_input(host, "Restart", SOURCE, level)).abs().amax(dim=(0, 1, 2)) > 1e-3
    assert unlocked.tolist() == [True] * int(unlocked.sum()) + [False] * int((~unlocked).sum())
    assert unlocked.sum() >= 5


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_between_two_steps_progress_is_counted_in_timesteps_or_in_log_sigma(
    host: Host, sampler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook, counted = host.module("webui.sampler_hook"), []

    def schedule(levels: Any, *, log: bool) -> Any:
        counted.append(log)
        return Schedule(levels, log=log)

    monkeypatch.setattr(hook, "Schedule", schedule)
    assert host.edit(SOURCE, some_request(), sampler_name=sampler).image
    assert counted == [not hasattr(sampler_of(host, sampler), "get_timesteps")]


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_an_exemplar_that_is_all_white_changes_nothing(host: Host, sampler: str, position: int) -> None:
    given = some_request(count=2)
    without = host.edit(SOURCE, given, sampler_name=sampler).image
    given["exemplars"].insert(position, exemplar(smooth(40), uniform(WHITE)))
    assert furthest(host.edit(SOURCE, given, sampler_name=sampler).image, without) <= 1


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("mode", ["single-pass", "iterative"])
def test_a_batch_of_two_by_two_is_four_singles(host: Host, sampler: str, mode: str) -> None:
    given = some_request(count=2, mode=mode)
    batch = host.edit(SOURCE, given, sampler_name=sampler, seed=7, batch_size=2, n_iter=2)
    assert len(batch.images) == 4
    for i, image in enumerate(batch.images):
        assert furthest(image, host.edit(SOURCE, given, sampler_name=sampler, seed=7 + i).image) <= 1


def test_variation_seeds_count(host: Host) -> None:
    settings = {"subseed": 5, "subseed_strength": 0.4}
    plain = host.img2img(EXEMPLAR, **settings).image
    edit = host.edit(SOURCE, request(exemplar(EXEMPLAR, uniform(BLACK))), **settings).image
    assert furthest(edit, plain) <= 1
    assert furthest(host.img2img(EXEMPLAR).image, plain) > 2


def test_a_batch_of_different_sources_edits_each_of_them(host: Host) -> None:
    sources, given = [smooth(1), smooth(3)], some_request(keep_white=True)
    both = host.edit(sources, given, batch_size=2, seed=7).images
    for i, image in enumerate(both):
        assert furthest(image, host.edit(sources[i], given, seed=7 + i).image) <= 1


def test_exemplars_are_encoded_once_for_a_run_and_not_for_every_batch(host: Host) -> None:
    one = host.edit(SOURCE, some_request(count=3), n_iter=1)
    encoded = sum(host.model.encoded)
    four = host.edit(SOURCE, some_request(count=3), n_iter=4)
    assert (len(one.images), len(four.images)) == (1, 4)
    assert sum(host.model.encoded) == encoded == 1 + 3
    host.edit(SOURCE, some_request(count=3, mode="iterative"), n_iter=2)
    assert sum(host.model.encoded) == 1 + 3


@pytest.mark.parametrize("mode", ["single-pass", "iterative"])
def test_images_are_prepared_once_for_a_run_and_not_for_every_batch(
    host: Host, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the canvases, nor the exemplars placed on them, nor the source that is restored in every image."""
    canvas = host.module("webui.canvas")
    counted: dict[str, int] = {}

    def counting(owner: Any, name: str) -> None:
        own = getattr(owner, name)

        def count(*args: Any, **kwargs: Any) -> Any:
            counted[name] = counted.get(name, 0) + 1
            return own(*args, **kwargs)

        monkeypatch.setattr(owner, name, count)

    counting(canvas.SourceCanvas, "__init__")
    counting(canvas.SourceCanvas, "prepare_exemplar")
    counting(canvas.SourceCanvas, "source_under_result")
    given = some_request(count=2, keep_white=True, mode=mode)
    assert len(host.edit(SOURCE, given).images) == 1
    one = dict(counted)
    counted.clear()
    assert len(host.edit(SOURCE, given, batch_size=2, n_iter=3).images) == 6
    assert counted == one


def test_encoding_an_exemplar_does_not_disturb_what_is_drawn_afterwards(host: Host) -> None:
    host.load_model(posterior=0.1)
    states = []
    for make in (lambda: host.img2img(SOURCE), lambda: host.edit(SOURCE, some_request(count=2))):
        torch.manual_seed(3)
        assert make().status == 200
        states.append(global_randomness())
    assert states[0] == states[1]
    torch.manual_seed(4)
    assert global_randomness() != states[0]


def test_exemplars_are_encoded_by_the_encoder_that_the_user_chose(host: Host) -> None:
    host.shared.opts.sd_vae_encode_method = "TAESD"
    plain = host.img2img(EXEMPLAR).image
    edit = host.edit(SOURCE, request(exemplar(EXEMPLAR, uniform(BLACK)))).image
    assert furthest(edit, plain) <= 1


def test_extra_noise_reaches_what_is_edited(host: Host) -> None:
    host.shared.opts.img2img_extra_noise = 0.4
    plain = host.img2img(EXEMPLAR).image
    edit = host.edit(SOURCE, request(exemplar(EXEMPLAR, uniform(BLACK)))).image
    assert furthest(edit, plain) <= 1


def test_iterative_is_the_passes_done_by_hand(host: Host) -> None:
    """Each result is the next source; pass k uses seed + k."""
    exemplars = some_request(count=3)["exemplars"]
    at_once = host.edit(SOURCE, request(*exemplars, mode="iterative"), seed=7).image
    by_hand = SOURCE
    for k, each in enumerate(exemplars):
        by_hand = host.edit(by_hand, request(each), seed=7 + k).image
    assert furthest(at_once, by_hand) <= 4  # by hand, the results between are rounded to whole pixel values
    assert furthest(at_once, host.edit(SOURCE, request(*exemplars), seed=7).image) > 8


@pytest.mark.parametrize("mode", ["single-pass", "iterative"])
def test_the_seed_of_the_last_image_that_a_host_can_count_to_is_no_limit(host: Host, mode: str) -> None:
    assert host.edit(SOURCE, some_request(count=2, mode=mode), seed=2**32 - 1).status == 200


def test_thresholds_and_prepared_maps_reach_the_sampler(host: Host) -> None:
    images = [
        host.edit(SOURCE, some_request(**fields)).image for fields in ({}, {"threshold": "log"}, {"threshold": "cubic"})
    ]
    assert furthest(images[0], images[1]) > 1
    assert furthest(images[0], images[2]) > 1


def test_inpainting_shows_the_source_outside_of_its_mask(host: Host) -> None:
    """The host pastes back what it took for the source, which must not be the surgical latent."""
    mask = uniform(BLACK)
    mask.paste(WHITE, (0, 0, 32, 64))
    given = request(exemplar(EXEMPLAR, uniform(BLACK)))
    image = host.edit(SOURCE, given, mask=mask, inpaint_full_res=False).image
    assert furthest(image.crop((40, 0, 64, 64)), SOURCE.crop((40, 0, 64, 64))) <= 1
    assert furthest(image.crop((0, 0, 24, 64)), SOURCE.crop((0, 0, 24, 64))) > 8
    latents = [x for x, level in host.model.calls if level < 0.1]
    inpainted = host.img2img(SOURCE, mask=mask, inpaint_full_res=False)
    assert inpainted.status == 200
    plain = [x for x, level in host.model.calls if level < 0.1]
    torch.testing.assert_close(latents[-1][..., 6:], plain[-1][..., 6:], atol=0.2, rtol=0.1)


def test_ramps_are_ramps() -> None:
    """What the other tests rely on."""
    values = np.asarray(ramp())[0]
    assert values[0] == 0
    assert values[-1] == 255
    assert (np.diff(values.astype(int)) >= 0).all()
