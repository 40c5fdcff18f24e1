"""What the extension uses of a host: one table, and how a row of it is looked up in a host's source, without importing.

A place is `file:name`, with `name` a function, a class, `Class.attribute` (a method, something assigned in its body or
to `self`), a variable or import of the module, `'text'` (a string in the file: an option, a flag, a route), or
`.attribute` (read somewhere in the file).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_RUNNER = ("modules/scripts.py:ScriptRunner",)
_P = ("modules/processing.py:StableDiffusionProcessingImg2Img", "modules/processing.py:StableDiffusionProcessing")
_SAMPLER = ("modules/sd_samplers_common.py:Sampler",)
_RNG = ("modules/rng.py:ImageRNG",)
_SCRIPT = ("modules/scripts.py:Script",)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Use:
    """One name. `ours`: the file of `pixels_ext/webui` that uses it. `name`: as that file writes it. `places`: where a
    host has it; one is enough. `takes`: parameters that are given by position; `by_name`: by keyword. `called`: by us,
    so that no other parameter may be needed; else the host calls, and ours stands in its place. `family`: the only one
    that has it."""

    ours: str
    name: str
    places: tuple[str, ...]
    takes: tuple[str, ...] | None = None
    by_name: tuple[str, ...] = ()
    called: bool = True
    family: str = ""


def _attributes(ours: str, prefix: str, owners: tuple[str, ...], *names: str) -> list[Use]:
    return [Use(ours, f"{prefix}.{name}", tuple(f"{owner}.{name}" for owner in owners)) for name in names]


def _hook(name: str, *takes: str) -> Use:
    return Use("script", f"Script.{name}", (f"{_SCRIPT[0]}.{name}",), takes, called=False)


def _options(ours: str, *names: str) -> list[Use]:
    return [Use(ours, f"opts.{name}", (f"modules/shared_options.py:'{name}'",)) for name in names]


_OPTION = ("default", "label", "component", "component_args")
USED: list[Use] = [
    # activation.py
    *_attributes("activation", "p", _P, "scripts", "script_args"),
    *_attributes("activation", "p.scripts", _RUNNER, "selectable_scripts", "alwayson_scripts"),
    Use("activation", "Script.args_from", (f"{_SCRIPT[0]}.args_from",)),
    # axes.py
    Use("axes", "scripts.scripts_data", ("modules/scripts.py:scripts_data",)),
    Use("axes", "data.module", ("modules/scripts.py:'module'",)),
    Use("axes", "axis_options", ("scripts/xyz_grid.py:axis_options",)),
    Use(
        "axes",
        "module.AxisOption",
        ("scripts/xyz_grid.py:AxisOption.__init__",),
        ("label", "type", "apply"),
        ("confirm", "choices"),
    ),
    Use("axes", "AxisOptionImg2Img", ("scripts/xyz_grid.py:AxisOptionImg2Img",)),
    # callbacks.py
    Use("callbacks", "script_callbacks.callback_map", ("modules/script_callbacks.py:callback_map",)),
    Use(
        "callbacks",
        "script_callbacks.add_callback",
        ("modules/script_callbacks.py:add_callback",),
        ("callbacks", "fun"),
        ("category", "filename"),
    ),
    # canvas.py
    Use("canvas", "devices.autocast", ("modules/devices.py:autocast",), ()),
    Use("canvas", "images.flatten", ("modules/images.py:flatten",), ("img", "bgcolor")),
    Use("canvas", "images.resize_image", ("modules/images.py:resize_image",), ("resize_mode", "im", "width", "height")),
    Use("canvas", "approximation_indexes", ("modules/sd_samplers_common.py:approximation_indexes",)),
    Use(
        "canvas",
        "images_tensor_to_samples",
        ("modules/sd_samplers_common.py:images_tensor_to_samples",),
        ("image", "approximation", "model"),
    ),
    Use("canvas", "shared.opts", ("modules/shared.py:opts",)),
    *_options("canvas", "img2img_background_color", "sd_vae_encode_method"),
    *_attributes("canvas", "p", _P, "paste_to", "resize_mode", "width", "height", "image_mask", "inpaint_full_res"),
    *_attributes("canvas", "p", _P, "init_images"),
    # batch_tab.py
    *_attributes("batch_tab", "shared.state", ("modules/shared_state.py:State",), "job"),
    *_attributes("batch_tab", "p", _P, "override_settings", "seed", "comments"),
    Use("batch_tab", "p.comment", tuple(f"{owner}.comment" for owner in _P), ("text",)),
    Use("batch_tab", "samples_filename_pattern", ("modules/img2img.py:'samples_filename_pattern'",)),
    Use("batch_tab", "errors.report", ("modules/errors.py:report",), ("message",)),
    Use(
        "batch_tab",
        "processing.Processed",
        ("modules/processing.py:Processed.__init__",),
        ("p", "images_list", "seed", "info"),
    ),
    *_attributes("batch_tab", "processed", ("modules/processing.py:Processed",), "infotexts", "comments"),
    # edit.py
    *_attributes("edit", "p", _P, "sampler", "steps", "init_images"),
    *_attributes("edit", "p", _P, "scripts", "seeds", "prompts", "extra_generation_params"),
    Use("edit", "p.sample", tuple(f"{owner}.sample" for owner in _P), (), called=False),
    Use("edit", "p.comment", tuple(f"{owner}.comment" for owner in _P), ("text",)),
    # hook.py
    *_attributes("hook", "p", _P, "sd_model", "steps"),
    *_attributes("hook", "sampler", _SAMPLER, "model_wrap_cfg"),
    Use("hook", "sampler.sample_img2img", (f"{_SAMPLER[0]}.sample_img2img",), ("p", "x", "noise"), called=False),
    Use("hook", "sampler.launch_sampling", (f"{_SAMPLER[0]}.launch_sampling",), ("steps", "func"), called=False),
    Use("hook", "sampler.model_wrap", ("modules/sd_samplers_kdiffusion.py:KDiffusionSampler.model_wrap",)),
    Use("hook", "get_sigmas", ("modules/sd_samplers_kdiffusion.py:KDiffusionSampler.get_sigmas",), ("p", "steps")),
    Use("hook", "get_timesteps", ("modules/sd_samplers_timesteps.py:CompVisSampler.get_timesteps",), ("p", "steps")),
    Use(
        "hook",
        "denoiser.forward",
        ("modules/sd_samplers_cfg_denoiser.py:CFGDenoiser.forward",),
        ("x", "sigma"),
        called=False,
    ),
    Use("hook", "denoiser.init_latent", ("modules/sd_samplers_cfg_denoiser.py:CFGDenoiser.init_latent",)),
    Use("hook", "model.alphas_cumprod", ("modules/sd_samplers_timesteps.py:.alphas_cumprod",)),
    Use(
        "hook",
        "model.add_noise_to_latent",
        ("modules/models/sd3/sd3_model.py:SD3Inferencer.add_noise_to_latent",),
        ("x", "noise", "amount"),
        family="a1111",
    ),
    Use(
        "hook",
        "predictor.noise_scaling",
        ("backend/modules/k_prediction.py:AbstractPrediction.noise_scaling",),
        ("sigma", "noise", "latent_image"),
        ("max_denoise",),
        family="forge",
    ),
    Use(
        "hook",
        '"predictor"',
        (
            "k_diffusion/external.py:ForgeScheduleLinker.predictor",
            "modules_forge/packages/k_diffusion/external.py:ForgeScheduleLinker.predictor",
        ),
        family="forge",
    ),
    # infotext.py
    Use("infotext", "infotext_pasted", ("modules/script_callbacks.py:on_infotext_pasted",)),
    *_attributes("infotext", "p", _P, "extra_generation_params"),
    Use("infotext", "p.comment", tuple(f"{owner}.comment" for owner in _P), ("text",)),
    Use("infotext", '"is_api"', ("modules/api/api.py:.is_api",)),
    Use("infotext", "p.save_samples", tuple(f"{owner}.save_samples" for owner in _P), ()),
    # log.py
    Use("log", "p.comment", tuple(f"{owner}.comment" for owner in _P), ("text",)),
    # mask.py
    *_attributes("mask", "p", _P, "image_mask", "extra_generation_params", "inpainting_mask_invert", "mask_blur"),
    *_attributes("mask", "p", _P, "mask_blur_x", "mask_blur_y", "inpainting_fill"),
    # nesting.py
    *_attributes("nesting", "shared.state", ("modules/shared_state.py:State",), "time_start"),
    *_attributes("nesting", "p", _P, "init_images"),
    # preview.py
    Use("preview", "api.decode_base64_to_image", ("modules/api/api.py:decode_base64_to_image",), ("encoding",)),
    Use("preview", "errors.report", ("modules/errors.py:report",), ("message",), ("exc_info",)),
    Use("preview", "call_queue.queue_lock", ("modules/call_queue.py:queue_lock",)),
    Use("preview", "scripts.scripts_img2img", ("modules/scripts.py:scripts_img2img",)),
    # progress.py
    *_attributes("progress", "state", ("modules/shared_state.py:State",), "job_count", "job_no", "nextjob"),
    *_attributes("progress", "state", ("modules/shared_state.py:State",), "sampling_step", "sampling_steps"),
    Use("progress", "shared.state", ("modules/shared.py:state",)),
    # routes.py
    Use("routes", "app_started", ("modules/script_callbacks.py:on_app_started",)),
    Use("routes", "/sdapi/v1/options", ("modules/api/api.py:'/sdapi/v1/options'",)),
    # run.py
    *_attributes("run", "shared.state", ("modules/shared_state.py:State",), "interrupted", "skipped"),
    *_attributes("run", "p", _P, "sampler", "init_latent", "rng", "steps", "seeds", "subseeds"),
    *_attributes("run", "p", _P, "refiner_checkpoint_info", "sd_model"),
    Use("run", "p.batch_index", ("modules/processing.py:.batch_index",)),
    *_attributes("run", "rng", _RNG, "shape", "seeds", "subseeds", "subseed_strength"),
    *_attributes("run", "rng", _RNG, "seed_resize_from_h", "seed_resize_from_w"),
    Use(
        "run",
        "type(rng)",
        (f"{_RNG[0]}.__init__",),
        ("shape", "seeds"),
        ("subseeds", "subseed_strength", "seed_resize_from_h", "seed_resize_from_w"),
    ),
    # script.py
    Use("script", "scripts.Script", _SCRIPT),
    Use("script", "scripts.AlwaysVisible", ("modules/scripts.py:AlwaysVisible",)),
    Use("script", "processing.process_images", ("modules/processing.py:process_images",), ("p",)),
    Use("script", "api.decode_base64_to_image", ("modules/api/api.py:decode_base64_to_image",), ("encoding",)),
    _hook("title"),
    _hook("show", "is_img2img"),
    _hook("ui", "is_img2img"),
    _hook("run", "p"),
    _hook("before_process", "p"),
    _hook("process_batch", "p"),
    _hook("postprocess_batch", "p"),
    _hook("postprocess_image_after_composite", "p", "pp"),
    _hook("postprocess", "p", "processed"),
    Use("script", "Script.elem_id", (f"{_SCRIPT[0]}.elem_id",), ("item_id",)),
    *_attributes("script", "Script", _SCRIPT, "infotext_fields", "paste_field_names", "create_group"),
    *_attributes("script", "pp", ("modules/scripts.py:PostprocessImageArgs",), "image"),
    *_attributes("script", "p", _P, "init_images"),
    # settings.py
    Use("settings", "shared.OptionInfo", ("modules/shared.py:OptionInfo",)),
    Use("settings", "OptionInfo", ("modules/options.py:OptionInfo.__init__",), _OPTION, ("section",)),
    Use("settings", "info", ("modules/options.py:OptionInfo.info",), ("info",)),
    Use("settings", "shared.opts", ("modules/shared.py:opts",)),
    *_attributes("settings", "p", _P, "override_settings"),
    Use("settings", "opts.add_option", ("modules/options.py:Options.add_option",), ("key", "info")),
    # stored.py
    Use("stored", "shared.opts", ("modules/shared.py:opts",)),
    *_options("stored", "outdir_samples", "outdir_img2img_samples"),
    # strength.py
    Use("strength", "api.decode_base64_to_image", ("modules/api/api.py:decode_base64_to_image",), ("encoding",)),
    Use("strength", "call_queue.queue_lock", ("modules/call_queue.py:queue_lock",)),
    Use("strength", "scripts.scripts_img2img", ("modules/scripts.py:scripts_img2img",)),
    Use("strength", "shared.sd_model", ("modules/shared.py:sd_model",)),
    Use("strength", "forge_model_reload", ("modules/sd_models.py:forge_model_reload",), (), family="forge"),
    Use("strength", "model.alphas_cumprod", ("modules/sd_samplers_timesteps.py:.alphas_cumprod",), family="a1111"),
    Use("strength", "objects.unet", ("backend/diffusion_engine/base.py:.unet",), family="forge"),
    Use("strength", "predictor.sigmas", ("backend/modules/k_prediction.py:Prediction.sigmas",), family="forge"),
    # vision.py
    Use("vision", "devices.device", ("modules/devices.py:device",)),
    Use("vision", "devices.torch_gc", ("modules/devices.py:torch_gc",), ()),
    Use("vision", "paths_internal.models_path", ("modules/paths_internal.py:models_path",)),
    Use("vision", "lowvram.send_everything_to_cpu", ("modules/lowvram.py:send_everything_to_cpu",), (), family="a1111"),
    Use(
        "vision",
        "memory_management.free_memory",
        ("backend/memory_management.py:free_memory",),
        ("memory_required", "device"),
        family="forge",
    ),
    Use(
        "vision",
        '"interrogate_keep_models_in_memory"',
        ("modules/shared_options.py:'interrogate_keep_models_in_memory'",),
        family="a1111",
    ),
    Use("vision", "shared.opts", ("modules/shared.py:opts",)),
]
_OWN = ("save_inputs", "depth_model", "words_model", "download", "most_exemplars", "most_megapixels")
OWN_OPTIONS = {f"opts.pixels_{name}" for name in _OWN}
"""Options that we add ourselves."""

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
"""Calls that the host makes of what we replace or implement: in which function, of what, with how many arguments by
position, and whether others may follow by keyword."""


class Source:
    """A host's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.family = "forge" if (folder / "modules_forge").is_dir() else "a1111"

    def problems(self, use: Use) -> list[str]:
        """What is wrong with a use, in words; nothing if the host has it as we use it."""
        if use.family not in ("", self.family):
            return []
        found = next((node for place in use.places for node in [self.at(place)] if node is not None), None)
        if found is None:
            return [f"{use.name}: is not at {' or '.join(use.places)}"]
        if use.takes is None:
            return []
        if not isinstance(found, FUNCTIONS):
            return [f"{use.name}: is no function"]
        return [f"{use.name}: {problem}" for problem in _misfits(found, use)]

    def tree(self, file: str) -> ast.Module | None:
        """A file, parsed, or `None`."""
        path = self.folder / file
        return _parsed(path) if path.is_file() else None

    def at(self, place: str) -> ast.AST | None:
        """The node at a place, a module's or class's name for it, or `None`."""
        file, _, name = place.partition(":")
        tree = self.tree(file)
        if tree is None:
            return None
        if name.startswith("'"):
            return _first(tree, lambda node: isinstance(node, ast.Constant) and node.value == name.strip("'"))
        if name.startswith("."):
            return _first(tree, lambda node: isinstance(node, ast.Attribute) and node.attr == name[1:])
        node: ast.AST | None = tree
        for part in name.split("."):
            node = _member(node, part) if node is not None else None
        return node

    def calls(self, place: str, callee: str) -> list[ast.Call]:
        """The calls of `callee` in the function at a place, as they are written there."""
        function = self.at(place)
        every = ast.walk(function) if function else ()
        return [node for node in every if isinstance(node, ast.Call) and ast.unparse(node.func) == callee]


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8-sig"))


def _first(tree: ast.AST, wanted: object) -> ast.AST | None:
    return next((node for node in ast.walk(tree) if wanted(node)), None)


def _member(owner: ast.AST, name: str) -> ast.AST | None:
    """What a module or class has under a name: defined, assigned, imported, or (a class) given to `self`."""
    for node in ast.walk(owner) if isinstance(owner, ast.ClassDef) else getattr(owner, "body", ()):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and node.name == name:
            return node
        if isinstance(node, ast.Import | ast.ImportFrom) and any((a.asname or a.name) == name for a in node.names):
            return node
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            for each in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(each, ast.Name) and each.id == name:
                    return node
                if isinstance(each, ast.Attribute) and ast.unparse(each) == f"self.{name}":
                    return node
    return None


def _misfits(function: ast.FunctionDef, use: Use) -> list[str]:
    given = function.args
    decorators = {ast.unparse(decorator) for decorator in function.decorator_list}
    names = [argument.arg for argument in [*given.posonlyargs, *given.args]]
    names = names[1:] if names[:1] == ["self"] and "staticmethod" not in decorators else names
    keywords = {*names, *(argument.arg for argument in given.kwonlyargs)}
    wanted = list(use.takes or ())
    problems = []
    if names[: len(wanted)] != wanted and not given.vararg:
        problems.append(f"takes {names}, where we give {wanted}")
    problems += [f"has no parameter {name}" for name in use.by_name if name not in keywords and not given.kwarg]
    if use.called:
        needed = names[: len(names) - len(given.defaults)]
        needed += [a.arg for a, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is None]
        problems += [f"needs {name}, which we do not give" for name in needed if name not in (*wanted, *use.by_name)]
    return problems
