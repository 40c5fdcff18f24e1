"""Kandinsky 2.2: a prior turns the prompt into an image embedding, the decoder paints from it."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from PIL import Image
from torch import Tensor

from pixels_ext.diffusers_host.families.family import Family, generators_of
from pixels_ext.diffusers_host.pipeline_hook import PipelineHook
from pixels_ext.diffusers_host.samplers import SAMPLERS
from pixels_ext.diffusers_host.settings import Settings

_TAKEN = ("DDPM", "DDIM", "DPM++ 2S", "DPM++ 2M", "DPM++ 2M SDE", "DPM++ 3M SDE", "SA-Solver", "LCM", "TCD")


class Kandinsky22(Family):
    """The pipeline is diffusers' combined one, whose two parts are called here one after the other.

    The decoder neither scales what the model sees nor asks the sampler for anything but a step with a generator, so it
    takes only samplers that work so. It encodes its picture itself; the hook puts the surgical latent in its place.
    """

    title = "Kandinsky 2.2"
    pipeline_class = "KandinskyV22Img2ImgCombinedPipeline"
    saved_as = ("KandinskyV22Pipeline", "KandinskyV22Img2Img", "KandinskyV22Inpaint", "KandinskyV22Combined")
    samplers = MappingProxyType({name: SAMPLERS[name] for name in _TAKEN})
    usual_sampler = "DDPM"
    whole_autoencoder = False  # the decoder encodes in the precision of its model

    @property
    def scheduled(self) -> tuple[Any, ...]:
        return (self.pipeline.decoder_pipe,)

    @property
    def autoencoder(self) -> Any:
        return self.pipeline.movq

    @property
    def cell(self) -> int:
        return int(2 ** (len(self.autoencoder.config.block_out_channels) - 1))

    @property
    def patch(self) -> int:
        return int(2 ** (len(self.denoiser.config.block_out_channels) - 1))  # it cannot halve an odd side

    def encode(self, pixels: Tensor) -> Tensor:
        movq = self.autoencoder
        latent = movq.encode(pixels.to(self.device, movq.dtype)).latents
        return latent.to(self.denoiser.dtype)

    def decode(self, latent: Tensor) -> Tensor:
        movq = self.autoencoder
        latent = latent.to(self.device, movq.dtype)
        return movq.decode(latent, force_not_quantize=True).sample

    def _reader(self) -> tuple[Any, int, int]:
        tokenizer = self.pipeline.prior_tokenizer
        return tokenizer, tokenizer.model_max_length, 2

    def show_progress(self, words: str, *, quiet: bool) -> None:
        super().show_progress(words, quiet=quiet)
        self.pipeline.prior_pipe.set_progress_bar_config(desc="prompt", disable=quiet)

    def sample(
        self, canvas: Image.Image, surgical: Tensor, settings: Settings, seeds: Sequence[int], hook: PipelineHook
    ) -> Tensor:
        count = len(seeds)
        embedding, negative = self.pipeline.prior_pipe(
            prompt=[settings.words] * count,
            negative_prompt=[settings.negative_words] * count if settings.negative_prompt else None,
            generator=generators_of(seeds),
            return_dict=False,
        )
        hook.start = surgical
        arguments = {
            "image": [canvas] * count,
            "image_embeds": embedding,
            "negative_image_embeds": negative,
            "height": None,  # the picture's own: diffusers takes the two for each other
            "width": None,
            "strength": settings.strength,
            "num_inference_steps": settings.steps,
            "guidance_scale": settings.guidance,
        }
        return self.run(self.pipeline.decoder_pipe, hook, arguments, generators_of(seeds))
