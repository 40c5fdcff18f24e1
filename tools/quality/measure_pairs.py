"""All measures of a few pairs for every method: a dictionary for each pair, and features for Fréchet distances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
import torch
from demo_batch import SIZE, DemoModel
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from pixels_ext.core.release import down_sample
from pixels_ext.core.suggest_strength import latent_distance
from pixels_ext.core.surgery import surgical_latent
from pixels_ext.imaging.mask_ops import Map
from quality.features import DenoiserResponse, denoiser_response, perceptual_differences
from quality.methods import METHODS, PLAIN, WHY, edited
from quality.metrics import Pixels, color_differences, mean_in, seam, texture_distance, zones
from quality.pairs import Pair

MAIN = 0.6
"""The strength at which all methods are compared."""
SWEPT = {0.3: ("linear",), 0.9: ("linear", "log", "cubic")}
"""What else is run: with these thresholds, and img2img."""
SOURCE, EXEMPLAR, FRESH = "source", "exemplar", "another scene"
PASTE, DECODED, DISSOLVE = "paste", "paste, decoded", "cross-fade"
Cell = tuple[str, float]
"""A method and its strength; 0 for what is not denoised."""


def cells(strengths: Iterable[float] = SWEPT) -> list[Cell]:
    """What is denoised, in the order of the tables."""
    swept = [(f"PIXELS {name}", s) for s in strengths for name in SWEPT[s]] + [(PLAIN, s) for s in strengths]
    return [(name, MAIN) for name in METHODS] + swept


def why_cells() -> list[Cell]:
    """What is denoised of some pairs only, to find out why thresholds do what they do."""
    return [(name, MAIN) for name in WHY]


@dataclass(frozen=True)
class Batch:
    """Some pairs: clean latents `[n, channels, h, w]`, edit maps in pixels `[SIZE, SIZE]` and cells `[n, 1, h, w]`."""

    pairs: list[Pair]
    source: Tensor
    exemplar: Tensor
    fresh: Tensor
    pixel_maps: list[Map]
    maps: Tensor

    @property
    def cell_maps(self) -> list[Map]:
        """The maps in cells at the size of the image: where the latents were really cut."""
        factor = SIZE // self.maps.shape[-1]
        return [each[0].repeat(factor, 0).repeat(factor, 1) for each in self.maps.numpy()]


def batch_of(pairs: list[Pair], latents: Tensor, first_fresh: int) -> Batch:
    """`latents`: of all scenes; those from `first_fresh` on are in no pair, and one goes with each pair."""
    pixel_maps = [pair.edit_map for pair in pairs]
    numbers = ([pair.source for pair in pairs], [pair.exemplar for pair in pairs])
    fresh = latents[[first_fresh + pair.number for pair in pairs]]
    maps = down_sample(torch.tensor(np.stack(pixel_maps))[:, None], latents.shape[-2:])
    return Batch(pairs, latents[numbers[0]], latents[numbers[1]], fresh, pixel_maps, maps)


@dataclass(frozen=True)
class Result:
    """What one method made of a batch. `latents` `[n, channels, h, w]`, `images` float32 RGB in [0, 1]."""

    latents: Tensor
    images: list[Pixels]


def as_floats(images: Iterable[NDArray[np.uint8]]) -> list[Pixels]:
    """The same images as float32 in [0, 1]."""
    return [image.astype(np.float32) / 255 for image in images]


def results(bench: DemoModel, batch: Batch, wanted: Iterable[Cell]) -> dict[Cell, Result]:
    """The images that went in, the pastes, and the results of the methods `wanted`."""

    def decoded(latents: Tensor) -> Result:
        return Result(latents, as_floats(bench.decoded(latents)))

    source, exemplar = decoded(batch.source), decoded(batch.exemplar)
    both = list(zip(source.images, exemplar.images, strict=True))
    pasted = [np.where(m[..., None] > 0, s, e) for (s, e), m in zip(both, batch.cell_maps, strict=True)]
    faded = [e + (s - e) * m[..., None] for (s, e), m in zip(both, batch.pixel_maps, strict=True)]
    surgical = surgical_latent(batch.source, [(batch.exemplar, batch.maps)])
    made = {(SOURCE, 0.0): source, (EXEMPLAR, 0.0): exemplar, (FRESH, 0.0): decoded(batch.fresh)}
    made[PASTE, 0.0] = Result(surgical, pasted)
    made[DECODED, 0.0] = decoded(surgical)
    made[DISSOLVE, 0.0] = Result(bench.encoded([(each * 255 + 0.5).astype(np.uint8) for each in faded]), faded)
    for name, strength in wanted:
        seed = batch.pairs[0].number
        latents = edited({**METHODS, **WHY}[name], bench, batch.source, batch.exemplar, batch.maps, strength, seed)
        made[name, strength] = decoded(latents)
    return made


@dataclass(frozen=True)
class Found:
    """`rows`: for each pair its facts and, by `name@strength`, its measures. `features`: of the middle block, by the
    same names, `[n, c, 8, 8]`; `inside` `[n, 8, 8]`: which of these places are edited."""

    rows: list[dict[str, Any]]
    features: dict[str, NDArray[np.float16]]
    inside: NDArray[np.bool_]


def found(bench: DemoModel, batch: Batch, made: dict[Cell, Result]) -> Found:
    """The measures of all that was made of a batch."""
    responses = {cell: denoiser_response(bench, result.latents) for cell, result in made.items()}
    rows: list[dict[str, Any]] = [
        {
            **asdict(pair),
            "kind": pair.kind,
            "distance inside": latent_distance(batch.source[n : n + 1], [(batch.exemplar[n : n + 1], m)]).rms,
            "black": float((m == 0).float().mean()),
            "gray": float(((m > 0) & (m < 1)).float().mean()),
            "measures": {},
        }
        for n, (pair, m) in enumerate(zip(batch.pairs, batch.maps.split(1), strict=True))
    ]
    for cell, result in made.items():
        seen = _seen(batch, responses, cell)
        shown = _shown(batch, made, result)
        for row, first, second in zip(rows, seen, shown, strict=True):
            row["measures"][key(cell)] = {**first, **second}
    features = {key(cell): response.features[-1].numpy().astype(np.float16) for cell, response in responses.items()}
    coarse = next(iter(features.values())).shape[-2:]
    inside = interpolate((batch.maps < 1).float(), size=coarse, mode="area")[:, 0] >= 0.5
    return Found(rows, features, inside.numpy())


def key(cell: Cell) -> str:
    """The name of a method at a strength, as it stands in the measured file."""
    return f"{cell[0]}@{cell[1]:g}"


def _seen(batch: Batch, responses: dict[Cell, DenoiserResponse], cell: Cell) -> Iterator[dict[str, float]]:
    """Realism, and adherence in the denoiser's eyes."""
    response = responses[cell]
    to_source = perceptual_differences(response, responses[SOURCE, 0.0]).numpy()
    to_exemplar = perceptual_differences(response, responses[EXEMPLAR, 0.0]).numpy()
    for m, denoising_loss, s, e in zip(
        batch.maps[:, 0].numpy(), response.denoising_loss.numpy(), to_source, to_exemplar, strict=True
    ):
        zone = zones(m)
        yield {
            "denoising loss": mean_in(denoising_loss, (m < 1).astype(np.float32)),
            "denoising loss edge": mean_in(denoising_loss, _rim(m)),
            "perceptual source": mean_in(s, zone["white"]),
            "perceptual exemplar": mean_in(e, zone["black"]),
            "perceptual edited": mean_in(e, (m < 0.5).astype(np.float32)),
            "perceptual both": float((m * s + (1 - m) * e).mean()),
        }


def _rim(cell_map: Map) -> Map:
    """1 in the cells on both sides of the edge of black, where the paste cuts."""
    black, around = (cell_map == 0).astype(np.uint8), np.ones((3, 3), np.uint8)
    return (cv2.dilate(black, around) - cv2.erode(black, around)).astype(np.float32)


def _shown(batch: Batch, made: dict[Cell, Result], result: Result) -> Iterator[dict[str, float]]:
    """Seams, and adherence in color and texture."""
    sources, exemplars = made[SOURCE, 0.0].images, made[EXEMPLAR, 0.0].images
    every = zip(batch.maps[:, 0].numpy(), batch.cell_maps, result.images, sources, exemplars, strict=True)
    for m, whole, image, source, exemplar in every:
        zone, whole_zone = zones(m), zones(whole)
        s, e = color_differences(image, source), color_differences(image, exemplar)
        yield {
            "seam": seam(image, whole),
            "color source": mean_in(s, zone["white"]),
            "color exemplar": mean_in(e, zone["black"]),
            "color both": float((m * s + (1 - m) * e).mean()),
            "color edited": mean_in(e, (m < 0.5).astype(np.float32)),
            "black to source": mean_in(s, zone["black"]),
            "gray to source": mean_in(s, zone["gray"]),
            "gray to exemplar": mean_in(e, zone["gray"]),
            "texture source": texture_distance(image, source, whole_zone["white"]),
            "texture exemplar": texture_distance(image, exemplar, whole_zone["black"]),
        }
