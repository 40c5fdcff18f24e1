"""The cost in diffusers, as the command line and Python have it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

import torch
from helpers.live_bytes import LivingBytes

from pixels_ext import EditRequest, Exemplar
from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.diffusers_host.canvas import Padding
from pixels_ext.diffusers_host.families.family import Family
from pixels_ext.diffusers_host.pipeline_hook import PipelineHook

from .inputs import AGAIN, COUNTS, PLAIN, Run, by_turns, exemplars, named, picture
from .models import MODELS

DOOR = "diffusers"
DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}
Record = dict[str, Any]


def measured(run: Run, device: str, precision: str) -> Iterator[Record]:
    """Time in pairs, `run.rounds` of each kind by turns, after one that is not counted; then the memory of each.

    A record has `edit`, and either `seconds` (all), `denoising` (the pipeline's own part of them) and `ours` (what runs
    between the model's calls), or `bytes` and `bytes_denoising`.
    """
    editor = Editor(MODELS[run.model](device, DTYPES[precision]))
    family, kinds = editor.family, _kinds(editor, run)
    kinds[PLAIN]()
    for number, name in by_turns(kinds, run.rounds):
        yield {"edit": name, "round": number, **_timed(family, kinds[name], device)}
    # How many steps there are does not matter to memory, as long as one follows another.
    for name, work in _kinds(editor, replace(run, steps=round(2 / run.strength))).items():
        yield {"edit": name, **_memory(family, work, device)}


def _kinds(editor: Editor, run: Run) -> dict[str, Callable[[], Any]]:
    source = picture(1, run.size)
    settings = Settings(
        steps=run.steps, strength=run.strength, size=run.size, sampler="Euler", prompt="a", negative_prompt="a"
    )
    plain = partial(plain_img2img, editor, source, settings)
    kinds: dict[str, Callable[[], Any]] = {PLAIN: plain, AGAIN: plain}
    for count in COUNTS:
        edit = EditRequest(exemplars=tuple(Exemplar(image=a, edit_map=b) for a, b in exemplars(count, run.size)))
        kinds[named(count)] = partial(editor.edit, source, edit, settings)
    return kinds


@torch.inference_mode()
def plain_img2img(editor: Editor, source: Any, settings: Settings) -> None:
    """The same pipeline from encoding to decoding, without surgery."""
    family = editor.family
    settings = family.with_default_sampler(settings)
    latent = family.encode(Padding(source.size, family.size_multiple, family.vae_scale_factor).image_tensor(source))
    scheduler, own = family.scheduler(settings), family.pipeline.scheduler
    family.pipeline.scheduler = scheduler
    try:
        family.decode(family.sample(source, latent, settings, [settings.seed], NoHook()))
    finally:
        family.pipeline.scheduler = own


class NoHook(PipelineHook):
    """In the place of surgery: nothing."""

    def __init__(self) -> None:
        pass

    def on_step_end(
        self, pipeline: Any, index: int, timestep: torch.Tensor, tensors: dict[str, torch.Tensor]
    ) -> dict[str, torch.Tensor]:
        return tensors


def _timed(family: Family, work: Callable[[], Any], device: str) -> dict[str, float]:
    with _watched(family, "sample", device) as denoising, _watched(PipelineHook, "on_step_end", device) as ours:
        began = _now(device)
        work()
        return {"seconds": _now(device) - began, "denoising": sum(denoising), "ours": sum(ours)}


def _now(device: str) -> float:
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


@contextmanager
def _watched(owner: Any, name: str, device: str) -> Iterator[list[float]]:
    """The seconds of each call of a method."""
    own, seconds = getattr(owner, name), []

    def timed(*args: Any, **kwargs: Any) -> Any:
        began = _now(device)
        try:
            return own(*args, **kwargs)
        finally:
            seconds.append(_now(device) - began)

    with patch.object(owner, name, timed):
        yield seconds


def _memory(family: Family, work: Callable[[], Any], device: str) -> dict[str, int]:
    """Bytes of living tensors beyond the model, at most, and while the model denoises; on CUDA what its allocator had
    handed out at most."""
    if device == "cuda":
        torch.cuda.synchronize()
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        work()
        return {"bytes": torch.cuda.max_memory_allocated() - before}
    with LivingBytes(family.denoiser) as living:
        work()
    return {"bytes": living.most, "bytes_denoising": living.most_denoising}
