"""Generations inside an edit: extensions such as ADetailer run them for details of a finished image, with copies of all
arguments, although nobody wants those edited."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from weakref import ref

import torch
from modules import shared
from PIL import Image

from pixels_ext.webui.protocols import Processing


def current_task() -> object:
    """Equal for all generations of one click on Generate, or of one API call."""
    return getattr(shared.state, "time_start", None)


class LatestEdit:
    """The edit that the always-on script started last. Keeps nothing alive."""

    def __init__(self) -> None:
        self._p: Callable[[], Processing | None] = lambda: None
        self._sources: list[Callable[[], Image.Image | None]] = []
        self._task: object = None
        self._request = ""
        self._open = False

    def start(self, p: Processing, request: object) -> None:
        """`p` is about to generate an edit with `request`, as it was given."""
        self._p, self._sources, self._request = lambda: None, [], _digest(request)
        with suppress(TypeError):  # of an object without weak references
            self._sources = [ref(source) for source in getattr(p, "init_images", None) or ()]
            self._p, self._task, self._open = ref(p), current_task(), True

    def finish(self, p: Processing) -> None:
        """`p` has its images. (Not called if a generation fails.)"""
        self._open = self._open and self._p() is not p

    def encloses(self, p: Processing) -> bool:
        """Whether `p` generates while that edit does: only during a generation the hosts disable gradients."""
        return self._open and self._is_another(p) and not torch.is_grad_enabled()

    def is_copied_by(self, p: Processing, request: object) -> bool:
        """Whether `p` belongs to the same task and has that edit's request, but other sources: then its arguments are
        copies."""
        if not self._is_another(p) or _digest(request) != self._request:
            return False
        before, now = [source() for source in self._sources], list(getattr(p, "init_images", None) or ())
        return len(before) != len(now) or not all(map(_equal, before, now))

    def _is_another(self, p: Processing) -> bool:
        edited = self._p()
        return edited is not None and edited is not p and self._task == current_task()


def _digest(request: object) -> str:
    """Equal for a request and its copies; "" for what is not a JSON value, which is refused later."""
    try:
        return hashlib.sha256(json.dumps(request, skipkeys=True, default=repr).encode()).hexdigest()
    except Exception:
        return ""


def _equal(one: Image.Image | None, other: Image.Image) -> bool:
    if one is None:
        return False
    return one is other or (
        (one.mode, one.size) == (other.mode, other.size) and bytes(one.tobytes()) == bytes(other.tobytes())
    )
