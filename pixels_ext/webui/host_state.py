"""Encode images without the WebUI noticing: neither its random numbers nor what a model remembers change."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import torch

_OF_EVERY_MODULE = frozenset(vars(torch.nn.Module()))
"""What torch itself keeps in a module, such as its parameters: the hosts move those between devices."""

Attributes = dict[str, tuple[Any, Any]]
"""Name to value, and to a copy of what is in it where it is a plain container."""


@contextmanager
def unnoticed(model: Any) -> Iterator[None]:
    """While this context is open, `model` (the WebUI's) may encode images; the next generation is as if it had not.

    The hosts draw from the autoencoder's posterior with the global generator. And the engines of edit models (Flux.2
    Klein, Flux Kontext, Qwen-Image-Edit, ... in Forge Neo) keep what they encoded last, as a reference for the next
    conditioning, in attributes of their own or of their backend. Which attributes differs from engine to engine, so
    all are compared with what they were.
    """
    cuda = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    owners = [model, *_backend()]
    before = [_attributes(owner) for owner in owners]
    with torch.random.fork_rng(cuda):
        try:
            yield
        finally:
            for owner, attributes in zip(owners, before, strict=True):
                _restore(owner, attributes)


def _backend() -> list[Any]:
    """Where the Forge family's backend keeps what engines hand over to the denoiser: a module, and in Forge Neo a class
    in it. Only looked up, never imported."""
    module = sys.modules.get("backend.args")
    state = getattr(module, "dynamic_args", None)
    return [each for each in (module, state) if each is not None and hasattr(each, "__dict__")]


def _attributes(owner: Any) -> Attributes:
    kept = {name: value for name, value in vars(owner).items() if _is_state(name)}
    return {name: (value, value.copy() if _is_container(value) else None) for name, value in kept.items()}


def _restore(owner: Any, before: Attributes) -> None:
    for name in [name for name in vars(owner) if _is_state(name) and name not in before]:
        delattr(owner, name)
    for name, (value, content) in before.items():
        if name not in vars(owner) or vars(owner)[name] is not value:
            setattr(owner, name, value)
        if content is not None and _identities(value) != _identities(content):
            value.clear()
            (value.extend if isinstance(value, list) else value.update)(content)


def _is_state(name: str) -> bool:
    return name not in _OF_EVERY_MODULE and not name.startswith("__")


def _is_container(value: object) -> bool:
    return type(value) in (list, dict, set)


def _identities(container: Any) -> list[int]:
    """The very objects in a container, in their order. (Comparing tensors gives tensors.)"""
    return [*map(id, chain.from_iterable(container.items()) if isinstance(container, dict) else container)]
