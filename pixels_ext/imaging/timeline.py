"""A timeline of an edit: what is locked and what is released at each step, like the paper's Figure 3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pixels_ext.imaging.color import tag_srgb

_GAP, _HEADER, _MARGIN = 6, 16, 70
_BACKGROUND, _TEXT = (255, 255, 255), (30, 30, 30)
_TILE = 8


@dataclass(frozen=True)
class TimelineFrame:
    """One column of a timeline. `image`: the decoded latent that the model is about to denoise. `mask`: the paper's
    `mask_t`, boolean `[H, W]` of any size, True where the latent is locked: to the source, or to a kept exemplar."""

    label: str
    image: Image.Image
    mask: NDArray[np.bool_]


def evenly_spaced_steps(steps: int, columns: int) -> list[int]:
    """At most `columns` different step numbers from 0 to `steps - 1`, with the first and the last."""
    return sorted({round(i * (steps - 1) / max(columns - 1, 1)) for i in range(columns)})


def draw_timeline(frames: Sequence[TimelineFrame]) -> Image.Image:
    """Draw the frames side by side: what is locked, of source and exemplars, above what is released. A checkerboard
    stands for the pixels of the other row."""
    width, height = frames[0].image.size
    sheet = Image.new("RGB", (_MARGIN + len(frames) * (width + _GAP), _HEADER + 2 * (height + _GAP)), _BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    blank = _checkerboard((width, height))
    for row, label in enumerate(("locked", "released")):
        draw.text((4, _HEADER + row * (height + _GAP) + height // 2 - 5), label, fill=_TEXT)
    for column, frame in enumerate(frames):
        left = _MARGIN + column * (width + _GAP)
        draw.text((left, 2), frame.label, fill=_TEXT)
        mask = Image.fromarray(frame.mask.astype(np.uint8) * 255).resize((width, height), Image.Resampling.NEAREST)
        sheet.paste(Image.composite(frame.image, blank, mask), (left, _HEADER))
        sheet.paste(Image.composite(blank, frame.image, mask), (left, _HEADER + height + _GAP))
    return tag_srgb(sheet)


def _checkerboard(size: tuple[int, int]) -> Image.Image:
    rows, columns = np.indices(size[::-1]) // _TILE
    return Image.fromarray(np.where((rows + columns) % 2, 235, 215).astype(np.uint8)).convert("RGB")
