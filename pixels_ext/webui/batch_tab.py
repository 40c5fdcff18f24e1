"""img2img's Batch tab: it runs the script once for each file, stops at the first error, and reports little of it."""

from __future__ import annotations

import re
from weakref import ref

from modules import errors, processing, shared

from pixels_ext.webui.http_errors import SourceMismatch
from pixels_ext.webui.messages import add_comment
from pixels_ext.webui.protocols import Processed, Processing, State

_FIRST_RESULT = "pixels_first_of_batch"
"""Attribute of a processing object: a weak reference to the result of the batch's first file."""


def batch_file_label(p: Processing) -> str:
    """Which of the Batch tab's files the script runs for now, "file 2 of 3"; empty outside of the Batch tab. With the
    file's name if the host knows it: if results are named after their sources.

    Only for a script in the dropdown, and before it generates: X/Y/Z plot counts its cells in the same way.
    """
    state: State = shared.state
    count = re.fullmatch(r"(\d+) out of (\d+)", str(state.job))
    if not count:
        return ""
    pattern = p.override_settings.get("samples_filename_pattern", "")
    name = str(pattern).removesuffix("-[generation_number]")
    return f"file {count[1]} of {count[2]}" + (f" ({name})" if name and "[" not in name else "")


def skip_file(p: Processing, file: str, mismatch: SourceMismatch) -> Processed:
    """The result, without images, for a file that the request does not fit. Raised, the error would end the batch."""
    sentence = f"PIXELS: {file} was left out. {mismatch.detail.removeprefix('PIXELS: ')}"
    getattr(p, "comments", {}).pop(mismatch.detail, None)
    add_comment(p, sentence)
    errors.report(sentence)
    processed: Processed = processing.Processed(p, [], p.seed, "")
    processed.infotexts = []  # the host would put one there, and shift those of all other files to the wrong images
    return processed


def merge_comments(p: Processing, processed: Processed) -> Processed:
    """The result of one file. The Batch tab shows the comments of the first one only, so that one gets those of all."""
    first = getattr(p, _FIRST_RESULT, lambda: None)()
    if first is None:
        setattr(p, _FIRST_RESULT, ref(processed))
    elif hasattr(p, "comments"):
        first.comments = "".join(f"{sentence}\n" for sentence in p.comments)
    return processed
