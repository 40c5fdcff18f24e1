"""Monocular depth from any depth-estimation model of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from pixels_ext.imaging.mask_ops import Map
from pixels_ext.vision.model_kind import LoadedModel, ModelKind

_PREDICT_DISTANCE = {"glpn", "zoedepth", "depth_pro"}
"""Architectures whose output grows with distance; that of all others falls with distance."""
_PERCENTILES = 1, 99


def load(location: str, allow_download: bool) -> LoadedModel:
    """Model and processor from a folder or the hub. The errors of transformers pass through."""
    from transformers import AutoImageProcessor, AutoModelForDepthEstimation  # takes seconds to import

    model = AutoModelForDepthEstimation.from_pretrained(location, local_files_only=not allow_download).eval()
    return LoadedModel(model, AutoImageProcessor.from_pretrained(location, local_files_only=not allow_download))


def relative_depth(loaded: LoadedModel, image: Image.Image, phrases: Sequence[str] = ()) -> Map:
    """Relative depth of an RGB image, float32 `[h, w]` at the model's resolution: 0 = farthest, 1 = nearest.

    The 1st and the 99th percentile of the prediction become 0 and 1. `phrases` is not used.
    """
    model = loaded.model
    inputs = loaded.processor(images=image, return_tensors="pt")
    predicted = model(pixel_values=inputs["pixel_values"].to(model.device, model.dtype)).predicted_depth
    values = predicted.float().cpu().numpy().reshape(predicted.shape[-2:])
    if _predicts_distance(model.config):
        values = -values
    low, high = np.percentile(values, _PERCENTILES)
    depth: Map = ((values - low) / max(high - low, np.finfo(np.float32).tiny)).clip(0, 1).astype(np.float32)
    return depth


def _predicts_distance(config: Any) -> bool:
    return config.model_type in _PREDICT_DISTANCE or getattr(config, "depth_estimation_type", "") == "metric"


DEPTH = ModelKind("depth", "Depth estimation model", default="Intel/dpt-hybrid-midas", load=load, ask=relative_depth)
"""The default has 123 M parameters."""
