"""A checkerboard as source, exemplar and map is followed to the latent, where its edges are compared.

The fake's autoencoder keeps the mean color of every pixel, so the source's latent shows where the host has placed the
source's edges. A shift by half a latent pixel would change a latent pixel at an edge by half of black to white.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from fake_webui.host import Host
from fake_webui.images import request
from helpers.base64_images import as_text
from PIL import Image

pytest_plugins = ["fake_webui.fixtures"]

EXACT = {"black_point": 0, "white_point": 1}
SIZES = [((512, 384), (512, 384)), ((613, 411), (512, 384)), ((300, 517), (384, 512)), ((1021, 777), (384, 384))]
"""Of the source and of the generation."""
AREAS: list[dict[str, Any]] = [{}, {"padding": 0}, {"padding": 40}]


def checkers(size: tuple[int, int], cell: int) -> Image.Image:
    columns, rows = (np.arange(side) // cell for side in size)
    return Image.fromarray((((columns[None] + rows[:, None]) % 2) * 255).astype(np.uint8))


def gray_of(latent: torch.Tensor, host: Host) -> np.ndarray:
    """Mean gray of every pixel of a latent `[1, C, h, w]`, in [0, 1]."""
    white = host.model.encode_first_stage(torch.ones(1, 3, 8, 8))[0, 0, 0, 0]
    return ((latent[0, 0] / white + 1) / 2).numpy()


@pytest.mark.parametrize("area", AREAS, ids=["whole", "only masked", "only masked with padding"])
@pytest.mark.parametrize("mode", [0, 1, 2, 3])
@pytest.mark.parametrize(("own", "target"), SIZES)
def test_edges_of_source_exemplar_and_map_fall_on_the_same_places(
    host: Host,
    own: tuple[int, int],
    target: tuple[int, int],
    mode: int,
    area: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = host.module("webui.edit_run")
    seen: list[Any] = []
    real = run.encode_exemplar
    monkeypatch.setattr(
        run, "encode_exemplar", lambda p, on, like: seen.append((like, made := real(p, on, like))) or made
    )
    board = checkers(own, max(own) // 6)
    fields: dict[str, Any] = {"width": target[0], "height": target[1], "resize_mode": mode}
    if area:
        mask = Image.new("L", own, 0)
        mask.paste(255, (own[0] // 4, own[1] // 5, own[0] * 3 // 4, own[1] * 4 // 5))
        fields |= {"mask": mask, "inpaint_full_res": True, "inpaint_full_res_padding": area["padding"]}
    # The exemplar has another size than the source, and the map yet another.
    exemplar = checkers(own, max(own) // 6).resize((own[0] * 2, own[1] * 2), Image.Resampling.NEAREST)
    edit_map = board.resize((own[0] // 2, own[1] // 2), Image.Resampling.BOX)
    data = request({"image": as_text(exemplar), "edit_map": as_text(edit_map), "shaping": EXACT})
    assert host.edit(board.convert("RGB"), data, steps=2, **fields).status == 200
    [(source, made)] = seen
    source_gray, exemplar_gray = gray_of(source, host), gray_of(made.latent, host)
    map_gray = made.maps.edit_map[0, 0].numpy()
    assert source_gray.std() > 0.3
    assert np.abs(exemplar_gray - source_gray).max() < 0.25, "a quarter of a latent pixel"
    assert np.abs(map_gray - source_gray).max() < 0.4
    # The host interpolates a latent that it upscales, where the map has the true averages.
    assert np.abs(map_gray - source_gray).mean() < (0.03 if mode == 3 else 0.02)
