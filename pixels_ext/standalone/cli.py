"""The command line: `python -m pixels_ext edit ...`.

Exit codes: 0 done, 1 the edit failed (model, memory), 2 something in the input is wrong, 130 interrupted. Every message
goes to standard error; standard output has the names of the files written, one a line.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from PIL import Image

import pixels_ext
from pixels_ext.errors import RequestError
from pixels_ext.maps import Means
from pixels_ext.picture_notices import color_notice, picture_notices
from pixels_ext.pictures import picture_named
from pixels_ext.preparing import check_maps
from pixels_ext.request import EditRequest, from_json, json_schema
from pixels_ext.standalone import demo
from pixels_ext.standalone.auto_strength import AUTO
from pixels_ext.standalone.demo_edits import run_demo
from pixels_ext.standalone.editor import Editor
from pixels_ext.standalone.extras import OFFLOADS, Extras, parsed_lora
from pixels_ext.standalone.flags import add_exemplar_flags, add_flags, edit_fields, given, parsed_size
from pixels_ext.standalone.loading import DEVICES, PRECISIONS
from pixels_ext.standalone.map_sheet import make_sheets
from pixels_ext.standalone.model_error import ModelError
from pixels_ext.standalone.parameters import parameters, png_info
from pixels_ext.standalone.settings import Settings, seed_after
from pixels_ext.timeline import timeline
from pixels_ext.vision import DEPTH_MODEL, WORDS_MODEL, Seeing, Weights


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with `argv` (the process's own by default) and return the exit code."""
    try:
        arguments = parser().parse_args(argv)
        return arguments.run(arguments)
    except RequestError as error:
        return _fail(str(error), 2)
    except ModelError as error:
        return _fail(str(error), 1)
    except (torch.OutOfMemoryError, MemoryError):
        return _fail("the edit ran out of memory, expected enough for this size: try a smaller --size.", 1)
    except KeyboardInterrupt:
        return _fail("interrupted.", 130)


def parser() -> argparse.ArgumentParser:
    """What reads the command line. What it returns has `run`, to be called with what it returns."""
    top = argparse.ArgumentParser(prog="pixels_ext", description=pixels_ext.__doc__)
    top.add_argument("--version", action="version", version=pixels_ext.__version__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add_edit(commands.add_parser("edit", help="edit a picture from example pictures", allow_abbrev=False))
    first = commands.add_parser("demo", help="make first edits with the model and the pictures that come along")
    first.add_argument(
        "--out", default="pixels-demo", metavar="FOLDER", help="Where they go; pixels-demo if not given."
    )
    first.set_defaults(run=lambda arguments: run_demo(Path(arguments.out), main))
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
    parser.add_argument("--columns", type=int, default=6, metavar="N", help="Columns of the time line; 6 if not given.")
    parser.add_argument(
        "--size",
        metavar="SIZE",
        help="Size at work: a longer side (512) or WIDTHxHEIGHT; the source's own if not given.",
    )
    parser.add_argument(
        "--batch",
        type=int,
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
    model.add_argument("--device", default="auto", choices=DEVICES)
    model.add_argument("--precision", default="auto", choices=PRECISIONS)
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
        choices=OFFLOADS,
        help="Keep the model on the CPU and bring its parts, or each layer, to the device when they work.",
    )
    model.add_argument("--vae-tiling", action="store_true", help="Encode and decode in tiles: less memory.")


def _add_vision(parser: argparse.ArgumentParser) -> None:
    vision = parser.add_argument_group("models for maps from depth and words")
    name = "A folder, or its name on the hub; {} if not given."
    vision.add_argument("--depth-model", default=DEPTH_MODEL, metavar="MODEL", help=name.format(DEPTH_MODEL))
    vision.add_argument("--words-model", default=WORDS_MODEL, metavar="MODEL", help=name.format(WORDS_MODEL))
    vision.add_argument("--models", metavar="FOLDER", help="Where folders of these names are looked for.")
    vision.add_argument("--download", action="store_true", help="Fetch them from the hub if they are nowhere else.")


def _edit(arguments: argparse.Namespace) -> int:
    for field in ("columns", "batch"):
        if getattr(arguments, field) < 1:
            raise RequestError(field, f"is {getattr(arguments, field)}", "a whole number from 1")
    for field in ("out", "composite", "timeline"):
        _check_output(field, getattr(arguments, field))
    source = _opened("source", arguments.source, Path())
    request = request_of(arguments)
    _say_notices(source, request)
    sampling = given(arguments, Settings)
    automatic = sampling.get("strength") == AUTO
    if automatic:
        sampling["strength"] = 1  # until the pictures are measured
    settings = Settings(
        **sampling, size=parsed_size(arguments.size), moments=arguments.columns if arguments.timeline else 0
    )
    seeing = Seeing(_weights(arguments), keep=False)
    check_maps(request, source.size, Means(vision=seeing))
    extras = _extras(arguments)
    silence_libraries()
    editor = Editor.load(arguments.model, arguments.device, arguments.precision, arguments.config, extras)
    editor.means = Means(vision=seeing)
    settings = editor.family.settled(settings)

    reason = ""
    if automatic:
        suggestion = editor.suggest_strength(source, request, settings)
        settings, reason = replace(settings, strength=suggestion.strength), str(suggestion)
        print(f"strength {settings.strength:g}: {reason}", file=sys.stderr)

    def show_pass(number: int, count: int) -> None:
        words = "edit" if count == 1 else f"pass {number + 1} of {count}"
        editor.family.show_progress(words, quiet=arguments.quiet)

    results = editor.edits(source, request, settings, arguments.batch, on_pass=show_pass)
    models = {"Model": _title(arguments.model), "Refiner": _title(arguments.refiner)}
    outs, timelines = (numbered(name, len(results)) for name in (arguments.out, arguments.timeline))
    for index, (out, result) in enumerate(zip(outs, results, strict=True)):
        run = replace(settings, seed=seed_after(settings.seed, index))
        text = parameters(run, request, source, result.picture, models, extras.loras, reason)
        result.picture.save(out, pnginfo=png_info(text))
    if arguments.composite:
        editor.composite(source, request, settings).save(arguments.composite)
    for name, result in zip(timelines, results, strict=False):
        timeline(result.moments).save(name)
    print(*outs, *filter(None, [arguments.composite]), *timelines, sep="\n")
    return 0


def numbered(name: str | None, count: int) -> list[str]:
    """The files that a batch of `count` writes for `name`: `name` itself for one, else out-1.png, out-2.png, ..."""
    if name is None:
        return []
    path = Path(name)
    return [name] if count == 1 else [str(path.with_stem(f"{path.stem}-{k + 1}")) for k in range(count)]


def _say_notices(source: Image.Image, request: EditRequest) -> None:
    of_source = color_notice(source)
    for text in [f"The source {of_source}"] * bool(of_source) + picture_notices(request):
        print(f"pixels_ext: {text}", file=sys.stderr)


def _title(model: str | None) -> str:
    if model is None:
        return ""
    return Path(model).stem if model != str(demo.MODEL) else "PIXELS demo"


def _extras(arguments: argparse.Namespace) -> Extras:
    return Extras(
        refiner=arguments.refiner,
        prior=arguments.prior,
        loras=[parsed_lora(text) for text in arguments.lora],
        variant=arguments.variant,
        offload=arguments.offload,
        vae_tiling=arguments.vae_tiling,
    )


def _weights(arguments: argparse.Namespace) -> Weights:
    folder = Path(arguments.models) if arguments.models else None
    return Weights(arguments.depth_model, arguments.words_model, folder, arguments.download)


def _maps(arguments: argparse.Namespace) -> int:
    silence_libraries()
    for file in make_sheets(Path(arguments.out), Seeing(_weights(arguments))):
        print(file, flush=True)
    return 0


def _schema(_: argparse.Namespace) -> int:
    print(json.dumps(json_schema(), indent=2))
    return 0


def request_of(arguments: argparse.Namespace) -> EditRequest:
    """The request that the arguments of `edit` tell. Raises `RequestError`."""
    flags = edit_fields(arguments)
    if arguments.request is None:
        return from_json(flags, lambda text: _opened("", text, Path()))
    if "exemplars" in flags:
        raise RequestError("exemplar", "is given beside --request", "exemplars in the request file alone")
    path = Path(arguments.request)
    try:
        # Windows' editors write the mark that the encoding skips. Base64 comes in lines, which JSON does not have.
        data = json.loads(path.read_text(encoding="utf-8-sig"), strict=False)
    except (OSError, ValueError, RecursionError) as error:
        raise RequestError("request", f"{str(path)!r} cannot be read ({error})", "a JSON file") from None
    if isinstance(data, dict):
        data |= flags
    return from_json(data, lambda text: _opened("", text, path.parent))


def _opened(field: str, text: str, folder: Path) -> Image.Image:
    """A picture from a file name (relative to `folder`), base64 or a data URL."""
    try:
        return picture_named(text, folder)
    except RequestError as error:
        raise error.below(field) if field else error from None


def _check_output(flag: str, name: str | None) -> None:
    if name is None:
        return
    path = Path(name)
    if path.suffix.lower() != ".png":
        raise RequestError(flag, f"is {name!r}", "a file name that ends in .png")
    if path.is_dir() or not path.parent.is_dir():
        raise RequestError(flag, f"is {name!r}", "a file in a folder that exists")


def silence_libraries() -> None:
    """Their notes are for developers; what a user must know, we say ourselves."""
    for library in (diffusers, transformers):
        logging: Any = library.utils.logging
        logging.set_verbosity_error()
        logging.disable_progress_bar()
    warnings.simplefilter("ignore", FutureWarning)


def _fail(message: str, code: int) -> int:
    print(f"pixels_ext: {message}", file=sys.stderr)
    return code
