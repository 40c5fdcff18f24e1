"""The requests in docs/api.md, run as they stand but for the host's address."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .webui_client import Answer, WebUI, left_to_right, pixels_of, sample_image

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
WRITTEN_ADDRESS = "http://127.0.0.1:7860"
SIZE = (512, 384)


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


@pytest.fixture
def folder(tmp_path: Path, host: WebUI) -> Path:
    if host.login:
        pytest.skip("the page's requests are for a host without --api-auth")
    sample_image(1, SIZE).save(tmp_path / "source.jpg")
    sample_image(2, SIZE).save(tmp_path / "exemplar.jpg")
    left_to_right(SIZE).save(tmp_path / "map.png")
    return tmp_path


def run(folder: Path, host: WebUI, command: list[str], text: str) -> None:
    """Run a block in a folder that has the images that it names."""
    direct = {**os.environ, "no_proxy": "*", "NO_PROXY": "*"}
    command_text = text.replace(WRITTEN_ADDRESS, host.address)
    done = subprocess.run([*command, command_text], cwd=folder, env=direct, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]


def is_an_edit(result: np.ndarray) -> bool:
    """Near the source where the map is white, away from it where the map is black."""
    away = np.abs(result - pixels_of(sample_image(1, SIZE))).mean(axis=(0, 2))
    return bool(result.shape[:2] == SIZE[::-1] and away[-64:].mean() < away[:64].mean())


def test_the_python_request_runs(folder: Path, host: WebUI) -> None:
    run(folder, host, [sys.executable, "-c"], block("python"))
    assert is_an_edit(pixels_of(Image.open(folder / "edit.png")))


def test_the_shell_request_runs(folder: Path, host: WebUI) -> None:
    run(folder, host, ["bash", "-e", "-c"], block("bash"))
    assert is_an_edit(Answer(200, json.loads((folder / "answer.json").read_text())).image)
