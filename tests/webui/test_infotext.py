"""What images say about an edit, and how a pasted text becomes the request again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_webui.host import Host
from fake_webui.images import exemplar, furthest, ramp, request, smooth, some_request, uniform
from helpers.base64_images import as_text
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixels_ext import __version__
from pixels_ext.imaging.hash import image_hash
from pixels_ext.imaging.images import as_edit_map, as_rgba, image_from_base64
from pixels_ext.request import EditRequest, Exemplar

pytest_plugins = ["fake_webui.fixtures"]

SOURCE = smooth(1)


@pytest.fixture
def outputs(host: Host, tmp_path: Path) -> Path:
    """The folder of the host's outputs, with the setting on that saves input images."""
    host.shared.opts.outdir_img2img_samples = str(tmp_path)
    host.shared.opts.pixels_save_inputs = True
    return tmp_path


def parameters(host: Host, infotext: str) -> dict[str, Any]:
    return host.module("infotext_utils").parse_generation_parameters(infotext)


def paste(host: Host, infotext: str) -> dict[str, Any] | None:
    """What the panel is given when the text is pasted."""
    text = host.paste(infotext)["PIXELS request (JSON)"]
    return None if text is None else json.loads(text)


def test_an_image_says_what_was_done_in_few_words_and_in_whole(host: Host) -> None:
    given = some_request(count=2, threshold="log", mode="iterative", keep_white=True)
    said = parameters(host, host.edit(SOURCE, given).infotexts[0])
    assert said["Script"] == "PIXELS"
    assert said["PIXELS"] == "2 exemplars, log, iterative, white kept"
    data = json.loads(said["PIXELS request"])
    assert {name: data[name] for name in ("threshold", "mode", "keep_white")} == {
        "threshold": "log",
        "mode": "iterative",
        "keep_white": True,
    }
    assert [sorted(each) for each in data["exemplars"]] == [["edit_map", "image"]] * 2
    assert all(text.startswith("sha256:") for each in data["exemplars"] for text in each.values())
    assert len(said["PIXELS request"]) < 300


def test_the_infotext_has_the_version_of_the_extension(host: Host) -> None:
    answer = host.edit(SOURCE, some_request(), n_iter=2)
    assert [parameters(host, text)["PIXELS version"] for text in answer.infotexts] == [__version__] * 2
    assert "PIXELS version" not in host.img2img(SOURCE).infotexts[0]


@pytest.mark.parametrize("version", ["0.0.1", "99.0", "", "{", '"a: b, c"'])
def test_a_pasted_version_changes_nothing(host: Host, version: str) -> None:
    infotext = host.edit(SOURCE, some_request()).infotexts[0]
    own = f"PIXELS version: {__version__}"
    assert own in infotext
    other = infotext.replace(own, f"PIXELS version: {version}")
    assert other != infotext
    assert host.paste(other) == host.paste(infotext)
    assert paste(host, other) is not None


def test_a_version_alone_is_no_request(host: Host) -> None:
    text = "a beach\nSteps: 4, Sampler: Euler, Seed: 1"
    own = f"{text}, PIXELS version: 0.1.0"
    assert paste(host, own) is None
    plain, by_infotext = (host.img2img(SOURCE, infotext=each) for each in (text, own))
    assert by_infotext.image.tobytes() == plain.image.tobytes()
    assert by_infotext.infotexts == plain.infotexts


def test_what_was_written_is_removed_and_nothing_else(host: Host) -> None:
    module, p = host.module("webui.infotext"), host.processing(SOURCE)
    p.extra_generation_params = shared = {"Loops": 1, "PIXELS version": "another extension's"}
    module.remove_infotext(p)
    assert p.extra_generation_params is shared
    module.write_infotext(p, {name: module._OwnText("ours") for name in ("PIXELS", "PIXELS request", "PIXELS version")})
    written = p.extra_generation_params
    module.remove_infotext(p)
    assert p.extra_generation_params == {"Loops": 1}
    assert "PIXELS version" in written


def test_every_image_of_a_run_says_it_and_a_plain_one_does_not(host: Host) -> None:
    texts = host.edit(SOURCE, some_request(), n_iter=2, batch_size=2).infotexts
    assert len(texts) == 4
    assert all("PIXELS request: " in text for text in texts)
    assert "PIXELS" not in host.img2img(SOURCE).infotexts[0]


def test_under_another_script_its_own_parameters_stay(host: Host) -> None:
    text = host.under("Loopback", SOURCE, some_request(run_under_scripts=True), 1).infotexts[0]
    said = parameters(host, text)
    assert said["Loops"] == "1"
    assert said["PIXELS"] == "1 exemplar, linear"


def test_a_refused_edit_is_said_nowhere(host: Host) -> None:
    p = host.processing(SOURCE)
    refused = host.module("webui.http_errors").BadRequest
    with pytest.raises(refused):
        host.script("PIXELS").run(p, some_request(threshold="x"))
    assert p.extra_generation_params == {}


IMAGES = ("image", "edit_map")


def test_pasting_restores_the_request_with_its_images(host: Host, outputs: Path) -> None:
    asked = some_request(count=2, threshold="cubic", mode="iterative")
    asked["exemplars"][1]["shaping"] = {"blur": 3.0}
    answer = host.edit(SOURCE, asked)
    restored = paste(host, answer.infotexts[0])
    assert restored is not None
    assert restored["threshold"] == "cubic"
    assert restored["exemplars"][1]["shaping"] == {"blur": 3.0}
    assert all(each[name].startswith("data:image/png;base64,") for each in restored["exemplars"] for name in IMAGES)
    assert furthest(host.edit(SOURCE, restored).image, answer.image) == 0
    assert len(list((outputs / "pixels-inputs").iterdir())) == 4


def test_what_the_command_line_wrote_is_pasted_too(host: Host) -> None:
    pytest.importorskip("diffusers")
    from pixels_ext.cli.parameters import parameters as cli_parameters
    from pixels_ext.diffusers_host import Settings

    edit = EditRequest(exemplars=(Exemplar(image=smooth(2), edit_map=ramp()),), threshold="log")
    text = cli_parameters(Settings(prompt="snow, by night"), edit, SOURCE, SOURCE, {"Model": "a"})
    assert parameters(host, text)["Script"] == "PIXELS"
    restored = paste(host, text)
    assert restored is not None
    assert restored["threshold"] == "log"
    assert restored["exemplars"][0]["image"] == f"sha256:{image_hash(smooth(2))}"


def test_images_are_saved_once_however_often_they_are_used(host: Host, outputs: Path) -> None:
    host.edit(SOURCE, some_request(), n_iter=3)
    files = {file.name: file.stat().st_mtime_ns for file in (outputs / "pixels-inputs").iterdir()}
    host.edit(SOURCE, some_request(threshold="log"))
    assert {file.name: file.stat().st_mtime_ns for file in (outputs / "pixels-inputs").iterdir()} == files
    assert len(files) == 2


@pytest.mark.parametrize("why", ["the setting", "samples_save", "do_not_save_samples"])
def test_nothing_is_written_unless_the_user_wants_it(host: Host, outputs: Path, why: str) -> None:
    settings = {}
    if why == "the setting":
        host.shared.opts.pixels_save_inputs = False
    elif why == "samples_save":
        host.shared.opts.samples_save = False
    else:
        settings["do_not_save_samples"] = True
    host.edit(SOURCE, some_request(), **settings)
    assert not (outputs / "pixels-inputs").exists()


def test_a_folder_for_all_outputs_is_used_first(host: Host, outputs: Path) -> None:
    host.shared.opts.outdir_samples = str(outputs / "all")
    host.edit(SOURCE, some_request())
    assert len(list((outputs / "all" / "pixels-inputs").iterdir())) == 2


def test_an_image_that_is_not_found_stays_known_by_its_hash(host: Host, outputs: Path) -> None:
    infotext = host.edit(SOURCE, some_request()).infotexts[0]
    first, *_ = sorted((outputs / "pixels-inputs").iterdir())
    first.unlink()
    restored = paste(host, infotext)
    assert restored is not None
    missing = [name for name in IMAGES if restored["exemplars"][0][name] == f"sha256:{first.stem}"]
    assert len(missing) == 1
    answer = host.edit(SOURCE, restored)
    assert answer.status == 422
    assert f"exemplars[0].{missing[0]}: known by its hash alone (sha256:{first.stem})" in answer.detail


@pytest.mark.parametrize("mode", ["L", "LA", "1", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_saved_images_come_back_without_loss(host: Host, outputs: Path, mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 16)
    elif mode == "LA":
        image = ramp().convert("LA")
    elif mode == "P":
        image = smooth(2).quantize(16)
    else:
        image = smooth(2).convert(mode)
    stored = host.module("webui.input_files")
    stored.save_inputs(EditRequest(exemplars=(Exemplar(image=image, edit_map=uniform(0)),)))
    text = stored.load_input(image_hash(image))
    assert text is not None
    back = image_from_base64(text)
    assert np.array_equal(np.asarray(as_rgba(back)), np.asarray(as_rgba(image)))
    assert np.array_equal(as_edit_map(back), as_edit_map(image))


TRICKS = [
    "sha256:../../../etc/passwd",
    "sha256:..",
    "sha256:",
    "sha256:/etc/passwd",
    "sha256:c:\\windows\\win",
    "sha256:0123456789ab/../0123456789ab",
    "sha256:0123456789ab\x00",
    "sha256:0123456789ab\n",
    "sha256:ABCDEF012345",
    "sha256:*",
    "sha256:" + "a" * 65,
    "sha256:" + "a" * 5000,
]


@pytest.mark.parametrize("trick", TRICKS)
def test_a_hash_is_no_way_to_other_files(host: Host, outputs: Path, trick: str) -> None:
    secret = outputs / "secret.png"
    smooth(3).save(secret)
    (outputs / "pixels-inputs").mkdir()
    text = json.dumps({"exemplars": [{"image": trick, "edit_map": "sha256:../secret"}]})
    restored = host.module("webui.infotext").request_from_infotext({"PIXELS request": text})
    assert json.loads(restored) == {"exemplars": [{"image": trick, "edit_map": "sha256:../secret"}]}


def test_an_image_that_could_not_be_written_whole_is_written_the_next_time(
    host: Host, outputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(image: Image.Image, file: Path) -> None:
        Path(file).write_bytes(b"half of it")
        raise OSError("no space left")

    given, p = some_request(), host.processing(SOURCE)
    with monkeypatch.context() as patched:
        patched.setattr(Image.Image, "save", half)
        assert len(host.script("PIXELS").run(p, given).images) == 1
    (comment,) = p.comments
    assert comment == "PIXELS: The exemplars and edit maps were not saved (OSError: no space left)."
    assert list((outputs / "pixels-inputs").iterdir()) == []
    restored = paste(host, host.edit(SOURCE, given).infotexts[0])
    assert restored is not None
    assert all(restored["exemplars"][0][name].startswith("data:") for name in IMAGES)


def test_a_saved_file_that_is_broken_counts_as_missing(host: Host, outputs: Path) -> None:
    infotext = host.edit(SOURCE, some_request()).infotexts[0]
    for file in (outputs / "pixels-inputs").iterdir():
        file.write_bytes(b"not an image")
    restored = paste(host, infotext)
    assert all(restored["exemplars"][0][name].startswith("sha256:") for name in IMAGES)


FOREIGN: list[Any] = ["", "{", "[1]", "3", "null", '"x"', "[" * 100_000, '{"a":' * 50_000, None, 3, ["x"], {"a": 1}]


@pytest.mark.parametrize("text", FOREIGN, ids=range(len(FOREIGN)))
def test_foreign_or_broken_text_leaves_the_panel_as_it_is(host: Host, text: Any) -> None:
    assert host.module("webui.infotext").request_from_infotext({"PIXELS request": text}) is None


def test_a_text_without_a_request_leaves_the_panel_as_it_is(host: Host) -> None:
    assert paste(host, "a beach\nSteps: 4, Sampler: Euler, Seed: 1, Script: Loopback") is None
    assert paste(host, "") is None


@pytest.mark.parametrize("data", [{}, {"exemplars": 3}, {"exemplars": [None, 3, "x"]}, {"unknown": {"image": 1}}])
def test_an_odd_request_is_handed_to_the_panel_which_says_what_is_wrong(host: Host, data: dict[str, Any]) -> None:
    """An older or newer version may have written it."""
    assert json.loads(host.module("webui.infotext").request_from_infotext({"PIXELS request": json.dumps(data)})) == data


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.just("sha256:0123456789ab"),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=6), below, max_size=3),
    max_leaves=10,
)


@given(text=st.text(max_size=30) | values.map(json.dumps))
def test_no_text_at_all_raises(started_host: Host, text: str) -> None:
    restored = started_host.module("webui.infotext").request_from_infotext({"PIXELS request": text})
    assert restored is None or isinstance(json.loads(restored), dict)


def test_the_host_knows_which_parameter_is_ours(host: Host) -> None:
    runner = host.scripts.scripts_img2img
    assert runner.paste_field_names == ["PIXELS request"]
    component, _ = runner.infotext_fields[0]
    assert component in runner.inputs
    assert component is runner.inputs[host.script("PIXELS").args_from]


def test_a_request_by_hash_that_was_pasted_into_the_api_is_refused(host: Host) -> None:
    one = {**exemplar(smooth(2), uniform(0)), "image": "sha256:0123456789ab"}
    answer = host.edit(SOURCE, request(one))
    assert answer.status == 422
    assert "exemplars[0].image: known by its hash alone (sha256:0123456789ab) (expected the image" in answer.detail
    assert as_text(SOURCE) not in answer.detail


@pytest.mark.parametrize("folder", ["", 3, []])
def test_inputs_that_are_to_be_saved_nowhere_are_one_sentence(host: Host, outputs: Path, folder: Any) -> None:
    host.shared.opts.data["outdir_img2img_samples"] = folder
    answer = host.edit(SOURCE, some_request())
    assert answer.status == 422
    assert answer.detail.startswith("PIXELS: settings.outdir_img2img_samples: ")


def test_inputs_that_cannot_be_saved_are_said_and_the_edit_is_made(host: Host, outputs: Path) -> None:
    """A full disk, a folder that is a file, one that nobody may write to."""
    (outputs / "pixels-inputs").write_text("a file")
    answer = host.edit(SOURCE, some_request(), n_iter=2)
    assert len(answer.images) == 2
    (comment,) = answer.comments
    assert comment.startswith("PIXELS: The exemplars and edit maps were not saved (FileExistsError: ")
    assert all("The exemplars and edit maps were not saved" in text for text in answer.infotexts)
