"""Malformed requests to the fake WebUI: one sentence each, and then everything is as it was."""

from __future__ import annotations

import gc
from typing import Any

import psutil
import pytest
from fake_webui.host import Answer, Host
from fake_webui.images import furthest, smooth
from helpers.base64_images import as_text
from helpers.malformed_inputs import Row, foreign_rows, good, image_rows, odd_images, request_rows, rows, with_value
from PIL import Image

pytest_plugins = ["fake_webui.fixtures"]

SOURCE = smooth(1)
ROWS, FOREIGN = rows(), list(foreign_rows())


def each(table: list[Row]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", table, ids=[name for name, *_ in table])


def is_refusal(answer: Answer, beginning: str) -> None:
    assert answer.status == 422, answer
    assert answer.detail.startswith(f"PIXELS: {beginning}")
    assert answer.detail.count(" (expected ") == 1
    assert answer.detail.endswith(".")
    assert "\n" not in answer.detail
    assert len(answer.detail) < 400
    assert answer.images == []


def by_alwayson(data: Any) -> dict[str, Any]:
    return {"alwayson_scripts": {"pixels": {"args": [data]}}}


@each([*ROWS, *FOREIGN])
def test_the_dropdown_s_script_refuses_in_one_sentence(host: Host, row: Row) -> None:
    _, data, beginning = row
    is_refusal(host.edit(SOURCE, data), beginning)
    assert host.model.calls == []


@each(ROWS)
def test_alwayson_scripts_refuse_alike(host: Host, row: Row) -> None:
    """The hosts print what always-on scripts raise, and go on with a plain img2img: it must not come to that."""
    _, data, beginning = row
    is_refusal(host.img2img(SOURCE, **by_alwayson(data)), beginning)
    assert host.model.calls == []


@each(FOREIGN)
@pytest.mark.parametrize("chosen", ["", "loopback"])
def test_what_is_not_ours_is_a_plain_image_and_one_line_in_the_log(
    host: Host, row: Row, chosen: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Programs fill the arguments of scripts that they do not know."""
    _, data, _ = row
    payload = {"script_name": chosen, "script_args": [2]} if chosen else {}
    answer, plain = host.img2img(SOURCE, **payload, **by_alwayson(data)), host.img2img(SOURCE, **payload)
    assert answer == plain
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("PIXELS: what another program gave as the argument of our script is ")
    assert len(line) < 250


def test_then_generations_are_what_they_were_and_memory_is_back(host: Host) -> None:
    def answered() -> list[Image.Image]:
        return [host.img2img(SOURCE).image, host.edit(SOURCE, good()).image]

    def whole_table() -> int:
        for _, data, _ in [*request_rows(), *image_rows()]:
            host.edit(SOURCE, data)
            host.img2img(SOURCE, **by_alwayson(data))
        gc.collect()
        return psutil.Process().memory_info().rss

    before = answered()
    once, twice = whole_table(), whole_table()
    assert all(furthest(one, other) == 0 for one, other in zip(before, answered(), strict=True))
    assert twice - once < 16_000_000


@pytest.mark.parametrize("name", odd_images())
def test_odd_images_are_taken_as_exemplars(host: Host, name: str) -> None:
    edited = host.edit(SOURCE, with_value("exemplars[0].image", odd_images()[name])).image
    other = host.edit(SOURCE, with_value("exemplars[0].image", as_text(SOURCE))).image
    assert furthest(edited, other) > 0


@pytest.mark.parametrize("name", [name for name in odd_images() if name not in ("rotated by EXIF", "1 x 4000")])
def test_odd_square_images_are_taken_as_maps(host: Host, name: str) -> None:
    assert host.edit(SOURCE, with_value("exemplars[0].edit_map", odd_images()[name])).image


def test_an_image_turned_by_exif_stands_upright(host: Host) -> None:
    rotated = odd_images()["rotated by EXIF"]
    with pytest.raises(AssertionError, match=": 64x96, which has another aspect"):
        assert host.edit(SOURCE, with_value("exemplars[0].edit_map", rotated)).image
    tall = smooth(1, (64, 96))
    assert host.edit(tall, {"exemplars": [{"image": rotated, "edit_map": rotated}]}).image


def test_how_much_is_too_much_is_a_setting(host: Host) -> None:
    three = {"exemplars": good()["exemplars"] * 3}
    host.shared.opts.pixels_max_exemplars = 2
    is_refusal(host.edit(SOURCE, three), "exemplars: 3 entries (expected at most 2, by this WebUI's settings")
    host.shared.opts.pixels_max_exemplars = 3
    assert host.edit(SOURCE, three).image
    large = with_value("exemplars[0].image", as_text(Image.new("L", (1001, 1000))))
    assert host.edit(SOURCE, large).image
    host.shared.opts.pixels_max_megapixels = 1
    is_refusal(host.edit(SOURCE, large), "exemplars[0].image: 1001x1000 (expected at most 1 megapixels")
