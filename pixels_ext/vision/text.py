"""Text-driven segmentation with CLIPSeg."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.vision.model_kind import LoadedModel, ModelKind

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def load(location: str, allow_download: bool) -> LoadedModel:
    """Model and processor from a folder or the hub. The errors of transformers pass through."""
    from transformers import CLIPSegForImageSegmentation, CLIPSegProcessor  # takes seconds to import

    model = CLIPSegForImageSegmentation.from_pretrained(location, local_files_only=not allow_download).eval()
    return LoadedModel(model, CLIPSegProcessor.from_pretrained(location, local_files_only=not allow_download))


def phrase_masks(loaded: LoadedModel, image: Image.Image, phrases: Sequence[str]) -> NDArray[np.float32]:
    """Probability that each pixel of an RGB image shows what each phrase names, float32 `[len(phrases), h, w]` in
    [0, 1] at the model's resolution. Raises `RequestError` for a phrase with more tokens than the model can read."""
    model, processor = loaded.model, loaded.processor
    tokens = processor.tokenizer(list(phrases), padding=True, return_tensors="pt")
    count, limit = tokens["input_ids"].shape[-1], model.config.text_config.max_position_embeddings
    if count > limit:  # two of the tokens mark the start and the end
        raise RequestError("prompt", f"has a phrase of {count - 2} tokens", f"at most {limit - 2} between two commas")
    pixels = processor.image_processor(images=image, return_tensors="pt")["pixel_values"]
    logits = model(
        input_ids=tokens["input_ids"].to(model.device),
        attention_mask=tokens["attention_mask"].to(model.device),
        pixel_values=pixels.to(model.device, model.dtype).expand(len(phrases), -1, -1, -1),
        **_allow_any_size(model),
    ).logits
    # Some versions drop the first axis when there is only one phrase.
    masks: NDArray[np.float32] = logits.float().sigmoid().cpu().numpy().reshape(len(phrases), *logits.shape[-2:])
    return masks


def _allow_any_size(model: PreTrainedModel) -> dict[str, bool]:
    """The argument that lets the model take images of another size than its configuration names. The default model is
    given 352 pixels and names 224: transformers 4.30 always accepts that, 4.46 only with this argument, newer versions
    unless told otherwise."""
    name = "interpolate_pos_encoding"
    return {name: True} if name in inspect.signature(model.forward).parameters else {}


TEXT = ModelKind(
    "text",
    "Text-prompted segmentation model",
    default="CIDAS/clipseg-rd64-refined",
    load=load,
    ask=phrase_masks,
)
"""The default has 150 M parameters."""
