"""Measure the demo model on scenes and a photograph it never saw, and write contact sheets.

PYTHONPATH=tools python -m demo_model.evaluate --model FOLDER --out FOLDER
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, StableDiffusionImg2ImgPipeline
from PIL import Image

from pixels_ext.demo import IMAGES, MODEL

from .drawing.landscapes import Scene, scene
from .measure import Bench, column_step, gradient_energy, pasted, psnr, seam_step
from .scenes import HELD_OUT_SEED
from .sheets import pull_sheet, reconstruction_sheet, seam_sheet, word_sheet

TIMES = (50, 200, 400, 600, 800)
STRENGTHS = (0.3, 0.5, 0.7)
BATCH = 8


def held_out_photo(size: int) -> list[np.ndarray]:
    """Return three square crops uint8 (size, size, 3) of the photograph kept out of training."""
    photo = Image.open(IMAGES / "picosdeeuropa.jpg").convert("RGB")
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


def texture(bench: Bench, pictures: list[np.ndarray], strengths: tuple[float, ...] = STRENGTHS) -> dict[str, float]:
    """The gradient energy after img2img without a caption, as a share of what encoding and decoding alone keeps."""
    kept = sum(map(gradient_energy, bench.reconstructed(pictures)))
    captions = [""] * len(pictures)
    return {
        str(strength): sum(map(gradient_energy, bench.edited(pictures, captions, strength))) / kept
        for strength in strengths
    }


TRAITS: dict[tuple[str, str], Callable[[np.ndarray], float]] = {
    ("sunset", "snow"): lambda picture: float(picture[..., 0].mean() - picture[..., 2].mean()),
    ("snow", "night"): lambda picture: float(picture.mean()),
    ("desert", "sea"): lambda picture: _warmth(picture[len(picture) // 2 :]),
    ("meadow", "snow"): lambda picture: float(
        picture[len(picture) // 2 :, :, 1].mean() - picture[len(picture) // 2 :, :, 2].mean()
    ),
}
"""One caption against another, and of which trait the first makes more: in 0..255."""


def _warmth(picture: np.ndarray) -> float:
    return float(picture[..., 0].mean() - picture[..., 2].mean())


def pulls(bench: Bench, pictures: list[np.ndarray], strength: float, guidance: float) -> dict[str, list[float]]:
    """How far each first caption of `TRAITS` pulls each picture from the second, in its trait, of 255."""
    words = {word for pair in TRAITS for word in pair}
    edits = {word: bench.edited(pictures, [word] * len(pictures), strength, guidance) for word in sorted(words)}
    return {
        f"{first} against {second}": [
            trait(a.astype(float)) - trait(b.astype(float)) for a, b in zip(edits[first], edits[second], strict=True)
        ]
        for (first, second), trait in TRAITS.items()
    }


def load(model: Path) -> Bench:
    """Return the bench of the pipeline in the folder `model`, in single precision."""
    pipeline = StableDiffusionImg2ImgPipeline.from_pretrained(
        model, safety_checker=None, torch_dtype=torch.float32, local_files_only=True
    )
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    return Bench(pipeline)


def measure(model: Path, out: Path, *, count: int, size: int, sheets: bool = True) -> dict[str, object]:
    """Measure the pipeline in the folder `model` on `count` held-out scenes of `size` pixels and on the photograph.

    Writes measurements.json and, with `sheets`, pictures of what it makes to the folder `out`.
    """
    bench = load(model)
    scenes = [scene(HELD_OUT_SEED + index, size, size) for index in range(count)]
    pictures = [painted.picture for painted in scenes]
    captions = [painted.caption for painted in scenes]
    photo = held_out_photo(size)
    some = scenes[: 2 * BATCH]
    half = len(some) // 2
    pairs = [(some[index].picture, some[index + half].picture) for index in range(half)]
    results: dict[str, object] = {
        "size": size,
        "reconstruction of scenes": reconstruction(bench, pictures),
        "reconstruction of the held-out photograph": reconstruction(bench, photo),
        "denoising error": {str(time): bench.denoising_error(pictures, captions, time) for time in TIMES},
        "gradient energy after img2img, scenes": texture(bench, [painted.picture for painted in some]),
        "gradient energy after img2img, photograph": texture(bench, photo),
        "seam": seams(bench, pairs),
        "fidelity": fidelity(bench, some),
        "pull at strength 0.7, guidance 4": pulls(bench, pictures[:6], 0.7, 4),
        "pull at strength 0.8, guidance 7": pulls(bench, pictures[:6], 0.8, 7),
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "measurements.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(json.dumps(results, indent=1))
    if sheets:
        reconstruction_sheet(bench, [*pictures[:5], *photo], out / "reconstructions.png")
        word_sheet(bench, out / "words.png", size)
        seam_sheet(bench, pairs, out / "seams.png")
        pull_sheet(bench, [*pictures[1:4], photo[1]], out / "captions.png")
    return results


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODEL, help="pipeline folder")
    parser.add_argument("--out", type=Path, required=True, help="folder for measurements.json and the sheets")
    parser.add_argument("--count", type=int, default=32, help="held-out scenes to measure on")
    parser.add_argument("--size", type=int, default=256, help="side of the pictures in pixels")
    parser.add_argument("--no-sheets", action="store_true", help="only measure")
    arguments = parser.parse_args()
    measure(arguments.model, arguments.out, count=arguments.count, size=arguments.size, sheets=not arguments.no_sheets)


if __name__ == "__main__":
    main()
