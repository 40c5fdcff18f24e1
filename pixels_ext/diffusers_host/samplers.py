"""The WebUI's sampler names and the diffusers schedulers for them.

Diffusers is imported only when a scheduler is needed: the command line lists samplers without it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pixels_ext.errors import RequestError, describe, first_line

AUTOMATIC = "automatic"
DEFAULT_SAMPLER = "Euler"
"""The default sampler of almost all models."""


@dataclass(frozen=True)
class Sampler:
    """A diffusers scheduler class, its options for this sampler, and the noise schedule that the WebUI uses with it
    when the schedule type is "automatic"."""

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
"""Every scheduler that works with diffusers' img2img. Samplers that the WebUI does not have ("DPM++ 2S" without
ancestral noise, "DDPM", "SA-Solver", "TCD") have their usual names."""

SCHEDULES: Mapping[str, str | None] = MappingProxyType(
    {
        "uniform": None,
        "karras": "use_karras_sigmas",
        "exponential": "use_exponential_sigmas",
        "beta": "use_beta_sigmas",
    }
)
"""The WebUI's schedule types, and the option of a diffusers scheduler that selects each."""


def resolve_sampler(sampler: str, schedule: str, samplers: Mapping[str, Sampler] = SAMPLERS) -> tuple[str, str | None]:
    """A name in `samplers`, and the scheduler option that selects the noise schedule (`None`: uniform).

    `sampler`: a WebUI name in any spelling, optionally followed by the schedule ("DPM++ 2M Karras", "k_dpmpp_2m_ka").
    `schedule`: "automatic" or a name in `SCHEDULES`, in any spelling. Raises `RequestError` for unknown names, for a
    sampler that is not in `samplers`, and for a schedule that the sampler does not support.
    """
    name, schedule = parse_sampler(sampler, schedule)
    if name not in samplers:
        raise RequestError(
            "sampler", f"is {name!r}, which this model does not support", f"one of: {', '.join(samplers)}"
        )
    available = _parameters(samplers[name])
    if schedule == AUTOMATIC:
        option = SCHEDULES[samplers[name].automatic]
        return name, option if option in available else None
    option = SCHEDULES[schedule]
    if option and option not in available:
        supported = [AUTOMATIC, *(key for key, other in SCHEDULES.items() if other is None or other in available)]
        found = f"is {schedule!r}, which the sampler {name} does not support"
        raise RequestError("schedule", found, f"one of: {', '.join(supported)}")
    return name, option


def make_scheduler(
    sampler: str, schedule: str, config: Mapping[str, Any], samplers: Mapping[str, Sampler] = SAMPLERS
) -> Any:
    """A new scheduler for a model whose own scheduler has `config`. `samplers`: those that the model supports.

    Raises `RequestError` as `resolve_sampler` does, and when the sampler needs a package that is not installed.
    """
    name, selected = resolve_sampler(sampler, schedule, samplers)
    # The model's own scheduler config may select another schedule, so all options are set.
    available = _parameters(samplers[name])
    options = {option: option == selected for option in SCHEDULES.values() if option and option in available}
    try:
        return _scheduler_class(samplers[name]).from_config(dict(config), **options, **samplers[name].options)
    except ImportError as error:
        found = f"is {name!r}, which needs a package that is not installed ({first_line(error)})"
        raise RequestError("sampler", found, "another sampler, or that package") from None


def seed_sde_noise(scheduler: Any, seeds: Sequence[int]) -> None:
    """Seed a scheduler that draws its own noise (DPM++ SDE, from a Brownian tree) with `seeds`, one per image. All
    others use the pipeline's generators."""
    if hasattr(scheduler, "noise_sampler_seed"):
        scheduler.noise_sampler_seed = list(seeds)


def _parameters(sampler: Sampler) -> Mapping[str, Any]:
    return inspect.signature(_scheduler_class(sampler).__init__).parameters


def _scheduler_class(sampler: Sampler) -> Any:
    import diffusers

    return getattr(diffusers, sampler.scheduler)


def parse_sampler(sampler: str, schedule: str) -> tuple[str, str]:
    """A sampler in `SAMPLERS` and its schedule in `SCHEDULES` (or "automatic"), from any spelling that WebUIs, their
    APIs or users have: "DPM++ 2M Karras" is ("DPM++ 2M", "karras"). Raises `RequestError` for unknown names."""
    schedules = {normalize_name(name): name for name in (AUTOMATIC, *SCHEDULES)}
    schedule_name = schedules.get(normalize_name(schedule))
    if schedule_name is None:
        raise RequestError("schedule", describe(schedule), f"one of: {', '.join((AUTOMATIC, *SCHEDULES))}")
    names = {normalize_name(name): name for name in SAMPLERS}
    key = _sampler_key(sampler)
    if key in names:
        return names[key], schedule_name
    for suffix, name in (*schedules.items(), ("ka", "karras")):
        head = key.removesuffix(suffix)
        if head != key and head in names and schedule_name in (AUTOMATIC, name):
            return names[head], name
    raise RequestError("sampler", describe(sampler), f"one of: {', '.join(SAMPLERS)}")


def normalize_name(name: str) -> str:
    """A key that all spellings of a name share: "DPM++ 2M", "dpm++_2m", "Dpm++-2m"."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def _sampler_key(name: str) -> str:
    """Like `normalize_name`, also for the names of k-diffusion ("k_dpmpp_2m_ka", "euler_ancestral")."""
    key = normalize_name(name).replace("dpmpp", "dpm++").replace("ancestral", "a")
    return key.removeprefix("k")
