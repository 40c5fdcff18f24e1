"""Encode images without side effects on the WebUI: neither on its random generators nor on a model's caches."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import torch

_OF_EVERY_MODULE = frozenset(vars(torch.nn.Module()))
"""What torch itself keeps in a module, such as its parameters: the hosts move those between devices."""

_DEPTH = 4
"""How deeply lists and dictionaries are searched inside each other."""


@dataclass(frozen=True)
class _Container:
    """A list, dictionary or set as it was: itself, a copy of what was in it, and the containers among that."""

    itself: Any
    content: Any
    inside: list[_Container]


@dataclass(frozen=True)
class _Attributes:
    """Those of an object: by name, and the containers among them."""

    by_name: dict[str, Any]
    containers: list[_Container]


@contextmanager
def preserve_model_state(model: object) -> Iterator[None]:
    """While this context is open, `model` (the WebUI's) may encode images; afterwards its state is what it was.

    The hosts draw from the autoencoder's posterior with the global generator. And the engines of edit models (Flux.2
    Klein, Flux Kontext, Qwen-Image-Edit, ... in Forge Neo) keep what they encoded last, as a reference for the next
    conditioning, in attributes of their own or of their backend. Which attributes differs from engine to engine, so
    all are compared with what they were.
    """
    # All devices: under --device-id a WebUI's is another than the current one.
    cuda = list(range(torch.cuda.device_count())) if torch.cuda.is_available() else []
    owners = [model, *_backend()]
    before = [_attributes(owner) for owner in owners]
    with torch.random.fork_rng(cuda):
        try:
            yield
        finally:
            for owner, attributes in zip(owners, before, strict=True):
                _restore(owner, attributes)


def _backend() -> list[Any]:
    """Where the Forge family's backend keeps what engines pass to the denoiser: a module, and in Forge Neo a class in
    it. Only looked up, never imported."""
    module = sys.modules.get("backend.args")
    state = getattr(module, "dynamic_args", None)
    return [each for each in (module, state) if each is not None and hasattr(each, "__dict__")]


def _attributes(owner: Any) -> _Attributes:
    by_name = {name: value for name, value in vars(owner).items() if _is_state(name)}
    return _Attributes(by_name, _containers(by_name.values(), _DEPTH))


def _containers(values: Iterable[Any], depth: int) -> list[_Container]:
    found = [value for value in values if depth and _is_container(value)]
    return [_Container(each, each.copy(), _containers(_values(each), depth - 1)) for each in found]


def _values(container: Any) -> Iterable[Any]:
    return container.values() if isinstance(container, dict) else container


def _restore(owner: Any, before: _Attributes) -> None:
    for name in [name for name in vars(owner) if _is_state(name) and name not in before.by_name]:
        delattr(owner, name)
    for name, value in before.by_name.items():
        if name not in vars(owner) or vars(owner)[name] is not value:
            setattr(owner, name, value)
    for each in before.containers:
        _refill(each)


def _refill(container: _Container) -> None:
    itself, content = container.itself, container.content
    if _identities(itself) != _identities(content):
        itself.clear()
        (itself.extend if isinstance(itself, list) else itself.update)(content)
    for each in container.inside:
        _refill(each)


def _is_state(name: str) -> bool:
    return name not in _OF_EVERY_MODULE and not name.startswith("__")


def _is_container(value: object) -> bool:
    return type(value) in (list, dict, set)


def _identities(container: Any) -> list[int]:
    """The very objects in a container, in their order. (Comparing tensors gives tensors.)"""
    return [*map(id, chain.from_iterable(container.items()) if isinstance(container, dict) else container)]
