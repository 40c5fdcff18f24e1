"""The edits of a run, one after another: which pictures, which map, which seed, and the request made of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from pixels_ext.diffusers_host.canvas import source_canvas
from pixels_ext.diffusers_host.settings import seed_after
from pixels_ext.errors import RequestError
from pixels_ext.imaging.images import as_edit_map, open_image
from pixels_ext.imaging.shaping import Shaping
from pixels_ext.request import EditRequest, Exemplar

from .drawn_maps import drawn_map
from .draws import Draws
from .pairs import fingerprint, listed, pairs
from .regions import edited_share

DRAWN = "drawn by seed"


@dataclass(frozen=True)
class PlannedEdit:
    """One edit: its number, the names of source and exemplar below the folder of pictures, and the noise's seed."""

    index: int
    source: str
    exemplar: str
    seed: int


@dataclass(frozen=True)
class Inputs:
    """What goes into an edit, all `side x side`: `source` and `exemplar` RGB, `edit_map` grey (0 = exemplar, 255 =
    source), and what it is called."""

    source: Image.Image
    exemplar: Image.Image
    edit_map: Image.Image
    map_name: str

    def request(self) -> EditRequest:
        """As the paper has it: linear threshold, one pass, black and white points at the ends of the greys."""
        shaping = Shaping(black_point=0, white_point=1)
        exemplar = Exemplar(image=self.exemplar, edit_map=self.edit_map, shaping=shaping)
        return EditRequest(exemplars=(exemplar,), threshold="linear")


@dataclass(frozen=True)
class Plan:
    """All edits, of which a run makes the first so many.

    `pictures`: the folder. `side`: pixels of the squares that everything is stretched to. `maps`: a folder of grey
    pictures to choose from, or none, to draw them.
    """

    pictures: Path
    seed: int
    side: int
    maps: Path | None = None

    @cached_property
    def names(self) -> list[str]:
        return listed(self.pictures, "pictures")

    @cached_property
    def map_names(self) -> list[str]:
        return listed(self.maps, "maps") if self.maps else []

    def edits(self, count: int) -> Iterator[PlannedEdit]:
        """The first `count` edits; with more, these stay the same."""
        for index, (source, exemplar) in enumerate(itertools.islice(pairs(self.names, self.seed), count)):
            yield PlannedEdit(index, source, exemplar, seed_after(self.seed, index))

    def inputs(self, edit: PlannedEdit) -> Inputs:
        """Pictures and map of an edit. Raises `RequestError` for a file that cannot be used."""
        name, grey = self._map(edit.index)
        return Inputs(self.square(edit.source), self.square(edit.exemplar), grey, name)

    def square(self, name: str) -> Image.Image:
        """A picture of the folder, stretched to `side x side`, RGB, transparency on white."""
        return source_canvas(_opened(self.pictures, name, "pictures"), (self.side, self.side))

    def told(self) -> dict[str, str | int]:
        """What the draws follow from."""
        drawn_from = fingerprint(self.maps, self.map_names) if self.maps else DRAWN
        pictures = fingerprint(self.pictures, self.names)
        return {"pictures": pictures, "maps": drawn_from, "seed": self.seed, "size": self.side}

    def _map(self, index: int) -> tuple[str, Image.Image]:
        if self.maps is None:
            return drawn_map(self.seed, index, self.side)
        name = Draws(self.seed, "map", index).one_of(self.map_names)
        greys = as_edit_map(_opened(self.maps, name, "maps"))
        grey = Image.fromarray((greys * 255).round().astype(np.uint8)).resize((self.side, self.side))
        if edited_share(grey) == 0:
            raise RequestError("maps", f"has {name!r}, which is nowhere darker than middle grey", "maps that edit")
        return name, grey


def _opened(folder: Path, name: str, field: str) -> Image.Image:
    try:
        return open_image(folder / name)
    except RequestError as error:
        raise error.within(f"{field}: {name!r}") from None
