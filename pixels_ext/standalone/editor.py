"""A whole edit on diffusers: source, request and settings in, picture out.

```python
from PIL import Image
from pixels_ext import EditRequest, Exemplar
from pixels_ext.standalone import Editor, Settings

source, exemplar = Image.open("lake.jpg"), Image.open("winter.jpg")
edit_map = Image.open("map.png")  # white keeps the source, black becomes the exemplar
request = EditRequest(exemplars=(Exemplar(image=exemplar, edit_map=edit_map),), threshold="log")

editor = Editor.load("path/to/model")
result = editor.edit(source, request, Settings(prompt="snow", strength=0.6, steps=30, seed=1))
result.picture.save("edit.png")
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from pixels_ext.compositing import with_white_kept
from pixels_ext.errors import RequestError
from pixels_ext.maps import Means
from pixels_ext.preparing import PreparedExemplar, check_maps, combined_release, composite, passes, prepared
from pixels_ext.release import combined, release_map
from pixels_ext.request import EditRequest
from pixels_ext.standalone.auto_strength import suggested
from pixels_ext.standalone.canvas import Padding, on_white, to_picture, working_size
from pixels_ext.standalone.hook import PipelineHook, count_steps
from pixels_ext.standalone.loading import load_pipeline
from pixels_ext.standalone.samplers import make_scheduler
from pixels_ext.standalone.settings import LARGEST_SEED, Settings
from pixels_ext.suggest import Suggestion
from pixels_ext.surgery import surgical_latent
from pixels_ext.timeline import Moment, evenly_spaced

Record = tuple[str, Tensor, Tensor]
"""Label, the latent that the model is about to see, and what is held in it."""


@dataclass(frozen=True)
class EditResult:
    """`picture`: the edit, RGB. `moments`: the time line of the last pass, with pictures of the same size."""

    picture: Image.Image
    moments: list[Moment] = field(default_factory=list)


class Editor:
    """Edits with one loaded pipeline. Keeps nothing between edits but the model."""

    def __init__(self, pipeline: Any, means: Means | None = None) -> None:
        """`means`: what maps can be made with (a mask, models for depth and words); nothing of it if not given."""
        self.pipeline = pipeline
        self.means = means or Means()

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
        check_maps(request, source.size, self.means)
        self._check_prompts(settings)
        groups = passes(request)
        result = EditResult(canvas)
        for number, group in enumerate(groups):
            on_pass(number, len(groups))
            run = replace(settings, seed=(settings.seed + number) % (LARGEST_SEED + 1))
            result = self._one_pass(canvas, result.picture, request, group, run)
        return result

    @torch.inference_mode()
    def suggest_strength(self, source: Image.Image, request: EditRequest, settings: Settings) -> Suggestion:
        """The strength that Lemma 1 asks for, whatever `settings` say about it. Raises `RequestError` as `edit` does,
        and when every map is white."""
        canvas = self._canvas(source, settings)
        check_maps(request, source.size, self.means)
        exemplars = (prepared(request, i, canvas, canvas, self.means) for i in range(len(request.exemplars)))
        padding = Padding(canvas.size, self.pipeline.vae_scale_factor)
        return suggested(canvas, exemplars, settings, self.pipeline.scheduler.config, padding, self._encode)

    def composite(self, source: Image.Image, request: EditRequest, settings: Settings) -> Image.Image:
        """The surgical picture of all exemplars, without running the model."""
        canvas = self._canvas(source, settings)
        count = len(request.exemplars)
        exemplars = (prepared(request, index, canvas, canvas, self.means) for index in range(count))
        return composite(canvas, exemplars, settings.steps_run)

    def _check_prompts(self, settings: Settings) -> None:
        """diffusers cuts off what does not fit into the text encoder; refuse it instead."""
        tokenizer = self.pipeline.tokenizer
        for name in ("prompt", "negative_prompt"):
            count = len(tokenizer(getattr(settings, name)).input_ids)
            if count > tokenizer.model_max_length:
                limit = tokenizer.model_max_length - 2  # one token each marks the beginning and the end
                raise RequestError(name, f"has {count - 2} tokens", f"at most {limit} for this model")

    def _canvas(self, source: Image.Image, settings: Settings) -> Image.Image:
        trained = self.pipeline.unet.config.sample_size * self.pipeline.vae_scale_factor
        return on_white(source, working_size(source.size, settings.size, trained))

    @torch.inference_mode()
    def _one_pass(
        self, source: Image.Image, canvas: Image.Image, request: EditRequest, group: list[int], run: Settings
    ) -> EditResult:
        """One run of the sampler. Maps are made from `source` and lie over it, `canvas` is the picture that is edited;
        both have the size at work."""

        def exemplars() -> Iterator[PreparedExemplar]:
            return (prepared(request, index, source, canvas, self.means) for index in group)

        padding = Padding(canvas.size, self.pipeline.vae_scale_factor)
        latent, recorded = self._denoised(canvas, exemplars(), padding, run, request.between_steps)
        picture = padding.cropped(to_picture(self._decode(latent)))
        if request.keep_white:
            picture = with_white_kept(picture, canvas, combined_release(exemplars(), run.steps_run))
        moments = [
            Moment(label, padding.cropped(to_picture(self._decode(x))), padding.cells(held))
            for label, x, held in recorded
        ]
        return EditResult(picture, moments)

    def _denoised(
        self,
        canvas: Image.Image,
        exemplars: Iterable[PreparedExemplar],
        padding: Padding,
        run: Settings,
        between_steps: bool,
    ) -> tuple[Tensor, list[Record]]:
        """Encode, operate, sample. What this needs on the way is gone when it returns, before anything is decoded, and
        no exemplar is kept in full size while the model runs."""
        scheduler = make_scheduler(run.sampler, run.schedule, self.pipeline.scheduler.config)
        scheduler.set_timesteps(run.steps)
        skipped = run.steps - run.steps_run
        steps = count_steps(scheduler, skipped)
        init_latent = self._encode(padding.picture(canvas))
        size = init_latent.shape[-2], init_latent.shape[-1]
        releases: list[Tensor] = []

        def operated() -> Iterator[tuple[Tensor, Tensor]]:
            for exemplar in exemplars:
                release = release_map(padding.map(exemplar.edit_map), exemplar.threshold, size, steps)
                releases.append(release.to(init_latent.device))
                yield self._encode(padding.picture(exemplar.picture)), releases[-1]

        surgical = surgical_latent(init_latent, operated())
        recorded: list[Record] = []
        wanted = set(evenly_spaced(steps, run.moments))

        def record(step: int, latent: Tensor, held: Tensor) -> None:
            if step in wanted:
                recorded.append((f"step {step} of {steps}", latent.clone(), held))

        on_blend = record if run.moments else None
        hook = PipelineHook(scheduler, init_latent, combined(releases), skipped, on_blend, between_steps)
        releases.clear()
        return self._sample(surgical, run, scheduler, hook), recorded

    def _sample(self, surgical: Tensor, settings: Settings, scheduler: Any, hook: PipelineHook) -> Tensor:
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
                generator=torch.Generator("cpu").manual_seed(settings.seed),
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
