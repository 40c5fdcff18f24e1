"""An edit that takes the place of `p.sample` for one processing object, from its first batch to its last picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, reduce
from typing import Any
from weakref import ref

import numpy as np
from modules import shared
from PIL import Image
from torch import Tensor

from pixels_ext.compositing import with_white_kept
from pixels_ext.errors import RequestError
from pixels_ext.greys import Map
from pixels_ext.maps import Means
from pixels_ext.pictures import resized_map
from pixels_ext.preparing import PreparedExemplar, check_maps, combined_release, passes
from pixels_ext.request import EditRequest
from pixels_ext.request.summary import maps_of
from pixels_ext.webui.canvas import LatentExemplar, SourceCanvas, encoded
from pixels_ext.webui.hook import surgery_in
from pixels_ext.webui.infotext import describe, forget
from pixels_ext.webui.mask import HostMask, looks_at_mask, painted
from pixels_ext.webui.refusal import Refused
from pixels_ext.webui.vision import seeing

LARGEST_SEED = 2**32 - 1
_EDIT = "pixels_edit"
"""Attribute of a processing object: its edit. An extension that comes after ours may have wrapped `p.sample`."""


def install(p: Any, request: EditRequest | Exception) -> EditedSample:
    """Make the next generations of `p` edits. Returns what stands in for `p.sample`.

    What went wrong with a request is kept until the sampler would start, because there the hosts pass errors on to the
    user; what always-on scripts raise, they only print.
    """
    remove(p)
    edit = EditedSample(p, request, below=vars(p).get("sample"))
    setattr(p, _EDIT, edit)
    p.sample = edit
    if isinstance(request, EditRequest):
        try:
            edit.take_mask_over()
            describe(p, request)
        except Exception:
            remove(p)
            raise
    return edit


def edit_of(p: Any) -> EditedSample | None:
    """The edit that is installed on `p`, if there is one."""
    edit = vars(p).get(_EDIT)
    return edit if isinstance(edit, EditedSample) and edit.p is p else None


def has_copied_edit(p: Any) -> bool:
    """Whether `p` has an edit as the copy of another processing object."""
    return getattr(p, "__dict__", {}).get(_EDIT) is not None and edit_of(p) is None


def remove(p: Any) -> None:
    """Take off an edit, also one that `p` has as the copy of another processing object. One that another extension has
    wrapped stays inside of the wrapping and does nothing any more."""
    edit = vars(p).pop(_EDIT, None)
    if isinstance(edit, EditedSample) and edit.host_mask:
        edit.host_mask.restore(p)
    sample = vars(p).get("sample")
    if isinstance(sample, EditedSample):
        del p.sample
        if sample.below:
            p.sample = sample.below


class EditedSample:
    """Stands in for `p.sample`: the host's own, with surgery in its sampler."""

    def __init__(self, p: Any, request: EditRequest | Exception, below: Callable[..., Tensor] | None) -> None:
        self.p = p
        self.below = below
        self.host_mask: HostMask | None = None
        self._request = request
        self._means = Means()
        self._sources: list[Image.Image] = []
        self._took_part = False
        self._begin_run()

    def _begin_run(self) -> None:
        self._sampler: Callable[[], Any] = lambda: None
        self._edits = True
        self._canvases: list[SourceCanvas] = []
        self._latents: dict[int, LatentExemplar] = {}
        self._finished = 0
        self._kept: dict[tuple[int, tuple[int, int]], tuple[Image.Image, Map] | None] = {}

    @property
    def request(self) -> EditRequest:
        """The request. Raises `Refused` when what was given cannot be used."""
        if isinstance(self._request, RequestError):
            refusal = Refused(self._request)
            self.p.comment(str(refusal))  # X/Y/Z plot swallows what its cells raise, but shows comments
            raise refusal
        if isinstance(self._request, Exception):
            raise self._request
        return self._request

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        p = self.p
        sample = self.below or partial(type(p).sample, p)
        if edit_of(p) is not self:  # taken off, but still inside of another extension's wrapping
            return sample(*args, **kwargs)
        request = self.request
        if _are_of_a_copy(p, kwargs):
            found = "is asked for by a copy of the processing object without its scripts, and would be of the original"
            raise Refused(RequestError("sampling", found, "the extension that does so off, or no PIXELS edit"))
        if not self._edits_this_run():
            return sample(*args, **kwargs)
        if p.steps < 1:  # the hosts' API lets it pass, and gives back what it was given
            raise Refused(RequestError("steps", f"is {p.steps}", "a whole number from 1"))
        if not self._canvases:
            self._canvases = self._checked_canvases()
        first, *others = passes(request)
        if others and p.refiner_checkpoint_info:
            found = f"is {request.mode!r} with a refiner, which would begin every pass but the first"
            raise Refused(RequestError("mode", found, "single-pass, or no refiner"))
        with _unchanged(p, "init_latent", "rng"):
            with surgery_in(p.sampler, partial(self._encoded, first), request.between_steps):
                result = sample(*args, **kwargs)
            self.check_took_part()
            for group in others:
                if _stopped():
                    break
                p.init_latent, p.rng = result, _next_rng(p.rng)
                with surgery_in(p.sampler, partial(self._encoded, group), request.between_steps):
                    result = sample(*args, **kwargs)
        return result

    def _edits_this_run(self) -> bool:
        """Whether the run of `p` that samples now is an edit. Extensions use `p` again, unasked: over other sources no
        map was made, so those are none; over the same ones, maybe at another size, everything is made anew."""
        sampler, sources = self.p.sampler, list(self.p.init_images)
        if self._sampler() is not sampler:  # the hosts make one for every run
            self._begin_run()
            self._sampler = ref(sampler)
            self._sources = self._sources or sources
            self._edits = [*map(id, sources)] == [*map(id, self._sources)]
        return self._edits

    def check_took_part(self) -> None:
        """Raise `Refused` when something else has sampled, past the host's sampler or past `p.sample`."""
        if not self._took_part and not _stopped():
            found = "is done by another script or extension in a way of its own, in which nothing can be edited"
            raise Refused(RequestError("sampling", found, "that one off, or no PIXELS edit"))

    def take_mask_over(self) -> None:
        """Where a map is made from the inpaint mask, the mask is that map's and no longer the host's. Before the host
        has looked at it; what is wrong with the request is said later."""
        p, request = self.p, self._request
        if isinstance(request, EditRequest):
            self._means = Means(
                inpaint_mask=painted(p) if looks_at_mask(request) else None, vision=seeing(p.scripts, p)
            )
            if self._means.inpaint_mask is not None:
                size = p.init_images[0].size
                try:
                    check_maps(request, size, self._means)
                    canvases = [SourceCanvas(p, source) for source in p.init_images]
                    # The hosts stretch the one mask over sources of every size.
                    releases = [self._release(canvas, lambda values: resized_map(values, size)) for canvas in canvases]
                except RequestError as error:
                    self._request = error
                    return
                self.host_mask = HostMask(p)
                self.host_mask.replace(p, reduce(np.minimum, releases))

    def finished(self, picture: Image.Image) -> Image.Image:
        """A picture that the host has finished, with the source's white put back when the request asks for it."""
        number, self._finished = self._finished, self._finished + 1
        try:
            self.check_took_part()
        except Refused as refusal:  # raised here, it would only be printed
            forget(self.p)
            self.p.comment(str(refusal))
            return picture
        if not self.request.keep_white or not self._canvases:
            return picture
        place = number % len(self._canvases), picture.size
        if place not in self._kept:
            self._kept[place] = self._source_to_keep(*place)
        kept = self._kept[place]
        if kept is None:
            self.p.comment("PIXELS: white was not kept, because another script changed the size of the picture.")
            return picture
        return with_white_kept(picture, *kept)

    def _source_to_keep(self, number: int, size: tuple[int, int]) -> tuple[Image.Image, Map] | None:
        """Source and release map as they lie under a finished picture of `size`; the same for every batch of a run."""
        canvas = self._canvases[number]
        factor = next((latent.factor for latent in self._latents.values()), 1)
        found = canvas.finished(size, factor)
        if found is None:
            return None
        source, route = found
        return source, self._release(canvas, route.map)[: size[1], : size[0]]

    def _release(self, canvas: SourceCanvas, route: Callable[[Map], Map]) -> Map:
        """The release time of every pixel under all maps, after `route`. Raises `RequestError`."""
        exemplars = (canvas.prepared(self.request, index, self._means) for index in range(len(self.request.exemplars)))
        return combined_release((_routed(exemplar, route) for exemplar in exemplars), self.p.steps)

    def _checked_canvases(self) -> list[SourceCanvas]:
        sources = self.p.init_images
        try:
            for source in sources:
                check_maps(self.request, source.size, self._means)
        except RequestError as error:
            raise Refused(error) from None
        # The Batch tab hands the same picture over once for every place in the batch.
        different = {id(source): source for source in sources}
        canvases = [SourceCanvas(self.p, source) for source in (sources if len(different) > 1 else different.values())]
        self._ask_models(canvases)
        return canvases

    def _ask_models(self, canvases: list[SourceCanvas]) -> None:
        """Have maps that need a model made once now, before the sampler's own model fills the device. What the model
        says is kept."""
        for index, exemplar in enumerate(self.request.exemplars):
            if any(each.asks_model for each in maps_of(exemplar)):
                for canvas in canvases:
                    self._prepared(canvas, index)

    def _encoded(self, group: list[int], init_latent: Tensor) -> list[LatentExemplar]:
        """The exemplars of a pass, each encoded once per run of `p`."""
        self._took_part = True
        for index in group:
            if index not in self._latents:
                on_every = [(canvas, self._prepared(canvas, index)) for canvas in self._canvases]
                self._latents[index] = encoded(self.p.sd_model, on_every, init_latent)
        return [self._latents[index] for index in group]

    def _prepared(self, canvas: SourceCanvas, index: int) -> PreparedExemplar:
        try:
            return canvas.prepared(self.request, index, self._means)
        except RequestError as error:
            raise Refused(error) from None


def _are_of_a_copy(p: Any, arguments: Mapping[str, Any]) -> bool:
    """Whether a call of `p.sample` with these keyword arguments was made by a copy of `p`, for which the hosts made
    lists of its own. (The copy has our attribute too, but what stands there knows `p` alone.)"""
    own = {"seeds": p.seeds, "prompts": p.prompts}
    return all(name in arguments and arguments[name] is not value for name, value in own.items())


def _stopped() -> bool:
    return bool(shared.state.interrupted or shared.state.skipped)


def _routed(exemplar: PreparedExemplar, route: Callable[[Map], Map]) -> PreparedExemplar:
    return PreparedExemplar(exemplar.picture, np.ascontiguousarray(route(exemplar.edit_map)), exemplar.threshold)


def _next_rng(rng: Any) -> Any:
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
def _unchanged(p: Any, *names: str) -> Iterator[None]:
    """Give these attributes of `p` back as they are now."""
    before = {name: getattr(p, name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(p, name, value)
