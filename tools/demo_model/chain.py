"""The chain of stages, each with its share of the time; what is done already is not done again."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL

from . import autoencoder, decoder, denoiser, evaluate
from .crops import batches
from .export import export
from .latents import Latents, encode_all
from .machine import Machine
from .photographs import Photographs
from .scenes import draw
from .stage import Stage
from .whiten import statistics, whiten

SHARES = {"draw": 0.06, "autoencoder": 0.33, "encode": 0.05, "denoiser": 0.36, "decoder": 0.2}
"""Shares of the time. Whitening, export and measuring come on top: seconds on a GPU, two minutes on a CPU."""


@dataclass(frozen=True)
class Plan:
    """What is trained: where, with which pictures, how long."""

    out: Path
    photographs: Path
    minutes: float
    machine: Machine
    size: int = 256
    count: int = 6000

    @property
    def crop_sizes(self) -> tuple[int, int]:
        """Sides of the autoencoder's crops, at first and later."""
        return self.size // 4, self.size // 2

    def stage(self, name: str) -> Stage:
        """Return the stage `name` without anything that is trained in it: a clock that goes on."""
        return Stage(self.out / name, self.minutes * SHARES[name], {})


def run(plan: Plan, *, measure: bool = True) -> Path:
    """Go through all stages, on from where an earlier call was stopped; return the folder of the pipeline.

    Called again with more minutes it trains on from the states that are there.
    """
    scenes, photographs = plan.out / "scenes", Photographs(plan.photographs)
    clock = plan.stage("draw")
    draw(scenes, plan.size, plan.count, max(1, plan.machine.workers), clock.over)
    clock.save()

    vae = autoencoder.train(
        scenes, plan.photographs, plan.out / "autoencoder", _minutes(plan, "autoencoder"), plan.machine, plan.crop_sizes
    )
    white = _whitened(plan, vae, scenes)

    clock = plan.stage("encode")
    encode_all(white, scenes, photographs, plan.out / "latents", plan.machine, clock.over)
    clock.save()
    model, tokenizer = denoiser.train(
        Latents(plan.out / "latents", (5,)), plan.out / "denoiser", _minutes(plan, "denoiser"), plan.machine
    )

    crops = batches(scenes, plan.photographs, plan.machine.large_crops, plan.crop_sizes[1], (6,), plan.machine.workers)
    sharp = decoder.train(white, model, crops, plan.out / "decoder", _minutes(plan, "decoder"), plan.machine)

    folder = plan.out / "model"
    export(sharp, model.unet, model.encoder, tokenizer, folder)
    if measure:
        evaluate.measure(folder, plan.out / "measured", count=32, size=plan.size)
    return folder


def _minutes(plan: Plan, name: str) -> float:
    return plan.minutes * SHARES[name]


def _whitened(plan: Plan, vae: AutoencoderKL, scenes: Path) -> AutoencoderKL:
    """Return the autoencoder with evened latents. When it has been trained since, what hangs on its latents goes."""
    state, folder = plan.out / "autoencoder" / "state.pt", plan.out / "white"
    trained = str(torch.load(state, map_location="cpu", weights_only=True)["step"])
    stamp = folder / "autoencoder_steps"
    if not stamp.exists() or stamp.read_text() != trained:
        crops = batches(scenes, plan.photographs, plan.machine.large_crops, plan.crop_sizes[1], (7,), 0)
        mean, covariance = statistics(vae, crops, plan.machine)
        whiten(vae, mean, covariance)
        for name in ("latents", "encode", "decoder"):
            shutil.rmtree(plan.out / name, ignore_errors=True)
        vae.save_pretrained(folder)
        stamp.write_text(trained)
    return plan.machine.placed(AutoencoderKL.from_pretrained(folder))
