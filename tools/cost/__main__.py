"""`make cost`: measures an edit against plain img2img, in pairs in one run, on a machine that does nothing else.

    python3 tasks.py cost                                                     # diffusers, SD1.5's size, 512 px, CPU
    python3 tasks.py cost --device cuda --precision fp16 --model SDXL --size 1024 --steps 50
    python3 tasks.py cost --door WebUI --host http://127.0.0.1:7860 --checkpoint NAME.safetensors
    python3 tasks.py cost --door authors --reference FOLDER --reference-python PYTHON_WITH_DIFFUSERS_0.29

Each writes its door's part of OUT.json, and from all of them OUT.png and the measured part of OUT.md.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import torch

from pixels_ext.cli.outputs import check_outputs
from pixels_ext.errors import RequestError

from . import host, in_diffusers, report
from .inputs import Run
from .models import MODELS

BEGIN, END = "<!-- measured by `make cost` -->", "<!-- end of what was measured -->"
AUTHORS = "authors"
DOORS = (in_diffusers.DOOR, host.DOOR, AUTHORS)
CPU = Path("/proc/cpuinfo")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tasks.py cost", description=__doc__.splitlines()[0])
    parser.add_argument("--door", choices=DOORS, default=in_diffusers.DOOR)
    parser.add_argument("--model", choices=list(MODELS), default="SD1.5", help="in diffusers; of a WebUI, what it has")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--strength", type=float, default=0.5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--precision", choices=list(in_diffusers.DTYPES), default="fp32")
    parser.add_argument("--host", default="http://127.0.0.1:7860", help="the WebUI's address; it runs on this machine")
    parser.add_argument("--checkpoint", default="", help="its checkpoint, if not the one loaded")
    parser.add_argument("--reference", help="the folder of amazon-science/PIXELS")
    parser.add_argument("--reference-python", default=sys.executable)
    parser.add_argument("--out", type=Path, default=Path("docs/cost"))
    args = parser.parse_args()
    if args.door == AUTHORS and not args.reference:
        parser.error("--reference is missing (expected the folder of amazon-science/PIXELS for --door authors)")
    return args


def records_of(args: argparse.Namespace, run: Run) -> Iterator[in_diffusers.Record]:
    """The records of the chosen door."""
    if args.door == in_diffusers.DOOR:
        return in_diffusers.measured(run, args.device, args.precision)
    if args.door == host.DOOR:
        return host.measured(run, args.host, args.checkpoint)
    return of_the_authors(args, run)


def of_the_authors(args: argparse.Namespace, run: Run) -> Iterator[in_diffusers.Record]:
    """Their code runs in another Python and tells its records line by line."""
    calls = round(run.steps * run.strength)
    command = [args.reference_python, str(Path(__file__).with_name("reference.py")), args.reference]
    command += [str(run.size), str(calls), str(run.rounds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        sys.exit(f"their code ended with {process.returncode}")


def machine(args: argparse.Namespace) -> str:
    """The machine in words."""
    if args.door == in_diffusers.DOOR and args.device == "cuda":
        return f"{torch.cuda.get_device_name()}, {args.precision}, torch {torch.__version__}"
    lines = CPU.read_text().splitlines() if CPU.exists() else []
    cpu = next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())
    return f"{cpu}, {psutil.cpu_count()} cores, torch {torch.__version__}"


def main() -> None:
    args = arguments()
    run = Run(args.model, args.size, args.steps, args.strength, args.rounds)
    data, plot, written = (args.out.with_name(args.out.name + kind) for kind in (".json", ".png", ".md"))
    try:
        check_outputs([("--out", str(file)) for file in (data, plot, written)], [])
    except RequestError as error:
        sys.exit(f"cost: {error.message_for(error.path)}")
    doors = json.loads(data.read_text()) if data.exists() else {}
    title = args.door if args.device == "cpu" else f"{args.door}, {args.device}"
    records: list[in_diffusers.Record] = []
    today = datetime.date.today().isoformat()
    doors[title] = {"run": run.told(), "machine": machine(args), "date": today, "records": records}
    for record in records_of(args, run):
        records.append(record)
        print(record, flush=True)
        data.write_text(json.dumps(doors, indent=1) + "\n")  # at once: a run takes long, and may be stopped
    report.plot(doors, plot)
    measured = "\n\n".join(report.page(doors))
    print(measured)
    if written.exists():
        before, rest = written.read_text().split(BEGIN)
        written.write_text(f"{before}{BEGIN}\n\n{measured}\n\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
