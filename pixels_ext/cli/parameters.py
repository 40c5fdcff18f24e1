"""The generation parameters in a result's metadata, in the WebUI's format, which other tools and the panel can read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from PIL import Image
from PIL.PngImagePlugin import PngInfo

import pixels_ext
from pixels_ext.diffusers_host.extras import Lora
from pixels_ext.diffusers_host.model_files import model_name
from pixels_ext.diffusers_host.samplers import AUTOMATIC
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.imaging.hash import image_hash
from pixels_ext.request import EditRequest
from pixels_ext.request.summary import REQUEST_KEY, SUMMARY_KEY, TITLE, compact_json, short_text


def parameters(
    settings: Settings,
    request: EditRequest,
    source: Image.Image,
    result: Image.Image,
    models: Mapping[str, str],
    loras: Sequence[Lora] = (),
    reason: str = "",
) -> str:
    """Prompt, negative prompt and one line of `key: value` pairs; images appear as hashes.

    `models`: names for the keys "Model" and "Refiner", which may be empty. `loras`: written into the prompt, as in the
    WebUI. `reason`: the reason for a suggested strength.
    """
    schedule = "" if settings.schedule == AUTOMATIC else settings.schedule.capitalize()
    pairs = {
        "Steps": settings.steps,
        "Sampler": settings.sampler,
        "Schedule type": schedule,
        "CFG scale": f"{settings.guidance_scale:g}",
        "Seed": settings.seed,
        "Size": f"{result.width}x{result.height}",
        "Model": models["Model"],
        "Refiner": models.get("Refiner", ""),
        "Refiner switch at": f"{settings.refiner_at:g}" if models.get("Refiner") else "",
        "Denoising strength": f"{settings.strength:g}",
        "PIXELS strength": reason,
        "Script": TITLE,
        SUMMARY_KEY: short_text(request),
        REQUEST_KEY: compact_json(request),
        "PIXELS source": image_hash(source),
        "Version": f"PIXELS {pixels_ext.__version__}",
    }
    prompt = " ".join(
        filter(None, [settings.prompt, *(f"<lora:{model_name(lora.file)}:{lora.weight:g}>" for lora in loras)])
    )
    lines = [prompt] if prompt else []
    if settings.negative_prompt:
        lines.append(f"Negative prompt: {settings.negative_prompt}")
    lines.append(", ".join(f"{key}: {_quoted(value)}" for key, value in pairs.items() if value != ""))
    return "\n".join(lines)


def png_info(text: str) -> PngInfo:
    """The parameters as a PNG text chunk, for `Image.save(..., pnginfo=...)`."""
    info = PngInfo()
    info.add_text("parameters", text.encode("utf-8", "backslashreplace").decode())  # file names may not be valid text
    return info


def _quoted(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if any(character in text for character in ',:\n"') else text
