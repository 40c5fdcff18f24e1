"""Measure the demo model on scenes and a photograph it never saw, and write contact sheets.

python -m pixels_ext.standalone.demo.training.evaluate --out DIR
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, StableDiffusionImg2ImgPipeline
from PIL import Image

from .. import MODEL, PICTURES
from .dataset import HELD_OUT_SEED
from .landscapes import Scene, scene
from .measure import Bench, column_step, gradient_energy, pasted, psnr, seam_step
from .sheets import pull_sheet, reconstruction_sheet, seam_sheet, word_sheet

TIMES = (50, 200, 400, 600, 800)
STRENGTHS = (0.3, 0.5, 0.7)
BATCH = 8


def held_out_photo(size: int) -> list[np.ndarray]:
    """Return three square crops uint8 (size, size, 3) of the photograph kept out of training."""
    photo = Image.open(PICTURES / "picosdeeuropa.jpg").convert("RGB")
    side = photo.height
    lefts = (0, (photo.width - side) // 2, photo.width - side)
    boxes = [(left, 0, left + side, side) for left in lefts]
    return [np.asarray(photo.resize((size, size), Image.Resampling.LANCZOS, box=box)) for box in boxes]


def reconstruction(bench: Bench, pictures: list[np.ndarray]) -> dict[str, float]:
    """PSNR and the share of the gradient energy kept by encoding and decoding."""
    decoded = bench.reconstructed(pictures)
    kept = sum(map(gradient_energy, decoded)) / sum(map(gradient_energy, pictures))
    return {
        "psnr": float(np.mean([psnr(a, b) for a, b in zip(pictures, decoded, strict=True)])),
        "gradient_energy_kept": kept,
    }


def seams(bench: Bench, pairs: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, dict[str, float]]:
    """The step across the middle of half-and-half pastes, over one pixel and over eight, and of any other column."""
    pastes = [pasted(left, right) for left, right in pairs]
    stages = {"paste": pastes, "encode-decode": bench.reconstructed(pastes)}
    for strength in STRENGTHS:
        stages[f"img2img {strength}"] = bench.edited(pastes, [""] * len(pastes), strength)
    return {
        name: {
            "seam": float(np.mean([seam_step(picture) for picture in pictures])),
            "seam_8px": float(np.mean([seam_step(picture, 8) for picture in pictures])),
            "anywhere": float(np.mean([column_step(picture) for picture in pictures])),
        }
        for name, pictures in stages.items()
    }


def fidelity(bench: Bench, scenes: list[Scene]) -> dict[str, dict[str, float]]:
    """PSNR to the encode-decode picture after img2img, and of the noised latent decoded without denoising."""
    pictures = [painted.picture for painted in scenes]
    captions = [painted.caption for painted in scenes]
    target = bench.reconstructed(pictures)
    result = {}
    for strength in STRENGTHS:
        edited = bench.edited(pictures, captions, strength)
        noised = bench.noised(pictures, strength)
        result[str(strength)] = {
            "img2img": float(np.mean([psnr(a, b) for a, b in zip(edited, target, strict=True)])),
            "noised": float(np.mean([psnr(a, b) for a, b in zip(noised, target, strict=True)])),
        }
    return result


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODEL, help="pipeline folder")
    parser.add_argument("--out", type=Path, required=True, help="folder for measurements.json and the sheets")
    parser.add_argument("--count", type=int, default=32, help="held-out scenes to measure on")
    parser.add_argument("--size", type=int, default=256, help="side of the pictures in pixels")
    parser.add_argument("--no-sheets", action="store_true", help="only measure")
    arguments = parser.parse_args()
    pipeline = StableDiffusionImg2ImgPipeline.from_pretrained(
        arguments.model, safety_checker=None, torch_dtype=torch.float32, local_files_only=True
    )
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    bench = Bench(pipeline)
    size = arguments.size
    scenes = [scene(HELD_OUT_SEED + index, size, size) for index in range(arguments.count)]
    pictures = [painted.picture for painted in scenes]
    captions = [painted.caption for painted in scenes]
    photo = held_out_photo(size)
    some = scenes[: 2 * BATCH]
    pairs = [(some[index].picture, some[index + BATCH].picture) for index in range(BATCH)]
    results = {
        "size": size,
        "reconstruction of scenes": reconstruction(bench, pictures),
        "reconstruction of the held-out photograph": reconstruction(bench, photo),
        "denoising error": {str(time): bench.denoising_error(pictures, captions, time) for time in TIMES},
        "seam": seams(bench, pairs),
        "fidelity": fidelity(bench, some),
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "measurements.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(json.dumps(results, indent=1))
    if not arguments.no_sheets:
        reconstruction_sheet(bench, [*pictures[:5], *photo], arguments.out / "reconstructions.png")
        word_sheet(bench, arguments.out / "words.png", size)
        seam_sheet(bench, pairs, arguments.out / "seams.png")
        pull_sheet(bench, [*pictures[1:4], photo[1]], arguments.out / "captions.png")


if __name__ == "__main__":
    main()
