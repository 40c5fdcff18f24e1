"""A folder of inputs for the command line, and the command itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.images import gray_map, noise_image

from pixels_ext.cli.main import main


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a source, two exemplars and two maps, in which the command runs."""
    noise_image(1).save(tmp_path / "a.jpg", quality=95)
    noise_image(2, (90, 40)).save(tmp_path / "b.webp")
    noise_image(3, (30, 70)).convert("P").save(tmp_path / "c.png")
    gray_map(1).save(tmp_path / "m.png")
    gray_map(2, (128, 128)).save(tmp_path / "n.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def edit(model: Path, work: Path) -> Callable[..., int]:
    def run(*arguments: str) -> int:
        return main(["edit", "--source", "a.jpg", "--steps", "4", "--quiet", "--model", str(model), *arguments])

    return run
