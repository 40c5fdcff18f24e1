"""Of which types is what the extension reads of a host: what our code can do with, and what a host says there is.

A name alone says too little: the first of `p.script_args` is a number from the page, and a title from the API's
`infotext`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from fake_webui.contract import FUNCTIONS, Source

TYPES: dict[str, set[str]] = {
    # A processing object.
    "p.batch_index": {"int"},
    "p.comments": {"dict", "NoneType"},
    "p.extra_generation_params": {"dict", "NoneType"},
    "p.height": {"int"},
    "p.image_mask": {"Any", "NoneType"},
    "p.init_images": {"list", "NoneType"},
    "p.init_latent": {"Any", "Tensor", "NoneType"},
    "p.inpaint_full_res": {"bool"},
    "p.inpainting_fill": {"int"},
    "p.inpainting_mask_invert": {"int"},
    "p.mask_blur": {"int", "NoneType"},
    "p.mask_blur_x": {"int"},
    "p.mask_blur_y": {"int"},
    "p.override_settings": {"dict", "NoneType"},
    "p.paste_to": {"tuple", "NoneType"},
    "p.prompts": {"list", "NoneType"},
    "p.refiner_checkpoint_info": {"NoneType"},
    "p.resize_mode": {"int"},
    "p.rng": {"ImageRNG", "NoneType"},
    "p.sampler": {"Sampler", "NoneType"},
    "p.script_args": {"list", "tuple", "dict", "NoneType"},
    "p.scripts": {"ScriptRunner", "NoneType"},
    "p.seed": {"int"},
    "p.seeds": {"list", "NoneType"},
    "p.steps": {"int"},
    "p.subseeds": {"list", "NoneType"},
    "p.width": {"int"},
    # Scripts and their runner.
    "p.scripts.selectable_scripts": {"list"},
    "p.scripts.alwayson_scripts": {"list"},
    "Script.args_from": {"int", "NoneType"},
    "Script.infotext_fields": {"list", "NoneType"},
    "Script.paste_field_names": {"list", "NoneType"},
    "Script.create_group": {"bool"},
    # The state of all.
    "shared.state.interrupted": {"bool"},
    "shared.state.job": {"str"},
    "shared.state.skipped": {"bool"},
    "shared.state.time_start": {"float", "NoneType"},
    # The host's own options.
    "opts.img2img_background_color": {"str"},
    "opts.outdir_img2img_samples": {"str"},
    "opts.outdir_samples": {"str"},
    "opts.sd_vae_encode_method": {"str"},
}
"""By the name that `contract.USED` gives it: every type that is expected. More is for `webui/activation.py`, which
expects anything."""
UNTOLD = {"p.sd_model", "pp.image", "opts.outdir_img2img_samples"}
"""What no host says the type of."""
WRITTEN: dict[str, tuple[str, ...]] = {
    "p.script_args": ("modules/api/api.py", "modules/img2img.py", "modules/txt2img.py"),
    "p.override_settings": ("modules/processing.py",),
}
"""Files that write to a name, where its declaration does not tell all."""


def types_at(source: Source, place: str) -> set[str]:
    """The types that a host declares at a place, or writes there; none where it does not say."""
    node = source.at(place)
    if node is None:
        return set()
    owner = place.rpartition(".")[0]
    if isinstance(node, FUNCTIONS):  # a property
        found = {each for name in _own_names(node) for each in types_at(source, f"{owner}.{name}")}
        return found | (_in_annotation(node.returns) if node.returns else set())
    if isinstance(node, ast.AnnAssign):
        return _in_annotation(node.annotation) | (_of_value(node.value) if node.value else set())
    if isinstance(node, ast.Assign):
        return _of_value(node.value)
    return _of_option(source, place) if isinstance(node, ast.Constant) else set()


def types_written(source: Source, file: str, target: str) -> set[str]:
    """The types of the values that a file writes to `target`, as far as they are built where they are written."""
    tree = source.tree(file)
    values = (
        node.value
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Assign) and any(ast.unparse(each) == target for each in node.targets)
    )
    return {found for value in values for found in _of_value(value)}


def keywords_of(source: Source, file: str, callee: str, **given: str) -> dict[str, object]:
    """The constants by keyword of the call of `callee` that has those `given`."""
    for node in ast.walk(source.tree(file) or ast.Module([], [])):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == callee:
            found = {each.arg: each.value.value for each in node.keywords if isinstance(each.value, ast.Constant)}
            if given.items() <= found.items():
                return {str(name): value for name, value in found.items()}
    return {}


def _own_names(function: ast.FunctionDef) -> Iterator[str]:
    """What a property hands on: `return self.name`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Attribute):
            above, _, name = ast.unparse(node.value).rpartition(".")
            if above == "self" and name != function.name:
                yield name


def _in_annotation(node: ast.expr) -> set[str]:
    if isinstance(node, ast.BinOp):
        return _in_annotation(node.left) | _in_annotation(node.right)
    if isinstance(node, ast.Subscript):
        inside = ast.unparse(node.value).rpartition(".")[2]
        return _in_annotation(node.slice) | {"NoneType"} if inside == "Optional" else {inside}
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _in_annotation(ast.parse(node.value, mode="eval").body)
    return {"NoneType" if ast.unparse(node) == "None" else ast.unparse(node).rpartition(".")[2]}


def _of_value(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant):
        return {type(node.value).__name__}
    if isinstance(node, ast.List | ast.Dict | ast.Tuple):
        return {type(node).__name__.lower()}
    if isinstance(node, ast.ListComp | ast.DictComp):
        return {type(node).__name__.lower().removesuffix("comp")}
    if isinstance(node, ast.BoolOp):
        return {found for value in node.values for found in _of_value(value)}
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        default = [each.value for each in node.keywords if each.arg == "default"]
        if name.endswith("field") and default:
            return _of_value(default[0])
        return {name} if name in ("list", "tuple", "dict", "str", "int", "float", "bool") else set()
    return set()


def _of_option(source: Source, place: str) -> set[str]:
    """An option's default, of the entry `"name": OptionInfo(default, ...)`."""
    file, _, name = place.partition(":")
    for node in ast.walk(source.tree(file) or ast.Module([], [])):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                named = isinstance(key, ast.Constant) and key.value == name.strip("'")
                if named and isinstance(value, ast.Call) and value.args:
                    return _of_value(value.args[0])
    return set()
