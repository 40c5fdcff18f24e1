"""The host's objects, with exactly the attributes that we use.

A processing object, sampler or script runner may also be another extension's: what is read of those before it is known
whether PIXELS was asked for is read with `getattr` (`activation.py`). `tests/webui/test_contract.py` looks every
attribute here up in a real host's source, with its type and its parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Protocol, TypeVar

from PIL import Image
from torch import Size, Tensor

T = TypeVar("T")
NONE_AT_FIRST = "None until the host has filled it in"
Late = Annotated[T, NONE_AT_FIRST]
"""Declared as `None` by the host, and filled in before we read it."""


class Script(Protocol):
    """`modules.scripts.Script`: any script, of the host's or of an extension."""

    args_from: int | None
    """Where its arguments begin in `p.script_args`."""
    create_group: bool
    infotext_fields: list[tuple[Any, Callable[[dict[str, Any]], object]]] | None
    paste_field_names: list[str] | None

    def title(self) -> str: ...

    def elem_id(self, item_id: str) -> str: ...


class ScriptRunner(Protocol):
    """`modules.scripts.ScriptRunner`: the scripts of one tab."""

    selectable_scripts: list[Script]
    alwayson_scripts: list[Script]


class ScriptClassData(Protocol):
    """`modules.scripts.ScriptClassData`: a script class that was loaded."""

    module: object


class ImageRNG(Protocol):
    """`modules.rng.ImageRNG`: the noise of one batch."""

    shape: tuple[int, ...] | Size
    seeds: list[int]
    subseeds: list[int] | None
    subseed_strength: float
    seed_resize_from_h: int
    seed_resize_from_w: int

    def __init__(
        self,
        shape: tuple[int, ...] | Size,
        seeds: list[int],
        *,
        subseeds: list[int] | None,
        subseed_strength: float,
        seed_resize_from_h: int,
        seed_resize_from_w: int,
    ) -> None: ...


class Predictor(Protocol):
    """The Forge family's `backend.modules.k_prediction.Prediction`: noise levels of a model, and how it noises."""

    sigmas: Tensor

    def noise_scaling(self, sigma: Tensor, noise: Tensor, latent_image: Tensor, *, max_denoise: bool) -> Tensor: ...


class KModel(Protocol):
    """The Forge family's `backend.modules.k_model.KModel`."""

    predictor: Predictor


class UnetPatcher(Protocol):
    """The Forge family's `backend.patcher.unet.UnetPatcher`."""

    model: KModel


class ForgeObjects(Protocol):
    """The Forge family's `backend.diffusion_engine.base.ForgeObjects`: the parts of a loaded model."""

    unet: UnetPatcher


class Model(Protocol):
    """The model in `shared.sd_model` and `p.sd_model`."""

    alphas_cumprod: Tensor


class SD3Model(Protocol):
    """AUTOMATIC1111's `SD3Inferencer`."""

    def add_noise_to_latent(self, x: Tensor, noise: Tensor, amount: Tensor) -> Tensor: ...


class ForgeModel(Protocol):
    """The Forge family's `ForgeDiffusionEngine`."""

    forge_objects: Late[ForgeObjects]


class CFGDenoiser(Protocol):
    """`modules.sd_samplers_cfg_denoiser.CFGDenoiser`: what every sampler calls as its model."""

    init_latent: Late[Tensor]

    def forward(self, x: Tensor, sigma: Tensor, *args: Any, **kwargs: Any) -> Tensor: ...


class Sampler(Protocol):
    """`modules.sd_samplers_common.Sampler`: one sampler, for one run."""

    model_wrap_cfg: Late[CFGDenoiser]

    def sample_img2img(self, p: Processing, x: Tensor, noise: Tensor, *args: Any, **kwargs: Any) -> Tensor: ...

    def launch_sampling(self, steps: int, func: Callable[[], Any]) -> Any: ...


class ModelWrap(Protocol):
    """The Forge family's `k_diffusion.external.ForgeScheduleLinker`, a k-diffusion sampler's view of its model."""

    predictor: Predictor


class KDiffusionSampler(Sampler, Protocol):
    """`modules.sd_samplers_kdiffusion.KDiffusionSampler`: its noise levels are sigmas."""

    model_wrap: ModelWrap

    def get_sigmas(self, p: Processing, steps: int) -> Tensor: ...


class CompVisSampler(Sampler, Protocol):
    """`modules.sd_samplers_timesteps.CompVisSampler`: DDIM, PLMS and UniPC, whose noise levels are timesteps."""

    def get_timesteps(self, p: Processing, steps: int) -> Tensor: ...


class Processing(Protocol):
    """`modules.processing.StableDiffusionProcessingImg2Img`: the settings of a generation, and its state."""

    # The arguments of all scripts
    scripts: Late[ScriptRunner]
    script_args: list[Any] | tuple[Any, ...] | dict[Any, Any] | None
    override_settings: Late[dict[str, Any]]
    # The source
    init_images: Late[list[Image.Image]]
    width: int
    height: int
    resize_mode: int
    # The inpaint mask
    image_mask: Image.Image | None
    inpaint_full_res: bool
    inpainting_fill: int
    inpainting_mask_invert: int
    mask_blur: Late[int]
    mask_blur_x: int
    mask_blur_y: int
    paste_to: tuple[int, int, int, int] | None
    # Sampling
    steps: int
    seed: int
    sd_model: Late[Model]
    sampler: Late[Sampler]
    sample: Callable[..., Tensor]
    refiner_checkpoint_info: object | None
    # One batch
    batch_index: int
    prompts: Late[list[str]]
    seeds: Late[list[int]]
    subseeds: Late[list[int]]
    rng: Late[ImageRNG]
    init_latent: Late[Tensor]
    # Results
    comments: Late[dict[str, Any]]
    extra_generation_params: Late[dict[str, Any]]
    is_api: bool

    def comment(self, text: str) -> None: ...

    def save_samples(self) -> bool: ...


class Processed(Protocol):
    """`modules.processing.Processed`: the result of a generation."""

    images: list[Image.Image]
    infotexts: list[str]
    comments: str

    def __init__(self, p: Processing, images_list: list[Image.Image], seed: int, info: str) -> None: ...


class PostprocessImageArgs(Protocol):
    """`modules.scripts.PostprocessImageArgs`: an image that the host is about to save."""

    image: Image.Image


class State(Protocol):
    """`modules.shared_state.State`: the progress of the current task."""

    job: str
    job_count: int
    job_no: int
    sampling_step: int
    sampling_steps: int
    interrupted: bool
    skipped: bool
    time_start: float | None

    def nextjob(self) -> None: ...


class OptionInfo(Protocol):
    """`modules.options.OptionInfo`: an entry of the settings page."""

    def __init__(
        self,
        default: object = None,
        label: str = "",
        component: object = None,
        component_args: object = None,
        *,
        section: tuple[str, str],
    ) -> None: ...

    def info(self, info: str) -> OptionInfo: ...


class Options(Protocol):
    """`modules.options.Options`: the settings."""

    img2img_background_color: str
    interrogate_keep_models_in_memory: bool
    outdir_samples: str
    outdir_img2img_samples: str
    sd_vae_encode_method: str

    def add_option(self, key: str, info: OptionInfo) -> None: ...


class AxisOption(Protocol):
    """`AxisOption` of `scripts/xyz_grid.py`: an axis of X/Y/Z plot."""

    label: str

    def __init__(
        self,
        label: str,
        type: type,  # noqa: A002
        apply: Callable[[Processing, Any, Any], None],
        *,
        confirm: Callable[[Processing, list[Any]], None],
        choices: Callable[[], list[str]] | None = None,
    ) -> None: ...
