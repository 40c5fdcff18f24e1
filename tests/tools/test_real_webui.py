"""The command that tests a real WebUI, on a folder that only looks like one; and the checkpoint that it writes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import psutil
import pytest
import real_webui
import tiny_checkpoint
import torch

LAUNCH = """
import json, pathlib, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

pathlib.Path("arguments.json").write_text(json.dumps(sys.argv[1:]))

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Handler).serve_forever()
"""


@pytest.fixture
def webui(tmp_path: Path) -> Path:
    folder = tmp_path / "webui"
    (folder / "extensions").mkdir(parents=True)
    (folder / real_webui.CHECKPOINT).parent.mkdir(parents=True)
    (folder / real_webui.CHECKPOINT).touch()
    (folder / "launch.py").write_text(LAUNCH)
    return folder


def run(webui: Path, monkeypatch: pytest.MonkeyPatch, *tests: str) -> int:
    monkeypatch.setattr(sys, "argv", ["webui", "--folder", str(webui), "--python", sys.executable, *tests])
    return real_webui.main()


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_that_of_the_tests(webui: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    given: list[object] = []
    monkeypatch.setattr(real_webui, "test", lambda *arguments: given.extend(arguments) or code)
    assert run(webui, monkeypatch, "-k", "black") == code
    address, folder, tests = given
    assert folder == webui
    assert tests == ["-k", "black"]
    arguments = json.loads((webui / "arguments.json").read_text())
    assert str(address).endswith(arguments[arguments.index("--port") + 1])
    assert {*real_webui.RUNNING} <= {*arguments}
    assert (webui / "extensions" / "sd-webui-pixels" / "scripts" / "pixels.py").exists()
    assert (webui / "extensions" / "pixels-probe" / "scripts").is_dir()


def test_the_webui_is_stopped_afterwards(webui: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (webui / "launch.py").write_text("import os, pathlib\npathlib.Path('pid').write_text(str(os.getpid()))\n" + LAUNCH)
    monkeypatch.setattr(real_webui, "test", lambda *_: 0)
    assert run(webui, monkeypatch) == 0
    assert not psutil.pid_exists(int((webui / "pid").read_text()))


def test_a_webui_that_does_not_start_is_reported_with_its_log(webui: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (webui / "launch.py").write_text("raise SystemExit('no torch')")
    with pytest.raises(RuntimeError, match=r"(?s)does not start.*no torch"):
        run(webui, monkeypatch)


def test_the_tests_are_given_the_address_and_the_source(webui: Path, tmp_path: Path) -> None:
    file = tmp_path / "test_environment.py"
    file.write_text(
        "import os\ndef test(): assert os.environ['PIXELS_HOST'] == 'ADDRESS' and os.environ['PIXELS_HOST_SOURCE']"
    )
    assert real_webui.test("ADDRESS", webui, [str(file), "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]) == 0
    assert real_webui.test("OTHER", webui, [str(file), "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]) == 1


def test_the_text_encoder_has_a_mean_by_which_the_webui_can_divide(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    torch.manual_seed(0)
    encoder = tiny_checkpoint.write_text_encoder(tmp_path)
    tokens = torch.randint(0, 1000, (1, tiny_checkpoint.TOKENS))
    with torch.inference_mode():
        assert abs(float(encoder(tokens).last_hidden_state.mean())) > 0.05
    assert (tmp_path / "config.json").exists()


def test_the_configuration_names_the_text_encoder() -> None:
    config = tiny_checkpoint.configuration(Path("models/tiny-clip"))
    parts = config["model"]["params"]
    assert Path(parts["cond_stage_config"]["params"]["version"]) == Path("models/tiny-clip")
    assert parts["unet_config"]["params"]["context_dim"] == tiny_checkpoint.WIDTH
