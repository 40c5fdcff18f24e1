"""The plot: what realism costs in adherence, and the seam over the strength."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gauge.measuring import DECODED, DISSOLVE, MAIN, Cell
from gauge.methods import BINARY, FADING, METHODS, MIXED, PLAIN
from gauge.trends import CUBIC, EXEMPLAR, LINEAR, LOG, QUADRATIC, SIGMOID, SOURCE, Evidence

_COLOURS = {
    LINEAR: "#1f6fb4",
    LOG: "#5aa9e6",
    CUBIC: "#0b3d66",
    QUADRATIC: "#3b7ea1",
    SIGMOID: "#7fb8d8",
    PLAIN: "#d1495b",
    BINARY: "#e08e2b",
    MIXED: "#6a994e",
    FADING: "#9bc53d",
    DISSOLVE: "#8d6a9f",
    DECODED: "#777777",
}
_PANELS = (
    ("colour both", "surprise", "colours away from both pictures, by the map (Lab)", "surprise inside the edit"),
    (
        "look exemplar",
        "surprise edge",
        "unlike the exemplar in black (denoiser's features)",
        "surprise along the paste",
    ),
    ("colour source", "seam", "colours away from the source in white (Lab)", "seam, times the picture's own steps"),
)


def plot(evidence: Evidence, file: Path) -> None:
    """Three panels, to the lower left is better; PIXELS linear and img2img at three strengths. Needs matplotlib."""
    try:
        from matplotlib import pyplot
    except ImportError:
        print("no plot: matplotlib is not installed")
        return
    figure, panels = pyplot.subplots(1, 3, figsize=(15, 4.6), constrained_layout=True)
    for panel, (across, up, across_name, up_name) in zip(panels, _PANELS, strict=True):
        for name, colour in _COLOURS.items():
            strengths = (0.3, MAIN, 0.9) if name in (LINEAR, PLAIN) else (MAIN,) if name in METHODS else (0.0,)
            points = [_point(evidence, (name, strength), across, up) for strength in strengths]
            panel.plot(*zip(*points, strict=True), "o-", color=colour, label=name, markersize=5)
            for strength, point in zip(strengths, points, strict=True):
                if len(strengths) > 1:
                    panel.annotate(f"{strength:g}", point, xytext=(4, 4), textcoords="offset points", fontsize=8)
        untouched = np.mean([evidence.values((name, 0.0), up).mean() for name in (SOURCE, EXEMPLAR)])
        panel.axhline(untouched, color="#999999", linestyle=":", linewidth=1)
        panel.set_xlabel(across_name)
        panel.set_ylabel(up_name)
    panels[0].legend(fontsize=8)
    figure.suptitle(
        f"{len(evidence.rows)} pairs, demo model; strength {MAIN:g} unless written; dotted: the pictures that go in",
        fontsize=10,
    )
    figure.savefig(file, dpi=80)


def _point(evidence: Evidence, cell: Cell, across: str, up: str) -> tuple[float, float]:
    return tuple(float(np.nanmean(evidence.values(cell, measure))) for measure in (across, up))  # type: ignore[return-value]
