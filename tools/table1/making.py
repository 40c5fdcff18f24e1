"""Making what is still missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.errors import RequestError

from .door import Door
from .planning import Plan, PlannedEdit
from .store import Store


def make(
    plan: Plan,
    edits: Iterable[PlannedEdit],
    store: Store,
    door: Door,
    settings: Settings,
    shown: Callable[[Sequence[PlannedEdit]], Iterable[PlannedEdit]] = lambda missing: missing,
) -> int:
    """Make those of `edits` that `store` does not have yet; how many these were.

    `shown` may show progress while it hands them on. Raises `RequestError` and `ModelError`, which name the edit; all
    that was made before is kept.
    """
    missing = [edit for edit in edits if edit not in store]
    for edit in shown(missing):
        inputs = plan.inputs(edit)
        try:
            picture, parameters = door.edit(inputs.source, inputs.request(), replace(settings, seed=edit.seed))
        except RequestError as error:
            raise error.within(f"edit {edit.index}") from None
        except ModelError as error:
            raise ModelError(f"edit {edit.index}: {error}") from error
        store.put(edit, picture, parameters)
    return len(missing)
