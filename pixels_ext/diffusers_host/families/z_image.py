"""Z-Image."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from pixels_ext.diffusers_host.families.flow import Flow
from pixels_ext.diffusers_host.settings import Settings


class ZImage(Flow):
    """Its guidance counts from 0 where everybody else's counts from 1."""

    title = "Z-Image"
    pipeline_class = "ZImageImg2ImgPipeline"
    saved_as = ("ZImagePipeline", "ZImageImg2Img", "ZImageInpaint", "ZImageControlNet")
    checkpoints = ("z-image",)

    def __init__(self, pipeline: Any) -> None:
        super().__init__(pipeline)
        # Without this the pipeline takes a latent for a picture and would scale it down to nothing.
        pipeline.image_processor.register_to_config(vae_latent_channels=self.channels[1])

    @property
    def trained(self) -> int:
        return 1024  # written nowhere in the model

    def _reader(self) -> tuple[Any, int, int]:
        tokenizer = self.pipeline.tokenizer

        def read(text: str) -> Any:
            told = [{"role": "user", "content": text}]
            options = {"tokenize": False, "add_generation_prompt": True, "enable_thinking": True}
            return tokenizer(tokenizer.apply_chat_template(told, **options))

        return read, self.longest_text, len(read("").input_ids)

    def arguments(self, surgical: Tensor, settings: Settings, count: int) -> dict[str, Any]:
        arguments = super().arguments(surgical, settings, count)
        return arguments | {"guidance_scale": max(0.0, arguments["guidance_scale"] - 1)}
