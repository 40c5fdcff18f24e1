"""What the README shows runs as it stands, but for the names of pictures and model."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from conftest import grey_map, noise_picture
from PIL import Image

from pixels_ext.standalone.cli import main

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def work(pipeline: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pipeline.save_pretrained(tmp_path / "path" / "to" / "model")
    noise_picture(1).save(tmp_path / "meadow.jpg")
    noise_picture(2).save(tmp_path / "evening.jpg")
    noise_picture(3).save(tmp_path / "snow.png")
    grey_map(1).save(tmp_path / "sky.png")
    grey_map(2).save(tmp_path / "ground.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_first_two_lines_are_the_two_commands() -> None:
    assert re.findall(r"^    (make \w+)", README, re.MULTILINE)[:2] == ["make demo", "make test"]


def test_the_command(work: Path) -> None:
    [command] = re.findall(r"^    \.venv/bin/python -m pixels_ext (edit .*?)$(?!\s+--)", README, re.M | re.S)
    words = shlex.split(command.replace("\\\n", " ").split("\n\n")[0])
    words = ["path/to/model" if word == "DIR_OR_FILE_OR_HUB_ID" else word for word in words]
    assert main([*words, "--quiet"]) == 0
    assert {"out.png", "pasted.png", "timeline.png"} <= {path.name for path in work.iterdir()}


def test_the_request(work: Path) -> None:
    [text] = re.findall(r"^    (\{\"exemplars\".*?\})\n\n", README, re.MULTILINE | re.DOTALL)
    Path("request.json").write_text(json.dumps(json.loads(text)))
    arguments = ("edit", "--source", "meadow.jpg", "--request", "request.json", "--model", "path/to/model", "--quiet")
    assert main([*arguments, "-o", "out.png"]) == 0
    assert (work / "out.png").exists()


def test_the_python(work: Path) -> None:
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(code.strip().splitlines()) <= 12
    exec(compile(code, "README.md", "exec"), {})
    assert Image.open(work / "edit.png").size == (64, 64)


def test_every_flag_that_is_named_exists(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["edit", "--help"])
    known = set(re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out))
    models = (Path(__file__).parent.parent / "docs" / "models.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(--[a-z][a-z-]*)", README)) <= known
    assert set(re.findall(r"(?<= )`?(--[a-z][a-z-]*)", models)) <= known


def test_every_link_into_the_repository_leads_somewhere() -> None:
    root = Path(__file__).parent.parent
    for page in (root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").glob("*.md")):
        for link in re.findall(r"\]\((?!http)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
