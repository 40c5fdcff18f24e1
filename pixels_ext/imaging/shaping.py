"""Shaping of edit maps: its fields in a request, and what they do (the paper's "growing and blurring")."""

from __future__ import annotations

from dataclasses import dataclass

from pixels_ext.errors import RequestError
from pixels_ext.fields import Boolean, Checked, Number, declare
from pixels_ext.imaging.mask_ops import Map, dilate, gamma, gaussian_blur, levels


@dataclass(frozen=True, kw_only=True)
class Shaping(Checked):
    """What is done to an edit map before it is used, in this order: invert, black and white point, gamma, grow, blur.
    The limit then lets the edit go only so far; the exemplar stays where the map is black."""

    invert: bool = declare(
        Boolean(
            label="Invert",
            help="Swap black and white, for maps that follow the inpainting convention (white is edited).",
            default=False,
        )
    )
    black_point: float = declare(
        Number(
            label="Black point",
            help="Map values of at most this become black (fully the exemplar). Black in a JPEG is rarely exactly 0; "
            "set 0 for the paper's exact rule.",
            default=0.02,
            minimum=0,
            maximum=1,
            step=0.01,
        )
    )
    white_point: float = declare(
        Number(
            label="White point",
            help="Map values of at least this become white (fully the source). Set 1 for the paper's exact rule.",
            default=0.98,
            minimum=0,
            maximum=1,
            step=0.01,
        )
    )
    gamma: float = declare(
        Number(
            label="Gamma",
            help="Above 1 grays become lighter (more of the source), below 1 darker (more of the exemplar).",
            default=1.0,
            minimum=0.1,
            maximum=10,
            step=0.1,
        )
    )
    grow: float = declare(
        Number(
            label="Grow",
            help="Grow the edited (black) area by this much; a negative value shrinks it.",
            default=0.0,
            minimum=-25,
            maximum=25,
            step=0.5,
            unit="% of the canvas's shorter side",
        )
    )
    blur: float = declare(
        Number(
            label="Blur",
            help="Blur the map: standard deviation of the Gaussian.",
            default=0.0,
            minimum=0,
            maximum=25,
            step=0.5,
            unit="% of the canvas's shorter side",
        )
    )
    limit: float = declare(
        Number(
            label="Limit the change",
            help="Limit how much the model changes: below 1, exemplar and source both stay locked for a part of the "
            "denoising. The exemplar is placed as without a limit. 1 is no limit; at 0 it is pasted and nothing is "
            "re-generated.",
            default=1.0,
            minimum=0,
            maximum=1,
            step=0.05,
        )
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.black_point >= self.white_point:
            expected = f"a number above black_point ({self.black_point:g})"
            raise RequestError("white_point", f"is {self.white_point:g}", expected)


def apply_shaping(edit_map: Map, shaping: Shaping) -> Map:
    """`edit_map` `[H, W]` in [0, 1] after invert, levels, gamma, grow and blur, in this order. Grow and blur are in
    percent of the shorter side, so that a map looks the same at every size. The limit is not applied: it is about
    release times, not about where the exemplar is placed."""
    percent = min(edit_map.shape) / 100
    result = 1 - edit_map if shaping.invert else edit_map
    result = levels(result, shaping.black_point, shaping.white_point)
    result = gamma(result, shaping.gamma)
    result = dilate(result, shaping.grow * percent)
    return gaussian_blur(result, shaping.blur * percent)
