"""What stands in the place of `p.sample` while a processing object is to make edits."""

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
from pixels_ext.webui.canvas import SourceCanvas, canvases_of
from pixels_ext.webui.edit_run import EditRun, release_of, stopped
from pixels_ext.webui.infotext import describe, forget
from pixels_ext.webui.inpaint_mask import InpaintMaskOverride, looks_at_mask, painted
from pixels_ext.webui.log import comment
from pixels_ext.webui.refusals import DoesNotFit, Failure, Refused
from pixels_ext.webui.vision import seeing

_HOOK = "pixels_edit"
"""Attribute of a processing object: its hook. An extension that comes after ours may have wrapped `p.sample`."""
_A_COPY = "Another extension re-ran a copy of this generation. Switch it off, or PIXELS."
_SAMPLED_PAST = "Another script or extension did the sampling itself, so nothing was edited. Switch it off, or PIXELS."
ANOTHER_SOURCE = "Another extension generated an image from a different source. That image is not an edit."
_MASK_AGAIN = "Another extension re-ran this generation. That image is not an edit: its map came from the inpaint mask."


def begin(p: Any) -> None:
    """What every generation begins with: nothing of another one. A copy of a processing object has its hook, which
    would sample the other one."""
    if edit_of(p) is None:
        remove(p)
    forget(p)


def install(p: Any, request: EditRequest | Exception, read: Callable[[], EditRequest] | None = None) -> SampleHook:
    """Make the next generations of `p` edits. Returns what stands in for `p.sample`.

    What went wrong with a request is kept until the sampler would start, because there the hosts pass errors on to the
    user; what always-on scripts raise, they only print. `read`: reads the request once more, if `p` is used again after
    its run; then the request's pictures need not be kept until `p` goes.
    """
    remove(p)
    hook = SampleHook(p, request, below=vars(p).get("sample"), read=read)
    p.extra_generation_params = dict(p.extra_generation_params)  # copies of `p` have the same one
    setattr(p, _HOOK, hook)
    p.sample = hook
    try:
        hook.take_mask_over(p)
    except Exception:
        remove(p)
        raise
    return hook


def edit_of(p: Any) -> SampleHook | None:
    """The hook that is installed on `p`, if there is one."""
    hook = getattr(p, "__dict__", {}).get(_HOOK)
    return hook if isinstance(hook, SampleHook) and hook.belongs_to(p) else None


def has_copied_edit(p: Any) -> bool:
    """Whether `p` has a hook as the copy of another processing object."""
    return getattr(p, "__dict__", {}).get(_HOOK) is not None and edit_of(p) is None


def remove(p: Any) -> None:
    """Take off a hook, also one that `p` has as the copy of another processing object, and what it said. One that
    another extension has wrapped stays inside of the wrapping and does nothing any more."""
    own = getattr(p, "__dict__", {})
    hook = own.pop(_HOOK, None)
    if isinstance(hook, SampleHook):
        if hook.mask:
            hook.mask.restore(p)
        if hook.belongs_to(p):
            hook.end_run()
        forget(p)
    sample = own.get("sample")
    if isinstance(sample, SampleHook):
        del p.sample
        if sample.below:
            p.sample = sample.below


class SampleHook:
    """Stands in for `p.sample`: the host's own, with surgery in its sampler.

    It does not keep `p` alive, which holds it: a cycle would stay in memory, with all pictures, until Python's
    collector comes by.
    """

    def __init__(
        self,
        p: Any,
        request: EditRequest | Exception,
        below: Callable[..., Tensor] | None,
        read: Callable[[], EditRequest] | None,
    ) -> None:
        self.below = below
        self.mask: InpaintMaskOverride | None = None
        """While the host has not read it."""
        self._p = _weakly(p)
        self._read = read
        self._request = request if isinstance(request, EditRequest) else None
        self._failure = Failure(request) if isinstance(request, Exception) else None
        self._means = MapProviders()
        self._needs_mask = False
        self._sources: list[str] | None = None
        self._took_part = False
        self._sampler: Callable[[], Any] = lambda: None
        self._run: EditRun | None = None

    def end_run(self) -> None:
        """Let go of all that was made for a run of `p`, when it is over. `p` may run again."""
        self._sampler, self._run = lambda: None, None
        if self._sources is not None:
            self._means = MapProviders(vision=self._means.vision)
            if self._read:
                self._request = None

    def belongs_to(self, p: Any) -> bool:
        """Whether it was made for this very object, not for one that this is a copy of."""
        return self._p() is p

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        p = self._p()
        if p is None or _are_of_a_copy(p, kwargs):
            if p is not None:
                comment(p, f"PIXELS: {_A_COPY}")
            raise Refused(_A_COPY)
        sample = partial(self.below or partial(_sampled_by_host, p), *args, **kwargs)
        if edit_of(p) is not self:  # taken off, but still inside of another extension's wrapping
            return sample()
        try:
            run = self._run_of(p)
            if run is None:
                return sample()
            samples = run.sample(p, sample)
            self._took_part = self._took_part or run.edited
            if not run.edited and not stopped():
                raise Refused(_SAMPLED_PAST)
        except RequestError as error:
            raise self._failed(p, Refused(error)) from None
        except BaseException as error:
            self._failed(p, error)
            raise
        return samples

    def _failed(self, p: Any, error: BaseException) -> BaseException:
        """`error`, after which nothing is left of the run."""
        forget(p)
        self.end_run()
        if isinstance(error, Refused):  # X/Y/Z plot swallows what its cells raise, but shows comments
            comment(p, str(error))
        return error

    def _run_of(self, p: Any) -> EditRun | None:
        """The run of `p` that samples now, if it is an edit. Extensions use `p` again, unasked: over other sources no
        map was made, so those are none; over the same ones, maybe at another size, everything is made anew."""
        if self._failure:
            raise self._failure.error()
        if self._sampler() is not p.sampler:  # the hosts make one for every run
            self._run = self._begin_run(p)
            self._sampler = ref(p.sampler)
        return self._run

    def _begin_run(self, p: Any) -> EditRun | None:
        forget(p)
        canvases = canvases_of(p)
        sources = [canvas.digest for canvas in canvases]
        first = self._sources is None
        self._sources = sources if self._sources is None else self._sources
        if sources != self._sources:
            comment(p, f"PIXELS: {ANOTHER_SOURCE}")
            return None
        if self._needs_mask and not first:
            comment(p, f"PIXELS: {_MASK_AGAIN}")
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

    def is_of_other_sources(self, p: Any) -> bool:
        """Whether `p` has run as an edit, and is about to run with other sources."""
        return self._sources is not None and [canvas.digest for canvas in canvases_of(p)] != self._sources

    def before_batch(self, p: Any) -> None:
        """Before a batch is sampled: its parameters name the edit. The hosts write them to `params.txt` now."""
        try:
            run = self._run_of(p)
        except Exception:  # it is raised again where the hosts hand it on
            return
        if run:
            run.edited, run.finishes_images = False, True
            describe(p, run.said)

    def after_batch(self, p: Any) -> None:
        """After a batch was sampled, and before anything is written: it is named an edit only if it is one."""
        if self._run and not self._run.edited:
            forget(p)
            if not stopped():
                comment(p, f"PIXELS: {_SAMPLED_PAST}")

    def check_took_part(self) -> None:
        """Raise `Refused` when something else has sampled, past the host's sampler or past `p.sample`."""
        if not self._took_part and not stopped():
            raise Refused(_SAMPLED_PAST)

    def finished(self, p: Any, picture: Image.Image) -> Image.Image:
        """A picture that the host has finished, with the source's white put back when the request asks for it."""
        if self._run is None:
            return picture
        self.after_batch(p)
        return self._run.with_white_kept(p, picture)

    def take_mask_over(self, p: Any) -> None:
        """Where a map is made from the inpaint mask, the mask is that map's and no longer the host's. Before the host
        has looked at it; what is wrong with the request is said later."""
        request = self._request
        if request is None:
            return
        self._means = MapProviders(inpaint_mask=painted(p) if looks_at_mask(request) else None, vision=seeing(p.scripts, p))
        if self._means.inpaint_mask is None:
            return
        size = p.init_images[0].size
        try:
            check_maps(request, size, self._means)
            # The hosts stretch the one mask over sources of every size.
            stretch = partial(resize_map, size=size)
            releases = [
                release_of(request, SourceCanvas(p, source), self._means, stretch, p.steps) for source in p.init_images
            ]
        except RequestError as error:
            self._failure = Failure(error, DoesNotFit)
            return
        self._needs_mask = True
        self.mask = InpaintMaskOverride(p)
        self.mask.replace(p, reduce(np.minimum, releases))


def _weakly(p: Any) -> Callable[[], Any]:
    """A reference that does not keep `p` alive, where there can be one: the hosts' own objects have it."""
    try:
        return ref(p)
    except TypeError:
        return lambda: p


def _sampled_by_host(p: Any, *args: Any, **kwargs: Any) -> Tensor:
    samples: Tensor = type(p).sample(p, *args, **kwargs)
    return samples


def _are_of_a_copy(p: Any, arguments: Mapping[str, Any]) -> bool:
    """Whether a call of `p.sample` with these keyword arguments was made by a copy of `p`, for which the hosts made
    lists of its own. (The copy has our attribute too, but what stands there knows `p` alone.)"""
    own = {name: getattr(p, name, None) for name in ("seeds", "prompts")}
    return all(name in arguments and arguments[name] is not value for name, value in own.items())
