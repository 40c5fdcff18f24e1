"""`PYTHONPATH=tools python -m demo_model`: train the demo model, all stages in one chain."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from . import chain
from .machine import MACHINES


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(
        prog="demo_model",
        description="Train the demo model: draw, autoencoder, whiten, denoiser with text encoder, decoder, export, "
        "measure. Stopped and started again with the same --out it goes on where it was; started again with more "
        "--minutes it trains on.",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for everything: data, states, model, measures")
    parser.add_argument(
        "--photographs",
        type=Path,
        required=True,
        help="folder with the pictures of Debian's packages lomiri-wallpapers-16.04 and -20.04",
    )
    parser.add_argument("--minutes", type=float, default=360, help="for all stages together (360)")
    parser.add_argument("--device", choices=tuple(MACHINES), default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1, help="of torch, on a CPU (1)")
    parser.add_argument("--size", type=int, default=256, help="side of the training pictures in pixels (256)")
    parser.add_argument("--count", type=int, default=6000, help="scenes to draw at most (6000)")
    parser.add_argument("--no-measure", action="store_true", help="stop after the export")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    machine = MACHINES[arguments.device]()
    plan = chain.Plan(arguments.out, arguments.photographs, arguments.minutes, machine, arguments.size, arguments.count)
    print("model:", chain.run(plan, measure=not arguments.no_measure))


if __name__ == "__main__":
    main()
