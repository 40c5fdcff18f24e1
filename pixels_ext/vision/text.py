"""Text-driven segmentation by CLIPSeg."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from transformers import CLIPSegForImageSegmentation, CLIPSegProcessor

from pixels_ext.errors import RequestError


def load(place: str, download: bool) -> tuple[Any, Any]:
    """Model and processor from a folder or the hub; what transformers raises, it raises."""
    model = CLIPSegForImageSegmentation.from_pretrained(place, local_files_only=not download).eval()
    return model, CLIPSegProcessor.from_pretrained(place, local_files_only=not download)


def phrase_masks(model: Any, processor: Any, picture: Image.Image, phrases: Sequence[str]) -> NDArray[np.float32]:
    """How likely each place of an RGB picture is meant by each phrase, float32 `[len(phrases), h, w]` in [0, 1] at the
    model's own size. Raises `RequestError` for a phrase that the model cannot read whole."""
    tokens = processor.tokenizer(list(phrases), padding=True, return_tensors="pt")
    longest, most = tokens["input_ids"].shape[-1], model.config.text_config.max_position_embeddings
    if longest > most:  # one token each marks the beginning and the end
        raise RequestError("prompt", f"has a phrase of {longest - 2} tokens", f"at most {most - 2} between two commas")
    pixels = processor.image_processor(images=picture, return_tensors="pt")["pixel_values"]
    logits = model(
        input_ids=tokens["input_ids"].to(model.device),
        attention_mask=tokens["attention_mask"].to(model.device),
        pixel_values=pixels.to(model.device, model.dtype).expand(len(phrases), -1, -1, -1),
        **_any_size(model),
    ).logits
    # Some versions leave out the first dimension when there is one phrase.
    return logits.float().sigmoid().cpu().numpy().reshape(len(phrases), *logits.shape[-2:])


def _any_size(model: Any) -> dict[str, bool]:
    """What lets the model see pictures of another size than its configuration says. The usual one is shown 352 pixels
    and says 224: transformers 4.30 always takes them, 4.46 only when told so, newer ones unless told otherwise."""
    name = "interpolate_pos_encoding"
    return {name: True} if name in inspect.signature(model.forward).parameters else {}
