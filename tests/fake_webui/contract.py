"""What the extension uses of a host, and where a host has it.

The attributes of the host's objects are those of `pixels_ext/webui/protocols.py`: `attributes` reads them there, with
their types and parameters, and `PLACES` says which class of the host has them. The functions and constants of the
host's modules are in `MODULES`, by the file of ours that uses them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fake_webui.host_source import FUNCTIONS, Use, types_in_annotation

WEBUI = Path(__file__).parents[2] / "pixels_ext" / "webui"
PROTOCOLS = WEBUI / "protocols.py"

_P = ("modules/processing.py:StableDiffusionProcessingImg2Img.{}", "modules/processing.py:StableDiffusionProcessing.{}")
_SAMPLER = "modules/sd_samplers_common.py:Sampler.{}"
PLACES: dict[str, tuple[str, ...]] = {
    "AxisOption": ("scripts/xyz_grid.py:AxisOption.{}",),
    "CFGDenoiser": ("modules/sd_samplers_cfg_denoiser.py:CFGDenoiser.{}",),
    "CompVisSampler": ("modules/sd_samplers_timesteps.py:CompVisSampler.{}",),
    "ForgeModel": ("backend/diffusion_engine/base.py:ForgeDiffusionEngine.{}",),
    "ForgeObjects": ("backend/diffusion_engine/base.py:ForgeObjects.{}",),
    "ImageRNG": ("modules/rng.py:ImageRNG.{}",),
    "KDiffusionSampler": ("modules/sd_samplers_kdiffusion.py:KDiffusionSampler.{}",),
    "KModel": ("backend/modules/k_model.py:KModel.{}",),
    "Model": ("modules/sd_samplers_timesteps.py:.{}",),  # of every model, so not of one class
    "ModelWrap": (
        "k_diffusion/external.py:ForgeScheduleLinker.{}",
        "modules_forge/packages/k_diffusion/external.py:ForgeScheduleLinker.{}",
    ),
    "OptionInfo": ("modules/options.py:OptionInfo.{}",),
    "Options": ("modules/options.py:Options.{}", "modules/shared_options.py:'{}'"),
    "PostprocessImageArgs": ("modules/scripts.py:PostprocessImageArgs.{}",),
    "Predictor": (
        "backend/modules/k_prediction.py:AbstractPrediction.{}",
        "backend/modules/k_prediction.py:Prediction.{}",
    ),
    "Processed": ("modules/processing.py:Processed.{}",),
    "Processing": _P,
    "SD3Model": ("modules/models/sd3/sd3_model.py:SD3Inferencer.{}",),
    "Sampler": (_SAMPLER,),
    "Script": ("modules/scripts.py:Script.{}",),
    "ScriptClassData": ("modules/scripts.py:'{}'",),  # a named tuple
    "ScriptRunner": ("modules/scripts.py:ScriptRunner.{}",),
    "State": ("modules/shared_state.py:State.{}",),
    "UnetPatcher": ("backend/patcher/base.py:ModelPatcher.{}",),
}
"""Of every protocol: where a host has its attributes, `{}` being the attribute; one place is enough."""
ELSEWHERE = {"Processing.batch_index": ("modules/processing.py:.batch_index",)}
"""Attributes that a host sets outside of the class."""
FAMILY = {
    "ForgeModel": "forge",
    "ForgeObjects": "forge",
    "KModel": "forge",
    "ModelWrap": "forge",
    "Options.interrogate_keep_models_in_memory": "a1111",
    "Predictor": "forge",
    "SD3Model": "a1111",
    "UnetPatcher": "forge",
}
"""Protocols and attributes that only one family of hosts has."""
OVERRIDDEN = {"CFGDenoiser.forward", "Processing.sample", "Sampler.launch_sampling", "Sampler.sample_img2img"}
"""What we put our own function in the place of."""
UNDECLARED = {
    "Options.outdir_img2img_samples",
    "PostprocessImageArgs.image",
    "Processing.batch_index",
}
"""Attributes of `DECLARING` protocols that no host declares a type of."""
CLASSES = {"Model": {"ForgeDiffusionEngine"}}
"""What a host calls the class that has a protocol of another name here."""
DECLARING = {"Options", "PostprocessImageArgs", "Processing", "Script", "ScriptRunner", "State"}
"""Protocols of those classes of which hosts declare the types of attributes, or initialize them where they are read."""
WRITTEN: dict[str, tuple[str, ...]] = {
    "Processing.script_args": ("modules/api/api.py", "modules/img2img.py", "modules/txt2img.py"),
    "Processing.override_settings": ("modules/processing.py",),
}
"""Files that assign an attribute of `p` whose declaration does not say everything."""


@dataclass(frozen=True)
class Attribute:
    """An attribute of a protocol: `use` is how a host must have it; `types`: those that our code can handle, by name;
    nothing for a function."""

    use: Use
    types: frozenset[str] = frozenset()


def attributes(protocols: ast.Module | None = None) -> dict[str, Attribute]:
    """The attributes of all protocols, by "Protocol.attribute"."""
    tree = protocols or ast.parse(PROTOCOLS.read_text(encoding="utf-8"))
    found = {}
    for protocol in tree.body:
        if isinstance(protocol, ast.ClassDef):
            for node in protocol.body:
                name = node.target.id if isinstance(node, ast.AnnAssign) else getattr(node, "name", "")
                if name:
                    found[f"{protocol.name}.{name}"] = _attribute(protocol.name, name, node)
    return found


def _attribute(protocol: str, name: str, node: ast.stmt) -> Attribute:
    full = f"{protocol}.{name}"
    places = ELSEWHERE.get(full) or tuple(place.format(name) for place in PLACES[protocol])
    family, called = FAMILY.get(full) or FAMILY.get(protocol, ""), full not in OVERRIDDEN
    if isinstance(node, FUNCTIONS):
        takes, by_name = _parameters(node)
        return Attribute(Use(full, places, takes, by_name, called, family))
    types = frozenset(_declared(node.annotation))
    if "Callable" in types:
        return Attribute(Use(full, places, (), (), called, family))
    return Attribute(Use(full, places, family=family), types)


def _declared(annotation: ast.expr) -> set[str]:
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "Late":
        return types_in_annotation(annotation.slice) | {"NoneType"}
    return types_in_annotation(annotation)


def _parameters(function: ast.FunctionDef) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those by position, without `self`, and those by keyword alone."""
    by_position = tuple(argument.arg for argument in function.args.args[1:])
    return by_position, tuple(argument.arg for argument in function.args.kwonlyargs)


def hooks(file: Path = WEBUI / "script.py") -> Iterator[Use]:
    """The methods that our script classes implement for the host to call."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "scripts.Script" for base in node.bases):
            for method in node.body:
                if isinstance(method, FUNCTIONS) and not method.name.startswith("_"):
                    name = f"Script.{method.name}"
                    yield Use(
                        f"{node.name}.{method.name}",
                        (f"modules/scripts.py:{name}",),
                        _parameters(method)[0],
                        called=False,
                    )


_DECODE = Use("api.decode_base64_to_image", ("modules/api/api.py:decode_base64_to_image",), ("encoding",))
_LOCK = Use("call_queue.queue_lock", ("modules/call_queue.py:queue_lock",))
_OPTIONS = Use("shared.opts", ("modules/shared.py:opts",))
_RUNNER = Use("scripts.scripts_img2img", ("modules/scripts.py:scripts_img2img",))
_STATE = Use("shared.state", ("modules/shared.py:state",))
MODULES: dict[str, tuple[Use, ...]] = {
    "api_routes": (
        Use("app_started", ("modules/script_callbacks.py:on_app_started",)),
        Use("/sdapi/v1/options", ("modules/api/api.py:'/sdapi/v1/options'",)),
    ),
    "batch_tab": (
        _STATE,
        Use("samples_filename_pattern", ("modules/img2img.py:'samples_filename_pattern'",)),
        Use("errors.report", ("modules/errors.py:report",), ("message",)),
        Use("processing.Processed", ("modules/processing.py:Processed",)),
    ),
    "callbacks": (
        Use("script_callbacks.callback_map", ("modules/script_callbacks.py:callback_map",)),
        Use(
            "script_callbacks.add_callback",
            ("modules/script_callbacks.py:add_callback",),
            ("callbacks", "fun"),
            ("category", "filename"),
        ),
    ),
    "canvas": (
        _OPTIONS,
        Use("devices.autocast", ("modules/devices.py:autocast",), ()),
        Use("images.flatten", ("modules/images.py:flatten",), ("img", "bgcolor")),
        Use("images.resize_image", ("modules/images.py:resize_image",), ("resize_mode", "im", "width", "height")),
        Use("sd_samplers_common.approximation_indexes", ("modules/sd_samplers_common.py:approximation_indexes",)),
        Use(
            "sd_samplers_common.images_tensor_to_samples",
            ("modules/sd_samplers_common.py:images_tensor_to_samples",),
            ("image", "approximation", "model"),
        ),
    ),
    "edit_run": (_STATE,),
    "infotext": (Use("infotext_pasted", ("modules/script_callbacks.py:on_infotext_pasted",)),),
    "inner_generations": (_STATE,),
    "input_files": (_OPTIONS,),
    "panel_queries": (
        _DECODE,
        _LOCK,
        _RUNNER,
        Use("errors.report", ("modules/errors.py:report",), ("message",), ("exc_info",)),
    ),
    "progress": (_STATE,),
    "script": (
        _DECODE,
        Use("scripts.Script", ("modules/scripts.py:Script",)),
        Use("scripts.AlwaysVisible", ("modules/scripts.py:AlwaysVisible",)),
        Use("processing.process_images", ("modules/processing.py:process_images",), ("p",)),
    ),
    "settings": (_OPTIONS, Use("shared.OptionInfo", ("modules/shared.py:OptionInfo",))),
    "suggest_strength": (
        _DECODE,
        _LOCK,
        _RUNNER,
        Use("shared.sd_model", ("modules/shared.py:sd_model",)),
        Use("sd_models.forge_model_reload", ("modules/sd_models.py:forge_model_reload",), (), family="forge"),
    ),
    "vision_models": (
        _OPTIONS,
        Use("devices.device", ("modules/devices.py:device",)),
        Use("devices.torch_gc", ("modules/devices.py:torch_gc",), ()),
        Use("paths_internal.models_path", ("modules/paths_internal.py:models_path",)),
        Use("lowvram.send_everything_to_cpu", ("modules/lowvram.py:send_everything_to_cpu",), (), family="a1111"),
        Use(
            "memory_management.free_memory",
            ("backend/memory_management.py:free_memory",),
            ("memory_required", "device"),
            family="forge",
        ),
    ),
    "xyz_axes": (
        Use("scripts.scripts_data", ("modules/scripts.py:scripts_data",)),
        Use("axis_options", ("scripts/xyz_grid.py:axis_options",)),
        Use("AxisOption", ("scripts/xyz_grid.py:AxisOption",)),
        Use("AxisOptionImg2Img", ("scripts/xyz_grid.py:AxisOptionImg2Img",)),
    ),
}
"""Functions, constants and texts of the host's modules, by our file."""

CALLS: list[tuple[str, str, int, bool]] = [
    ("modules/sd_samplers_kdiffusion.py:KDiffusionSampler.sample_img2img", "self.get_sigmas", 2, False),
    ("modules/sd_samplers_kdiffusion.py:KDiffusionSampler.sample_img2img", "self.launch_sampling", 2, False),
    ("modules/sd_samplers_timesteps.py:CompVisSampler.sample_img2img", "self.get_timesteps", 2, False),
    ("modules/sd_samplers_timesteps.py:CompVisSampler.sample_img2img", "self.launch_sampling", 2, False),
    ("modules/processing.py:StableDiffusionProcessingImg2Img.sample", "self.sampler.sample_img2img", 5, True),
    ("modules/processing.py:process_images_inner", "p.sample", 0, True),
    ("modules/processing.py:process_images_inner", "p.scripts.postprocess_image_after_composite", 2, False),
    ("modules/processing.py:process_images", "p.scripts.before_process", 1, False),
    ("modules/processing.py:process_images_inner", "p.scripts.process_batch", 1, True),
    ("modules/processing.py:process_images_inner", "p.scripts.postprocess_batch", 2, True),
    ("modules/processing.py:process_images_inner", "p.scripts.postprocess", 2, False),
]
"""Calls that the host makes of what we override or implement: in which function, of what, with how many arguments by
position, and whether others may follow by keyword."""
