"""A whole edit on diffusers: source, request and settings in, picture out.

```python
from PIL import Image
from pixels_ext import EditRequest, Exemplar
from pixels_ext.diffusers_host import Editor, Settings

source, exemplar = Image.open("lake.jpg"), Image.open("winter.jpg")
edit_map = Image.open("map.png")  # white keeps the source, black becomes the exemplar
request = EditRequest(exemplars=(Exemplar(image=exemplar, edit_map=edit_map),), threshold="log")

editor = Editor.load("path/to/model")
result = editor.edit(source, request, Settings(prompt="snow", strength=0.6, steps=30, seed=1))
result.picture.save("edit.png")
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from pixels_ext.core.release import down_sample, release_map
from pixels_ext.core.suggest import Suggestion
from pixels_ext.core.surgery import surgical_latent
from pixels_ext.diffusers_host.auto_strength import suggested
from pixels_ext.diffusers_host.canvas import Padding, on_white, to_picture, working_size
from pixels_ext.diffusers_host.extras import NOTHING, Extras
from pixels_ext.diffusers_host.families import Family, family_of
from pixels_ext.diffusers_host.finite import encoded, finite
from pixels_ext.diffusers_host.loading import load_family
from pixels_ext.diffusers_host.pipeline_hook import PipelineHook
from pixels_ext.diffusers_host.samplers import seed_own_noise
from pixels_ext.diffusers_host.settings import Settings, seed_after
from pixels_ext.edit.prepare import PreparedExemplar, check_maps, pixel_release_map, composite, passes, prepare_exemplar
from pixels_ext.imaging.color import tag_srgb
from pixels_ext.imaging.restore_source import SourceRestorer
from pixels_ext.imaging.timeline import TimelineFrame, evenly_spaced_steps
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest

StepSnapshot = tuple[str, Tensor, Tensor]
"""Label, the latent that the model is about to see, and what is held in it."""


@dataclass(frozen=True)
class EditResult:
    """`picture`: the edit, RGB. `timeline_frames`: the time line of the last pass, with pictures of the same size."""

    picture: Image.Image
    timeline_frames: list[TimelineFrame] = field(default_factory=list)


class Editor:
    """Edits with one loaded model. Keeps nothing between edits but the model."""

    def __init__(self, model: Any, means: MapProviders | None = None) -> None:
        """`model`: a `Family`, or one of diffusers' img2img pipelines that has one. `means`: what maps can be made with
        (a mask, models for depth and words); nothing of it if not given. Raises `TypeError` for other pipelines."""
        self.family = model if isinstance(model, Family) else family_of(model)
        self.means = means or MapProviders()

    @classmethod
    def load(
        cls,
        model: str,
        device: str = "auto",
        precision: str = "auto",
        config: str | None = None,
        extras: Extras = NOTHING,
    ) -> Editor:
        """An editor for the model in `model`. See `pixels_ext.diffusers_host.loading.load_family`."""
        return cls(load_family(model, device, precision, config, extras))

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
        seed + k. Raises `RequestError` when the source, a map or a setting cannot be used, `ModelError` when what the
        model gives is no picture (NaN).
        """
        return self.edits(source, request, settings, 1, on_pass=on_pass)[0]

    def edits(
        self,
        source: Image.Image,
        request: EditRequest,
        settings: Settings,
        count: int,
        *,
        on_pass: Callable[[int, int], None] = lambda index, count: None,
        on_result: Callable[[int, EditResult], None] = lambda index, result: None,
    ) -> list[EditResult]:
        """Make `count` edits, with seed, seed + 1, ..., each the same as alone.

        In single-pass mode all run at once, and maps and latents are made once for all. In iterative mode they are made
        one after another, since after the first pass each has a source of its own. `on_pass` as in `edit`, over all.
        `on_result` is told each result, with its number from 0, as soon as there is one: what comes later may fail.
        """
        canvas = self._canvas(source, settings)
        check_maps(request, source.size, self.means)
        settings = self.family.settled(settings)
        self.family.check(settings)
        seeds = [seed_after(settings.seed, k) for k in range(count)]
        groups = passes(request)
        if len(groups) == 1:
            on_pass(0, 1)
            results = self._one_pass(canvas, canvas, request, groups[0], settings, seeds)
            for number, result in enumerate(results):
                on_result(number, result)
            return results
        results = []
        for first, seed in enumerate(seeds):
            result = EditResult(canvas)
            for number, group in enumerate(groups):
                on_pass(first * len(groups) + number, count * len(groups))
                run = [seed_after(seed, number)]
                [result] = self._one_pass(canvas, result.picture, request, group, settings, run)
            results.append(result)
            on_result(first, result)
        return results

    @torch.inference_mode()
    def suggest_strength(self, source: Image.Image, request: EditRequest, settings: Settings) -> Suggestion:
        """The strength that Lemma 1 asks for, whatever `settings` say about it. Raises `RequestError` as `edit` does,
        and when every map is white."""
        canvas = self._canvas(source, settings)
        check_maps(request, source.size, self.means)
        exemplars = (prepare_exemplar(request, i, canvas, canvas, self.means) for i in range(len(request.exemplars)))
        padding = Padding(canvas.size, self.family.multiple, self.family.cell)
        suggestion = suggested(canvas, exemplars, self.family.settled(settings), self.family, padding)
        self.family.rest()
        return suggestion

    def composite(self, source: Image.Image, request: EditRequest, settings: Settings) -> Image.Image:
        """The surgical picture of all exemplars, without running the model."""
        canvas = self._canvas(source, settings)
        count = len(request.exemplars)
        exemplars = (prepare_exemplar(request, index, canvas, canvas, self.means) for index in range(count))
        return tag_srgb(composite(canvas, exemplars, settings.steps_run))

    def _canvas(self, source: Image.Image, settings: Settings) -> Image.Image:
        return on_white(source, working_size(source.size, settings.size))

    @torch.inference_mode()
    def _one_pass(
        self,
        source: Image.Image,
        canvas: Image.Image,
        request: EditRequest,
        group: list[int],
        settings: Settings,
        seeds: Sequence[int],
    ) -> list[EditResult]:
        """One run of the sampler, a result for each of `seeds`. Maps are made from `source` and lie over it, `canvas`
        is the picture that is edited; both have the size at work."""

        def exemplars() -> Iterator[PreparedExemplar]:
            return (prepare_exemplar(request, index, source, canvas, self.means) for index in group)

        padding = Padding(canvas.size, self.family.multiple, self.family.cell)
        latents, recorded = self._denoised(canvas, exemplars(), padding, settings, seeds, request.substep_release)

        def decoded(latent: Tensor) -> Image.Image:
            pixels = finite(self.family.decode(latent), "decoding", self.family.autoencoder.dtype)
            return padding.cropped(to_picture(pixels))

        pictures = [decoded(latent) for latent in latents.split(1)]
        if request.keep_white:
            release = pixel_release_map(exemplars(), settings.steps_run)
            pictures = [*map(SourceRestorer(canvas, release, self.family.cell), pictures)]
        timeline_frames = [
            [TimelineFrame(label, decoded(x[k : k + 1]), padding.cells(held)) for label, x, held in recorded]
            for k in range(len(seeds))
        ]
        self.family.rest()
        return [EditResult(tag_srgb(picture), told) for picture, told in zip(pictures, timeline_frames, strict=True)]

    def _denoised(
        self,
        canvas: Image.Image,
        exemplars: Iterable[PreparedExemplar],
        padding: Padding,
        settings: Settings,
        seeds: Sequence[int],
        substep_release: bool,
    ) -> tuple[Tensor, list[StepSnapshot]]:
        """Encode, operate, sample. What this needs on the way is gone when it returns, before anything is decoded, and
        no exemplar is kept in full size while the model runs."""
        family = self.family
        scheduler = family.scheduler(settings)
        seed_own_noise(scheduler, seeds)
        steps = family.count_steps(scheduler, settings)
        init_latent = encoded(family, padding.picture(canvas))
        size = init_latent.shape[-2], init_latent.shape[-1]
        edit_maps: list[tuple[Tensor, str]] = []

        def operated() -> Iterator[tuple[Tensor, Tensor]]:
            for exemplar in exemplars:
                edit_maps.append((down_sample(padding.map(exemplar.edit_map), size), exemplar.threshold))
                release = release_map(edit_maps[-1:], steps)
                yield encoded(family, padding.picture(exemplar.image)), release.to(init_latent.device)

        surgical = surgical_latent(init_latent, operated())
        family.rest()
        recorded: list[StepSnapshot] = []
        wanted = set(evenly_spaced_steps(steps, settings.timeline_frames))

        def record(step: int, latent: Tensor, held: Tensor) -> None:
            if step in wanted:
                recorded.append((f"step {step} of {steps}", latent.clone(), held))

        hook = PipelineHook(
            scheduler,
            init_latent,
            release_map(edit_maps, steps),
            settings.steps - settings.steps_run,
            record if settings.timeline_frames else None,
            unpacked=partial(family.unpacked, size=size),
            packed=family.packed,
            substep_release=substep_release,
        )
        with _scheduled_by(scheduler, family.scheduled):
            latents = family.sample(padding.padded_picture(canvas), surgical, settings, seeds, hook)
        return finite(family.unpacked(latents, size), "sampling", family.denoiser.dtype), recorded


@contextmanager
def _scheduled_by(scheduler: Any, pipelines: Sequence[Any]) -> Iterator[None]:
    """Let `pipelines` run with `scheduler`, and have their own again afterwards."""
    own = [pipeline.scheduler for pipeline in pipelines]
    try:
        for pipeline in pipelines:
            pipeline.scheduler = scheduler
        yield
    finally:
        for pipeline, scheduler_before in zip(pipelines, own, strict=True):
            pipeline.scheduler = scheduler_before
