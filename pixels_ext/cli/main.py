"""The command line: `python -m pixels_ext edit ...`.

Exit codes: 0 done, 1 the edit failed (model, memory, a file that could not be written), 2 something in the input is
wrong, 130 interrupted, 141 nobody reads what is printed. Every message goes to standard error; standard output has the
names of the files written, one a line.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import diffusers
import huggingface_hub
import transformers

import pixels_ext
from pixels_ext import demo
from pixels_ext.cli.demo import run_demo
from pixels_ext.cli.edit import edit
from pixels_ext.cli.flags import add_exemplar_flags, add_flags
from pixels_ext.cli.maps import make_sheets
from pixels_ext.cli.outputs import told_at_the_end
from pixels_ext.cli.sentences import sentence
from pixels_ext.cli.terminal import fail, tell, unforeseen
from pixels_ext.diffusers_host.extras import OFFLOADS
from pixels_ext.diffusers_host.loading import DEVICES, PRECISIONS
from pixels_ext.diffusers_host.memory import is_out_of_memory
from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.errors import RequestError
from pixels_ext.fields import number_or_text
from pixels_ext.request import EditRequest, json_schema
from pixels_ext.vision import MODEL_KINDS, VisionModels, ModelLocations


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with `argv` (the process's own by default) and return the exit code."""
    arguments = None
    try:
        arguments = parser().parse_args(argv)
        return arguments.run(arguments)
    except RequestError as error:
        return fail(sentence(error, arguments), 2)
    except ModelError as error:
        return fail(sentence(error.as_request_error(), arguments), 1)
    except KeyboardInterrupt:
        return fail("interrupted.", 130)
    except BrokenPipeError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            return fail("the edit ran out of memory (expected enough for this size: try a smaller --size).", 1)
        return unforeseen(error)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without two hundred lines of usage before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"pixels_ext: {message} (--help says what there is).\n")


def parser() -> argparse.ArgumentParser:
    """What reads the command line. What it returns has `run`, to be called with what it returns."""
    top = _Parser(prog="pixels_ext", description=pixels_ext.__doc__)
    top.add_argument("--version", action="version", version=pixels_ext.__version__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add_edit(commands.add_parser("edit", help="edit a picture from example pictures", allow_abbrev=False))
    first = commands.add_parser("demo", help="make first edits with the model and the pictures that come along")
    first.add_argument(
        "--out", default="pixels-demo", metavar="FOLDER", help="Where they go; pixels-demo if not given."
    )
    first.set_defaults(run=lambda arguments: run_demo(arguments.out, main))
    maps = commands.add_parser("maps", help="make sheets of every way of making a map, on the pictures that come along")
    maps.add_argument("--out", default="pixels-maps", metavar="FOLDER", help="Where they go; pixels-maps if not given.")
    _add_vision(maps)
    maps.set_defaults(run=_maps)
    schema = commands.add_parser("schema", help="print the JSON schema of a request")
    schema.set_defaults(run=_schema)
    return top


def _add_edit(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_edit)
    parser.add_argument("--source", metavar="FILE", required=True, help="The picture to edit.")
    parser.add_argument("-o", "--out", metavar="FILE", required=True, help="Where the result goes, a .png file.")
    parser.add_argument("--composite", metavar="FILE", help="Also write the surgical picture: pasted, not denoised.")
    parser.add_argument("--timeline", metavar="FILE", help="Also write what is held and released at each step.")
    parser.add_argument(
        "--columns", type=number_or_text, default=6, metavar="N", help="Columns of the time line; 6 if not given."
    )
    parser.add_argument(
        "--size",
        metavar="SIZE",
        help="Size of the edit and the result: a longer side (512) or WIDTHxHEIGHT; the source's own if not given.",
    )
    parser.add_argument(
        "--batch",
        type=number_or_text,
        default=1,
        metavar="N",
        help="So many pictures, with seed, seed + 1, ...; out.png becomes out-1.png, out-2.png, ...",
    )
    parser.add_argument("--quiet", action="store_true", help="No progress bar.")
    request = parser.add_argument_group("the edit")
    request.add_argument("--request", metavar="FILE", help="The request as JSON; flags of this group overrule it.")
    add_flags(request, EditRequest)
    exemplar = parser.add_argument_group("exemplars", "Each flag belongs to the --exemplar before it.")
    add_exemplar_flags(exemplar)
    add_flags(parser.add_argument_group("sampling"), Settings)
    _add_model(parser.add_argument_group("model"))
    _add_vision(parser)


def _add_model(model: argparse._ArgumentGroup) -> None:
    model.add_argument(
        "--model",
        default=str(demo.MODEL),
        metavar="MODEL",
        help="A diffusers folder, a .safetensors or .ckpt file, or a hub id; the small demo model if not given.",
    )
    model.add_argument("--config", metavar="CONFIG", help="For a single file: folder or hub id with its configuration.")
    model.add_argument("--device", default="auto", type=str.lower, choices=DEVICES)
    model.add_argument(
        "--precision",
        default="auto",
        type=str.lower,
        choices=PRECISIONS,
        help="auto: on CUDA the half precision that suits the kind of model (bf16 for flow models), else fp32.",
    )
    model.add_argument("--variant", metavar="NAME", help='Which files of a folder or hub id, "fp16" for instance.')
    model.add_argument("--refiner", metavar="MODEL", help="An SDXL refiner, which takes over at --refiner-at.")
    model.add_argument("--prior", metavar="MODEL", help="The prior of a Kandinsky 2.2 decoder, folder or hub id.")
    model.add_argument(
        "--lora",
        action="append",
        default=[],
        metavar="FILE[:WEIGHT]",
        help="A LoRA for the model, weight 1 if not given; may be repeated.",
    )
    model.add_argument(
        "--offload",
        default="none",
        type=str.lower,
        choices=OFFLOADS,
        help="Keep the model on the CPU and bring its parts, or each layer, to the device when they work.",
    )
    model.add_argument("--vae-tiling", action="store_true", help="Encode and decode in tiles: less memory.")


def _add_vision(parser: argparse.ArgumentParser) -> None:
    vision = parser.add_argument_group("models for maps from depth and words")
    name = "A folder, or its name on the hub; {} if not given."
    vision.add_argument("--depth-model", default=MODEL_KINDS["depth"].default, metavar="MODEL", help=name.format(MODEL_KINDS["depth"].default))
    vision.add_argument("--words-model", default=MODEL_KINDS["text"].default, metavar="MODEL", help=name.format(MODEL_KINDS["text"].default))
    vision.add_argument("--models", metavar="FOLDER", help="Where folders of these names are looked for.")
    vision.add_argument("--download", action="store_true", help="Fetch them from the hub if they are nowhere else.")


def _edit(arguments: argparse.Namespace) -> int:
    silence_libraries()
    return edit(arguments, _seeing(arguments, keep_loaded=False))


def _seeing(arguments: argparse.Namespace, **options: Any) -> VisionModels:
    folder = Path(arguments.models) if arguments.models else None
    locations = ModelLocations({"depth": arguments.depth_model, "text": arguments.words_model}, folder, arguments.download)
    return VisionModels(locations, **options)


def _maps(arguments: argparse.Namespace) -> int:
    silence_libraries()
    with told_at_the_end(tell) as outputs:
        make_sheets(arguments.out, _seeing(arguments), outputs)
    return int(outputs.failed)


def _schema(_: argparse.Namespace) -> int:
    tell([json.dumps(json_schema(), indent=2)])
    return 0


def silence_libraries() -> None:
    """Their notes are for developers; what a user must know, we say ourselves."""
    for library in (diffusers, transformers):
        logging: Any = library.utils.logging
        logging.set_verbosity_error()
        logging.disable_progress_bar()
    huggingface_hub.logging.set_verbosity(logging.CRITICAL)  # it tells of every try to reach the hub
    warnings.simplefilter("ignore", FutureWarning)
    warnings.filterwarnings("ignore", module="huggingface_hub")
