"""Was I asked? Whatever stands where a host, another extension or a caller may put something: nothing is raised, and
unless the answer is yes, the image is the host's own, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import copy
from types import SimpleNamespace
from typing import Any

import pytest
from fake_webui.host import Answer, Host
from fake_webui.images import exemplar, furthest, request, smooth, some_request, uniform
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest_plugins = ["fake_webui.fixtures"]

SOURCE = smooth(1)
GOOD = some_request()
OURS = ("exemplar", "edit_map", "white_means", "keep_white", "substep_release", "run_under_scripts")


class Explosive:
    """An object of somebody else's that fails at every touch."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError("repr")

    def __bool__(self) -> bool:
        raise RuntimeError("bool")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    __hash__ = None  # type: ignore[assignment]


def endless() -> list[Any]:
    nested: list[Any] = []
    nested.append(nested)
    return nested


def deep(levels: int = 100_000) -> list[Any]:
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


ODD = [
    *(None, True, False, 0, 4, -1, 10**400, 10**5000, 0.5, float("nan"), float("inf")),
    *("", "Euler a", "{", "[" * 100_000, "None", "PIXELS", "pixels", "\x00", b"{}", b"exemplars"),
    *([], {}, (), [[]], {"a": 1}, {1: 2}, {None: None}, {"mode": "x", "threshold": 1}),
    *(
        '{"prompt": "a map of exemplars"}',
        object(),
        Explosive(),
        [Explosive()],
        endless(),
        deep(),
        SOURCE,
        lambda: None,
    ),
]
ODD_NAMES = [f"{k}-{type(value).__name__}" for k, value in enumerate(ODD)]
texts = st.text(max_size=8) | st.sampled_from(["Euler a", "PIXELS", "{}"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(texts | st.sampled_from(OURS), below, max_size=3),
    max_leaves=6,
)
anything = st.sampled_from(ODD) | json_values | json_values.map(json.dumps)
several = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def mentions_us(*values: Any) -> bool:
    def written(value: Any) -> str:
        try:
            return repr(value)
        except (RuntimeError, ValueError):
            return ""

    return any(name in written(value) for value in values for name in OURS)


@pytest.fixture(scope="module")
def plain(started_host: Host) -> Answer:
    started_host.fresh()
    return started_host.img2img(SOURCE)


def is_plain(host: Host, answer: Answer, plain: Answer) -> None:
    assert answer == plain
    assert host.errors.reported == []


@several
@given(value=json_values)
def test_any_json_value_in_our_slot_by_api(started_host: Host, plain: Answer, value: Any) -> None:
    host = started_host
    host.fresh()
    answer = host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [value]}})
    if answer.status == 422:
        assert mentions_us(value)
        assert answer.detail.startswith("PIXELS: ")
    else:
        is_plain(host, answer, plain)


def asked(host: Host, p: Any, value: Any = None) -> Any:
    """What PIXELS makes of `p` before it generates: nothing, or a replacement of its `sample`."""
    companion = host.script("PIXELS", alwayson=True)
    companion.before_process(p, value)
    return vars(p).get("sample")


@several
@given(value=anything)
def test_any_object_at_all_in_our_slot(started_host: Host, value: Any) -> None:
    host = started_host
    host.fresh()
    found = asked(host, host.processing(SOURCE), value)
    if found is not None:
        assert mentions_us(value)


@pytest.mark.parametrize("number", range(len(ODD)), ids=ODD_NAMES)
@pytest.mark.parametrize(
    "slot", ["script_args", "scripts", "first", "panel", "selectable_scripts", "override_settings"]
)
def test_odd_values_in_every_slot(host: Host, plain: Answer, slot: str, number: int) -> None:
    p, value = host.processing(SOURCE), ODD[number]
    if slot == "first":
        p.script_args[0] = value
    elif slot == "panel":
        p.script_args[0], p.script_args[host.script("PIXELS").args_from] = 1, value
    elif slot == "selectable_scripts":
        p.script_args[0], p.scripts = 1, copy(p.scripts)
        p.scripts.selectable_scripts = value
    else:
        setattr(p, slot, value)
    assert asked(host, p) is None


@several
@given(values=st.dictionaries(st.sampled_from(["script_args", "scripts", "panel", "first", "slot", "swept"]), anything))
def test_anything_in_many_places_at_once(started_host: Host, values: dict[str, Any]) -> None:
    host = started_host
    host.fresh()
    p = host.processing(SOURCE)
    if "panel" in values:
        p.script_args[host.script("PIXELS").args_from] = values["panel"]
    if "first" in values:
        p.script_args[0] = values["first"]
    for name in ("script_args", "scripts"):
        if name in values:
            setattr(p, name, values[name])
    found = asked(host, p, values.get("slot"))
    if found is not None:
        assert mentions_us(*values.values())


@several
@given(first=json_values, rest=st.lists(json_values, max_size=4))
def test_any_arguments_of_another_script(started_host: Host, first: Any, rest: list[Any]) -> None:
    """With a short list, they slide into the panel's slot."""
    host = started_host
    host.fresh()
    answer = host.img2img(SOURCE, script_name="img2img alternative test", script_args=[False, first, *rest])
    again = host.img2img(SOURCE, script_name="img2img alternative test", script_args=[False])
    if not mentions_us([first, rest]):
        is_plain(host, answer, again)


OPTIONS = [
    "pixels_save_inputs", "pixels_depth_model", "pixels_text_model", "pixels_download", "pixels_max_exemplars",
    "pixels_max_megapixels", "outdir_samples", "outdir_img2img_samples", "interrogate_keep_models_in_memory",
]  # fmt: skip


@pytest.mark.parametrize("name", OPTIONS)
def test_options_of_any_type_leave_plain_generations_alone(host: Host, plain: Answer, name: str) -> None:
    for value in ODD:
        host.shared.opts.data[name] = value
        is_plain(host, host.img2img(SOURCE), plain)


@pytest.mark.parametrize("value", [None, "5", [], {}, True, 0, -1, 2.5, 10**9, float("nan")], ids=repr)
@pytest.mark.parametrize("name", ["pixels_max_exemplars", "pixels_max_megapixels"])
@pytest.mark.parametrize("where", ["settings", "override_settings"])
def test_a_limit_that_is_none_is_one_sentence(host: Host, name: str, value: Any, where: str) -> None:
    payload = {}
    if where == "settings":
        host.shared.opts.data[name] = value
    else:
        payload = {"override_settings": {name: value}}
    if name == "pixels_max_megapixels" and value == 2.5:
        assert host.edit(SOURCE, GOOD, **payload).image
        return
    for answer in (host.edit(SOURCE, GOOD, **payload), by_alwayson(host, GOOD, **payload)):
        assert answer.status == 422
        assert answer.detail.startswith(f"PIXELS: {where}.{name}: ")
        assert answer.detail.count(" (expected ") == 1
    assert host.img2img(SOURCE, **payload).image


@pytest.mark.parametrize("value", [None, 1, "yes", []], ids=repr)
def test_whether_inputs_are_saved_is_true_or_false(host: Host, value: Any) -> None:
    answer = host.edit(SOURCE, GOOD, override_settings={"pixels_save_inputs": value})
    assert answer.status == 422
    assert answer.detail == f"PIXELS: override_settings.pixels_save_inputs: {value!r} (expected true or false)."
    host.shared.opts.data["pixels_save_inputs"] = value
    for answer in (host.edit(SOURCE, GOOD), by_alwayson(host, GOOD)):
        assert answer.status == 422
        assert answer.detail == f"PIXELS: settings.pixels_save_inputs: {value!r} (expected true or false)."
    assert host.img2img(SOURCE).image


def test_a_slider_s_whole_number_may_have_a_point(host: Host) -> None:
    host.shared.opts.pixels_max_exemplars = 2.0
    assert host.edit(SOURCE, GOOD).image


@pytest.mark.parametrize("value", [None, 3, [], True, ""], ids=repr)
def test_what_names_no_model_is_said_when_one_is_asked_for(host: Host, value: Any) -> None:
    host.shared.opts.pixels_depth_model = value
    assert host.edit(SOURCE, GOOD).image
    answer = host.edit(SOURCE, request({**GOOD["exemplars"][0], "edit_map": {"type": "depth"}}))
    assert answer.status == 422
    assert answer.detail.startswith("PIXELS: exemplars[0].edit_map.type: 'depth', but ")


def test_what_a_caller_overrides_counts(host: Host, tmp_path: Any) -> None:
    """The hosts put it into their options when the request has been read already."""
    host.shared.opts.outdir_img2img_samples = str(tmp_path)
    for edit in (host.edit, lambda *args, **payload: by_alwayson(host, args[1], **payload)):
        assert edit(SOURCE, some_request(count=2), override_settings={"pixels_max_exemplars": 1}).status == 422
        assert edit(SOURCE, some_request(count=2)).status == 200
    assert not (tmp_path / "pixels-inputs").exists()
    host.edit(SOURCE, GOOD, override_settings={"pixels_save_inputs": True})
    assert len(list((tmp_path / "pixels-inputs").iterdir())) == 2
    assert host.shared.opts.pixels_save_inputs is False


def by_alwayson(host: Host, data: Any, **payload: Any) -> Answer:
    return host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [data]}}, **payload)


PLAIN_TEXT = "snow\nSteps: 6, Sampler: Euler, Seed: 1, Size: 64x64"


@pytest.mark.parametrize(
    "script", ["", ", Script: None", ", Script: Loopback", ", Script: X/Y/Z plot", ", Script: gone"]
)
def test_an_infotext_by_api_that_is_not_ours_is_a_plain_image(host: Host, plain: Answer, script: str) -> None:
    answer = host.img2img(SOURCE, infotext=PLAIN_TEXT + script)
    assert furthest(answer.image, plain.image) == 0
    assert host.errors.reported == []


BROKEN = ['"{"', '"[1]"', '""', "3", '"{\\"a\\": 1}"', '"{\\"exemplars\\": []}"', '"' + "[" * 3000 + '"']


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_request_in_an_infotext_is_a_plain_image_or_one_sentence(host: Host, plain: Answer, text: str) -> None:
    answer = host.img2img(SOURCE, infotext=f"{PLAIN_TEXT}, Script: PIXELS, PIXELS request: {text}")
    if "exemplars" in text:
        assert answer.detail.startswith("PIXELS: exemplars: 0 entries (expected a list")
    else:
        assert furthest(answer.image, plain.image) == 0
    assert host.errors.reported == []


@pytest.fixture
def saving(host: Host, tmp_path: Any) -> Host:
    host.shared.opts.outdir_img2img_samples = str(tmp_path)
    host.shared.opts.pixels_save_inputs = True
    return host


@pytest.mark.parametrize("way", ["dropdown", "alwayson_scripts", "under another script"])
def test_the_infotext_of_an_edit_is_the_edit_again(saving: Host, way: str) -> None:
    host, data = saving, some_request(count=2, threshold="log", keep_white=True)
    made = {
        "dropdown": lambda: host.edit(SOURCE, data),
        "alwayson_scripts": lambda: by_alwayson(host, data),
        "under another script": lambda: host.under("Loopback", SOURCE, {**data, "run_under_scripts": True}, 1),
    }[way]()
    again = host.img2img(SOURCE, infotext=made.infotexts[0])
    assert furthest(again.image, made.image) == 0
    assert "PIXELS request" in again.infotexts[0]


def test_without_its_images_it_is_one_sentence(host: Host) -> None:
    text = host.edit(SOURCE, GOOD).infotexts[0]
    answer = host.img2img(SOURCE, infotext=text)
    assert answer.status == 422
    assert answer.detail.startswith("PIXELS: exemplars[0].image: known by its hash alone (sha256:")


def test_what_the_caller_says_comes_before_the_infotext(saving: Host) -> None:
    text = saving.edit(SOURCE, GOOD).infotexts[0]
    other = request(exemplar(smooth(5), uniform(0)))
    alone = saving.edit(SOURCE, other).image
    assert furthest(by_alwayson(saving, other, infotext=text).image, alone) == 0
    assert furthest(saving.edit(SOURCE, other, infotext=text).image, alone) == 0
    loops = saving.img2img(SOURCE, infotext=text, script_name="loopback", script_args=[1])
    assert furthest(loops.image, saving.img2img(SOURCE).image) == 0


@several
@given(text=st.text(max_size=30), value=json_values)
def test_any_infotext(started_host: Host, text: str, value: Any) -> None:
    host = started_host
    host.fresh()
    line = f"Steps: 6, Sampler: Euler, Seed: 1, Script: PIXELS, PIXELS request: {json.dumps(json.dumps(value))}"
    answer = host.img2img(SOURCE, infotext=f"{text}\n{line}")
    assert answer.status == 200 or answer.detail.startswith("PIXELS: ")
    assert host.errors.reported == []


@pytest.mark.parametrize("of_source", [False, True])
@pytest.mark.parametrize("way", ["alwayson_scripts", "dropdown", "infotext", "Loopback", "X/Y/Z plot"])
def test_a_pass_inside_of_an_edit_is_plain(saving: Host, way: str, of_source: bool) -> None:
    """With copies of all scripts and arguments, as detailers do when they are set to run all scripts."""
    host, inner = saving, {"inner pass": {"args": [True, of_source]}}
    edit = host.edit(SOURCE, GOOD).image
    wanted = host.img2img(SOURCE if of_source else edit).image
    staying = {**GOOD, "run_under_scripts": True}
    if way in ("Loopback", "X/Y/Z plot"):
        script, p = host.script(way), host.processing(SOURCE)
        values = {"Loopback": [1], "X/Y/Z plot": [1, "1", [], 0, "", [], True]}[way]
        p.script_args[0] = host.scripts.scripts_img2img.selectable_scripts.index(script) + 1
        p.script_args[script.args_from : script.args_from + len(values)] = values
        p.script_args[host.script("PIXELS").args_from] = staying
        start = host.script("Inner pass", alwayson=True).args_from
        p.script_args[start : start + 2] = [True, of_source]
        processed = host.scripts.scripts_img2img.run(p, *p.script_args)
        image, infotext = processed.images[0], processed.infotexts[0]
    else:
        answer = {
            "alwayson_scripts": lambda: host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [GOOD]}, **inner}),
            "dropdown": lambda: host.edit(SOURCE, GOOD, alwayson_scripts=inner),
            "infotext": lambda: host.img2img(
                SOURCE, infotext=host.edit(SOURCE, GOOD).infotexts[0], alwayson_scripts=inner
            ),
        }[way]()
        image, infotext = answer.image, answer.infotexts[0]
    assert furthest(image, wanted) == 0
    assert "PIXELS request" in infotext


def test_a_cell_that_failed_has_nothing_inside(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cells after it are edits, although the host still holds the processing object that failed."""
    runs, model, failing = [], host.model, [True]

    def decode(*args: Any) -> Any:
        if failing.pop() if failing else False:
            raise RuntimeError("out of memory")
        return own(*args)

    own = model.decode_first_stage
    monkeypatch.setattr(model, "decode_first_stage", decode)
    module = host.module("processing")
    process = module.process_images
    monkeypatch.setattr(module, "process_images", lambda p: (runs.append(p), process(p))[1])
    staying = {**GOOD, "run_under_scripts": True}
    cells = host.under("X/Y/Z plot", SOURCE, staying, 1, "1, 1", [], 0, "", [], True).images
    assert len(runs) == 2
    monkeypatch.undo()
    host.errors.reported.clear()
    assert furthest(cells[1], host.edit(SOURCE, staying).image) == 0


@pytest.mark.parametrize("same", [False, True])
def test_what_an_extension_generates_beside_an_edit(host: Host, monkeypatch: pytest.MonkeyPatch, same: bool) -> None:
    """With an object of its own, after the images are there: over the same source the map counts."""
    process, made = host.module("processing").process_images, []

    def postprocess(self: Any, p: Any, processed: Any, *args: Any) -> None:
        if not made:
            other = host.processing(SOURCE.copy() if same else smooth(5))
            other.scripts, other.script_args = copy(p.scripts), list(p.script_args)
            made.append(other)
            made.append(process(other))

    monkeypatch.setattr(type(host.script("Detailer", alwayson=True)), "postprocess", postprocess)
    by_alwayson(host, GOOD)
    monkeypatch.undo()
    wanted = host.edit(SOURCE, GOOD) if same else host.img2img(smooth(5))
    assert furthest(made[1].images[0], wanted.image) == 0
    assert ("PIXELS" in made[1].infotexts[0]) == same
    assert [comment for comment in made[0].comments if "That image is not an edit" in comment] == list(made[0].comments)
    assert bool(made[0].comments) != same


def test_another_request_in_the_same_task_was_asked_for(host: Host) -> None:
    """An extension that generates several edits at one press of a button, and keeps all that it made."""
    asked_for = [(SOURCE, GOOD), (smooth(5), request(exemplar(smooth(6), uniform(0))))]
    expected = [host.edit(*each).image for each in asked_for]
    host.shared.state.begin()
    kept = []
    for (source, data), image in zip(asked_for, expected, strict=True):
        p = host.processing(source)
        p.script_args[host.script("PIXELS", alwayson=True).args_from] = data
        kept.append((p, host.module("processing").process_images(p)))
        assert furthest(kept[-1][1].images[0], image) == 0
        assert p.comments == {}


def test_one_task_after_another_is_nothing_beside_it(host: Host) -> None:
    """The same processing objects kept alive, as by an extension that remembers the last one."""
    kept = [host.processing(SOURCE), host.processing(smooth(5))]
    for p, source in zip(kept, (SOURCE, smooth(5)), strict=True):
        host.shared.state.begin()
        p.script_args[host.script("PIXELS", alwayson=True).args_from] = GOOD
        image = host.module("processing").process_images(p).images[0]
        assert furthest(image, host.edit(source, GOOD).image) == 0


def test_a_generation_without_a_source_is_one_sentence(host: Host) -> None:
    class Sampling(SimpleNamespace):
        def sample(self) -> None:
            pytest.fail("there is nothing to sample")

    p = Sampling(scripts=host.scripts.scripts_txt2img, script_args=[0], comment=lambda text: None)
    p.extra_generation_params = {}
    assert asked(host, p, None) is None
    sample = asked(host, p, GOOD)
    with pytest.raises(host.module("webui.http_errors").BadRequest, match=r"^PIXELS: source: missing, as in txt2img"):
        sample()


def test_our_script_runs_a_processing_object_without_scripts(host: Host) -> None:
    for scripts in (None, object(), Explosive):
        p = host.processing(SOURCE)
        p.scripts = scripts if scripts is None else p.scripts
        models = host.module("webui.vision_models").get_vision_models(
            scripts() if isinstance(scripts, type) else scripts
        )
        assert models.locations.names["depth"]
        assert furthest(host.script("PIXELS").run(p, GOOD).images[0], host.edit(SOURCE, GOOD).image) == 0


def test_a_host_without_a_place_for_comments_gets_them_in_its_log(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    log = host.module("webui.messages")
    log.add_comment(SimpleNamespace(), "PIXELS: something.")
    log.add_comment(None, "PIXELS: something.")
    assert [record.getMessage() for record in caplog.records] == ["PIXELS: something."] * 2


def test_a_foreign_value_is_told_once_for_a_whole_plot(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    payload = {"script_name": "loopback", "script_args": [3], "alwayson_scripts": {"pixels": {"args": [True]}}}
    assert len(host.img2img(SOURCE, **payload).images) == 3
    assert len(caplog.records) == 1
    host.img2img(SOURCE, **payload)
    assert len(caplog.records) == 2


@pytest.mark.parametrize("change", [lambda p: setattr(p, "script_args", {}), lambda p: setattr(p, "scripts", None)])
def test_extensions_generate_with_whatever_they_have(host: Host, plain: Answer, change: Callable[[Any], None]) -> None:
    p = host.processing(SOURCE)
    p.scripts = None
    change(p)
    (image,) = host.module("processing").process_images(p).images
    assert furthest(image, plain.image) == 0
