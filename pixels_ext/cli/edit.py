"""`python -m pixels_ext edit`: from the parsed flags to the output files."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from pixels_ext.cli.flags import flag_values, parse_size
from pixels_ext.cli.outputs import NamedFile, check_outputs, check_png_name, outputs_listed_at_end
from pixels_ext.cli.parameters import parameters, png_info
from pixels_ext.cli.request_files import ImageFiles, read_request
from pixels_ext.cli.terminal import print_lines
from pixels_ext.diffusers_host.canvas import size_notice, working_size
from pixels_ext.diffusers_host.editor import Editor, EditResult
from pixels_ext.diffusers_host.extras import Extras, parse_lora
from pixels_ext.diffusers_host.model_files import model_name
from pixels_ext.diffusers_host.settings import Settings, seed_after
from pixels_ext.edit.image_notices import color_profile_notice, image_notices
from pixels_ext.edit.prepare import check_maps
from pixels_ext.errors import RequestError, describe
from pixels_ext.imaging.timeline import draw_timeline
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest
from pixels_ext.vision import VisionModels

_MAX_COUNT = 10_000
_AUTO_STRENGTH = "auto"
_RANDOM_SEED = -1
_RANDOM_SEEDS = 2**32
"""Number of different random seeds, the same as in the WebUIs."""


def run_edit(arguments: argparse.Namespace, vision_models: VisionModels) -> int:
    """Make the edit described by `arguments` and write its files. `vision_models`: for generated maps. Returns the exit
    code.

    Raises `RequestError` before the model is loaded where possible, and `ModelError`.
    """
    for field in ("columns", "num_images"):
        number = getattr(arguments, field)
        if not isinstance(number, int) or not 1 <= number <= _MAX_COUNT:
            raise RequestError(field, describe(number), f"a whole number from 1 to {_MAX_COUNT}")
    for field in ("out", "composite", "timeline"):
        if getattr(arguments, field) is not None:
            check_png_name(field, getattr(arguments, field))
    images = ImageFiles()
    try:
        source = images.open(arguments.source)
    except RequestError as error:
        raise error.within("source") from None
    request = read_request(arguments, images)
    settings, auto_strength = _settings(arguments)
    map_providers = MapProviders(vision=vision_models)
    size = working_size(source.size, settings.size)
    check_maps(request, source.size, map_providers)
    _print_image_notices(source, request)
    extras = _extras(arguments)
    check_outputs(_outputs(arguments), _inputs(arguments, images, extras))

    editor = Editor.load(arguments.model, arguments.device, arguments.precision, arguments.config, extras)
    editor.map_providers = map_providers
    settings = editor.family.with_default_sampler(settings)
    if arguments.size is None:
        _print_notice(size_notice(size, editor.family.native_size))
    reason = ""
    if auto_strength:
        suggestion = editor.suggest_strength(source, request, settings)
        settings, reason = replace(settings, strength=suggestion.strength), str(suggestion)
        _print_notice(f"strength {settings.strength:g}: {reason}")

    models = {"Model": model_name(arguments.model), "Refiner": model_name(arguments.refiner)}
    outs, timelines = (numbered_files(name, arguments.num_images) for name in (arguments.out, arguments.timeline))

    def label_progress_bar(index: int, count: int) -> None:
        label = "edit" if count == 1 else f"pass {index + 1} of {count}"
        editor.family.configure_progress_bar(label, quiet=arguments.quiet)

    with outputs_listed_at_end(print_lines) as outputs:

        def save(index: int, result: EditResult) -> None:
            run_settings = replace(settings, seed=seed_after(settings.seed, index))
            text = parameters(run_settings, request, source, result.image, models, extras.loras, reason)
            outputs.save("--out", outs[index], result.image, pnginfo=png_info(text))

        results = editor.edit_batch(
            source, request, settings, arguments.num_images, on_pass=label_progress_bar, on_result=save
        )
        if arguments.composite:
            outputs.save("--composite", arguments.composite, editor.composite(source, request, settings))
        for name, result in zip(timelines, results, strict=False):
            outputs.save("--timeline", name, draw_timeline(result.timeline_frames))
    return int(outputs.failed)


def numbered_files(name: str | None, count: int) -> list[str]:
    """The file names for `count` images: for one `name` itself, for more out-1.png, out-2.png, ...; none for `None`."""
    if name is None:
        return []
    path = Path(name)
    return [name] if count == 1 else [str(path.with_stem(f"{path.stem}-{k + 1}")) for k in range(count)]


def _settings(arguments: argparse.Namespace) -> tuple[Settings, bool]:
    """The sampling settings, and whether their strength is to be replaced by the suggested one."""
    sampling: dict[str, Any] = flag_values(arguments, Settings)
    auto_strength = str(sampling.get("strength")).lower() == _AUTO_STRENGTH
    if auto_strength:
        sampling["strength"] = 1  # a valid value until the strength is suggested
    if sampling.get("seed") == _RANDOM_SEED:
        sampling["seed"] = secrets.randbelow(_RANDOM_SEEDS)
        _print_notice(f"seed {sampling['seed']}")
    columns = arguments.columns if arguments.timeline else 0
    return Settings(**sampling, size=parse_size(arguments.size), timeline_frames=columns), auto_strength


def _outputs(arguments: argparse.Namespace) -> Iterator[NamedFile]:
    for flag in ("out", "timeline"):
        yield from ((flag, name) for name in numbered_files(getattr(arguments, flag), arguments.num_images))
    if arguments.composite is not None:
        yield "composite", arguments.composite


def _inputs(arguments: argparse.Namespace, images: ImageFiles, extras: Extras) -> Iterator[NamedFile]:
    yield "--source", arguments.source
    yield from (("an exemplar or a map", file) for file in images.files)
    for flag in ("request", "model", "config", "refiner", "prior"):
        if getattr(arguments, flag) is not None:
            yield f"--{flag}", getattr(arguments, flag)
    yield from (("--lora", str(lora.file)) for lora in extras.loras)


def _extras(arguments: argparse.Namespace) -> Extras:
    return Extras(
        refiner=arguments.refiner,
        prior=arguments.prior,
        loras=[parse_lora(text) for text in arguments.lora],
        variant=arguments.variant,
        offload=arguments.offload,
        vae_tiling=arguments.vae_tiling,
    )


def _print_image_notices(source: Image.Image, request: EditRequest) -> None:
    """Print what about the images may be unintended."""
    notice = color_profile_notice(source)
    for text in [f"The source {notice}"] * bool(notice) + image_notices(request):
        _print_notice(text)


def _print_notice(text: str) -> None:
    if text:
        print(text, file=sys.stderr, flush=True)
