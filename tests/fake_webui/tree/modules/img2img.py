"""The Batch tab: one processing object for all files, and one result of all results."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from modules import images, processing, scripts
from modules.shared import state


def batch(p: Any, files: list[Path], output_folder: str = "") -> processing.Processed:
    """A script that raises ends it. The images do not know their files; only with an output folder are
    the results named after them."""
    results: Any = None
    state.begin("task(img2img)")
    state.job_count = len(files) * p.n_iter
    with closing(p):
        for number, file in enumerate(files):
            state.job = f"{number + 1} out of {len(files)}"
            state.skipped = False
            if state.interrupted:
                break
            p.init_images = [images.read(file).copy()] * p.batch_size
            if output_folder:
                many = p.n_iter > 1 or p.batch_size > 1
                p.override_settings["samples_filename_pattern"] = file.stem + "-[generation_number]" * many
            done = scripts.scripts_img2img.run(p, *p.script_args) or processing.process_images(p)
            if results:
                results.images.extend(done.images)
                results.infotexts.extend(done.infotexts)
            else:
                results = done
    return results or processing.Processed(p, [], p.seed)
