"""The model families that edits can be made with. A new family is a file and a line here."""

from __future__ import annotations

from typing import Any

from pixels_ext.diffusers_host.families.family import Family
from pixels_ext.diffusers_host.families.flux import Flux
from pixels_ext.diffusers_host.families.kandinsky import Kandinsky22
from pixels_ext.diffusers_host.families.qwen_image import QwenImage
from pixels_ext.diffusers_host.families.sd3 import Sd3
from pixels_ext.diffusers_host.families.sdxl import Sdxl
from pixels_ext.diffusers_host.families.sdxl_refiner import SdxlWithRefiner
from pixels_ext.diffusers_host.families.stable_diffusion import StableDiffusion
from pixels_ext.diffusers_host.families.z_image import ZImage

FAMILIES: tuple[type[Family], ...] = (Sdxl, Sd3, StableDiffusion, Kandinsky22, Flux, QwenImage, ZImage)
"""In the order in which class name prefixes are compared: three of them begin with `StableDiffusion`."""

__all__ = ["FAMILIES", "Family", "Sdxl", "SdxlWithRefiner", "family_of", "family_of_checkpoint", "family_of_class"]


def family_of(pipeline: Any) -> Family:
    """The family of `pipeline`, which is one of the img2img pipelines in `FAMILIES`.

    Raises `TypeError` for other pipelines.
    """
    name = type(pipeline).__name__
    for family in FAMILIES:
        if family.pipeline_class == name:
            return family(pipeline)
    raise TypeError(f"{name} is not supported (expected one of: {', '.join(f.pipeline_class for f in FAMILIES)}).")


def family_of_class(class_name: str) -> type[Family] | None:
    """The family of a saved diffusers folder, by its pipeline class name, whatever the task (text2img, inpainting,
    ...)."""
    return next((family for family in FAMILIES if class_name.startswith(family.class_prefixes)), None)


def family_of_checkpoint(model_type: str) -> type[Family] | None:
    """The family of a single-file checkpoint, by the model type that diffusers infers ("v1", "xl_base", ...)."""
    return next((family for family in FAMILIES if model_type.startswith(family.checkpoint_prefixes)), None)
