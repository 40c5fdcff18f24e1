"""Kandinsky 2.2: a prior makes an image embedding from the prompt, and the decoder an image from the embedding."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from PIL import Image
from torch import Tensor

from pixels_ext.diffusers_host.families.family import Family, make_generators
from pixels_ext.diffusers_host.pipeline_hook import PipelineHook
from pixels_ext.diffusers_host.samplers import SAMPLERS
from pixels_ext.diffusers_host.settings import Settings

_SUPPORTED_SAMPLERS = (
    "DDPM",
    "DDIM",
    "DPM++ 2S",
    "DPM++ 2M",
    "DPM++ 2M SDE",
    "DPM++ 3M SDE",
    "SA-Solver",
    "LCM",
    "TCD",
)


class Kandinsky22(Family):
    """Uses diffusers' combined pipeline and calls its two parts one after the other.

    The decoder does not scale the model input (`scale_model_input`), and passes the scheduler's `step` a generator, so
    only samplers that work with this are supported. It encodes its image itself; the hook replaces the result with the
    surgical latent.
    """

    title = "Kandinsky 2.2"
    pipeline_class = "KandinskyV22Img2ImgCombinedPipeline"
    class_prefixes = ("KandinskyV22Pipeline", "KandinskyV22Img2Img", "KandinskyV22Inpaint", "KandinskyV22Combined")
    samplers = MappingProxyType({name: SAMPLERS[name] for name in _SUPPORTED_SAMPLERS})
    default_sampler = "DDPM"
    upcast_vae = False  # the decoder encodes in the dtype of its model

    @property
    def scheduled_pipelines(self) -> tuple[Any, ...]:
        return (self.pipeline.decoder_pipe,)

    @property
    def autoencoder(self) -> Any:
        return self.pipeline.movq

    @property
    def vae_scale_factor(self) -> int:
        return int(2 ** (len(self.autoencoder.config.block_out_channels) - 1))

    @property
    def patch_size(self) -> int:
        return int(2 ** (len(self.denoiser.config.block_out_channels) - 1))  # the U-Net halves the sides this often

    def encode(self, pixels: Tensor) -> Tensor:
        movq = self.autoencoder
        latent: Tensor = movq.encode(pixels.to(self.device, movq.dtype)).latents
        return latent.to(self.denoiser.dtype)

    def decode(self, latent: Tensor) -> Tensor:
        movq = self.autoencoder
        latent = latent.to(self.device, movq.dtype)
        pixels: Tensor = movq.decode(latent, force_not_quantize=True).sample
        return pixels

    def _tokenizer(self) -> tuple[Any, int, int]:
        tokenizer = self.pipeline.prior_tokenizer
        return tokenizer, tokenizer.model_max_length, 2

    def configure_progress_bar(self, label: str, *, quiet: bool) -> None:
        super().configure_progress_bar(label, quiet=quiet)
        self.pipeline.prior_pipe.set_progress_bar_config(desc="prompt", disable=quiet)

    def sample(
        self, canvas: Image.Image, surgical: Tensor, settings: Settings, seeds: Sequence[int], hook: PipelineHook
    ) -> Tensor:
        count = len(seeds)
        embedding, negative = self.pipeline.prior_pipe(
            prompt=[settings.plain_prompt] * count,
            negative_prompt=[settings.plain_negative_prompt] * count if settings.negative_prompt else None,
            generator=make_generators(seeds),
            return_dict=False,
        )
        hook.start_latent = surgical
        arguments = {
            "image": [canvas] * count,
            "image_embeds": embedding,
            "negative_image_embeds": negative,
            "height": None,  # the image's own; diffusers swaps the two
            "width": None,
            "strength": settings.strength,
            "num_inference_steps": settings.steps,
            "guidance_scale": settings.guidance_scale,
        }
        return self.run(self.pipeline.decoder_pipe, hook, arguments, make_generators(seeds))
