"""Edits on diffusers: from source, request and settings to the edited image.

```python
from PIL import Image
from pixels_ext import EditRequest, Exemplar
from pixels_ext.diffusers_host import Editor, Settings

source, exemplar = Image.open("lake.jpg"), Image.open("winter.jpg")
edit_map = Image.open("map.png")  # white keeps the source, black becomes the exemplar
request = EditRequest(exemplars=(Exemplar(image=exemplar, edit_map=edit_map),), threshold="log")

editor = Editor.load("path/to/model")
result = editor.edit(source, request, Settings(prompt="snow", strength=0.6, steps=30, seed=1))
result.image.save("edit.png")
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

from pixels_ext.core.release import ExemplarMaps, release_map, source_release
from pixels_ext.core.suggest_strength import StrengthSuggestion
from pixels_ext.core.surgery import surgical_latent
from pixels_ext.diffusers_host.canvas import Padding, source_canvas, to_image, working_size
from pixels_ext.diffusers_host.exemplar_latents import encode_exemplar
from pixels_ext.diffusers_host.extras import NO_EXTRAS, Extras
from pixels_ext.diffusers_host.families import Family, family_of
from pixels_ext.diffusers_host.loading import load_family
from pixels_ext.diffusers_host.nan_check import check_finite, encode_image
from pixels_ext.diffusers_host.pipeline_hook import PipelineHook
from pixels_ext.diffusers_host.samplers import seed_sde_noise
from pixels_ext.diffusers_host.settings import Settings, seed_after
from pixels_ext.diffusers_host.suggest_strength import suggest_strength
from pixels_ext.edit.prepare import (
    PreparedExemplar,
    check_maps,
    composite,
    passes,
    pixel_source_release,
    prepare_exemplar,
)
from pixels_ext.imaging.color import tag_srgb
from pixels_ext.imaging.restore_source import SourceRestorer
from pixels_ext.imaging.timeline import TimelineFrame, evenly_spaced_steps
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest

StepSnapshot = tuple[str, Tensor, Tensor]
"""A label, the latent that the model sees next, and the boolean map of its locked cells."""


@dataclass(frozen=True)
class EditResult:
    """`image`: the edit, RGB. `timeline_frames`: frames of the last pass, with images of the same size; empty unless
    the settings ask for a timeline."""

    image: Image.Image
    timeline_frames: list[TimelineFrame] = field(default_factory=list)


class Editor:
    """Edits with one loaded model. Nothing but the model is kept between edits."""

    def __init__(self, model: Any, map_providers: MapProviders | None = None) -> None:
        """`model`: a `Family`, or a diffusers img2img pipeline that one of the families supports. `map_providers`: what
        generated maps may use (inpaint mask, depth and text models); none by default. Raises `TypeError` for other
        pipelines."""
        self.family = model if isinstance(model, Family) else family_of(model)
        self.map_providers = map_providers or MapProviders()

    @classmethod
    def load(
        cls,
        model: str,
        device: str = "auto",
        precision: str = "auto",
        config: str | None = None,
        extras: Extras = NO_EXTRAS,
    ) -> Editor:
        """An editor for the model at `model`. See `pixels_ext.diffusers_host.loading.load_family`."""
        return cls(load_family(model, device, precision, config, extras))

    def edit(
        self,
        source: Image.Image,
        request: EditRequest,
        settings: Settings,
        *,
        on_pass: Callable[[int, int], None] = lambda index, count: None,
    ) -> EditResult:
        """Make one edit. `on_pass(index, count)` is called before each of `count` passes.

        Single-pass mode is Algorithm 2, iterative mode is Algorithm 1 repeated; pass `k` of an iterative edit draws its
        noise with seed + k. Raises `RequestError` when the source, a map or a setting cannot be used, and `ModelError`
        when the model outputs NaN.
        """
        return self.edit_batch(source, request, settings, 1, on_pass=on_pass)[0]

    def edit_batch(
        self,
        source: Image.Image,
        request: EditRequest,
        settings: Settings,
        count: int,
        *,
        on_pass: Callable[[int, int], None] = lambda index, count: None,
        on_result: Callable[[int, EditResult], None] = lambda index, result: None,
    ) -> list[EditResult]:
        """Make `count` edits with seed, seed + 1, ...; each is the same as if made alone.

        In single-pass mode they run as one batch and share maps and latents. In iterative mode they run one after
        another, since each has its own source after the first pass. `on_pass` as in `edit`, counting the passes of all
        edits. `on_result(index, result)` is called as soon as a result is ready: a later edit may fail.
        """
        canvas = self._canvas(source, settings)
        check_maps(request, source.size, self.map_providers)
        settings = self.family.with_default_sampler(settings)
        self.family.check(settings)
        seeds = [seed_after(settings.seed, k) for k in range(count)]
        groups = passes(request)
        if len(groups) == 1:
            on_pass(0, 1)
            results = self._run_pass(canvas, canvas, request, groups[0], settings, seeds)
            for index, result in enumerate(results):
                on_result(index, result)
            return results
        results = []
        for index, seed in enumerate(seeds):
            result = EditResult(canvas)
            for number, group in enumerate(groups):
                on_pass(index * len(groups) + number, count * len(groups))
                pass_seed = seed_after(seed, number)
                [result] = self._run_pass(canvas, result.image, request, group, settings, [pass_seed])
            results.append(result)
            on_result(index, result)
        return results

    @torch.inference_mode()
    def suggest_strength(self, source: Image.Image, request: EditRequest, settings: Settings) -> StrengthSuggestion:
        """The strength suggested by Lemma 1; the strength in `settings` is ignored. Raises `RequestError` as `edit`
        does, and when every map is white."""
        canvas = self._canvas(source, settings)
        check_maps(request, source.size, self.map_providers)
        exemplars = self._prepare_exemplars(request, range(len(request.exemplars)), canvas, canvas)
        settings = self.family.with_default_sampler(settings)
        suggestion = suggest_strength(canvas, exemplars, settings, self.family, self._padding(canvas))
        self.family.free_hooks()
        return suggestion

    def composite(self, source: Image.Image, request: EditRequest, settings: Settings) -> Image.Image:
        """The image of the surgical latent: all exemplars pasted onto the source, without running the model."""
        canvas = self._canvas(source, settings)
        exemplars = self._prepare_exemplars(request, range(len(request.exemplars)), canvas, canvas)
        return tag_srgb(composite(canvas, exemplars, settings.steps_run))

    def _canvas(self, source: Image.Image, settings: Settings) -> Image.Image:
        return source_canvas(source, working_size(source.size, settings.size))

    def _prepare_exemplars(
        self, request: EditRequest, indices: Iterable[int], source: Image.Image, canvas: Image.Image
    ) -> Iterator[PreparedExemplar]:
        return (prepare_exemplar(request, index, source, canvas, self.map_providers) for index in indices)

    def _padding(self, canvas: Image.Image) -> Padding:
        return Padding(canvas.size, self.family.size_multiple, self.family.vae_scale_factor)

    @torch.inference_mode()
    def _run_pass(
        self,
        source: Image.Image,
        canvas: Image.Image,
        request: EditRequest,
        group: list[int],
        settings: Settings,
        seeds: Sequence[int],
    ) -> list[EditResult]:
        """One pipeline run, with a result per seed. `canvas` is the image that is edited; maps are made from `source`,
        and placed over it. Both have the working size."""

        def exemplars() -> Iterator[PreparedExemplar]:
            return self._prepare_exemplars(request, group, source, canvas)

        padding = self._padding(canvas)
        latents, snapshots = self._denoise(canvas, exemplars(), padding, settings, seeds, request.substep_release)

        def decode(latent: Tensor) -> Image.Image:
            pixels = check_finite(self.family.decode(latent), "decoding", self.family.autoencoder.dtype)
            return padding.crop(to_image(pixels))

        images = [decode(latents[k : k + 1]) for k in range(len(seeds))]
        if request.keep_white:
            release = pixel_source_release(exemplars(), settings.steps_run)
            images = [*map(SourceRestorer(canvas, release, self.family.vae_scale_factor), images)]
        timelines = [
            [TimelineFrame(label, decode(x[k : k + 1]), padding.pixel_mask(locked)) for label, x, locked in snapshots]
            for k in range(len(seeds))
        ]
        self.family.free_hooks()
        return [EditResult(tag_srgb(image), frames) for image, frames in zip(images, timelines, strict=True)]

    def _denoise(
        self,
        canvas: Image.Image,
        exemplars: Iterable[PreparedExemplar],
        padding: Padding,
        settings: Settings,
        seeds: Sequence[int],
        substep_release: bool,
    ) -> tuple[Tensor, list[StepSnapshot]]:
        """Encode, operate, sample: the denoised latents and the snapshots for the timeline. Intermediate tensors are
        freed on return, before anything is decoded, and no full-size exemplar is kept while the model runs."""
        family = self.family
        scheduler = family.scheduler(settings)
        seed_sde_noise(scheduler, seeds)
        steps = family.count_steps(scheduler, settings)
        init_latent = encode_image(family, padding.image_tensor(canvas))
        size = init_latent.shape[-2], init_latent.shape[-1]
        all_maps: list[ExemplarMaps] = []

        def encode_exemplars() -> Iterator[tuple[Tensor, Tensor]]:
            for exemplar in exemplars:
                latent, maps = encode_exemplar(family, padding, exemplar, size)
                all_maps.append(maps)
                yield latent, source_release(maps, steps).to(init_latent.device)

        surgical = surgical_latent(init_latent, encode_exemplars())
        family.free_hooks()
        snapshots: list[StepSnapshot] = []
        snapshot_steps = set(evenly_spaced_steps(steps, settings.timeline_frames))

        def take_snapshot(step: int, latent: Tensor, locked: Tensor) -> None:
            if step in snapshot_steps:
                snapshots.append((f"step {step} of {steps}", latent.clone(), locked))

        hook = PipelineHook(
            scheduler,
            surgical,
            release_map(all_maps, steps),
            settings.steps - settings.steps_run,
            take_snapshot if settings.timeline_frames else None,
            unpack_latents=partial(family.unpack_latents, size=size),
            pack_latents=family.pack_latents,
            substep_release=substep_release,
        )
        with _use_scheduler(scheduler, family.scheduled_pipelines):
            latents = family.sample(padding.pad_image(canvas), surgical, settings, seeds, hook)
        return check_finite(family.unpack_latents(latents, size), "sampling", family.denoiser.dtype), snapshots


@contextmanager
def _use_scheduler(scheduler: Any, pipelines: Sequence[Any]) -> Iterator[None]:
    """Run `pipelines` with `scheduler`, and restore their own schedulers afterwards."""
    own_schedulers = [pipeline.scheduler for pipeline in pipelines]
    try:
        for pipeline in pipelines:
            pipeline.scheduler = scheduler
        yield
    finally:
        for pipeline, own_scheduler in zip(pipelines, own_schedulers, strict=True):
            pipeline.scheduler = own_scheduler
