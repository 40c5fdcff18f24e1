"""Messages for the user: in the host's log or, if they are about a generation, as a comment below its images."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from pixels_ext.errors import one_line
from pixels_ext.webui.protocols import Processing

_LOGGER = logging.getLogger("pixels_ext")


def log_warning(sentence: str) -> None:
    """One line in the host's log."""
    _LOGGER.warning("PIXELS: %s", sentence)


@lru_cache(maxsize=64)
def warn_once(sentence: str) -> None:
    """The same, but only the first time. The hosts call `show()` dozens of times for one page."""
    log_warning(sentence)


@contextmanager
def continue_on_error(what: str) -> Iterator[None]:
    """If something in this context raises, log once that `what` cannot be done, and continue. For what the hosts call
    outside of any `try`, where an exception would keep the WebUI from starting."""
    try:
        yield
    except Exception as error:
        warn_once(f"{what} ({one_line(error)}). Everything else works.")


def add_comment(p: Processing, sentence: str) -> None:
    """A sentence (which names us) below the images of `p`, or in the log if the host has no comments."""
    try:
        p.comment(sentence)
    except Exception:  # a processing object of an older host, or of an extension
        _LOGGER.warning(sentence)
