"""A probe: an extension of its own that records the model's input, and how far it is from the noised source.

It knows nothing of PIXELS and has its own formulas. `GET /pixels-probe/calls` gives what was recorded since it was last
asked, one entry for each call of the model:

    level        what the sampler calls the noise level: a sigma, or a timestep
    deviation    largest |x - noised source|, in units of the noise where that is more than 1; the noise is the seeds'
                 first draw, and what the host's own inpaint mask keeps is left out
    locked       share of the latent pixels where x is the noised source
    at           the time in seconds, by a monotonic clock

`GET /pixels-probe/left` gives how many objects of an edit are alive, which between two generations should be none.
"""

from __future__ import annotations

import gc
import math
import time
from typing import Any

import torch
from modules import rng, script_callbacks, shared

SAME = 1e-5
_calls: list[dict[str, float]] = []


def signal_and_scale(denoiser: Any, level: float) -> tuple[float, float]:
    """How this host mixes source and noise at `level`."""
    wrap = denoiser.inner_model
    predictor = getattr(wrap, "predictor", None)
    on_forge = hasattr(denoiser, "classic_ddim_eps_estimation")
    if hasattr(denoiser.sampler, "get_timesteps") and not on_forge:  # by now Forge has converted it to a sigma
        table, below = wrap.inner_model.alphas_cumprod.double(), math.floor(level)
        alpha = float(table[below])
        if level > below:
            alpha = math.exp(math.log(alpha) + (level - below) * math.log(float(table[below + 1]) / alpha))
        return math.sqrt(alpha), math.sqrt(1 - alpha)
    is_flow = getattr(predictor, "prediction_type", None) == "const" or getattr(shared.sd_model, "is_sd3", False)
    return (1 - level, level) if is_flow else (1.0, level)


def first_draw(p: Any) -> torch.Tensor:
    """The first noise of the seeds of `p`, drawn again without side effects."""
    own, names = p.rng, ("subseeds", "subseed_strength", "seed_resize_from_h", "seed_resize_from_w")
    nv = getattr(rng, "nv_rng", None)
    with torch.random.fork_rng([]):
        again = type(own)(own.shape, own.seeds, **{name: getattr(own, name) for name in names})
        noise = again.first() * p.initial_noise_multiplier
    if nv is not None:
        rng.nv_rng = nv
    return noise


def watch(params: Any) -> None:
    """Called before every call of the model."""
    denoiser = params.denoiser
    p, level = denoiser.p, float(params.sigma.flatten()[0])
    if getattr(p, "init_latent", None) is None:
        return
    init = p.init_latent.double()
    x = params.x[: init.shape[0]].double()
    signal, scale = signal_and_scale(denoiser, level)
    seen = torch.ones_like(init) if denoiser.nmask is None else denoiser.nmask.expand_as(init)
    if not hasattr(p.rng, "probe_noise"):
        p.rng.probe_noise = first_draw(p).double()
    away = (x - signal * init - scale * p.rng.probe_noise).abs() * seen / max(scale, 1.0)
    locked = float((away < SAME).all(dim=1).double().mean())
    _calls.append({"level": level, "deviation": float(away.max()), "locked": locked, "at": time.monotonic()})


def calls() -> list[dict[str, float]]:
    """What was recorded since it was last asked."""
    seen = list(_calls)
    _calls.clear()
    return seen


def left() -> int:
    """How many objects of edits are still alive."""
    gc.collect()
    return sum(type(each).__name__ in ("SampleHook", "EditRun", "LatentSurgery") for each in gc.get_objects())


def add_routes(_: Any, app: Any) -> None:
    app.add_api_route("/pixels-probe/calls", calls, methods=["GET"])
    app.add_api_route("/pixels-probe/left", left, methods=["GET"])


script_callbacks.on_cfg_denoiser(watch)
script_callbacks.on_app_started(add_routes)
