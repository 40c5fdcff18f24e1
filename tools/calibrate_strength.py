"""How good a hint is the suggested strength? The paper's Figure 6 on the demo model, for many pairs.

    PYTHONPATH=tools python tools/calibrate_strength.py --out FOLDER

It takes 10 minutes on one core; afterwards FOLDER/measured.json is there, and only what is drawn is made again.

40 pairs of held-out scenes at growing distances get the same edit map. Each is edited with rising strength until it is
as realistic as the pictures that go in are on average (appendix 4). Realistic is what the demo model is not surprised
by: its own error in denoising the edited area at four noise levels.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from demo_batch import DemoBench, held_out
from PIL import Image, ImageDraw
from scipy.stats import spearmanr
from torch import Tensor

from pixels_ext.core.suggest_strength import latent_distance, suggest_from_latents

SCENES, PAIRS, STEPS = 48, 40, 20
STRENGTHS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
NEVER = 1.05
"""In place of the strength that a pair needs, where none is enough."""
_PLOT, _TILE, _EDGE = 480, 120, 44
_INK, _DOT, _LINE = (40, 40, 40), (200, 80, 30), (30, 90, 170)


def release_across(side: int) -> Tensor:
    """Source at the left, exemplar at the right, smooth between, with the usual black and white points."""
    part = (((torch.arange(side) + 0.5) / side - 0.35) / 0.3).clamp(0, 1)
    row = 1 - part * part * (3 - 2 * part)
    row = torch.where(row < 0.02, 0.0, torch.where(row > 0.98, 1.0, row))
    return row.expand(side, side)[None, None].contiguous()


def pairs_at_growing_distance(latents: Tensor) -> tuple[Tensor, Tensor]:
    """Numbers of sources and exemplars, evenly from the nearest to the most distant of all pairs."""
    half = latents.shape[-1] // 2
    distances = (latents[:, None, ..., half:] - latents[None, ..., half:]).square().mean((2, 3, 4))
    first, second = torch.triu_indices(len(latents), len(latents), 1)
    chosen = distances[first, second].argsort()[torch.linspace(0, len(first) - 1, PAIRS).long()]
    return first[chosen], second[chosen]


def starts(bench: DemoBench) -> list[tuple[float, float]]:
    return [(step / 100, bench.sigma(max(1, round(9.99 * step)))) for step in range(1, 101)]


def measured(bench: DemoBench) -> dict[str, Any]:
    """For every pair its distance, the suggestion, and the surprise at every strength from 0 (pasted) on."""
    latents = bench.encoded(held_out(SCENES))
    first, second = pairs_at_growing_distance(latents)
    release = release_across(latents.shape[-1])
    sources, exemplars, every = latents[first], latents[second], release.expand(PAIRS, -1, -1, -1)
    inside = release[0, 0] < 1
    results = [torch.where(release > 0, sources, exemplars)]
    results += [bench.edited(sources, exemplars, every, s, max(1, round(STEPS * s))) for s in STRENGTHS]
    single = [(sources[i : i + 1], [(exemplars[i : i + 1], release)]) for i in range(PAIRS)]
    return {
        "pairs": list(zip(first.tolist(), second.tolist(), strict=True)),
        "distance": [latent_distance(*pair).rms for pair in single],
        "suggested": [suggest_from_latents(*pair, starts(bench)).strength for pair in single],
        "surprise": [bench.surprise(result)[:, inside].mean(1).tolist() for result in results],
        "inputs": bench.surprise(latents)[:, inside].mean(1).tolist(),
    }


def needed(found: dict[str, Any], limits: np.ndarray) -> np.ndarray:
    """The lowest strength at which each pair's surprise is down at its limit, between two by a straight line."""
    surprise, strengths = np.array(found["surprise"]), (0.0, *STRENGTHS)
    result = np.full(PAIRS, NEVER)
    for pair in range(PAIRS):
        low = np.flatnonzero(surprise[:, pair] <= limits[pair])
        if len(low):
            k = int(low[0])
            above, below = surprise[k - 1, pair], surprise[k, pair]
            part = (above - limits[pair]) / (above - below) if k else 0.0
            result[pair] = strengths[k - 1] + part * (strengths[k] - strengths[k - 1]) if k else 0.0
    return result


def limits(found: dict[str, Any]) -> dict[str, np.ndarray]:
    """What counts as realistic enough: as in the paper, and measured by a pair's own two pictures."""
    inputs = np.array(found["inputs"])
    own = np.array([(inputs[first] + inputs[second]) / 2 for first, second in found["pairs"]])
    return {"average of all inputs": np.full(PAIRS, inputs.mean()), "average of its own two": own}


def told(found: dict[str, Any], wanted: np.ndarray) -> dict[str, float]:
    """How the suggestion compares with what was needed. `constant`: the error of always saying the median."""
    distance, suggested = np.array(found["distance"]), np.array(found["suggested"])
    return {
        "correlation of distance and need": float(np.corrcoef(distance, wanted)[0, 1]),
        "rank correlation": float(spearmanr(distance, wanted).statistic),
        "correlation of suggestion and need": float(np.corrcoef(suggested, wanted)[0, 1]),
        "mean need": float(wanted.mean()),
        "mean suggestion": float(suggested.mean()),
        "mean absolute error": float(np.abs(suggested - wanted).mean()),
        "of always the median": float(np.abs(np.median(wanted) - wanted).mean()),
        "pairs that need less than suggested": int((wanted < suggested).sum()),
        "pairs for which no strength is enough": int((wanted == NEVER).sum()),
    }


def plot(found: dict[str, Any], wanted: np.ndarray) -> Image.Image:
    """Distance across, strength up: a dot for what each pair needs, the line for what is suggested."""
    sheet = Image.new("RGB", (_PLOT, _PLOT), "white")
    draw = ImageDraw.Draw(sheet)
    furthest = max(found["distance"]) * 1.05

    def at(distance: float, strength: float) -> tuple[float, float]:
        inner = _PLOT - 2 * _EDGE
        return _EDGE + distance / furthest * inner, _PLOT - _EDGE - strength / 1.1 * inner

    for tenth in range(0, 11, 2):
        left, level = at(0, tenth / 10)
        draw.line([(left, level), (_PLOT - _EDGE, level)], fill=(225, 225, 225))
        draw.text((left - 24, level - 6), f"{tenth / 10:g}", fill=_INK)
    for half in range(int(2 * furthest) + 1):
        draw.text((at(half / 2, 0)[0] - 8, _PLOT - _EDGE + 6), f"{half / 2:g}", fill=_INK)
    draw.text((_EDGE, _PLOT - 20), "distance inside the edit, for each number of the latent", fill=_INK)
    draw.text((8, 8), "strength needed (dots; above 1: none is enough) and suggested (line)", fill=_INK)
    order = np.argsort(found["distance"])
    draw.line([at(found["distance"][i], found["suggested"][i]) for i in order], fill=_LINE, width=2)
    for distance, strength in zip(found["distance"], wanted, strict=True):
        x, y = at(distance, strength)
        draw.ellipse([x - 4, y - 4, x + 4, y + 4], fill=_DOT)
    return sheet


def examples(bench: DemoBench, found: dict[str, Any], wanted: np.ndarray) -> Image.Image:
    """Four pairs from near to far, a row each: source, exemplar, pasted, as suggested, as needed."""
    scenes = held_out(SCENES)
    latents = bench.encoded(scenes)
    release = release_across(latents.shape[-1])
    rows = [4, 14, 25, 36]
    sheet = Image.new("RGB", (5 * _TILE, 16 + len(rows) * (_TILE + 16)), "white")
    draw = ImageDraw.Draw(sheet)
    for column, word in enumerate(("source", "exemplar", "pasted", "as suggested", "as needed")):
        draw.text((column * _TILE + 4, 2), word, fill=_INK)
    for row, pair in enumerate(rows):
        first, second = found["pairs"][pair]
        source, exemplar = latents[first][None], latents[second][None]
        strengths = [found["suggested"][pair], min(1.0, float(wanted[pair]))]
        made = [bench.edited(source, exemplar, release, s, max(1, round(STEPS * s))) for s in strengths]
        pasted = torch.where(release > 0, source, exemplar)
        tiles = [scenes[first], scenes[second], *bench.decoded(torch.cat([pasted, *made]))]
        top = 16 + row * (_TILE + 16)
        for column, tile in enumerate(tiles):
            small = Image.fromarray(tile).resize((_TILE, _TILE), Image.Resampling.LANCZOS)
            sheet.paste(small, (column * _TILE, top))
        words = f"distance {found['distance'][pair]:.2f}: suggested {strengths[0]:.2f}, needed {wanted[pair]:.2f}"
        draw.text((4, top + _TILE + 2), words.replace(f"{NEVER:.2f}", "more than 1"), fill=_INK)
    return sheet


def main() -> None:
    """Measures (once), prints how good a hint it is, draws."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    bench, file = DemoBench(), out / "measured.json"
    if not file.exists():
        file.write_text(json.dumps(measured(bench)))
    found = json.loads(file.read_text())
    need = {name: needed(found, limit) for name, limit in limits(found).items()}
    for name, wanted in need.items():
        print(name, json.dumps(told(found, wanted), indent=1))
    wanted = need["average of all inputs"]
    parts = [plot(found, wanted), examples(bench, found, wanted)]
    sheet = Image.new("RGB", (sum(part.width for part in parts) + 16, max(part.height for part in parts)), "white")
    sheet.paste(parts[0], (0, 0))
    sheet.paste(parts[1], (parts[0].width + 16, 0))
    sheet.save(out / "strength.jpg", quality=85)


if __name__ == "__main__":
    main()
