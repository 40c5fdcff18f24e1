"""The settings of an edit that in a WebUI the img2img tab would hold."""

from __future__ import annotations

from dataclasses import dataclass

from pixels_ext.diffusers_host.prompt_syntax import as_words, check_words
from pixels_ext.diffusers_host.samplers import AUTOMATIC, SAMPLERS, SCHEDULES, USUAL, key_of, resolved, spelled_out
from pixels_ext.errors import RequestError
from pixels_ext.fields import Checked, Number, Text, Integer, declare

LARGEST_SEED = 2**63 - 1


def seed_after(seed: int, count: int) -> int:
    """The seed `count` after `seed`; behind the largest comes 0."""
    return (seed + count) % (LARGEST_SEED + 1)


@dataclass(frozen=True, kw_only=True)
class Settings(Checked):
    """What a WebUI's img2img tab would say. Raises `RequestError` for values out of range.

    Samplers and schedules may be spelled as in any WebUI, and are kept by the names in `SAMPLERS` and `SCHEDULES`.

    `size`, the width and height at which the edit is made or its longer side, has no place in a table of single values;
    see `pixels_ext.diffusers_host.canvas.working_size`.
    """

    prompt: str = declare(
        Text(
            label="Prompt",
            help="What the result should show, in words; may be empty. A WebUI's weights, LoRAs and editing are "
            r"refused; \( and \) are brackets.",
            default="",
        )
    )
    negative_prompt: str = declare(Text(label="Negative prompt", help="What the result should not show.", default=""))
    strength: float = declare(
        Number(
            label="Denoising strength",
            help="How far the picture is taken back to noise: the highest strength, where the map is black. "
            "The command line also takes auto: measured from the pictures (Lemma 1).",
            default=0.6,
            minimum=0.01,
            maximum=1,
            step=0.05,
        )
    )
    steps: int = declare(
        Integer(
            label="Sampling steps",
            help="Steps of the whole schedule; as in every img2img, STRENGTH of them are run.",
            default=30,
            minimum=1,
            maximum=1000,
        )
    )
    sampler: str = declare(
        Text(
            label="Sampler",
            help="A WebUI sampler name, with or without its schedule behind it, or automatic, the model's usual one "
            f"(mostly Euler): {', '.join(SAMPLERS)}.",
            default=AUTOMATIC,
        )
    )
    schedule: str = declare(
        Text(
            label="Schedule type",
            help=f"How the noise levels are spaced: {', '.join((AUTOMATIC, *SCHEDULES))}.",
            default=AUTOMATIC,
        )
    )
    guidance: float = declare(
        Number(
            label="Guidance",
            help="Classifier-free guidance scale (CFG scale); 1 is none.",
            default=5.0,
            minimum=0,
            maximum=100,
            step=0.5,
        )
    )
    seed: int = declare(
        Integer(
            label="Seed",
            help="The same seed draws the same noise. The command line also takes -1: one is drawn, told and written.",
            default=0,
            minimum=0,
            maximum=LARGEST_SEED,
        )
    )
    refiner_at: float = declare(
        Number(
            label="Refiner switch at",
            help="Where in the noise schedule the refiner takes over, if there is one: 0.8 leaves it the last fifth.",
            default=0.8,
            minimum=0.01,
            maximum=0.99,
            step=0.05,
        )
    )
    size: tuple[int, int] | int | None = None
    timeline_frames: int = 0
    """Columns of the time line to record, 0 for none."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("prompt", "negative_prompt"):
            try:
                check_words(getattr(self, name), negative=name == "negative_prompt")
            except RequestError as error:
                raise error.within(name) from None
        automatic = key_of(self.sampler) == AUTOMATIC
        sampler, schedule = spelled_out(USUAL if automatic else self.sampler, self.schedule)
        resolved(sampler, schedule)
        object.__setattr__(self, "sampler", AUTOMATIC if automatic else sampler)
        object.__setattr__(self, "schedule", schedule)
        if self.steps_run == 0:
            found = f"is {self.steps}, which at strength {self.strength:g} leaves no step to run"
            raise RequestError("steps", found, "steps times strength of at least 1")

    @property
    def words(self) -> str:
        """The prompt as the model is given it."""
        return as_words(self.prompt)

    @property
    def negative_words(self) -> str:
        """The negative prompt as the model is given it."""
        return as_words(self.negative_prompt)

    @property
    def steps_run(self) -> int:
        """How many of `steps` img2img runs at this strength."""
        return min(int(self.steps * self.strength), self.steps)
