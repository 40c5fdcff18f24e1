"""Notices about exemplars that do not show in the result: covered by others, or with maps that keep the source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Release = NDArray[np.float32]
"""The source's release times under one exemplar (`pixels_ext.core.release.source_release`), `[h, w]` or
`[B or 1, 1, h, w]` in [0, 1]."""


def exemplar_notices(releases: Sequence[Release]) -> list[str]:
    """Sentences about exemplars that cannot be seen in the result, in the request's order.

    `releases`: the source's release times under each exemplar at the size of the latent, `[h, w]`, or
    `[B or 1, 1, h, w]` for `B` sources. (At the size of the image it would be wrong: a black line that fills no latent
    cell does not show.)
    """
    sources = max(each.shape[0] if each.ndim > 2 else 1 for each in releases)
    by_source = [
        list(_notices_for_source([_source_release(each, index) for each in releases])) for index in range(sources)
    ]
    everywhere = [text for text in by_source[0] if all(text in texts for texts in by_source)]
    return everywhere + [
        f"Source {index + 1}: {text}"
        for index, texts in enumerate(by_source)
        for text in texts
        if text not in everywhere
    ]


def _source_release(release: Release, index: int) -> Release:
    if release.ndim == 2:
        return release
    own: Release = release[min(index, release.shape[0] - 1)].reshape(release.shape[-2:])
    return own


def _notices_for_source(releases: list[Release]) -> Iterator[str]:
    if all((release >= 1).all() for release in releases):
        alone = "the edit map keeps the source wherever the exemplar covers it"
        several = "the edit maps keep the source wherever the exemplars cover it"
        yield f"Nothing was edited: {alone if len(releases) == 1 else several}."
        return
    for index, release in enumerate(releases):
        visible = release <= 0
        on_top = [later <= 0 for later in releases[index + 1 :]]
        if (release >= 1).all():
            yield f"Exemplar {index + 1} was not used: its edit map keeps the source wherever the exemplar covers it."
        elif not visible.any():
            yield (
                f"Exemplar {index + 1} does not show: its edit map is nowhere fully on the exemplar, over at least one "
                "latent cell. Where the map is gray, only the source is re-generated; “Place up to gray” (lay_up_to) "
                "places the exemplar there too."
            )
        elif on_top and not (visible & ~np.logical_or.reduce(on_top)).any():
            yield f"Exemplar {index + 1} does not show: the exemplars after it cover it entirely."
