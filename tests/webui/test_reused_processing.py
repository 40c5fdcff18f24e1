"""A processing object that is used again, and what the images of every run say: an edit is named exactly when one
happened."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any

import pytest
from fake_webui.host import Host
from fake_webui.images import BLACK, WHITE, exemplar, furthest, ramp, request, smooth, some_request, uniform
from PIL import Image

pytest_plugins = ["fake_webui.fixtures"]

SOURCE = smooth(1)
GIVEN = request(exemplar(smooth(2), uniform(BLACK)))
OF_MASK = request({**exemplar(smooth(2), uniform(BLACK)), "edit_map": {"type": "inpaint_mask"}})
ANOTHER_SOURCE = "PIXELS: Another extension generated an image from a different source. That image is not an edit."


def named(infotext: str) -> bool:
    return "PIXELS" in infotext


def after(host: Host, monkeypatch: pytest.MonkeyPatch, way: str, then: Callable[[Any], Any], **fields: Any) -> Any:
    """Generate with an edit; in the end another extension calls `then`. What that returns, and both results."""
    results: list[Any] = []

    def postprocess(self: Any, p: Any, processed: Any, *args: Any) -> None:
        if not results:
            results.append(processed)  # before what follows, whose own hooks come here too
            results.append(then(p))

    monkeypatch.setattr(type(host.script("Detailer", alwayson=True)), "postprocess", postprocess)
    given = fields.pop("given", GIVEN)
    p = host.processing(SOURCE.copy(), **fields)
    host.shared.state.begin()
    if way == "dropdown":
        host.script("PIXELS").run(p, given)
    else:
        p.script_args[host.script("PIXELS", alwayson=True).args_from] = given
        host.module("processing").process_images(p)
    assert named(results[0].infotexts[0])
    return p, results[0], results[1]


def again(
    host: Host, sources: Callable[[list[Image.Image]], list[Image.Image]], scripts: bool = False
) -> Callable[[Any], Any]:
    def then(p: Any) -> Any:
        p.init_images, p.scripts = sources(p.init_images), p.scripts if scripts else None
        return host.module("processing").process_images(p)

    return then


def changed_in_place(sources: list[Image.Image]) -> list[Image.Image]:
    sources[0].paste(smooth(5))
    return sources


SAME: dict[str, Callable[[list[Image.Image]], list[Image.Image]]] = {
    "the same": lambda sources: sources,
    "a copy": lambda sources: [source.copy() for source in sources],
    "another mode": lambda sources: [source.convert("RGBA") for source in sources],
    "for every image of the batch": lambda sources: [sources[0].copy(), sources[0].copy()],
}
OTHER: dict[str, Callable[[list[Image.Image]], list[Image.Image]]] = {
    "another": lambda sources: [smooth(5)],
    "another size": lambda sources: [sources[0].resize((32, 32))],
    "one more": lambda sources: [*sources, smooth(5)],
    "mirrored": lambda sources: [sources[0].transpose(Image.Transpose.FLIP_LEFT_RIGHT)],
    "changed in place": changed_in_place,
}


@pytest.mark.parametrize("way", ["dropdown", "always-on"])
@pytest.mark.parametrize("scripts", [False, True])
@pytest.mark.parametrize("sources", SAME)
def test_the_same_pixels_are_the_same_source(
    host: Host, monkeypatch: pytest.MonkeyPatch, way: str, sources: str, scripts: bool
) -> None:
    p, first, second = after(host, monkeypatch, way, again(host, SAME[sources], scripts))
    assert furthest(second.images[0], first.images[0]) == 0
    assert all(named(text) for text in second.infotexts)
    assert not any("not an edit" in comment for comment in p.comments)


@pytest.mark.parametrize("way", ["dropdown", "always-on"])
@pytest.mark.parametrize("scripts", [False, True])
@pytest.mark.parametrize("sources", OTHER)
def test_other_sources_are_plain_and_say_so(
    host: Host, monkeypatch: pytest.MonkeyPatch, way: str, sources: str, scripts: bool
) -> None:
    p, first, second = after(host, monkeypatch, way, again(host, OTHER[sources], scripts))
    images = OTHER[sources]([SOURCE.copy()])
    plain = host.img2img(images, width=64, height=64)
    assert furthest(second.images[0], plain.images[0]) == 0
    assert not any(named(text) for text in second.infotexts)
    assert ANOTHER_SOURCE in p.comments
    assert named(first.infotexts[0])
    assert "PIXELS" in first.extra_generation_params
    assert not any(str(name).startswith("PIXELS") for name in second.extra_generation_params)


@pytest.mark.parametrize("way", ["dropdown", "always-on"])
def test_the_host_s_own_mask_is_back_when_p_is_used_again(
    host: Host, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    mask = Image.new("L", (64, 64))
    mask.paste(255, (16, 16, 48, 48))
    fields = {"image_mask": mask, "mask_blur_x": 2, "mask_blur_y": 2, "inpainting_fill": 0}
    for sources in (SAME["a copy"], OTHER["another"]):
        p, _, second = after(host, monkeypatch, way, again(host, sources), given=OF_MASK, **fields)
        plain = host.module("processing").process_images(host.processing(sources([SOURCE])[0], **fields))
        assert furthest(second.images[0], plain.images[0]) == 0
        assert not named(second.infotexts[0])
        assert any("That image is not an edit" in comment for comment in p.comments)


@pytest.mark.parametrize("way", ["dropdown", "always-on"])
def test_a_mask_that_another_extension_gave_a_copy_stays(host: Host, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    own = uniform(128)

    def then(p: Any) -> Any:
        copied = copy(p)
        copied.image_mask, copied.script_args = own, host.processing(SOURCE).script_args
        p.scripts.before_process(copied)
        return copied.image_mask

    assert after(host, monkeypatch, way, then, given=OF_MASK, image_mask=uniform(255))[2] is own


@pytest.mark.parametrize("way", ["dropdown", "always-on"])
def test_used_again_and_stopped_before_the_first_it_names_nothing(
    host: Host, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    def then(p: Any) -> Any:
        host.shared.state.interrupted = True
        return host.module("processing").process_images(p)

    _, first, second = after(host, monkeypatch, way, then)
    assert second.images == []
    assert not named(second.info)
    assert named(first.info)


@pytest.mark.parametrize("way", ["dropdown", "always-on", "Loopback", "X/Y/Z plot"])
def test_stopped_before_the_first_image_nothing_is_named(host: Host, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    common = host.module("processing").StableDiffusionProcessingImg2Img
    own = common.init

    def init(self: Any, *args: Any) -> None:
        own(self, *args)
        host.shared.state.interrupted = True

    monkeypatch.setattr(common, "init", init)
    if way == "dropdown":
        answer = host.edit(SOURCE, GIVEN)
    elif way == "always-on":
        answer = host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [GIVEN]}})
    else:
        arguments = {"Loopback": [2], "X/Y/Z plot": [1, "7", [], 0, "", [], True]}[way]
        answer = host.under(way, SOURCE, {**GIVEN, "run_under_scripts": True}, *arguments)
    assert not any(named(text) for text in answer.infotexts)


@pytest.mark.parametrize("way", ["dropdown", "always-on"])
def test_only_the_batches_that_are_edits_are_named(host: Host, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """An extension takes the sampling of the second of three away."""

    def process_batch(self: Any, p: Any, *args: Any, batch_number: int, **kwargs: Any) -> None:
        if batch_number == 1:
            own, p.sample = p.sample, partial(type(p).sample, p)
            self._own = own
        elif batch_number == 2:
            p.sample = self._own

    monkeypatch.setattr(type(host.script("Detailer", alwayson=True)), "process_batch", process_batch, raising=False)
    if way == "dropdown":
        answer = host.edit(SOURCE, GIVEN, n_iter=3)
    else:
        answer = host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [GIVEN]}}, n_iter=3)
    assert [named(text) for text in answer.infotexts] == [True, False, True]
    assert furthest(answer.images[1], host.img2img(SOURCE, seed=2).image) == 0
    assert any("did the sampling itself" in comment for comment in answer.comments)


@pytest.mark.parametrize("way", ["dropdown", "always-on"])
def test_the_last_generation_s_parameters_have_the_edit(host: Host, way: str) -> None:
    """The hosts write them before they sample."""
    if way == "dropdown":
        assert host.edit(SOURCE, GIVEN).status == 200
    else:
        assert host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [GIVEN]}}).status == 200
    assert "PIXELS request" in host.shared.params_txt
    host.img2img(SOURCE)
    assert not named(host.shared.params_txt)


def test_a_refused_cell_of_a_plot_is_not_named(host: Host) -> None:
    wrong = request(exemplar(smooth(2), uniform(BLACK, (64, 32))), run_under_scripts=True)
    answer = host.under("X/Y/Z plot", SOURCE, wrong, 1, "7", [], 0, "", [], True)
    host.errors.reported.clear()
    assert not any(named(text) for text in answer.infotexts)
    assert any(comment.startswith("PIXELS: exemplars[0].edit_map") for comment in answer.comments)


def test_what_others_wrote_under_our_names_stays(host: Host) -> None:
    p = host.processing(SOURCE)
    p.extra_generation_params = {"PIXELS": "something else", "Script": "PIXELS"}
    assert "PIXELS: something else" in host.module("processing").process_images(p).infotexts[0]


def test_a_plot_s_cells_have_parameters_of_their_own(host: Host) -> None:
    """The plot copies `p`, and the copies share what is in it."""
    p = host.processing(SOURCE)
    companion = host.script("PIXELS", alwayson=True)
    p.script_args[companion.args_from] = GIVEN
    host.module("processing").process_images(copy(p))
    assert p.extra_generation_params == {}


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("n_iter", [1, 2])
def test_an_iterative_edit_fills_the_bar_once(host: Host, count: int, n_iter: int) -> None:
    seen: list[float] = []
    host.model.forget()
    host.model.on_call = lambda number: seen.append(host.shared.state.progress())
    host.shared.state.begin()
    p = host.processing(SOURCE, n_iter=n_iter)
    host.script("PIXELS").run(p, some_request(count=count, mode="iterative"))
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert seen[-1] < 1 == host.shared.state.progress()
    if count > 1:
        assert 0.3 < seen[len(seen) // 2] < 0.7
    assert (host.shared.state.job_count, host.shared.state.job_no) == (n_iter, n_iter)


@pytest.mark.parametrize("end", ["interrupted", "broken"])
def test_the_host_counts_its_jobs_as_before_however_an_edit_ends(host: Host, end: str) -> None:
    def on_call(number: int) -> None:
        if number == 6 and end == "broken":
            raise RuntimeError("in the second pass")
        host.shared.state.interrupted = number == 6

    host.model.forget()
    host.model.on_call = on_call
    host.shared.state.begin()
    host.shared.state.job_count = 4
    p = host.processing(SOURCE)
    if end == "broken":
        with pytest.raises(RuntimeError):
            host.script("PIXELS").run(p, some_request(count=3, mode="iterative"))
    else:
        host.script("PIXELS").run(p, some_request(count=3, mode="iterative"))
    host.model.forget()
    assert host.shared.state.job_count == 4
    assert host.shared.state.job_no == (0 if end == "broken" else 1)


def test_a_plot_of_iterative_edits_fills_the_bar_once(host: Host) -> None:
    seen: list[float] = []
    host.model.on_call = lambda number: seen.append(host.shared.state.progress())
    given = some_request(count=3, mode="iterative", run_under_scripts=True)
    own = host.shared.state.begin
    arguments = [1, "1, 2", [], 0, "", [], True]

    def begin(job: str = "") -> None:
        own(job)
        host.shared.state.job_count = 2  # as X/Y/Z plot does it

    host.shared.state.begin = begin
    forget, host.model.forget = host.model.forget, lambda: None
    try:
        host.under("X/Y/Z plot", SOURCE, given, *arguments)
    finally:
        del host.shared.state.begin
        host.model.forget = forget
        host.model.forget()
    assert len(seen) == 30
    assert seen == sorted(seen)
    assert 0.45 < seen[15] < 0.55


TWO = [smooth(21), smooth(22)]
KEEPING = request(exemplar(smooth(2), uniform(WHITE)), keep_white=True)


def changing(host: Host, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any, Any], None]) -> None:
    def postprocess_batch_list(self: Any, p: Any, pp: Any, *args: Any, **kwargs: Any) -> None:
        change(p, pp)

    detailer = type(host.script("Detailer", alwayson=True))
    monkeypatch.setattr(detailer, "postprocess_batch_list", postprocess_batch_list, raising=False)


def deep(image: Image.Image) -> Image.Image:
    return image.crop((4, 4, 60, 60))


def test_an_extension_drops_an_image(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next batch begins anew, and the seeds tell which are left."""

    def drop(p: Any, pp: Any) -> None:
        if p.iteration == 0:
            del pp.images[0], p.seeds[0], p.subseeds[0]

    changing(host, monkeypatch, drop)
    images = host.edit(TWO, KEEPING, batch_size=2, n_iter=2).images
    assert len(images) == 3
    for image, source in zip(images, [TWO[1], *TWO], strict=True):
        assert furthest(deep(image), deep(source)) == 0


def test_an_extension_adds_images(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def double(p: Any, pp: Any) -> None:
        if p.iteration == 0:
            pp.images[:] = [pp.images[0], *pp.images]
            p.seeds, p.subseeds = [p.seeds[0], *p.seeds], [p.subseeds[0], *p.subseeds]

    changing(host, monkeypatch, double)
    images = host.edit(TWO, KEEPING, batch_size=2, n_iter=2).images
    for image, source in zip(images, [TWO[0], *TWO, *TWO], strict=True):
        assert furthest(deep(image), deep(source)) == 0


def test_of_an_added_image_whose_source_nobody_knows_it_is_said(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    changing(host, monkeypatch, lambda p, pp: pp.images.append(pp.images[0]))
    answer = host.edit(TWO, KEEPING, batch_size=2)
    assert len(answer.images) == 3
    for image, source in zip(answer.images[:2], TWO, strict=True):
        assert furthest(deep(image), deep(source)) == 0
    assert "PIXELS: White was not kept in an image that another extension added." in answer.comments


def test_a_finished_image_that_another_extension_has_finished_once_more(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It calls the hooks for it again: nothing is counted."""

    def postprocess_image(self: Any, p: Any, pp: Any, *args: Any) -> None:
        p.scripts.postprocess_image_after_composite(p, type(pp)(pp.image))

    detailer = type(host.script("Detailer", alwayson=True))
    monkeypatch.setattr(detailer, "postprocess_image", postprocess_image, raising=False)
    for image, source in zip(host.edit(TWO, KEEPING, batch_size=2).images, TWO, strict=True):
        assert furthest(deep(image), deep(source)) == 0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            request(exemplar(smooth(2), uniform(WHITE))),
            "Nothing was edited: the edit map keeps the source wherever the exemplar covers it.",
        ),
        (request(exemplar(smooth(2), uniform(128))), "Exemplar 1 does not show: its edit map is nowhere fully on"),
        (
            request(exemplar(smooth(2), uniform(BLACK)), exemplar(smooth(3), uniform(BLACK))),
            "Exemplar 1 does not show: the exemplars after it cover it entirely.",
        ),
        (
            request(exemplar(smooth(2), uniform(BLACK)), exemplar(smooth(3), uniform(WHITE)), mode="iterative"),
            "Exemplar 2 was not used: its edit map keeps the source wherever the exemplar covers it.",
        ),
    ],
)
def test_an_exemplar_that_cannot_be_seen_is_noted_once(host: Host, given: Any, sentence: str) -> None:
    answer = host.edit(SOURCE, given, n_iter=2)
    (comment,) = answer.comments
    assert comment.startswith(f"PIXELS: {sentence}")
    assert all(f'PIXELS notes: "{sentence}' in text for text in answer.infotexts), "the hosts' API has no comments"


def test_an_edit_that_shows_has_no_notes(host: Host) -> None:
    answer = host.edit(SOURCE, some_request(count=2))
    assert answer.comments == []
    assert "PIXELS notes" not in answer.infotexts[0]


def test_by_api_notes_do_not_replace_each_other(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    changing(host, monkeypatch, lambda p, pp: pp.images.append(pp.images[0]))
    unseen = request(exemplar(smooth(2), ramp()), exemplar(smooth(3), uniform(WHITE)), keep_white=True)
    last = host.edit(TWO, unseen, batch_size=2).infotexts[-1]
    notes = host.module("infotext_utils").parse_generation_parameters(last)["PIXELS notes"]
    assert notes.count("Exemplar 2 was not used") == 1
    assert notes.count("White was not kept in an image that another extension added.") == 1


def test_a_generation_without_our_scripts_keeps_no_white_and_says_so(host: Host) -> None:
    """Extensions generate without scripts, or with those that the user has chosen."""
    fewer = copy(host.scripts.scripts_img2img)
    fewer.alwayson_scripts = [script for script in fewer.alwayson_scripts if script.title() != "PIXELS"]
    for runner in (None, fewer):
        p = host.processing(SOURCE)
        p.scripts = runner
        host.script("PIXELS").run(p, some_request(keep_white=True))
        (comment,) = p.comments
        assert comment.startswith("PIXELS: White was not kept, because another extension ")


@pytest.mark.parametrize("way", ["dropdown", "always-on"])
def test_a_host_without_comments_makes_the_edit_and_refuses_in_one_sentence(
    host: Host, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    monkeypatch.delattr(host.module("processing").StableDiffusionProcessingImg2Img, "comment")
    unseen = request(exemplar(smooth(2), uniform(WHITE)))
    wrong = request(exemplar(smooth(2), uniform(BLACK, (64, 32))))

    def edited(given: Any) -> Any:
        if way == "dropdown":
            return host.edit(SOURCE, given)
        return host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [given]}})

    assert edited(unseen).status == 200
    assert "PIXELS: Nothing was edited" in caplog.text
    refused = edited(wrong)
    assert refused.status == 422
    assert refused.detail.startswith("PIXELS: exemplars[0].edit_map: ")
