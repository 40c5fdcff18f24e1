"""Malformed requests to a running WebUI: the tables of `tests/helpers/malformed_inputs.py`."""

from __future__ import annotations

from typing import Any

import pytest
from helpers.malformed_inputs import Row, good, odd_images, rows, with_value

from .webui_client import WebUI, by_alwayson, by_script, difference, sample_image

SOURCE = sample_image(1)
ROWS = rows()
NOISE = 100_000_000
"""Bytes by which a host's memory differs from one look at it to the next."""


def refused(host: WebUI, number: int, row: Row) -> None:
    name, data, beginning = row
    route = (by_script, by_alwayson)[number % 2]
    answer = host.img2img(SOURCE, **route(data))
    assert answer.status == 422, (name, answer)
    assert answer.reason.startswith(f"PIXELS: {beginning}"), name
    assert answer.reason.count(" (expected ") == 1, name
    assert answer.reason.endswith("."), name
    assert "\n" not in answer.reason, name
    assert len(answer.reason) < 400, name


def memory(host: WebUI) -> int:
    return host.call("/sdapi/v1/memory").body["ram"]["used"]


@pytest.mark.parametrize("block", range(10))
def test_every_bad_input_gives_one_sentence_and_nothing_else_changes(host: WebUI, block: int) -> None:
    def both_images() -> list[Any]:
        return [host.img2img(SOURCE).image, host.img2img(SOURCE, **by_script(good())).image]

    mine = list(enumerate(ROWS))[block::10]
    before = both_images()
    for number, row in mine:
        refused(host, number, row)
    used = memory(host)
    for number, row in mine:
        refused(host, number + 1, row)
    assert memory(host) - used < NOISE
    assert all(difference(one, other) <= 1 for one, other in zip(before, both_images(), strict=True))


@pytest.mark.parametrize("field", ["image", "edit_map"])
def test_odd_images_are_taken(host: WebUI, field: str) -> None:
    for name, text in odd_images().items():
        if field == "image" or name not in ("rotated by EXIF", "1 x 4000"):
            assert host.img2img(SOURCE, **by_script(with_value(f"exemplars[0].{field}", text))).status == 200, name
