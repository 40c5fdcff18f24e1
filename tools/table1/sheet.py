"""A sheet of the first edits, to look at."""

from __future__ import annotations

from collections.abc import Iterable

from PIL import Image

from pixels_ext.cli.contact_sheet import captioned_row, stack_rows

from .planning import Plan, PlannedEdit
from .scoring import pasted
from .store import Store

_TILE = 256


def sheet(plan: Plan, edits: Iterable[PlannedEdit], store: Store, steps: int) -> Image.Image:
    """A row for each edit: source, exemplar, map, merely pasted, edited."""
    rows = []
    for edit in edits:
        inputs = plan.inputs(edit)
        tiles = [
            (f"source {edit.source}", inputs.source),
            (f"exemplar {edit.exemplar}", inputs.exemplar),
            (f"map: {inputs.map_name}", inputs.edit_map),
            ("pasted, no model", pasted(inputs, steps)),
            (f"PIXELS, edit {edit.index}", store.get(edit)),
        ]
        rows.append(captioned_row(tiles, (_TILE, _TILE)))
    return stack_rows(rows)
