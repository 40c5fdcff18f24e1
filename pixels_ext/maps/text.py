"""Text-driven segmentation: what is named becomes the exemplar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pixels_ext.errors import RequestError
from pixels_ext.fields import Number, Text, declare
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import INPUT, MapSpec, MapProviders, MapContext

MAX_PHRASES = 16


@dataclass(frozen=True, kw_only=True)
class TextMap(MapSpec):
    """`1 - min(1, p / certainty)`, `p` the largest probability that any of the phrases means the place."""

    map_type: ClassVar[str] = "text"
    title: ClassVar[str] = "Text prompt"
    needs_model: ClassVar[bool] = True
    about: ClassVar[str] = (
        "What is named (“the sky”, “her jacket”) becomes the exemplar; everything else keeps the source."
    )

    prompt: str = declare(
        Text(
            label="Prompt",
            help="What to look for, several things with commas between: the sky, the sea.",
            longest=500,
            needed=True,
        )
    )
    input: str = declare(INPUT)
    confidence: float = declare(
        Number(
            label="Confidence",
            help="How sure the model has to be for a place to become all exemplar; below, greys. Models are rarely "
            "surer than 0.8.",
            default=0.5,
            minimum=0.01,
            maximum=1,
            step=0.01,
        )
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < len(self.phrases) <= MAX_PHRASES:
            raise RequestError("prompt", f"names {len(self.phrases)} things", f"from 1 to {MAX_PHRASES}")

    @property
    def phrases(self) -> tuple[str, ...]:
        """The things to look for."""
        parts = self.prompt.replace("\n", ",").split(",")
        return tuple(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))

    def check_use(self, source_size: tuple[int, int], means: MapProviders) -> None:
        means.vision.check("text")

    def make(self, scene: MapContext) -> Map:
        likely = scene.providers.vision.words(scene.input_image(self.input), self.phrases).max(axis=0)
        return scene.on_canvas(self.input, 1 - (likely / np.float32(self.confidence)).clip(0, 1))
