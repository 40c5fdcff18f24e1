"""Text-driven segmentation: what is named becomes the exemplar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pixels_ext.errors import RequestError
from pixels_ext.fields import Number, Text, declare
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import OF, MapSource, Means, Scene

MOST_PHRASES = 16


@dataclass(frozen=True, kw_only=True)
class Words(MapSource):
    """`1 - min(1, p / certainty)`, `p` the largest probability that any of the phrases means the place."""

    source: ClassVar[str] = "words"
    title: ClassVar[str] = "Words"
    asks_model: ClassVar[bool] = True
    about: ClassVar[str] = (
        "What is named (“the sky”, “her jacket”) becomes the exemplar; everything else keeps the source."
    )

    words: str = declare(
        Text(
            label="Words",
            help="What to look for, several things with commas between: the sky, the sea.",
            longest=500,
            needed=True,
        )
    )
    of: str = declare(OF)
    certainty: float = declare(
        Number(
            label="Certainty",
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
        if not 0 < len(self.phrases) <= MOST_PHRASES:
            raise RequestError("words", f"names {len(self.phrases)} things", f"from 1 to {MOST_PHRASES}")

    @property
    def phrases(self) -> tuple[str, ...]:
        """The things to look for."""
        parts = self.words.replace("\n", ",").split(",")
        return tuple(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))

    def check_use(self, source_size: tuple[int, int], means: Means) -> None:
        means.vision.check("words")

    def make(self, scene: Scene) -> Map:
        likely = scene.means.vision.words(scene.whole(self.of), self.phrases).max(axis=0)
        return scene.on_canvas(self.of, 1 - (likely / np.float32(self.certainty)).clip(0, 1))
