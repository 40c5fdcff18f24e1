"""One run of a processing object that is an edit, with what is prepared and encoded once for all of its batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import numpy as np
from modules import shared
from PIL import Image
from torch import Tensor

from pixels_ext.edit.exemplar_notices import exemplar_notices
from pixels_ext.edit.image_notices import image_notices
from pixels_ext.edit.prepare import PreparedExemplar, check_maps, passes, pixel_source_release
from pixels_ext.errors import RequestError
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.imaging.restore_source import DEFAULT_VAE_SCALE_FACTOR, SourceRestorer
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest
from pixels_ext.request.summary import map_specs
from pixels_ext.webui.canvas import LatentExemplar, SourceCanvas, encode_exemplar
from pixels_ext.webui.http_errors import BadRequest, SourceMismatch
from pixels_ext.webui.infotext import add_notes, infotext_fields, save_inputs_if_enabled, write_infotext
from pixels_ext.webui.progress import split_job
from pixels_ext.webui.protocols import ImageRNG, Processing, State
from pixels_ext.webui.sampler_hook import hook_sampler

LARGEST_SEED = 2**32 - 1


class EditRun:
    """An edit from its first batch to its last image. It holds the images and latents of the run, and not `p`, which is
    the first argument of most methods.

    `canvases`: those of the run's sources, in the order of `p.init_images`.
    """

    def __init__(self, request: EditRequest, providers: MapProviders, canvases: list[SourceCanvas]) -> None:
        self.request = request
        self.infotext = infotext_fields(request)
        self.edited = False
        """Whether the last batch was sampled with latent surgery."""
        self.postprocesses_images = False
        """Whether the always-on script is called for the finished images: extensions also generate with fewer scripts,
        or with none."""
        self._providers, self._canvases = providers, canvases
        self._started = False
        self._image_notices: list[str] = []
        self._latents: dict[int, LatentExemplar] = {}
        self._seeds: list[tuple[int, int]] = []
        self._white: dict[tuple[int, tuple[int, int]], SourceRestorer | None] = {}

    def sample(self, p: Processing, sample: Callable[[], Tensor]) -> Tensor:
        """The samples of one batch. `sample`: the host's own sampling, called once per pass. Raises `BadRequest`."""
        self.edited = False
        if p.steps < 1:  # the hosts' API accepts it, and returns the source
            raise BadRequest(RequestError("steps", f"is {p.steps}", "a whole number from 1"))
        groups = passes(self.request)
        if len(groups) > 1 and p.refiner_checkpoint_info:
            found = f"is {self.request.mode!r}, which does not work with a refiner"
            raise BadRequest(RequestError("mode", found, "single-pass, or no refiner"))
        if not self._started:
            self._check()
            self._run_map_models()
            self._image_notices = image_notices(self.request)
        self._seeds = _seeds(p)
        with _preserve_attributes(p, "init_latent", "rng"), split_job(len(groups)) as next_job:
            result = self._run_pass(p, groups[0], sample)
            for group in groups[1:]:
                if is_interrupted() or not self.edited:
                    break
                next_job()
                p.init_latent, p.rng = result, _next_rng(p.rng)
                result = self._run_pass(p, group, sample)
        if len(self._latents) == len(self.request.exemplars):
            add_notes(p, self._image_notices + self._notices(p.steps))
        if self.request.keep_white and not self.postprocesses_images:
            add_notes(p, ["White was not kept, because another extension left our script out of this generation."])
        return result

    def restore_source(self, p: Processing, image: Image.Image) -> Image.Image:
        """An image that the host has finished, with the source restored under white if the request asks for it."""
        if not (self.edited and self.request.keep_white):
            return image
        number = self._source_index(p)
        if number is None:
            add_notes(p, ["White was not kept in an image that another extension added."])
            return image
        if (number, image.size) not in self._white:
            self._white[number, image.size] = self._source_restorer(p, number, image.size)
        restore = self._white[number, image.size]
        if restore is None:
            add_notes(p, ["White was not kept, because another extension changed the size of the image."])
            return image
        return restore(image)

    def _check(self) -> None:
        try:
            for canvas in self._canvases:
                check_maps(self.request, canvas.size, self._providers)
        except RequestError as error:
            raise SourceMismatch(error) from None

    def _run_map_models(self) -> None:
        """Generate the maps that need a model once now, before the sampler's own model fills the device. The model's
        results are cached."""
        for index, exemplar in enumerate(self.request.exemplars):
            if any(each.needs_model for each in map_specs(exemplar)):
                for canvas in self._canvases:
                    self._prepare_exemplar(canvas, index)

    def _run_pass(self, p: Processing, group: list[int], sample: Callable[[], Tensor]) -> Tensor:
        with hook_sampler(p.sampler, partial(self._encode_exemplars, p, group), self.request.substep_release):
            return sample()

    def _encode_exemplars(self, p: Processing, group: list[int], init_latent: Tensor) -> list[LatentExemplar]:
        """The exemplars of a pass, each encoded once. Called when the sampler begins: from here on it is an edit."""
        frames = init_latent.shape[2] if init_latent.ndim > 4 else 1
        if frames > 1:
            raise BadRequest(RequestError("model", f"makes {frames} frames", "a model of single images"))
        write_infotext(p, self.infotext)
        if not self._started:
            save_inputs_if_enabled(p, self.request)
        self._started = self.edited = True
        self._canvases = self._canvases[: init_latent.shape[0]]  # some hosts encode only the first of several sources
        for index in group:
            if index not in self._latents:
                on_every = [(canvas, self._prepare_exemplar(canvas, index)) for canvas in self._canvases]
                self._latents[index] = encode_exemplar(p.sd_model, on_every, init_latent)
        return [self._latents[index] for index in group]

    def _prepare_exemplar(self, canvas: SourceCanvas, index: int) -> PreparedExemplar:
        try:
            return canvas.prepare_exemplar(self.request, index, self._providers)
        except RequestError as error:
            raise SourceMismatch(error) from None

    def _notices(self, steps: int) -> list[str]:
        return exemplar_notices([self._latents[index].source_release(steps).numpy() for index in sorted(self._latents)])

    def _source_index(self, p: Processing) -> int | None:
        """Which source the image has that the host finishes now; `None` if that cannot be known. By its seeds, since an
        extension that adds or drops images does the same with their seeds; by its index in the batch if they are not
        unique."""
        position = p.batch_index
        if len(self._canvases) == 1:
            return 0
        own = [_seeds(p)[position]] if position < len(_seeds(p)) else []
        found = [number for number, seeds in enumerate(self._seeds) if seeds in own]
        if len(found) == 1:
            return found[0]
        return position if position < len(self._canvases) else None

    def _source_restorer(self, p: Processing, number: int, size: tuple[int, int]) -> SourceRestorer | None:
        """What restores source `number` in a finished image of `size`; the same for every batch of a run. `None` if the
        image does not have the size of a canvas."""
        canvas = self._canvases[number]
        factor = next((latent.factor for latent in self._latents.values()), 1)
        found = canvas.source_under_result(size, factor)
        if found is None:
            return None
        source, resize_crop = found
        release = combined_source_release(self.request, canvas, self._providers, resize_crop.apply, p.steps)
        return SourceRestorer(source, release[: size[1], : size[0]], max(factor, DEFAULT_VAE_SCALE_FACTOR))


def combined_source_release(
    request: EditRequest, canvas: SourceCanvas, providers: MapProviders, resize: Callable[[Map], Map], steps: int
) -> Map:
    """The source's release time at every pixel under all maps of a request, each after `resize`: 0 where an exemplar is
    placed. Raises `RequestError`."""
    exemplars = (canvas.prepare_exemplar(request, index, providers) for index in range(len(request.exemplars)))
    return pixel_source_release((_resize_exemplar(exemplar, resize) for exemplar in exemplars), steps)


def is_interrupted() -> bool:
    """Whether the user has interrupted or skipped the current generation."""
    state: State = shared.state
    return bool(state.interrupted or state.skipped)


def _resize_exemplar(exemplar: PreparedExemplar, resize: Callable[[Map], Map]) -> PreparedExemplar:
    limited = exemplar.limited_map
    return replace(
        exemplar,
        edit_map=np.ascontiguousarray(resize(exemplar.edit_map)),
        limited_map=None if limited is None else np.ascontiguousarray(resize(limited)),
    )


def _seeds(p: Processing) -> list[tuple[int, int]]:
    """Seed and subseed of every image of a batch."""
    return list(zip(p.seeds, p.subseeds, strict=False))


def _next_rng(rng: ImageRNG) -> ImageRNG:
    """The host's noise of the same kind with each seed one higher: pass `k` of an iterative edit uses seed + k."""
    seeds = [(int(seed) + 1) % (LARGEST_SEED + 1) for seed in rng.seeds]
    return type(rng)(
        rng.shape,
        seeds,
        subseeds=rng.subseeds,
        subseed_strength=rng.subseed_strength,
        seed_resize_from_h=rng.seed_resize_from_h,
        seed_resize_from_w=rng.seed_resize_from_w,
    )


@contextmanager
def _preserve_attributes(p: Processing, *names: str) -> Iterator[None]:
    """Restore these attributes of `p` at the end."""
    before = {name: getattr(p, name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(p, name, value)
