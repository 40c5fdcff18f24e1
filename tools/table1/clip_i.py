"""CLIP-I: the cosine between CLIP's embeddings of two pictures, times 100. (torchmetrics' CLIP score.)"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchmetrics.functional.multimodal import clip_score
from transformers import CLIPModel

from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.errors import first_line

CLIP = "openai/clip-vit-base-patch32"
"""The usual CLIP; the paper does not say which."""


class ClipI:
    """A CLIP model, from a folder or the hub. Raises `ModelError` when it cannot be loaded whole."""

    def __init__(self, place: str, device: torch.device) -> None:
        # Not above: without torchvision its import says that there is none, unless transformers was told to be quiet.
        from transformers import CLIPImageProcessor

        try:
            self._model, report = CLIPModel.from_pretrained(place, output_loading_info=True)
            self._processor = CLIPImageProcessor.from_pretrained(place)
        except Exception as error:  # hub, file and format errors come from three libraries
            found = f"{place!r} cannot be loaded: {first_line(error)}"
            raise ModelError("clip", found, "a CLIP model, as a folder or hub id that can be reached") from error
        if report["missing_keys"]:  # transformers would go on with random numbers in their place
            raise ModelError("clip", f"{place!r} has no {min(report['missing_keys'])}", "a whole CLIP model")
        self._model.to(device).eval()
        self.told = f"{place}, {self._model.num_parameters() / 1e6:.1f} million parameters"
        self._device = device

    @torch.inference_mode()
    def between(self, one: Image.Image, other: Image.Image) -> float:
        """The score of two RGB pictures of any size: 100 for a picture and itself, and 0 also for a cosine below 0."""
        first, second = (_tensor(picture).to(self._device) for picture in (one, other))
        return float(clip_score(first, second, lambda: (self, self._processed)))

    def _processed(self, images: list[Tensor], **_: Any) -> Any:
        return self._processor(images=images, return_tensors="pt")

    def get_image_features(self, pixel_values: Tensor) -> Tensor:
        """Embeddings `[n, d]`, as torchmetrics asks for them."""
        seen = self._model.vision_model(pixel_values=pixel_values)
        return self._model.visual_projection(seen.pooler_output)

    def to(self, device: torch.device) -> ClipI:
        """Itself: it is where it should be."""
        return self


def _tensor(picture: Image.Image) -> Tensor:
    """uint8 `[3, H, W]`."""
    return torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1)
