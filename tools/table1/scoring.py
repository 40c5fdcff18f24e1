"""The scores of a run: CLIP-I of every edit, and FID of all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import fmean
from typing import Protocol

from PIL import Image
from torch import Tensor

from pixels_ext.edit.prepare import composite, prepare_exemplar
from pixels_ext.maps import MapProviders

from .fid import Frechet
from .planning import Inputs, Plan, PlannedEdit
from .regions import cut_out, edited_box, edited_share
from .store import Store


class Likeness(Protocol):
    """`clip_i.ClipI`."""

    def between(self, one: Image.Image, other: Image.Image) -> float: ...


class Eye(Protocol):
    """`fid.Inception`."""

    width: int

    def features(self, picture: Image.Image) -> Tensor: ...


@dataclass(frozen=True)
class Row:
    """One edit's scores. `whole`: CLIP-I of the edited region and the whole exemplar; `region`: of the edited region
    and the same region of the exemplar; and both of the picture that is merely pasted."""

    index: int
    source: str
    exemplar: str
    map: str
    edited: float
    whole: float
    region: float
    pasted_whole: float
    pasted_region: float


@dataclass(frozen=True)
class Scores:
    """CLIP-I per edit; FID of the edits and of the merely pasted pictures, against the same `reference` pictures."""

    rows: Sequence[Row]
    fid: float
    pasted_fid: float
    reference: int

    def mean(self, name: str) -> float:
        """The mean of a column of the rows."""
        return fmean(getattr(row, name) for row in self.rows)


def pasted(inputs: Inputs, steps: int) -> Image.Image:
    """The surgical picture, which no model has touched: what is black in the map is the exemplar."""
    source, request = inputs.source, inputs.request()
    return composite(source, [prepare_exemplar(request, 0, source, source, MapProviders())], steps)


def scored(
    plan: Plan,
    edits: Iterable[PlannedEdit],
    store: Store,
    steps: int,
    clip: Likeness,
    inception: Eye,
    reference: Path | None = None,
) -> Scores:
    """Judge `edits`. `steps`: how many were run. `reference`: a folder of real pictures for FID; if there is none, the
    sources and exemplars of the edits, each once. Raises `RequestError` for pictures that cannot be read."""
    of_edits, of_pasted = Frechet(inception.width), Frechet(inception.width)
    rows, known = [], set()

    def take_as_real(picture: Image.Image) -> None:
        features = inception.features(picture)
        for frechet in (of_edits, of_pasted):
            frechet.add(features, real=True)

    for edit in edits:
        inputs, result = plan.inputs(edit), store.get(edit)
        naive = pasted(inputs, steps)
        rows.append(_row(edit, inputs, result, naive, clip))
        of_edits.add(inception.features(result), real=False)
        of_pasted.add(inception.features(naive), real=False)
        for name, picture in ((edit.source, inputs.source), (edit.exemplar, inputs.exemplar)):
            if reference is None and name not in known:
                take_as_real(picture)
                known.add(name)
    for name, picture in _pictures(reference, plan.side):
        take_as_real(picture)
        known.add(name)
    return Scores(rows, of_edits.distance(), of_pasted.distance(), len(known))


def write_csv(rows: Sequence[Row], file: Path) -> None:
    """A line per edit."""
    names = [field.name for field in fields(Row)]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(names)
        writer.writerows([getattr(row, name) for name in names] for row in rows)


def _row(edit: PlannedEdit, inputs: Inputs, result: Image.Image, naive: Image.Image, clip: Likeness) -> Row:
    box = edited_box(inputs.edit_map)
    there = cut_out(inputs.exemplar, box)

    def likeness(picture: Image.Image) -> tuple[float, float]:
        region = cut_out(picture, box)
        return clip.between(region, inputs.exemplar), clip.between(region, there)

    share = edited_share(inputs.edit_map)
    return Row(edit.index, edit.source, edit.exemplar, inputs.map_name, share, *likeness(result), *likeness(naive))


def _pictures(folder: Path | None, side: int) -> Iterator[tuple[str, Image.Image]]:
    if folder is not None:
        plan = Plan(folder, 0, side)
        yield from ((name, plan.square(name)) for name in plan.names)
