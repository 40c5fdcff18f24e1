"""`python -m pixels_ext edit`: from the parsed flags to the files."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from pixels_ext.cli.flags import given, parsed_size
from pixels_ext.cli.outputs import Named, check_name, check_outputs, told_at_the_end
from pixels_ext.cli.parameters import parameters, png_info
from pixels_ext.cli.request_files import Pictures, request_of
from pixels_ext.cli.terminal import tell
from pixels_ext.diffusers_host.auto_strength import AUTO
from pixels_ext.diffusers_host.canvas import far_from_trained, working_size
from pixels_ext.diffusers_host.editor import Editor, EditResult
from pixels_ext.diffusers_host.extras import Extras, parsed_lora
from pixels_ext.diffusers_host.model_files import model_name
from pixels_ext.diffusers_host.settings import Settings, seed_after
from pixels_ext.edit.image_notices import color_profile_notice, image_notices
from pixels_ext.edit.prepare import check_maps
from pixels_ext.errors import RequestError, describe
from pixels_ext.imaging.timeline import draw_timeline
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest
from pixels_ext.vision import VisionModels

_MOST = 10_000
_DRAWN = -1
_MOST_DRAWN = 2**32
"""As many seeds do the WebUIs draw from."""


def edit(arguments: argparse.Namespace, seeing: VisionModels) -> int:
    """Make the edit that `arguments` tell and write its files. `seeing`: models for maps. Returns the exit code.

    Raises `RequestError` before the model is loaded, as far as it can be known then, and `ModelError`.
    """
    for field in ("columns", "batch"):
        number = getattr(arguments, field)
        if not isinstance(number, int) or not 1 <= number <= _MOST:
            raise RequestError(field, describe(number), f"a whole number from 1 to {_MOST}")
    for field in ("out", "composite", "timeline"):
        if getattr(arguments, field) is not None:
            check_name(field, getattr(arguments, field))
    pictures = Pictures()
    try:
        source = pictures.opened(arguments.source)
    except RequestError as error:
        raise error.within("source") from None
    request = request_of(arguments, pictures)
    settings, automatic = _settings(arguments)
    means = MapProviders(vision=seeing)
    size = working_size(source.size, settings.size)
    check_maps(request, source.size, means)
    _note_images(source, request)
    extras = _extras(arguments)
    check_outputs(_outputs(arguments), _inputs(arguments, pictures, extras))

    editor = Editor.load(arguments.model, arguments.device, arguments.precision, arguments.config, extras)
    editor.means = means
    settings = editor.family.settled(settings)
    if arguments.size is None:
        _note(far_from_trained(size, editor.family.trained))
    reason = ""
    if automatic:
        suggestion = editor.suggest_strength(source, request, settings)
        settings, reason = replace(settings, strength=suggestion.strength), str(suggestion)
        _note(f"strength {settings.strength:g}: {reason}")

    models = {"Model": model_name(arguments.model), "Refiner": model_name(arguments.refiner)}
    outs, timelines = (numbered(name, arguments.batch) for name in (arguments.out, arguments.timeline))

    def show_pass(number: int, count: int) -> None:
        words = "edit" if count == 1 else f"pass {number + 1} of {count}"
        editor.family.show_progress(words, quiet=arguments.quiet)

    with told_at_the_end(tell) as files:

        def save(index: int, result: EditResult) -> None:
            run = replace(settings, seed=seed_after(settings.seed, index))
            text = parameters(run, request, source, result.picture, models, extras.loras, reason)
            files.save("--out", outs[index], result.picture, pnginfo=png_info(text))

        results = editor.edits(source, request, settings, arguments.batch, on_pass=show_pass, on_result=save)
        if arguments.composite:
            files.save("--composite", arguments.composite, editor.composite(source, request, settings))
        for name, result in zip(timelines, results, strict=False):
            files.save("--timeline", name, draw_timeline(result.timeline_frames))
    return int(files.failed)


def numbered(name: str | None, count: int) -> list[str]:
    """The files that a batch of `count` writes for `name`: `name` itself for one, else out-1.png, out-2.png, ..."""
    if name is None:
        return []
    path = Path(name)
    return [name] if count == 1 else [str(path.with_stem(f"{path.stem}-{k + 1}")) for k in range(count)]


def _settings(arguments: argparse.Namespace) -> tuple[Settings, bool]:
    """What the flags say of sampling, and whether the strength is to be measured."""
    sampling: dict[str, Any] = given(arguments, Settings)
    automatic = str(sampling.get("strength")).lower() == AUTO
    if automatic:
        sampling["strength"] = 1  # until the pictures are measured
    if sampling.get("seed") == _DRAWN:
        sampling["seed"] = secrets.randbelow(_MOST_DRAWN)
        _note(f"seed {sampling['seed']}")
    timeline_frames = arguments.columns if arguments.timeline else 0
    return Settings(**sampling, size=parsed_size(arguments.size), timeline_frames=timeline_frames), automatic


def _outputs(arguments: argparse.Namespace) -> Iterator[Named]:
    for flag in ("out", "timeline"):
        yield from ((flag, name) for name in numbered(getattr(arguments, flag), arguments.batch))
    if arguments.composite is not None:
        yield "composite", arguments.composite


def _inputs(arguments: argparse.Namespace, pictures: Pictures, extras: Extras) -> Iterator[Named]:
    yield "--source", arguments.source
    yield from (("an exemplar or a map", file) for file in pictures.files)
    for flag in ("request", "model", "config", "refiner", "prior"):
        if getattr(arguments, flag) is not None:
            yield f"--{flag}", getattr(arguments, flag)
    yield from (("--lora", str(lora.file)) for lora in extras.loras)


def _extras(arguments: argparse.Namespace) -> Extras:
    return Extras(
        refiner=arguments.refiner,
        prior=arguments.prior,
        loras=[parsed_lora(text) for text in arguments.lora],
        variant=arguments.variant,
        offload=arguments.offload,
        vae_tiling=arguments.vae_tiling,
    )


def _note_images(source: Image.Image, request: EditRequest) -> None:
    """What of the images may not mean what the user thinks."""
    of_source = color_profile_notice(source)
    for text in [f"The source {of_source}"] * bool(of_source) + image_notices(request):
        _note(text)


def _note(text: str) -> None:
    if text:
        print(text, file=sys.stderr, flush=True)
