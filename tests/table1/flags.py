"""The command's flags."""

from __future__ import annotations

import argparse
from pathlib import Path

from pixels_ext.errors import RequestError
from pixels_ext.standalone.extras import OFFLOADS, Extras
from pixels_ext.standalone.flags import number_or_text
from pixels_ext.standalone.loading import DEVICES, PRECISIONS
from pixels_ext.standalone.settings import Settings

from .clip_i import CLIP
from .door import Door
from .in_process import InProcess
from .planning import Plan
from .report import PAPERS_PAIRS
from .webui import WebUI

USUAL = {"strength": 0.4, "steps": 100, "sampler": "Euler", "guidance": 5.0, "prompt": "", "negative_prompt": ""}
"""docs/table1.md tells why."""
SIDE = 1024


def parser() -> argparse.ArgumentParser:
    """Every flag, with what is usual."""
    made = argparse.ArgumentParser(
        prog="tasks.py table1",
        description="Make the edits of the paper's Table 1 (a), or go on making them, and score them. docs/table1.md",
        allow_abbrev=False,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    made.add_argument("--pictures", type=Path, required=True, metavar="FOLDER", help="ImageNet's validation set.")
    made.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="Where edits and table go.")
    made.add_argument("--count", type=int, default=PAPERS_PAIRS, metavar="N", help="Edits; may grow later.")
    made.add_argument("--seed", type=int, default=0, help="Draws pairs, maps and noise.")
    made.add_argument("--size", type=int, default=SIDE, metavar="SIDE", help="Side of the squares that are edited.")
    made.add_argument("--maps", type=Path, metavar="FOLDER", help="Maps to choose from; none: they are drawn.")
    for name, usual in USUAL.items():
        kind = str if isinstance(usual, str) else number_or_text
        made.add_argument(f"--{name.replace('_', '-')}", type=kind, default=usual)
    _add_model(made.add_argument_group("the model: one of --model and --webui"))
    scores = made.add_argument_group("scores")
    scores.add_argument("--no-scores", action="store_true", help="Only make edits.")
    scores.add_argument("--clip", default=CLIP, metavar="MODEL", help="Folder or hub id.")
    scores.add_argument("--inception", metavar="FILE", help="inception-2015-12-05.pt; fetched if not given.")
    scores.add_argument("--reference", type=Path, metavar="FOLDER", help="For FID; none: sources and exemplars.")
    return made


def _add_model(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--model", help="SDXL: a .safetensors file, a diffusers folder or a hub id.")
    group.add_argument("--config", help="For a single file: folder or hub id with its configuration.")
    group.add_argument("--device", default="auto", choices=DEVICES)
    group.add_argument("--precision", default="auto", choices=PRECISIONS)
    group.add_argument("--variant", help="Which files of a folder or hub id: fp16, for instance.")
    group.add_argument("--offload", default="none", choices=OFFLOADS)
    group.add_argument("--vae-tiling", action="store_true", help="Less memory.")
    group.add_argument("--webui", metavar="ADDRESS", help="A WebUI with this extension, as http://127.0.0.1:7860.")
    group.add_argument("--login", default="", metavar="USER:PASSWORD", help="Of the WebUI's --api-auth.")


def plan_of(arguments: argparse.Namespace) -> Plan:
    """Raises `RequestError`."""
    if arguments.count < 2:  # of one picture there is no covariance
        raise RequestError("count", f"is {arguments.count}", "at least 2")
    for field in ("pictures", "maps", "reference"):
        folder = getattr(arguments, field)
        if folder and arguments.out.resolve().is_relative_to(folder.resolve()):
            raise RequestError("out", f"lies in --{field}, whose pictures its own would join", "another folder")
    return Plan(arguments.pictures, arguments.seed, arguments.size, arguments.maps)


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Raises `RequestError`."""
    side = arguments.size
    return Settings(**{name: getattr(arguments, name) for name in USUAL}, seed=arguments.seed, size=(side, side))


def door_of(arguments: argparse.Namespace) -> Door:
    """Raises `RequestError` unless just one is named."""
    if (arguments.model is None) == (arguments.webui is None):
        found = "is missing" if arguments.model is None else "is given beside --webui"
        raise RequestError("model", found, "either --model or --webui")
    if arguments.webui:
        return WebUI(arguments.webui, arguments.login)
    extras = Extras(variant=arguments.variant, offload=arguments.offload, vae_tiling=arguments.vae_tiling)
    return InProcess(arguments.model, arguments.device, arguments.precision, arguments.config, extras)
