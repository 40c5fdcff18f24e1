"""The table: what was measured here, and beside it what the paper printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_table import table

from .fid import FEATURES
from .scores import Scores
from .store import Provenance

PAPER = (
    ("PIXELS", 91.71, 5.412),
    ("MimicBrush", 84.95, 7.915),
    ("IP-Adapter", 81.32, 7.958),
    ("Paint-By-Example", 78.67, 8.543),
    ("Versatile Diffusion", 68.79, 18.174),
)
"""Table 1 (a): method, CLIP-I, FID."""
PAPERS_PAIRS = 3000
_HEAD = ("method", "CLIP-I ↑: region, exemplar", "CLIP-I ↑: region, the exemplar's same region", "FID ↓", "from")


@dataclass(frozen=True)
class MetricModels:
    """By what was judged: the CLIP and the Inception that were loaded, how many numbers the latter says of an image,
    and the reference set."""

    clip: str
    inception: str
    features: int
    reference: str


def report(scores: Scores, settings: Provenance, metric_models: MetricModels) -> str:
    """The page in Markdown."""
    count = len(scores.rows)
    here = f"here, {count} edits"
    rows = [
        ("**PIXELS, this run**", scores.mean("whole"), scores.mean("region"), scores.fid, here),
        ("Pasted by the same maps, no model", scores.mean("pasted_whole"), scores.mean("pasted_region"),
         scores.pasted_fid, here),
    ]  # fmt: skip
    cells = [[name, f"{whole:.2f}", f"{region:.2f}", f"{fid:.3f}", by] for name, whole, region, fid, by in rows]
    cells += [[name, f"{clip:.2f}", "", f"{fid:.3f}", _from(name)] for name, clip, fid in PAPER]
    return "\n".join(
        [
            "# Table 1 (a)",
            "",
            table(_HEAD, cells),
            "",
            *_cautions(count, settings, metric_models.features),
            "",
            table(
                ["this run", ""],
                [[name, _cell(value)] for name, value in _facts(scores, settings, metric_models).items()],
            ),
            "",
        ]
    )


def _from(method: str) -> str:
    return "the paper" if method == "PIXELS" else "the paper; not run here"


def _cautions(count: int, settings: Provenance, features: int) -> Sequence[str]:
    found = [
        "The paper's numbers are its own, from pairs, maps, strength and a reference set that it does not tell. Both "
        "kinds of numbers may be read beside each other; they are no comparison. No other method was run here.",
    ]
    if count != PAPERS_PAIRS:
        found.append(f"The paper judged {PAPERS_PAIRS} edits, this run {count}. FID grows as images become fewer.")
    if features != FEATURES:
        found.append(
            f"This Inception has {features} features, not {FEATURES}: it is a stand-in, and its FID means nothing."
        )
    if count <= features:
        found.append(f"With no more edits than features ({features}), FID says little at all.")
    if settings["prompt"] or settings["negative_prompt"]:
        found.append("The paper's edits have no prompt, these have one.")
    return [f"- {sentence}" for sentence in found]


def _facts(scores: Scores, settings: Provenance, metric_models: MetricModels) -> dict[str, object]:
    return {
        **settings,
        "edits": len(scores.rows),
        "edited share of the image, mean": f"{scores.mean('edited'):.2f}",
        "CLIP": metric_models.clip,
        "Inception": metric_models.inception,
        "FID's reference": f"{scores.reference} images: {metric_models.reference}",
    }


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ") or "(none)"
