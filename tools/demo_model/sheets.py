"""Contact sheets of what the demo model makes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image, ImageDraw

from .measure import STEPS, Bench, pasted

Array = np.ndarray
WORDS = (
    "snow", "beach", "sea", "sunset", "night", "fog", "forest", "desert",
    "meadow", "lake", "mountains", "hills", "house", "clouds", "boat", "",
)  # fmt: skip
PULLS = ("", "snow", "beach", "sunset", "night", "fog", "desert", "forest")


def sheet(path: Path, rows: list[list[Array]], labels: list[str]) -> None:
    """Write pictures (all of one size) as a grid, each row under its label."""
    height, width = rows[0][0].shape[:2]
    bar = 14
    image = Image.new("RGB", (width * max(map(len, rows)), (height + bar) * len(rows)), "white")
    draw = ImageDraw.Draw(image)
    for index, (row, label) in enumerate(zip(rows, labels, strict=True)):
        top = index * (height + bar)
        draw.text((4, top + 1), label, fill="black")
        for column, picture in enumerate(row):
            image.paste(Image.fromarray(picture), (column * width, top + bar))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def reconstruction_sheet(bench: Bench, pictures: list[Array], path: Path) -> None:
    """Originals above their reconstructions."""
    sheet(path, [pictures, bench.reconstructed(pictures)], ["original", "encoded and decoded"])


def word_sheet(bench: Bench, path: Path, size: int, count: int = 4, guidance: float = 4.0) -> None:
    """Text to image for each word, two words a row."""
    pipeline = StableDiffusionPipeline(**bench.pipeline.components, requires_safety_checker=False)
    pipeline.set_progress_bar_config(disable=True)
    rows, labels = [], []
    for word in WORDS:
        generators = [torch.Generator().manual_seed(index) for index in range(count)]
        images = pipeline(
            [word] * count,
            height=size,
            width=size,
            guidance_scale=guidance if word else 1.0,
            num_inference_steps=STEPS,
            generator=generators,
        ).images
        rows.append([np.asarray(image) for image in images])
        labels.append(word or "(no caption)")
    paired = [left + right for left, right in zip(rows[::2], rows[1::2], strict=True)]
    sheet(path, paired, [f"{left} | {right}" for left, right in zip(labels[::2], labels[1::2], strict=True)])


def seam_sheet(bench: Bench, pairs: list[tuple[Array, Array]], path: Path) -> None:
    """A hard paste, encoded and decoded, and after img2img at three strengths without a caption."""
    pastes = [pasted(left, right) for left, right in pairs]
    columns = [pastes, bench.reconstructed(pastes)]
    columns += [bench.edited(pastes, [""] * len(pastes), strength) for strength in (0.3, 0.5, 0.7)]
    label = "paste | encoded and decoded | strength 0.3 | 0.5 | 0.7"
    sheet(path, [list(row) for row in zip(*columns, strict=True)], [label] * len(pastes))


def pull_sheet(bench: Bench, pictures: list[Array], path: Path, strength: float = 0.6, guidance: float = 4.0) -> None:
    """Each picture, then img2img with each caption."""
    rows = []
    for picture in pictures:
        edited = bench.edited([picture] * len(PULLS), list(PULLS), strength, guidance)
        rows.append([picture, *edited])
    label = f"original, then strength {strength}, guidance {guidance}: " + ", ".join(word or "(none)" for word in PULLS)
    sheet(path, rows, [label] * len(rows))
