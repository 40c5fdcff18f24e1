"""What an edit has to know about a kind of model: how it encodes and decodes, what its pipeline is called with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import torch
from PIL import Image
from torch import Tensor

from pixels_ext.diffusers_host.pipeline_hook import PipelineHook, count_steps
from pixels_ext.diffusers_host.samplers import AUTOMATIC, SAMPLERS, USUAL, Sampler, make_scheduler
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.errors import RequestError


class Family:
    """One kind of model, in the img2img pipeline that diffusers has for it.

    Here is what holds for a U-Net beside an `AutoencoderKL`; a subclass says where its kind differs. Latents are
    `[B, C, h, w]` unless the subclass says otherwise; their last two dimensions are always the picture.
    """

    title: ClassVar[str]
    """As users know it."""
    pipeline_class: ClassVar[str]
    """The img2img pipeline, a class of diffusers."""
    saved_as: ClassVar[tuple[str, ...]]
    """How the class names begin under which diffusers saves such models."""
    checkpoints: ClassVar[tuple[str, ...]] = ()
    """How diffusers' own names for the layouts of single files begin."""
    samplers: ClassVar[Mapping[str, Sampler]] = SAMPLERS
    usual_sampler: ClassVar[str] = USUAL
    whole_autoencoder: ClassVar[bool] = True
    """Whether the autoencoder works in full precision beside a model in half: most overflow in half."""
    half: ClassVar[torch.dtype] = torch.float16
    """The half precision in which such models work: on CUDA the usual one."""
    denoiser_name: ClassVar[str] = "unet"

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline

    @property
    def scheduled(self) -> tuple[Any, ...]:
        """The pipelines that take the scheduler of an edit."""
        return (self.pipeline,)

    @property
    def device(self) -> torch.device:
        """Where the model works, which with offloading is not where its parts lie."""
        return self.scheduled[0]._execution_device

    @property
    def denoiser(self) -> Any:
        """The network that takes the noise away."""
        return getattr(self.pipeline, self.denoiser_name)

    @property
    def autoencoder(self) -> Any:
        """The network between pictures and latents."""
        return self.pipeline.vae

    @property
    def cell(self) -> int:
        """Pixels along the side of one place of the latent."""
        return int(self.pipeline.vae_scale_factor)

    @property
    def patch(self) -> int:
        """The sides of a latent are multiples of this."""
        return 1

    @property
    def multiple(self) -> int:
        """The sides of a picture are multiples of this."""
        return self.cell * self.patch

    @property
    def trained(self) -> int:
        """The side, in pixels, of the pictures that the model was trained on."""
        return int(self.denoiser.config.sample_size) * self.cell

    @property
    def channels(self) -> tuple[int, int]:
        """How many channels the model takes, and how many a latent has. Inpainting models take more."""
        return int(self.denoiser.config.in_channels), int(self.autoencoder.config.latent_channels)

    def rest(self) -> None:
        """Where the parts of the model are kept off the device, bring back those that were used outside a pipeline."""
        for pipeline in self.scheduled:
            pipeline.maybe_free_model_hooks()

    def show_progress(self, words: str, *, quiet: bool) -> None:
        """Label the progress bar, or leave it out."""
        for pipeline in self.scheduled:
            pipeline.set_progress_bar_config(desc=words, disable=quiet)

    def encode(self, pixels: Tensor) -> Tensor:
        """Picture `[1, 3, H, W]` in [-1, 1] to its clean latent (`ldm_encode`): the mode of the posterior, so that
        equal pictures are equal."""
        vae = self.autoencoder
        latent = vae.encode(pixels.to(self.device, vae.dtype)).latent_dist.mode()
        shift, scale = self._normalisation(latent)
        return ((latent - shift) * scale).to(self.denoiser.dtype)

    def decode(self, latent: Tensor) -> Tensor:
        """Clean latent to picture `[1, 3, H, W]` in [-1, 1] (`ldm_decode`)."""
        vae = self.autoencoder
        latent = latent.to(self.device, vae.dtype)
        shift, scale = self._normalisation(latent)
        return vae.decode(latent / scale + shift).sample

    def _normalisation(self, latent: Tensor) -> tuple[Any, Any]:
        config = self.autoencoder.config
        return config.get("shift_factor") or 0.0, config.scaling_factor

    def check(self, settings: Settings) -> None:
        """Raise `RequestError` for what this model cannot take: diffusers would cut it off or leave it out."""
        tokenizer, longest, marks = self._reader()
        for name, words in (("prompt", settings.words), ("negative_prompt", settings.negative_words)):
            count = len(tokenizer(words).input_ids)
            if count > longest:
                raise RequestError(name, f"has {count - marks} tokens", f"at most {longest - marks} for this model")

    def _reader(self) -> tuple[Any, int, int]:
        """The tokenizer that counts, the longest text that it takes, and how many of its tokens are only marks."""
        tokenizer = self.pipeline.tokenizer
        return tokenizer, tokenizer.model_max_length, 2

    def settled(self, settings: Settings) -> Settings:
        """`settings` with the sampler's name where it said "automatic"."""
        return replace(settings, sampler=self.usual_sampler) if settings.sampler == AUTOMATIC else settings

    def scheduler(self, settings: Settings) -> Any:
        """A fresh scheduler of the sampler that `settings` names. Raises `RequestError` if it does not fit."""
        return make_scheduler(settings.sampler, settings.schedule, self.scheduled[0].scheduler.config, self.samplers)

    def count_steps(self, scheduler: Any, settings: Settings) -> int:
        """How many denoising steps an edit with `settings` runs, the paper's `T`."""
        scheduler.set_timesteps(settings.steps)
        return count_steps(scheduler, settings.steps - settings.steps_run)

    def sample(
        self, canvas: Image.Image, surgical: Tensor, settings: Settings, seeds: Sequence[int], hook: PipelineHook
    ) -> Tensor:
        """Run the pipeline from the surgical latent, one picture for each seed. Returns `[B, C, h, w]`.

        `canvas`: the padded source, for pipelines that take nothing but pictures. The scheduler is in its place.
        """
        generators = generators_of(seeds)
        return self.run(self.pipeline, hook, self.arguments(surgical, settings, len(seeds)), generators)

    def run(self, pipeline: Any, hook: PipelineHook, arguments: dict[str, Any], generators: Any) -> Tensor:
        """Call a pipeline of diffusers with `hook` in it, and take the latent."""
        return pipeline(
            **arguments,
            generator=generators,
            callback_on_step_end=hook.on_step_end,
            callback_on_step_end_tensor_inputs=["latents"],
            output_type="latent",
        ).images

    def arguments(self, surgical: Tensor, settings: Settings, count: int) -> dict[str, Any]:
        """What the pipeline is called with for `count` pictures."""
        return {
            "prompt": [settings.words] * count,
            "negative_prompt": [settings.negative_words] * count,
            "image": surgical.expand(count, *surgical.shape[1:]),
            "strength": settings.strength,
            "num_inference_steps": settings.steps,
            # Without a difference between the two prompts guidance changes nothing and costs half of the time.
            "guidance_scale": settings.guidance if settings.prompt != settings.negative_prompt else 1.0,
        }

    def unpacked(self, latents: Tensor, size: tuple[int, int]) -> Tensor:
        """What the pipeline passes between its steps, as a latent whose last two dimensions are `size`, `(h, w)`."""
        return latents

    def packed(self, latents: Tensor) -> Tensor:
        """The reverse of `unpacked`."""
        return latents


def generators_of(seeds: Sequence[int]) -> list[torch.Generator]:
    """One source of noise for each picture, so that each is the same alone and among others."""
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
