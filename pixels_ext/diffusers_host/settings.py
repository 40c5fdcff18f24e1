"""The sampling settings of an edit: what the img2img tab has in a WebUI."""

from __future__ import annotations

from dataclasses import dataclass

from pixels_ext.diffusers_host.prompt_syntax import check_prompt, unescape_prompt
from pixels_ext.diffusers_host.samplers import (
    AUTOMATIC,
    DEFAULT_SAMPLER,
    SAMPLERS,
    SCHEDULES,
    normalize_name,
    parse_sampler,
    resolve_sampler,
)
from pixels_ext.errors import RequestError
from pixels_ext.fields import Checked, Integer, Number, Text, declare

MAX_SEED = 2**63 - 1


def seed_after(seed: int, count: int) -> int:
    """The seed `count` after `seed`; after the largest comes 0."""
    return (seed + count) % (MAX_SEED + 1)


@dataclass(frozen=True, kw_only=True)
class Settings(Checked):
    """Sampling settings. Raises `RequestError` for values out of range.

    Samplers and schedules may be spelled as in any WebUI; they are stored by their names in `SAMPLERS` and `SCHEDULES`.
    `size`: width and height of the edit in pixels, or its longer side, or `None` for the source's size; see
    `pixels_ext.diffusers_host.canvas.working_size`.
    """

    prompt: str = declare(
        Text(
            label="Prompt",
            help="Describes what the result should show; may be empty. The WebUI's syntax for weights, LoRAs and "
            r"prompt editing is not supported; write \( and \) for brackets.",
            default="",
        )
    )
    negative_prompt: str = declare(
        Text(label="Negative prompt", help="Describes what the result should not show.", default="")
    )
    strength: float = declare(
        Number(
            label="Denoising strength",
            help="As in img2img: how much noise is added at the start, and so how much the image changes where the map "
            "is black. On the command line also auto: suggested from the images (Lemma 1).",
            default=0.6,
            minimum=0.01,
            maximum=1,
            step=0.05,
        )
    )
    steps: int = declare(
        Integer(
            label="Sampling steps",
            help="Steps of the full noise schedule; as in img2img, steps times strength of them run.",
            default=30,
            minimum=1,
            maximum=1000,
        )
    )
    sampler: str = declare(
        Text(
            label="Sampler",
            help="A WebUI sampler name, optionally followed by its schedule type, or automatic for the model's default "
            f"(mostly Euler). One of: {', '.join((AUTOMATIC, *SAMPLERS))}.",
            default=AUTOMATIC,
        )
    )
    schedule: str = declare(
        Text(
            label="Schedule type",
            help=f"How noise levels are spaced. One of: {', '.join((AUTOMATIC, *SCHEDULES))}.",
            default=AUTOMATIC,
        )
    )
    guidance_scale: float = declare(
        Number(
            label="Guidance scale",
            help="Classifier-free guidance scale (CFG scale); 1 turns guidance off.",
            default=5.0,
            minimum=0,
            maximum=100,
            step=0.5,
        )
    )
    seed: int = declare(
        Integer(
            label="Seed",
            help="Seed of the noise. On the command line, -1 means a random seed, which is printed and saved.",
            default=0,
            minimum=0,
            maximum=MAX_SEED,
        )
    )
    refiner_at: float = declare(
        Number(
            label="Refiner switch at",
            help="Part of the noise schedule after which the refiner takes over: with 0.8 it runs the last fifth.",
            default=0.8,
            minimum=0.01,
            maximum=0.99,
            step=0.05,
        )
    )
    size: tuple[int, int] | int | None = None
    timeline_frames: int = 0
    """Number of timeline frames to record, 0 for none."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("prompt", "negative_prompt"):
            try:
                check_prompt(getattr(self, name), negative=name == "negative_prompt")
            except RequestError as error:
                raise error.within(name) from None
        automatic = normalize_name(self.sampler) == AUTOMATIC
        sampler, schedule = parse_sampler(DEFAULT_SAMPLER if automatic else self.sampler, self.schedule)
        resolve_sampler(sampler, schedule)
        object.__setattr__(self, "sampler", AUTOMATIC if automatic else sampler)
        object.__setattr__(self, "schedule", schedule)
        if self.steps_run == 0:
            found = f"is {self.steps}, of which no step runs at strength {self.strength:g}"
            raise RequestError("steps", found, "at least 1 for steps times strength")

    @property
    def plain_prompt(self) -> str:
        """The prompt without escape characters, as the model receives it."""
        return unescape_prompt(self.prompt)

    @property
    def plain_negative_prompt(self) -> str:
        """The negative prompt without escape characters, as the model receives it."""
        return unescape_prompt(self.negative_prompt)

    @property
    def steps_run(self) -> int:
        """How many of `steps` run at this strength, as in img2img."""
        return min(int(self.steps * self.strength), self.steps)
