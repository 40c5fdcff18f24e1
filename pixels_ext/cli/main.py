"""The command line: `python -m pixels_ext edit ...`.

Exit codes: 0 success, 1 the edit failed (model, memory, a file that could not be written), 2 invalid input, 130
interrupted, 141 the reader of standard output is gone. Messages go to standard error; standard output has the names of
the files written, one per line.

The commands import diffusers and transformers when they run, so that `--help` and `schema` work without them.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pixels_ext
from pixels_ext import demo
from pixels_ext.cli.error_messages import error_message
from pixels_ext.cli.flags import add_exemplar_flags, add_flags
from pixels_ext.cli.terminal import fail, print_lines, report_crash
from pixels_ext.diffusers_host.extras import DEVICES, OFFLOADS, PRECISIONS
from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.diffusers_host.out_of_memory import is_out_of_memory
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.errors import RequestError
from pixels_ext.fields import number_or_text
from pixels_ext.request import EditRequest, json_schema
from pixels_ext.vision import MODEL_KINDS, ModelLocations, VisionModels

_DESCRIPTION = (
    "PIXELS edits an image (the source) with parts of other images (the exemplars). A gray edit map says how much each "
    "area may change: white keeps the source, black becomes the exemplar, and the model blends what is between."
)
_EDIT_DESCRIPTION = (
    "Edit an image. Each exemplar needs an edit map: an image (--map) or a generated map (--map-type). Without "
    "--model, the bundled demo model is used."
)
_EDIT_EXAMPLE = (
    "Example: pixels_ext edit --source lake.jpg --exemplar winter.jpg --map map.png --prompt snow "
    "--model path/to/model -o edit.png"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with `argv` (by default that of the process) and return the exit code. Raises `ImportError`
    when a package is not installed."""
    arguments = None
    try:
        arguments = build_parser().parse_args(argv)
        command: Callable[[argparse.Namespace], int] = arguments.run
        return command(arguments)
    except RequestError as error:
        return fail(error_message(error, arguments), 2)
    except ModelError as error:
        return fail(error_message(error.as_request_error(), arguments), 1)
    except KeyboardInterrupt:
        return fail("interrupted.", 130)
    except (BrokenPipeError, ImportError):
        raise
    except Exception as error:
        if is_out_of_memory(error):
            return fail("out of memory (expected enough for this size: try a smaller --size).", 1)
        return report_crash(error)


class _Parser(argparse.ArgumentParser):
    """Reports errors in one sentence, without the long usage text."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"pixels_ext: {message} (see --help).\n")


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command line. Its namespace has `run`, a function that takes the namespace."""
    parser = _Parser(prog="pixels_ext", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=pixels_ext.__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    text = "edit an image with exemplars"
    edit = commands.add_parser(
        "edit",
        help=text,
        usage="pixels_ext edit --source FILE --exemplar FILE --map FILE -o FILE [options]",
        description=_EDIT_DESCRIPTION,
        epilog=_EDIT_EXAMPLE,
        allow_abbrev=False,
    )
    _add_edit_flags(edit)
    text = "make example edits with the bundled demo model and images"
    demo_edits = commands.add_parser("demo", help=text, description=f"{text.capitalize()}.")
    _add_out_folder(demo_edits, "pixels-demo")
    demo_edits.set_defaults(run=_run_demo)
    text = "make a contact sheet of all map types, on the bundled images"
    maps = commands.add_parser("maps", help=text, description=f"{text.capitalize()}.")
    _add_out_folder(maps, "pixels-maps")
    _add_vision_flags(maps)
    maps.set_defaults(run=_run_maps)
    text = "print the JSON schema of a request"
    schema = commands.add_parser("schema", help=text, description=f"{text.capitalize()} (see edit --request).")
    schema.set_defaults(run=_print_schema)
    return parser


def _add_out_folder(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument("--out", default=default, metavar="FOLDER", help=f"Output folder (default: {default}).")


def _add_edit_flags(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_run_edit)
    files = parser.add_argument_group("input and output")
    files.add_argument("--source", metavar="FILE", required=True, help="The image to edit.")
    files.add_argument("-o", "--out", metavar="FILE", required=True, help="Output file for the result, a .png file.")
    files.add_argument(
        "--composite",
        metavar="FILE",
        help="Also save the image of the surgical latent: the exemplars pasted onto the source, without the model.",
    )
    files.add_argument(
        "--timeline",
        metavar="FILE",
        help="Also save a timeline: which areas are locked and which are denoised at each step.",
    )
    files.add_argument(
        "--columns", type=number_or_text, default=6, metavar="N", help="Number of timeline frames (default: 6)."
    )
    files.add_argument(
        "--size",
        metavar="SIZE",
        help="Size of the edit and the result in pixels: the longer side (512) or WIDTHxHEIGHT (512x384). Default: the "
        "source's size.",
    )
    files.add_argument(
        "--num-images",
        type=number_or_text,
        default=1,
        metavar="N",
        help="Number of images to make, with seed, seed + 1, ...; out.png becomes out-1.png, out-2.png, ... (default: "
        "1).",
    )
    files.add_argument("--quiet", action="store_true", help="Hide the progress bar.")
    request = parser.add_argument_group("edit", "Options that apply to the whole edit.")
    request.add_argument(
        "--request", metavar="FILE", help="Read the request from a JSON file; flags of this group override it."
    )
    add_flags(request, EditRequest)
    add_exemplar_flags(parser)
    add_flags(parser.add_argument_group("sampling", "As in the img2img tab of a WebUI."), Settings)
    _add_model_flags(parser.add_argument_group("model"))
    _add_vision_flags(parser)


def _add_model_flags(model: argparse._ArgumentGroup) -> None:
    model.add_argument(
        "--model",
        default=str(demo.MODEL),
        metavar="MODEL",
        help="A diffusers folder, a .safetensors or .ckpt file, or a Hugging Face hub id (default: the demo model).",
    )
    model.add_argument(
        "--config", metavar="MODEL", help="For a single file: a folder or hub id with the model's configuration."
    )
    model.add_argument(
        "--device",
        default="auto",
        type=str.lower,
        choices=DEVICES,
        help="Device to run on (default: auto, the fastest).",
    )
    model.add_argument(
        "--precision",
        default="auto",
        type=str.lower,
        choices=PRECISIONS,
        help="Precision of the model. auto (default): on CUDA the half precision that suits the model (bf16 for flow "
        "models, fp16 for others), elsewhere fp32.",
    )
    model.add_argument(
        "--variant", metavar="NAME", help="Variant of the weight files in a folder or hub id, such as fp16."
    )
    model.add_argument("--refiner", metavar="MODEL", help="An SDXL refiner, which takes over at --refiner-at.")
    model.add_argument("--prior", metavar="MODEL", help="The prior for a Kandinsky 2.2 decoder: a folder or hub id.")
    model.add_argument(
        "--lora",
        action="append",
        default=[],
        metavar="FILE[:WEIGHT]",
        help="A LoRA for the model, with weight 1 by default. May be repeated.",
    )
    model.add_argument(
        "--offload",
        default="none",
        type=str.lower,
        choices=OFFLOADS,
        help="To save GPU memory, keep the model on the CPU, and move each component (model) or layer (sequential) to "
        "the GPU only while it runs (default: none).",
    )
    model.add_argument(
        "--vae-tiling", action="store_true", help="To save memory, encode and decode the image in tiles."
    )


def _add_vision_flags(parser: argparse.ArgumentParser) -> None:
    vision = parser.add_argument_group(
        "vision models", "For maps generated from depth or text. Models are found by name or folder."
    )
    for name, kind in MODEL_KINDS.items():
        vision.add_argument(
            f"--{name}-model",
            default=kind.default,
            metavar="MODEL",
            help=f"{kind.title}: a folder or hub id (default: {kind.default}).",
        )
    vision.add_argument("--vision-models", metavar="FOLDER", help="Folder to look for these models in.")
    vision.add_argument(
        "--allow-download",
        action="store_true",
        help="Download these models from the hub if they are not found locally.",
    )


def _run_edit(arguments: argparse.Namespace) -> int:
    silence_libraries()
    from pixels_ext.cli.edit import run_edit

    return run_edit(arguments, _vision_models(arguments, keep_loaded=False))


def _run_demo(arguments: argparse.Namespace) -> int:
    from pixels_ext.cli.demo import run_demo

    return run_demo(arguments.out, main)


def _run_maps(arguments: argparse.Namespace) -> int:
    silence_libraries()
    from pixels_ext.cli.maps import write_map_sheets
    from pixels_ext.cli.outputs import outputs_listed_at_end

    with outputs_listed_at_end(print_lines) as outputs:
        write_map_sheets(arguments.out, _vision_models(arguments), outputs)
    return int(outputs.failed)


def _vision_models(arguments: argparse.Namespace, **options: Any) -> VisionModels:
    folder = Path(arguments.vision_models) if arguments.vision_models else None
    names = {name: getattr(arguments, f"{name}_model") for name in MODEL_KINDS}
    return VisionModels(ModelLocations(names, folder, arguments.allow_download), **options)


def _print_schema(_: argparse.Namespace) -> int:
    print_lines([json.dumps(json_schema(), indent=2)])
    return 0


def silence_libraries() -> None:
    """Turn off the libraries' warnings and progress bars, which are for developers."""
    import diffusers
    import huggingface_hub
    import transformers

    for library in (diffusers, transformers):
        logging: Any = library.utils.logging
        logging.set_verbosity_error()
        logging.disable_progress_bar()
    huggingface_hub.logging.set_verbosity(logging.CRITICAL)  # it logs every attempt to reach the hub
    warnings.simplefilter("ignore", FutureWarning)
    warnings.filterwarnings("ignore", module="huggingface_hub")
