"""PIXELS under other scripts: only when the user asked for it, on whatever processing object they make."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any

import numpy as np
import pytest
from fake_webui.host import Host
from fake_webui.images import (
    BLACK,
    WHITE,
    array,
    exemplar,
    furthest,
    request,
    smooth,
    some_request,
    uniform,
)

pytest_plugins = ["fake_webui.fixtures"]

SOURCE = smooth(1)
STAYING = some_request(run_under_scripts=True)
XYZ_ONE_SEED = (1, "7", [], 0, "", [], True)
"""X/Y/Z plot's arguments for one cell, with seed 7."""


@pytest.mark.parametrize("asked", [False, True])
def test_loopback_edits_only_when_the_user_asked_for_it(host: Host, asked: bool) -> None:
    given = {**STAYING, "run_under_scripts": asked}
    loops = host.under("Loopback", SOURCE, given, 2).images
    first = host.edit(SOURCE, STAYING).image if asked else host.img2img(SOURCE).image
    second = host.edit(first, STAYING, seed=2) if asked else host.img2img(first, seed=2)
    assert furthest(loops[0], first) == 0
    assert furthest(loops[1], second.image) == 0


@pytest.mark.parametrize("asked", [False, True])
def test_a_plot_s_cells_are_edits_only_when_the_user_asked_for_it(host: Host, asked: bool) -> None:
    given = {**STAYING, "run_under_scripts": asked}
    cell = host.under("X/Y/Z plot", SOURCE, given, *XYZ_ONE_SEED).image
    alone = host.edit(SOURCE, STAYING, seed=7) if asked else host.img2img(SOURCE, seed=7)
    assert furthest(cell, alone.image) == 0


def test_white_is_kept_under_other_scripts_too(host: Host) -> None:
    given = request(exemplar(smooth(2), uniform(WHITE)), keep_white=True, run_under_scripts=True)
    for image in host.under("Loopback", SOURCE, given, 3).images:
        assert furthest(image.crop((4, 4, 60, 60)), SOURCE.crop((4, 4, 60, 60))) == 0


@pytest.mark.parametrize("title", ["Loopback", "X/Y/Z plot"])
def test_alwayson_scripts_edit_under_another_script_without_being_asked_twice(host: Host, title: str) -> None:
    arguments = {"Loopback": [1], "X/Y/Z plot": list(XYZ_ONE_SEED)}[title]
    answer = host.img2img(
        SOURCE,
        script_name=title,
        script_args=arguments,
        alwayson_scripts={"pixels": {"args": [some_request()]}},
        seed=7,
    )
    assert furthest(answer.image, host.edit(SOURCE, some_request(), seed=7).image) == 0


def test_what_the_panel_holds_is_nothing_to_a_generation_without_a_script(host: Host) -> None:
    p = host.processing(SOURCE)
    p.script_args[host.script("PIXELS").args_from] = STAYING
    image = host.module("processing").process_images(p).images[0]
    assert furthest(image, host.img2img(SOURCE).image) == 0


@pytest.mark.parametrize("panel", [None, "", "{", 4, [1], {"run_under_scripts": "yes"}, {"run_under_scripts": 1}, "[]"])
def test_whatever_stands_in_the_panel_s_place_other_scripts_run(host: Host, panel: Any) -> None:
    """With a short list of script_args, other scripts' arguments slide into the panel's slot."""
    image = host.under("Loopback", SOURCE, panel, 1).image
    assert furthest(image, host.img2img(SOURCE).image) == 0


def test_a_short_list_of_another_script_s_arguments_makes_no_edit(host: Host) -> None:
    plain = host.img2img(SOURCE, seed=7).image
    assert furthest(host.img2img(SOURCE, script_name="loopback", script_args=[1], seed=7).image, plain) == 0
    longer = host.img2img(SOURCE, script_name="loopback", script_args=[1, "a", "b", None], seed=7)
    assert furthest(longer.image, plain) == 0


@pytest.mark.parametrize("by", ["run_under_scripts", "alwayson_scripts"])
def test_scripts_that_cut_the_image_into_tiles_are_refused_with_a_sentence(host: Host, by: str) -> None:
    source = smooth(1, (96, 64))
    given = some_request((96, 64), run_under_scripts=True)
    settings = {"width": 64, "height": 64}
    if by == "run_under_scripts":
        refused = host.module("webui.http_errors").BadRequest
        with pytest.raises(refused, match=r"^PIXELS: script: 'SD upscale', which crops .* \(expected another script"):
            host.under("SD upscale", source, given, 32, **settings)
    else:
        alwayson = {"pixels": {"args": [given]}}
        answer = host.img2img(source, script_name="sd upscale", script_args=[32], alwayson_scripts=alwayson, **settings)
        assert answer.status == 422
        assert answer.detail.startswith("PIXELS: script: 'SD upscale'")
    assert host.model.calls == []


def test_scripts_that_cut_the_image_into_tiles_run_when_nobody_asked_for_an_edit(host: Host) -> None:
    source = smooth(1, (96, 64))
    tiles = host.under("SD upscale", source, some_request((96, 64)), 32, width=64, height=64).images
    assert len(tiles) == 2
    assert furthest(tiles[0], host.img2img(source.crop((0, 0, 64, 64))).image) == 0


def test_a_bad_request_that_stays_active_is_refused_under_other_scripts(host: Host) -> None:
    refused = host.module("webui.http_errors").BadRequest
    with pytest.raises(refused, match=r"^PIXELS: threshold: 'x' \(expected one of"):
        host.under("Loopback", SOURCE, {**STAYING, "threshold": "x"}, 1)


def test_another_script_s_own_sample_is_kept_underneath(host: Host) -> None:
    """Its noise is half of the host's, and its note comes into the parameters: both must still be so."""
    white = request(exemplar(smooth(2), uniform(BLACK)), run_under_scripts=True)
    edit = host.under("img2img alternative test", SOURCE, white, False)
    alone = host.under("img2img alternative test", smooth(2), None, False)
    assert furthest(edit.image, alone.image) <= 1
    assert furthest(edit.image, host.img2img(smooth(2)).image) > 3
    assert "Sampled by: img2img alternative test" in edit.infotexts[0]
    assert "PIXELS: " in edit.infotexts[0]


def wrap_sample(p: Any) -> None:
    """As an extension does that comes after ours."""
    below = p.sample
    p.sample = lambda *args, **kwargs: below(*args, **kwargs)


def test_an_edit_that_another_extension_wraps_keeps_its_white(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    given = request(exemplar(smooth(2), uniform(WHITE)), keep_white=True)
    detailer = host.script("Detailer", alwayson=True)
    monkeypatch.setattr(type(detailer), "process", lambda self, p, *args: wrap_sample(p), raising=False)
    assert furthest(host.edit(SOURCE, given).image, SOURCE) == 0
    assert furthest(host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [given]}}).image, SOURCE) == 0


def test_a_wrapped_edit_does_nothing_any_more_when_it_was_taken_off(host: Host) -> None:
    module, reading = host.module("webui.sample_hook"), host.module("webui.parse_request")
    decode = host.module("api.api").decode_base64_to_image
    black = reading.read_request(request(exemplar(smooth(2), uniform(BLACK))), decode)
    other = reading.read_request(request(exemplar(smooth(3), uniform(BLACK))), decode)
    p = host.processing(SOURCE)
    for installed, wanted in ((black, smooth(2)), (other, smooth(3))):
        module.install_hook(p, installed)
        wrap_sample(p)
        (image,) = host.module("processing").process_images(p).images
        assert furthest(image, host.img2img(wanted).image) <= 1
    module.remove_hook(p)
    assert module.get_hook(p) is None
    (image,) = host.module("processing").process_images(p).images
    assert furthest(image, host.img2img(SOURCE).image) == 0


def test_a_script_that_samples_past_the_host_s_sampler_is_refused(host: Host) -> None:
    """An edit that is impossible must not look like one that was made."""
    refused = host.module("webui.http_errors").BadRequest
    with pytest.raises(
        refused, match=r"^PIXELS: Another script or extension did the sampling itself, .*\. Switch it off, or PIXELS\.$"
    ):
        host.under("img2img alternative test", SOURCE, STAYING, True)


@pytest.fixture
def overruling(host: Host, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host with an extension that puts its own sampling over ours, as DemoFusion does."""
    companion = type(host.script("PIXELS", alwayson=True))
    own = companion.before_process

    def before_process(self: Any, p: Any, *args: Any) -> None:
        own(self, p, *args)
        p.sample = partial(type(p).sample, p)

    monkeypatch.setattr(companion, "before_process", before_process)
    return host


def test_an_extension_that_overrules_the_edit_is_told_of_in_the_dropdown(overruling: Host) -> None:
    answer = overruling.edit(SOURCE, some_request())
    assert answer.status == 422
    assert answer.detail.startswith("PIXELS: Another script or extension did the sampling itself")


def test_where_errors_are_swallowed_such_an_image_does_not_call_itself_an_edit(overruling: Host) -> None:
    answer = overruling.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [some_request()]}})
    assert furthest(answer.image, overruling.img2img(SOURCE).image) == 0
    assert any("did the sampling itself" in comment for comment in answer.comments)
    assert "PIXELS" not in answer.infotexts[0]


def test_an_edit_of_which_no_image_was_asked_is_no_such_thing(host: Host) -> None:
    """As Dynamic Prompts asks for none, and as when the user stops before the first."""
    assert host.script("PIXELS").run(host.processing(SOURCE, n_iter=0), some_request()).images == []


def test_interrupted_such_a_script_gives_what_there_is(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    model = host.module("sd_models").Model
    own = model.denoised

    def denoised(*args: Any) -> Any:
        host.shared.state.interrupted = True
        return own(*args)

    monkeypatch.setattr(model, "denoised", denoised)
    assert host.under("img2img alternative test", SOURCE, STAYING, True).image


def test_extensions_that_generate_from_a_copy_do_not_sample_the_original(host: Host) -> None:
    """With PIXELS in the dropdown the copy is no edit: its source is another image, over which no map was made."""
    detail = {"detailer": {"args": [True]}}
    both = host.edit(SOURCE, some_request(), alwayson_scripts=detail).images
    assert len(both) == 2
    edit = host.edit(SOURCE, some_request()).image
    assert furthest(both[0], edit) == 0
    assert furthest(both[1], host.img2img(edit).image) == 0


def test_a_copy_has_what_lay_under_the_original_s_edit(host: Host) -> None:
    companion, p = host.script("PIXELS", alwayson=True), host.processing(SOURCE)

    def own(**_: Any) -> None:
        """Another script's."""

    p.sample = own
    companion.before_process(p, some_request())
    edit = p.sample
    copied = copy(p)
    companion.before_process(copied, None)
    assert copied.sample is own
    assert p.sample is edit is not own
    companion.before_process(p, some_request())
    assert p.sample is not edit
    assert p.sample.below is own


@pytest.mark.parametrize("title", ["Loopback", "X/Y/Z plot"])
def test_what_an_extension_generates_from_the_result_is_plain_under_other_scripts_too(host: Host, title: str) -> None:
    """Nobody made a map over that image, and nobody asked for an edit of it."""
    arguments = {"Loopback": [1], "X/Y/Z plot": list(XYZ_ONE_SEED)}[title]
    runner, p = host.scripts.scripts_img2img, host.processing(SOURCE, seed=7)
    other, ours, detailer = host.script(title), host.script("PIXELS"), host.script("Detailer", alwayson=True)
    p.script_args[0] = runner.selectable_scripts.index(other) + 1
    p.script_args[other.args_from : other.args_from + len(arguments)] = arguments
    p.script_args[ours.args_from] = STAYING
    p.script_args[detailer.args_from] = True
    processed = runner.run(p, *p.script_args)
    first, second = processed.images
    assert furthest(first, host.edit(SOURCE, STAYING, seed=7).image) == 0
    assert furthest(second, host.img2img(first, seed=7).image) == 0
    assert "PIXELS" in processed.infotexts[0]


def test_an_unforeseen_error_in_the_companion_is_not_swallowed(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hosts would print it, and the user would get a plain img2img."""

    def broken(_: Any) -> None:
        raise ZeroDivisionError("unforeseen")

    monkeypatch.setattr(host.module("webui.infotext"), "save_inputs", broken)
    host.shared.opts.pixels_save_inputs = True
    with pytest.raises(ZeroDivisionError, match="unforeseen"):
        host.under("Loopback", SOURCE, STAYING, 1)
    host.shared.opts.pixels_save_inputs = False
    assert host.under("Loopback", SOURCE, STAYING, 1).image


def test_the_companion_without_a_processing_object_s_arguments_does_nothing(host: Host) -> None:
    """Extensions make processing objects of their own, with no arguments at all."""
    companion = host.script("PIXELS", alwayson=True)
    p = host.processing(SOURCE)
    p.script_args = {}
    companion.before_process(p)
    assert "sample" not in vars(p)
    assert np.array_equal(array(p.init_images[0]), array(SOURCE))


def again(host: Host, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], Any], *, alwayson: bool) -> Any:
    """The image of an always-on script that generates once more after an edit, with what `change` makes of `p`."""
    process, made = host.module("processing").process_images, []

    def postprocess(self: Any, p: Any, processed: Any, *args: Any) -> None:
        if not made:
            made.append(None)  # its own generation calls it too
            made.append(process(change(p)))

    with monkeypatch.context() as patched:
        patched.setattr(type(host.script("Detailer", alwayson=True)), "postprocess", postprocess)
        given = request(exemplar(smooth(2), uniform(WHITE)), keep_white=True)
        if alwayson:
            host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [given]}})
        else:
            host.edit(SOURCE, given)
    return made[-1].images[0] if made[-1] else None


@pytest.mark.parametrize(("alwayson", "scripts"), [(False, False), (True, False), (False, True)])
def test_a_processing_object_that_is_used_again_for_another_source_is_no_edit(
    host: Host, monkeypatch: pytest.MonkeyPatch, alwayson: bool, scripts: bool
) -> None:
    """Nor does it get the white of the source before. Without scripts as Unprompted does it with faces."""

    def change(p: Any) -> Any:
        p.init_images = [smooth(5)]
        if not scripts:
            p.scripts = None
        return p

    image = again(host, monkeypatch, change, alwayson=alwayson)
    assert furthest(image, host.img2img(smooth(5)).image) == 0


def test_a_processing_object_that_is_used_again_at_another_size_is_edited_at_it(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(p: Any) -> Any:
        p.width = p.height = 128
        return p

    image = again(host, monkeypatch, change, alwayson=False)
    given = request(exemplar(smooth(2), uniform(WHITE)), keep_white=True)
    assert furthest(image, host.edit(SOURCE, given, width=128, height=128).image) == 0


@pytest.mark.parametrize("alwayson", [False, True])
def test_a_copy_without_its_scripts_is_refused_and_not_made_of_the_original(
    host: Host, monkeypatch: pytest.MonkeyPatch, alwayson: bool
) -> None:
    """What stands for `p.sample` cannot know which copy it is asked by."""

    def change(p: Any) -> Any:
        copied = copy(p)
        copied.init_images, copied.scripts = [smooth(5)], None
        return copied

    assert again(host, monkeypatch, change, alwayson=alwayson) is None
    assert host.errors.reported
    assert "PIXELS: Another extension re-ran a copy of this generation." in str(host.errors.reported[-1])
    host.errors.reported.clear()


def test_a_runner_with_fewer_scripts_than_the_arguments_were_made_for_runs(host: Host) -> None:
    p = host.processing(SOURCE)
    p.scripts, p.script_args = copy(p.scripts), [3, *p.script_args[1:]]
    p.scripts.selectable_scripts = []
    (image,) = host.module("processing").process_images(p).images
    assert furthest(image, host.img2img(SOURCE).image) == 0
