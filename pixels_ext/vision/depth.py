"""Monocular depth by any of transformers' depth-estimation models."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image
from transformers import AutoImageProcessor, AutoModelForDepthEstimation

from pixels_ext.imaging.mask_ops import Map

_TELL_DISTANCES = {"glpn", "zoedepth", "depth_pro"}
"""Kinds of model that say how far away a place is; all others say how near."""
_ENDS = 1, 99


def load(place: str, download: bool) -> tuple[Any, Any]:
    """Model and processor from a folder or the hub; what transformers raises, it raises."""
    model = AutoModelForDepthEstimation.from_pretrained(place, local_files_only=not download).eval()
    return model, AutoImageProcessor.from_pretrained(place, local_files_only=not download)


def relative_depth(model: Any, processor: Any, picture: Image.Image) -> Map:
    """How near each place of an RGB picture is, float32 `[h, w]` at the model's own size: 0 = the farthest, 1 = the
    nearest, from the first to the last hundredth of the values."""
    inputs = processor(images=picture, return_tensors="pt")
    predicted = model(pixel_values=inputs["pixel_values"].to(model.device, model.dtype)).predicted_depth
    values = predicted.float().cpu().numpy().reshape(predicted.shape[-2:])
    if _tells_distance(model.config):
        values = -values
    low, high = np.percentile(values, _ENDS)
    return ((values - low) / max(high - low, np.finfo(np.float32).tiny)).clip(0, 1).astype(np.float32)


def _tells_distance(config: Any) -> bool:
    return config.model_type in _TELL_DISTANCES or getattr(config, "depth_estimation_type", "") == "metric"
