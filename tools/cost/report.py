"""What was measured, as a table and a plot."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from markdown_table import table

from .in_diffusers import Record

HEAD = ("", "time", "over img2img, in pairs", "of that while denoising", "memory over img2img")


def compared(records: list[Record]) -> str:
    """One backend's records as a table in Markdown; the first kind of edit is what the others are compared with."""
    names = list(dict.fromkeys(record["edit"] for record in records))
    return table(HEAD, (_row(records, name, names[0]) for name in names))


def _row(records: list[Record], name: str, plain: str) -> list[str]:
    seconds = _of(records, name, "seconds")
    cells = [name, f"{statistics.median(seconds.values()):.2f} s"]
    if name == plain:
        return [*cells, "", "", ""]
    denoising = paired(records, name, plain, "denoising")
    return [
        *cells,
        _percent(paired(records, name, plain, "seconds")),
        _percent(denoising) + _ours(records, name) if denoising else "not settings",
        _memory(records, name, plain),
    ]


def paired(records: list[Record], name: str, plain: str, field: str) -> list[float]:
    """For every round, how much more than img2img of the same round, as a share of it."""
    ours, theirs = _of(records, name, field), _of(records, plain, field)
    return [ours[number] / theirs[number] - 1 for number in ours if number in theirs]


def _of(records: list[Record], name: str, field: str) -> dict[int, float]:
    return {
        each["round"]: each[field] for each in records if each["edit"] == name and field in each and "round" in each
    }


def _percent(shares: list[float]) -> str:
    middle = f"{100 * statistics.median(shares):+.2f} %"
    return middle if len(shares) == 1 else f"{middle} ({100 * min(shares):+.1f} to {100 * max(shares):+.1f})"


def _ours(records: list[Record], name: str) -> str:
    """What our own part of the denoising took, which is too little to show in the difference."""
    ours, whole = _of(records, name, "ours"), _of(records, name, "denoising")
    if not any(ours.values()):
        return ""
    share = statistics.median(ours[number] / whole[number] for number in ours)
    return f"; in our code {1e3 * statistics.median(ours.values()):.1f} ms, {100 * share:.3f} %"


def _memory(records: list[Record], name: str, plain: str) -> str:
    words = []
    for field, when in (("bytes_denoising", "while denoising"), ("bytes", "at most")):
        ours, theirs = (
            [each[field] for each in records if each["edit"] == of and field in each] for of in (name, plain)
        )
        if ours:
            words.append(f"{(statistics.median(ours) - statistics.median(theirs)) / 1e6:+.2f} MB {when}")
    return ", ".join(words) or "not settings"


def plot(results: dict[str, dict[str, Any]], file: Path) -> None:
    """A bar for every kind of edit: seconds for an image, a dot for every round. Needs matplotlib."""
    try:
        from matplotlib import pyplot
    except ImportError:
        print("no image: matplotlib is not installed")
        return
    figure, axes = pyplot.subplots(
        len(results), 1, figsize=(8, 1 + 1.6 * len(results)), layout="constrained", squeeze=False
    )
    for axis, (title, backend) in zip(axes[:, 0], results.items(), strict=True):
        records = backend["records"]
        names = list(dict.fromkeys(record["edit"] for record in records))[::-1]
        for place, name in enumerate(names):
            seconds = list(_of(records, name, "seconds").values())
            axis.barh(place, statistics.median(seconds), color="#9aa7b8")
            axis.plot(seconds, [place] * len(seconds), "k.", markersize=5)
        axis.set_yticks(range(len(names)), names)
        axis.set(title=f"{title}: {backend['run']}", xlabel="seconds for one image")
        axis.title.set_fontsize(9)
    figure.savefig(file, dpi=90)


def page(results: dict[str, dict[str, Any]]) -> Iterable[str]:
    """The measured part of docs/cost.md."""
    for title, backend in results.items():
        yield f"**{title}**: {backend['run']}. {backend['machine']}, {backend['date']}."
        yield compared(backend["records"])
