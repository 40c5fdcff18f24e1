"""The command's flags."""

from __future__ import annotations

import argparse
from pathlib import Path

from pixels_ext.diffusers_host.extras import OFFLOADS, Extras
from pixels_ext.diffusers_host.loading import DEVICES, PRECISIONS
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.errors import RequestError
from pixels_ext.fields import number_or_text

from .backend import Backend
from .clip_i import CLIP
from .diffusers_edits import InProcess
from .plan import Plan
from .report import PAPERS_PAIRS
from .webui_edits import WebUI

DEFAULTS = {
    "strength": 0.4,
    "steps": 100,
    "sampler": "Euler",
    "guidance_scale": 5.0,
    "prompt": "",
    "negative_prompt": "",
}
"""docs/table1.md tells why."""
SIDE = 1024
_SAMPLING = {
    "strength": "XX, above 0 to 1.",
    "steps": "Of the whole schedule; STRENGTH of them are run.",
    "sampler": "A WebUI sampler name.",
    "guidance_scale": "1 is none, and half the work.",
    "prompt": "The paper has none.",
    "negative_prompt": "The paper tells of none.",
}


def parser() -> argparse.ArgumentParser:
    """Every flag, with what is default."""
    made = argparse.ArgumentParser(
        prog="tasks.py table1",
        description="Make the edits of the paper's Table 1 (a), or go on making them, and score them: docs/table1.md",
        allow_abbrev=False,
    )
    add = made.add_argument
    add("--images", type=Path, required=True, metavar="FOLDER", help="ImageNet's validation set, or any images.")
    add("--out", type=Path, required=True, metavar="FOLDER", help="Where edits and table go.")
    add(
        "--count",
        type=int,
        default=PAPERS_PAIRS,
        metavar="N",
        help=_with_default("Edits; may grow later", PAPERS_PAIRS),
    )
    add("--seed", type=int, default=0, metavar="N", help=_with_default("Draws pairs, maps and noise", 0))
    add(
        "--size",
        type=int,
        default=SIDE,
        metavar="SIDE",
        help=_with_default("Side of the squares that are edited", SIDE),
    )
    add("--maps", type=Path, metavar="FOLDER", help="Maps to choose from; drawn if not given.")
    for name, default in DEFAULTS.items():
        kind = str if isinstance(default, str) else number_or_text
        help_ = _with_default(_SAMPLING[name][:-1], default) if default else _SAMPLING[name]
        add(
            f"--{name.replace('_', '-')}",
            type=kind,
            default=default,
            metavar="TEXT" if kind is str else "N",
            help=help_,
        )
    _add_model(made.add_argument_group("the model: one of --model and --webui"))
    _add_scores(made.add_argument_group("scores"))
    return made


def _add_model(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--model", help="SDXL: a .safetensors file, a diffusers folder or a hub id.")
    add("--config", help="For a single file: folder or hub id with its configuration.")
    add("--device", default="auto", choices=DEVICES, help="Of the model, and of the scores.")
    add("--precision", default="auto", choices=PRECISIONS)
    add("--variant", metavar="NAME", help="Which files of a folder or hub id: fp16, for instance.")
    add("--offload", default="none", choices=OFFLOADS, help="Keep the model on the CPU until its parts work.")
    add("--vae-tiling", action="store_true", help="Encode and decode in tiles: less memory.")
    add("--webui", metavar="ADDRESS", help="A WebUI with this extension, as http://127.0.0.1:7860.")
    add("--login", default="", metavar="USER:PASSWORD", help="Of the WebUI's --api-auth.")


def _add_scores(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--no-scores", action="store_true", help="Only make edits.")
    add("--clip", default=CLIP, metavar="MODEL", help=_with_default("Folder or hub id", CLIP))
    add("--inception", metavar="FILE", help="inception-2015-12-05.pt; fetched if not given.")
    add("--reference", type=Path, metavar="FOLDER", help="For FID; sources and exemplars if not given.")


def _with_default(words: str, default: object) -> str:
    return f"{words}; {default} if not given."


def plan_of(arguments: argparse.Namespace) -> Plan:
    """Raises `RequestError`."""
    if arguments.count < 2:  # of one image there is no covariance
        raise RequestError("count", f"is {arguments.count}", "at least 2")
    for field in ("images", "maps", "reference"):
        folder = getattr(arguments, field)
        if folder and arguments.out.resolve().is_relative_to(folder.resolve()):
            raise RequestError("out", f"lies in --{field}, whose images its own would join", "another folder")
    return Plan(arguments.images, arguments.seed, arguments.size, arguments.maps)


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Raises `RequestError`."""
    side = arguments.size
    return Settings(**{name: getattr(arguments, name) for name in DEFAULTS}, seed=arguments.seed, size=(side, side))


def backend_of(arguments: argparse.Namespace) -> Backend:
    """Raises `RequestError` unless just one is named."""
    if (arguments.model is None) == (arguments.webui is None):
        found = "is missing" if arguments.model is None else "is given beside --webui"
        raise RequestError("model", found, "either --model or --webui")
    if arguments.webui:
        return WebUI(arguments.webui, arguments.login)
    extras = Extras(variant=arguments.variant, offload=arguments.offload, vae_tiling=arguments.vae_tiling)
    return InProcess(arguments.model, arguments.device, arguments.precision, arguments.config, extras)
