"""A scheduler for pytest-xdist: which tests one worker runs together."""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling


class ByFile(LoadScopeScheduling):
    """A file's tests stay together, and share what is made once for the file; the panel's go by their gradio, so that
    each worker starts one server and one browser."""

    def _split_scope(self, nodeid: str) -> str:
        gradio = re.search(r"\[(gradio\d)", nodeid)
        return gradio[1] if gradio else nodeid.partition("::")[0]
