"""A soak test: hundreds of generations through every entry point of a running WebUI, and what is left of them.

    PYTHONPATH=tests python -m real_host.soak http://127.0.0.1:7860 300 docs/soak

Writes docs/soak.csv and, where matplotlib is installed, docs/soak.png. The host runs on this machine, with the probe in
its extensions. Exits with 1 when an image was not the one expected, or a hook, thread or file was left behind.
"""

from __future__ import annotations

import csv
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from helpers.base64_images import as_text
from helpers.malformed_inputs import image_rows

from .webui_client import (
    WebUI,
    by_alwayson,
    by_script,
    difference,
    exemplar,
    left_to_right,
    plain_map,
    request,
    right_half,
    sample_image,
)

SOURCE, EXEMPLAR, OTHER = sample_image(1), sample_image(2), sample_image(3)
EDIT = request(exemplar(EXEMPLAR, left_to_right()))
TWO = request(*EDIT["exemplars"], exemplar(OTHER, right_half()), threshold="log", keep_white=True)
EVERY = 10
Generate = Callable[[WebUI], int]
"""Generates, and returns the number of images."""


def entry_points() -> dict[str, Generate]:
    bad = [data for _, data, _ in image_rows()]
    mask = plain_map(0)
    mask.paste(255, (16, 16, 80, 96))
    inpaint = {"mask": as_text(mask), "inpaint_full_res": True, "inpaint_full_res_padding": 16, "inpainting_fill": 1}
    masked = request({**EDIT["exemplars"][0], "edit_map": {"type": "inpaint_mask"}})
    generated = request({**EDIT["exemplars"][0], "edit_map": {"type": "brightness"}, "second_map": {"type": "radial"}})

    def img2img_with(**fields: Any) -> Generate:
        return lambda host: len(host.img2img(SOURCE, **fields).images)

    def refused(host: WebUI) -> int:
        data = random.choice(bad)
        assert host.img2img(SOURCE, **random.choice([by_script, by_alwayson])(data)).status == 422
        return 0

    def under(name: str, **values: Any) -> Generate:
        def entry_point(host: WebUI) -> int:
            args = host.script_args(name, **{k: host.axes.index(v) if k == "x_type" else v for k, v in values.items()})
            body = {"script_name": name, "script_args": args, "prompt": "a|b", "steps": 2, **by_alwayson(EDIT)}
            return len(host.img2img(SOURCE, **body).images)

        return entry_point

    sweep = {"x_type": "[PIXELS] Exemplars: Blur", "x_values": "0, 4", "y_type": 0, "z_type": 0, "use_text": True}
    return {
        "plain": img2img_with(),
        "script": img2img_with(**by_script(EDIT)),
        "always on": img2img_with(**by_alwayson(TWO)),
        "iterative": img2img_with(**by_script({**TWO, "mode": "iterative"})),
        "batch": img2img_with(batch_size=2, n_iter=2, **by_script(TWO)),
        "DDIM": img2img_with(sampler_name="DDIM", **by_script(EDIT)),
        "only masked": img2img_with(**inpaint, **by_script(EDIT)),
        "inpaint mask as map": img2img_with(**inpaint, **by_script(masked)),
        "generated maps": img2img_with(width=192, height=136, resize_mode=1, **by_script(generated)),
        "refused": refused,
        "interrupted": interrupted,
        "sweep": under("x/y/z plot", **sweep),
        "loopback": under("loopback", loops=2),
        "prompt matrix": under("prompt matrix"),
    }


def interrupted(host: WebUI) -> int:
    answers: list[Any] = []
    run = threading.Thread(target=lambda: answers.append(host.img2img(SOURCE, steps=150, **by_script(EDIT))))
    run.start()
    time.sleep(random.uniform(0.2, 1.5))
    host.call("/sdapi/v1/interrupt", {})
    run.join()
    return len(answers[0].images)


def process_at(address: str) -> psutil.Process:
    """The host's process, by the port on which it listens."""
    port = int(address.rpartition(":")[2])
    for each in psutil.net_connections("tcp"):
        if each.status == psutil.CONN_LISTEN and each.laddr.port == port and each.pid:
            return psutil.Process(each.pid)
    raise SystemExit(f"nothing on this machine listens on port {port}")


def soak(host: WebUI, process: psutil.Process, count: int) -> Iterator[dict[str, Any]]:
    """The state of the host after every tenth generation, beginning with the state before the first."""
    points, seconds = entry_points(), []
    reference = {
        name: host.img2img(SOURCE, **fields).image for name, fields in {"plain": {}, "edit": by_script(EDIT)}.items()
    }
    names = [random.choice(list(points)) for _ in range(count)]
    for number in range(count + 1):
        if number % EVERY == 0:
            began = time.monotonic()
            same = difference(host.img2img(SOURCE).image, reference["plain"])
            same = max(same, difference(host.img2img(SOURCE, **by_script(EDIT)).image, reference["edit"]))
            seconds.append(time.monotonic() - began)
            yield {
                "generations": number,
                "megabytes": round(process.memory_info().rss / 1e6, 1),
                "seconds for a plain image and an edit": round(seconds[-1], 3),
                "largest difference from the first ones": same,
                "our objects left": host.call("/pixels-probe/left").body,
                "threads": process.num_threads(),
                "files": len(process.open_files()),
            }
        if number < count:
            points[names[number]](host)


def plot(rows: list[dict[str, Any]], file: Path) -> None:
    try:
        from matplotlib import pyplot
    except ImportError:
        print("no plot: matplotlib is not installed")
        return
    figure, axes = pyplot.subplots(3, 1, figsize=(8, 7), sharex=True, layout="constrained")
    for axis, name in zip(axes, ("megabytes", "seconds for a plain image and an edit", "threads"), strict=True):
        axis.plot([row["generations"] for row in rows], [row[name] for row in rows])
        axis.set(ylabel=name.replace(" for a ", "\nfor a ").replace(" and ", "\nand "))
        axis.set_ylim(0, 1.1 * max(row[name] for row in rows))
    axes[-1].set_xlabel("generations")
    figure.savefig(file, dpi=90)


def main() -> None:
    address, count, out = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    random.seed(5)
    rows = []
    for row in soak(WebUI(address), process_at(address), count):
        rows.append(row)
        print(row, flush=True)
    with out.with_name(out.name + ".csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    plot(rows, out.with_name(out.name + ".png"))
    third = len(rows) // 3
    for name in ("megabytes", "seconds for a plain image and an edit"):
        early, late = (
            statistics.median(row[name] for row in part) for part in (rows[third : 2 * third], rows[-third:])
        )
        print(f"{name}: median of the second third {early:.2f}, of the last {late:.2f}")
    sound = all(row["largest difference from the first ones"] <= 1 and row["our objects left"] == 0 for row in rows)
    sound &= rows[-1]["threads"] <= rows[third]["threads"] + 2 and rows[-1]["files"] <= rows[third]["files"] + 2
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
