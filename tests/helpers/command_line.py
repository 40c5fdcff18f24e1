"""Arguments for the command line in the folder of tests/cli/conftest.py, and what it wrote."""

from __future__ import annotations

import numpy as np
from PIL import Image

EXEMPLAR = ("--exemplar", "b.webp")
MAP = ("--map", "m.png")
OUT = ("-o", "out.png")
ONE = (*EXEMPLAR, *MAP, *OUT)
"""The least that an edit needs besides its source and model."""


def pixels(path: str) -> np.ndarray:
    """An image file's RGB values, int `[height, width, 3]`."""
    return np.asarray(Image.open(path).convert("RGB"), dtype=int)
