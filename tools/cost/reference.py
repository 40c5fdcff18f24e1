"""The cost of the authors' own code, run by another Python: it needs an older diffusers.

    python reference.py FOLDER_OF_THEIR_REPOSITORY SIZE STEPS ROUNDS > records

Their repository is read where it lies (`git clone https://github.com/amazon-science/PIXELS`). Their pipeline for
Stable Diffusion 2 takes this model too; it always runs all steps, so STEPS are as many as our run makes.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the images

PLAIN, THEIRS = "img2img (that diffusers)", "the authors' code, 1 exemplar"


def without_torchvision() -> None:
    """Where torchvision does not fit the torch, what they take of it: a resize of the map."""

    class Resize:
        def __init__(self, size: tuple[int, int], antialias: object = None) -> None:
            self.size = size

        def __call__(self, values: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.interpolate(values[None], self.size, mode="bilinear")[0]

    transforms = types.ModuleType("torchvision.transforms")
    transforms.Resize = Resize
    torchvision = types.ModuleType("torchvision")
    torchvision.transforms = transforms
    sys.modules.update({"torchvision": torchvision, "torchvision.transforms": transforms})


def pipelines(folder: Path) -> tuple[Any, Any]:
    """That diffusers' img2img, and theirs, of the same parts."""
    from diffusers import StableDiffusionImg2ImgPipeline

    from cost.models import sd15

    try:  # after diffusers, which looks for it too
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError):
        without_torchvision()
    plain = sd15("cpu", torch.float32)
    parts = {name: part for name, part in plain.components.items() if name != "image_encoder"}
    spec = importlib.util.spec_from_file_location("authors", folder / "SD2" / "diffusion_pipe.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    theirs = module.StableDiffusionDiffImg2ImgPipeline(**parts, requires_safety_checker=False)
    theirs.set_progress_bar_config(disable=True)
    return StableDiffusionImg2ImgPipeline(**parts, requires_safety_checker=False), theirs


def main() -> None:
    """Print one JSON record for each run of theirs and of plain img2img."""
    from cost.inputs import by_turns, exemplars, sample_image

    folder, size, steps, rounds = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    plain, theirs = pipelines(folder)
    plain.set_progress_bar_config(disable=True)

    def pixels(image: Any) -> torch.Tensor:
        return torch.from_numpy(np.asarray(image.convert("RGB"))).permute(2, 0, 1)[None].float() / 127.5 - 1

    source = pixels(sample_image(1, size))
    [(exemplar, edit_map)] = exemplars(1, size)
    gray = torch.from_numpy(np.asarray(edit_map))[None].float() / 255
    settings = {"guidance_scale": 1.0, "num_inference_steps": steps}
    kinds: dict[str, Callable[[], Any]] = {
        PLAIN: lambda: plain(prompt="a", image=source, strength=1.0, **settings),
        THEIRS: lambda: theirs(prompt=["a"], image=[source, pixels(exemplar)], map=gray, **settings),
    }
    kinds[PLAIN]()  # not counted
    for number, name in by_turns(kinds, rounds):
        began = time.perf_counter()
        kinds[name]()
        print(json.dumps({"edit": name, "round": number, "seconds": time.perf_counter() - began}), flush=True)


if __name__ == "__main__":
    main()
