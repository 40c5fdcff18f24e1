"""A whole edit on diffusers: source, request and settings in, picture out.

from PIL import Image
from pixels_ext import EditRequest, Exemplar
from pixels_ext.standalone import Editor, Settings

source, exemplar = Image.open("lake.jpg"), Image.open("winter.jpg")
edit_map = Image.open("map.png")  # white keeps the source, black becomes the exemplar
request = EditRequest(exemplars=(Exemplar(image=exemplar, edit_map=edit_map),), threshold="log")

editor = Editor.load("path/to/model")
result = editor.edit(source, request, Settings(prompt="snow", strength=0.6, steps=30, seed=1))
result.picture.save("edit.png")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from pixels_ext.compositing import with_white_kept
from pixels_ext.preparing import PreparedExemplar, combined_release, composite, passes, prepared
from pixels_ext.release import combined, release_maps
from pixels_ext.request import EditRequest
from pixels_ext.standalone.canvas import Padding, on_white, to_picture, working_size
from pixels_ext.standalone.hook import PipelineHook
from pixels_ext.standalone.loading import load_pipeline
from pixels_ext.standalone.samplers import make_scheduler
from pixels_ext.standalone.settings import Settings
from pixels_ext.surgery import surgical_latent
from pixels_ext.timeline import Moment, evenly_spaced


@dataclass(frozen=True)
class EditResult:
    """`picture`: the edit. `composite`: the surgical picture of the (last) pass, pasted but not denoised. `moments`:
    the time line of the last pass. `steps`: denoising steps run in each pass. All pictures RGB, of one size."""

    picture: Image.Image
    composite: Image.Image
    steps: int
    moments: list[Moment] = field(default_factory=list)


class Editor:
    """Edits with one loaded pipeline. Keeps nothing between edits but the model."""

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline

    @classmethod
    def load(cls, model: str, device: str = "auto", precision: str = "auto", config: str | None = None) -> Editor:
        """An editor for the model in `model`. See `pixels_ext.standalone.loading.load_pipeline`."""
        return cls(load_pipeline(model, device, precision, config))

    def edit(
        self,
        source: Image.Image,
        request: EditRequest,
        settings: Settings,
        *,
        on_pass: Callable[[int, int], None] = lambda index, count: None,
    ) -> EditResult:
        """Make the edit. `on_pass` is told the number of each pass before it begins, and how many there are.

        Single-pass is Algorithm 2, iterative Algorithm 1 repeated; pass `k` of an iterative edit draws its noise with
        seed + k. Raises `RequestError` when the source, a map or a setting cannot be used.
        """
        canvas = self._canvas(source, settings)
        groups = passes(request)
        result = None
        for number, group in enumerate(groups):
            on_pass(number, len(groups))
            exemplars = [prepared(request, index, source, canvas) for index in group]
            result = self._one_pass(canvas, exemplars, settings, settings.seed + number, request.keep_white)
            canvas = result.picture
        assert result is not None  # a request has at least one exemplar
        return result

    def composite(self, source: Image.Image, request: EditRequest, settings: Settings) -> Image.Image:
        """The surgical picture of all exemplars, without running the model."""
        canvas = self._canvas(source, settings)
        exemplars = [prepared(request, index, source, canvas) for index in range(len(request.exemplars))]
        return composite(canvas, exemplars, settings.steps_run)

    def _canvas(self, source: Image.Image, settings: Settings) -> Image.Image:
        trained = self.pipeline.unet.config.sample_size * self.pipeline.vae_scale_factor
        return on_white(source, working_size(source.size, settings.size, trained))

    @torch.inference_mode()
    def _one_pass(
        self, canvas: Image.Image, exemplars: list[PreparedExemplar], settings: Settings, seed: int, keep_white: bool
    ) -> EditResult:
        padding = Padding(canvas.size, self.pipeline.vae_scale_factor)
        steps = settings.steps_run
        maps = [padding.map(exemplar.edit_map) for exemplar in exemplars]
        thresholds = [exemplar.threshold for exemplar in exemplars]
        init_latent = self._encode(padding.picture(canvas))

        height, width = init_latent.shape[-2:]

        def releases(run_steps: int) -> list[Tensor]:
            return release_maps(maps, thresholds, (height, width), run_steps)

        surgical = surgical_latent(
            init_latent,
            (
                (self._encode(padding.picture(exemplar.picture)), release.to(init_latent.device))
                for exemplar, release in zip(exemplars, releases(steps), strict=True)
            ),
        )
        recorded: list[tuple[int, Tensor, Tensor]] = []
        wanted = set(evenly_spaced(steps, settings.moments) if settings.moments else ())

        def record(step: int, latent: Tensor, held: Tensor) -> None:
            if step in wanted:
                recorded.append((step, latent.clone(), held.clone()))

        scheduler = make_scheduler(settings.sampler, settings.schedule, self.pipeline.scheduler.config)
        hook = PipelineHook(
            scheduler, init_latent, lambda n: combined(releases(n)), settings.steps - settings.steps_run, record
        )
        latent = self._sample(surgical, settings, seed, scheduler, hook)
        picture = padding.cropped(to_picture(self._decode(latent)))
        if keep_white:
            picture = with_white_kept(picture, canvas, combined_release(exemplars, steps))
        moments = [
            Moment(f"step {step} of {steps}", padding.cropped(to_picture(self._decode(x))), _held_pixels(held, padding))
            for step, x, held in recorded
        ]
        return EditResult(picture, composite(canvas, exemplars, steps), steps, moments)

    def _sample(self, surgical: Tensor, settings: Settings, seed: int, scheduler: Any, hook: PipelineHook) -> Tensor:
        own, self.pipeline.scheduler = self.pipeline.scheduler, scheduler
        try:
            return self.pipeline(
                prompt=settings.prompt,
                negative_prompt=settings.negative_prompt,
                image=surgical,
                strength=settings.strength,
                num_inference_steps=settings.steps,
                # Without a difference between the two prompts guidance changes nothing and costs half of the time.
                guidance_scale=settings.guidance if settings.prompt != settings.negative_prompt else 1.0,
                generator=torch.Generator("cpu").manual_seed(seed),
                callback_on_step_end=hook.on_step_end,
                callback_on_step_end_tensor_inputs=["latents"],
                output_type="latent",
            ).images
        finally:
            self.pipeline.scheduler = own

    def _encode(self, pixels: Tensor) -> Tensor:
        """Picture to clean latent (`ldm_encode`): the mode of the posterior, so that equal pictures are equal."""
        vae = self.pipeline.vae
        latent = vae.encode(pixels.to(vae.device, vae.dtype)).latent_dist.mode() * vae.config.scaling_factor
        return latent.to(self.pipeline.unet.dtype)

    def _decode(self, latent: Tensor) -> Tensor:
        vae = self.pipeline.vae
        return vae.decode(latent.to(vae.dtype) / vae.config.scaling_factor).sample


def _held_pixels(held: Tensor, padding: Padding) -> Any:
    grown = held[0, 0].repeat_interleave(padding.multiple, 0).repeat_interleave(padding.multiple, 1)
    return grown[: padding.size[1], : padding.size[0]].cpu().numpy()
