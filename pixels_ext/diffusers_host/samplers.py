"""The WebUI's sampler names, as diffusers' schedulers."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import diffusers

from pixels_ext.errors import RequestError, describe, first_line

AUTOMATIC = "automatic"
USUAL = "Euler"
"""The sampler that almost every model takes."""


@dataclass(frozen=True)
class Sampler:
    """A diffusers scheduler class, the options that make it that sampler, and the noise schedule that the WebUI gives
    it when the schedule type is "automatic"."""

    scheduler: str
    options: Mapping[str, Any] = field(default_factory=dict)
    automatic: str = "uniform"


SAMPLERS: Mapping[str, Sampler] = MappingProxyType(
    {
        "Euler": Sampler("EulerDiscreteScheduler"),
        "Euler a": Sampler("EulerAncestralDiscreteScheduler"),
        "LMS": Sampler("LMSDiscreteScheduler"),
        "Heun": Sampler("HeunDiscreteScheduler"),
        "DPM2": Sampler("KDPM2DiscreteScheduler", automatic="karras"),
        "DPM2 a": Sampler("KDPM2AncestralDiscreteScheduler", automatic="karras"),
        "DPM++ 2S": Sampler("DPMSolverSinglestepScheduler", automatic="karras"),
        "DPM++ 2M": Sampler("DPMSolverMultistepScheduler", automatic="karras"),
        "DPM++ SDE": Sampler("DPMSolverSDEScheduler", automatic="karras"),
        "DPM++ 2M SDE": Sampler("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}, "karras"),
        "DPM++ 3M SDE": Sampler(
            "DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++", "solver_order": 3}, "exponential"
        ),
        "DEIS": Sampler("DEISMultistepScheduler"),
        "DDIM": Sampler("DDIMScheduler"),
        "DDPM": Sampler("DDPMScheduler"),
        "PLMS": Sampler("PNDMScheduler", {"skip_prk_steps": True}),
        "UniPC": Sampler("UniPCMultistepScheduler"),
        "SA-Solver": Sampler("SASolverScheduler"),
        "LCM": Sampler("LCMScheduler"),
        "TCD": Sampler("TCDScheduler"),
    }
)
"""Every scheduler that diffusers' img2img takes. Where the WebUI has no such sampler ("DPM++ 2S" without noise of its
own, "DDPM", "SA-Solver", "TCD") the name is the one in use elsewhere."""

SCHEDULES: Mapping[str, str | None] = MappingProxyType(
    {
        "uniform": None,
        "karras": "use_karras_sigmas",
        "exponential": "use_exponential_sigmas",
        "beta": "use_beta_sigmas",
    }
)
"""Schedule types by the WebUI's names, and the option of a diffusers scheduler that chooses each."""


def resolved(sampler: str, schedule: str, samplers: Mapping[str, Sampler] = SAMPLERS) -> tuple[str, str | None]:
    """A name in `samplers`, and the scheduler option that chooses the noise schedule (`None`: the uniform one).

    `sampler`: a WebUI name in any spelling, also with the schedule behind it ("DPM++ 2M Karras", "k_dpmpp_2m_ka").
    `schedule`: "automatic" or a name in `SCHEDULES`, in any spelling. Raises `RequestError` for unknown names, for a
    sampler that is not among `samplers`, and for a schedule that the sampler does not have.
    """
    name, schedule = spelled_out(sampler, schedule)
    if name not in samplers:
        raise RequestError("sampler", f"is {name!r}, which this model does not take", f"one of: {', '.join(samplers)}")
    available = _parameters(samplers[name])
    if schedule == AUTOMATIC:
        option = SCHEDULES[samplers[name].automatic]
        return name, option if option in available else None
    option = SCHEDULES[schedule]
    if option and option not in available:
        has = [AUTOMATIC, *(word for word, other in SCHEDULES.items() if other is None or other in available)]
        found = f"is {schedule!r}, which the sampler {name} does not have"
        raise RequestError("schedule", found, f"one of: {', '.join(has)}")
    return name, option


def make_scheduler(
    sampler: str, schedule: str, config: Mapping[str, Any], samplers: Mapping[str, Sampler] = SAMPLERS
) -> Any:
    """A fresh scheduler for the model whose own scheduler has `config`. `samplers`: those that the model takes.

    Raises `RequestError` as `resolved` does, and when the sampler needs a package that is missing.
    """
    name, chosen = resolved(sampler, schedule, samplers)
    # A model's own scheduler may carry another choice in its config, so every one is set.
    available = _parameters(samplers[name])
    options = {option: option == chosen for option in SCHEDULES.values() if option and option in available}
    try:
        scheduler_class = getattr(diffusers, samplers[name].scheduler)
        return scheduler_class.from_config(dict(config), **options, **samplers[name].options)
    except ImportError as error:
        found = f"is {name!r}, which needs a package that is missing ({first_line(error)})"
        raise RequestError("sampler", found, "another sampler, or that package installed") from None


def seed_own_noise(scheduler: Any, seeds: Sequence[int]) -> None:
    """Let a scheduler that draws noise by itself (DPM++ SDE: from a Brownian tree) draw it from `seeds`, one for each
    picture. All others are handed the pipeline's generators."""
    if hasattr(scheduler, "noise_sampler_seed"):
        scheduler.noise_sampler_seed = list(seeds)


def _parameters(sampler: Sampler) -> Mapping[str, Any]:
    return inspect.signature(getattr(diffusers, sampler.scheduler).__init__).parameters


def spelled_out(sampler: str, schedule: str) -> tuple[str, str]:
    """A sampler in `SAMPLERS` and its schedule in `SCHEDULES` (or "automatic"), from whatever spelling a WebUI, its API
    or its users have: "DPM++ 2M Karras" is ("DPM++ 2M", "karras"). Raises `RequestError` for unknown names."""
    schedules = {key_of(name): name for name in (AUTOMATIC, *SCHEDULES)}
    chosen = schedules.get(key_of(schedule))
    if chosen is None:
        raise RequestError("schedule", describe(schedule), f"one of: {', '.join((AUTOMATIC, *SCHEDULES))}")
    names = {key_of(name): name for name in SAMPLERS}
    wanted = _sampler_key(sampler)
    if wanted in names:
        return names[wanted], chosen
    for tail, name in (*schedules.items(), ("ka", "karras")):
        head = wanted.removesuffix(tail)
        if head != wanted and head in names and chosen in (AUTOMATIC, name):
            return names[head], name
    raise RequestError("sampler", describe(sampler), f"one of: {', '.join(SAMPLERS)}")


def key_of(name: str) -> str:
    """What all spellings of a name share: "DPM++ 2M", "dpm++_2m", "Dpm++-2m"."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def _sampler_key(name: str) -> str:
    """As `key_of`, also for the names in k-diffusion ("k_dpmpp_2m_ka", "euler_ancestral")."""
    key = key_of(name).replace("dpmpp", "dpm++").replace("ancestral", "a")
    return key.removeprefix("k")
