"""The plot: what realism costs in adherence, the seam, and what thresholds change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from quality.measure_pairs import DECODED, DISSOLVE, EXEMPLAR, MAIN, SOURCE
from quality.methods import BINARY, FADING, METHODS, MIXED, PLAIN
from quality.trends import CUBIC, LINEAR, LOG, QUADRATIC, SEAM, SIGMOID, Evidence

_COLORS = {
    LINEAR: "#1f6fb4",
    LOG: "#5ab4e6",
    CUBIC: "#0b2d56",
    QUADRATIC: "#3b4ea1",
    SIGMOID: "#a77fd8",
    PLAIN: "#d1495b",
    BINARY: "#e08e2b",
    MIXED: "#3f7d3c",
    FADING: "#9bc53d",
    DISSOLVE: "#b06a9f",
    DECODED: "#777777",
}
_SWEPT = (LINEAR, PLAIN)
_PANELS = (
    (
        "color both",
        "denoising loss",
        "colors away from both images, by the map (Lab)",
        "denoising loss inside the edit",
    ),
    (
        "perceptual exemplar",
        "denoising loss edge",
        "unlike the exemplar in black (denoiser's features)",
        "denoising loss along the paste",
    ),
    ("color source", SEAM, "colors away from the source in white (Lab)", "seam, times the image's own steps"),
)
_CHANGED = (
    "denoising loss",
    "denoising loss edge",
    SEAM,
    "perceptual exemplar",
    "color exemplar",
    "color source",
    "gray to source",
)


def plot(evidence: Evidence, file: Path) -> None:
    """Three panels in which the lower left is better, and one of the thresholds. Needs matplotlib, else says so."""
    try:
        from matplotlib import pyplot
    except ImportError:
        print("no plot: matplotlib is not installed")
        return
    figure, panels = pyplot.subplots(2, 2, figsize=(12, 9), layout="constrained")
    for panel, names in zip(panels.flat, _PANELS, strict=False):
        _methods(panel, evidence, *names)
    panels.flat[0].legend(fontsize=8)
    _thresholds(panels.flat[3], evidence)
    figure.suptitle(f"{len(evidence.rows)} pairs, demo model; strength {MAIN:g} unless written", fontsize=11)
    figure.savefig(file, dpi=80)


def _methods(panel: Any, evidence: Evidence, across: str, up: str, across_name: str, up_name: str) -> None:
    for name, color in _COLORS.items():
        strengths = (0.3, MAIN, 0.9) if name in _SWEPT else (MAIN,) if name in METHODS else (0.0,)
        points = [(evidence.mean((name, s), across), evidence.mean((name, s), up)) for s in strengths]
        panel.plot(*zip(*points, strict=True), "o-", color=color, label=name, markersize=5)
        for strength, point in zip(strengths, points, strict=True):
            if name in _SWEPT:
                panel.annotate(f"{strength:g}", point, xytext=(4, 4), textcoords="offset points", fontsize=8)
    untouched = np.mean([evidence.mean((name, 0.0), up) for name in (SOURCE, EXEMPLAR)])
    panel.axhline(untouched, color="#999999", linestyle=":", linewidth=1)
    panel.set(xlabel=across_name, ylabel=f"{up_name} (dotted: what goes in)", yscale="log")
    panel.yaxis.set_major_formatter("{x:g}")
    panel.yaxis.set_minor_formatter("{x:.2g}")


def _thresholds(panel: Any, evidence: Evidence) -> None:
    """Change against linear, in per cent of linear's mean (seams: as factors), with 95 % intervals."""
    for shift, name in enumerate((LOG, SIGMOID, QUADRATIC, CUBIC)):
        for row, measure in enumerate(_CHANGED):
            change = evidence.change((name, MAIN), (LINEAR, MAIN), measure)
            ends = np.array([change.value, change.low, change.high])
            percent = 100 * (2**ends - 1 if measure == SEAM else ends / evidence.mean((LINEAR, MAIN), measure))
            height = -row + 0.15 * (1.5 - shift)
            panel.plot(percent[1:], [height] * 2, "-", color=_COLORS[name], linewidth=2)
            panel.plot(percent[0], height, "o", color=_COLORS[name], label=name if row == 0 else None, markersize=5)
    panel.axvline(0, color="#999999", linewidth=1)
    panel.set_yticks([-row for row in range(len(_CHANGED))], _CHANGED)
    panel.set_xlabel("change against the linear threshold, per cent, 95 % intervals")
    panel.legend(fontsize=8)
