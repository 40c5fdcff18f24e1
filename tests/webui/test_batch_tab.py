"""The Batch tab: many files, one request; a file that the request does not fit is named, and the others are made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fake_webui.host import Host
from fake_webui.images import BLACK, WHITE, exemplar, furthest, request, smooth, some_request, uniform

pytest_plugins = ["fake_webui.fixtures"]

WIDE, SQUARE = (96, 64), (64, 64)
GIVEN = request(exemplar(smooth(2), uniform(BLACK)))


def saved(folder: Path, *sizes: tuple[int, int]) -> list[Path]:
    files = []
    for number, size in enumerate(sizes):
        files.append(folder / f"night {number}.png")
        smooth(40 + number, size).save(files[-1])
    return files


def batch(host: Host, files: list[Path], given: Any, output_folder: str = "", **fields: Any) -> Any:
    p = host.processing(smooth(1), **fields)
    ours = host.script("PIXELS")
    p.script_args[0] = p.scripts.selectable_scripts.index(ours) + 1
    p.script_args[ours.args_from] = given
    p.script_args[host.script("Detailer", alwayson=True).args_from] = False
    return host.module("img2img").batch(p, files, output_folder)


@pytest.fixture(autouse=True)
def _told_in_the_log(host: Host) -> Any:
    yield
    host.errors.reported.clear()


def test_all_files_are_made(host: Host, tmp_path: Path) -> None:
    files = saved(tmp_path, SQUARE, SQUARE, SQUARE)
    result = batch(host, files, GIVEN)
    assert len(result.images) == len(result.infotexts) == 3
    assert result.comments == ""
    for number, image in enumerate(result.images):
        assert furthest(image, host.edit(smooth(40 + number), GIVEN).image) == 0


@pytest.mark.parametrize("odd", [0, 1, 2])
@pytest.mark.parametrize("output_folder", ["", "somewhere"])
def test_a_file_of_another_aspect_is_named_and_the_others_are_made(
    host: Host, tmp_path: Path, odd: int, output_folder: str
) -> None:
    files = saved(tmp_path, *(WIDE if number == odd else SQUARE for number in range(3)))
    result = batch(host, files, GIVEN, output_folder)
    assert len(result.images) == len(result.infotexts) == 2
    made = [number for number in range(3) if number != odd]
    for number, image, text in zip(made, result.images, result.infotexts, strict=True):
        assert furthest(image, host.edit(smooth(40 + number), GIVEN).image) == 0
        assert "PIXELS request" in text
    (line,) = result.comments.splitlines()
    name = f" (night {odd})" if output_folder else ""
    assert line.startswith(f"PIXELS: file {odd + 1} of 3{name} was left out. exemplars[0].edit_map: 64x64")
    assert line in str(host.errors.reported)


def test_a_request_that_is_wrong_for_every_file_ends_the_batch(host: Host, tmp_path: Path) -> None:
    refused = host.module("webui.http_errors").BadRequest
    with pytest.raises(refused, match="threshold: 'x'"):
        batch(host, saved(tmp_path, SQUARE, SQUARE), some_request(threshold="x"))
    with pytest.raises(refused, match="steps: 0"):
        batch(host, saved(tmp_path, SQUARE, SQUARE), GIVEN, steps=0)


def test_when_no_file_fits_each_is_named(host: Host, tmp_path: Path) -> None:
    result = batch(host, saved(tmp_path, WIDE, WIDE), GIVEN)
    assert result.images == result.infotexts == []
    assert [line[:20] for line in result.comments.splitlines()] == ["PIXELS: file 1 of 2 ", "PIXELS: file 2 of 2 "]


def test_what_is_said_of_a_later_file_is_shown_too(host: Host, tmp_path: Path) -> None:
    """The host shows the comments of the first one."""
    given = request(exemplar(smooth(2), uniform(WHITE)), keep_white=True)
    files = saved(tmp_path, SQUARE, WIDE)
    result = batch(host, files, given)
    assert [line.split(":")[1].split(".")[0] for line in result.comments.splitlines()] == [
        " Nothing was edited",
        " file 2 of 2 was left out",
    ]


def test_outside_of_the_batch_tab_such_a_request_is_refused(host: Host) -> None:
    answer = host.edit(smooth(1, WIDE), GIVEN)
    assert answer.status == 422
    assert answer.detail.startswith("PIXELS: exemplars[0].edit_map: 64x64")
