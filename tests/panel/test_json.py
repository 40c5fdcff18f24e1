"""The request as JSON, changes from outside, and how the panel behaves in its host's page."""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

from panel.page import ROOT, Panel

MISSING = "sha256:0123456789ab"


def data_url() -> str:
    file = io.BytesIO()
    Image.effect_noise((16, 12), 90).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


@pytest.fixture
def request_data() -> dict:
    exemplar = {"image": data_url(), "edit_map": data_url(), "placement": {"scale": 2}, "threshold": "log"}
    return {"exemplars": [exemplar, {"image": data_url(), "edit_map": MISSING}], "mode": "iterative"}


def test_a_pasted_request_fills_the_form_and_is_sent(panel: Panel, request_data: dict) -> None:
    panel.paste_json(json.dumps(request_data | {"keep_white": False}))  # a default is not sent again
    expect(panel.cards).to_have_count(2)
    assert panel.request() == request_data
    view = panel.root.locator(".pixels-json")
    expect(view).to_contain_text('"mode": "iterative"')
    expect(view).to_contain_text("data:image/png;base64,")
    assert len(view.inner_text()) < 1000


def test_an_invalid_request_is_refused_with_a_sentence_and_changes_nothing(panel: Panel) -> None:
    cases = {
        "{": "This is not JSON",
        "[]": "The request is []; expected an object.",
        '{"size": 3}': "size is an unknown field; expected one of: exemplars,",
        '{"exemplars": [{"shaping": {"blur": 99}}]}': "[0].shaping.blur is 99; expected a number from 0 to 25.",
        '{"exemplars": [{"image": 5}]}': "exemplars[0].image is 5; expected text.",
        '{"mode": "fast"}': 'mode is "fast"; expected one of: single-pass, iterative.',
        '{"exemplars": [{"placement": null}]}': "exemplars[0].placement is null; expected an object.",
    }
    threshold = panel.add().locator("[data-field=threshold] select")
    kept = {"exemplars": [{"threshold": "cubic"}]}
    for text, sentence in cases.items():
        threshold.select_option(label="cubic")
        panel.paste_json(text)
        expect(panel.root.locator(".pixels-paste .pixels-problem")).to_contain_text(sentence)
        expect(panel.root.locator(".pixels-paste textarea")).to_have_value(text)
        assert panel.request() == kept
        panel.set_from_python(text)
        above = panel.root.locator("> .pixels-problem")
        expect(above).to_contain_text(sentence)
        assert threshold.locator("option:checked").inner_text() == "cubic"
        threshold.select_option(label="log")
        expect(above).to_be_hidden()
        assert panel.request() == {"exemplars": [{"threshold": "log"}]}


def test_a_change_from_python_fills_the_form(panel: Panel, request_data: dict) -> None:
    panel.add()
    panel.set_from_python(json.dumps(request_data))
    expect(panel.cards).to_have_count(2)
    expect(panel.cards.first.locator("[data-field=image] img")).to_be_visible()
    slot = panel.cards.last.locator(".pixels-slot[data-field=edit_map]")
    expect(slot).to_contain_text(f"Image missing ({MISSING})")
    expect(panel.cards.last.locator(".pixels-missing")).to_have_text("image missing")
    panel.cards.last.locator("[data-field=threshold] select").select_option(label="cubic")
    assert panel.request()["exemplars"][1]["edit_map"] == MISSING
    panel.set_from_python("")
    expect(panel.cards).to_have_count(0)
    assert panel.generate() == ""


def test_a_missing_image_is_replaced(panel: Panel, tmp_path: Path) -> None:
    file = tmp_path / "map.png"
    Image.new("L", (8, 8)).save(file)
    panel.set_from_python(json.dumps({"exemplars": [{"edit_map": MISSING}]}))
    expect(panel.cards).to_have_count(1)
    panel.choose(panel.cards.first, "edit_map", file)
    assert panel.request()["exemplars"][0]["edit_map"].startswith("data:image/png;base64,")


def test_the_request_is_copied(panel: Panel, request_data: dict) -> None:
    panel.paste_json(json.dumps(request_data))
    panel.root.get_by_role("button", name="Copy", exact=True).click()
    expect(panel.root.locator(".pixels-message")).to_have_text("The request was copied.")
    assert json.loads(panel.page.evaluate("navigator.clipboard.readText()")) == request_data


def test_the_request_is_copied_without_https_too(panel: Panel, request_data: dict) -> None:
    panel.page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    panel.paste_json(json.dumps(request_data))
    panel.root.get_by_role("button", name="Copy", exact=True).click()
    expect(panel.root.locator(".pixels-message")).to_have_text("The request was copied.")
    panel.page.locator("#given textarea").focus()
    panel.page.keyboard.press("Control+v")
    assert json.loads(panel.page.input_value("#given textarea")) == request_data


def test_the_copied_calls_run_as_they_stand(
    panel: Panel, request_data: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.paste_json(json.dumps(request_data))
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(panel.page.url))
    address = f"{origin}/sdapi/v1/img2img"
    source = io.BytesIO()
    Image.new("RGB", (4, 4)).save(source, "PNG")
    (tmp_path / "source.png").write_bytes(source.getvalue())
    monkeypatch.chdir(tmp_path)
    calls = []

    def post(url: str, json: dict, timeout: float) -> SimpleNamespace:
        calls.append((url, json))
        return SimpleNamespace(ok=True, json=lambda: {"images": [base64.b64encode(source.getvalue()).decode()]})

    monkeypatch.setitem(sys.modules, "requests", SimpleNamespace(post=post))
    panel.root.get_by_role("button", name="Copy for Python").click()
    expect(panel.root.locator(".pixels-message")).to_have_text("A Python program was copied.")
    exec(panel.page.evaluate("navigator.clipboard.readText()"), {})
    (url, body), *_ = calls
    assert url == address
    assert body["script_name"] == "pixels"
    assert body["script_args"] == [request_data]
    assert base64.b64decode(body["init_images"][0]) == source.getvalue()
    assert (tmp_path / "edit-0.png").read_bytes() == source.getvalue()

    panel.root.get_by_role("button", name="Copy for curl").click()
    expect(panel.root.locator(".pixels-message")).to_have_text("A curl command was copied.")
    if shell := shutil.which("bash"):
        command = 'curl() { echo "$2"; cat; }\n' + panel.page.evaluate("navigator.clipboard.readText()")
        done = subprocess.run([shell, "-c", command], capture_output=True, text=True, check=True)
        url, _, body = done.stdout.partition("\n")
        assert url == address
        assert json.loads(body)["script_args"] == [request_data]


def test_no_text_of_a_request_becomes_markup(panel: Panel) -> None:
    panel.expected_errors.append("ERR_INVALID_URL")
    evil = "<img src=x onerror='window.evil = 1'>\"'''\\"
    panel.set_from_python(json.dumps({"exemplars": [{"image": "sha256:" + evil, "edit_map": evil}]}))
    expect(panel.cards).to_have_count(1)
    expect(panel.cards.first).to_contain_text("sha256:" + evil)
    expect(panel.cards.first).to_contain_text("cannot show the image")
    assert panel.page.evaluate("window.evil") is None


def test_every_module_is_loaded_with_the_newest_modification_time(panel: Panel) -> None:
    files = list((ROOT / "javascript" / "pixels").rglob("*.mjs"))
    loaded: dict[str, str] = {}

    def note(address: str) -> None:
        parts = urlsplit(address)
        if "/javascript/pixels/" in parts.path:
            loaded[Path(parts.path).name] = parts.query

    panel.page.on("request", lambda request: note(request.url))
    panel.page.reload()
    panel.add()
    expect(panel.root.locator(".pixels-canvas")).to_be_visible()
    names = {file.name for file in files}
    for _ in range(200):  # the studio's worker loads its own
        if set(loaded) >= names:
            break
        panel.page.wait_for_timeout(100)
    assert set(loaded) == names
    newest = max(file.stat().st_mtime for file in [*files, ROOT / "javascript" / "pixels.mjs"])
    assert set(loaded.values()) == {f"{newest:.3f}"}


def test_the_panel_is_restored_when_its_script_is_selected_again(panel: Panel, request_data: dict) -> None:
    panel.set_from_python(json.dumps(request_data))
    expect(panel.cards).to_have_count(2)
    for _ in range(2):
        panel.page.uncheck("#chosen input")
        expect(panel.root).to_be_hidden()
        panel.page.wait_for_timeout(600)  # longer than the panel takes to notice
        assert panel.request() == request_data
        panel.page.check("#chosen input")
        expect(panel.cards).to_have_count(2)
        expect(panel.root).to_be_visible()
    panel.cards.last.get_by_role("button", name="Remove").click()
    assert len(panel.request()["exemplars"]) == 1


def test_a_reload_loses_nothing(panel: Panel, request_data: dict) -> None:
    panel.set_from_python(json.dumps(request_data))
    expect(panel.cards).to_have_count(2)
    panel.root.locator("[data-field=keep_white] input").click()
    wanted = panel.request()
    panel.page.reload()
    expect(panel.cards).to_have_count(2)
    assert panel.request() == wanted
    panel.root.get_by_role("button", name="Undo", exact=True).click()
    assert panel.generate() == ""
    panel.page.reload()
    panel.add()
    expect(panel.cards).to_have_count(1)


def test_a_removed_panel_stops_and_a_reinserted_one_works(panel: Panel) -> None:
    panel.add()
    panel.page.evaluate(
        """() => {
            window.panelNode = document.querySelector('.pixels-panel');
            window.parent_ = window.panelNode.parentElement;
            window.panelNode.remove();
        }"""
    )
    panel.page.wait_for_timeout(600)
    panel.page.evaluate("window.parent_.append(window.panelNode)")
    expect(panel.cards).to_have_count(1)
    panel.cards.first.locator("[data-field=threshold] select").select_option(label="log")
    assert panel.request() == {"exemplars": [{"threshold": "log"}]}
