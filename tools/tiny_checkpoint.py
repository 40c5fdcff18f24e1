"""A tiny Stable Diffusion 1 checkpoint with random weights for a real AUTOMATIC1111, run by the WebUI's own Python:

    WEBUI/venv/bin/python tools/tiny_checkpoint.py WEBUI

It writes `tiny-sd1.safetensors` and its configuration into `WEBUI/models/Stable-diffusion`, and the text encoder into
`WEBUI/models/tiny-clip`: 32 MB in all. Its images are noise; they are enough to compare one run with another.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn

WIDTH, TOKENS, VOCABULARY = 64, 77, 49408
NAME = "tiny-sd1"
END = "<|endoftext|>"
SPECIAL = {"unk_token": END, "bos_token": "<|startoftext|>", "eos_token": END, "pad_token": END}


def write_tokenizer(folder: Path) -> None:
    """CLIP's own tokenizer as transformers reads it, from the table of merges in the WebUI's package `clip`."""
    import clip
    from clip.simple_tokenizer import bytes_to_unicode

    table = Path(clip.__file__).with_name("bpe_simple_vocab_16e6.txt.gz")
    merges = gzip.decompress(table.read_bytes()).decode("utf-8").split("\n")[1 : VOCABULARY - 512 - 2 + 1]
    letters = list(bytes_to_unicode().values())
    pieces = [*letters, *(f"{letter}</w>" for letter in letters), *("".join(merge.split()) for merge in merges)]
    vocabulary = [*pieces, SPECIAL["bos_token"], END]
    assert len(vocabulary) == VOCABULARY
    folder.mkdir(parents=True, exist_ok=True)
    numbers = {piece: number for number, piece in enumerate(vocabulary)}
    (folder / "vocab.json").write_text(json.dumps(numbers, ensure_ascii=False), "utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", "utf-8")
    settings = {"model_max_length": TOKENS, "do_lower_case": True, "tokenizer_class": "CLIPTokenizer", **SPECIAL}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    (folder / "special_tokens_map.json").write_text(json.dumps(SPECIAL))


def write_text_encoder(folder: Path) -> nn.Module:
    """A CLIP text encoder with three narrow layers."""
    from transformers import CLIPTextConfig, CLIPTextModel

    config = CLIPTextConfig(
        vocab_size=VOCABULARY,
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=3,
        num_attention_heads=2,
        max_position_embeddings=TOKENS,
        hidden_act="quick_gelu",
        projection_dim=WIDTH,
    )
    model = CLIPTextModel(config)
    norm = getattr(model, "text_model", model).final_layer_norm  # since transformers 5 it is the model's own
    with torch.no_grad():
        # The WebUI's emphasis divides by the embedding's mean, which the norm of a new model makes 0.
        norm.weight.copy_(1 + 0.2 * torch.randn(WIDTH))
        norm.bias.copy_(0.2 + 0.3 * torch.randn(WIDTH))
    model.save_pretrained(folder)
    return model


def configuration(text_encoder: Path) -> dict[str, Any]:
    """The checkpoint's configuration in the form of the original Stable Diffusion code."""
    unet = {
        "image_size": 32,
        "in_channels": 4,
        "out_channels": 4,
        "model_channels": 64,
        "attention_resolutions": [2, 1],
        "num_res_blocks": 1,
        "channel_mult": [1, 2],
        "num_heads": 4,
        "use_spatial_transformer": True,
        "transformer_depth": 1,
        "context_dim": WIDTH,
        "use_checkpoint": False,
        "legacy": False,
    }
    autoencoder = {
        "double_z": True,
        "z_channels": 4,
        "resolution": 256,
        "in_channels": 3,
        "out_ch": 3,
        "ch": 32,
        "ch_mult": [1, 1, 2, 2],
        "num_res_blocks": 1,
        "attn_resolutions": [],
        "dropout": 0.0,
    }
    parts = {
        "unet_config": _part("ldm.modules.diffusionmodules.openaimodel.UNetModel", unet),
        "first_stage_config": _part(
            "ldm.models.autoencoder.AutoencoderKL",
            {"embed_dim": 4, "ddconfig": autoencoder, "lossconfig": {"target": "torch.nn.Identity"}},
        ),
        "cond_stage_config": _part(
            "ldm.modules.encoders.modules.FrozenCLIPEmbedder", {"version": str(text_encoder), "device": "cpu"}
        ),
    }
    diffusion = {
        "linear_start": 0.00085,
        "linear_end": 0.0120,
        "timesteps": 1000,
        "first_stage_key": "jpg",
        "cond_stage_key": "txt",
        "image_size": 64,
        "channels": 4,
        "conditioning_key": "crossattn",
        "scale_factor": 0.18215,
        "use_ema": False,
        **parts,
    }
    return {"model": _part("ldm.models.diffusion.ddpm.LatentDiffusion", diffusion)}


def _part(target: str, parameters: dict[str, Any]) -> dict[str, Any]:
    return {"target": target, "params": parameters}


@torch.no_grad()
def randomize(model: Any) -> None:
    """Give the layers that begin as zero small random weights, and the latents and images their usual range."""
    for name, weight in model.model.diffusion_model.named_parameters():
        if weight.ndim > 1 and not weight.any():
            scale = (0.8 if name.startswith("out.") else 0.3) / weight[0].numel() ** 0.5
            weight.copy_(torch.randn(weight.shape) * scale)
    images = nn.functional.interpolate(torch.rand(2, 3, 16, 16) * 2 - 1, 256, mode="bilinear")
    autoencoder = model.first_stage_model
    moments = autoencoder.quant_conv
    scale = 5.5 / moments(autoencoder.encoder(images))[:, :4].std()
    moments.weight[:4] *= scale
    moments.bias[:4] *= scale
    # No variance: the WebUI draws latents by torch's global generator, so two encodings would differ.
    moments.weight[4:] = 0
    moments.bias[4:] = -30
    latents, last = autoencoder.encode(images).mode(), autoencoder.decoder.conv_out
    last.weight *= 0.5 / autoencoder.decode(latents).std()
    last.bias.zero_()
    last.bias -= autoencoder.decode(latents).mean((0, 2, 3))


def main() -> None:
    """Write the checkpoint, its configuration and its text encoder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("webui", type=Path, help="the WebUI's folder, in which it has been installed")
    parser.add_argument("--out", type=Path, help="the folder of models, unless WEBUI/models")
    arguments = parser.parse_args()
    webui = arguments.webui.resolve()
    models = (arguments.out or webui / "models").resolve()
    sys.path.insert(0, str(webui / "repositories" / "stable-diffusion-stability-ai"))
    torch.manual_seed(1234)
    write_tokenizer(models / "tiny-clip")
    text_encoder = write_text_encoder(models / "tiny-clip")
    model = _instantiate(configuration(models / "tiny-clip"), models / "Stable-diffusion" / f"{NAME}.yaml")
    model.cond_stage_model.transformer.load_state_dict(text_encoder.state_dict(), strict=False)
    randomize(model)
    _save(model, models / "Stable-diffusion" / f"{NAME}.safetensors")


def _instantiate(config: dict[str, Any], file: Path) -> Any:
    import pytorch_lightning
    from omegaconf import OmegaConf

    # The module's name before pytorch_lightning 1.8, by which the original code imports it.
    sys.modules["pytorch_lightning.utilities.distributed"] = pytorch_lightning.utilities.rank_zero
    from ldm.util import instantiate_from_config

    file.parent.mkdir(parents=True, exist_ok=True)
    OmegaConf.save(OmegaConf.create(config), file)
    return instantiate_from_config(OmegaConf.load(file).model).eval()


def _save(model: nn.Module, file: Path) -> None:
    from safetensors.torch import save_file

    weights = {name: weight.detach().clone().contiguous() for name, weight in model.state_dict().items()}
    assert all(weight.isfinite().all() for weight in weights.values() if weight.is_floating_point())
    save_file(weights, file, metadata={"format": "pt"})
    print(f"{file}: {file.stat().st_size >> 20} MB")


if __name__ == "__main__":
    main()
