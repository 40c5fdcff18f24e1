"""Z-Image."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from pixels_ext.diffusers_host.families.flow import Flow
from pixels_ext.diffusers_host.settings import Settings


class ZImage(Flow):
    """Its guidance scale is the usual one minus 1: 0 is no guidance."""

    title = "Z-Image"
    pipeline_class = "ZImageImg2ImgPipeline"
    class_prefixes = ("ZImagePipeline", "ZImageImg2Img", "ZImageInpaint", "ZImageControlNet")
    checkpoint_prefixes = ("z-image",)

    def __init__(self, pipeline: Any) -> None:
        super().__init__(pipeline)
        # Without this the pipeline mistakes a latent for an image and resizes it to nothing.
        pipeline.image_processor.register_to_config(vae_latent_channels=self.channels[1])

    @property
    def native_size(self) -> int:
        return 1024  # not in the model's config

    def _tokenizer(self) -> tuple[Any, int, int]:
        tokenizer = self.pipeline.tokenizer

        def tokenize(text: str) -> Any:
            messages = [{"role": "user", "content": text}]
            options = {"tokenize": False, "add_generation_prompt": True, "enable_thinking": True}
            return tokenizer(tokenizer.apply_chat_template(messages, **options))

        return tokenize, self.max_tokens, len(tokenize("").input_ids)

    def pipeline_arguments(self, surgical: Tensor, settings: Settings, count: int) -> dict[str, Any]:
        arguments = super().pipeline_arguments(surgical, settings, count)
        return arguments | {"guidance_scale": max(0.0, arguments["guidance_scale"] - 1)}
