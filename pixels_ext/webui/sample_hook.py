"""The replacement of `p.sample` while a processing object makes edits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, reduce
from typing import Any
from weakref import ref

import numpy as np
from PIL import Image
from torch import Tensor

from pixels_ext.edit.prepare import check_maps
from pixels_ext.errors import RequestError
from pixels_ext.imaging.images import resize_map
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest
from pixels_ext.webui.canvas import source_canvas, source_canvases
from pixels_ext.webui.edit_run import EditRun, combined_source_release, is_interrupted
from pixels_ext.webui.http_errors import BadRequest, DeferredError, SourceMismatch
from pixels_ext.webui.infotext import remove_infotext, write_infotext
from pixels_ext.webui.inpaint_mask import InpaintMaskOverride, read_inpaint_mask, uses_inpaint_mask
from pixels_ext.webui.messages import add_comment
from pixels_ext.webui.protocols import Processing, Sampler
from pixels_ext.webui.vision_models import get_vision_models

_HOOK = "pixels_edit"
"""Attribute of a processing object: its hook. An extension that comes after ours may have wrapped `p.sample`."""
_COPY_RERUN = "Another extension re-ran a copy of this generation. Switch it off, or PIXELS."
_SAMPLING_BYPASSED = (
    "Another script or extension did the sampling itself, so nothing was edited. Switch it off, or PIXELS."
)
DIFFERENT_SOURCE = "Another extension generated an image from a different source. That image is not an edit."
_MASK_RERUN = "Another extension re-ran this generation. That image is not an edit: its map came from the inpaint mask."


def reset(p: Processing) -> None:
    """Remove what a previous generation has left on `p`. A copy of a processing object also has its hook, which would
    sample the original."""
    if get_hook(p) is None:
        remove_hook(p)
    remove_infotext(p)


def install_hook(
    p: Processing, request: EditRequest | Exception, read: Callable[[], EditRequest] | None = None
) -> SampleHook:
    """Make the next generations of `p` edits. Returns the replacement of `p.sample`.

    An error in a request is raised when the sampler would start, because there the hosts pass errors on to the user;
    errors of always-on scripts they only print. `read`: reads the request once more if `p` is used again after its run;
    so the request's images need not be kept as long as `p`.
    """
    remove_hook(p)
    hook = SampleHook(p, request, below=vars(p).get("sample"), read=read)
    p.extra_generation_params = dict(p.extra_generation_params)  # copies of `p` share it
    setattr(p, _HOOK, hook)
    p.sample = hook
    try:
        hook.claim_inpaint_mask(p)
    except Exception:
        remove_hook(p)
        raise
    return hook


def get_hook(p: Processing) -> SampleHook | None:
    """The hook that is installed on `p`, or `None`."""
    hook = getattr(p, "__dict__", {}).get(_HOOK)
    return hook if isinstance(hook, SampleHook) and hook.belongs_to(p) else None


def has_copied_hook(p: Processing) -> bool:
    """Whether `p` is a copy of a processing object with a hook."""
    return getattr(p, "__dict__", {}).get(_HOOK) is not None and get_hook(p) is None


def remove_hook(p: Processing) -> None:
    """Remove a hook, also one that `p` has as a copy of another processing object, and its infotext. One that another
    extension has wrapped stays inside the wrapper and does nothing any more."""
    own = getattr(p, "__dict__", {})
    hook = own.pop(_HOOK, None)
    if isinstance(hook, SampleHook):
        if hook.mask:
            hook.mask.restore(p)
        if hook.belongs_to(p):
            hook.end_run()
        remove_infotext(p)
    sample = own.get("sample")
    if isinstance(sample, SampleHook):
        del p.sample
        if sample.below:
            p.sample = sample.below


class SampleHook:
    """Replaces `p.sample`: the host's own sampling, with latent surgery in its sampler.

    It does not keep `p` alive, which holds it: a reference cycle would stay in memory, with all images, until Python's
    garbage collector runs.
    """

    def __init__(
        self,
        p: Processing,
        request: EditRequest | Exception,
        below: Callable[..., Tensor] | None,
        read: Callable[[], EditRequest] | None,
    ) -> None:
        self.below = below
        self.mask: InpaintMaskOverride | None = None
        """Until the host has read the mask."""
        self._p = _weak_reference(p)
        self._read = read
        self._request = request if isinstance(request, EditRequest) else None
        self._failure = DeferredError(request) if isinstance(request, Exception) else None
        self._means = MapProviders()
        self._needs_mask = False
        self._sources: list[str] | None = None
        self._took_part = False
        self._sampler: Callable[[], Sampler | None] = lambda: None
        self._run: EditRun | None = None

    def end_run(self) -> None:
        """Release everything that was made for a run of `p`, after its end. `p` may run again."""
        self._sampler, self._run = lambda: None, None
        if self._sources is not None:
            self._means = MapProviders(vision=self._means.vision)
            if self._read:
                self._request = None

    def belongs_to(self, p: Processing) -> bool:
        """Whether it was made for this very object, not for one that this is a copy of."""
        return self._p() is p

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        p = self._p()
        if p is None or _is_call_of_copy(p, kwargs):
            if p is not None:
                add_comment(p, f"PIXELS: {_COPY_RERUN}")
            raise BadRequest(_COPY_RERUN)
        sample = partial(self.below or partial(_host_sample, p), *args, **kwargs)
        if get_hook(p) is not self:  # removed, but still inside another extension's wrapper
            return sample()
        try:
            run = self._run_of(p)
            if run is None:
                return sample()
            samples = run.sample(p, sample)
            self._took_part = self._took_part or run.edited
            if not run.edited and not is_interrupted():
                raise BadRequest(_SAMPLING_BYPASSED)
        except RequestError as error:
            raise self._failed(p, BadRequest(error)) from None
        except BaseException as error:
            self._failed(p, error)
            raise
        return samples

    def _failed(self, p: Processing, error: BaseException) -> BaseException:
        """End the run because of `error`, which is returned."""
        remove_infotext(p)
        self.end_run()
        if isinstance(error, BadRequest):  # X/Y/Z plot swallows what its cells raise, but shows comments
            add_comment(p, str(error))
        return error

    def _run_of(self, p: Processing) -> EditRun | None:
        """The run of `p` that samples now, if it is an edit. Extensions may run `p` again: with other sources, which
        the maps were not made for, that is no edit; with the same ones, maybe at another size, everything is prepared
        anew."""
        if self._failure:
            raise self._failure.error()
        if self._sampler() is not p.sampler:  # the hosts create one for every run
            self._run = self._begin_run(p)
            self._sampler = ref(p.sampler)
        return self._run

    def _begin_run(self, p: Processing) -> EditRun | None:
        remove_infotext(p)
        canvases = source_canvases(p)
        sources = [canvas.digest for canvas in canvases]
        first = self._sources is None
        self._sources = sources if self._sources is None else self._sources
        if sources != self._sources:
            add_comment(p, f"PIXELS: {DIFFERENT_SOURCE}")
            return None
        if self._needs_mask and not first:
            add_comment(p, f"PIXELS: {_MASK_RERUN}")
            return None
        if self.mask:
            self.mask.restore(p)  # the host has read it
            self.mask = None
        return EditRun(self._known_request(), self._means, canvases)

    def _known_request(self) -> EditRequest:
        if self._request is None and self._read:
            self._request = self._read()
        assert self._request is not None
        return self._request

    def has_other_sources(self, p: Processing) -> bool:
        """Whether `p` has run as an edit, and is about to run with other sources."""
        return self._sources is not None and [canvas.digest for canvas in source_canvases(p)] != self._sources

    def before_batch(self, p: Processing) -> None:
        """Before a batch is sampled: write the infotext, which the hosts now write to `params.txt`."""
        try:
            run = self._run_of(p)
        except Exception:  # it is raised again where the hosts pass it on
            return
        if run:
            run.edited, run.postprocesses_images = False, True
            write_infotext(p, run.infotext)

    def after_batch(self, p: Processing) -> None:
        """After a batch was sampled, and before its images are saved: keep the infotext only if it was an edit."""
        if self._run and not self._run.edited:
            remove_infotext(p)
            if not is_interrupted():
                add_comment(p, f"PIXELS: {_SAMPLING_BYPASSED}")

    def check_sampled(self) -> None:
        """Raise `BadRequest` when something else has sampled, bypassing the host's sampler or `p.sample`."""
        if not self._took_part and not is_interrupted():
            raise BadRequest(_SAMPLING_BYPASSED)

    def postprocess_image(self, p: Processing, image: Image.Image) -> Image.Image:
        """An image that the host has finished, with the source restored under white if the request asks for it."""
        if self._run is None:
            return image
        self.after_batch(p)
        return self._run.restore_source(p, image)

    def claim_inpaint_mask(self, p: Processing) -> None:
        """If a map is made from the inpaint mask, use the mask for that map, and give the host another one before it
        reads it. An error in the request is raised later."""
        request = self._request
        if request is None:
            return
        self._means = MapProviders(
            inpaint_mask=read_inpaint_mask(p) if uses_inpaint_mask(request) else None,
            vision=get_vision_models(p.scripts, p),
        )
        if self._means.inpaint_mask is None:
            return
        size = p.init_images[0].size
        try:
            check_maps(request, size, self._means)
            # The hosts stretch the one mask over sources of every size.
            stretch = partial(resize_map, size=size)
            releases = [
                combined_source_release(request, source_canvas(p, source), self._means, stretch, p.steps)
                for source in p.init_images
            ]
        except RequestError as error:
            self._failure = DeferredError(error, SourceMismatch)
            return
        self._needs_mask = True
        self.mask = InpaintMaskOverride(p)
        self.mask.replace(p, reduce(np.minimum, releases))


def _weak_reference(p: Processing) -> Callable[[], Processing | None]:
    """A reference that does not keep `p` alive, if its class supports one; the hosts' own classes do."""
    try:
        return ref(p)
    except TypeError:
        return lambda: p


def _host_sample(p: Processing, *args: Any, **kwargs: Any) -> Tensor:
    samples: Tensor = type(p).sample(p, *args, **kwargs)
    return samples


def _is_call_of_copy(p: Processing, arguments: Mapping[str, Any]) -> bool:
    """Whether a call of `p.sample` with these keyword arguments was made for a copy of `p`: the hosts create its lists
    anew. (The copy shares our hook, which only knows `p`.)"""
    own = {name: getattr(p, name, None) for name in ("seeds", "prompts")}
    return all(name in arguments and arguments[name] is not value for name, value in own.items())
