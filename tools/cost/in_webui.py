"""The cost in a running WebUI, through its API: what a user waits for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from helpers.base64_images import as_text
from PIL import ImageOps
from real_host.soak import process_at
from real_host.webui_client import Answer, WebUI, by_script, exemplar, request

from .in_diffusers import Record
from .inputs import AGAIN, COUNTS, PLAIN, Run, by_turns, edit_map, exemplars, named, sample_image

BACKEND = "WebUI"
SOFT = "soft inpainting (the host's)"


def measured(run: Run, address: str, checkpoint: str) -> Iterator[Record]:
    """Time in pairs, as in `in_diffusers.measured`. `seconds` is of the whole call; `denoising`, where the host has
    the probe, from the model's first call to its last. `bytes` is how far the host's process grew at most, above what
    it had before; it wobbles by what the system and Python's allocators keep."""
    host = WebUI(address, checkpoint=checkpoint)
    process = process_at(address)
    kinds = _kinds(host, run)
    _checked(kinds[PLAIN]())  # not counted: it loads the checkpoint
    _denoising(host)  # and what the probe saw of it is forgotten
    for number, name in by_turns(kinds, run.rounds):
        before = _peak_reset(process)
        began = time.perf_counter()
        answer = kinds[name]()
        seconds = time.perf_counter() - began
        _checked(answer)
        memory = _peak(process) - before
        yield {"edit": name, "round": number, "seconds": seconds, **_denoising(host), "bytes": memory}


def _kinds(host: WebUI, run: Run) -> dict[str, Callable[[], Answer]]:
    source = sample_image(1, run.size)
    fields = {
        "width": run.size,
        "height": run.size,
        "steps": run.steps,
        "denoising_strength": run.strength,
        "cfg_scale": 1,
    }
    plain = partial(host.img2img, source, **fields)
    kinds: dict[str, Callable[[], Answer]] = {PLAIN: plain, AGAIN: plain}
    for count in COUNTS:
        edit = by_script(request(*(exemplar(*pair) for pair in exemplars(count, run.size))))
        kinds[named(count)] = partial(plain, **edit)
    soft = _soft_inpainting(host, run)
    if soft:
        kinds[SOFT] = partial(plain, **soft)
    return kinds


def _soft_inpainting(host: WebUI, run: Run) -> dict[str, Any] | None:
    """The host's own way of editing by grays, with the first exemplar's map as its mask (white is edited there)."""
    listed = host.call("/sdapi/v1/script-info").body
    found = next((each for each in listed if each["name"] == "soft inpainting" and each["is_img2img"]), None)
    if not found:
        return None
    args = [True, *(argument["value"] for argument in found["args"][1:])]
    mask = as_text(ImageOps.invert(edit_map(0, 2, run.size)))
    return {"mask": mask, "inpainting_fill": 1, "alwayson_scripts": {"soft inpainting": {"args": args}}}


def _denoising(host: WebUI) -> dict[str, float]:
    # Asking whether there is a probe makes it forget, so the first answer of all is empty.
    moments = [call["at"] for call in host.calls()] if host.has_probe else []
    return {"denoising": moments[-1] - moments[0], "calls": len(moments)} if moments else {}


def _checked(answer: Answer) -> None:
    if answer.status != 200:
        raise SystemExit(f"the host answers {answer.status}: {answer.reason[:300]}")


def _peak_reset(process: psutil.Process) -> int:
    """Let the system count the process's largest size anew; the size now."""
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")
    return process.memory_info().rss


def _peak(process: psutil.Process) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
