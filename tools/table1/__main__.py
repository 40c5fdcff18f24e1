"""`python3 tasks.py table1`: edits, scores and table. Exit codes as the command line's."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from tqdm import tqdm

from pixels_ext import __version__
from pixels_ext.cli.main import silence_libraries
from pixels_ext.cli.outputs import check_outputs
from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.errors import RequestError

from .clip_i import ClipI
from .contact_sheet import sheet
from .fid import Inception
from .flags import DEFAULTS, backend_of, parser, plan_of, settings_of
from .make_edits import make
from .pairs import listed
from .report import MetricModels, report
from .scores import scored, write_csv
from .store import Store, written

_SHOWN = 6


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv` (the process's own by default) and return the exit code."""
    arguments = parser().parse_args(argv)
    try:
        _run(arguments)
    except RequestError as error:
        return _fail(str(error), 2)
    except (ModelError, torch.OutOfMemoryError) as error:
        return _fail(str(error), 1)
    except OSError as error:
        return _fail(f"{error}; the same command goes on where it stopped.", 1)
    except KeyboardInterrupt:
        return _fail("interrupted; the same command goes on where it stopped.", 130)
    return 0


def _run(arguments: argparse.Namespace) -> None:
    plan, settings, backend = plan_of(arguments), settings_of(arguments), backend_of(arguments)
    silence_libraries()
    chosen = {name: getattr(settings, name) for name in DEFAULTS}
    provenance = {"version": __version__, **plan.provenance(), **chosen, **backend.provenance()}
    if arguments.reference:
        listed(arguments.reference, "reference")
    metric_models = (
        None if arguments.no_scores else _load_metric_models(arguments)
    )  # before hours of work that would wait for them
    store = Store(arguments.out, provenance)
    out: Path = arguments.out
    read = [(f"--{name}", getattr(arguments, name)) for name in ("images", "maps", "reference", "model")]
    results = [("out", str(out / name)) for name in ("edits/.new.png", "scores.csv", "first.png", "table1.md")]
    check_outputs(results, [(flag, str(place)) for flag, place in read if place])
    edits = list(plan.edits(arguments.count))
    made = make(plan, edits, store, backend, settings, lambda missing: tqdm(missing, "edits", unit="edit"))
    print(f"{made} edits made, {len(edits) - made} were there", file=sys.stderr)
    del backend
    if metric_models is None:
        return
    clip, inception = metric_models
    shown = tqdm(edits, "scores", unit="edit")
    scores = scored(plan, shown, store, settings.steps_run, clip, inception, arguments.reference)
    write_csv(scores.rows, out / "scores.csv")
    sheet(plan, itertools.islice(edits, _SHOWN), store, settings.steps_run).save(out / "first.png")
    reference = str(arguments.reference or "the sources and exemplars, each once")
    page = report(
        scores, provenance, MetricModels(clip.description, inception.description, inception.width, reference)
    ).encode()
    written(out / "table1.md", lambda file: file.write(page))
    print(*(out / name for name in ("table1.md", "scores.csv", "first.png")), sep="\n")


def _load_metric_models(arguments: argparse.Namespace) -> tuple[ClipI, Inception]:
    cuda = arguments.device in ("auto", "cuda") and torch.cuda.is_available()
    device = torch.device("cuda" if cuda else "cpu")
    return ClipI(arguments.clip, device), Inception(arguments.inception, device)


def _fail(message: str, code: int) -> int:
    print(f"table1: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
