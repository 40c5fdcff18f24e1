"""The host's progress bar during an edit of several passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from modules import shared

from pixels_ext.webui.protocols import State


@contextmanager
def split_job(passes: int) -> Iterator[Callable[[], None]]:
    """Let `passes` runs of the sampler fill the part of the bar that belongs to one job. Yields a function to be called
    between two of them.

    The hosts count jobs, and in a job the steps of its sampler. The steps stay as they are, because other extensions
    rely on them; for a while there are more jobs.
    """
    state: State = shared.state
    count, number = state.job_count, state.job_no
    if passes == 1 or count < 1:
        yield lambda: None
        return
    state.job_count, state.job_no = count * passes, number * passes
    try:
        yield state.nextjob
        state.sampling_step = state.sampling_steps  # or the bar would go back while the image is decoded
    finally:
        state.job_count, state.job_no = count, number
