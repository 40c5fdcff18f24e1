"""A map from text-driven segmentation: what the prompt names becomes the exemplar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pixels_ext.errors import RequestError
from pixels_ext.fields import Number, Text, declare
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import INPUT, MapContext, MapProviders, MapSpec

MAX_PHRASES = 16


@dataclass(frozen=True, kw_only=True)
class TextMap(MapSpec):
    """`1 - min(1, p / confidence)`, where `p` is the largest probability that a pixel shows any of the phrases."""

    map_type: ClassVar[str] = "text"
    title: ClassVar[str] = "Text prompt"
    needs_model: ClassVar[bool] = True
    about: ClassVar[str] = (
        "What the prompt names (“the sky”, “her jacket”) becomes the exemplar; everything else keeps the source."
    )

    prompt: str = declare(
        Text(
            label="Prompt",
            help="What becomes the exemplar. Separate several things with commas: the sky, the sea.",
            max_length=500,
            allow_empty=False,
        )
    )
    input: str = declare(INPUT)
    confidence: float = declare(
        Number(
            label="Confidence",
            help="Areas of at least this probability are black (fully the exemplar), less likely ones are gray. Models "
            "rarely give more than 0.8.",
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
        """What the prompt names, without duplicates."""
        parts = self.prompt.replace("\n", ",").split(",")
        return tuple(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))

    def check_use(self, source_size: tuple[int, int], providers: MapProviders) -> None:
        providers.vision.check("text")

    def make(self, context: MapContext) -> Map:
        masks = context.providers.vision.ask("text", context.input_image(self.input), self.phrases)
        probability = masks.max(axis=0)
        return context.to_canvas(self.input, 1 - (probability / np.float32(self.confidence)).clip(0, 1))
