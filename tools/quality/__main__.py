"""A gauge of edits on the demo model: `make gauge`, or `python3 tasks.py gauge --out FOLDER`.

Pairs of held-out scenes at distances from near to far get random edit maps. All methods edit them from the same noise;
measured are adherence, seams and realism. FOLDER keeps what is measured, eight pairs a file: started again it goes on
where it stopped, and with all there only the tables and pictures are made again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from demo_batch import DemoBench, held_out
from torch import Tensor

from pixels_ext.cli.outputs import make_folder
from pixels_ext.errors import RequestError
from quality.measuring import batch_of, cells, found, results, why_cells
from quality.pairs import spread_pairs
from quality.report import report
from quality.sheets import strip

CHUNK = 8
PAIRS, WHY_PAIRS = 240, 24


def all_latents(bench: DemoBench, count: int, file: Path) -> Tensor:
    """Latents of the scenes of `count` pairs, and of as many more that are in none."""
    if not file.exists():
        torch.save(torch.cat([bench.encoded(held_out(1, number)) for number in range(3 * count)]), file)
    return torch.load(file)


def measure(out: Path, count: int, stop_at: float, dtype: torch.dtype) -> None:
    """Measure what is not measured yet, until all is or `stop_at` (seconds since the epoch) has come."""
    bench = DemoBench(dtype)
    latents = all_latents(bench, count, out / f"latents_{count}.pt")
    pairs = spread_pairs(latents[: 2 * count], count)
    firsts = range(0, count, CHUNK)
    jobs = [(out / f"why_{first:03}.npz", first, why_cells()) for first in firsts[: WHY_PAIRS // CHUNK]]
    jobs += [(out / f"pairs_{first:03}.npz", first, cells()) for first in firsts]
    for file, first, wanted in jobs:
        if file.exists() or time.time() > stop_at:
            continue
        began, busy = time.time(), time.process_time()
        batch = batch_of(pairs[first : first + CHUNK], latents, 2 * count)
        made = results(bench, batch, wanted)
        got = found(bench, batch, made)
        if wanted == cells():
            for number, pair in enumerate(batch.pairs):
                strip(batch, made, number).save(out / f"pair_{pair.number:03}.png")
        with file.open("wb") as opened:
            np.savez(opened, rows=json.dumps(got.rows), inside=got.inside, **got.features)
        spent, core = time.time() - began, time.process_time() - busy
        print(f"{file.stem}: {spent:.0f} s, {core:.0f} s of a core", flush=True)


def main() -> None:
    """Measures what is missing, then reports."""
    parser = argparse.ArgumentParser(
        prog="tasks.py gauge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "pixels-gauge")
    parser.add_argument("--pairs", type=int, default=PAIRS, help="a number divisible by 8")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no further pairs after that long")
    parser.add_argument("--float32", action="store_true", help="where bfloat16 is slow: processors without AVX-512")
    arguments = parser.parse_args()
    try:
        make_folder("--out", str(arguments.out))
    except RequestError as error:
        parser.error(error.message_for(error.path))
    dtype = torch.float32 if arguments.float32 else torch.bfloat16
    measure(arguments.out, arguments.pairs, time.time() + 60 * arguments.minutes, dtype)
    report(arguments.out)


if __name__ == "__main__":
    main()
