"""Every kind of model that an edit can be made with, and the table of them. A new one is a file and a line here."""

from __future__ import annotations

from typing import Any

from pixels_ext.diffusers_host.families.family import Family
from pixels_ext.diffusers_host.families.flux import Flux
from pixels_ext.diffusers_host.families.kandinsky import Kandinsky22
from pixels_ext.diffusers_host.families.qwen_image import QwenImage
from pixels_ext.diffusers_host.families.refined import RefinedSdxl
from pixels_ext.diffusers_host.families.sd3 import Sd3
from pixels_ext.diffusers_host.families.sdxl import Sdxl
from pixels_ext.diffusers_host.families.stable_diffusion import StableDiffusion
from pixels_ext.diffusers_host.families.z_image import ZImage

FAMILIES: tuple[type[Family], ...] = (Sdxl, Sd3, StableDiffusion, Kandinsky22, Flux, QwenImage, ZImage)
"""In the order in which names are compared: `StableDiffusion` begins three of them."""

__all__ = ["FAMILIES", "Family", "RefinedSdxl", "Sdxl", "family_of", "family_of_checkpoint", "family_saved_as"]


def family_of(pipeline: Any) -> Family:
    """The family that edits with `pipeline`, one of the img2img pipelines named in `FAMILIES`.

    Raises `TypeError` for another pipeline.
    """
    name = type(pipeline).__name__
    for family in FAMILIES:
        if family.pipeline_class == name:
            return family(pipeline)
    raise TypeError(f"{name} edits nothing here, expected one of: {', '.join(f.pipeline_class for f in FAMILIES)}.")


def family_saved_as(class_name: str) -> type[Family] | None:
    """The family of models that diffusers saved under this class name, whatever it was made for (text2img, ...)."""
    return next((family for family in FAMILIES if class_name.startswith(family.saved_as)), None)


def family_of_checkpoint(layout: str) -> type[Family] | None:
    """The family of a single file, by diffusers' name for its layout ("v1", "xl_base", "sd35_large", ...)."""
    return next((family for family in FAMILIES if layout.startswith(family.checkpoints)), None)
