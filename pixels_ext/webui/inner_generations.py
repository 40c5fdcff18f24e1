"""Generations inside of an edit: extensions make them for the details of a finished picture, with copies of all the
arguments, and nobody asked for an edit of those."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from weakref import ref

import torch
from modules import shared
from PIL import Image

from pixels_ext.webui.protocols import Processing


def current_task() -> object:
    """What is the same for all generations that one press of a button, or one call of the API, makes."""
    return getattr(shared.state, "time_start", None)


class LatestEdit:
    """The edit that the always-on script began last. Holds nothing alive."""

    def __init__(self) -> None:
        self._p: Callable[[], Any] = lambda: None
        self._sources: list[Callable[[], Any]] = []
        self._task: object = None
        self._request = ""
        self._open = False

    def start(self, p: Processing, request: object) -> None:
        """`p` is about to generate, as an edit by `request`, as it was given."""
        self._p, self._sources, self._request = lambda: None, [], _digest(request)
        with suppress(TypeError):  # of something that cannot be known without being held
            self._sources = [ref(source) for source in getattr(p, "init_images", None) or ()]
            self._p, self._task, self._open = ref(p), current_task(), True

    def finish(self, p: Processing) -> None:
        """`p` has its pictures. (Not called when a generation fails.)"""
        self._open = self._open and self._p() is not p

    def encloses(self, p: Processing) -> bool:
        """Whether `p` is generated while that edit is: the hosts compute without gradients, and only then."""
        return self._open and self._is_of_another(p) and not torch.is_grad_enabled()

    def is_copied_by(self, p: Processing, request: object) -> bool:
        """Whether `p` belongs to the same task and has that edit's request, but is generated from other pictures than
        the edit was: so it is with copied arguments."""
        if not self._is_of_another(p) or _digest(request) != self._request:
            return False
        before, now = [source() for source in self._sources], list(getattr(p, "init_images", None) or ())
        return len(before) != len(now) or not all(map(_same, before, now))

    def _is_of_another(self, p: Processing) -> bool:
        edited = self._p()
        return edited is not None and edited is not p and self._task == current_task()


def _digest(request: object) -> str:
    """The same for a request and its copies; "" for what is no JSON value, which is refused later."""
    try:
        return hashlib.sha256(json.dumps(request, skipkeys=True, default=repr).encode()).hexdigest()
    except Exception:
        return ""


def _same(one: Image.Image | None, other: Image.Image) -> bool:
    if one is None:
        return False
    return one is other or (
        (one.mode, one.size) == (other.mode, other.size) and bytes(one.tobytes()) == bytes(other.tobytes())
    )
