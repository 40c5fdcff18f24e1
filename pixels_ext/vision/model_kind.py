"""What a kind of vision model is: one file describes one kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from transformers import PreTrainedModel, ProcessorMixin


@dataclass(frozen=True)
class LoadedModel:
    """A transformers model in evaluation mode, and the processor that prepares its inputs."""

    model: PreTrainedModel
    processor: ProcessorMixin


@dataclass(frozen=True)
class ModelKind:
    """One kind of vision model.

    `name`: what requests, settings and flags call it. `title`: what kind of model it is, in words. `default`: the model
    used if none is named, by its name on the Hugging Face Hub. `load(location, allow_download)`: loads it from a folder
    or by its name on the hub; the errors of transformers pass through. `ask(loaded, image, phrases)`: its answer for an
    RGB image, float32 in [0, 1] with height and width (at the model's own resolution) as the last two axes. `phrases`
    is empty unless the model takes text.
    """

    name: str
    title: str
    default: str
    load: Callable[[str, bool], LoadedModel]
    ask: Callable[[LoadedModel, Image.Image, Sequence[str]], NDArray[np.float32]]
