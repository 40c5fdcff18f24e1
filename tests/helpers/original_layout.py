"""Names of a Stable Diffusion or SDXL pipeline's weights in the original single-file layout, for tests of loading."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import Tensor

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
_ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}


_OPEN_CLIP = {
    "self_attn.out_proj": "attn.out_proj",
    "layer_norm": "ln_",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}


def single_file(pipeline: Any, text: str = "clip") -> dict[str, Tensor]:
    """All weights of `pipeline` under the names that a checkpoint file has.

    `text`: whose text encoders: "clip" (Stable Diffusion 1), "open clip" (2), or "sdxl" and "sdxl refiner".
    """
    weights = {f"model.diffusion_model.{_unet(n, pipeline.unet)}": w for n, w in pipeline.unet.state_dict().items()}
    for name, weight in pipeline.vae.state_dict().items():
        renamed = _vae(name, len(pipeline.vae.config.block_out_channels))
        weight = weight[..., None, None] if ".attn_1." in renamed and weight.ndim == 2 else weight
        weights[f"first_stage_model.{renamed}"] = weight
    if text == "open clip":
        weights |= _open_clip("cond_stage_model.model.", pipeline.text_encoder)
    elif text == "sdxl refiner":
        weights |= _open_clip("conditioner.embedders.0.model.", pipeline.text_encoder_2)
    else:
        before = "conditioner.embedders.0" if text == "sdxl" else "cond_stage_model"
        for name, weight in pipeline.text_encoder.state_dict().items():
            weights[f"{before}.transformer.text_model.{name.removeprefix('text_model.')}"] = weight
    if text == "sdxl":
        weights |= _open_clip("conditioner.embedders.1.model.", pipeline.text_encoder_2)
    return {name: weight.clone().contiguous() for name, weight in weights.items()}


def _open_clip(prefix: str, encoder: Any) -> dict[str, Tensor]:
    weights = {name.removeprefix("text_model."): weight for name, weight in encoder.state_dict().items()}
    named = {
        "positional_embedding": weights["embeddings.position_embedding.weight"],
        "token_embedding.weight": weights["embeddings.token_embedding.weight"],
        "ln_final.weight": weights["final_layer_norm.weight"],
        "ln_final.bias": weights["final_layer_norm.bias"],
    }
    if "text_projection.weight" in weights:
        named["text_projection"] = weights["text_projection.weight"].T
    for name, weight in weights.items():
        if match := re.match(r"encoder\.layers\.(\d+)\.(.*)", name):
            block, rest = f"transformer.resblocks.{match[1]}", match[2]
            if rest in ("self_attn.q_proj.weight", "self_attn.q_proj.bias"):
                three = [weights[name.replace("q_proj", f"{letter}_proj")] for letter in "qkv"]
                named[f"{block}.attn.in_proj_{rest.split('.')[-1]}"] = torch.cat(three)
            elif not re.match(r"self_attn\.[kv]_proj", rest):
                named[f"{block}.{_swapped_anywhere(rest, _OPEN_CLIP)}"] = weight
    return {prefix + name: weight for name, weight in named.items()}


def _swapped_anywhere(name: str, names: dict[str, str]) -> str:
    for ours, theirs in names.items():
        name = name.replace(ours, theirs)
    return name


def _swapped(name: str, names: dict[str, str]) -> str:
    for ours, theirs in names.items():
        if re.match(rf"{re.escape(ours)}(\.|$)", name):
            return theirs + name[len(ours) :]
    return name


def _unet(name: str, unet: Any) -> str:
    width = unet.config.layers_per_block + 1
    if match := re.match(r"(down|up)_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.(.*)", name):
        side, i, kind, j, rest = match[1], int(match[2]), match[3], int(match[4]), match[5]
        block = f"input_blocks.{width * i + j + 1}" if side == "down" else f"output_blocks.{width * i + j}"
        return f"{block}.0.{_swapped(rest, _RESNET)}" if kind == "resnets" else f"{block}.1.{rest}"
    if match := re.match(r"down_blocks\.(\d+)\.downsamplers\.0\.conv\.(.*)", name):
        return f"input_blocks.{width * (int(match[1]) + 1)}.0.op.{match[2]}"
    if match := re.match(r"up_blocks\.(\d+)\.upsamplers\.0\.conv\.(.*)", name):
        i = int(match[1])
        after = 2 if "CrossAttn" in unet.config.up_block_types[i] else 1
        return f"output_blocks.{width * i + width - 1}.{after}.conv.{match[2]}"
    if match := re.match(r"mid_block\.resnets\.(\d)\.(.*)", name):
        return f"middle_block.{2 * int(match[1])}.{_swapped(match[2], _RESNET)}"
    if match := re.match(r"mid_block\.attentions\.0\.(.*)", name):
        return f"middle_block.1.{match[1]}"
    return _swapped(name, _ENDS)


def _vae(name: str, levels: int) -> str:
    if match := re.match(r"(encoder|decoder)\.(down|up)_blocks\.(\d+)\.(resnets|\w+samplers)\.(\d+)\.(.*)", name):
        coder, side, i, kind, j, rest = match.groups()
        level = int(i) if side == "down" else levels - 1 - int(i)
        inner = f"block.{j}" if kind == "resnets" else f"{side}sample"
        return f"{coder}.{side}.{level}.{inner}.{rest.replace('conv_shortcut', 'nin_shortcut')}"
    if match := re.match(r"(encoder|decoder)\.mid_block\.resnets\.(\d)\.(.*)", name):
        return f"{match[1]}.mid.block_{int(match[2]) + 1}.{match[3]}"
    if match := re.match(r"(encoder|decoder)\.mid_block\.attentions\.0\.(.*)", name):
        return f"{match[1]}.mid.attn_1.{_swapped(match[2], _ATTENTION)}"
    return name.replace("conv_norm_out", "norm_out")
