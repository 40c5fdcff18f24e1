"""An exemplar as surgery takes it: its latent, and its maps at the latent's size."""

from __future__ import annotations

from torch import Tensor

from pixels_ext.core.release import ExemplarMaps, down_sample
from pixels_ext.diffusers_host.canvas import Padding
from pixels_ext.diffusers_host.families import Family
from pixels_ext.diffusers_host.nan_check import encode_image
from pixels_ext.edit.prepare import PreparedExemplar


def encode_exemplar(
    family: Family, padding: Padding, exemplar: PreparedExemplar, size: tuple[int, int]
) -> tuple[Tensor, ExemplarMaps]:
    """The clean latent of `exemplar`, and its maps `[1, 1, h, w]` on the CPU. `size`: `(h, w)`, the latent's last two
    dimensions. Raises `ModelError` when the model outputs NaN."""
    latent = encode_image(family, padding.image_tensor(exemplar.image))
    return latent, exemplar.maps(lambda values: down_sample(padding.map_tensor(values), size))
