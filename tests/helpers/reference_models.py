"""What Algorithms 1 and 2 need of a model, for every model in `tiny_models`: a scheduler with its timesteps set, the
network with the prompt and its guidance in it, and a generator that drew nothing yet.

Written from the models' own descriptions, without diffusers' loops. Text goes through the pipelines' encoders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from pixels_ext.diffusers_host import Settings
from pixels_ext.diffusers_host.families.flow import EULER
from pixels_ext.diffusers_host.families.sd3 import Sd3
from pixels_ext.diffusers_host.samplers import make_scheduler

Model = Callable[[Tensor, Tensor], Tensor]
Literal = Callable[[Any, Settings], tuple[Any, Model]]


def diffusion_scheduler(pipeline: Any, run: Settings) -> Any:
    scheduler = make_scheduler(run.sampler, run.schedule, pipeline.scheduler.config)
    scheduler.set_timesteps(run.steps)
    return scheduler


def guided(unguided: Tensor, told: Tensor, guidance: float) -> Tensor:
    """Classifier-free guidance."""
    return unguided + guidance * (told - unguided)


def sd21(pipeline: Any, run: Settings) -> tuple[Any, Model]:
    told, unguided = pipeline.encode_prompt(run.prompt, "cpu", 1, True, run.negative_prompt)
    words = torch.cat([unguided, told])

    def model(x: Tensor, t: Tensor) -> Tensor:
        both = pipeline.unet(torch.cat([x, x]), t, encoder_hidden_states=words).sample
        return guided(*both.chunk(2), run.guidance_scale)

    return diffusion_scheduler(pipeline, run), model


def sdxl_model(pipeline: Any, run: Settings, numbers: list[list[float]], negative: str | None) -> Model:
    told, unguided, pooled, pooled_unguided = pipeline.encode_prompt(
        run.prompt, negative_prompt=negative, do_classifier_free_guidance=True
    )
    words, pools = torch.cat([unguided, told]), torch.cat([pooled_unguided, pooled])
    added = {"text_embeds": pools, "time_ids": torch.tensor(numbers)}

    def model(x: Tensor, t: Tensor) -> Tensor:
        both = pipeline.unet(torch.cat([x, x]), t, encoder_hidden_states=words, added_cond_kwargs=added).sample
        return guided(*both.chunk(2), run.guidance_scale)

    return model


def sdxl(pipeline: Any, run: Settings) -> tuple[Any, Model]:
    """The size, the corner of the crop, and the size again, for the negative as for the positive."""
    sizes = [[64.0, 64, 0, 0, 64, 64]] * 2
    return diffusion_scheduler(pipeline, run), sdxl_model(pipeline, run, sizes, None)


def refiner(pipeline: Any, run: Settings) -> tuple[Any, Model]:
    """The size, the corner of the crop, and an aesthetic score: 2.5 for the negative, 6 for the positive."""
    numbers = [[64.0, 64, 0, 0, 2.5], [64.0, 64, 0, 0, 6]]
    return diffusion_scheduler(pipeline, run), sdxl_model(pipeline, run, numbers, "")


def kandinsky22(pipeline: Any, run: Settings) -> tuple[Any, Model]:
    """The network also predicts a variance, which these samplers do not take."""
    generator = torch.Generator().manual_seed(run.seed)
    embedding, zero = pipeline.prior_pipe(run.prompt, generator=generator, return_dict=False)
    added = {"image_embeds": torch.cat([zero, embedding])}

    def model(x: Tensor, t: Tensor) -> Tensor:
        both = pipeline.unet(torch.cat([x, x]), t, encoder_hidden_states=None, added_cond_kwargs=added).sample
        return guided(*both[:, :4].chunk(2), run.guidance_scale)

    return diffusion_scheduler(pipeline, run), model


def sd3(pipeline: Any, run: Settings) -> tuple[Any, Model]:
    told, unguided, pooled, pooled_unguided = pipeline.encode_prompt(run.prompt, None, None, negative_prompt="")
    words, pools = torch.cat([unguided, told]), torch.cat([pooled_unguided, pooled])
    scheduler = make_scheduler(run.sampler, run.schedule, pipeline.scheduler.config, Sd3.samplers)
    scheduler.set_timesteps(run.steps)

    def model(x: Tensor, t: Tensor) -> Tensor:
        both = pipeline.transformer(torch.cat([x, x]), words, pools, t.expand(2)).sample
        return guided(*both.chunk(2), run.guidance_scale)

    return scheduler, model


def shifted_scheduler(pipeline: Any, run: Settings, patches: int) -> Any:
    """Sigmas from 1 to 1 / N, shifted by a line through (256 patches, 0.5) and (4096 patches, 1.15)."""
    scheduler = make_scheduler(run.sampler, run.schedule, pipeline.scheduler.config, EULER)
    mu = 0.5 + (patches - 256) * (1.15 - 0.5) / (4096 - 256)
    # In float32 like the pipelines: Z-Image feels the last digit of a sigma.
    scheduler.set_timesteps(sigmas=torch.linspace(1, 1 / run.steps, run.steps).tolist(), mu=mu)
    return scheduler


def tokens(x: Tensor) -> Tensor:
    return pixel_unshuffle(x, 2).flatten(2).transpose(1, 2)


def latent(x: Tensor, height: int, width: int) -> Tensor:
    return pixel_shuffle(x.transpose(1, 2).unflatten(2, (height // 2, width // 2)), 2)


def flux(pipeline: Any, run: Settings) -> tuple[Any, Model]:
    words, pooled, text_places = pipeline.encode_prompt(run.prompt, None)
    places = torch.tensor([[0.0, row, column] for row in range(4) for column in range(4)])
    distilled = torch.tensor([run.guidance_scale]) if pipeline.transformer.config.guidance_embeds else None

    def model(x: Tensor, t: Tensor) -> Tensor:
        velocity = pipeline.transformer(
            hidden_states=tokens(x),
            encoder_hidden_states=words,
            pooled_projections=pooled,
            timestep=t[None] / 1000,
            img_ids=places,
            txt_ids=text_places,
            guidance=distilled,
        ).sample
        return latent(velocity, *x.shape[-2:])

    return shifted_scheduler(pipeline, run, 16), model


def qwen_image(pipeline: Any, run: Settings) -> tuple[Any, Model]:
    """Guided velocities are brought back to the length that each token had without guidance."""
    encoded = [pipeline.encode_prompt(text) for text in (run.prompt, run.negative_prompt)]

    def model(x: Tensor, t: Tensor) -> Tensor:
        told, unguided = (
            pipeline.transformer(
                hidden_states=tokens(x[:, 0]),
                encoder_hidden_states=words,
                encoder_hidden_states_mask=mask,
                timestep=t[None] / 1000,
                img_shapes=[[(1, 4, 4)]],
            ).sample
            for words, mask in encoded
        )
        velocity = guided(unguided, told, run.guidance_scale)
        velocity = velocity * (told.norm(dim=-1, keepdim=True) / velocity.norm(dim=-1, keepdim=True))
        return latent(velocity, *x.shape[-2:])[:, None]

    return shifted_scheduler(pipeline, run, 16), model


def z_image(pipeline: Any, run: Settings) -> tuple[Any, Model]:
    """Time runs from 0 to 1, and the velocity points the other way."""
    told, unguided = pipeline.encode_prompt([run.prompt], negative_prompt=[run.negative_prompt])

    def model(x: Tensor, t: Tensor) -> Tensor:
        time = ((1000 - t[None]) / 1000).repeat(2)
        positive, negative = pipeline.transformer([x[0][:, None]] * 2, time, told + unguided)[0]
        return -guided(negative, positive, run.guidance_scale)[:, 0][None]

    return shifted_scheduler(pipeline, run, 16), model


LITERAL: dict[str, Literal] = {
    "SD 2.1, noise": sd21,
    "SD 2.1, velocity": sd21,
    "SDXL base": sdxl,
    "SDXL refiner": refiner,
    "Kandinsky 2.2": kandinsky22,
    "SD 3": sd3,
    "Flux.1 dev": flux,
    "Flux.1 schnell": flux,
    "Qwen-Image": qwen_image,
    "Z-Image": z_image,
    "SD 2.1, 16 channels": sd21,
    "SDXL base, 16 channels": sdxl,
    "SDXL refiner, 16 channels": refiner,
}
"""By the names in `tiny_models.MODELS` and `MORE_CHANNELS`."""
