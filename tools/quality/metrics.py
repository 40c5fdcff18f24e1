"""What is measured of an image without any model: color, texture, and the seam along the map's edge.

Images are float32 RGB `[H, W, 3]` in [0, 1]; weights and maps are float32 `[H, W]`.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixels_ext.imaging.mask_ops import Map, signed_distance

Pixels = NDArray[np.float32]
CELL = 8
"""Side of a cell of the latent in pixels."""
_OCTAVES = 3
_FAINT = 1e-6
"""Added to energies, which are squares of grays in [0, 1]: about a quarter of a gray of 255."""
_REACH = CELL // 2
"""Half the length in pixels over which a step is taken."""
_AWAY = 24
_LEVELS = (0.0, 0.4999, 0.9999)


def zones(edit_map: Map) -> dict[str, Map]:
    """Weights of what is the exemplar's, of what is between, and of what is the source's."""
    black, white = (edit_map == 0).astype(np.float32), (edit_map == 1).astype(np.float32)
    return {"black": black, "gray": 1 - black - white, "white": white}


def mean_in(values: NDArray[np.float32], weight: Map) -> float:
    """Weighted mean, NaN where all weights are 0."""
    total = float(weight.sum())
    return float((values * weight).sum() / total) if total else float("nan")


def color_differences(first: Pixels, second: Pixels) -> Map:
    """How far the mean colors of two images are apart in each cell of the latent, `[H / CELL, W / CELL]`, in CIE Lab
    (CIE76). About 2 is just noticed side by side."""
    size = first.shape[1] // CELL, first.shape[0] // CELL
    lab = [
        cv2.cvtColor(cv2.resize(each, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)
        for each in (first, second)
    ]
    return np.linalg.norm(lab[0] - lab[1], axis=2).astype(np.float32)


def texture(image: Pixels, weight: Map) -> NDArray[np.float64]:
    """Logarithms (base 2) of the mean energy of lightness inside the weight, in four directions and three octaves."""
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    found = []
    for _ in range(_OCTAVES):
        across, down = cv2.Sobel(gray, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(gray, cv2.CV_32F, 0, 1, scale=1 / 8)
        for direction in (across, down, (across + down) / 2**0.5, (across - down) / 2**0.5):
            found.append(np.log2(mean_in(direction**2, weight) + _FAINT))
        gray, weight = cv2.pyrDown(gray), cv2.pyrDown(weight)
    return np.array(found)


def texture_distance(first: Pixels, second: Pixels, weight: Map) -> float:
    """Mean absolute difference of two images' textures in a region: 1 is twice or half the energy. Statistics, so it
    does not matter where in the region something is."""
    return float(np.abs(texture(first, weight) - texture(second, weight)).mean())


def seam(image: Pixels, edit_map: Map) -> float:
    """How steep the image is across the map's edge, in units of how steep it is far away from any edge.

    The edges are where black ends, where the map is middle gray, and where white begins; that across which the image
    is steepest counts. Steep: the mean size of the step in RGB from half a cell on this side of a place to as many
    on the other, across the edge. Far away: more than 24 pixels from all edges; NaN where there is no such place.
    """
    distances = [signed_distance(edit_map <= level) for level in _LEVELS]
    far = np.minimum.reduce([np.abs(distance) for distance in distances]) > _AWAY
    steepness = [_steps(image, distance) for distance in distances]
    quiet = float(np.mean([steps[far].mean() for steps in steepness])) if far.any() else float("nan")
    edges = [steps[np.abs(distance) < 1].mean() for steps, distance in zip(steepness, distances, strict=True)]
    return float(max(edges)) / quiet


def _steps(image: Pixels, distance: Map) -> Map:
    """At every pixel the size of the step across the level line of a distance."""
    down, across = np.gradient(cv2.GaussianBlur(distance, (0, 0), _REACH))
    length = np.maximum(np.hypot(down, across), 1e-6)
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float32)
    ends = [
        cv2.remap(
            image,
            (x + side * _REACH * across / length).astype(np.float32),
            (y + side * _REACH * down / length).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for side in (1, -1)
    ]
    return np.abs(ends[0] - ends[1]).mean(2)
