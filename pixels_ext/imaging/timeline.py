"""The time line: what is held and what is released at each step, the paper's Figure 3 for an edit of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pixels_ext.imaging.color import tag_srgb

_GAP, _HEADER, _MARGIN = 6, 16, 70
_PAPER, _INK = (255, 255, 255), (30, 30, 30)
_TILE = 8


@dataclass(frozen=True)
class TimelineFrame:
    """One column: `picture` is the decoded latent as the model is about to see it, `held` `[H, W]` (bool, any size) the
    places that were just copied from the noised source."""

    label: str
    picture: Image.Image
    held: NDArray[np.bool_]


def evenly_spaced_steps(steps: int, columns: int) -> list[int]:
    """At most `columns` different step numbers from 0 to `steps - 1`, the first and the last among them."""
    return sorted({round(i * (steps - 1) / max(columns - 1, 1)) for i in range(columns)})


def draw_timeline(moments: Sequence[TimelineFrame]) -> Image.Image:
    """Draw the moments side by side: above what is held (`z_1 * mask`), below what is released
    (`z_mix * (1 - mask)`). A chequered ground shows what belongs to the other row."""
    width, height = moments[0].picture.size
    sheet = Image.new("RGB", (_MARGIN + len(moments) * (width + _GAP), _HEADER + 2 * (height + _GAP)), _PAPER)
    draw = ImageDraw.Draw(sheet)
    ground = _chequered((width, height))
    for row, word in enumerate(("held", "released")):
        draw.text((4, _HEADER + row * (height + _GAP) + height // 2 - 5), word, fill=_INK)
    for column, moment in enumerate(moments):
        left = _MARGIN + column * (width + _GAP)
        draw.text((left, 2), moment.label, fill=_INK)
        held = Image.fromarray(moment.held.astype(np.uint8) * 255).resize((width, height), Image.Resampling.NEAREST)
        sheet.paste(Image.composite(moment.picture, ground, held), (left, _HEADER))
        sheet.paste(Image.composite(ground, moment.picture, held), (left, _HEADER + height + _GAP))
    return tag_srgb(sheet)


def _chequered(size: tuple[int, int]) -> Image.Image:
    rows, columns = np.indices(size[::-1]) // _TILE
    return Image.fromarray(np.where((rows + columns) % 2, 235, 215).astype(np.uint8)).convert("RGB")
