"""What people write on the command line: prompts made for a WebUI, names in any spelling; and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.command_line import ONE, pixels
from helpers.images import noise_image
from helpers.tiny_models import MODELS
from hypothesis import given as given_values
from hypothesis import strategies as st
from PIL import Image

from pixels_ext.cli import main as main_module
from pixels_ext.cli.error_messages import error_message
from pixels_ext.cli.flags import exemplar_fields, exemplar_flag, field_flag, flag_values, parse_size
from pixels_ext.cli.main import build_parser
from pixels_ext.cli.parameters import parameters, png_info
from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.diffusers_host.extras import Lora
from pixels_ext.diffusers_host.model_files import model_name
from pixels_ext.diffusers_host.prompt_syntax import check_prompt, unescape_prompt
from pixels_ext.diffusers_host.samplers import SAMPLERS, SCHEDULES, parse_sampler
from pixels_ext.errors import RequestError
from pixels_ext.fields import Choice, Number, fields_of
from pixels_ext.request import EditRequest, Exemplar, Placement, Shaping
from pixels_ext.vision import MODEL_KINDS

# --- prompts

MORE_THAN_WORDS = [
    ("(snow:1.5)", "'(snow:1.5)', which is a weight"),
    ("a (snow: 1.5 ) b", "'(snow: 1.5 )', which is a weight"),
    ("(snow)", "'(snow)', which is emphasis"),
    ("((snow))", "'((snow))', which is emphasis"),
    ("(snow", "'(snow', which is emphasis"),
    ("[snow]", "'[snow]', which is de-emphasis"),
    ("[a:b:.5]", "'[a:b:.5]', which is prompt editing"),
    ("[a:b:12]", "'[a:b:12]', which is prompt editing"),
    ("[b:0.5]", "'[b:0.5]', which is prompt editing"),
    ("[a::0.5]", "'[a::0.5]', which is prompt editing"),
    ("[cow|horse] in snow", "'[cow|horse]', which is alternation"),
    (r"a \(b\) (c)", "'(c)', which is emphasis"),
    (r"a \\(b)", "'(b)', which is emphasis"),
    ("snow BREAK rain", "'BREAK', which starts a new chunk"),
    ("snow AND rain", "'AND', which combines two prompts"),
    (
        "snow <lora:winter:0.8>",
        "'<lora:winter:0.8>', which loads a LoRA in a WebUI (expected the flag --lora winter.saf",
    ),
    (
        "<lyco:winter>",
        "'<lyco:winter>', which loads a LoRA in a WebUI (expected the flag --lora winter.safetensors instead)",
    ),
    ("<hypernet:x:1>", "'<hypernet:x:1>', an extra network in a WebUI"),
    ("snow # rain", "'#', which starts a comment"),
    ("snow\nNegative prompt: rain", "a line that starts with 'Negative prompt:'"),
]
WORDS = [
    "",
    "snow, by night",
    r"a photograph \(film\) of \[snow\]",
    ":) snow]",
    "a ratio of 16:9 | two < three > one",
    "breakfast AND_more and BREAKS",
    "5 < 6, <3, {curly}, $dollar",
    "naïve, 雪, 🌨",
    "back\\slash",
]


@pytest.mark.parametrize(("prompt", "found"), MORE_THAN_WORDS, ids=[prompt for prompt, _ in MORE_THAN_WORDS])
@pytest.mark.parametrize("field", ["prompt", "negative_prompt"])
def test_what_a_webui_reads_as_more_than_words_is_refused(field: str, prompt: str, found: str) -> None:
    if field == "negative_prompt" and " AND " in prompt:
        assert Settings(negative_prompt=prompt).plain_negative_prompt == prompt  # as in a WebUI
        return
    with pytest.raises(RequestError) as raised:
        Settings(**{field: prompt})
    assert str(raised.value).startswith(f"{field}: {found}")
    assert "\n" not in str(raised.value).replace(prompt, "")


@pytest.mark.parametrize("prompt", WORDS)
def test_words_are_taken(prompt: str) -> None:
    assert Settings(prompt=prompt, negative_prompt=prompt).prompt == prompt


def test_escaped_brackets_are_letters_for_the_model_and_stay_escaped_in_the_parameters(
    edit: Callable[..., int],
) -> None:
    assert unescape_prompt(r"a \(b\) \[c\] \\ d\e") == r"a (b) [c] \ d\e"
    assert edit(*ONE, "--prompt", r"a \(b\)", "--negative-prompt", r"\[c\]") == 0
    lines = Image.open("out.png").text["parameters"].splitlines()
    assert lines[:2] == [r"a \(b\)", r"Negative prompt: \[c\]"]


def test_every_kind_of_model_is_given_the_words_alone(pipeline: Any) -> None:
    run = Settings(prompt=r"a \(b\)", negative_prompt=r"\[c\]", steps=2)
    told = Editor(pipeline).family.pipeline_arguments(torch.zeros(1, 4, 8, 8), run, 2)
    assert (told["prompt"], told["negative_prompt"]) == (["a (b)"] * 2, ["[c]"] * 2)
    seen: dict[str, Any] = {}

    def prior(**options: Any) -> None:
        seen.update(options)
        raise InterruptedError

    kandinsky = Editor(MODELS["Kandinsky 2.2"]())
    kandinsky.family.pipeline.prior_pipe = prior
    with pytest.raises(InterruptedError):
        kandinsky.family.sample(noise_image(1), torch.zeros(1), run, [1], None)  # type: ignore[arg-type]
    assert (seen["prompt"], seen["negative_prompt"]) == (["a (b)"], ["[c]"])


ATTENTION = re.compile(
    r"\\\(|\\\)|\\\[|\\\]|\\\\|\\|(?P<open>[(\[])|(?P<rest>[^\\()\[\]]+)|[)\]]",
)


@given_values(st.text(alphabet="ab ()[]\\:|<>1.", max_size=12))
def test_whatever_is_taken_has_no_bracket_that_a_webui_would_read(prompt: str) -> None:
    """Where a WebUI's own rule for escapes finds an opening bracket, it is refused; and only there, and at networks."""
    opened = any(match["open"] for match in ATTENTION.finditer(prompt))
    network = re.search(r"<\w+:[^>]+>", prompt)
    try:
        check_prompt(prompt)
    except RequestError:
        assert opened or network
    else:
        assert not opened
        assert not network


# --- spellings


@pytest.mark.parametrize(
    ("sampler", "schedule", "expected"),
    [
        ("DPM++ 2M Karras", "automatic", ("DPM++ 2M", "karras")),
        ("dpm++ 2m", "Karras", ("DPM++ 2M", "karras")),
        ("DPM++ 2M", "KARRAS", ("DPM++ 2M", "karras")),
        ("dpm++_2m_sde", "exponential", ("DPM++ 2M SDE", "exponential")),
        ("k_dpmpp_2m", "Automatic", ("DPM++ 2M", "automatic")),
        ("k_dpmpp_2m_ka", "automatic", ("DPM++ 2M", "karras")),
        ("dpmpp_3m_sde", "automatic", ("DPM++ 3M SDE", "automatic")),
        ("k_euler_a", "automatic", ("Euler a", "automatic")),
        ("euler_ancestral", "uniform", ("Euler a", "uniform")),
        ("Euler A", "automatic", ("Euler a", "automatic")),
        ("dpm_2_a", "automatic", ("DPM2 a", "automatic")),
        ("unipc", "automatic", ("UniPC", "automatic")),
        ("UniPC Karras", "Karras", ("UniPC", "karras")),
        ("sa_solver", "automatic", ("SA-Solver", "automatic")),
        ("lcm", "automatic", ("LCM", "automatic")),
        ("Euler Automatic", "automatic", ("Euler", "automatic")),
    ],
)
def test_samplers_and_schedules_in_any_spelling(sampler: str, schedule: str, expected: tuple[str, str]) -> None:
    assert parse_sampler(sampler, schedule) == expected


@pytest.mark.parametrize("sampler", ["DPM++ 2S a", "DPM fast", "Restart", "k", "", "karras", "Euler Euler", "DPM++"])
def test_other_samplers_are_not_guessed(sampler: str) -> None:
    with pytest.raises(RequestError, match="^sampler: "):
        parse_sampler(sampler, "automatic")


def test_choices_in_any_spelling(edit: Callable[..., int]) -> None:
    arguments = build_parser().parse_args(
        [
            *("edit", "--source", "a", "-o", "b", "--threshold", "LOG", "--mode", "Single Pass", "--device", "CPU"),
            *("--exemplar", "c", "--map-type", "Linear", "--fit", "Cover", "--white-means", "Exemplar"),
        ]
    )
    assert (arguments.threshold, arguments.mode, arguments.device, arguments.white_means) == (
        "log",
        "single-pass",
        "cpu",
        "exemplar",
    )
    assert arguments.exemplars[0]["edit_map"] == {"type": "linear"}
    assert arguments.exemplars[0]["placement"] == {"fit": "cover"}
    assert [parse_size(text) for text in ("512", "512x384", "512X384", "512 x 384", "512×384")] == [
        512,
        *4 * [(512, 384)],
    ]


def test_seed_minus_one_draws_one_and_tells_it(edit: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    seeds = []
    for name in ("1.png", "2.png"):
        assert edit(*ONE[:-1], name, "--seed", "-1", "--strength", "1", "--steps", "1") == 0
        [line] = capsys.readouterr().err.splitlines()
        seeds.append(line.removeprefix("seed "))
        assert f"Seed: {seeds[-1]}," in Image.open(name).text["parameters"]
    assert seeds[0] != seeds[1]
    assert edit(*ONE, "--seed", seeds[1], "--strength", "1", "--steps", "1") == 0
    assert (pixels("out.png") == pixels("2.png")).all()


TAKEN_BACK = {
    "Steps": "--steps",
    "Sampler": "--sampler",
    "Schedule type": "--schedule",
    "CFG scale": "--guidance-scale",
    "Seed": "--seed",
    "Size": "--size",
    "Denoising strength": "--strength",
    "Refiner switch at": "--refiner-at",
}
"""What the parameters say of settings, and the flag for each."""
NO_SETTINGS = {"Model", "Refiner", "PIXELS strength", "Script", "PIXELS", "PIXELS request", "PIXELS source", "Version"}


@st.composite
def settings(draw: st.DrawFn) -> Settings:
    numbers = {
        name: draw(
            st.integers(field.minimum, field.maximum)
            if type(field).__name__ == "Integer"
            else st.floats(field.minimum, field.maximum).map(lambda x: float(f"{x:g}"))
        )
        for name, field in fields_of(Settings)
        if isinstance(field, Number)
    }
    sampler = draw(st.sampled_from([*SAMPLERS, *(f"{name} Karras" for name in SAMPLERS)]))
    schedule = draw(st.sampled_from(["automatic", *SCHEDULES]))
    try:
        return Settings(**numbers, sampler=sampler, schedule=schedule, size=(64, 48))
    except RequestError:
        return Settings(steps=20, sampler="DPM++ 2M", schedule=draw(st.sampled_from([*SCHEDULES])), size=(64, 48))


@given_values(settings())
def test_every_value_that_our_parameters_have_is_taken_back(run: Settings) -> None:
    image = Image.new("RGB", (64, 48))
    request = EditRequest(exemplars=(Exemplar(image=image, edit_map=Image.new("L", (64, 48))),))
    text = parameters(run, request, image, image, {"Model": "m", "Refiner": "r"}, reason="so")
    pairs = dict(re.findall(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)', text.splitlines()[-1]))
    assert set(pairs) <= {*TAKEN_BACK, *NO_SETTINGS}
    flags = [part for name, flag in TAKEN_BACK.items() if name in pairs for part in (flag, pairs[name])]
    arguments = build_parser().parse_args(["edit", "--source", "a", "-o", "b", *flags])
    assert Settings(**flag_values(arguments, Settings), size=parse_size(arguments.size)) == run


# --- names


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("models/FLUX.1-dev", "FLUX.1-dev"),
        ("models/FLUX.1-dev/", "FLUX.1-dev"),
        ("stabilityai/stable-diffusion-xl-base-1.0", "stable-diffusion-xl-base-1.0"),
        ("v1-5-pruned.emaonly.safetensors", "v1-5-pruned.emaonly"),
        ("sd3.5_large.SAFETENSORS", "sd3.5_large"),
        ("model.v2.ckpt", "model.v2"),
        ("style.v1.2", "style.v1.2"),
        (".safetensors", ".safetensors"),
        (None, ""),
    ],
)
def test_names_of_models_keep_their_full_stops(model: str | None, name: str) -> None:
    assert model_name(model) == name


def test_the_folder_one_is_in_has_a_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my.model").mkdir()
    monkeypatch.chdir(tmp_path / "my.model")
    assert model_name(".") == "my.model"
    assert model_name("../my.model/..") == tmp_path.name


def test_names_with_full_stops_are_whole_in_the_parameters(edit: Callable[..., int], model: Path, work: Path) -> None:
    (work / "FLUX.1-dev").symlink_to(model)
    assert edit(*ONE[:-1], "my.edit.v1.png", "--model", "FLUX.1-dev", "--num-images", "2") == 0
    text = Image.open("my.edit.v1-2.png").text["parameters"]
    assert ", Model: FLUX.1-dev, " in text
    image = Image.new("RGB", (8, 8))
    request = EditRequest(exemplars=(Exemplar(image=image, edit_map=Image.new("L", (8, 8))),))
    text = parameters(Settings(), request, image, image, {"Model": "m"}, [Lora(Path("x/style.v1.2"), 0.5)])
    assert text.startswith("<lora:style.v1.2:0.5>\n")


def test_a_file_name_that_is_no_text_does_not_cost_the_edit(edit: Callable[..., int], work: Path) -> None:
    name = b"m\xff\xe4.png".decode("utf-8", "surrogateescape")
    (work / "m.png").rename(work / name)
    assert edit("--exemplar", "b.webp", "--map", name, "-o", name.replace("m", "o")) == 0
    assert (work / name.replace("m", "o")).exists()
    Image.new("L", (2, 2)).save(work / "p.png", pnginfo=png_info(f"Model: {name}"))
    assert Image.open(work / "p.png").text["parameters"] == "Model: m\\udcff\\udce4.png"
    with pytest.raises(RequestError, match="^prompt: "):
        Settings(prompt=name)


# --- sentences


def one_wrong(field: Any) -> str | None:
    """A text that this field takes from nobody."""
    return "wrong" if isinstance(field, Choice | Number) else None


FLAGS = [(exemplar_flag(path), path, field) for path, field in exemplar_fields() if one_wrong(field)]


@pytest.mark.parametrize(("flag", "path", "field"), FLAGS, ids=[flag for flag, _, _ in FLAGS])
@pytest.mark.parametrize("count", [1, 2])
def test_every_field_of_an_exemplar_is_told_by_its_flag(
    flag: str,
    path: tuple[str, ...],
    field: Any,
    count: int,
    edit: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    if path[0] in ("edit_map", "second_map"):
        from pixels_ext.maps import MAP_TYPES

        source = next((s.map_type for s in MAP_TYPES if path[-1] in dict(fields_of(s))), None)
        made = (exemplar_flag((path[0], "type")), source) if source else ()
    else:
        made = ()
    words = ("--map-prompt", "sky") if "text" in made and path[0] == "edit_map" else ()
    words = ("--second-map-prompt", "sky") if "text" in made and path[0] == "second_map" else words
    images = (exemplar_flag((path[0], "image")), "m.png") if made and made[1] in ("image", "shape") else ()
    usual = () if path[0] == "edit_map" else ("--map", "m.png")
    first = ("--exemplar", "b.webp", "--map", "m.png") if count == 2 else ()
    wrong = (*first, "--exemplar", "c.png", *usual, *made, *words, *images, flag, "wrong", "-o", "out.png")
    assert edit(*wrong) == 2
    [line] = capsys.readouterr().err.splitlines()
    which = " of exemplar 2 (c.png)" if count == 2 else ""
    assert line.startswith(f"pixels_ext: {flag}{which} is 'wrong' (expected ")
    # Names of choices are the same in flags and in requests; nothing else is a request's name.
    assert not re.search(r"\[|_|null", line.removeprefix("pixels_ext").partition("(expected one of: ")[0])


def test_what_is_named_beside_it_is_a_flag_too() -> None:
    arguments = build_parser().parse_args(["edit", "--source", "a", "-o", "b", "--exemplar", "c.png"])

    def told(make: Callable[[], object], path: str = "") -> str:
        with pytest.raises(RequestError) as raised:
            make()
        return error_message(raised.value.within(path) if path else raised.value, arguments)

    assert told(lambda: Settings(steps=1)) == (
        "--steps is 1, which at --strength 0.6 runs no step (expected --steps times --strength of at least 1)."
    )
    assert told(lambda: Shaping(black_point=1), "exemplars[0].shaping") == (
        "--white-point is 0.98 (expected a number above --black-point (1))."
    )
    assert told(lambda: Placement(scale="the strength of x"), "exemplars[0].placement") == (
        "--scale is 'the strength of x' (expected a number from 0.01 to 20)."
    )
    assert told(lambda: Settings(negative_prompt="(steps)")).startswith("--negative-prompt has '(steps)', which is ")


def test_every_other_field_has_a_flag_of_its_name() -> None:
    arguments = build_parser().parse_args(["edit", "--source", "a", "-o", "b", "--refiner-at", "x", "--keep-white"])
    with pytest.raises(RequestError) as raised:
        Settings(**flag_values(arguments, Settings))
    assert error_message(raised.value, arguments).startswith(
        "--refiner-at is 'x' (expected a number from 0.01 to 0.99)"
    )
    for name, _ in (*fields_of(Settings), *fields_of(EditRequest)):
        if name != "exemplars":
            assert (
                error_message(RequestError(name, "is odd", "another"), arguments)
                == f"{field_flag(name)} is odd (expected another)."
            )


@pytest.mark.parametrize(
    ("request_text", "more", "said"),
    [
        (
            '{"exemplars": [{"image": "b.webp"}]}',
            (),
            "exemplars[0].edit_map in 'r.json' is missing (expected the name of an image file, an",
        ),
        ('{"exemplars": [{"image": "no.png", "edit_map": "m.png"}]}', (), "exemplars[0].image in 'r.json' names "),
        (
            '{"exemplars": [{"image": "b.webp", "edit_map": "tall.png"}]}',
            (),
            "exemplars[0].edit_map in 'r.json' is 64x100, which",
        ),
        ('{"exemplars": []}', (), "exemplars in 'r.json' has 0 entries"),
        (
            '{"exemplars": [{"image": "b.webp", "edit_map": "m.png"}], "mode": "x"}',
            (),
            "mode in 'r.json' is 'x' (expected",
        ),
        (
            '{"exemplars": [{"image": "b.webp", "edit_map": "m.png"}]}',
            ("--mode", "x"),
            "--mode is 'x' (expected one of",
        ),
        (
            '{"exemplars": [{"image": "b.webp", "edit_map": "m.png"}]}',
            ("--steps", "x"),
            "--steps is 'x' (expected a whole",
        ),
        ('{"steps": 3}', ("--steps", "x"), "steps in 'r.json' is an unknown field (expected one of: exemplars,"),
        ("[[[1]]]", (), "--request 'r.json' is [[[1]]] (expected an object with the fields"),
    ],
)
def test_what_stands_in_a_request_file_is_told_by_its_path_and_the_file(
    request_text: str, more: tuple[str, ...], said: str, edit: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("r.json").write_text(request_text)
    Image.new("L", (64, 100)).save("tall.png")
    assert edit("--request", "r.json", "-o", "out.png", *more) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"pixels_ext: {said}")


def test_a_new_kind_of_vision_model_has_a_flag(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = [kind.default for kind in MODEL_KINDS.values()]
    kind = replace(MODEL_KINDS["depth"], name="normals", title="Surface normal model", default="somebody/normals")
    monkeypatch.setitem(MODEL_KINDS, "normals", kind)
    for command in ("edit", "maps"):
        with pytest.raises(SystemExit):
            build_parser().parse_args([command, "--help"])
        help_text = " ".join(capsys.readouterr().out.split())
        assert "--normals-model MODEL Surface normal model: a folder or hub id (default: somebody/normals)" in help_text
    arguments = build_parser().parse_args(["maps", "--normals-model", "mine"])
    locations = main_module._vision_models(arguments).locations
    assert [locations.name(name) for name in MODEL_KINDS] == [*known, "mine"]
