"""The base class of model families: how a kind of model encodes and decodes, and how its pipeline is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import torch
from PIL import Image
from torch import Tensor

from pixels_ext.diffusers_host.pipeline_hook import PipelineHook, count_steps
from pixels_ext.diffusers_host.samplers import AUTOMATIC, DEFAULT_SAMPLER, SAMPLERS, Sampler, make_scheduler
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.errors import RequestError


class Family:
    """One kind of model, with the img2img pipeline that diffusers has for it.

    This base class describes a U-Net with an `AutoencoderKL`; subclasses override what differs. Latents are
    `[B, C, h, w]` unless the subclass says otherwise; the last two dimensions are always height and width.
    """

    title: ClassVar[str]
    """The name users know it by."""
    pipeline_class: ClassVar[str]
    """Name of the img2img pipeline class in diffusers."""
    class_prefixes: ClassVar[tuple[str, ...]]
    """Prefixes of the pipeline class names that saved diffusers folders of this family have."""
    checkpoint_prefixes: ClassVar[tuple[str, ...]] = ()
    """Prefixes of the model types that diffusers infers from single-file checkpoints."""
    samplers: ClassVar[Mapping[str, Sampler]] = SAMPLERS
    default_sampler: ClassVar[str] = DEFAULT_SAMPLER
    upcast_vae: ClassVar[bool] = True
    """Whether the autoencoder runs in fp32 when the model runs in half precision: most overflow in half precision."""
    half_dtype: ClassVar[torch.dtype] = torch.float16
    """The half precision that this family works in, used by default on CUDA."""
    denoiser_name: ClassVar[str] = "unet"

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline

    @property
    def scheduled_pipelines(self) -> tuple[Any, ...]:
        """The pipelines that run with the scheduler of an edit."""
        return (self.pipeline,)

    @property
    def device(self) -> torch.device:
        """The device that the model runs on. With offloading, its parts are elsewhere in the meantime."""
        device: torch.device = self.scheduled_pipelines[0]._execution_device
        return device

    @property
    def denoiser(self) -> Any:
        """The denoising network: a U-Net or a transformer."""
        return getattr(self.pipeline, self.denoiser_name)

    @property
    def autoencoder(self) -> Any:
        """The network that encodes images to latents and decodes them."""
        return self.pipeline.vae

    @property
    def vae_scale_factor(self) -> int:
        """Pixels along one side of a latent cell."""
        return int(self.pipeline.vae_scale_factor)

    @property
    def patch_size(self) -> int:
        """Width and height of a latent must be multiples of this."""
        return 1

    @property
    def size_multiple(self) -> int:
        """Width and height of an image, in pixels, must be multiples of this."""
        return self.vae_scale_factor * self.patch_size

    @property
    def native_size(self) -> int:
        """Side length, in pixels, of the images that the model was trained on."""
        return int(self.denoiser.config.sample_size) * self.vae_scale_factor

    @property
    def channels(self) -> tuple[int, int]:
        """The model's input channels and the channels of a latent. Inpainting models have more input channels."""
        return int(self.denoiser.config.in_channels), int(self.autoencoder.config.latent_channels)

    def free_hooks(self) -> None:
        """With model offloading, move back to the CPU what was used outside a pipeline call."""
        for pipeline in self.scheduled_pipelines:
            pipeline.maybe_free_model_hooks()

    def configure_progress_bar(self, label: str, *, quiet: bool) -> None:
        """Set the label of the progress bar, or disable it."""
        for pipeline in self.scheduled_pipelines:
            pipeline.set_progress_bar_config(desc=label, disable=quiet)

    def encode(self, pixels: Tensor) -> Tensor:
        """Image `[1, 3, H, W]` in [-1, 1] to its clean latent (`ldm_encode`): the mode of the posterior, so that equal
        images have equal latents."""
        vae = self.autoencoder
        latent: Tensor = vae.encode(pixels.to(self.device, vae.dtype)).latent_dist.mode()
        shift, scale = self._latent_scaling(latent)
        return ((latent - shift) * scale).to(self.denoiser.dtype)

    def decode(self, latent: Tensor) -> Tensor:
        """Clean latent to image `[1, 3, H, W]` in [-1, 1] (`ldm_decode`)."""
        vae = self.autoencoder
        latent = latent.to(self.device, vae.dtype)
        shift, scale = self._latent_scaling(latent)
        pixels: Tensor = vae.decode(latent / scale + shift).sample
        return pixels

    def _latent_scaling(self, latent: Tensor) -> tuple[Tensor | float, Tensor | float]:
        """Shift and scale between the autoencoder's latents and the model's."""
        config = self.autoencoder.config
        return config.get("shift_factor") or 0.0, config.scaling_factor

    def check(self, settings: Settings) -> None:
        """Raise `RequestError` for settings that diffusers would silently truncate or ignore with this model."""
        tokenizer, max_tokens, special_tokens = self._tokenizer()
        for name, text in (("prompt", settings.plain_prompt), ("negative_prompt", settings.plain_negative_prompt)):
            count = len(tokenizer(text).input_ids) - special_tokens
            if count > max_tokens - special_tokens:
                found, expected = f"has {count} tokens", f"at most {max_tokens - special_tokens} for this model"
                raise RequestError(name, found, expected)

    def _tokenizer(self) -> tuple[Any, int, int]:
        """The tokenizer that counts, the maximum number of tokens, and how many of them are special tokens."""
        tokenizer = self.pipeline.tokenizer
        return tokenizer, tokenizer.model_max_length, 2

    def with_default_sampler(self, settings: Settings) -> Settings:
        """`settings` with the family's default sampler in place of "automatic"."""
        return replace(settings, sampler=self.default_sampler) if settings.sampler == AUTOMATIC else settings

    def scheduler(self, settings: Settings) -> Any:
        """A new scheduler for the sampler in `settings`. Raises `RequestError` if the model cannot use it."""
        config = self.scheduled_pipelines[0].scheduler.config
        return make_scheduler(settings.sampler, settings.schedule, config, self.samplers)

    def count_steps(self, scheduler: Any, settings: Settings) -> int:
        """Number of denoising steps that an edit with `settings` runs, the paper's `T`."""
        scheduler.set_timesteps(settings.steps)
        return count_steps(scheduler, settings.steps - settings.steps_run)

    def sample(
        self, canvas: Image.Image, surgical: Tensor, settings: Settings, seeds: Sequence[int], hook: PipelineHook
    ) -> Tensor:
        """Run the pipeline from the surgical latent, one image per seed. Returns `[B, C, h, w]`.

        `canvas`: the padded source, for pipelines that only accept images. The pipeline's scheduler is already set.
        """
        generators = make_generators(seeds)
        return self.run(self.pipeline, hook, self.pipeline_arguments(surgical, settings, len(seeds)), generators)

    def run(
        self, pipeline: Any, hook: PipelineHook, arguments: dict[str, Any], generators: list[torch.Generator]
    ) -> Tensor:
        """Call a diffusers pipeline with `hook` installed. Returns the final latent."""
        latent: Tensor = pipeline(
            **arguments,
            generator=generators,
            callback_on_step_end=hook.on_step_end,
            callback_on_step_end_tensor_inputs=["latents"],
            output_type="latent",
        ).images
        return latent

    def pipeline_arguments(self, surgical: Tensor, settings: Settings, count: int) -> dict[str, Any]:
        """The arguments of the pipeline call for `count` images."""
        return {
            "prompt": [settings.plain_prompt] * count,
            "negative_prompt": [settings.plain_negative_prompt] * count,
            "image": surgical.expand(count, *surgical.shape[1:]),
            "strength": settings.strength,
            "num_inference_steps": settings.steps,
            # With two equal prompts, guidance changes nothing and doubles the time.
            "guidance_scale": settings.guidance_scale if settings.prompt != settings.negative_prompt else 1.0,
        }

    def unpack_latents(self, latents: Tensor, size: tuple[int, int]) -> Tensor:
        """From what the pipeline passes between its steps to a latent whose last two dimensions are `size`, `(h,
        w)`."""
        return latents

    def pack_latents(self, latents: Tensor) -> Tensor:
        """The reverse of `unpack_latents`."""
        return latents


def make_generators(seeds: Sequence[int]) -> list[torch.Generator]:
    """One noise generator per image, so that an image is the same alone and in a batch."""
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
