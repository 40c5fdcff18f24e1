"""What surgery costs: `make bench`. Run it on an idle machine; it is not a test and no test is timed.

1. The blend of one step on SDXL's 1024 px latent (1 x 4 x 128 x 128, float32, one core), for 1 and for 8 exemplars.
2. Every way of making a map that asks no model, and every step of shaping, at 1024 x 1024.
3. The extra memory of a whole edit over plain img2img on the same latent: the largest number of bytes of tensors alive
   while the model denoises, and at any moment of the run with encoding and decoding, with a tiny model.
"""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

import cv2
import numpy as np
import torch
from cost.in_diffusers import plain_img2img
from helpers.images import noise_image
from helpers.tensor_memory import TensorMemory
from helpers.tiny_sd1 import random_pipeline
from PIL import Image

from pixels_ext import EditRequest, Exemplar, LatentSurgery, Placement, Schedule
from pixels_ext.core.noising import variance_exploding
from pixels_ext.core.release import ExemplarMaps, release_map
from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.imaging import mask_ops
from pixels_ext.imaging.placement import place, place_map
from pixels_ext.maps import MAP_TYPES, MapContext, MapProviders

SHAPE, ROUNDS = (1, 4, 128, 128), 2000
SIDE = 1024


def blend_time(count: int) -> tuple[float, float]:
    """Median milliseconds of one blend that holds a part of the image, and of preparing `count` exemplars' maps."""
    torch.manual_seed(0)
    init_latent, noise, x = (torch.randn(SHAPE) for _ in range(3))
    sigmas = np.geomspace(14.6, 0.03, 30).tolist()
    schedule = Schedule(sigmas)
    ramp = torch.linspace(0, 1, SHAPE[-1]).expand(1, 1, *SHAPE[-2:])
    start = time.perf_counter()
    release = release_map([ExemplarMaps(ramp.roll(8 * k, 3).clone(), "linear") for k in range(count)], len(sigmas))
    prepared = time.perf_counter() - start
    times = []
    with torch.inference_mode():
        surgery = LatentSurgery(init_latent, noise, release, schedule.progress, variance_exploding)
        for i in range(ROUNDS):
            level = sigmas[min(i * 2 // ROUNDS, 1)]
            start = time.perf_counter()
            surgery.blend_(x, level)
            times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3, prepared * 1e3


def memory(editor: Editor, count: int) -> tuple[TensorMemory, TensorMemory]:
    """Tensor memory of plain img2img and of an edit with `count` exemplars."""
    source = noise_image(1, (SIDE, SIDE))
    ramp = Image.fromarray(np.tile(np.linspace(0, 255, SIDE, dtype=np.uint8), (SIDE, 1)))
    exemplars = tuple(Exemplar(image=noise_image(2 + k, (SIDE, SIDE)), edit_map=ramp) for k in range(count))
    run = Settings(steps=4, strength=1, size=SIDE)
    with TensorMemory(editor.family.denoiser) as plain:
        plain_img2img(editor, source, run)
    with TensorMemory(editor.family.denoiser) as edit:
        editor.edit(source, EditRequest(exemplars=exemplars), run)
    return plain, edit


def map_times() -> Iterator[tuple[str, float]]:
    """Milliseconds (the median of five) of each way of making a map without a model, and of each step of shaping."""
    source, exemplar = noise_image(1, (SIDE, SIDE)), noise_image(2, (1500, 1000))
    gray = source.convert("L")
    placement = Placement(rotation=10)
    scene = MapContext(
        canvas=source,
        exemplar=exemplar,
        placed=place(exemplar, source.size, placement),
        place_map=partial(place_map, size=source.size, placement=placement),
        providers=MapProviders(inpaint_mask=gray),
    )
    told = {"image": {"image": gray}, "shape": {"image": gray}, "brightness": {"equalize": True, "posterize": 4}}
    for model in MAP_TYPES:
        if not model.needs_model:
            made = model(**told.get(model.map_type, {}))
            yield f"map, {model.map_type}", _median_time(partial(made.make, scene))
    values = np.asarray(gray, dtype=np.float32) / 255
    longest = SIDE / 4
    steps: dict[str, Callable[[], object]] = {
        "levels": lambda: mask_ops.levels(values, 0.1, 0.9),
        "gamma": lambda: mask_ops.gamma(values, 2),
        "strength": lambda: mask_ops.limit(values, 0.5),
        "signed distance": lambda: mask_ops.signed_distance(values < 0.5),
        **{f"grow, {r:g} px": partial(mask_ops.dilate, values, r) for r in (5, longest)},
        **{f"blur, {r:g} px": partial(mask_ops.gaussian_blur, values, r) for r in (2, 10, 40, longest)},
    }
    for name, step in steps.items():
        yield f"shaping, {name}", _median_time(step)


def _median_time(work: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    print(f"{platform.machine()}, one core, torch {torch.__version__}, Python {platform.python_version()}")
    for count in (1, 8):
        blend, prepared = blend_time(count)
        print(f"blend of one step, {count} exemplar(s): {blend:.4f} ms (release maps once: {prepared:.3f} ms)")
    for name, milliseconds in map_times():
        print(f"{name}: {milliseconds:.1f} ms")
    for count in (1, 8):
        plain, edit = memory(Editor(random_pipeline()), count)
        denoising, whole = edit.most_denoising - plain.most_denoising, edit.most - plain.most
        told = f"{denoising / 1e6:+.3f} MB while denoising, {whole / 1e6:+.3f} MB at most"
        print(f"memory over img2img, {count} exemplar(s): {told}")


if __name__ == "__main__":
    main()
